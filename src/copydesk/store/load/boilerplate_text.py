"""Words for the site memory: a line that recurs is counted by its key; people read its text, its label, an example."""

from __future__ import annotations

from pathlib import Path

from copydesk.store.warehouse.connection import Connection

__all__ = ["name_boilerplate"]

_SQL = Path(__file__).parent / "sql"

_LEAST_PAGES = 3


def name_boilerplate(connection: Connection) -> None:
    """Give text, label and examples to lines that recur and have none, from what this load cut.

    Needs a load's temporary table `new_articles` and its view `in_cut_blocks`. A line that is never cut
    stays without words.
    """
    connection.execute(
        "create or replace temp table nameless as select site, line_key from audit.site_memory "
        "where pages >= $1 and text is null",
        [_LEAST_PAGES],
    )
    if connection.value("select count(*) from nameless"):
        connection.script(_SQL / "86_names_of_lines.sql")
