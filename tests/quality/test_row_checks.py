"""The gate judges a part: what is accepted, what is found, what is refused."""

from __future__ import annotations

import polars as pl
import pytest
from tests.quality.parts import NOW, part, story

from copydesk.errors import SettingsError, StoreError
from copydesk.quality.row_checks import PartResult, check_part
from copydesk.quality.rules import load_registry
from copydesk.settings import RuleOverride, Source
from copydesk.store.parts.parquet import SCHEMAS

_REJECTION = {
    "capture_id": "c" * 36,
    "source": "gazette",
    "uri": "https://gazette.example/login",
    "stage": "extract",
    "reason": "wall",
    "detail": "login form",
    "excerpt": "Please log in",
}


def no_boilerplate(texts: pl.Series) -> pl.Series:
    """Stand in for the phrase rules."""
    return texts.str.starts_with("Leave a Reply")


def judge(stories: list[dict], rejections: tuple = (), **rest: object) -> PartResult:
    """Check a part that holds these stories."""
    rest = {"registry": load_registry(), "now": NOW, "boilerplate": no_boilerplate} | rest
    return check_part(part(stories, rejections), **rest)


def test_good_articles_break_no_rule() -> None:
    """Good stories of three languages load, without a finding."""
    verdict = judge([story(n, language=lang) for lang in ("en", "de", "ru") for n in range(20)])
    assert verdict.findings.to_dicts() == []
    assert verdict.accepted.height == 60
    assert verdict.quarantine.height == 0


def test_every_capture_ends_in_one_place() -> None:
    """Accepted and quarantined captures are the part's captures, each once, and the frames have the agreed columns."""
    bad = story(1) | {"paragraphs": ["Too short."]}
    verdict = judge([story(0), bad], (_REJECTION,))
    ended = [*verdict.accepted["capture_id"], *verdict.quarantine["capture_id"]]
    assert len(ended) == len(set(ended)) == 3
    for name in ("accepted", "findings", "quarantine"):
        assert dict(getattr(verdict, name).schema) == dict(SCHEMAS[name])


def test_all_failures_of_a_record_are_found() -> None:
    """All defects of one record are found with their measured values, and its quarantine row names the errors."""
    bad = story(1) | {"title": None, "paragraphs": ["Short \ufffd."], "authors": [("https://x.example/me", "person")]}
    verdict = judge([bad])
    values = {row["rule"]: row["value"] for row in verdict.findings.iter_rows(named=True)}
    assert {"too_short", "body_short", "no_title", "replacement_char", "garbled", "author_is_url"} <= set(values)
    assert values["too_short"] == 5
    row = verdict.quarantine.row(0, named=True)
    assert row["rules"] == ["too_short", "garbled"]
    assert row["measured"][0] == 5
    assert row["stage"] == "check"
    assert "Short" in row["excerpt"]


def test_a_rejection_becomes_a_quarantine_row() -> None:
    """What extract refused keeps its stage, reason, detail and excerpt in quarantine."""
    row = judge([], (_REJECTION,)).quarantine.row(0, named=True)
    assert {k: row[k] for k in _REJECTION} == _REJECTION
    assert row["rules"] == ["wall"]


def test_drift_is_refused_before_anything_is_judged() -> None:
    """A column of another type, a missing and a foreign column each raise with the column's name."""
    tables = part([story(0)])
    for spoiled in (
        tables["articles"].with_columns(pl.col("body_chars").cast(pl.String)),
        tables["articles"].drop("body_chars"),
        tables["articles"].with_columns(body_charz=1),
    ):
        with pytest.raises(StoreError, match="body_char"):
            check_part({**tables, "articles": spoiled}, registry=load_registry())


def test_a_source_changes_rules_for_itself_alone() -> None:
    """A source's override of severity and threshold judges its own records and nobody else's."""
    rules = {"no_title": RuleOverride(severity="error"), "too_short": RuleOverride(threshold=5, severity="warn")}
    sources = {"strict": Source(name="strict", paths=("x",), rules=rules)}
    one = story(1) | {"title": None}
    brief = story(2) | {"paragraphs": ["Nine letters."]}
    verdict = judge([one, one | {"source": "strict"}, brief, brief | {"source": "strict"}], sources=sources)
    refused = sorted(zip(verdict.quarantine["source"], verdict.quarantine["reason"], strict=True))
    assert refused == [("gazette", "too_short"), ("strict", "no_title")]


def test_a_rule_can_be_switched_off() -> None:
    """A rule that is off for the desk leaves no finding."""
    registry = load_registry({"no_title": RuleOverride(severity="off")})
    verdict = judge([story(1) | {"title": None}], registry=registry)
    assert "no_title" not in verdict.counts


def test_an_unknown_rule_is_refused() -> None:
    """An override of a rule that does not exist names the rule and the place."""
    with pytest.raises(SettingsError, match="no_titel"):
        load_registry({"no_titel": RuleOverride(severity="off")})


def test_a_child_rule_follows_its_sources_threshold() -> None:
    """A threshold that a source sets for a paragraph rule reaches the paragraph rows."""
    sources = {"gazette": Source(name="gazette", paths=("x",), rules={"paragraph_long": RuleOverride(threshold=50)})}
    verdict = judge([story(1), story(2) | {"source": "other"}], sources=sources)
    assert verdict.counts["paragraph_long"] == 1


def test_findings_of_extract_take_the_registrys_severity() -> None:
    """A finding that extract wrote keeps its value, and the desk decides how severe it is."""
    found = {"rule": "encoding_repaired", "severity": "warn", "value": 3.0, "detail": "latin-1"}
    registry = load_registry({"encoding_repaired": RuleOverride(severity="error")})
    verdict = judge([story(1) | {"findings": [found]}], registry=registry)
    assert verdict.quarantine["rules"].to_list() == [["encoding_repaired"]]
    assert verdict.quarantine["measured"].to_list() == [[3.0]]


def test_two_captures_of_one_text_are_not_a_repetition() -> None:
    """One story captured by two sources has its paragraphs in the part twice, and only the address is a finding."""
    one = story(1)
    verdict = judge([one, one | {"source": "mirror", "uri": one["uri"]} | {"address": one["uri"]}])
    assert set(verdict.counts) <= {"duplicate_address", "duplicate_text"}
