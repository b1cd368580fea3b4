"""Character tables for the Basic Multilingual Plane; a batch is classified by one array look-up.

    code point --CLASS--> class number          (kind of a line's first and last character)
    code point --FOLD---> folded code point     (case, Arabic yeh and kaf, curly quotes)
    code point --COUNTS-> eight packed counters (letters, capitals, digits, ... per line by one `add.reduceat`)

Code points above U+FFFF are mapped to two stand-ins first: symbols (emoji) and wide letters (rare Chinese characters).
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from copydesk.table_cache import kept

__all__ = ["BITS", "FIRST_WIDE", "LAST", "Characters", "characters", "fold"]

BITS, LAST = 12, 4
"""Bits per packed counter, since at most 4,000 characters of a line are counted; the last has the remaining bits."""

FIRST_WIDE = 0x0E00
"""Lowest code point of a wide character."""

_SIZE = 0x10000
_SYMBOL, _WIDE = 0x25A0, 0x4E00  # stand-ins for characters above the Basic Multilingual Plane

SENTENCE_ENDS = ".!?。！？؟।॥։።…‼⁇｡۔"
CLOSERS = "\"'”’»›)]}」』）】》〉“"
OPENERS = "\"'“„«‹「『《〈‚"
BULLETS = "•·●○▪■□◦‣∙*►▶▸➤✓✔✅❖◆◇★☆→»–—-−"
SEPARATORS = "|/›»>•·→»¦｜／"
COMMAS = ",،，、;؛；"
_WIDE_RANGES = (
    (0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F),
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF),
)  # fmt: skip

# Character classes, numbered as in the features `head` and `tail`.
OTHER, LOWER, UPPER, CASELESS, DIGIT, SENTENCE, ELLIPSIS, COLON, CLOSER, COMMA, OPENER, BULLET, BRACKET, SPACE = range(
    14
)


class Characters:
    """The tables; built once per process in about 0.1 s."""

    __slots__ = ("classes", "counts_a", "counts_b", "folded", "hashes", "opener", "wide", "word")

    def __init__(self) -> None:
        points = range(_SIZE)
        category = [unicodedata.category(chr(c)) for c in points]
        self.word: NDArray[np.bool_] = np.array(
            [k[0] in "LNM" or c == 0x5F for c, k in zip(points, category, strict=True)]
        )
        self.wide = np.zeros(_SIZE, np.bool_)
        for first, last in _WIDE_RANGES:
            self.wide[first : last + 1] = True
        self.wide &= self.word
        self.folded = np.array([fold(chr(c)) for c in points], np.uint16)
        self.classes = _classes(category)
        self.opener = np.zeros(_SIZE, np.bool_)
        self.opener[[ord(c) for c in OPENERS + CLOSERS]] = True
        letter = np.array([k[0] in "LM" for k in category])
        digit = np.array([k == "Nd" for k in category])
        upper = np.array([k in ("Lu", "Lt") for k in category])
        cased = np.array([k in ("Lu", "Lt", "Ll") for k in category])
        space = np.array([chr(c).isspace() for c in points])
        symbol, signs = ~self.word & ~space, _members("@＠").astype(np.uint64) + 2 * _members("©®™").astype(np.uint64)
        self.counts_a = _pack(letter, upper, digit, cased, _members(SENTENCE_ENDS))
        self.counts_b = _pack(symbol, _members(COMMAS), _members(SEPARATORS), _members(OPENERS + CLOSERS), signs)
        self.hashes = _mix(self.folded.astype(np.uint64) + np.uint64(0x9E37))
        self.hashes[digit] = 0  # digits are folded into one number token, see `scan`

    def points(self, text: str) -> NDArray[np.int64]:
        """Return the code points of `text`, those above U+FFFF replaced by their stand-ins.

        64-bit integers, since numpy converts indices to them on every look-up.
        """
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        if points.size and int(points.max()) >= _SIZE:
            high = points >= _SIZE
            letters = (points >= 0x20000) & (points < 0x40000)
            points = np.where(letters, _WIDE, np.where(high, _SYMBOL, points))
        return points.astype(np.int64)


@cache
def characters() -> Characters:
    """Return the tables, built on first use."""
    return kept("characters", Characters)


_FOLDS = {"ي": "ی", "ى": "ی", "ك": "ک", "İ": "i", "ı": "i", "ё": "е", "Ё": "е", "ς": "σ"}


def fold(character: str) -> int:
    """Return the code point used in comparisons: lower case; variants of yeh, kaf and ye unified."""
    if character in _FOLDS:
        return ord(_FOLDS[character])
    low = character.lower()
    low = _FOLDS.get(low, low)
    return ord(low) if len(low) == 1 and ord(low) < _SIZE else ord(character)


def _members(letters: str) -> NDArray[np.bool_]:
    table = np.zeros(_SIZE, np.bool_)
    table[[ord(c) for c in letters]] = True
    return table


def _pack(*fields: NDArray[np.bool_] | NDArray[np.uint64]) -> NDArray[np.uint64]:
    table = np.zeros(_SIZE, np.uint64)
    for k, one in enumerate(fields):
        table |= one.astype(np.uint64) << np.uint64(BITS * k)
    return table


def _classes(category: list[str]) -> NDArray[np.uint8]:
    table = np.zeros(_SIZE, np.uint8)
    kinds = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Lo": CASELESS, "Lm": CASELESS, "Mn": CASELESS, "Mc": CASELESS}
    kinds |= {"Nd": DIGIT, "Nl": DIGIT, "No": DIGIT, "Ps": BRACKET, "Zs": SPACE}
    for c, k in enumerate(category):
        table[c] = kinds.get(k, OTHER)
    for letters, number in ((BULLETS, BULLET), (COMMAS, COMMA), (CLOSERS, CLOSER), (SENTENCE_ENDS, SENTENCE)):
        table[[ord(c) for c in letters]] = number
    table[[ord(c) for c in "“„«‹「『《〈"]] = OPENER
    table[[ord(c) for c in ":："]] = COLON
    table[ord("…")] = ELLIPSIS
    table[[ord("("), ord("["), ord("（"), ord("【")]] = BRACKET
    return table


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter integers over 64 bits (the finaliser of splitmix64), so that sums of them hash well."""
    z = values * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
