"""Restored lines: a user's decision about one page, applied in every later run."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from copydesk.records import Block, BlockEvidence, Extraction, Label, Paragraph, ParagraphKind
from copydesk.text.boilerplate import line_key
from copydesk.text.clean_fields import clean_text

__all__ = ["RULE", "with_restored"]

RULE = "pin.restored"


def with_restored(found: Extraction, keys: AbstractSet[int]) -> Extraction:
    """Return the extraction with the cut lines of these keys kept as body text, in page order.

    Args:
        found: The extraction before.
        keys: `line_key` of each line that a user restored.
    """
    blocks = tuple(_kept(b) if not b.kept and line_key(b.text) in keys else b for b in found.blocks)
    added = [b for b, was in zip(blocks, found.blocks, strict=True) if b is not was]
    if not added:
        return found
    paragraphs = [
        *found.paragraphs,
        *(Paragraph(kind=ParagraphKind.PARAGRAPH, text=clean_text(b.text), block=b.number) for b in added),
    ]
    changed = replace(
        found,
        blocks=blocks,
        paragraphs=tuple(sorted(paragraphs, key=lambda p: p.block)),
        captions=tuple(c for c in found.captions if c.block not in {b.number for b in added}),
    )
    from copydesk.text.quotes.find_quotes import with_quotes  # as in `documents`

    return with_quotes(changed)  # paragraphs have other positions now


def _kept(block: Block) -> Block:
    pin = BlockEvidence(name="pin", rule=RULE, points=100.0, label=Label.BODY, detail="a person put this line back")
    return replace(
        block,
        kept=True,
        label=Label.BODY,
        rule=RULE,
        confidence=1.0,
        runner_up=block.label,
        evidence=(*block.evidence, pin) if block.evidence else (),
    )
