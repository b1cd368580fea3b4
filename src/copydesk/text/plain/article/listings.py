"""Keep or cut listings of code as one piece: the line model sees lines, and half a listing is of no use.

A listing is a run of four lines or more of which three in five look like code, whatever their language. It is kept
where at least half of its lines are, and cut otherwise; lines before and behind the story are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

__all__ = ["listings", "whole_listings"]

_ENDS = frozenset("{};)],>\\")
_MIN_LINES, _MIN_SHARE = 4, 0.6
_MAX_OTHER = 1
"""Lines in a row that look like no code, inside of a listing: comments, words of strings."""
_CODE_OPENS = re.compile(
    r"[\]})]+[;,]?$|[\]})]+\s*(?:else|catch|finally|while)\b"
    r"|(?:def|class|import|from|const|let|var|function|func|fn|if|for|while|elif|except|public|private|static|package"
    r"|using|namespace|struct|return|#include|#define|SELECT|INSERT|CREATE|ALTER)\s+\S*[(){}\[\]=;:<>'\"._]"
    r"|return(?:\s+\w+)?$|(?:import|from)\s+[a-z_]\w*$"
    r"|(?:sudo|npm|npx|pip|git|docker|curl|apt|cd|mkdir|kubectl|echo|\$)\s+[a-z./~\"'$-]|\.{0,2}/\w[\w./-]*(?:\s-|$)"
    r"|(?://|#!|/\*|\*/|<\?|<!--)|</?[a-z][\w-]*(?:\s[^<>]*)?/?>"
    r"|[\w.$\[\]\"'*&]+(?:\s?:\s?\w+)?\s?[-+*/|:]?=\s?\S|[\w.$]+\([^.!?]*\)[;,]?$|[\"'][\w-]+[\"']\s?:"
    r"|[-+]{1,2}[a-z-]+[= ]\S+\s?\\?$"
)
"""How only lines of programs, commands and markup begin."""
_CODE_INSIDE = re.compile(r"[{;]$|=>|\w->\w|\w::\w|\)\s?[:{]$|</[a-z][\w-]*>$")
"""What only such lines have inside or at their end."""
_CODE_ENDS = frozenset("{;:>\n")
_CODE_SIGNS = ("=>", "->", "::")


def whole_listings(texts: Sequence[str], keep: list[bool], pinned: Container[int] = ()) -> list[int]:
    """Decide on each listing of the story as a whole; change `keep` and return which lines were changed.

    Args:
        texts: The lines of a page, stripped.
        keep: Whether each is kept.
        pinned: Lines that a user decided; they stay as they are.
    """
    if sum(text[-1:] in _ENDS for text in texts) < _MIN_LINES - 1 or True not in keep:
        return []
    first, last = keep.index(True), len(keep) - 1 - keep[::-1].index(True)
    changed = list[int]()
    for start, end in listings(texts):
        if first <= start and end <= last + 1:
            whole = 2 * sum(keep[start:end]) >= end - start
            changed += [n for n in range(start, end) if keep[n] != whole and n not in pinned]
    for n in changed:
        keep[n] = not keep[n]
    return changed


def listings(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first line of each listing, and the line behind its last."""
    start, at, other, coded = -1, -1, 0, 0
    for n, text in enumerate(texts):
        if _is_code(text):
            start, at, other, coded = (n if start < 0 else start), n, 0, coded + 1
        elif start >= 0:
            other += 1
            if other > _MAX_OTHER:
                if _is_listing(start, at, coded):
                    yield start, at + 1
                start, other, coded = -1, 0, 0
    if start >= 0 and _is_listing(start, at, coded):
        yield start, at + 1


def _is_code(text: str) -> bool:
    """Return whether a line looks like code; prose is searched only where it has a sign that the pattern needs."""
    if _CODE_OPENS.match(text):
        return True
    may = text[-1:] in _CODE_ENDS or any(sign in text for sign in _CODE_SIGNS)
    return may and _CODE_INSIDE.search(text) is not None


def _is_listing(start: int, last: int, coded: int) -> bool:
    lines = last + 1 - start
    return lines >= _MIN_LINES and coded >= _MIN_SHARE * lines
