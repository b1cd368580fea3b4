"""Pages that are let in although they break a rule: by a rule's severity on this desk or source, or by a person."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from copydesk.quality.rules import Registry


__all__ = ["INTEGRITY_MEASURES", "admitted_rules", "read_accepted"]

INTEGRITY_MEASURES = frozenset({"missing_fields", "bad_keys", "count_gap"})
"""Measures of rules that no decision overrides: rows that break them cannot be joined or counted."""


def admitted_rules(registry: Registry, source: str) -> frozenset[str]:
    """Return the page kinds and refusals that do not refuse a page of this source: those that are no error.

    Args:
        registry: With the overrides of the sources.
        source: Name of the source; "" for none.
    """
    return frozenset(rule.id for rule in registry.of("extract") if registry.severity(rule.id, source) != "error")


@lru_cache(maxsize=2)
def read_accepted(path: Path | None) -> dict[tuple[str, str], frozenset[str]]:
    """Read the pages that people let in, once per process: (source, uri) -> rules; none without the file."""
    if path is None or not path.exists():  # a run that an earlier version began
        return {}
    return {(source, uri): frozenset(rules) for source, uri, rules in pl.read_parquet(path).iter_rows()}
