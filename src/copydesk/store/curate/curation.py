"""Decisions of people: boilerplate that is pinned, cut lines that are restored, refused pages that are let in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from copydesk.store.curate.decisions import record_decision, who_decides
from copydesk.store.read.evidence_kept import evidence_kept
from copydesk.store.read.resolve import PageRef, find_page
from copydesk.store.warehouse.connection import Warehouse

__all__ = [
    "CutLine",
    "accept_page",
    "accepted_pages",
    "boilerplate_lines",
    "cut_lines",
    "forget_line",
    "page_decisions",
    "pin_line",
    "restore_lines",
    "restored_lines",
    "unaccept_page",
    "unrestore_lines",
]

CutLine = tuple[int, str, str]
"""Number, label and text of a cut block."""


def restored_lines(path: Path, *, lock_timeout_s: float = 30) -> pl.DataFrame:
    """Return source, uri, line_key of every restored line; empty without a warehouse."""
    if not path.exists():
        return pl.DataFrame(schema={"source": pl.String, "uri": pl.String, "line_key": pl.Int64})
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return connection.frame("select source, uri, line_key from audit.restored_lines")


def accepted_pages(path: Path, *, lock_timeout_s: float = 30) -> pl.DataFrame:
    """Return source, uri and rules of every page that a person let in; empty without a warehouse."""
    if not path.exists():
        return pl.DataFrame(schema={"source": pl.String, "uri": pl.String, "rules": pl.List(pl.String)})
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return connection.frame("select source, uri, rules from audit.accepted_pages order by source, uri")


def page_decisions(
    path: Path, source: str, uri: str, *, lock_timeout_s: float = 30
) -> tuple[frozenset[int], frozenset[str]]:
    """Return the keys of a page's restored lines and the rules that do not refuse it."""
    if not path.exists():
        return frozenset(), frozenset()
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        page = [source, uri]
        keys = connection.rows("select line_key from audit.restored_lines where source = $1 and uri = $2", page)
        rules = connection.rows("select unnest(rules) from audit.accepted_pages where source = $1 and uri = $2", page)
    return frozenset(key for (key,) in keys), frozenset(rule for (rule,) in rules)


def cut_lines(path: Path, name: str, *, lock_timeout_s: float = 30) -> tuple[PageRef, str, list[CutLine]]:
    """Return a page, what is stored of its evidence, and its cut lines: of its current text, or of a refused page.

    Args:
        path: The warehouse.
        name: Any name that `find_page` takes.
        lock_timeout_s: Seconds to wait for a writer.

    Raises:
        UsageError: No such page, or several.
    """
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        page = find_page(connection, name)
        if page.article_id and not page.is_current:
            page = find_page(connection, page.article_id)
        lines = connection.rows(
            "select number, label::varchar, text from audit.cut_blocks where capture_id = $1::uuid order by number",
            [page.capture_id],
        )
        kept = evidence_kept(connection, page.capture_id) if page.capture_id else "full"
    return page, kept, lines


def accept_page(
    path: Path,
    source: str,
    uri: str,
    rules: Collection[str],
    *,
    because: str = "",
    by: str | None = None,
    lock_timeout_s: float = 30,
) -> None:
    """Record that these rules do not refuse a page, beside those of earlier decisions about it."""
    who = by or who_decides()
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_writing() as connection, connection.transaction():
        before = connection.value(
            "select rules from audit.accepted_pages where source = $1 and uri = $2", [source, uri]
        )
        connection.execute(
            "insert or replace into audit.accepted_pages values ($1, $2, $3::varchar[], $4, $5, nullif($6, ''))",
            [source, uri, sorted({*rules, *(before or ())}), datetime.now(UTC), who, because],
        )
        detail = ", ".join(sorted(rules))
        record_decision(connection, "accept", uri, source=source, detail=detail, because=because, by=who)


def unaccept_page(
    path: Path, source: str, uri: str, *, because: str = "", by: str | None = None, lock_timeout_s: float = 30
) -> list[str]:
    """Take back that a page was let in; return the rules that refuse it again, none where it was not let in."""
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_writing() as connection, connection.transaction():
        rows = connection.rows("select rules from audit.accepted_pages where source = $1 and uri = $2", [source, uri])
        connection.execute("delete from audit.accepted_pages where source = $1 and uri = $2", [source, uri])
        rules = sorted(rule for (chosen,) in rows for rule in chosen)
        if rules:
            detail = ", ".join(rules)
            record_decision(connection, "unaccept", uri, source=source, detail=detail, because=because, by=by)
    return rules


def restore_lines(
    path: Path,
    source: str,
    uri: str,
    lines: Sequence[tuple[int, str]],
    *,
    because: str = "",
    by: str | None = None,
    lock_timeout_s: float = 30,
) -> None:
    """Record that these lines (key, text) of a page belong to its article."""
    now = datetime.now(UTC)
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_writing() as connection, connection.transaction():
        for key, text in lines:
            connection.execute(
                "insert or replace into audit.restored_lines values (?, ?, ?, ?, ?)", [source, uri, key, text, now]
            )
        detail = " | ".join(text for _, text in lines)
        record_decision(connection, "restore", uri, source=source, detail=detail, because=because, by=by)


def unrestore_lines(
    path: Path,
    source: str,
    uri: str,
    keys: Collection[int] | None = None,
    *,
    because: str = "",
    by: str | None = None,
    lock_timeout_s: float = 30,
) -> list[str]:
    """Take back that lines of a page were restored, all of them when `keys` is None; return their texts."""
    chosen = None if keys is None else list(keys)
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_writing() as connection, connection.transaction():
        lines = (
            "from audit.restored_lines where source = $1 and uri = $2 "
            "and ($3 is null or list_contains($3::bigint[], line_key))"
        )
        rows = connection.rows(f"select text {lines}", [source, uri, chosen])
        connection.execute(f"delete {lines}", [source, uri, chosen])
        texts = sorted(text for (text,) in rows)
        if texts:
            detail = " | ".join(texts)
            record_decision(connection, "unrestore", uri, source=source, detail=detail, because=because, by=by)
    return texts


def boilerplate_lines(
    path: Path, *, site: str | None, min_pages: int, limit: int, lock_timeout_s: float = 30
) -> pl.DataFrame:
    """Return boilerplate lines of one site or all, most frequent first.

    Columns: site, line_key, text, label, pages, of_pages, first_seen_at, last_seen_at, verdict.

    Args:
        path: The warehouse.
        site: A publisher's domain or a source; None: all.
        min_pages: Only lines on at least this many pages, and pinned lines.
        limit: Return at most this many lines.
        lock_timeout_s: Seconds to wait for a writer.
    """
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return connection.frame(
            """
            select m.site, m.line_key, m.text, m.label::varchar as label, m.pages, p.pages as of_pages,
                m.first_seen_at, m.last_seen_at, m.verdict
            from audit.boilerplate as m
            left join audit.site_pages as p using (site)
            where ($1 is null or m.site = $1) and (m.pages >= $2 or m.verdict is not null)
            order by m.pages desc, m.site, m.text
            limit $3
            """,
            [site, min_pages, limit],
        )


def pin_line(
    path: Path,
    site: str,
    key: int,
    text: str,
    verdict: str,
    *,
    because: str = "",
    by: str | None = None,
    lock_timeout_s: float = 30,
) -> None:
    """Pin a line of a site: `keep` or `cut`, whatever the model says."""
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_writing() as connection, connection.transaction():
        known = connection.value("select count(*) from audit.boilerplate where site = ? and line_key = ?", [site, key])
        if not known:
            connection.execute(
                "insert into audit.boilerplate (site, line_key, text, pages) values (?, ?, ?, 0)", [site, key, text]
            )
        connection.execute(
            "update audit.boilerplate set verdict = ?, pinned_at = ? where site = ? and line_key = ?",
            [verdict, datetime.now(UTC), site, key],
        )
        record_decision(connection, f"pin_{verdict}", site, detail=text, because=because, by=by)


def forget_line(
    path: Path,
    site: str,
    keys: Collection[int] | None,
    *,
    because: str = "",
    by: str | None = None,
    lock_timeout_s: float = 30,
) -> int:
    """Delete boilerplate lines of a site, or all its counts when `keys` is None; return how many lines."""
    chosen = None if keys is None else list(keys)
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_writing() as connection, connection.transaction():
        lines = "from audit.boilerplate where site = $1 and ($2 is null or list_contains($2::bigint[], line_key))"
        rows = connection.rows(f"select text {lines}", [site, chosen])
        connection.execute(f"delete {lines}", [site, chosen])
        detail = " | ".join(sorted(text or "" for (text,) in rows)) if keys is not None else "all lines"
        if rows:
            record_decision(connection, "unpin", site, detail=detail, because=because, by=by)
        if keys is None:
            connection.execute("delete from audit.site_pages where site = ?", [site])
    return len(rows)
