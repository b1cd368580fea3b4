"""A batch of pages as arrays: one row per line with words, one entry per token, and hashes of any stretch of tokens.

    "Leave a Reply\n\n1 comment\n"
     lines   [Leave a Reply]      [1 comment]
     tokens   leave  a  reply      #     comment        <- folded, numbers are one token
     chain    0  h1  h2  h3        h4    h5             <- prefix sums: hash of tokens i..j in two look-ups

Hashes are polynomials modulo 2**64 over prefix sums, so the hash of tokens i..j costs two array look-ups whatever its length.
Nothing here knows what a line means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.text.characters import characters

__all__ = ["LONG_WORDS", "Scan", "phrase_hash", "scan"]

LINE_CAP = 4000
"""Characters of a line that are looked at; what a line is shows long before, and a 10 MB line costs no more than this."""

LONG_WORDS = 14.0
"""From this many words (a wide character counts .6) a line is long: prose rather than a label."""

_P = 0x9E3779B97F4A7C15 | 1
_Q = 0xC2B2AE3D27D4EB4F | 1
_NUMBER = 0x6E756D6265720001

U64 = NDArray[np.uint64]


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
        letters, upper, digits, cased, symbols, commas, stops, separators: Counts of characters (M).
        head, tail: Class of the first and of the last visible character, and whether a quotation mark closes the line.
        tokens: Hash of each token (K).
        begin: Where each token starts among the characters of all lines, each line ended by one character (K).
        line_of: Line of each token (K).
        capital: Whether the token starts with a capital (K).
        size: Characters of the token (K).
        wide: Whether the token is a wide character (K).
        chain: Prefix sums over the token hashes (K + 1).
    """

    page: NDArray[np.int64]
    gap: NDArray[np.int64]
    indent: NDArray[np.int64]
    page_start: NDArray[np.int64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    words: NDArray[np.float64]
    chars: NDArray[np.int64]
    letters: NDArray[np.int64]
    upper: NDArray[np.int64]
    digits: NDArray[np.int64]
    cased: NDArray[np.int64]
    symbols: NDArray[np.int64]
    commas: NDArray[np.int64]
    stops: NDArray[np.int64]
    separators: NDArray[np.int64]
    head: NDArray[np.uint8]
    tail: NDArray[np.uint8]
    tokens: U64
    begin: NDArray[np.int64]
    line_of: NDArray[np.int64]
    capital: NDArray[np.bool_]
    cased_token: NDArray[np.bool_]
    size: NDArray[np.int64]
    wide: NDArray[np.bool_]
    number: NDArray[np.bool_]
    chain: U64

    @property
    def lines(self) -> int:
        """Return the number of lines that are not blank."""
        return len(self.page)

    def stretch(self, start: NDArray[np.int64], length: NDArray[np.int64] | int) -> U64:
        """Return the hashes of the token stretches that begin at `start` (indices into `tokens`)."""
        return (self.chain[start + length] - self.chain[start]) * _powers(_inverse(_Q), len(self.chain))[start]


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
        chain=chain,
    )


def phrase_hash(phrase: str) -> tuple[int, int, int]:
    """Return the number of tokens of a phrase, the hash of its first token and of the whole; "#" stands for any number."""
    one = scan([[(phrase.replace("#", "0"), 0)]])
    n = len(one.tokens)
    whole = int(one.stretch(np.zeros(1, np.int64), n)[0]) if n else 0
    return n, int(one.tokens[0]) if n else 0, whole


def _field(packed: U64, k: int) -> NDArray[np.int64]:
    return ((packed >> np.uint64(16 * k)) & np.uint64(0xFFFF)).astype(np.int64)


def _inverse(odd: int) -> int:
    return pow(odd, -1, 1 << 64)


_tables: dict[int, U64] = {}


def _powers(base: int, n: int) -> U64:
    """Return base**0 .. base**n modulo 2**64; grown as needed and kept for the process."""
    have = _tables.get(base)
    if have is None or len(have) <= n:
        size = max(1 << 16, 1 << (n + 1).bit_length())
        factors = np.full(size, base, np.uint64)
        factors[0] = 1
        have = _tables[base] = np.cumprod(factors)
    return have
