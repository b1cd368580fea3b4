"""Tokenise lines: character counts per line; start, length and hash of each token.

    characters --chunks of 32,000--> counts per line, tokens with their hashes --> one array each

Chunks keep the six arrays with a number per character in the processor's cache. A whole batch exceeds it, and every
step waits for memory (twice the time on a busy machine).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.text.tokens.characters import COLON, FIRST_WIDE, SPACE, Characters, characters

__all__ = ["Tokens", "inverse", "lengths", "powers", "tokenise"]

_PIECE = 32_000
"""Characters per chunk; a chunk ends with a line."""

_P = 0x9E3779B97F4A7C15 | 1
_NUMBER = np.uint64(0x6E756D6265720001)

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
Codes = NDArray[np.uint8]

_NO_COUNTS, _NO_CODES = np.zeros(0, np.uint64), np.zeros(0, np.uint8)


class Tokens(NamedTuple):
    """Character counts of M lines and their K tokens.

    Attributes:
        counts_a, counts_b: Packed counts of characters (M), see `characters`.
        head, tail: Class of the first and of the last character (M).
        first: First token of each line (M).
        hashes: Hash of each token, the same for all numbers (K).
        begin: Where each token starts among the characters of all lines, each line ended by one character (K).
        size: Characters of the token (K).
        classes: Class of the token's first character (K).
        wide, number: Whether the token is a wide character, whether it is a number (K).
        marked: Whether a colon follows, with or without a space before it (K).
    """

    counts_a: Hashes
    counts_b: Hashes
    head: Codes
    tail: Codes
    first: Ints
    hashes: Hashes
    begin: Ints
    size: Ints
    classes: Codes
    wide: Flags
    number: Flags
    marked: Flags


def tokenise(lines: Sequence[str], chars: Ints, *, counted: bool = True) -> Tokens:
    """Return the tokens of lines that are not empty.

    Args:
        lines: The lines.
        chars: Their lengths.
        counted: Also count characters and tell the classes of characters; False: leave these arrays empty.
    """
    _keep_heap()
    pieces = [_piece(lines[a:b], chars[a:b], counted=counted) for a, b in _cuts(chars)]
    if not pieces:
        return _piece([], chars, counted=counted)
    if len(pieces) == 1:
        return pieces[0]
    tokens = characters_before = 0
    for piece, (a, b) in zip(pieces, _cuts(chars), strict=True):
        piece.first[:] += tokens
        piece.begin[:] += characters_before
        tokens += len(piece.begin)
        characters_before += int(chars[a:b].sum()) + b - a
    return Tokens(*(np.concatenate(some) for some in zip(*pieces, strict=True)))


def _cuts(chars: Ints) -> Iterator[tuple[int, int]]:
    """Yield the first line of each chunk and the line after its last."""
    if not len(chars):
        return
    if int(chars.sum()) + len(chars) < _PIECE:
        yield 0, len(chars)
        return
    number = np.cumsum(chars + 1) // _PIECE
    ends = [*(np.flatnonzero(np.diff(number)) + 1).tolist(), len(chars)]
    yield from zip([0, *ends[:-1]], ends, strict=True)


def _piece(lines: Sequence[str], chars: Ints, *, counted: bool) -> Tokens:
    table = characters()
    points = table.points("\n".join(lines) + "\n") if lines else np.zeros(0, np.int64)
    ends_of = (chars + 1).cumsum() - 1
    starts = ends_of - chars
    begin, end, wide = _bounds(points, table)
    hashes, number = _hashes(points, begin, end, table)
    classes = table.classes
    return Tokens(
        counts_a=_counted(table.counts_a, points, starts) if counted else _NO_COUNTS,
        counts_b=_counted(table.counts_b, points, starts) if counted else _NO_COUNTS,
        head=classes.take(points.take(starts)) if counted else _NO_CODES,
        tail=classes.take(points.take(ends_of - 1)) if counted else _NO_CODES,
        first=begin.searchsorted(starts),
        hashes=hashes,
        begin=begin,
        size=end - begin,
        classes=classes.take(points.take(begin)) if counted else _NO_CODES,
        wide=wide,
        number=number,
        marked=_marked(points, end, classes),
    )


def _counted(table: Hashes, points: Ints, starts: Ints) -> Hashes:
    return np.add.reduceat(table.take(points), starts) if len(starts) else np.zeros(0, np.uint64)


def _bounds(points: Ints, table: Characters) -> tuple[Ints, Ints, Flags]:
    """Return the start and end of each token, and whether it is a wide character."""
    word = table.word.take(points)
    if not points.size or int(points.max()) < FIRST_WIDE:  # most scripts have no wide characters: half the work
        edge = np.zeros(len(word), np.bool_)
        edge[:1] = word[:1]
        np.not_equal(word[1:], word[:-1], out=edge[1:])
        at = edge.nonzero()[0]  # starts and ends alternate, since a line ends with a non-word character
        begin = at[::2].copy()
        return begin, at[1::2].copy(), np.zeros(len(begin), np.bool_)
    before = np.empty_like(word)
    before[:1], before[1:] = False, word[:-1]
    wide = table.wide.take(points)
    parts = wide.copy()
    parts[1:] |= wide[:-1]
    begin = (word & (~before | parts)).nonzero()[0]
    return begin, (before & (~word | parts)).nonzero()[0], wide.take(begin)


def _hashes(points: Ints, begin: Ints, end: Ints, table: Characters) -> tuple[Hashes, Flags]:
    """Return each token's hash, the difference of two prefix sums, and whether it is a number."""
    summed = np.zeros(len(points) + 1, np.uint64)
    mixed = table.hashes.take(points)
    digit = mixed.take(begin) == 0
    mixed *= powers(_P, len(points))[: len(points)]
    mixed.cumsum(out=summed[1:])
    tokens = summed.take(end)
    tokens -= summed.take(begin)
    tokens *= powers(inverse(_P), len(points) + 1).take(begin)
    number = digit & (tokens == 0)
    tokens[number] = _NUMBER
    return tokens, number


def _marked(points: Ints, end: Ints, classes: Codes) -> Flags:
    """Return whether a colon follows each token, directly or after a space."""
    if not len(end):
        return np.zeros(0, np.bool_)
    after = classes.take(points.take(end))
    later = classes.take(points.take(np.minimum(end + 1, len(points) - 1)))
    found: Flags = (after == COLON) | ((after == SPACE) & (later == COLON))
    return found


@cache
def _keep_heap() -> None:
    """Raise malloc's trim threshold, so that freed memory is kept for the next batch.

    glibc returns the top of the heap to the system when more is free than twice the largest block freed before; the
    page faults afterwards cost 50 us per page of text. Allocating one large block, never touched, raises the threshold.
    """
    np.empty(1 << 20, np.uint64)


@cache
def inverse(odd: int) -> int:
    """Return the multiplicative inverse of an odd number modulo 2**64."""
    return pow(odd, -1, 1 << 64)


def lengths(starts: Ints, end: int) -> Ints:
    """Return the length of each span, given the starts and the end of the last one."""
    found = np.empty_like(starts)
    found[:-1] = starts[1:] - starts[:-1]
    found[-1:] = end - starts[-1:]
    return found


_tables: dict[int, Hashes] = {}


def powers(base: int, n: int) -> Hashes:
    """Return base**0 .. base**n modulo 2**64, cached and extended on demand."""
    have = _tables.get(base)
    if have is None or len(have) <= n:
        size = max(1 << 16, 1 << (n + 1).bit_length())
        factors = np.full(size, base, np.uint64)
        factors[0] = 1
        have = _tables[base] = np.cumprod(factors)
    return have
