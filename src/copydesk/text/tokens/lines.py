"""Split a decoded text into lines; the lines with their endings, joined, are the text."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Lines", "split"]

_INVISIBLE = " \t\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u3000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines of a page.

    Attributes:
        texts, endings: Every line, blank ones included, without its ending; and the endings.
        bare: Every line, stripped.
        rows: Indices of the non-blank lines, ascending.
        gaps: Blank lines before each of `rows`.
    """

    texts: list[str]
    endings: list[str]
    bare: list[str]
    rows: list[int]
    gaps: list[int]


def split(text: str) -> Lines:
    """Split at every Unicode line ending."""
    texts = text.splitlines()
    if _plain(text, texts):
        endings = ["\n"] * len(texts)
        if texts and text[-1] != "\n":
            endings[-1] = ""
    else:
        whole = text.splitlines(keepends=True)
        endings = [line[len(body) :] for line, body in zip(whole, texts, strict=True)]
    bare = list(map(str.strip, texts))
    # ASCII that remains after stripping is visible; other characters may be invisible.
    rows = [k for k, body in enumerate(bare) if body and (body[0] <= "~" or texts[k].strip(_INVISIBLE))]
    gaps = [row - before - 1 for before, row in zip([-1, *rows], rows, strict=False)]
    return Lines(texts=texts, endings=endings, bare=bare, rows=rows, gaps=gaps)


def _plain(text: str, texts: list[str]) -> bool:
    """Return whether every line ends in a line feed; then splitting at line feeds gives the same lines."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines == texts
