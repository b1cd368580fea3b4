"""Records written the quick way."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields

import pytest

from copydesk.records import Block, Evidence, Label, Paragraph, ParagraphKind
from copydesk.text import fast_records as drafts

PAIRS = [
    (
        drafts.block(3, "a", "\n", Label.BODY, True, "r", 0.5, Label.NAV, (), ()),
        Block(
            number=3, text="a", ending="\n", label=Label.BODY, kept=True, rule="r", confidence=0.5, runner_up=Label.NAV
        ),
    ),
    (
        drafts.block(3, "a", "", Label.BLANK, False, "r"),
        Block(number=3, text="a", label=Label.BLANK, kept=False, rule="r"),
    ),
    (drafts.paragraph(ParagraphKind.QUOTE, "a", 4, 1), Paragraph(kind=ParagraphKind.QUOTE, text="a", block=4, level=1)),
    (
        drafts.evidence("title", "a", "text", True, "why"),
        Evidence(field="title", value="a", source="text", chosen=True, reason="why"),
    ),
]


@pytest.mark.parametrize(("draft", "record"), PAIRS)
def test_a_draft_is_the_record(draft: object, record: object) -> None:
    """What is written the quick way is the record: same type, same fields, frozen, and the same after pickling."""
    assert type(draft) is type(record)
    assert (draft, hash(draft), repr(draft)) == (record, hash(record), repr(record))
    assert pickle.loads(pickle.dumps(draft)) == record  # noqa: S301  our own bytes
    with pytest.raises(FrozenInstanceError):
        setattr(draft, fields(record)[0].name, "b")  # type: ignore[arg-type]
