"""Findings: which pages broke which rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from copydesk.store.warehouse.connection import Connection

__all__ = ["read_findings"]

_SQL = Path(__file__).parent / "sql" / "findings.sql"
_COLUMNS = ("rule", "severity", "value", "detail", "run_id", "article_id", "source", "title", "uri")


def read_findings(
    connection: Connection,
    *,
    rules: Sequence[str] | None,
    source: str | None,
    severity: str | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return the pages that broke one of the rules, latest run first; None as a filter lets all through."""
    chosen = None if rules is None else list(rules)
    rows = connection.rows(_SQL.read_text(encoding="utf-8"), [chosen, source, severity, limit])
    return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
