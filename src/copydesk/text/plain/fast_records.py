"""Records written the quick way: a page makes one block per line, and a frozen record's own `__init__` is slow.

    block(1, "Leave a Reply", ...)   a draft with the record's slots is filled in, then becomes the record

A frozen dataclass sets each field through `object.__setattr__` (1.5 us a block); a draft of the same layout sets its
slots directly (0.3 us; half of that where the loop that makes blocks fills in the slots of a bare `BlockDraft` itself).
What comes out is the record itself: equal, frozen, picklable. Fields go by position, in the order of the record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from copydesk.records import Block, BlockEvidence, Evidence, Label, Paragraph, ParagraphKind, Span

__all__ = ["BlockDraft", "ParagraphDraft", "block", "evidence", "paragraph"]


class BlockDraft:
    """A block that is being filled in; `draft.__class__ = Block`, when every slot is set, makes it one."""

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
    ) -> None:
        self.number = number
        self.text = text
        self.ending = ending
        self.label = label
        self.kept = kept
        self.rule = rule
        self.confidence = confidence
        self.runner_up = runner_up
        self.place = None
        self.spans = spans
        self.evidence = evidence
        self.__class__ = Block  # type: ignore[assignment]


class ParagraphDraft:
    """A paragraph that is being filled in, to become a `Paragraph`."""

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
