"""Join the lines of hard-wrapped text to paragraphs, which are then labelled and published whole.

    The minister said on Tuesday that the      <- full: the next line's first word did not fit
    bridge would be closed until the spring.   <- not full: the paragraph ends

A page is wrapped if most lines followed by another line are full and do not end a sentence.
"""

from __future__ import annotations

from copydesk.text.tokens.lines import Lines

__all__ = ["LineGroup", "join_lines", "line_groups"]

LineGroup = tuple[int, ...]
"""Indices of the lines of one paragraph; nearly always one."""

_MIN_INNER_LINES = 6
_MIN_WIDTH, _MAX_WIDTH = 38, 100
_ENDS = '.!?。！？।؟…:"”'
_WIDE = ("\u2e80", "\u9fff")


def line_groups(lines: Lines) -> list[LineGroup]:
    """Return the paragraphs of a page as groups of its non-blank lines."""
    rows = lines.rows
    inner = [k for k in range(len(rows) - 1) if lines.gaps[k + 1] == 0]
    if len(inner) < _MIN_INNER_LINES:
        return [(row,) for row in rows]
    texts = [lines.texts[row].rstrip() for row in rows]
    width = _width([len(texts[k]) for k in inner])
    if not width or not _is_wrapped(texts, inner, width):
        return [(row,) for row in rows]
    out: list[list[int]] = []
    joined = {k for k in inner if _full(texts[k], texts[k + 1], width)}
    for k, row in enumerate(rows):
        if k and k - 1 in joined:
            out[-1].append(row)
        else:
            out.append([row])
    return [tuple(unit) for unit in out]


def _width(sizes: list[int]) -> int:
    """Return the wrap width (97th percentile of line lengths), or 0 if the lengths are not those of wrapped text."""
    width = sorted(sizes)[int(len(sizes) * 0.97)]
    if not _MIN_WIDTH <= width <= _MAX_WIDTH:
        return 0
    return width if sum(width - 20 <= size <= width + 12 for size in sizes) >= 0.7 * len(sizes) else 0


def _is_wrapped(texts: list[str], inner: list[int], width: int) -> bool:
    full = [k for k in inner if _full(texts[k], texts[k + 1], width)]
    if len(full) < 0.6 * len(inner):
        return False
    open_ended = sum(texts[k][-1] not in _ENDS for k in full)
    goes_on = sum(_continues(texts[k + 1]) for k in full)
    return open_ended >= 0.7 * len(full) and goes_on >= 0.35 * len(full)


def _full(line: str, following: str, width: int) -> bool:
    word = following.split(maxsplit=1)[0] if following.split() else ""
    if _WIDE[0] <= line[-1] <= _WIDE[1]:
        return len(line) >= width - 2
    return len(line) + 1 + len(word) > width - 1


def _continues(line: str) -> bool:
    first = line.lstrip()[:1]
    return first.islower() or (first.isalpha() and first.lower() == first.upper())


def join_lines(texts: list[str]) -> str:
    """Return the lines of a group as one paragraph."""
    if len(texts) == 1:
        return texts[0]
    glue = "" if _WIDE[0] <= texts[0].rstrip()[-1:] <= _WIDE[1] else " "
    return glue.join([texts[0].rstrip(), *(text.strip() for text in texts[1:])])
