"""The lines of a page as blocks: what each is called, whether it stays, how sure that is, and why."""

from __future__ import annotations

from copydesk.records import Block, Label, Span, Witness
from copydesk.text.plain.drafts import block
from copydesk.text.plain.page import Decision, Page
from copydesk.text.plain.reading import Reading
from copydesk.text.plain.verdict import Verdicts
from copydesk.text.plain.witnesses import testify

__all__ = ["make_blocks"]


def make_blocks(
    reading: Reading,
    page: Page,
    decisions: list[Decision],
    spans: dict[int, tuple[Span, ...]],
    pinned: dict[int, str],
    evidence: tuple[Verdicts, int] | None,
) -> tuple[Block, ...]:
    """Return a block per line of the decoded text; put back in order they are that text, character for character.

    Args:
        reading: The document's lines and paragraphs.
        page: What is known of the paragraphs.
        decisions: The label of each paragraph.
        spans: Labelled stretches by paragraph, counted in its text without outer white space.
        pinned: Paragraphs that a person decided, "keep" or "cut".
        evidence: The batch's verdicts and the page's first row in them, where the whole evidence is wanted.
    """
    lines = reading.lines
    blank = Label.BLANK
    out = [
        block(number, text, ending, blank, False, "shape.blank")
        for number, (text, ending) in enumerate(zip(lines.texts, lines.endings, strict=True), 1)
    ]
    for k, (unit, decision) in enumerate(zip(reading.units, decisions, strict=True)):
        keep, chance = page.keep[k], page.chance[k]
        rule, sure = decision.rule, round(max(0.5, chance if keep else 1.0 - chance), 4)
        if k in pinned:
            rule, sure = f"pin.{pinned[k]}", 1.0
        second = decision.runner_up or (Label.OTHER if keep else Label.BODY)
        witnesses: tuple[Witness, ...] = ()
        if evidence:
            verdicts, first = evidence
            witnesses = testify(verdicts, first + k, page.found.get(k, []), pinned.get(k))
        for row in unit:
            text = lines.texts[row]
            inside = _shifted(spans[k], text) if k in spans and row == unit[0] else ()
            out[row] = block(
                row + 1, text, lines.endings[row], decision.label, keep, rule, sure, second, inside, witnesses
            )
    return tuple(out)


def _shifted(spans: tuple[Span, ...], text: str) -> tuple[Span, ...]:
    """Count a span's characters from the line's start, where the paragraph begins after white space."""
    indent = len(text) - len(text.lstrip())
    out = []
    for span in spans:
        start, end = span.start + indent, min(span.end + indent, len(text))
        out.append(Span(label=span.label, start=start, end=end, text=text[start:end]))
    return tuple(out)
