"""A list of organisations, however a spreadsheet saved it."""

from __future__ import annotations

import csv
import io
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.language import LANGUAGES, Invalid
from chatops.organisations.listing import read_list, read_wish
from chatops.organisations.setup import Wish

_ZONES = sorted(available_timezones())
_NAME = (
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40)
    .map(lambda name: read_wish(f"a{name}", "fr", "UTC").name)
    .filter(lambda name: name.isprintable())
)
_WISH = st.builds(Wish, _NAME, st.sampled_from(LANGUAGES), st.sampled_from(_ZONES))


def _read(text: str, encoding: str = "utf-8") -> list[Wish]:
    return list(read_list(text.encode(encoding), "fr", "Europe/Paris"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(
    "text",
    [
        "name,language,zone\nForêt,en,Europe/London\nMer,,\n",
        "Nom;Langue;Fuseau\r\nForêt;anglais;europe/london\r\nMer;français;Europe/Paris\r\n",
        'zone\tname\tlanguage\nEurope/London\t"Forêt"\tEN\n\n\t Mer \t\n',
        "\nlangue , association , fuseau horaire\nen, Forêt ,Europe/London\n,Mer\n",
    ],
)
def test_a_list_is_read_however_it_was_saved(text: str, encoding: str) -> None:
    assert _read(text, encoding) == [
        Wish("Forêt", "en", "Europe/London"),
        Wish("Mer", "fr", "Europe/Paris"),
    ]


def test_a_name_alone_is_enough() -> None:
    assert _read("name\nMer\n") == [Wish("Mer", "fr", "Europe/Paris")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "The list is empty. Its first line is name,language,zone."),
        ("name,language,zone\n", "The list names no organisation."),
        ("Mer,fr,Europe/Paris\n", "The first line has a column Mer."),
        ("language,zone\nfr,UTC\n", "The first line has no column name."),
        ("name,name\nA,B\n", "The first line has a column name."),
        ("name,language\nMer,fr\n,en\n", "Line 3: The organisation has no name."),
        ("name,language\nMer,klingon\n", "Line 2: klingon is not a language"),
        ("name,zone\n\nMer,Europe/Pari\n", "Line 3: There is no time zone Europe/Pari."),
        ("name\nMer\nForêt\nMER\n", "Line 4: MER stands in line 2, too."),
        ('name\n"Mer\n', "cannot be read"),
        (f"name\n{'x' * 101}\n", "Line 2: "),
        ("name\nMe\x07r\n", "Line 2: "),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as wrong:
        _read(text)
    assert reason in str(wrong.value)


def test_a_zone_that_was_meant_is_offered() -> None:
    with pytest.raises(Invalid) as wrong:
        read_wish("Mer", "fr", "Europe/Pariss")
    assert "Europe/Paris" in str(wrong.value)


@given(
    st.lists(_WISH, min_size=1, max_size=6, unique_by=lambda wish: wish.name.casefold()),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_spreadsheet_writes_is_read_back(
    wishes: list[Wish], delimiter: str, ending: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending)
    writer.writerow(["name", "language", "zone"])
    writer.writerows([wish.name, wish.language, wish.zone] for wish in wishes)

    assert _read(out.getvalue()) == wishes


def _read_or_told(data: bytes) -> bool:
    try:
        found = read_list(data, "fr", "Europe/Paris")
    except Invalid as wrong:
        return bool(str(wrong))
    return bool(found) and all(wish.name.strip() for wish in found)


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused_with_words(data: bytes) -> None:
    assert _read_or_told(data)


@given(st.binary(max_size=120).map(lambda data: b"name,language,zone\n" + data))
def test_any_lines_are_read_or_refused_with_words(data: bytes) -> None:
    assert _read_or_told(data)
