r"""A batch of pages as arrays: a row per non-blank line, an entry per token, and hashes of any span of tokens.

    "Leave a Reply\n\n1 comment\n"
     lines   [Leave a Reply]      [1 comment]
     tokens   leave  a  reply      #     comment        <- case-folded, a number is one token
     chain    0  h1  h2  h3        h4    h5             <- prefix sums: hash of tokens i..j

Hashes are polynomials modulo 2**64; with prefix sums the hash of any span of tokens costs two array look-ups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.text.tokens.characters import BITS, LAST, LOWER, UPPER
from copydesk.text.tokens.tokenise import Codes, Flags, Hashes, Ints, inverse, lengths, powers, tokenise

__all__ = [
    "LONG_WORDS",
    "Codes",
    "Flags",
    "Floats",
    "Hashes",
    "Ints",
    "Scan",
    "Spans",
    "phrase_hashes",
    "scan",
    "spans",
]

LINE_CAP = 4000
"""Maximum number of characters measured per line; the last one is always the line's own, since it ends the sentence.

Longer lines look the same by then, and a 10 MB line costs no more.
"""

LONG_WORDS = 14.0
"""Minimum words of a long line, prose rather than a label; a wide character counts 0.6."""

_Q = 0xC2B2AE3D27D4EB4F | 1

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The arrays of a batch with M non-blank lines, K tokens and B pages.

    Attributes:
        page: Page of each line, ascending (M).
        gap: Blank lines before each line (M).
        indent: White space before each line, at most 40 (M).
        page_start: First line of each page, and M at the end (B + 1).
        first, count: First token and number of tokens of each line (M).
        words: Tokens, wide characters counted as .6 of a word (M).
        chars: Characters (M).
        letters, upper, digits, cased, symbols, commas, stops, separators, quotes: Counts of characters (M).
        signs: At signs, and twice the signs of copyright and trade marks (M).
        head, tail: Class of the first and of the last visible character (M).
        tokens: Hash of each token (K).
        begin: Offset of each token in the characters of all lines, one character added per line ending (K).
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
    head: Codes
    tail: Codes
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
        """Return the hashes of `length` tokens from each `start` (indices into `tokens`)."""
        return _stretch(self.chain, start, length)


@dataclass(frozen=True, slots=True)
class Spans:
    """What of a `Scan` tells which spans of tokens its lines have, for lines whose characters are not counted."""

    first: Ints
    count: Ints
    tokens: Hashes
    line_of: Ints
    marked: Flags
    chain: Hashes

    def stretch(self, start: Ints, length: Ints | int) -> Hashes:
        """Return the hashes of `length` tokens from each `start` (indices into `tokens`)."""
        return _stretch(self.chain, start, length)


def _stretch(chain: Hashes, start: Ints, length: Ints | int) -> Hashes:
    found: Hashes = chain.take(start + length) - chain.take(start)
    found *= powers(inverse(_Q), len(chain)).take(start)
    return found


def spans(lines: Sequence[str]) -> Spans:
    """Return the spans of lines that are stripped and not empty."""
    cut = [line if len(line) <= LINE_CAP else line[: LINE_CAP - 1] + line[-1] for line in lines]
    found = tokenise(cut, np.array(list(map(len, cut)), np.int64), counted=False)
    count = lengths(found.first, len(found.begin))
    line_of = np.arange(len(cut)).repeat(count)
    return Spans(found.first, count, found.hashes, line_of, found.marked, _chain(found.hashes))


def _chain(hashes: Hashes) -> Hashes:
    chain = np.zeros(len(hashes) + 1, np.uint64)
    (hashes * powers(_Q, len(hashes))[: len(hashes)]).cumsum(out=chain[1:])
    return chain


def scan(pages: Sequence[Sequence[tuple[str, int]]]) -> Scan:
    """Return the arrays of a batch.

    Args:
        pages: The non-blank lines of each page, each with the number of blank lines before it.
    """
    texts = [text for page in pages for text, _ in page]
    sizes = np.array([len(page) for page in pages], np.int64)
    gap = np.array([g for page in pages for _, g in page], np.int64)
    cut, indent = _trimmed(texts)
    chars = np.array(list(map(len, cut)), np.int64)
    found = tokenise(cut, chars)
    count = lengths(found.first, len(found.begin))
    line_of = np.repeat(np.arange(len(cut)), count)
    wide_count = np.bincount(line_of[found.wide], minlength=len(cut)) if len(cut) else np.zeros(0, np.int64)
    letters, upper, digits, cased, stops = _fields(found.counts_a)
    symbols, commas, separators, quotes, signs = _fields(found.counts_b)
    return Scan(
        page=np.repeat(np.arange(len(pages)), sizes),
        gap=gap,
        indent=indent,
        page_start=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        first=found.first,
        count=count,
        words=count - 0.4 * wide_count,
        chars=chars,
        letters=letters,
        upper=upper,
        digits=digits,
        cased=cased,
        stops=stops,
        symbols=symbols,
        commas=commas,
        separators=separators,
        quotes=quotes,
        signs=signs,
        head=found.head,
        tail=found.tail,
        tokens=found.hashes,
        begin=found.begin,
        line_of=line_of,
        capital=found.classes == UPPER,
        cased_token=(found.classes == UPPER) | (found.classes == LOWER),
        size=found.size,
        wide=found.wide,
        number=found.number,
        marked=found.marked,
        chain=_chain(found.hashes),
    )


def _trimmed(texts: Sequence[str]) -> tuple[list[str], Ints]:
    """Return the stripped lines, long ones shortened, and the indent of each, at most 40."""
    bare = list(map(str.strip, texts))
    indent = np.zeros(len(texts), np.int64)
    for k, (text, line) in enumerate(zip(texts, bare, strict=True)):
        if len(text) == len(line) <= LINE_CAP:
            continue
        rest = text.lstrip()
        indent[k] = min(len(text) - len(rest), 40)
        bare[k] = line if len(line) <= LINE_CAP else line[: LINE_CAP - 1] + line[-1]
    return bare, indent


def phrase_hashes(phrases: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return for each phrase its number of tokens and the hashes of its first token and of all; "#" is any number."""
    lines = scan([[(phrase.replace("#", "0"), 0) for phrase in phrases]])
    whole = lines.stretch(lines.first, lines.count).tolist()
    tokens = lines.tokens.tolist()
    return [
        (n, tokens[first] if n else 0, key)
        for first, n, key in zip(lines.first.tolist(), lines.count.tolist(), whole, strict=True)
    ]


_SHIFTS = np.arange(0, BITS * (LAST + 1), BITS, dtype=np.uint64)[:, None]
_MASKS = np.array([(1 << BITS) - 1] * LAST + [0xFFFF], np.uint64)[:, None]


def _fields(packed: Hashes) -> Ints:
    """Return the packed counters, a row per counter and a column per line."""
    return ((packed >> _SHIFTS) & _MASKS).view(np.int64)
