"""What the gate calls furniture is what the phrase rules call furniture."""

from __future__ import annotations

import polars as pl
import pytest

from copydesk.quality.furniture import FURNITURE_LABELS, furniture_by_phrases

rules = pytest.importorskip("copydesk.text.rules")


def test_the_quick_question_loses_no_phrase() -> None:
    """Every phrase and every example of a rule for whole lines or their start passes the quick question."""
    asked = [
        text.replace("#", "12")
        for rule in rules.load_rules()
        if rule.label in FURNITURE_LABELS and rule.where in {"line", "start"}
        for text in (*rule.phrases, *(phrase.upper() for phrase in rule.phrases), *rule.examples)
    ]
    matches = rules.match_texts(asked)
    firm = [any(m.rule.label in FURNITURE_LABELS and m.where in {"line", "start"} for m in found) for found in matches]
    found = furniture_by_phrases(pl.Series(asked)).to_list()
    assert [t for t, f, want in zip(asked, found, firm, strict=True) if f != want] == []
    assert sum(firm) > 500


def test_prose_is_no_furniture() -> None:
    """Sentences of a story that end in words of comment threads are not furniture."""
    prose = ["“We cannot wait,” she says.", "The minister wrote.", "Three hours ago the rain stopped.", ""]
    assert not furniture_by_phrases(pl.Series(prose)).any()
