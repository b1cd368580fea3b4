"""A batch as a whole: SQL checks over the run's parts, and a source's numbers against its own past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.quality.parts import NOW, part, story
from tests.quality.test_row_checks import no_boilerplate

from copydesk.quality.expectations import BatchResult, check_batch
from copydesk.quality.history import NO_STATISTICS, band_of, outliers
from copydesk.quality.row_checks import NO_HISTORY, check_part
from copydesk.quality.rules import load_registry
from copydesk.settings import RuleOverride, Source
from copydesk.store.load.run_views import open_batch
from copydesk.store.parts.part_files import write_part

RUN = "20261120T120000-abc123"


def write_run(folder: Path, stories: Sequence[dict[str, Any]], known: pl.DataFrame = NO_HISTORY) -> Path:
    """Write a run's extract and check parts, two stories of every part's worth apart."""
    for number, some in enumerate((stories[::2], stories[1::2])):
        tables = part(some)
        verdict = check_part(tables, registry=load_registry(), now=NOW, history=known, boilerplate=no_boilerplate)
        frames = {"accepted": verdict.accepted, "findings": verdict.findings, "quarantine": verdict.quarantine}
        write_part(folder / "extract" / f"part-{number:05}", tables, {})
        write_part(folder / "check" / f"part-{number:05}", frames, {})
    return folder


def judge(folder: Path, known: pl.DataFrame = NO_HISTORY, **rest: Any) -> BatchResult:
    """Judge the run in this folder."""
    rest = {"registry": load_registry(), "run_id": RUN, "started_at": NOW} | rest
    with open_batch(folder, known) as batch:
        return check_batch(batch, **rest)


def past(runs: int, *, metric: str = "captures", value: float = 30.0, **changed: Any) -> pl.DataFrame:
    """Return the history of one metric: a run a day, a little up and down."""
    rows = [
        {
            "run_id": f"run-{day}",
            "source": "gazette",
            "metric": metric,
            "value": value + (day % 3 - 1) * value / 50,
            "inputs": 30,
            "started_at": NOW - timedelta(days=day),
            "held": False,
        }
        | changed
        for day in range(1, runs + 1)
    ]
    return pl.DataFrame(rows, schema=NO_STATISTICS.schema)


def test_a_good_batch_breaks_no_check(tmp_path: Path) -> None:
    """Forty different stories of one source hold nothing back, and their numbers are measured."""
    verdict = judge(write_run(tmp_path, [story(n) for n in range(40)]))
    assert verdict.findings == ()
    numbers = {r["metric"]: r["value"] for r in verdict.statistics.iter_rows(named=True)}
    assert numbers["captures"] == 40
    assert numbers["quarantined_share"] == 0
    assert numbers["byline_share"] == 1
    assert 48 < numbers["freshness_hours"] < 72


def wall(number: int) -> dict[str, Any]:
    """Return the same page under another address."""
    own = {name: story(number)[name] for name in ("title", "published_at")}
    return story(3) | own | {"uri": f"https://gazette.example/wall/{number}"}


SPOILED = {
    "texts_identical": wall,
    "titles_identical": lambda n: story(n) | {"title": "The Gazette, your paper"},
    "dates_identical": lambda n: story(n) | {"published_at": NOW - timedelta(days=1)},
    "mostly_quarantined": lambda n: story(n) | {"paragraphs": ["Stub."]},
    "one_name_everywhere": lambda n: _ending(n, "This page is in the care of editor Hanna Brook, who answers letters."),
    "names_unexplained": lambda n: _ending(
        n, f"“It was time,” Mr {['Reed', 'Oliver', 'Marsh'][n % 3]} said on the bridge."
    ),
}


def _ending(number: int, sentence: str) -> dict[str, Any]:
    """Return a story with one more paragraph."""
    own = story(number)
    return own | {"paragraphs": [*own["paragraphs"], sentence]}


@pytest.mark.parametrize("rule", SPOILED)
def test_each_check_finds_its_defect_and_nothing_else(tmp_path: Path, rule: str) -> None:
    """A source spoiled in one way breaks the check of that name alone, and the good source beside it none."""
    good = [story(n) | {"source": "herald", "uri": f"https://herald.example/{n}"} for n in range(100, 130)]
    verdict = judge(write_run(tmp_path, [*(SPOILED[rule](n) for n in range(30)), *good]))
    assert {(f.source, f.rule) for f in verdict.findings} == {("gazette", rule)}
    held = load_registry().rules[rule].severity == "hold"
    assert verdict.held == (frozenset({"gazette"}) if held else frozenset())


def test_shrunken_stories_hold_their_source(tmp_path: Path) -> None:
    """Known articles that come back at a third of their length keep the batch from replacing them."""
    stories = [story(n, paragraphs=3) for n in range(20)]
    known = part(stories)["articles"].select(
        "article_id",
        pl.lit("0" * 36).alias("revision_id"),
        (pl.col("body_chars") * 3).alias("body_chars"),
        pl.lit("f" * 64).alias("text_sha256"),
    )
    verdict = judge(write_run(tmp_path, stories, known), known)
    assert verdict.held == {"gazette"}
    assert {f.rule for f in verdict.findings} == {"mostly_shrunk"}


def known_as(stories: Sequence[dict[str, Any]], *, chars: float = 1) -> pl.DataFrame:
    """Return these stories as the warehouse knew them: each with another text, longer by a factor."""
    return part(stories)["articles"].select(
        "article_id",
        pl.lit("0" * 36).alias("revision_id"),
        (pl.col("body_chars") * chars).cast(pl.Int32).alias("body_chars"),
        pl.col("article_id").alias("text_sha256"),
    )


def notice(number: int) -> dict[str, Any]:
    """Return a known address that answers with a notice in no listed words, under the title its feed gives it."""
    said = "Our pages are being moved to another system. Please come back to us on Thursday, when all is in its place."
    return story(number) | {"paragraphs": [said, said.replace("pages", "archives"), said.replace("pages", "letters")]}


def test_one_text_for_three_known_articles_holds_their_source(tmp_path: Path) -> None:
    """Three known articles that differed and now are one text are held; two, new ones, or one story's addresses not."""
    other = [story(n) for n in range(50, 60)]
    for number, (stories, known, held) in enumerate(
        (
            ([notice(n) for n in range(3)], known_as([notice(n) for n in range(3)]), True),
            ([*(notice(n) for n in range(3)), *other], known_as([notice(n) for n in range(3)]), True),
            ([notice(n) for n in range(2)], known_as([notice(n) for n in range(2)]), False),
            ([notice(n) for n in range(3)], NO_HISTORY, False),
            (
                [notice(n) for n in range(3)],
                known_as([notice(n) for n in range(3)]).with_columns(pl.lit("f" * 64).alias("text_sha256")),
                False,
            ),
        )
    ):
        verdict = judge(write_run(tmp_path / str(number), stories, known), known)
        assert verdict.held == ({"gazette"} if held else frozenset()), number
        assert [f.rule for f in verdict.findings] == ["replaced"] * held
    assert load_registry().rules["replaced"].because


def test_known_articles_that_lost_four_fifths_hold_their_source(tmp_path: Path) -> None:
    """Three of four known articles at a tenth of their length are held; one of four is a correction."""
    stories = [story(n) for n in range(4)]
    mostly = pl.concat([known_as(stories[:3], chars=10), known_as(stories[3:])])
    single = pl.concat([known_as(stories[:1], chars=10), known_as(stories[1:])])
    verdict = judge(write_run(tmp_path / "mostly", stories, mostly), mostly)
    assert [(f.rule, f.severity, f.value) for f in verdict.findings] == [("replaced", "hold", 3)]
    assert "3 of 4" in verdict.findings[0].detail
    assert judge(write_run(tmp_path / "single", stories, single), single).findings == ()


def test_a_released_source_is_not_held_again(tmp_path: Path) -> None:
    """After a person let a source through, the same batch warns and holds nothing."""
    folder = write_run(tmp_path, [wall(n) for n in range(30)])
    assert judge(folder).held == {"gazette"}
    verdict = judge(folder, released=["gazette"])
    assert verdict.held == frozenset()
    assert [f.severity for f in verdict.findings] == ["warn"]


def test_a_source_can_change_a_batch_rule(tmp_path: Path) -> None:
    """A source whose stories are known to share a text can raise the bound or switch the check off for itself."""
    folder = write_run(tmp_path, [wall(n) for n in range(30)])
    for override in (RuleOverride(threshold=1.0), RuleOverride(severity="off")):
        source = Source(name="gazette", paths=("x",), rules={"texts_identical": override})
        assert judge(folder, sources=[source]).findings == ()


def test_a_collapse_is_seen_against_the_sources_own_history(tmp_path: Path) -> None:
    """Stories a third as long as on fourteen earlier days hold the source; a usual length holds nothing."""
    folder = write_run(tmp_path, [story(n) for n in range(30)])
    history = past(14, metric="median_body_chars", value=1800.0)
    verdict = judge(folder, history=history)
    assert [(f.rule, f.severity) for f in verdict.findings] == [("length_fell", "hold")]
    assert judge(folder, history=past(14, metric="median_body_chars", value=600.0)).findings == ()


def test_history_leaves_out_today_and_held_batches(tmp_path: Path) -> None:
    """Runs of the same day and batches that were held are nobody's yardstick, nor is a history of six runs."""
    folder = write_run(tmp_path, [story(n) for n in range(30)])
    tall = {"metric": "median_body_chars", "value": 1800.0}
    for history in (
        past(6, **tall),
        past(14, **tall, held=True),
        past(14, **tall).with_columns(pl.lit(NOW).alias("started_at")),
    ):
        assert judge(folder, history=history).findings == ()


def test_one_incident_does_not_widen_the_band() -> None:
    """A single wild value among twenty leaves the median's band nearly as it was."""
    steady = pl.Series([100.0, 102.0, 98.0, 101.0, 99.0] * 4)
    calm, shaken = band_of(steady, 1), band_of(pl.concat([steady, pl.Series([5000.0])]), 1)
    assert calm is not None
    assert shaken is not None
    assert shaken.deviation < 1.5 * calm.deviation
    assert abs(shaken.median - calm.median) < 2


def test_no_history_rule_judges_an_empty_run() -> None:
    """A run without a capture has no numbers and no findings."""
    assert outliers(NO_STATISTICS, past(14), load_registry()) == []
