"""Bands by season: a run against the runs of its weekday and hour; marked times are no yardstick."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from copydesk.quality.history import NO_MARKS, NO_STATISTICS, Outlier, outliers, read_history
from copydesk.quality.report.charts import with_bands
from copydesk.quality.rules import load_registry
from copydesk.store.warehouse.connection import Warehouse

TUESDAY = datetime(2026, 9, 1, 6, 30, tzinfo=UTC)
WEEK = (100, 100, 100, 100, 100, 40, 20)  # Monday first


def volumes(days: int, *, until: datetime = TUESDAY, changed: dict[int, float] | None = None) -> pl.DataFrame:
    """Return the captures of a run a day by weekday, 4 % up and down; `changed`: days before the moment -> value."""
    rows = []
    for ago in range(days, 0, -1):
        at = until - timedelta(days=ago, minutes=ago % 7 * 5 - 15)
        value = (changed or {}).get(ago, WEEK[at.weekday()] * (1 + (ago % 3 - 1) * 0.04))
        rows.append((f"run-{ago:03}", "gazette", "captures", float(value), 30, at, False))
    return pl.DataFrame(rows, schema=NO_STATISTICS.schema, orient="row")


def today(value: float, at: datetime = TUESDAY, metric: str = "captures") -> pl.DataFrame:
    """Return the numbers of one run."""
    row = ("run-000", "gazette", metric, value, 30, at, False)
    return pl.DataFrame([row], schema=NO_STATISTICS.schema, orient="row")


def broken(found: list[Outlier]) -> list[str]:
    """Return the rules."""
    return [one.rule for one in found]


def test_a_run_is_compared_with_the_same_weekday_once_there_are_four_weeks() -> None:
    """A Tuesday with a Sunday's volume is reported and says with what it was compared; a Sunday with it is not."""
    history, registry = volumes(70), load_registry()
    found = outliers(today(20), history, registry)
    assert broken(found) == ["volume_fell"]
    assert "usual 100 on Tuesdays about 06:00 UTC" in found[0].detail
    sunday = TUESDAY + timedelta(days=5)
    assert outliers(today(20, sunday), volumes(75, until=sunday), registry) == []
    assert broken(outliers(today(4, sunday), volumes(75, until=sunday), registry)) == ["volume_fell"]


def test_before_four_weeks_the_last_runs_are_the_yardstick() -> None:
    """With three weeks the weekend widens the band, as it did before there were seasons."""
    registry = load_registry()
    assert all("Tuesdays" not in one.detail for one in outliers(today(3), volumes(21), registry))
    assert outliers(today(99), volumes(21), registry) == []
    assert outliers(today(3), volumes(6), registry) == []


def test_a_smaller_fall_is_reported_when_it_lasts() -> None:
    """Half of the usual volume is within the band of a noisy source on one day, and beyond it on the third."""
    day = TUESDAY + timedelta(days=2)
    noise = {ago: WEEK[(day - timedelta(days=ago)).weekday()] * (1 + (ago * 7 % 11 - 5) * 0.06) for ago in range(70)}
    once = outliers(today(42, day), volumes(70, until=day, changed=noise), load_registry())
    lasting = outliers(today(42, day), volumes(70, until=day, changed=noise | {1: 42.0, 2: 42.0}), load_registry())
    assert broken(once) == []
    assert broken(lasting) == ["volume_fell"]
    assert "in a row" in lasting[0].detail


def test_on_a_holiday_volume_is_not_judged_but_the_texts_are() -> None:
    """In a marked time of the source or of all sources few captures are expected, and short texts are not."""
    day = TUESDAY.replace(hour=0, minute=0)
    texts = volumes(70).with_columns(pl.lit("median_body_chars").alias("metric"), pl.lit(2000.0).alias("value"))
    for source in ("gazette", None):
        marks = pl.DataFrame([(source, day, day + timedelta(days=1))], schema=NO_MARKS.schema, orient="row")
        assert outliers(today(5), volumes(70), load_registry(), marks) == []
        assert broken(outliers(today(300, metric="median_body_chars"), texts, load_registry(), marks)) == [
            "length_fell"
        ]
    other = pl.DataFrame([("herald", day, day + timedelta(days=1))], schema=NO_MARKS.schema, orient="row")
    assert broken(outliers(today(5), volumes(70), load_registry(), other)) == ["volume_fell"]


def test_marked_times_leave_the_history(tmp_path: Path) -> None:
    """Runs in a marked time of their source are not read as history; those of another source, and after it, are."""
    warehouse = Warehouse(tmp_path / "copydesk.duckdb", lock_timeout_s=5)
    assert [frame.height for frame in read_history(warehouse)] == [0, 0]
    with warehouse.open_for_writing() as connection, connection.transaction():
        for n in range(4):
            at = TUESDAY + timedelta(days=n)
            for source in ("gazette", "herald"):
                connection.execute(
                    "insert into ops.source_stats values (?, ?, 'captures', 9, 9, ?, false)", [f"run-{n}", source, at]
                )
        connection.execute(
            "insert into ops.marked_times values (1, 'gazette', ?, ?, 'holiday', now(), 'anna')",
            [TUESDAY, TUESDAY + timedelta(days=2)],
        )
    statistics, marks = read_history(warehouse)
    assert statistics.group_by("source").len().sort("source").rows() == [("gazette", 2), ("herald", 4)]
    assert marks.rows() == [("gazette", TUESDAY, TUESDAY + timedelta(days=2))]


def test_the_chart_shows_the_band_of_the_season() -> None:
    """The band of a Sunday lies around a Sunday's volume; after five weeks no ordinary run is outside of its own."""
    history = volumes(70).with_columns(pl.lit(False).alias("incident"))
    banded = with_bands(history, load_registry())
    assert not banded["unusual"][35:].any()
    last = banded.tail(7).sort("started_at")
    assert [round(m, -1) for m in last["median"]] == [round(WEEK[t.weekday()], -1) for t in last["started_at"]]
