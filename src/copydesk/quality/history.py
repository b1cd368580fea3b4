"""Outlier detection per source and metric: a run against its source's earlier runs, without incidents and marked times.

    band = median -+ threshold * deviation        deviation >= the rule's min_deviation

    four weeks or more    median of the runs of the same weekday and hour, one a week; deviation from the differences
                          between all runs and those a week before; also broken: .6 of the
                          threshold on two days in a row, .45 on three
    before                median and MAD of the last 60 runs

News is weekly: a Sunday's volume is half of a feed on a Tuesday and none on a Sunday. 1.4826 scales the MAD to the
standard deviation of a normal distribution (Hampel 1974); mean and standard deviation are not robust: one past incident
widens the band until the next one fits into it. Counts vary by a share of their level and by chance (1 / level, as
Poisson's), and fall in proportion: their lower bound is median * exp(-threshold * deviation / median). Shares vary at
least as a sample of the run's size does (standard error of Agresti and Coull 1998). Several in a row is a rule of
control charts (Western Electric 1956), with other limits. Measured by `bench/backtest.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import exp, sqrt
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from copydesk.quality.rules import OFF, Registry, Rule
from copydesk.store.parts.parquet import SCHEMAS
from copydesk.store.warehouse.connection import Warehouse

__all__ = [
    "MIN_RUNS",
    "MIN_WEEKS",
    "NO_MARKS",
    "NO_STATISTICS",
    "Band",
    "Outlier",
    "Past",
    "band_of",
    "compare",
    "outliers",
    "pasts",
    "read_history",
    "read_statistics",
]

MIN_RUNS = 7
"""Runs on earlier days that a source needs before its history is used."""
MIN_WEEKS = 4
"""Earlier weeks with a run at the same weekday and hour, from which on a run is compared with those."""

_MAX_RUNS = 60
_MAX_WEEKS = 8
_WEEK_S = 7 * 86_400
_SAME_HOUR_S = 5400
"""Runs of two weeks are of the same hour up to here: schedules jitter, and clocks change by an hour."""
_MIN_PAIRS = 6
"""Pairs of runs a week apart, from which the deviation is told."""
_MAD_TO_SIGMA = 1.4826
_CHI2_MEDIAN = 0.4549
"""Median of the square of a standard normal number."""
_DAYS_IN_A_ROW = (1.0, 0.6, 0.45)
"""Shares of the threshold beyond which a run breaks a rule alone, with the run a day before, with those of two days."""
_DAY_S = 18 * 3600
_COUNTS = frozenset({"captures"})
_SAMPLED = frozenset(
    {"quarantined_share", "duplicate_share", "no_title_share", "no_date_share", "byline_share", "no_language_share"}
    | {"warned_share"}
)
"""Metrics that are shares of the run's articles."""
_OF_THE_CALENDAR = frozenset({"captures", "freshness_hours"})
"""Metrics that a holiday moves: in a marked time they are not judged."""

NO_STATISTICS = pl.DataFrame(schema=dict(SCHEMAS["source_stats"]))
"""Columns of `ops.source_stats`: one row per run, source and metric."""
_TIME = pl.Datetime("us", "UTC")
NO_MARKS = pl.DataFrame(schema={"source": pl.String, "starts_at": _TIME, "ends_at": _TIME})
"""Marked times: one row per source and time; source null is all sources."""

_STATISTICS = """
select s.run_id, s.source, s.metric, s.value, s.inputs, s.started_at, s.held
from ops.source_stats as s
anti join ops.incidents as i on i.run_id = s.run_id and i.source = s.source
where not s.held and not exists (
    select 1 from ops.marked_times as m
    where (m.source is null or m.source = s.source) and s.started_at >= m.starts_at and s.started_at < m.ends_at)
qualify row_number() over (partition by s.source, s.metric order by s.started_at desc, s.run_id desc) <= $1
    or s.started_at >= max(s.started_at) over (partition by s.source) - to_days($2::integer)
order by s.started_at, s.run_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The usual range of one metric of one source.

    Attributes:
        median: Median over the runs that are compared with.
        deviation: Robust standard deviation, at least the rule's `min_deviation`.
        runs: Number of those runs.
        season: Their weekday and hour ("Tuesdays about 06:00 UTC"); "" when they are the last runs of any day.
        falls_in_proportion: Whether the lower bound is a share of the median.
    """

    median: float
    deviation: float
    runs: int
    season: str = ""
    falls_in_proportion: bool = False

    def bound(self, breaks: str, threshold: float) -> float:
        """Return the value beyond which a rule is broken.

        Args:
            breaks: `under` or `over`.
            threshold: In deviations.
        """
        if breaks == "over":
            return self.median + threshold * self.deviation
        if self.falls_in_proportion:
            return self.median * exp(-threshold * self.deviation / max(self.median, 1))
        return self.median - threshold * self.deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlier:
    """A value outside its band.

    Attributes:
        value: The value itself, not its distance from the median.
        detail: Explanation with median and bound.
    """

    rule: str
    source: str
    value: float
    detail: str


@dataclass(frozen=True, slots=True)
class Past:
    """The earlier runs of one source and metric, oldest first.

    Attributes:
        times: Start of each run, in seconds since 1970.
        values: The metric's value in each.
        metric: The metric.
    """

    times: NDArray[np.float64]
    values: NDArray[np.float64]
    metric: str = ""

    def band(self, at: datetime, min_deviation: float, captures: int | None = None) -> Band | None:
        """Return the band for a run, from runs of earlier days; None with fewer than `MIN_RUNS`.

        Args:
            at: Start of the run.
            min_deviation: Lower bound of the deviation.
            captures: Captures of the run; None leaves the noise of a sample out.
        """
        at = at.astimezone(UTC)
        before = self.before(at.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
        if len(before.values) < MIN_RUNS:
            return None
        peers = before._a_week_apart(at.timestamp())
        if len(peers) < MIN_WEEKS:
            plain = _band(before.values[-_MAX_RUNS:], min_deviation)
            return replace(plain, deviation=max(plain.deviation, self._chance(plain.median, captures)))
        median = float(np.median(peers))
        deviation = max(before._weekly_deviation(median), min_deviation)
        return Band(
            median=median,
            deviation=max(deviation, self._chance(median, captures)),
            runs=len(peers),
            season=f"{at:%A}s about {at:%H}:00 UTC",
            falls_in_proportion=self.metric in _COUNTS,
        )

    def a_day_before(self, at: datetime) -> tuple[datetime, float] | None:
        """Return start and value of the last run that began a day before or earlier, of the last week; None without."""
        end = int(np.searchsorted(self.times, at.timestamp() - _DAY_S, "left"))
        if not end or self.times[end - 1] < at.timestamp() - _WEEK_S:
            return None
        return datetime.fromtimestamp(self.times[end - 1], UTC), float(self.values[end - 1])

    def before(self, moment: float) -> Past:
        """Return the runs that started before a moment."""
        end = int(np.searchsorted(self.times, moment, "left"))
        return Past(self.times[:end], self.values[:end], self.metric)

    def _a_week_apart(self, at: float) -> NDArray[np.float64]:
        """Return the values of the runs at the same weekday and hour, of eight weeks at most."""
        wanted = at - _WEEK_S * np.arange(1, _MAX_WEEKS + 1, dtype=np.float64)
        return self.values[self._nearest(wanted)[1]]

    def _nearest(self, moments: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return (index of a moment, index of the run nearest to it) for the moments that have a run in their hour."""
        right = np.clip(np.searchsorted(self.times, moments), 1, max(1, len(self.times) - 1))
        left = right - 1
        right = np.minimum(right, len(self.times) - 1)
        closer = np.abs(self.times[right] - moments) < np.abs(self.times[left] - moments)
        nearest = np.where(closer, right, left)
        has = np.flatnonzero(np.abs(self.times[nearest] - moments) <= _SAME_HOUR_S)
        return has, nearest[has]

    def _chance(self, share: float, captures: int | None) -> float:
        """Return the standard error of a share in a run of that size; 0 for metrics that are none."""
        if self.metric not in _SAMPLED or not captures:
            return 0.0
        near = (share * captures + 2) / (captures + 4)
        return sqrt(near * (1 - near) / (captures + 4))

    def _weekly_deviation(self, median: float) -> float:
        """Return the deviation of a run from its season: from the differences of all runs to those a week before."""
        recent = self.times >= self.times[-1] - _MAX_WEEKS * _WEEK_S
        times, values = self.times[recent], self.values[recent]
        has, earlier = self._nearest(times - _WEEK_S)
        if len(has) < _MIN_PAIRS:
            return 0.0
        a, b = values[has], self.values[earlier]
        if self.metric not in _COUNTS:
            return _MAD_TO_SIGMA * float(np.median(np.abs(a - b))) / sqrt(2)
        ratio = np.log((a + 0.5) / (b + 0.5))
        chance = float(np.median(1 / np.maximum(a, 1) + 1 / np.maximum(b, 1)))
        wider = max(0.0, float(np.median(ratio**2)) / _CHI2_MEDIAN - chance) / 2
        return median * sqrt(wider + 1 / max(median, 1))


def band_of(values: NDArray[np.float64], min_deviation: float) -> Band | None:
    """Return the band of a metric's earlier values whatever their day; None with fewer than `MIN_RUNS`.

    Args:
        values: Oldest first.
        min_deviation: Lower bound of the deviation.
    """
    return None if len(values) < MIN_RUNS else _band(values[-_MAX_RUNS:], min_deviation)


def _band(values: NDArray[np.float64], min_deviation: float) -> Band:
    median = float(np.median(values))
    spread = _MAD_TO_SIGMA * float(np.median(np.abs(values - median)))
    return Band(median=median, deviation=max(spread, min_deviation), runs=len(values))


def read_statistics(warehouse: Warehouse) -> pl.DataFrame:
    """Return the statistics of the last runs, except incidents, marked times and held batches."""
    return read_history(warehouse)[0]


def read_history(warehouse: Warehouse) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the statistics of the last runs and the marked times; both are empty before the first run."""
    if not warehouse.path.exists():
        return NO_STATISTICS, NO_MARKS
    with warehouse.open_for_reading() as connection:
        statistics = connection.frame(_STATISTICS, [_MAX_RUNS, 7 * (2 * _MAX_WEEKS + 1)])
        marks = connection.frame("select source, starts_at, ends_at from ops.marked_times order by all")
    return (
        statistics.with_columns(pl.col("started_at").dt.cast_time_unit("us")),
        marks.with_columns(pl.col("starts_at", "ends_at").dt.cast_time_unit("us")),
    )


def pasts(history: pl.DataFrame) -> dict[tuple[str, str], Past]:
    """Return (source, metric) -> its runs, of statistics without held batches, incidents and marked times."""
    rows = history.filter(~pl.col("held") & pl.col("value").is_not_null()).sort("started_at", "run_id")
    return {
        (str(source), str(metric)): Past(
            group["started_at"].dt.epoch("us").to_numpy().astype(np.float64) / 1e6,
            group["value"].to_numpy().astype(np.float64),
            str(metric),
        )
        for (source, metric), group in rows.group_by("source", "metric", maintain_order=True)
    }


def outliers(
    today: pl.DataFrame, history: pl.DataFrame, registry: Registry, marks: pl.DataFrame = NO_MARKS
) -> list[Outlier]:
    """Return every value of a run that is outside its band.

    Args:
        today: One row per source and metric of the run to check.
        history: The same of earlier runs without incidents; held batches and runs of the same day are ignored here.
        registry: Rules of table `history`.
        marks: Times (columns of `NO_MARKS`) in which volume and freshness are not judged.
    """
    if today.is_empty() or history.is_empty():
        return []
    past = pasts(history.join(today.select("source").unique(), on="source", how="semi"))
    return list(compare(today.iter_rows(named=True), past, registry, marks))


def compare(
    rows: Iterable[Mapping[str, Any]],
    past: Mapping[tuple[str, str], Past],
    registry: Registry,
    marks: pl.DataFrame = NO_MARKS,
) -> Iterator[Outlier]:
    """Yield the outliers among the numbers of a run, as `outliers`, in the order of the rules.

    Args:
        rows: Rows of `NO_STATISTICS`.
        past: Result of `pasts`; runs of the same day and later ones are ignored.
        registry: Rules of table `history`.
        marks: As for `outliers`.
    """
    by_metric: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["value"] is not None:
            by_metric.setdefault(row["metric"], []).append(row)
    for rule in registry.of("history"):
        for row in by_metric.get(rule.measure, ()):
            earlier = past.get((row["source"], rule.measure))
            if earlier is not None and not _is_marked(rule, row, marks):
                yield from _compare(rule, row, earlier, registry)


def _is_marked(rule: Rule, row: Mapping[str, Any], marks: pl.DataFrame) -> bool:
    if marks.is_empty() or rule.measure not in _OF_THE_CALENDAR:
        return False
    at = pl.lit(row["started_at"])
    of_source = pl.col("source").is_null() | (pl.col("source") == row["source"])
    return not marks.filter(of_source & (pl.col("starts_at") <= at) & (at < pl.col("ends_at"))).is_empty()


def _compare(rule: Rule, row: Mapping[str, Any], earlier: Past, registry: Registry) -> Iterator[Outlier]:
    source, value = row["source"], row["value"]
    band = earlier.band(row["started_at"], rule.min_deviation, row["inputs"])
    if band is None or row["inputs"] < rule.min_captures or registry.severity(rule.id, source) == OFF:
        return
    threshold = registry.source_thresholds(rule).get(source, rule.threshold)
    for days, share in enumerate(_DAYS_IN_A_ROW if band.season else _DAYS_IN_A_ROW[:1], 1):
        bound = band.bound(rule.breaks, threshold * share)
        if _is_beyond(value, bound, rule) and _was_beyond(rule, earlier, row, threshold * share, days - 1):
            break
    else:
        return
    when = f" on {band.season}" if band.season else ""
    runs = f"{band.runs} {'weeks' if band.season else 'runs'}" + (f", day {days} in a row" if days > 1 else "")
    detail = f"{rule.measure} {value:.4g}, usual {band.median:.4g}{when}, bound {bound:.4g} ({runs})"
    yield Outlier(rule=rule.id, source=source, value=value, detail=detail)


def _was_beyond(rule: Rule, earlier: Past, row: Mapping[str, Any], threshold: float, days: int) -> bool:
    """Return whether the last runs of so many days before were beyond the threshold, too."""
    at = row["started_at"]
    for _ in range(days):
        last = earlier.a_day_before(at)
        band = earlier.band(last[0], rule.min_deviation, row["inputs"]) if last else None
        if last is None or band is None or not _is_beyond(last[1], band.bound(rule.breaks, threshold), rule):
            return False
        at = last[0]
    return True


def _is_beyond(value: float, bound: float, rule: Rule) -> bool:
    return value < bound if rule.breaks == "under" else value > bound
