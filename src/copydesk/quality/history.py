"""A source's numbers against its own past: median and MAD of earlier runs, never today's and never an incident's.

    deviation = max(1.4826 * median(|x - median|), floor)      band = median -+ threshold * deviation

The factor makes the MAD of normal numbers their standard deviation (Hampel 1974). Means and standard deviations are of
no use here: one incident in the past widens them until the next one fits in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from copydesk.quality.rules import OFF, Registry, Rule
from copydesk.store.parts.parquet import SCHEMAS
from copydesk.store.warehouse.connection import Warehouse

__all__ = ["LEAST_RUNS", "NO_STATISTICS", "Band", "Outlier", "band_of", "outliers", "read_statistics"]

LEAST_RUNS = 7
"""Runs on earlier days that a source needs before it is judged by them."""

_MOST_RUNS = 60
_NORMAL = 1.4826

NO_STATISTICS = pl.DataFrame(schema=dict(SCHEMAS["source_stats"]))
"""Columns of `ops.source_stats`: one row per run, source and metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What is usual for one source and metric.

    Attributes:
        median: Of the runs in its history.
        deviation: Robust standard deviation, at least the rule's floor.
        runs: How many runs that is.
    """

    median: float
    deviation: float
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlier:
    """A number that left its band.

    Attributes:
        value: The number itself, not its distance.
        detail: In words, with the median and the bound.
    """

    rule: str
    source: str
    value: float
    detail: str


def band_of(values: pl.Series, floor: float) -> Band | None:
    """Return the band of a metric's earlier values, oldest first; None when there are too few."""
    past = values.drop_nulls().tail(_MOST_RUNS)
    if past.len() < LEAST_RUNS:
        return None
    median = _number(past.median())
    spread = _NORMAL * _number((past - median).abs().median())
    return Band(median=median, deviation=max(spread, floor), runs=past.len())


def read_statistics(warehouse: Warehouse) -> pl.DataFrame:
    """Return the numbers of all earlier runs that are a yardstick: no incident, no held batch. Columns as above."""
    with warehouse.open_for_reading() as connection:
        return connection.frame(
            "select s.run_id, s.source, s.metric, s.value, s.inputs, s.started_at, s.held from ops.source_stats as s "
            "anti join ops.incidents as i on i.run_id = s.run_id and i.source = s.source "
            "where not s.held order by s.started_at, s.run_id"
        ).with_columns(pl.col("started_at").dt.cast_time_unit("us"))


def outliers(today: pl.DataFrame, history: pl.DataFrame, registry: Registry) -> list[Outlier]:
    """Return every number of a run that left its band.

    Args:
        today: One row per source and metric of the run that is judged.
        history: The same of earlier runs, incidents left out; held batches and runs of the same day are left out here.
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
            found += _judged(rule, row, earlier, registry)
    return found


def _judged(rule: Rule, row: dict[str, Any], earlier: pl.Series, registry: Registry) -> list[Outlier]:
    source, value = row["source"], row["value"]
    band = band_of(earlier, rule.floor)
    if band is None or row["inputs"] < rule.least or registry.severity(rule.id, source) == OFF:
        return []
    reach = registry.limits(rule).get(source, rule.threshold) * band.deviation
    bound = band.median - reach if rule.breaks == "under" else band.median + reach
    if not (value < bound if rule.breaks == "under" else value > bound):
        return []
    detail = f"{rule.measure} {value:.4g}, usual {band.median:.4g}, bound {bound:.4g} ({band.runs} runs)"
    return [Outlier(rule=rule.id, source=source, value=value, detail=detail)]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
