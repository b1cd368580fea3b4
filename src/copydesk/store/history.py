"""What the warehouse holds already, for stages that compare: last revisions, decisions, stored captures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from copydesk.store.warehouse import Warehouse

__all__ = ["article_history", "decisions"]


def article_history(path: Path, parts: Sequence[Path], *, wait_s: float = 30) -> pl.DataFrame | None:
    """Return article_id, revision_id, body_chars, text_sha256 of the current revisions of the parts' articles.

    None where there is no warehouse yet, or none of the articles is in it. Asked once a run: opening the file for every
    part would cost more than the check.
    """
    files = [str(p / "articles.parquet") for p in parts]
    if not path.exists() or not files:
        return None
    with Warehouse(path, wait_s=wait_s).open_for_reading() as connection:
        table = connection.frame(
            """
            select r.article_id::varchar as article_id, r.revision_id::varchar as revision_id, r.body_chars, r.text_sha256
            from main.articles as a
            join main.revisions as r on r.revision_id = a.current_revision_id
            where a.article_id in (select article_id::uuid from read_parquet($1))
            """,
            [files],
        )
    return None if table.is_empty() else table


def decisions(path: Path, *, wait_s: float = 30) -> pl.DataFrame:
    """Return one row per capture: where it ended, and what to show of it.

    Columns: capture_id, revision_id (null unless loaded), shown (the title, or the reason of the quarantine).
    """
    with Warehouse(path, wait_s=wait_s).open_for_reading() as connection:
        return connection.frame(
            """
            select c.capture_id::varchar as capture_id, c.revision_id::varchar as revision_id,
                coalesce(r.title, q.reason) as shown
            from audit.captures as c
            left join main.revisions as r on r.revision_id = c.revision_id
            left join audit.quarantine as q on q.capture_id = c.capture_id
            """
        )
