"""The boilerplate measure agrees with the phrase rules."""

from __future__ import annotations

import polars as pl
import pytest

from copydesk.quality.measures.boilerplate_phrases import BOILERPLATE_LABELS, is_boilerplate

rules = pytest.importorskip("copydesk.text.phrases.rules")


def test_the_quick_question_loses_no_phrase() -> None:
    """Every whole-line phrase of a boilerplate label is found behind the quick question, however it is written."""
    phrases = [
        phrase.replace("#", "12")
        for rule in rules.load_rules()
        if rule.label in BOILERPLATE_LABELS and rule.where == "line"
        for phrase in rule.phrases
    ]
    asked = [*phrases, *(phrase.upper() for phrase in phrases), *(f"• {phrase}:" for phrase in phrases)]
    matched = [any(m.rule.label in BOILERPLATE_LABELS for m in found) for found in rules.match_texts(asked)]
    found = is_boilerplate(pl.Series(asked)).to_list()
    assert [t for t, f, want in zip(asked, found, matched, strict=True) if want and not f] == []
    assert sum(matched) > 500


def test_prose_is_no_boilerplate() -> None:
    """Sentences of a story that end in words of comment threads are not boilerplate."""
    prose = ["“We cannot wait,” she says.", "The minister wrote.", "Three hours ago the rain stopped."]
    prose += ["Watch out for tax scams!", "Do you have a burr grinder?", "Services", "Related work goes on.", ""]
    assert not is_boilerplate(pl.Series(prose)).any()


def test_lines_that_point_elsewhere_are_boilerplate() -> None:
    """Teasers and invitations that open with a known phrase are boilerplate."""
    lines = ["Read more: The seven best kits", "Related: Key facts", "WATCH | The minister speaks", "Leave a Reply"]
    lines += ["Sign up for our newsletter"]
    assert is_boilerplate(pl.Series(lines)).to_list() == [True] * len(lines)
