"""Build the blocks of a page: a label, a decision, its confidence and its evidence per line."""

from __future__ import annotations

from typing import Any

from copydesk.records import Block, Label, Span
from copydesk.text.fast_records import BlockDraft, block
from copydesk.text.plain.article.line_evidence import explain_line
from copydesk.text.plain.input import TextInput
from copydesk.text.plain.model.select_lines import LineDecisions
from copydesk.text.plain.page import Decision, TextPage
from copydesk.text.tokens.lines import Lines

__all__ = ["make_blocks"]


def make_blocks(
    text_input: TextInput,
    page: TextPage,
    decisions: list[Decision],
    spans: dict[int, tuple[Span, ...]],
    pinned: dict[int, str],
    evidence: tuple[LineDecisions, int] | None,
) -> tuple[Block, ...]:
    """Return a block per line of the decoded text; texts and endings joined are that text, character for character.

    Args:
        text_input: The document's lines and paragraphs.
        page: The paragraphs and decisions.
        decisions: The label of each paragraph.
        spans: Labelled spans by paragraph, offsets in the stripped text.
        pinned: Paragraph -> the user's pin, "keep" or "cut", or the id of the user's phrase rule that cuts it.
        evidence: The batch's decisions and the page's first row in them, to fill in `Block.evidence`.
    """
    lines = text_input.lines
    texts, endings, other, body = lines.texts, lines.endings, Label.OTHER, Label.BODY
    out: list[Any] = [None] * len(texts)
    parts = zip(text_input.line_groups, decisions, page.keep, page.sure_kept, page.sure_cut, strict=True)
    for k, (unit, decision, keep, sure_kept, sure_cut) in enumerate(parts):
        row = unit[0]
        one: Any = BlockDraft()
        out[row] = one
        one.number = row + 1
        one.text = texts[row]
        one.ending = endings[row]
        one.label = decision.label
        one.kept = keep
        one.rule = decision.rule
        one.confidence = sure_kept if keep else sure_cut
        one.runner_up = decision.runner_up or (other if keep else body)
        one.place = None
        one.spans = ()
        one.evidence = ()
        if k in pinned:
            one.rule, one.confidence = pinned[k] if "." in pinned[k] else f"pin.{pinned[k]}", 1.0
        if k in spans:
            one.spans = _shifted(spans[k], one.text)
        if evidence:
            rule = page.ruled.get(k, decision.rule)
            found = page.found.get(k, [])
            one.evidence = explain_line(evidence[0], evidence[1] + k, found, pinned.get(k), kept=keep, rule=rule)
        one.__class__ = Block
        if len(unit) > 1:
            said = one.label, keep, one.rule, one.confidence, one.runner_up, (), one.evidence
            for row in unit[1:]:
                out[row] = block(row + 1, texts[row], endings[row], *said)
    _fill_blanks(out, lines)
    return tuple(out)


def _fill_blanks(out: list[Any], lines: Lines) -> None:
    blank = Label.BLANK
    for row, made in enumerate(out):
        if made is None:
            one: Any = BlockDraft()
            out[row] = one
            one.number = row + 1
            one.text = lines.texts[row]
            one.ending = lines.endings[row]
            one.label = blank
            one.kept = False
            one.rule = "shape.blank"
            one.confidence = 1.0
            one.runner_up = one.place = None
            one.spans = one.evidence = ()
            one.__class__ = Block


def _shifted(spans: tuple[Span, ...], text: str) -> tuple[Span, ...]:
    """Return the spans with offsets in the line instead of the stripped paragraph."""
    indent = len(text) - len(text.lstrip())
    out = []
    for span in spans:
        start, end = span.start + indent, min(span.end + indent, len(text))
        out.append(Span(label=span.label, start=start, end=end, text=text[start:end]))
    return tuple(out)
