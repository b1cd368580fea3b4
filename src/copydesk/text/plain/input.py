"""A document as paragraphs ready to be judged: decoded, split, hard-wrapped lines put together; and its language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copydesk.records import Document
from copydesk.text.decode import Decoded, decode, is_binary
from copydesk.text.language import UNKNOWN, detect
from copydesk.text.lines import Lines, split
from copydesk.text.plain.unwrap import LineGroup, join_lines, line_groups

__all__ = ["MAX_LINES", "TextInput", "languages", "read"]

MAX_LINES = 200_000
"""Lines, blank ones too, above which a text is refused.

No story has them, and a line costs about 20 us. The longest page of the benchmark has 2,846.
"""

_MIN_EVEN_GAPS = 3
_LANGUAGE_LINES = 3
"""So many of the longest lines tell the language; menus are a mixture of names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextInput:
    """A document, decoded and split.

    Attributes:
        units: The page's paragraphs as groups of line indices; nearly always one line each.
        texts: The paragraphs, with their leading white space.
        bare: The paragraphs, outer white space taken off.
        gaps: Blank lines before each paragraph.
        binary: Whether the bytes are no text; then there are no lines.
        crowd: Number of lines where there are more than `MAX_LINES`, else 0; they are counted, not split.
    """

    document: Document
    decoded: Decoded
    lines: Lines
    line_groups: list[LineGroup]
    texts: list[str]
    bare: list[str]
    gaps: list[int]
    binary: bool = False
    excess_lines: int = 0


def read(document: Document) -> TextInput:
    """Decode and split a document; never raises, whatever its bytes."""
    binary = is_binary(document.content, document.charset)
    decoded = Decoded(text="", charset="binary") if binary else decode(document.content, document.charset)
    excess_lines = 0 if len(decoded.text) <= MAX_LINES else len(decoded.text.splitlines())
    excess_lines = excess_lines if excess_lines > MAX_LINES else 0
    lines = split("" if excess_lines else decoded.text)
    paragraphs = line_groups(lines)
    if len(paragraphs) == len(lines.rows):
        texts, gaps = [lines.texts[row] for row in lines.rows], lines.gaps
        bare = [lines.bare[row] for row in lines.rows]
    else:
        gap_of = dict(zip(lines.rows, lines.gaps, strict=True))
        texts = [join_lines([lines.texts[row] for row in unit]) for unit in paragraphs]
        gaps = [gap_of[unit[0]] for unit in paragraphs]
        bare = [text.strip() for text in texts]
    return TextInput(
        document=document,
        decoded=decoded,
        lines=lines,
        line_groups=paragraphs,
        texts=texts,
        bare=bare,
        gaps=_even_gaps(gaps),
        binary=binary,
        excess_lines=excess_lines,
    )


def languages(inputs: Sequence[TextInput]) -> list[str]:
    """Return the language of each document: the declared one, or else what its longest lines are written in.

    All of a batch one after the other: while nothing else runs, the model's tables stay in the processor's cache, and
    a text costs a third.
    """
    return [r.document.language or (_language(r.texts) if r.texts else UNKNOWN) for r in inputs]


def _even_gaps(gaps: list[int]) -> list[int]:
    """Where every line is as far from the next as any other, the distance says nothing: call it one blank line."""
    between = gaps[1:]
    if len(between) < _MIN_EVEN_GAPS or min(between) != max(between):
        return gaps
    return [gaps[0], *([1] * len(between))]


def _language(texts: list[str]) -> str:
    if len(texts) > _LANGUAGE_LINES:
        bar = sorted(map(len, texts), reverse=True)[_LANGUAGE_LINES - 1]
        texts = [text for text in texts if len(text) >= bar][:_LANGUAGE_LINES]
    return detect(" ".join(text.strip()[:160] for text in texts))
