"""Stretches of capitalised words, the candidates for names in scripts with capital letters.

"the Kremlin spokesman Dmitry Peskov said" -> [Kremlin] [Dmitry Peskov]
"Ursula von der Leyen's office" -> [Ursula von der Leyen]
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import NamedTuple

from copydesk.text.entities.entity_words import entity_words
from copydesk.text.entities.inflection import GENITIVE

__all__ = ["Run", "Token", "is_headline", "runs_of", "word_before", "words_before"]

_CAPITALS = "".join(chr(c) for c in range(0x41, 0x2000) if unicodedata.category(chr(c)) in ("Lu", "Lt"))
_TOKEN = re.compile(  # the class comes first, so that the search jumps from capital to capital
    rf"[{_CAPITALS}](?<!\w.)(?:(?:\.[{_CAPITALS}])+\.?|\.(?= [{_CAPITALS}])|\w*(?:['’ʼʿ\-‐‑](?=\w)\w+)*)"
)
_ARTICLES = frozenset(("al", "el", "as", "ash", "ar", "ad", "at", "an", "az", "ul", "аль", "аш", "эль"))
"""What may stand before a capital within one word: "al-Assad"."""
_ELISIONS = frozenset("DO")
_PARTICLES = frozenset(
    f" {p} "
    for p in (
        *("von", "van", "von der", "van der", "van den", "van de", "de", "de la", "de los", "del", "della", "di", "da"),
        *("dos", "das", "du", "bin", "bint", "ibn", "ben", "ter", "ten", "zu", "al", "el", "le", "af"),
    )
)
_MAX_GAP = 9
"""Characters of the longest particle with its spaces: " von der "."""
_SPACES = frozenset((" ", "\u00a0", "\u202f"))
_SUFFIXED = frozenset(("tr", "az", "kk", "uz"))
"""Languages that join case endings to a name with an apostrophe."""
_SHORTENED = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "sen", "rep", "gov", "gen", "col", "lt", "sgt", "capt", "prof", "st"),
        *("rev", "hon", "maj", "adm", "supt", "insp", "sr", "sra", "mme"),
    )
)
_COMPOUND = re.compile(
    r"[-‐‑](?:led|backed|based|controlled|born|trained|type|style|era|run|owned|linked|listed|related|occupied|held|made|"
    r"friendly|mediated|brokered|sponsored|wide|bound|engineered|launched|funded|aligned|allied|affiliated|leaning|"
    r"speaking|language|dominated|majority|nominated|appointed|elect|designate|educated|inspired|supported)$"
)
"""What follows a name in an English compound: "Iran-backed"."""
_new = tuple.__new__
"""Makes a named tuple in a third of the time that its own class takes."""
_BEFORE_START = frozenset(" \u00a0“\"'‘«„‚(['’—–-•*")
_ENDS = frozenset(".!?:…;\n")
_WORD = re.compile(r"\w+")
_MAX_HEADLINE_CHARS = 160


class Token(NamedTuple):
    """One word of a run; `start` and `end` are offsets in the text, `word` is without its possessive ending."""

    word: str
    start: int
    end: int
    folded: str


class Run(NamedTuple):
    """Capitalised words that follow each other; `opens` tells whether the first one begins a sentence."""

    tokens: tuple[Token, ...]
    opens: bool


def is_headline(text: str) -> bool:
    """Return whether most words of a line have a capital, so that capitals tell nothing."""
    if len(text) > _MAX_HEADLINE_CHARS or text.rstrip()[-1:] in ".!?…:":
        return False
    words = [w for w in _WORD.findall(text) if len(w) > 3 and w[0].isalpha()]
    return len(words) > 2 and sum(w[0].isupper() for w in words) > 0.6 * len(words)


def runs_of(text: str, language: str, given: Container[str] = ()) -> list[Run]:
    """Return the runs of a text, in order.

    Args:
        text: A title, paragraph or caption.
        language: ISO 639-1 code.
        given: Given names; in German and its like, where "von" also means "of", it joins a given name only.
    """
    careful = given if language in GENITIVE else None
    runs: list[Run] = []
    tokens: list[Token] = []
    last = -1
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if start and text[start - 1] in "-‑'’":
            start = _with_article(text, start)
        if tokens:
            far = last < 0 or start - last > _MAX_GAP
            if far or not (text[last:start] in _SPACES or _joined(text[last:start], tokens, careful)):
                runs.append(_new(Run, (tuple(tokens), _opens(text, tokens[0].start))))
                tokens = []
        word, last = text[start:end], end
        if ("'" in word or "’" in word or "-" in word) and len(word) > 3:
            word, closed = _without_ending(word, language)
            last = -1 if closed else end
        folded = word.casefold()
        if "." in folded:
            folded = folded.strip(".")
        tokens.append(_new(Token, (word, start, start + len(word), folded)))
    if tokens:
        runs.append(Run(tuple(tokens), _opens(text, tokens[0].start)))
    return runs


def _with_article(text: str, start: int) -> int:
    """Return where a word begins whose capital stands behind "al-" or "d'"."""
    sign = text[start - 1]
    begin = start - 1
    while begin and start - begin < 6 and text[begin - 1].isalpha():
        begin -= 1
    before = text[begin : start - 1]
    return begin if before in (_ARTICLES if sign in "-‑" else _ELISIONS) else start


def _joined(gap: str, tokens: list[Token], careful: Container[str] | None) -> bool:
    if gap in _PARTICLES:
        return careful is None or (len(tokens) == 1 and tokens[0].word in careful and gap != " das ")
    return gap == ". " and tokens[-1].folded in _SHORTENED


def _without_ending(word: str, language: str) -> tuple[str, bool]:
    """Return a word without its possessive ending, and whether it had one, which ends a name."""
    if word[-2:] in ("'s", "’s"):
        return word[:-2], True
    if "-" in word and (compound := _COMPOUND.search(word)):
        return word[: compound.start()], True
    if language in _SUFFIXED:
        for sign in "'’":
            stem, found, _ = word.partition(sign)
            if found and len(stem) > 2:
                return stem, True
    return word, False


def _opens(text: str, start: int) -> bool:
    at = start - 1
    while at >= 0 and text[at] in _BEFORE_START:
        at -= 1
    return at < 0 or text[at] in _ENDS


def word_before(text: str, start: int) -> str:
    """Return the word right before an offset, "" where a sign stands between."""
    if start < 2 or text[start - 1] not in " \u00a0":
        return ""
    begin = start - 1
    while begin and text[begin - 1].isalpha():
        begin -= 1
    return text[begin : start - 1]


def words_before(text: str, start: int, most: int = 5) -> list[str]:
    """Return the last words before an offset, as far as no comma or sentence end stands between, nearest first."""
    piece = text[max(0, start - 70) : start]
    if not piece or piece[-1] not in " \u00a0":
        return []
    found: list[str] = []
    for word in reversed(piece.rpartition("\n")[2].split()):
        if word[-1] in ",.;:!?)”»" and not (not found and word[:-1].casefold() in entity_words().honorifics):
            break
        found.append(word.strip('“"«„('))
        if len(found) == most:
            break
    return found
