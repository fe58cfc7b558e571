"""Cutting a post into parts that a network's records can hold.

A body is first measured by its code points, which are never fewer than its grapheme clusters:
almost every post fits by that count and is done. The few others become *atoms*, the smallest pieces
that are never cut (a grapheme, a link, a tag, a mention), and every place between two atoms gets a
rank that says how well a reader bears a cut there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from chatops.posts.limits import PostLimits
from chatops.posts.post import Hashtag, Mention, Run, WebLink, Words

if TYPE_CHECKING:
    from regex import Pattern

_UTF8_MOST = 4
"""Bytes that one code point takes at most."""

_SENTENCE_MIN = 0.5
"""How full a part is at least when it is cut at the end of a sentence instead of a word."""

_NO_BREAK = frozenset("\u00a0\u2007\u202f")
_WIDE_STOPS = frozenset("。！？")  # noqa: RUF001 - they end sentences where no spaces are written
_FULL_STOPS = frozenset(".!?…") | _WIDE_STOPS
_CLOSERS = frozenset("\"'”’»)]}")
_LEAN_LEFT = frozenset("!?:;»%€)]}")
"""Signs that stand after a space, in French at least, and never begin a line."""

_ABBREVIATIONS = frozenset(
    ("art", "av", "bd", "cf", "dr", "etc", "fig", "mme", "mr", "mrs", "ms", "no", "pp", "st", "vs")
)


class _Rank(IntEnum):
    """How well a reader bears a cut, best last."""

    GRAPHEME = 0
    EDGE = 1
    SPACE = 2
    WORD = 3
    SENTENCE = 4


class _Atom(NamedTuple):
    """The smallest piece: one grapheme of plain words, or a whole link, tag or mention."""

    shown: str
    weight: int
    size: int
    run: Run | None

    @property
    def blank(self) -> bool:
        return self.run is None and self.shown.isspace()


def fit(
    body: Sequence[Run], limits: PostLimits, *, numbered: bool = False
) -> tuple[tuple[Run, ...], ...]:
    """Cut a body into parts within the limits of one record each.

    A cut is made at the end of a sentence, else of a word, and inside a word only where it is
    longer than a part. White space at the ends of parts is dropped; apart from it the parts hold
    all of the body, except that the label of a link longer than a part is shortened. A body without
    words is one empty part.

    Args:
        body: What to cut; neighbouring words are taken as one text.
        limits: The limits of one record.
        numbered: Whether each of several parts ends in its number, such as (1/3).
    """
    body = trimmed(body)
    if _surely_fits(body, limits):
        return (body,)
    parts = _cut(body, limits)
    if not numbered or len(parts) == 1:
        return parts
    reserve = 0
    while (need := len(_number(len(parts), len(parts)))) > reserve:
        reserve = need
        parts = _cut(body, _without(limits, reserve))
    return tuple((*part, Words(_number(place, len(parts)))) for place, part in enumerate(parts, 1))


def visible(runs: Iterable[Run], limits: PostLimits) -> str:
    """Return the text that readers see."""
    return "".join(shown(run, limits) for run in runs)


def shown(run: Run, limits: PostLimits) -> str:
    """Return what readers see of one run."""
    match run:
        case Words():
            return run.text
        case WebLink():
            return (run.label or run.url) if limits.link_text == "label" else run.url
        case Hashtag():
            return f"#{run.tag}"
        case Mention():
            return f"@{run.handle}"


def graphemes(text: str) -> int:
    """Count what a reader takes for one character each."""
    return len(_grapheme().findall(text))


def shortened(text: str, most: int) -> str:
    """Return the text with at most so many graphemes, its lost end shown as an ellipsis."""
    if len(text) <= most:
        return text
    clusters = _grapheme().findall(text)
    if len(clusters) <= most:
        return text
    return "".join(clusters[: most - 1]).rstrip() + "…"


def trimmed(body: Iterable[Run]) -> tuple[Run, ...]:
    """Return the body without white space at its ends."""
    runs = list(body)
    while runs and isinstance(first := runs[0], Words) and first.text[:1].strip() == "":
        rest = first.text.lstrip()
        runs[:1] = [Words(rest)] if rest else []
    while runs and isinstance(last := runs[-1], Words) and last.text[-1:].strip() == "":
        rest = last.text.rstrip()
        runs[-1:] = [Words(rest)] if rest else []
    return tuple(runs)


@cache
def _grapheme() -> Pattern[str]:
    import regex  # noqa: PLC0415 - loads on use: most posts are measured without it

    return regex.compile(r"\X")


def _surely_fits(body: Iterable[Run], limits: PostLimits) -> bool:
    points = weight = 0
    for run in body:
        length = len(shown(run, limits))
        points += length
        weight += limits.url_weight or length if isinstance(run, WebLink) else length
    return weight <= limits.characters and (
        not limits.text_bytes or points * _UTF8_MOST <= limits.text_bytes
    )


def _merged(body: Iterable[Run]) -> Iterator[Run]:
    """Join neighbouring words, so that no grapheme is taken for two."""
    pending = ""
    for run in body:
        if isinstance(run, Words):
            pending += run.text
            continue
        if pending:
            yield Words(pending)
            pending = ""
        yield run
    if pending:
        yield Words(pending)


def _atoms(body: Iterable[Run], limits: PostLimits) -> Iterator[_Atom]:
    for run in body:
        if isinstance(run, Words):
            yield from _word_atoms(run.text, limits)
            continue
        atom = _whole(run, limits)
        if _holds(atom, limits):
            yield atom
        elif isinstance(run, WebLink) and limits.link_text == "label":
            yield _whole(_short_label(run, limits), limits)
        else:
            yield from _word_atoms(atom.shown, limits)


def _word_atoms(text: str, limits: PostLimits) -> Iterator[_Atom]:
    for cluster in _grapheme().findall(text):
        size = len(cluster.encode(errors="replace"))
        if limits.text_bytes and size > limits.text_bytes:
            # No honest text holds a grapheme of this size: let each of its code points stand.
            yield from (_Atom(c, 1, len(c.encode(errors="replace")), None) for c in cluster)
        else:
            yield _Atom(cluster, 1, size, None)


def _whole(run: Run, limits: PostLimits) -> _Atom:
    text = shown(run, limits)
    weighed = isinstance(run, WebLink) and limits.url_weight
    return _Atom(text, weighed or graphemes(text), len(text.encode(errors="replace")), run)


def _holds(atom: _Atom, limits: PostLimits) -> bool:
    return atom.weight <= limits.characters and (
        not limits.text_bytes or atom.size <= limits.text_bytes
    )


def _short_label(link: WebLink, limits: PostLimits) -> WebLink:
    """Shorten the label of a link to a quarter of a part; its address stays whole."""
    label = shortened(link.label or link.url, limits.characters // 4)
    if limits.text_bytes and len(label.encode(errors="replace")) > limits.text_bytes // 4:
        label = "…"
    return WebLink(link.url, label)


def _cut(body: Iterable[Run], limits: PostLimits) -> tuple[tuple[Run, ...], ...]:
    """Fill one part after the other, each up to the best cut that still fits."""
    atoms = tuple(_atoms(_merged(body), limits))
    weights = list(accumulate((atom.weight for atom in atoms), initial=0))
    sizes = list(accumulate((atom.size for atom in atoms), initial=0))
    ranks = _ranks(atoms)
    parts = []
    start = 0
    while start < len(atoms):
        end = bisect_right(weights, weights[start] + limits.characters) - 1
        if limits.text_bytes:
            most = sizes[start] + limits.text_bytes
            end = min(end, bisect_right(sizes, most) - 1)
        if end < len(atoms):
            end = _best(atoms, ranks, weights, (start, end))
        parts.append(trimmed(_runs(atoms[start:end])))
        start = end
        while start < len(atoms) and atoms[start].blank:
            start += 1
    return tuple(parts)


def _best(
    atoms: Sequence[_Atom], ranks: Sequence[_Rank], weights: Sequence[int], span: tuple[int, int]
) -> int:
    """Return the best place to cut in a part that may reach from `start` to `end`."""
    start, end = span
    reach = end
    while reach < len(atoms) and atoms[reach].blank:
        reach += 1
    if reach == len(atoms):
        return reach
    full = weights[end] - weights[start]
    last: dict[_Rank, int] = {}
    for place in range(reach, start, -1):
        last.setdefault(ranks[place], place)
    sentence = last.pop(_Rank.SENTENCE, 0)
    if sentence and weights[sentence] - weights[start] >= full * _SENTENCE_MIN:
        return sentence
    words = max(last.pop(_Rank.WORD, 0), sentence)
    if words:
        return words
    return last.get(_Rank.SPACE) or last.get(_Rank.EDGE) or end


def _ranks(atoms: Sequence[_Atom]) -> list[_Rank]:
    """Say for each place before an atom how well it can be cut."""
    ranks = [_Rank.GRAPHEME] * (len(atoms) + 1)
    blank_from = 0
    for place in range(1, len(atoms)):
        atom, before = atoms[place], atoms[place - 1]
        if atom.blank:
            if not before.blank:
                blank_from = place
        elif before.blank:
            ranks[place] = _rank_after_space(atoms, blank_from, place)
        elif before.shown in _WIDE_STOPS and atom.shown not in _CLOSERS:
            ranks[place] = _Rank.SENTENCE
        elif atom.run is not None or before.run is not None:
            ranks[place] = _Rank.EDGE
    return ranks


def _rank_after_space(atoms: Sequence[_Atom], blank_from: int, place: int) -> _Rank:
    space = "".join(atom.shown for atom in atoms[blank_from:place])
    following = atoms[place].shown[:1]
    if "\n" in space:
        return _Rank.SENTENCE
    if not set(space) - _NO_BREAK or following in _LEAN_LEFT:
        return _Rank.SPACE
    return _Rank.SENTENCE if _ends_sentence(atoms, blank_from, following) else _Rank.WORD


def _ends_sentence(atoms: Sequence[_Atom], end: int, following: str) -> bool:
    """Say whether the words before `end` close a sentence: "Mme. Roy" and "etc. and" do not."""
    place = end - 1
    while place > 0 and (atoms[place].shown in _CLOSERS or atoms[place].shown in _NO_BREAK):
        place -= 1
    sign = atoms[place].shown
    if atoms[place].run is not None or sign not in _FULL_STOPS or following.islower():
        return False
    if sign != ".":
        return True
    letters = ""
    while place > 0 and atoms[place - 1].shown.isalnum() and atoms[place - 1].run is None:
        place -= 1
        letters = atoms[place].shown + letters
    return len(letters) > 1 and letters.lower() not in _ABBREVIATIONS


def _runs(atoms: Iterable[_Atom]) -> Iterator[Run]:
    return _merged(Words(atom.shown) if atom.run is None else atom.run for atom in atoms)


def _without(limits: PostLimits, reserve: int) -> PostLimits:
    return replace(
        limits,
        characters=limits.characters - reserve,
        text_bytes=max(0, limits.text_bytes - reserve),
    )


def _number(place: int, parts: int) -> str:
    return f" ({place}/{parts})"
