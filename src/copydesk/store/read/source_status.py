"""Source status from the warehouse: last run, loaded, held and quarantined captures, last new article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from copydesk.health import SourceHealth
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.health_rows import health_rows

__all__ = ["SourceStatus", "read_statuses", "source_statuses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source.

    Attributes:
        run_id: Its last run; None when it never ran.
        started_at: When that began (UTC).
        status: `finished`, `failed`, `interrupted` or `running`.
        loaded: Captures whose articles are loaded, in all.
        held: Captures that wait with their batch.
        quarantined: Inputs in open quarantine.
        news_at: When it last brought something new that was loaded (UTC).
        days: New captures on each of the last 28 days, oldest first, without today.
        health: How its last run found it; None when none has judged it.
        missing: Pages announced in the last 28 days that no run has taken.
    """

    source: str
    run_id: str | None
    started_at: datetime | None
    status: str | None
    loaded: int
    held: int
    quarantined: int
    news_at: datetime | None
    days: tuple[int, ...] = ()
    health: SourceHealth | None = None
    missing: int = 0


_SQL = """
with asked as (
    select unnest(sources) as source, run_id, started_at, status::varchar as status from ops.runs
),
last_run as (
    select * from asked qualify row_number() over (partition by source order by started_at desc, run_id desc) = 1
),
brought as (
    select c.source, count(*) filter (c.outcome = 'loaded') as loaded, count(*) filter (c.outcome = 'held') as held,
        max(coalesce(r.finished_at, r.started_at)) filter (c.outcome = 'loaded') as news_at
    from audit.captures as c left join ops.runs as r using (run_id)
    group by c.source
),
stopped as (
    select source, count(*) as quarantined from audit.quarantine where resolved_at is null group by source
),
per_day as (
    select c.source, r.started_at::date as day, count(*) as captures
    from audit.captures as c join ops.runs as r using (run_id)
    group by all
),
history as (
    select s.source, list(coalesce(p.captures, 0) order by d.day) as days
    from (select distinct source from audit.captures) as s
    cross join (select unnest(range(current_date - 28, current_date, interval 1 day))::date as day) as d
    left join per_day as p on p.source = s.source and p.day = d.day
    group by s.source
),
missed as (
    select source, sum(failed + never_asked)::bigint as missing from main.coverage where day >= current_date - 28
    group by source
),
names as (
    select source from last_run union select source from brought union select source from stopped
    union select source from ops.source_health
)
select n.source, l.run_id, l.started_at, l.status, coalesce(b.loaded, 0), coalesce(b.held, 0),
    coalesce(s.quarantined, 0), b.news_at, h.days, coalesce(m.missing, 0)
from names as n
left join last_run as l using (source)
left join brought as b using (source)
left join stopped as s using (source)
left join history as h using (source)
left join missed as m using (source)
order by n.source
"""


def source_statuses(path: Path, *, lock_timeout_s: float = 5) -> dict[str, SourceStatus]:
    """Return source -> its status; empty without a warehouse.

    Raises:
        WarehouseBusyError: A load holds the file for longer than `lock_timeout_s` seconds.
        WarehouseVersionError: It is not a warehouse that this code can read.
    """
    if not path.exists():
        return {}
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return read_statuses(connection)


def read_statuses(connection: Connection) -> dict[str, SourceStatus]:
    """Return source -> its status, from a warehouse that is open."""
    rows = connection.rows(_SQL)
    health = health_rows(connection)
    return {
        row[0]: SourceStatus(
            source=row[0],
            run_id=row[1],
            started_at=row[2],
            status=row[3],
            loaded=row[4],
            held=row[5],
            quarantined=row[6],
            news_at=row[7],
            days=tuple(row[8] or ()),
            health=health.get(row[0]),
            missing=row[9],
        )
        for row in rows
    }
