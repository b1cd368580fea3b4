"""Decode a document, split it into lines, join hard-wrapped lines to paragraphs, and detect its language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from copydesk.records import Document
from copydesk.text.decode import Decoded, decode, is_binary
from copydesk.text.language import UNKNOWN, detect
from copydesk.text.plain.unwrap import LineGroup, join_lines, line_groups
from copydesk.text.tokens.lines import Lines, split

__all__ = ["MAX_LINES", "TextInput", "languages", "read"]

MAX_LINES = 200_000
"""Maximum number of lines, blank ones included; longer texts are rejected.

A line costs about 20 us. The longest page of the benchmark has 2,846.
"""

_MIN_EVEN_GAPS = 3
_LANGUAGE_LINES = 3
"""Number of longest lines used for language detection; menus are mixtures of names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextInput:
    """A document, decoded and split.

    Attributes:
        line_groups: The line indices of each paragraph; nearly always one.
        texts: The paragraphs with leading white space.
        bare: The paragraphs, stripped.
        gaps: Blank lines before each paragraph.
        binary: Whether the bytes are not text; then there are no lines.
        excess_lines: Number of lines if above `MAX_LINES`, else 0; then the text is not split.
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
    """Decode and split a document; never raises, for any bytes."""
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
    """Return the language of each document: declared, or detected from its longest lines.

    A whole batch in one loop keeps the model's tables in the processor's cache; a text takes a third of the time.
    """
    return [r.document.language or (_language(r.texts) if r.texts else UNKNOWN) for r in inputs]


def _even_gaps(gaps: list[int]) -> list[int]:
    """Return gaps of one blank line if all gaps are equal, since equal gaps carry no information."""
    between = gaps[1:]
    if len(between) < _MIN_EVEN_GAPS or min(between) != max(between):
        return gaps
    return [gaps[0], *([1] * len(between))]


def _language(texts: list[str]) -> str:
    if len(texts) > _LANGUAGE_LINES:
        bar = sorted(map(len, texts), reverse=True)[_LANGUAGE_LINES - 1]
        texts = [text for text in texts if len(text) >= bar][:_LANGUAGE_LINES]
    return detect(" ".join(text.strip()[:160] for text in texts))
