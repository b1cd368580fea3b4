"""Each rule's defect, planted into a good record, is found; nothing is found that was not planted."""

from __future__ import annotations

import polars as pl
import pytest
from tests.quality.parts import NOW, part, story
from tests.quality.plants import PLANTS, STRICT
from tests.quality.records import records_of, tables_of

from copydesk.quality.measures.boilerplate_phrases import is_boilerplate
from copydesk.quality.row_checks import check_part
from copydesk.quality.rules import load_registry
from copydesk.records import PageKind
from copydesk.text.refusals import refusal_rules

REGISTRY = load_registry()
PAGE_KINDS = {*(kind.value for kind in PageKind), *(refusal.id for refusal in refusal_rules())}
"""Decided before there is a record, and tested where pages are read (tests/text/html/page_kind, test_refusals)."""
ROW_RULES = sorted(rule.id for rule in REGISTRY if rule.table not in {"batch", "history"} and rule.id not in PAGE_KINDS)


def test_every_row_rule_has_a_plant() -> None:
    """No rule of a record is without a defect that shows that it works."""
    assert sorted(PLANTS) == ROW_RULES


@pytest.mark.parametrize("rule", ROW_RULES)
def test_the_planted_defect_is_found_and_nothing_else(rule: str) -> None:
    """One spoiled record among good ones of three languages: its rule is broken, no other but what follows from it."""
    good = [story(n, language=lang) for lang in ("de", "ru", "en") for n in range(4)]
    records = records_of(part([*good, story(7)]))
    plant, besides = PLANTS[rule]
    plant(records[-1])
    tables, history = tables_of(records)
    spoiled = {one.article["capture_id"] for one in (records[-1], *records[-1].others)}
    verdict = check_part(
        tables,
        registry=REGISTRY,
        sources={"strict": STRICT},
        history=history,
        now=NOW,
        boilerplate=is_boilerplate,
    )
    assert set(verdict.findings["capture_id"]) == spoiled
    broken = set(verdict.findings["rule"])
    assert rule in broken
    assert broken <= {rule, *besides}
    refused = REGISTRY.rules[rule].severity == "error"
    assert (verdict.quarantine.height > 0) == (refused or any(REGISTRY.rules[b].severity == "error" for b in broken))


def test_every_plant_at_once_is_told_apart() -> None:
    """With all defects in one part, each in a record of its own, every record has its own rule among its findings."""
    records = records_of(part([story(n) for n in range(len(ROW_RULES))]))
    for record, rule in zip(records, ROW_RULES, strict=True):
        PLANTS[rule][0](record)
    tables, history = tables_of(records)
    verdict = check_part(tables, registry=REGISTRY, sources={"strict": STRICT}, history=history, now=NOW)
    for record, rule in zip(records, ROW_RULES, strict=True):
        mine = set(verdict.findings.filter(pl.col("capture_id") == record.article["capture_id"])["rule"])
        assert rule in mine
        assert mine <= {rule, *PLANTS[rule][1]}
