"""Lookups of earlier runs: states of sources and addresses, history of articles, captures to read again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from copydesk.records import Capture
from copydesk.store.parts.parquet import SCHEMAS, frame
from copydesk.store.parts.rows import captures_of
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.counted_captures import captures_to_count
from copydesk.store.warehouse.engine import connect

__all__ = [
    "article_history",
    "captures_to_reprocess",
    "counted_elsewhere",
    "decisions",
    "known_lines",
    "lines_pending",
    "read_captures",
    "read_state",
    "read_states",
]


def read_state(path: Path, source: str, table: str, *, lock_timeout_s: float = 30) -> pl.DataFrame:
    """Return the rows of `ops.source_state` or `ops.address_state` of a source; empty without a warehouse."""
    if table not in {"source_state", "address_state"}:
        raise ValueError(f"no state table is called {table!r}")
    if not path.exists():
        return frame(table, {})
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return connection.frame(f"select * from ops.{table} where source = ?", [source])  # noqa: S608 one of two names


def read_states(path: Path, table: str, sources: Collection[str], *, lock_timeout_s: float = 30) -> pl.DataFrame:
    """Return the rows of `ops.source_state` or `ops.address_state` of some sources, in one reading."""
    if table not in {"source_state", "address_state"}:
        raise ValueError(f"no state table is called {table!r}")
    if not path.exists():
        return frame(table, {})
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        query = f"select * from ops.{table} where list_contains(?, source)"  # noqa: S608 one of two names
        return connection.frame(query, [sorted(sources)])


def article_history(path: Path, parts: Sequence[Path], *, lock_timeout_s: float = 30) -> pl.DataFrame | None:
    """Return article_id, revision_id, body_chars and text_sha256 of the current text of the parts' articles.

    Articles under other addresses that have the same text as one of the parts' are among them.

    None where there is no warehouse yet. Asked once a run: opening the file for every part costs more than the check.

    Args:
        path: The warehouse.
        parts: Extract parts.
        lock_timeout_s: Seconds to wait for a writer.
    """
    files = [str(part / "articles.parquet") for part in parts]
    if not path.exists() or not files:
        return None
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return connection.frame(
            "select a.article_id::varchar as article_id, r.revision_id::varchar as revision_id, r.body_chars, "
            "r.text_sha256 from main.articles as a join main.revisions as r on r.revision_id = a.current_revision_id "
            "where a.article_id in (select article_id::uuid from read_parquet($1)) "
            "or r.text_sha256 in (select text_sha256 from read_parquet($1)) order by a.article_id",
            [files],
        )


def decisions(path: Path, *, lock_timeout_s: float = 30) -> pl.DataFrame:
    """Return the outcome of each capture: one row with the columns below.

    capture_id, revision_id, text_sha256, quotes_md5, mentions_md5, shown, evidence_kept (`full`, `winners` or `none`).
    All but `shown` and `evidence_kept` are null when it is quarantined; `shown` is the title, or the reason of a
    quarantine. `quotes_md5` stands for the quotes of the text (`store.parts.rows.quotes_digests`), null without any,
    `mentions_md5` for who and what it names.
    """
    if not path.exists():
        columns = ("capture_id", "revision_id", "text_sha256", "quotes_md5", "mentions_md5", "shown", "evidence_kept")
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return connection.frame(
            "with said as (select revision_id, md5(string_agg(concat_ws('|', paragraph, start_char, end_char, kind, "
            "speaker_paragraph, speaker_start_char, speaker_end_char, speaker_name, rule), ';' order by position)) "
            "as quotes_md5 from main.quotes group by revision_id), "
            "named as (select revision_id, md5(string_agg(concat_ws('|', entity_id, kind, field, paragraph, "
            "start_char, end_char, role, rule), ';' order by position)) as mentions_md5 "
            "from main.mentions where field in ('title', 'body') group by revision_id) "
            "select c.capture_id::varchar as capture_id, c.revision_id::varchar as revision_id, "
            "r.text_sha256, s.quotes_md5, n.mentions_md5, coalesce(r.title, q.reason) as shown, "
            "coalesce(c.evidence_kept, 'full') as evidence_kept "
            "from audit.captures as c left join main.revisions as r using (revision_id) "
            "left join said as s using (revision_id) left join named as n using (revision_id) "
            "left join audit.quarantine as q on q.capture_id = c.capture_id and q.resolved_at is null "
            "order by c.capture_id"
        )


def captures_to_reprocess(
    path: Path,
    source: str | None = None,
    since: datetime | None = None,
    *,
    outcomes: Collection[str] = ("loaded",),
    capture_ids: Collection[str] | None = None,
    reasons: Collection[str] | None = None,
    lock_timeout_s: float = 30,
) -> list[Capture]:
    """Read captures back from the warehouse, with where their bytes lie, so that they can be extracted again.

    Args:
        path: The warehouse.
        source: Only those of one source.
        since: Only those last seen at or after this moment (UTC).
        outcomes: `loaded`, `quarantined`, `held`: where they ended.
        capture_ids: Only these.
        reasons: Only those whose open quarantine row has one of these reasons.
        lock_timeout_s: Seconds to wait for a writer.
    """
    if not path.exists():
        return []
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return read_captures(connection, source, since, outcomes=outcomes, capture_ids=capture_ids, reasons=reasons)


def read_captures(
    connection: Connection,
    source: str | None = None,
    since: datetime | None = None,
    *,
    outcomes: Collection[str] = ("loaded",),
    capture_ids: Collection[str] | None = None,
    reasons: Collection[str] | None = None,
) -> list[Capture]:
    """Read captures back from a warehouse that is open; see `captures_to_reprocess`."""
    columns = ", ".join(f'c."{name}"' for name in SCHEMAS["captures"] if name != "capture_id")
    sql = (
        f"select c.capture_id::varchar as capture_id, {columns} from audit.captures as c "  # noqa: S608 our own names
        "where c.outcome::varchar in (select unnest($1::varchar[])) and ($2 is null or c.source = $2) "
        "and ($3 is null or c.captured_at >= $3) "
        "and ($4 is null or c.capture_id::varchar in (select unnest($4::varchar[]))) "
        "and ($5 is null or exists (from audit.quarantine as q where q.capture_id = c.capture_id "
        "and q.resolved_at is null and q.reason in (select unnest($5::varchar[])))) "
        "order by c.source, c.uri, c.capture_id"
    )
    chosen = None if capture_ids is None else list(capture_ids)
    values = [list(outcomes), source, since, chosen, None if reasons is None else list(reasons)]
    return captures_of(connection.frame(sql, values))


def known_lines(
    path: Path,
    *,
    lock_timeout_s: float = 30,
    counted: Path | None = None,
    least: int = 0,
    site: str | None = None,
) -> pl.DataFrame:
    """Return boilerplate counts: site, line_key, pages, verdict; the row without a line key has the site's pages.

    Args:
        path: The warehouse.
        lock_timeout_s: Seconds to wait for a writer.
        counted: Folder with a run's own counts. Lines that stand on fewer than `least` pages and are not among them can
            be no evidence in that run, and are left out: most lines of a site stand on one page.
        least: See `counted`.
        site: Only lines of this site; None: of all.
    """
    if not path.exists():
        return pl.DataFrame(schema={"site": pl.String, "line_key": pl.Int64, "pages": pl.Int64, "verdict": pl.String})
    files = sorted(str(file) for file in counted.glob("*.parquet")) if counted else []
    again = " or line_key in (select line_key from read_parquet($3))" if files else ""
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return connection.frame(
            "select site, line_key, pages, verdict from audit.boilerplate "  # noqa: S608 our own words
            f"where (pages >= $1 or verdict is not null{again}) and ($2 is null or site = $2) "
            "union all select site, null, pages, null from audit.site_pages where ($2 is null or site = $2)",
            [least, site, files] if files else [least, site],
        )


def counted_elsewhere(path: Path, parts: Sequence[Path], *, lock_timeout_s: float = 30) -> dict[str, list[int]]:
    """Return part -> places of the captures whose lines an earlier run has counted, or another place of these parts.

    Args:
        path: The warehouse.
        parts: Acquire parts of a run.
        lock_timeout_s: Seconds to wait for a writer.
    """
    states = captures_to_count(parts, warehouse=path.exists())
    if states is None:
        return {}
    asked = f"select part, list(row) from ({states}) where counted_before or repeated and not unread group by part"  # noqa: S608 ours
    if not path.exists():
        with connect() as memory:
            return dict(memory.execute(asked).fetchall())
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return dict(connection.rows(asked))


def lines_pending(path: Path, *, lock_timeout_s: float = 30) -> frozenset[str]:
    """Return the captures whose bytes could not be read when their lines were to be counted."""
    if not path.exists():
        return frozenset()
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        rows = connection.rows("select capture_id::varchar from audit.captures where lines_pending")
    return frozenset(capture_id for (capture_id,) in rows)
