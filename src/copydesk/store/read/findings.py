"""Findings: which pages broke which rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from copydesk.store.warehouse.connection import Connection

__all__ = ["read_findings", "read_least_certain"]

_LEAST_CERTAIN = """
select a.source, a.article_id::varchar, c.capture_id::varchar, r.confidence, r.body_chars, r.title, c.uri
from main.articles as a
join main.revisions as r on r.revision_id = a.current_revision_id
join audit.captures as c on c.revision_id = r.revision_id and c.outcome = 'loaded'
where r.confidence is not null and ($1::varchar is null or a.source = $1::varchar)
    and not list_contains($2::varchar[], left(c.capture_id::varchar, 13))
qualify row_number() over (partition by a.article_id order by c.captured_at desc, c.capture_id) = 1
    and row_number() over (partition by a.source order by r.confidence, a.article_id, c.captured_at desc) <= $3
order by a.source, r.confidence, a.article_id
"""
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


def read_least_certain(
    connection: Connection, *, source: str | None, known: Sequence[str], limit: int
) -> list[dict[str, Any]]:
    """Return the latest captures whose text is least certain, of each source the least certain first.

    Args:
        connection: The warehouse.
        source: Only this source; None: all.
        known: The first 13 characters of the keys of captures that are left out.
        limit: At most so many of each source.
    """
    rows = connection.rows(_LEAST_CERTAIN, [source, list(known), limit])
    columns = ("source", "article_id", "capture_id", "confidence", "chars", "title", "uri")
    return [dict(zip(columns, row, strict=True)) for row in rows]
