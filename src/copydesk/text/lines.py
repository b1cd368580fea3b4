"""A decoded text as lines, so that the lines put back in order are the text, character for character."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Lines", "split"]

_INVISIBLE = " \t\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u3000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lines of a page.

    Attributes:
        texts, endings: Every line without and with nothing but its ending, blank ones too.
        bare: Every line without its outer white space.
        rows: Indices of the lines that are not blank, in order.
        gaps: Blank lines before each of `rows`.
    """

    texts: list[str]
    endings: list[str]
    bare: list[str]
    rows: list[int]
    gaps: list[int]


def split(text: str) -> Lines:
    """Split at every line ending that Unicode knows."""
    texts = text.splitlines()
    if _plain(text, texts):
        endings = ["\n"] * len(texts)
        if texts and text[-1] != "\n":
            endings[-1] = ""
    else:
        whole = text.splitlines(keepends=True)
        endings = [line[len(body) :] for line, body in zip(whole, texts, strict=True)]
    bare = list(map(str.strip, texts))
    # ASCII that is left when white space is gone can be seen; anything else is asked for.
    rows = [k for k, body in enumerate(bare) if body and (body[0] <= "~" or texts[k].strip(_INVISIBLE))]
    gaps = [row - before - 1 for before, row in zip([-1, *rows], rows, strict=False)]
    return Lines(texts=texts, endings=endings, bare=bare, rows=rows, gaps=gaps)


def _plain(text: str, texts: list[str]) -> bool:
    """Say whether every line ends in nothing but a newline; then splitting at newlines gives the same lines."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines == texts
