"""Row schemas: one pandera schema per table of a part with its measures, one check per rule.

    Registry --schema_for--> DataFrameSchema --validate(lazy)--> failure_cases["index"] --> (row, rule, value)

The checks are built from `rules/quality.toml`; a check's `error` is the rule's id, the name used in findings.
Failing rows are selected by index: pandera's `drop_invalid_rows` silently returns wrong frames and is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

from copydesk.errors import StoreError
from copydesk.quality.rules import Registry, Rule
from copydesk.store.parts.parquet import SCHEMAS

__all__ = ["broken_rows", "refuse_drift", "schema_for"]

_BROKEN = {"row": pl.UInt32, "rule": pl.String, "value": pl.Float64}


def refuse_drift(tables: Mapping[str, pl.DataFrame], wanted: tuple[str, ...]) -> None:
    """Compare every table's columns and types with `SCHEMAS`.

    Raises:
        StoreError: A table is missing, or a column is missing, unexpected or of another type; nothing was checked.
    """
    for name in wanted:
        if name not in tables:
            raise StoreError(f"the part has no table {name}. Extract it again: `copydesk reprocess`.")
        expected, found = dict(SCHEMAS[name]), dict(tables[name].schema)
        drift = [c for c in expected if found.get(c) != expected[c]] + [c for c in found if c not in expected]
        if drift:
            column = drift[0]
            raise StoreError(
                f"table {name} of the part has another schema: column {column} is {found.get(column, 'missing')}, "
                f"expected {expected.get(column, 'none')}. Another version wrote it. "
                "Extract it again: `copydesk reprocess`."
            )


def schema_for(table: str, registry: Registry, *, columns: Mapping[str, Any] | None = None) -> pa.DataFrameSchema:
    """Return the pandera schema of one table: its columns by type, its measures with one check per rule."""
    by_measure: dict[str, list[pa.Check]] = {}
    for rule in registry.of(table):
        by_measure.setdefault(rule.measure, []).append(_check(rule, registry))
    given = {name: pa.Column(dtype, nullable=True, required=False) for name, dtype in (columns or {}).items()}
    measured = {name: pa.Column(checks=checks, nullable=True) for name, checks in by_measure.items()}
    return pa.DataFrameSchema({**given, **measured}, name=table, strict=False)


def broken_rows(table: str, measured: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Return one (row, rule, value) per row and broken rule of a table with its measures.

    Raises:
        StoreError: A measure is missing or of another type, so the table cannot be checked.
    """
    schema = schema_for(table, registry, columns=SCHEMAS.get(table))
    try:
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            schema.validate(measured, lazy=True)
    except pa.errors.SchemaErrors as failures:
        return _failures(table, failures.failure_cases, measured, registry)
    return pl.DataFrame(schema=_BROKEN)


def _failures(table: str, cases: pl.DataFrame, measured: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    structural = cases.filter(pl.col("index").is_null())
    if structural.height:
        what = structural.row(0, named=True)
        raise StoreError(
            f"table {table} cannot be checked: {what['check']} ({what['failure_case']}). Extract it again: "
            "`copydesk reprocess`."
        )
    found = [pl.DataFrame(schema=_BROKEN)]
    for (rule,), rows in cases.select(pl.col("index").cast(pl.UInt32), "check").group_by("check"):
        values = measured[registry.rules[str(rule)].measure].gather(rows["index"]).cast(pl.Float64)
        found.append(
            pl.DataFrame({"row": rows["index"], "rule": [rule] * rows.height, "value": values}, schema=_BROKEN)
        )
    return pl.concat(found)


def _check(rule: Rule, registry: Registry) -> pa.Check:
    measure, limit = pl.col(rule.measure), _threshold(rule, registry)
    holds = measure >= limit if rule.breaks == "under" else measure <= limit
    if rule.applies == "web":
        holds = holds | (pl.col("extractor") == "text")
    passes = holds.fill_null(True)
    return pa.Check(lambda data: data.lazyframe.select(passes), name=rule.id, error=rule.id)


def _threshold(rule: Rule, registry: Registry) -> pl.Expr:
    """Return the threshold of each row: its source's, else its language's, else the rule's."""
    limit = pl.lit(rule.threshold, dtype=pl.Float64)
    if rule.by_language:
        limit = pl.col("language").replace_strict(dict(rule.by_language), default=limit, return_dtype=pl.Float64)
    if own := registry.source_thresholds(rule):
        limit = pl.col("source").replace_strict(own, default=limit, return_dtype=pl.Float64)
    return limit
