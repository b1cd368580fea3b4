"""Keep or cut listings of code as one piece: the line model sees lines, and half a listing is of no use.

A listing is a run of four lines or more of which three in five look like code, whatever their language, or stand in a
string or in brackets that code opened and that are closed a few lines on. It is kept
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
_MAX_OPEN = 24
"""Lines that a string or brackets may stay open."""
_MAX_OPEN_WORDS = 14
_STRINGS = ('"""', "'''")
_OPENING, _CLOSING = "([{", ")]}"
_SENTENCE_ENDS = (".", "!", "?", "…", "。")
_CODE_OPENS = re.compile(
    r"[\]})]+[;,]?$|[\]})]+\s*(?:else|catch|finally|while)\b"
    r"|(?:def|class|import|from|const|let|var|function|func|fn|if|for|while|elif|except|public|private|static|package"
    r"|using|namespace|struct|return|#include|#define|SELECT|INSERT|CREATE|ALTER)\s+\S*[(){}\[\]=;:<>'\"._]"
    r"|(?:if|elif|while)\s[^.?!]*[<>=][^.?!]*:$|for\s+\w+(?:,\s?\w+)*\s+in\s+\S+:$|(?:else|try|finally):$"
    r"|select\s+[\w.*(]+(?:,\s|\s+from\s)|(?:(?:group|order)\s+by|(?:GROUP|ORDER)\s+BY)\s+[\w.]+(?:,|$)"
    r"|(?:where|and|on|having|WHERE|AND|ON|HAVING)\s+[\w.]+\s?[<>=!]=?\s?\S"
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
    code = [_is_code(text) for text in texts]
    for n in [n for n, is_code in enumerate(code) if is_code]:
        end = _closed(texts, n)
        code[n + 1 : end] = [True] * (end - n - 1)
    for n, is_code in enumerate(code):
        if is_code:
            start, at, other, coded = (n if start < 0 else start), n, 0, coded + 1
        elif start >= 0:
            other += 1
            if other > _MAX_OTHER:
                if _is_listing(start, at, coded):
                    yield start, at + 1
                start, other, coded = -1, 0, 0
    if start >= 0 and _is_listing(start, at, coded):
        yield start, at + 1


def _closed(texts: Sequence[str], n: int) -> int:
    """Return the line behind the one that closes what line `n` of a listing opens; `n + 1` if it opens nothing.

    Nothing counts as open where a sentence stands in it, or too much.
    """
    mark = next((mark for mark in _STRINGS if texts[n].count(mark) % 2), "")
    depth = _depth(texts[n])
    if not mark and depth <= 0:
        return n + 1
    for end in range(n + 1, min(n + 1 + _MAX_OPEN, len(texts))):
        text = texts[end]
        depth += _depth(text)
        if text.count(mark) % 2 if mark else depth <= 0:
            return end + 1
        if text.endswith(_SENTENCE_ENDS) or len(text.split()) > _MAX_OPEN_WORDS:
            break
    return n + 1


def _depth(text: str) -> int:
    return sum(text.count(sign) for sign in _OPENING) - sum(text.count(sign) for sign in _CLOSING)


def _is_code(text: str) -> bool:
    """Return whether a line looks like code; prose is searched only where it has a sign that the pattern needs."""
    if _CODE_OPENS.match(text):
        return True
    may = text[-1:] in _CODE_ENDS or any(sign in text for sign in _CODE_SIGNS)
    return may and _CODE_INSIDE.search(text) is not None


def _is_listing(start: int, last: int, coded: int) -> bool:
    lines = last + 1 - start
    return lines >= _MIN_LINES and coded >= _MIN_SHARE * lines
