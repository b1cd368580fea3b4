"""Find what stands between quotation marks, in every script and in the forms in which pages get them wrong.

    “…” „…“ „…” »…« «…» ‹…› 「…」 『…』 "…" ＂…＂ ''…'' ,,…'' <<…>> ‘…’ '…'
    — … (a paragraph that opens with a dash)

A stretch is the outermost pair; marks inside it are part of the words. A mark that is not closed runs to the end of
its paragraph, and a next paragraph that opens with a mark, or closes what was open, goes on with it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

__all__ = ["Stretch", "find_stretches", "has_marks"]

_CLOSERS = {
    "“": '”"‟〞',
    "”": '”"',
    "„": '“”‟"〟',
    "‟": "”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "「": "」",
    "『": "』",
    "｢": "｣",
    "〝": "〞〟",
    '"': '"”“',
    "＂": "＂",
    "<<": ">>",
    ",,": "''“”\"",
    "''": "''",
    "``": "''",
    "‘": "’",
    "'": "'",
    "‚": "‘’",
}
_DOUBLE = re.compile("[“”„‟«»「」『』｢｣〝〞〟\"＂]|[‹›](?!\\d)|<<|>>|,,(?=\\w)|''|``")
_ASCII_DOUBLE = ('"', "''", "``", "<<", ">>", ",,")
_EVERY_DOUBLE = (*_ASCII_DOUBLE, *"“”„‟«»「」『』｢｣〝〞〟＂‹›")
_ANY = re.compile("[“”„‟«»‹›「」『』｢｣〝〞〟\"＂‘‚]|<<|>>|,,(?=\\w)|''|``|(?<!\\w)'(?=\\w)")
_SINGLE_OPEN = re.compile(r"[‘'‚](?<![\w’'].)(?=[^\W_]|\.\.\.|…)")  # the class first: the search jumps to it
_SINGLE_CLOSE = re.compile(r"[’'‘](?!\w)")
_PUNCTUATED_CLOSE = re.compile(r"[’'‘](?<=[.,!?…].)(?!\w)")
_DASH = re.compile(r"\s*[—–―-]\s?(?=[^\W\d_]|[¡¿«“…])")
_INNER_DASH = re.compile(
    r"(?:(?<=[\w.,!?…»”])\s+[—–―-]\s*|(?<=[\w.,!?…]) ?[—–―](?=\w)|(?<=[.,!?…])[—–―-]\s+"
    r"|(?<=\w)[—–―][.,;:]?\s+)(?=[^\W\d_])"
)
_SPOKEN_ENDS = frozenset(",.!?…")
_MIN_UNOPENED = 20
"""Characters before a closing mark whose opening mark is lost; the words begin with the paragraph."""
_COMMA = re.compile(r"[,!?…] ")
_CLAUSE_END = re.compile(r"[.!?;:]")
_EDGES = " ,.;:!?—–-"
_MAX_TO_CUE, _MAX_CUE_WORDS, _MAX_DASHES = 80, 5, 6
_MAX_STRETCH = 6000
"""Characters of one stretch: longer ones come from a mark that was never closed."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A quoted stretch of one paragraph.

    Attributes:
        start, end: The words, without their marks, trimmed of spaces.
        outer_start, outer_end: With the marks.
        mark: The opening mark.
        closed: Whether the closing mark stands in the paragraph.
        opened: Whether the opening mark stands in the paragraph; not when it goes on from the paragraph before.
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    mark: str
    closed: bool = True
    opened: bool = True


def has_marks(text: str) -> bool:
    """Return whether a text has a character that can open a quote."""
    return _ANY.search(text) is not None


def find_stretches(
    texts: Sequence[str],
    *,
    dashes: bool,
    singles: bool,
    apostrophes: bool = True,
    cues: AbstractSet[str] = frozenset(),
) -> list[list[Stretch]]:
    """Return the stretches of each paragraph, in order.

    Args:
        texts: The paragraphs.
        dashes: Whether a paragraph that opens with a dash is speech, in this language.
        apostrophes: Whether two apostrophes are a mark (''...'').
        cues: First words of the language's cues; speech behind a dash ends where one follows.
        singles: Whether single marks are quotes beside double ones; else only where an article has no double ones.
    """
    alone = not _has_double("\n".join(texts))
    marked = [not alone and _has_double(text) for text in texts]
    skipped = () if apostrophes else ("''", "``")
    found = [
        [s for s in _double(text) if s.end - s.start > 1 and s.mark not in skipped] if has else []
        for text, has in zip(texts, marked, strict=True)
    ]
    for number, text in enumerate(texts):
        if alone or (singles and ("‘" in text or "‚" in text)):
            found[number] = _with_singles(text, found[number], straight=alone)
    _carry_over(texts, found)
    if dashes:
        for number, text in enumerate(texts):
            if not found[number] and _DASH.match(text):
                found[number] = _behind_dash(text, cues)
    return found


def _has_double(text: str) -> bool:
    """Return whether a text has a double mark; the search for each takes a tenth of the pattern's."""
    for mark in _ASCII_DOUBLE if text.isascii() else _EVERY_DOUBLE:
        if mark in text:
            return _DOUBLE.search(text) is not None
    return False


def _double(text: str) -> Iterator[Stretch]:
    """Yield the stretches between double marks of one paragraph."""
    yield from _unopened(text)
    mark, start, depth = "", 0, 0
    for m in _DOUBLE.finditer(text):
        c, a, b = m[0], m.start(), m.end()
        if c == '"' and _in_word(text, a):
            continue
        if mark:
            if c in _closers(mark) and not (c in '"“' and _can_open(text, a, b) and not _can_close(text, a)):
                if depth and c not in '"”':
                    depth -= 1
                    continue
                if b - start > _MAX_STRETCH:
                    mark = ""
                    continue
                yield _stretch(text, start, b, mark, len(c))
                mark = ""
            elif c == mark and c in "«„「『":
                depth += 1
            elif c == mark and _can_open(text, a, b):  # the one before was never closed
                yield _unclosed(text, start, a, mark)
                start, depth = a, 0
            elif c == mark and len(c) == 1 and _can_close(text, a):  # “…“, „…„
                yield _stretch(text, start, b, mark, 1)
                mark = ""
        elif _opens(text, c, a, b):
            mark, start, depth = c, a, 0
    if mark and len(text) - start <= _MAX_STRETCH:
        yield _unclosed(text, start, len(text), mark)


def _unopened(text: str) -> Iterator[Stretch]:
    """Yield the stretch of a paragraph whose first mark closes: its words begin with the paragraph."""
    m = _DOUBLE.search(text)
    if m is not None and m[0] in "”»" and m.start() > _MIN_UNOPENED and text[m.start() - 1] in _SPOKEN_ENDS:
        whole = _stretch(text, 0, m.end(), "", 1)
        yield Stretch(whole.start, whole.end, 0, m.end(), m[0], opened=False)


def _closers(mark: str) -> str:
    return _CLOSERS[mark]


def _opens(text: str, c: str, a: int, b: int) -> bool:
    """Return whether a mark outside of a stretch opens one."""
    if c in "“„‟「『｢〝":
        return b < len(text)
    if c in ("<<", ",,", "``"):
        return True
    if c in "«‹":
        return b < len(text)
    return c in _CLOSERS and _can_open(text, a, b)


def _can_open(text: str, a: int, b: int) -> bool:
    before, after = text[a - 1 : a], text[b : b + 1]
    return bool(after) and not after.isspace() and (not before or not (before.isalnum() and before < "\u2e80"))


def _in_word(text: str, a: int) -> bool:
    """Return whether a straight mark stands between letters, as in Hebrew abbreviations."""
    before, after = text[a - 1 : a], text[a + 1 : a + 2]
    return before.isalpha() and after.isalpha() and before < "\u2e80" and after < "\u2e80"


def _can_close(text: str, a: int) -> bool:
    return a > 0 and not text[a - 1].isspace()


def _stretch(text: str, start: int, end: int, mark: str, closer: int) -> Stretch:
    first, last = start + len(mark), end - closer
    while first < last and text[first].isspace():
        first += 1
    while last > first and text[last - 1].isspace():
        last -= 1
    return Stretch(first, last, start, end, mark)


def _unclosed(text: str, start: int, end: int, mark: str) -> Stretch:
    whole = _stretch(text, start, end, mark, 0)
    return Stretch(whole.start, whole.end, start, whole.end, mark, closed=False)


def _with_singles(text: str, doubles: list[Stretch], *, straight: bool) -> list[Stretch]:
    """Add the stretches between single marks that lie outside of the double ones."""
    found, at = list(doubles), 0
    begins = [s.outer_start for s in doubles]
    while (m := _SINGLE_OPEN.search(text, at)) is not None:
        start = m.start()
        before = bisect_right(begins, start) - 1
        if before >= 0 and start < doubles[before].outer_end:
            at = doubles[before].outer_end
            continue
        at = m.end()
        if m[0] == "'" and not straight:
            continue
        following = _SINGLE_OPEN.search(text, at)
        limit = following.start() if following else len(text)
        close = _PUNCTUATED_CLOSE.search(text, at, limit) or _SINGLE_CLOSE.search(text, at, limit)
        if close is None or close.end() - start > _MAX_STRETCH:
            continue
        stretch = _stretch(text, start, close.end(), m[0], 1)
        if " " in text[stretch.start : stretch.end] and bisect_right(begins, stretch.outer_end) - 1 == before:
            found.append(stretch)
        at = close.end()
    return sorted(found, key=lambda s: s.start)


def _carry_over(texts: Sequence[str], found: list[list[Stretch]]) -> None:
    """Go on with what a paragraph left open, where the next one closes it without opening it again."""
    for number in range(1, len(texts)):
        before = found[number - 1]
        if not before or before[-1].closed:
            continue
        text, mark = texts[number], before[-1].mark
        m = _DOUBLE.search(text)
        if m is None or m.start() == 0 or m[0] not in _closers(mark) or not _can_close(text, m.start()):
            continue
        close = m.end()
        whole = _stretch(text, 0, close, "", len(m[0]))
        rest = (s for s in _double(f"{' ' * close}{text[close:]}") if s.end - s.start > 1)
        found[number] = [Stretch(whole.start, whole.end, 0, close, mark, opened=False), *rest]


def _behind_dash(text: str, cues: AbstractSet[str]) -> list[Stretch]:
    """Return the speech of a paragraph that opens with a dash; each further dash changes between speech and writer.

    A paragraph in which no cue follows a dash or a comma is an item of a list, and no speech.
    """
    opening = _DASH.match(text)
    if opening is None:
        return []
    dashes = [(m.start(), m.end()) for m in _INNER_DASH.finditer(text, opening.end())]
    if not dashes or not _cue_follows(text, dashes[0][1], cues):
        comma = next((m for m in _COMMA.finditer(text, opening.end()) if _cue_follows(text, m.end(), cues)), None)
        if comma is None:
            return []
        dashes = [(comma.start() + 1, comma.end())]
    found, at, outer = [], opening.end(), 0
    edges = [*dashes[:_MAX_DASHES], (len(text), len(text))]
    for number in range(0, len(edges), 2):
        end, _ = edges[number]
        stretch = _stretch(text, at, end, "", 0)
        if stretch.end > stretch.start:
            found.append(Stretch(stretch.start, stretch.end, outer, stretch.end, "—"))
        if number + 1 >= len(edges):
            break
        outer, at = edges[number + 1]
    return found


def _cue_follows(text: str, at: int, cues: AbstractSet[str]) -> bool:
    """Return whether one of the next words is a cue, before a clause ends."""
    words = _CLAUSE_END.split(text[at : at + _MAX_TO_CUE], maxsplit=1)[0].lower().split()
    return any(word.strip(_EDGES) in cues for word in words[:_MAX_CUE_WORDS])
