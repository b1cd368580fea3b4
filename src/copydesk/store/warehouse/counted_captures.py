"""Which captures of some parts have lines to count: each capture counts once, whichever parts and runs bring it.

    capture                                     its lines
    in no warehouse and no part before          count
    counted by an earlier load                  do not count again
    in two parts, or twice in one               count once
    its bytes could not be read when counted    wait (`audit.captures.lines_pending`) for the run that reads them

A page is taken again when its bytes could not be read, or when a file gets its former content back; several desks may
load the same page into one lake.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from copydesk.store.parts.part_files import line_counts_of
from copydesk.store.warehouse.engine import file_literal

__all__ = ["captures_to_count"]

_CAPTURES = """
with named as (
    select capture_id, parse_path(filename)[-2] as part, file_row_number as row
    from read_parquet([{captures}], filename = true, file_row_number = true)
),
unread as (
    select parse_filename(filename, true) as part, unnest(captures) as row
    from (
        select null::varchar as site, null::uinteger[] as captures, null::varchar as filename where false
        union all by name from read_parquet([{counts}], union_by_name = true, filename = true)
    )
    where site is null
),
known as ({known})
"""
_KNOWN = """
    select capture_id::varchar as capture_id, coalesce(lines_pending, false) as pending
    from audit.captures where capture_id in (select capture_id::uuid from named)
"""
_NONE_KNOWN = "select null::varchar as capture_id, null::boolean as pending where false"
_STATES = """
select n.capture_id, n.part, n.row, u.row is not null as unread,
    k.capture_id is not null and not k.pending as counted_before, coalesce(k.pending, false) as pending,
    row_number() over (partition by n.capture_id order by u.row is not null, n.part, n.row) > 1 as repeated
from named as n left join unread as u using (part, row) left join known as k using (capture_id)
"""


def captures_to_count(parts: Sequence[Path], *, warehouse: bool = True) -> str | None:
    """Return a query for the captures of some parts: one row per row of their tables; None where there are none.

    Columns: capture_id, part, row (from 0), unread (its bytes could not be read when the part was counted),
    counted_before (by an earlier load), pending (the warehouse waits for its lines), repeated (another row of these
    parts counts for the capture). What counts is neither unread, counted_before nor repeated.

    Args:
        parts: Acquire parts; those whose lines are not counted have no part in it.
        warehouse: Whether the query is asked of a warehouse; it may be one of a database in memory.
    """
    there = [(part / "captures.parquet", file) for part in parts if (file := line_counts_of(part)).exists()]
    if not there:
        return None
    captures, files = (", ".join(map(file_literal, some)) for some in zip(*there, strict=True))
    known = _KNOWN if warehouse else _NONE_KNOWN
    return _CAPTURES.format(captures=captures, counts=files, known=known) + _STATES
