"""Cutting files into batches of whole elements."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.archive import Damaged, Dangerous, Unreadable
from chatops.archive.elements import LARGEST_ELEMENT, batches
from chatops.archive.javascript import to_json
from chatops.archive.layout import data_file
from chatops.archive.trouble import Source

SOURCE = Source("archive.zip", "tweets.js")

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("\n  },\n  {"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_elements = st.lists(st.dictionaries(st.text(), _values, max_size=3), max_size=8)


def cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def read(content: bytes, size: int = 4096) -> list[object]:
    found: list[object] = []
    for batch in batches(cut(content, size), SOURCE):
        found += json.loads(batch)
    return found


@given(_elements, st.integers(1, 300))
def test_what_x_prints_is_read_back_whatever_the_pieces_it_comes_in(
    elements: list[object], size: int
) -> None:
    assert read(data_file("YTD.tweets.part0", elements).encode(), size) == elements


@given(
    _elements,
    st.integers(1, 300),
    st.sampled_from([None, 1, "\t"]),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]),
    st.sampled_from(["window.YTD.tweets.part0 = ", "YTD.tweets.part0=", "\ufeffwindow.a = ", ""]),
    st.sampled_from(["", ";", ";\n", "\n"]),
)
def test_any_other_layout_is_read_like_json(
    elements: list[object],
    size: int,
    indent: str | int | None,
    separators: tuple[str, str],
    before: str,
    after: str,
) -> None:
    text = json.dumps(elements, indent=indent, separators=separators, ensure_ascii=False)
    assert read((before + text + after).encode(), size) == elements


@given(_values)
def test_json_stays_as_it_is(value: object) -> None:
    for indent in (None, 2):
        text = json.dumps(value, indent=indent, ensure_ascii=False).encode()
        assert to_json(text) == text


def test_an_empty_file_of_x_has_no_elements() -> None:
    assert read(b"window.YTD.tweets.part0 = [ ]") == []


@pytest.mark.parametrize(
    ("javascript", "value"),
    [
        ("{id: '1', text: 'He said \"no\"'}", {"id": "1", "text": 'He said "no"'}),
        ("{a: [1, 2,], }", {"a": [1, 2]}),
        ("{a: !0, b: !1, c: undefined, 7: 'x'}", {"a": True, "b": False, "c": None, "7": "x"}),
        ("/* all */ {a: 'it\\'s' /* }] */, // ]}\n b: 1}", {"a": "it's", "b": 1}),
        ("{a: '\\x41\\v', b: 'a\\\nb', c: \"\\z\"}", {"a": "A\x0b", "b": "ab", "c": "z"}),
        ('{a: "l’eau \\u{1F9A6} \\u00e9"}', {"a": "l’eau 🦦 é"}),
        ('{"a": "x // y, ]", "b": "k: 1, }"}', {"a": "x // y, ]", "b": "k: 1, }"}),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_what_editors_make_of_a_file_becomes_json(
    javascript: str, value: object, size: int
) -> None:
    content = f"window.YTD.tweets.part0 = [{{tweet: {javascript},}},];\n".encode()
    found = [json.loads(to_json(batch)) for batch in batches(cut(content, size), SOURCE)]
    assert found == [[{"tweet": value}]]


@pytest.mark.parametrize("layout", ["exact", "compact"])
@given(st.data())
@settings(max_examples=50)
def test_a_file_that_was_cut_off_is_noticed(layout: str, data: st.DataObject) -> None:
    rows = [{"tweet": {"id": str(number), "tags": [{"text": "a"}]}} for number in range(5)]
    text = data_file("YTD.tweets.part0", rows)
    if layout == "compact":
        text = "window.YTD.tweets.part0 = " + json.dumps(rows)
    content = text.encode()
    length = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises((Damaged, Unreadable, json.JSONDecodeError)):
        read(content[:length], 64)


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><title>Log in</title>", b"\x00" * 5000, b"{}", b"alert(1)"]
)
def test_a_file_of_another_kind_is_not_read(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"tweets\.js in archive\.zip is not"):
        read(content)


def test_a_closing_bracket_without_an_opening_one_is_not_read() -> None:
    with pytest.raises(Unreadable):
        read(b"window.a = [ } ]")


@pytest.mark.parametrize(
    "head", [b'x = [\n  {\n    "tweet" : "', b"x = [", b"x = [{a: '", b"x = [{/*", b"x = [{a"]
)
def test_an_element_without_end_is_refused_in_bounded_memory(head: bytes) -> None:
    def endless() -> Iterator[bytes]:
        yield head
        for _piece in range(4 * LARGEST_ELEMENT // 65536):
            yield b" a" * 32768
        pytest.fail("read on")

    with pytest.raises(Dangerous):
        list(batches(endless(), SOURCE))
