"""A decoded text as lines, so that the lines put back in order are the text, character for character."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Lines", "split"]

_ENDINGS = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_INVISIBLE = " \t\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u3000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines of a page.

    Attributes:
        texts, endings: Every line without and with nothing but its ending, blank ones too.
        rows: Indices of the lines that are not blank, in order.
        gaps: Blank lines before each of `rows`.
    """

    texts: list[str]
    endings: list[str]
    rows: list[int]
    gaps: list[int]


def split(text: str) -> Lines:
    """Split at every line ending that Unicode knows."""
    texts, endings, rows, gaps = [], [], [], []
    gap = 0
    for number, line in enumerate(text.splitlines(keepends=True)):
        body = line[:-1] if line[-1] == "\n" and line[-2:-1] != "\r" else line.rstrip(_ENDINGS)
        texts.append(body)
        endings.append(line[len(body) :])
        if body and not body.isspace() and body.strip(_INVISIBLE):
            rows.append(number)
            gaps.append(gap)
            gap = 0
        else:
            gap += 1
    return Lines(texts=texts, endings=endings, rows=rows, gaps=gaps)
