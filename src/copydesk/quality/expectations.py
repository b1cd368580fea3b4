"""Judge a run's batch as a whole: SQL checks over its parts, and each source's numbers against its own history.

    batch_* views --warehouse/checks/*.sql--> offending rows --.
    batch_* views --source_stats.sql--> numbers --history--> unusual ones --> BatchVerdict: held sources, findings

A source is held when one of its broken rules says `hold`; the others of the same run go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from copydesk.quality.history import NO_STATISTICS, Outlier, outliers
from copydesk.quality.rules import OFF, Registry, Rule
from copydesk.resources import CHECKS
from copydesk.settings import Source

__all__ = ["BatchFinding", "BatchResult", "Queryable", "check_batch", "source_statistics"]

_STATISTICS = Path(__file__).with_name("source_statistics.sql")
_FINDINGS_PER_RULE = 50


class Queryable(Protocol):
    """What the gate needs of a database connection; `store.warehouse.connection.Connection` is one."""

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""

    def frame(self, sql: str, parameters: Sequence[Any] | None = None) -> pl.DataFrame:
        """Return a query's result as a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFinding:
    """A rule that a source's batch broke.

    Attributes:
        source: The source, "" where a check does not name one.
        severity: `hold`, `warn` or `info`.
        value: What was measured.
        detail: In words, with what was expected.
    """

    rule: str
    source: str
    severity: str
    value: float
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What the gate says about a run's batch.

    Attributes:
        findings: Every broken batch rule, holds first.
        statistics: One row per source and metric (columns of `history.NO_STATISTICS`), to be kept as history.
    """

    findings: tuple[BatchFinding, ...]
    statistics: pl.DataFrame

    @property
    def held(self) -> frozenset[str]:
        """Sources whose batch stays behind."""
        return frozenset(f.source for f in self.findings if f.severity == "hold" and f.source)


def check_batch(
    batch: Queryable,
    *,
    registry: Registry,
    run_id: str,
    started_at: datetime,
    sources: Iterable[Source] = (),
    history: pl.DataFrame = NO_STATISTICS,
    released: Iterable[str] = (),
    checks: Path = CHECKS,
) -> BatchResult:
    """Judge one run.

    Args:
        batch: A connection with the `batch_*` views of the run (`store.batch.open_batch`).
        registry: The desk's rules.
        run_id: The run.
        started_at: When it began; history is what began on an earlier day.
        sources: The run's sources, for their own rules.
        history: What `history.read_statistics` gives.
        released: Sources that a person let through: their holds are warnings.
        checks: Folder of the SQL checks.
    """
    registry = registry.for_sources(sources)
    statistics = source_statistics(batch, run_id=run_id, started_at=started_at)
    found = [
        *_broken_checks(batch, registry, checks),
        *(_of_history(u, registry) for u in outliers(statistics, history, registry)),
    ]
    let_through = frozenset(released)
    judged = [_let_through(f) if f.source in let_through else f for f in found if f.severity != OFF]
    judged.sort(key=lambda f: (f.severity != "hold", f.source, f.rule, -f.value))
    held = {f.source for f in judged if f.severity == "hold"}
    statistics = statistics.with_columns(pl.col("source").is_in(list(held)).alias("held"))
    return BatchResult(findings=tuple(judged), statistics=statistics)


def source_statistics(batch: Queryable, *, run_id: str, started_at: datetime) -> pl.DataFrame:
    """Return one row per source and metric of a run, with the columns of `history.NO_STATISTICS`."""
    wide = batch.frame(_STATISTICS.read_text(encoding="utf-8"))
    metrics = [name for name in wide.columns if name != "source"]
    return (
        wide.with_columns(pl.col(metrics).cast(pl.Float64), pl.col("captures").cast(pl.Int64).alias("inputs"))
        .unpivot(metrics, index=["source", "inputs"], variable_name="metric", value_name="value")
        .with_columns(
            pl.lit(run_id).alias("run_id"),
            pl.lit(started_at).dt.convert_time_zone("UTC").dt.cast_time_unit("us").alias("started_at"),
            pl.lit(False).alias("held"),
        )
        .select(pl.col(name).cast(kind) for name, kind in NO_STATISTICS.schema.items())
    )


def _broken_checks(batch: Queryable, registry: Registry, checks: Path) -> list[BatchFinding]:
    """Run every SQL check; a row is an offence. The threshold is the source's, so each is asked for on its own."""
    found: list[BatchFinding] = []
    for rule in registry.of("batch"):
        if rule.severity == OFF and not any(c.rule == rule.id for c in registry.changes):
            continue
        sql = (checks / f"{rule.id}.sql").read_text(encoding="utf-8")
        found += _offences(batch, rule, sql, registry)
    return found


def _offences(batch: Queryable, rule: Rule, sql: str, registry: Registry) -> list[BatchFinding]:
    """The rows of one check, under the lowest threshold anybody set, judged each by its source's own."""
    own = registry.limits(rule)
    rows = _named(batch, sql, min([rule.threshold, *own.values()]))
    offences = [r for r in rows if r["value"] > own.get(r["source"] or "", rule.threshold)]
    return [
        BatchFinding(
            rule=rule.id,
            source=r["source"] or "",
            severity=registry.severity(rule.id, r["source"] or ""),
            value=float(r["value"]),
            detail=str(r["detail"]),
        )
        for r in offences[:_FINDINGS_PER_RULE]
    ]


def _named(batch: Queryable, sql: str, threshold: float) -> list[dict[str, Any]]:
    return batch.frame(sql.replace("$threshold", "$1"), [threshold]).to_dicts()


def _of_history(found: Outlier, registry: Registry) -> BatchFinding:
    return BatchFinding(
        rule=found.rule,
        source=found.source,
        severity=registry.severity(found.rule, found.source),
        value=found.value,
        detail=found.detail,
    )


def _let_through(finding: BatchFinding) -> BatchFinding:
    if finding.severity != "hold":
        return finding
    return BatchFinding(
        rule=finding.rule,
        source=finding.source,
        severity="warn",
        value=finding.value,
        detail=f"{finding.detail} (released by hand)",
    )
