"""Check a run's batch as a whole: SQL checks over its parts, and each source's statistics against its history.

    batch_* views --checks/*.sql--> violations ----------------------------.
    batch_* views --source_statistics.sql--> metrics --history--> outliers --> BatchResult: findings, held sources

A source is held when it breaks a rule of severity `hold`; the other sources of the run continue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from copydesk.errors import SettingsError, UsageError
from copydesk.filesystem import scratch_folder
from copydesk.quality.history import NO_MARKS, NO_STATISTICS, Outlier, outliers
from copydesk.quality.rules import OFF, Registry, Rule
from copydesk.settings import Source
from copydesk.store.load.run_views import open_batch
from copydesk.store.read.user_sql import query_connection
from copydesk.store.warehouse.connection import Connection
from copydesk.wording import counted

__all__ = ["BatchFinding", "BatchResult", "Queryable", "check_batch", "source_statistics", "validate_checks"]

_STATISTICS = Path(__file__).with_name("source_statistics.sql")
_FINDINGS_PER_RULE = 50
_BROKEN = """
with sizes as (select source, count(*) as captures from batch_captures group by source)
select c.source, f.rule, count(distinct f.capture_id) as broken, any_value(s.captures) as captures
from batch_findings as f join batch_captures as c using (capture_id) join sizes as s using (source)
where list_contains($1, f.rule)
group by c.source, f.rule
order by c.source, f.rule
"""
_CHECK_COLUMNS = ("source", "value", "detail")


class Queryable(Protocol):
    """The part of a database connection used here; `store.warehouse.connection.Connection` implements it."""

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""

    def frame(self, sql: str, parameters: Sequence[Any] | None = None) -> pl.DataFrame:
        """Return a query's result as a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFinding:
    """A batch rule broken by one source.

    Attributes:
        source: The source; "" where the check names none.
        severity: `hold`, `warn` or `info`.
        value: The measured value, in the rule's unit.
        detail: Explanation with the expected value.
    """

    rule: str
    source: str
    severity: str
    value: float
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """The result of the batch checks of one run.

    Attributes:
        findings: All broken batch rules, holds first.
        statistics: One row per source and metric (columns of `history.NO_STATISTICS`), stored as history.
    """

    findings: tuple[BatchFinding, ...]
    statistics: pl.DataFrame

    @property
    def held(self) -> frozenset[str]:
        """Sources whose batch is held."""
        return frozenset(f.source for f in self.findings if f.severity == "hold" and f.source)


def check_batch(
    batch: Connection,
    *,
    registry: Registry,
    run_id: str,
    started_at: datetime,
    sources: Iterable[Source] = (),
    history: pl.DataFrame = NO_STATISTICS,
    marks: pl.DataFrame = NO_MARKS,
    released: Iterable[str] = (),
) -> BatchResult:
    """Check one run.

    Args:
        batch: A connection with the `batch_*` views of the run (`store.load.run_views.open_batch`).
        registry: The desk's rules.
        run_id: The run.
        started_at: Start of the run; history consists of runs started on earlier days.
        sources: The run's sources, for their rule overrides.
        history: First result of `history.read_history`.
        marks: Second result of it.
        released: Sources released by a person: their holds become warnings.
    """
    registry = registry.for_sources(sources)
    statistics = source_statistics(batch, run_id=run_id, started_at=started_at)
    found = [
        *_failed_checks(batch, registry),
        *_exceeded_limits(batch, registry),
        *(_outlier_finding(o, registry) for o in outliers(statistics, history, registry, marks)),
    ]
    allowed = frozenset(released)
    findings = [_downgrade_hold(f) if f.source in allowed else f for f in found if f.severity != OFF]
    findings.sort(key=lambda f: (f.severity != "hold", f.source, f.rule, -f.value))
    held = {f.source for f in findings if f.severity == "hold"}
    statistics = statistics.with_columns(pl.col("source").is_in(list(held)).alias("held"))
    return BatchResult(findings=tuple(findings), statistics=statistics)


def validate_checks(registry: Registry) -> None:
    """Run the desk's own SQL checks on empty tables, so that a mistake is found before anything is fetched.

    Those of a data contract were tried when it was read.

    Raises:
        SettingsError: A check is not one SELECT, names a table or column that does not exist, or lacks a column.
    """
    own = [rule for rule in registry.of("batch") if rule.path.endswith(".sql")]
    if not own:
        return
    from copydesk.quality.row_checks import NO_HISTORY

    with open_batch(scratch_folder() / "no-run", NO_HISTORY) as batch:
        for rule in own:
            _run_check(batch, rule, rule.threshold)


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


def _failed_checks(batch: Connection, registry: Registry) -> list[BatchFinding]:
    """Run every SQL check that is not off; each row it returns is a violation."""
    found: list[BatchFinding] = []
    for rule in registry.of("batch"):
        if not rule.sql:  # `view_failed`: what breaks it is found by the load
            continue
        if rule.severity == OFF and not any(c.rule == rule.id for c in registry.changes):
            continue
        found += _violations(batch, rule, registry)
    return found


def _violations(batch: Connection, rule: Rule, registry: Registry) -> list[BatchFinding]:
    """Run one check with the lowest threshold any source has; keep the rows above their own source's threshold."""
    own = registry.source_thresholds(rule)
    rows = _run_check(batch, rule, min([rule.threshold, *own.values()]))
    violations = [r for r in rows if r["value"] > own.get(r["source"] or "", rule.threshold)]
    return [
        BatchFinding(
            rule=rule.id,
            source=r["source"] or "",
            severity=registry.severity(rule.id, r["source"] or ""),
            value=float(r["value"]),
            detail=str(r["detail"]),
        )
        for r in violations[:_FINDINGS_PER_RULE]
    ]


def _run_check(batch: Connection, rule: Rule, threshold: float) -> list[dict[str, Any]]:
    """Run one check and return its rows.

    Raises:
        SettingsError: A check of the desk is not one SELECT, fails, or lacks a column.
    """
    sql = rule.sql.replace("$threshold", "$1")
    if not rule.path:
        return batch.frame(sql, [threshold]).to_dicts()
    try:
        result = query_connection(batch, sql, [threshold] if "$1" in sql else [])
        missing = [name for name in _CHECK_COLUMNS if name not in result.columns]
        if missing:
            raise UsageError(f"the result has no column {missing[0]!r}. Select source, value and detail.")
        if not result.schema["value"].is_numeric():
            raise UsageError("the column 'value' is not a number: it is compared with the threshold.")
    except UsageError as error:
        raise SettingsError(f"{rule.path}: {error}") from error
    return result.drop_nulls("value").with_columns(pl.col("detail").fill_null("")).to_dicts()


def _exceeded_limits(batch: Connection, registry: Registry) -> list[BatchFinding]:
    """Return the row rules that more captures of a source break than `warn_if` or `error_if` allow."""
    limited = registry.limited
    if not limited:
        return []
    found = []
    for source, rule_id, broken, captures in batch.rows(_BROKEN, [sorted(limited)]):
        warn, error = registry.limits(registry.rules[rule_id], source)
        for limit, severity in ((error, "hold"), (warn, "warn")):
            if limit is not None and limit.is_exceeded(broken, captures):
                detail = f"{broken} of {counted(captures, 'capture')} ({broken / captures:.1%}), limit {limit.text}"
                found.append(
                    BatchFinding(rule=rule_id, source=source, severity=severity, value=broken / captures, detail=detail)
                )
                break
    return found


def _outlier_finding(found: Outlier, registry: Registry) -> BatchFinding:
    return BatchFinding(
        rule=found.rule,
        source=found.source,
        severity=registry.severity(found.rule, found.source),
        value=found.value,
        detail=found.detail,
    )


def _downgrade_hold(finding: BatchFinding) -> BatchFinding:
    if finding.severity != "hold":
        return finding
    return BatchFinding(
        rule=finding.rule,
        source=finding.source,
        severity="warn",
        value=finding.value,
        detail=f"{finding.detail} (released by hand)",
    )
