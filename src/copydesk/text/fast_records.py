"""Fast constructors of frozen records: a page has one block per line, and a frozen dataclass's `__init__` is slow.

    block(1, "Leave a Reply", ...)   fills the slots of a draft, then sets its class to the record's

A frozen dataclass sets each field through `object.__setattr__` (1.5 us per block); a draft with the same slots is
assigned directly (0.3 us; half of that inline with `BlockDraft`). The result is the record itself: equal, frozen,
picklable. Fields are positional, in the order of the record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from copydesk.records import Block, BlockEvidence, Evidence, Label, Paragraph, ParagraphKind, Span

__all__ = ["BlockDraft", "ParagraphDraft", "block", "evidence", "paragraph"]


class BlockDraft:
    """A block under construction; `draft.__class__ = Block` completes it when every slot is set."""

    __slots__ = (  # noqa: RUF023  the record's order
        "number", "text", "ending", "label", "kept", "rule", "confidence", "runner_up", "place", "spans", "evidence",
    )  # fmt: skip

    number: int
    text: str
    ending: str
    label: Label
    kept: bool
    rule: str
    confidence: float
    runner_up: Label | None
    place: str | None
    spans: tuple[Span, ...]
    evidence: tuple[BlockEvidence, ...]


class _Block(BlockDraft):
    __slots__ = ()

    def __init__(
        self,
        number: int,
        text: str,
        ending: str,
        label: Label,
        kept: bool,
        rule: str,
        confidence: float = 1.0,
        runner_up: Label | None = None,
        spans: tuple[Span, ...] = (),
        evidence: tuple[BlockEvidence, ...] = (),
        place: str | None = None,
    ) -> None:
        self.number = number
        self.text = text
        self.ending = ending
        self.label = label
        self.kept = kept
        self.rule = rule
        self.confidence = confidence
        self.runner_up = runner_up
        self.place = place
        self.spans = spans
        self.evidence = evidence
        self.__class__ = Block  # type: ignore[assignment]


class ParagraphDraft:
    """A paragraph under construction."""

    __slots__ = ("kind", "text", "block", "level")  # noqa: RUF023  the record's order

    kind: ParagraphKind
    text: str
    block: int
    level: int


class _Paragraph(ParagraphDraft):
    __slots__ = ()

    def __init__(self, kind: ParagraphKind, text: str, block: int, level: int = 0) -> None:
        self.kind = kind
        self.text = text
        self.block = block
        self.level = level
        self.__class__ = Paragraph  # type: ignore[assignment]


class _Evidence:
    __slots__ = ("field", "value", "source", "chosen", "reason")  # noqa: RUF023  the record's order

    def __init__(self, field: str, value: str, source: str, chosen: bool, reason: str) -> None:
        self.field = field
        self.value = value
        self.source = source
        self.chosen = chosen
        self.reason = reason
        self.__class__ = Evidence  # type: ignore[assignment]  # noqa: PLE0237  no slot


block = cast("Callable[..., Block]", cast("Any", _Block))
paragraph = cast("Callable[..., Paragraph]", cast("Any", _Paragraph))
evidence = cast("Callable[..., Evidence]", cast("Any", _Evidence))
