"""Outlier detection per source and metric: median and MAD of earlier runs, without today's runs and incidents.

    deviation = max(1.4826 * median(|x - median|), min_deviation)      band = median -+ threshold * deviation

The factor scales the MAD to the standard deviation of a normal distribution (Hampel 1974). Mean and standard deviation
are not robust: one past incident widens the band until the next one fits into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from copydesk.quality.rules import OFF, Registry, Rule
from copydesk.store.parts.parquet import SCHEMAS
from copydesk.store.warehouse.connection import Warehouse

__all__ = ["MIN_RUNS", "NO_STATISTICS", "Band", "Outlier", "band_of", "outliers", "read_statistics"]

MIN_RUNS = 7
"""Runs on earlier days that a source needs before its history is used."""

_MAX_RUNS = 60
_MAD_TO_SIGMA = 1.4826

NO_STATISTICS = pl.DataFrame(schema=dict(SCHEMAS["source_stats"]))
"""Columns of `ops.source_stats`: one row per run, source and metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The usual range of one metric of one source.

    Attributes:
        median: Median over the runs of the history.
        deviation: Robust standard deviation, at least the rule's `min_deviation`.
        runs: Number of runs in the history.
    """

    median: float
    deviation: float
    runs: int


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


def band_of(values: pl.Series, min_deviation: float) -> Band | None:
    """Return the band of a metric's earlier values, given oldest first; None with fewer than `MIN_RUNS`."""
    past = values.drop_nulls().tail(_MAX_RUNS)
    if past.len() < MIN_RUNS:
        return None
    median = _number(past.median())
    spread = _MAD_TO_SIGMA * _number((past - median).abs().median())
    return Band(median=median, deviation=max(spread, min_deviation), runs=past.len())


def read_statistics(warehouse: Warehouse) -> pl.DataFrame:
    """Return the statistics of earlier runs, except incidents and held batches (columns of `NO_STATISTICS`)."""
    with warehouse.open_for_reading() as connection:
        return connection.frame(
            "select s.run_id, s.source, s.metric, s.value, s.inputs, s.started_at, s.held from ops.source_stats as s "
            "anti join ops.incidents as i on i.run_id = s.run_id and i.source = s.source "
            "where not s.held order by s.started_at, s.run_id"
        ).with_columns(pl.col("started_at").dt.cast_time_unit("us"))


def outliers(today: pl.DataFrame, history: pl.DataFrame, registry: Registry) -> list[Outlier]:
    """Return every value of a run that is outside its band.

    Args:
        today: One row per source and metric of the run to check.
        history: The same of earlier runs without incidents; held batches and runs of the same day are ignored here.
        registry: Rules of table `history`.
    """
    if today.is_empty():
        return []
    day = today["started_at"].min()
    past = history.filter(~pl.col("held") & (pl.col("started_at").dt.date() < pl.lit(day).dt.date())).sort("started_at")
    found: list[Outlier] = []
    for rule in registry.of("history"):
        numbers = today.filter((pl.col("metric") == rule.measure) & pl.col("value").is_not_null())
        for row in numbers.iter_rows(named=True):
            earlier = past.filter((pl.col("source") == row["source"]) & (pl.col("metric") == rule.measure))["value"]
            found += _compare(rule, row, earlier, registry)
    return found


def _compare(rule: Rule, row: dict[str, Any], earlier: pl.Series, registry: Registry) -> list[Outlier]:
    source, value = row["source"], row["value"]
    band = band_of(earlier, rule.min_deviation)
    if band is None or row["inputs"] < rule.min_captures or registry.severity(rule.id, source) == OFF:
        return []
    reach = registry.source_thresholds(rule).get(source, rule.threshold) * band.deviation
    bound = band.median - reach if rule.breaks == "under" else band.median + reach
    if not (value < bound if rule.breaks == "under" else value > bound):
        return []
    detail = f"{rule.measure} {value:.4g}, usual {band.median:.4g}, bound {bound:.4g} ({band.runs} runs)"
    return [Outlier(rule=rule.id, source=source, value=value, detail=detail)]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
