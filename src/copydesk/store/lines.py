"""Words for the site memory: a line that recurs is counted by its key; people read its text, its label, an example."""

from __future__ import annotations

import polars as pl

from copydesk.keys import line_key
from copydesk.store.warehouse import Connection

__all__ = ["name_lines"]

_LEAST_PAGES = 3
_LONGEST = 300


def name_lines(connection: Connection) -> int:
    """Give text, label and examples to lines that recur and have none, from what this load cut; return how many.

    Needs a load's temporary table `new_articles` and its view `in_cut_blocks`. A line that is never cut
    stays without words.
    """
    connection.execute(
        "create or replace temp table nameless as select site, line_key from audit.site_memory "
        "where pages >= $1 and text is null",
        [_LEAST_PAGES],
    )
    if not connection.value("select count(*) from nameless"):
        return 0
    cut = connection.frame(
        "select n.publisher as site, trim(b.text) as text, mode(b.label::audit.block_label)::varchar as label, "
        "list(distinct b.capture_id order by b.capture_id)[:3] as samples "
        "from in_cut_blocks as b join new_articles as n on n.part = b.part and n.capture_id = b.capture_id::uuid "
        "where n.publisher in (select site from nameless) and length(b.text) <= $1 "
        "group by n.publisher, trim(b.text) order by n.publisher, trim(b.text)",
        [_LONGEST],
    )
    keys = pl.Series("line_key", [line_key(text) for text in cut["text"]], dtype=pl.Int64)
    named = cut.with_columns(keys).unique(["site", "line_key"], keep="first", maintain_order=True)
    connection.raw.register("named_lines", named.to_arrow())
    try:
        connection.execute(
            "update audit.site_memory as m set text = n.text, label = n.label::audit.block_label, "
            "sample_capture_ids = n.samples::uuid[] from named_lines as n "
            "where m.site = n.site and m.line_key = n.line_key and m.text is null"
        )
    finally:
        connection.raw.unregister("named_lines")
    return named.height
