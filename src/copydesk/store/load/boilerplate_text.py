"""Text for boilerplate lines: they are counted by key only; people read a text, a label and example captures."""

from __future__ import annotations

from pathlib import Path

from copydesk.store.warehouse.connection import Connection

__all__ = ["name_boilerplate"]

_SQL = Path(__file__).parent / "sql"

_MIN_PAGES = 3


def name_boilerplate(connection: Connection) -> None:
    """Set text, label and example captures of lines that recur and have none yet, from the blocks this load cut.

    Needs the load's temporary table `new_articles` and its view `in_cut_blocks`. A line that was never cut keeps a null
    text.
    """
    connection.execute(
        "create or replace temp table unnamed_lines as select site, line_key from audit.boilerplate "
        "where pages >= $1 and text is null",
        [_MIN_PAGES],
    )
    if connection.value("select count(*) from unnamed_lines"):
        connection.script(_SQL / "86_boilerplate_text.sql")
