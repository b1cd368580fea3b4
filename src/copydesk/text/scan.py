r"""A batch of pages as arrays: one row per line with words, one entry per token, and hashes of any stretch of tokens.

    "Leave a Reply\n\n1 comment\n"
     lines   [Leave a Reply]      [1 comment]
     tokens   leave  a  reply      #     comment        <- folded, numbers are one token
     chain    0  h1  h2  h3        h4    h5             <- prefix sums: hash of tokens i..j in two look-ups

Hashes are polynomials modulo 2**64 over prefix sums, so that of any stretch of tokens costs two array look-ups.
Nothing here knows what a line means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from copydesk.text.characters import COLON, SPACE, characters

__all__ = ["LONG_WORDS", "Flags", "Floats", "Hashes", "Ints", "Scan", "Steps", "phrase_hashes", "scan"]

LINE_CAP = 4000
"""Characters of a line that are looked at: what a line is shows long before, and a 10 MB line costs no more."""

LONG_WORDS = 14.0
"""From this many words (a wide character counts .6) a line is long: prose rather than a label."""

_P = 0x9E3779B97F4A7C15 | 1
_Q = 0xC2B2AE3D27D4EB4F | 1
_NUMBER = 0x6E756D6265720001

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Steps = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The arrays of a batch. M lines that are not blank, K tokens, B pages.

    Attributes:
        page: Page of each line, ascending (M).
        gap: Blank lines before each line (M).
        indent: White space before each line, at most 40 (M).
        last: Whether blank lines or the page's end follow, i.e. the line ends its run (M).
        page_start: First line of each page, and M at the end (B + 1).
        first, count: First token and number of tokens of each line (M).
        words: Tokens, wide characters counted as .6 of a word (M).
        chars: Characters (M).
        letters, upper, digits, cased, symbols, commas, stops, separators, quotes: Counts of characters (M).
        signs: At signs, and twice the signs of copyright and trade marks (M).
        head, tail: Class of the first and of the last visible character (M).
        tokens: Hash of each token (K).
        begin: Where each token starts among the characters of all lines, each line ended by one character (K).
        line_of: Line of each token (K).
        capital: Whether the token starts with a capital (K).
        size: Characters of the token (K).
        wide: Whether the token is a wide character (K).
        number: Whether the token is a number (K).
        marked: Whether a colon follows the token (K).
        chain: Prefix sums over the token hashes (K + 1).
    """

    page: Ints
    gap: Ints
    indent: Ints
    page_start: Ints
    first: Ints
    count: Ints
    words: Floats
    chars: Ints
    letters: Ints
    upper: Ints
    digits: Ints
    cased: Ints
    symbols: Ints
    commas: Ints
    stops: Ints
    separators: Ints
    signs: Ints
    quotes: Ints
    head: Steps
    tail: Steps
    tokens: Hashes
    begin: Ints
    line_of: Ints
    capital: Flags
    cased_token: Flags
    size: Ints
    wide: Flags
    number: Flags
    marked: Flags
    chain: Hashes

    @property
    def lines(self) -> int:
        """Return the number of lines that are not blank."""
        return len(self.page)

    def stretch(self, start: Ints, length: Ints | int) -> Hashes:
        """Return the hashes of the token stretches that begin at `start` (indices into `tokens`)."""
        found: Hashes = (self.chain[start + length] - self.chain[start]) * _powers(_inverse(_Q), len(self.chain))[start]
        return found


def scan(pages: Sequence[Sequence[tuple[str, int]]]) -> Scan:
    """Return the arrays of a batch.

    Args:
        pages: Per page its lines that are not blank, each with the number of blank lines before it.
    """
    table = characters()
    texts = [text for page in pages for text, _ in page]
    sizes = np.array([len(page) for page in pages], np.int64)
    gap = np.array([g for page in pages for _, g in page], np.int64)
    stripped = [text.lstrip() for text in texts]
    indent = np.array([len(a) - len(b) for a, b in zip(texts, stripped, strict=True)], np.int64)
    cut = [text[:LINE_CAP].rstrip() for text in stripped]
    chars = np.array([len(text) for text in cut], np.int64)
    points = table.points("\n".join(cut) + "\n") if cut else np.zeros(0, np.uint16)
    starts = np.cumsum(chars + 1) - (chars + 1)

    a = np.add.reduceat(table.counts_a[points], starts) if cut else np.zeros(0, np.uint64)
    b = np.add.reduceat(table.counts_b[points], starts) if cut else np.zeros(0, np.uint64)
    c = np.add.reduceat(table.counts_c[points], starts) if cut else np.zeros(0, np.uint64)

    word = table.word[points]
    wide = table.wide[points]
    before_word = np.empty_like(word)
    before_wide = np.empty_like(wide)
    before_word[:1], before_wide[:1] = False, False
    before_word[1:], before_wide[1:] = word[:-1], wide[:-1]
    begin = np.flatnonzero(word & (~before_word | wide | before_wide))
    ends_here = np.flatnonzero(before_word & (~word | wide | before_wide))
    hashed = table.hashes[points]
    digit_start = hashed[begin] == 0
    power = _powers(_P, len(points))
    prefix = np.zeros(len(points) + 1, np.uint64)
    np.cumsum(hashed * power[: len(points)], out=prefix[1:])
    tokens = (prefix[ends_here] - prefix[begin]) * _powers(_inverse(_P), len(points) + 1)[begin]
    number = digit_start & (tokens == 0)
    tokens = np.where(number, np.uint64(_NUMBER), tokens)
    first = np.searchsorted(begin, starts)
    count = np.diff(first, append=len(begin))
    line_of = np.repeat(np.arange(len(cut)), count)
    chain = np.zeros(len(tokens) + 1, np.uint64)
    np.cumsum(tokens * _powers(_Q, len(tokens))[: len(tokens)], out=chain[1:])
    token_wide = wide[begin]
    wide_count = np.bincount(line_of[token_wide], minlength=len(cut)) if len(begin) else np.zeros(len(cut), np.int64)
    heads = table.classes[points[starts]] if cut else np.zeros(0, np.uint8)
    return Scan(
        page=np.repeat(np.arange(len(pages)), sizes),
        gap=gap,
        indent=np.minimum(indent, 40),
        page_start=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        first=first,
        count=count,
        words=count - 0.4 * wide_count,
        chars=chars,
        letters=_field(a, 0),
        upper=_field(a, 1),
        digits=_field(a, 2),
        cased=_field(a, 3),
        symbols=_field(b, 0),
        commas=_field(b, 1),
        stops=_field(b, 2),
        separators=_field(b, 3),
        signs=_field(c, 0) + 2 * _field(c, 1),
        quotes=_field(c, 2),
        head=heads,
        tail=table.classes[points[starts + chars - 1]] if cut else np.zeros(0, np.uint8),
        tokens=tokens,
        begin=begin,
        line_of=line_of,
        capital=table.classes[points[begin]] == 2,
        cased_token=(table.classes[points[begin]] == 2) | (table.classes[points[begin]] == 1),
        size=ends_here - begin,
        wide=token_wide,
        number=number,
        marked=_marked(points, ends_here, table.classes),
        chain=chain,
    )


def _marked(points: NDArray[np.uint16], ends: Ints, classes: Steps) -> Flags:
    """Whether a colon follows the token, with or without a space before it."""
    if not len(ends):
        return np.zeros(0, np.bool_)
    after, later = classes[points[ends]], classes[points[np.minimum(ends + 1, len(points) - 1)]]
    found: Flags = (after == COLON) | ((after == SPACE) & (later == COLON))
    return found


def phrase_hashes(phrases: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return for each phrase its number of tokens and the hashes of its first token and of the whole.

    In a phrase "#" stands for any number.
    """
    lines = scan([[(phrase.replace("#", "0"), 0) for phrase in phrases]])
    whole = lines.stretch(lines.first, lines.count).tolist()
    tokens = lines.tokens.tolist()
    return [
        (n, tokens[first] if n else 0, key)
        for first, n, key in zip(lines.first.tolist(), lines.count.tolist(), whole, strict=True)
    ]


def _field(packed: Hashes, k: int) -> Ints:
    return ((packed >> np.uint64(16 * k)) & np.uint64(0xFFFF)).astype(np.int64)


@cache
def _inverse(odd: int) -> int:
    return pow(odd, -1, 1 << 64)


_tables: dict[int, Hashes] = {}


def _powers(base: int, n: int) -> Hashes:
    """Return base**0 .. base**n modulo 2**64; grown as needed and kept for the process."""
    have = _tables.get(base)
    if have is None or len(have) <= n:
        size = max(1 << 16, 1 << (n + 1).bit_length())
        factors = np.full(size, base, np.uint64)
        factors[0] = 1
        have = _tables[base] = np.cumprod(factors)
    return have
