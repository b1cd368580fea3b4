"""Troubles with a life, in `ops.troubles`, and times that are no yardstick, in `ops.marked_times`.

    a run sees a trouble --record_troubles--> opened, seen again, closed by a run that does not see it any more
    a person             --acknowledge, mute, mark_time--> noted, no notifications, left out of history

A trouble that comes back after it was closed is a new row. Muting holds for the source's trouble, whatever its row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from copydesk.errors import UsageError
from copydesk.store.curate.decisions import record_decision, who_decides
from copydesk.store.warehouse.connection import Connection

__all__ = [
    "Incident",
    "MarkedTime",
    "Seen",
    "acknowledge",
    "mark_time",
    "marked_times",
    "mute",
    "muted",
    "read_incidents",
    "record_troubles",
    "unmark_time",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A trouble as a run sees it.

    Attributes:
        source: The source.
        trouble: `failing`, `held`, `silent`, `failed`, `quarantined` or the id of a batch rule.
        severity: `hold`, `error`, `warn` or `info`.
        detail: What was measured, in words.
        owner: Who looks after the rule.
        dimension: What suffers.
        tags: Tags of the rule.
    """

    source: str
    trouble: str
    severity: str
    detail: str
    owner: str = ""
    dimension: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One row of `ops.troubles`; times are UTC, the columns' comments say what each is."""

    number: int
    source: str
    trouble: str
    severity: str
    owner: str | None
    dimension: str | None
    tags: tuple[str, ...]
    detail: str | None
    opened_at: datetime
    opened_run: str | None
    seen_at: datetime
    seen_run: str | None
    observations: int
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None
    muted_until: datetime | None
    closed_at: datetime | None
    closed_run: str | None

    @property
    def state(self) -> str:
        """`closed`, `acknowledged` or `open`."""
        return "closed" if self.closed_at else "acknowledged" if self.acknowledged_at else "open"

    def is_muted(self, now: datetime) -> bool:
        """Return whether no notification is sent of it."""
        return self.muted_until is not None and self.muted_until > now

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, times in ISO 8601."""
        return {"state": self.state} | {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedTime:
    """One row of `ops.marked_times`; `source` is None for all sources. Times are UTC, the end is not included."""

    number: int
    source: str | None
    starts_at: datetime
    ends_at: datetime
    because: str | None
    marked_at: datetime
    marked_by: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, times in ISO 8601."""
        return {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


_COLUMNS = tuple(f.name for f in fields(Incident))
_MARKS = tuple(f.name for f in fields(MarkedTime))


def record_troubles(
    connection: Connection,
    seen: Iterable[Seen],
    judged: Collection[tuple[str, str]],
    *,
    run_id: str | None,
    now: datetime,
) -> None:
    """Open the troubles that are new, count those seen again, close those that were judged and are over.

    Recording a run again leaves the same rows.

    Args:
        connection: In a transaction.
        seen: What a run saw, one per source and trouble.
        judged: (source, trouble) that the run could see; trouble "" stands for every batch rule of the source.
        run_id: The run; None when no run saw it.
        now: When (UTC).
    """
    found = {(one.source, one.trouble): one for one in seen}
    standing = {(one.source, one.trouble): one for one in read_incidents(connection)}
    for place, one in sorted(found.items()):
        if place in standing:
            _see_again(connection, standing[place], one, run_id, now)
        else:
            _open(connection, one, run_id, now)
    rules = {source for source, trouble in judged if not trouble}
    for (source, trouble), incident in standing.items():
        by_rule = source in rules and trouble not in _BY_STATE
        if (source, trouble) not in found and (by_rule or (source, trouble) in judged):
            connection.execute(
                "update ops.troubles set closed_at = $1, closed_run = $2 where number = $3",
                [now, run_id, incident.number],
            )


_BY_STATE = frozenset({"failing", "held", "silent", "failed", "quarantined"})
"""Troubles that are no rules."""


def _open(connection: Connection, one: Seen, run_id: str | None, now: datetime) -> None:
    connection.execute(
        "insert into ops.troubles by name select (select coalesce(max(number), 0) + 1 from ops.troubles) as number, "
        "$1 as source, $2 as trouble, $3 as severity, nullif($4, '') as owner, nullif($5, '') as dimension, "
        "$6::varchar[] as tags, $7 as detail, $8 as opened_at, $9 as opened_run, $8 as seen_at, $9 as seen_run, "
        "1 as observations",
        [one.source, one.trouble, one.severity, one.owner, one.dimension, list(one.tags), one.detail, now, run_id],
    )


def _see_again(connection: Connection, incident: Incident, one: Seen, run_id: str | None, now: datetime) -> None:
    again = run_id is not None and incident.seen_run == run_id
    connection.execute(
        "update ops.troubles set detail = $1, severity = $2, seen_at = $3, seen_run = $4, "
        "observations = observations + $5, owner = nullif($6, ''), dimension = nullif($7, ''), tags = $8::varchar[] "
        "where number = $9",
        [one.detail, one.severity, incident.seen_at if again else now, run_id, int(not again), one.owner,
         one.dimension, list(one.tags), incident.number],
    )  # fmt: skip


def read_incidents(
    connection: Connection,
    *,
    number: int | None = None,
    source: str | None = None,
    closed_since: datetime | None = None,
) -> list[Incident]:
    """Return the incidents that are open, the latest first.

    Args:
        connection: The warehouse.
        number: Only this one, open or closed.
        source: Only of this source.
        closed_since: Also those that were closed since (UTC).
    """
    rows = connection.rows(
        f"select {', '.join(_COLUMNS)} from ops.troubles "  # noqa: S608 our own names
        "where case when $1::bigint is null then closed_at is null or closed_at >= $3::timestamptz "
        "else number = $1::bigint end and ($2::varchar is null or source = $2::varchar) order by number desc",
        [number, source, closed_since],
    )
    return [Incident(**{**dict(zip(_COLUMNS, row, strict=True)), "tags": tuple(row[6] or ())}) for row in rows]


def _one(connection: Connection, number: int) -> Incident:
    found = read_incidents(connection, number=number)
    if not found:
        raise UsageError(f"there is no incident {number}. `copydesk incidents --all` lists them.")
    return found[0]


def acknowledge(connection: Connection, number: int, note: str = "", *, by: str | None = None) -> Incident:
    """Note that somebody looks after an incident; again replaces the note. Return it as it stands.

    Raises:
        UsageError: There is no such incident.
    """
    incident = _one(connection, number)
    connection.execute(
        "update ops.troubles set acknowledged_at = $1, acknowledged_by = $2, note = nullif($3, '') where number = $4",
        [datetime.now(UTC), by or who_decides(), note, number],
    )
    _record(connection, "acknowledge", incident, note, by)
    return _one(connection, number)


def mute(
    connection: Connection, number: int, until: datetime | None, because: str = "", *, by: str | None = None
) -> Incident:
    """Send no notification of a source's trouble before a moment, also when it ends and comes back; None unmutes it.

    Raises:
        UsageError: There is no such incident.
    """
    incident = _one(connection, number)
    connection.execute(
        "update ops.troubles set muted_until = $1 where source = $2 and trouble = $3",
        [until, incident.source, incident.trouble],
    )
    _record(connection, "mute" if until else "unmute", incident, because, by)
    return _one(connection, number)


def _record(connection: Connection, decision: str, incident: Incident, because: str, by: str | None) -> None:
    subject = f"incident {incident.number}"
    record_decision(
        connection, decision, subject, source=incident.source, detail=incident.trouble, because=because, by=by
    )


def muted(connection: Connection, now: datetime) -> set[tuple[str, str]]:
    """Return (source, trouble) of which no notification is sent."""
    rows = connection.rows("select distinct source, trouble from ops.troubles where muted_until > $1", [now])
    return {(source, trouble) for source, trouble in rows}


def marked_times(connection: Connection) -> list[MarkedTime]:
    """Return the marked times, the latest first."""
    rows = connection.rows(
        f"select {', '.join(_MARKS)} from ops.marked_times order by starts_at desc, number desc"  # noqa: S608 our own
    )
    return [MarkedTime(**dict(zip(_MARKS, row, strict=True))) for row in rows]


def mark_time(
    connection: Connection,
    starts_at: datetime,
    ends_at: datetime,
    *,
    source: str | None = None,
    because: str = "",
    by: str | None = None,
) -> MarkedTime:
    """Leave the runs of a time out of history, and do not judge their volume; return what was marked.

    Raises:
        UsageError: It ends before it begins.
    """
    if ends_at <= starts_at:
        raise UsageError(f"a time that ends at {ends_at:%Y-%m-%d %H:%M} cannot begin at {starts_at:%Y-%m-%d %H:%M}.")
    who = by or who_decides()
    number = connection.value("select coalesce(max(number), 0) + 1 from ops.marked_times")
    connection.execute(
        "insert into ops.marked_times values ($7, $1, $2, $3, nullif($4, ''), $5, $6)",
        [source, starts_at, ends_at, because, datetime.now(UTC), who, number],
    )
    detail = f"{starts_at.astimezone(UTC):%Y-%m-%d %H:%M} to {ends_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    record_decision(
        connection, "mark_time", f"marked time {number}", source=source, detail=detail, because=because, by=by
    )
    return next(one for one in marked_times(connection) if one.number == number)


def unmark_time(connection: Connection, number: int, *, because: str = "", by: str | None = None) -> None:
    """Take a marked time back.

    Raises:
        UsageError: There is none of that number.
    """
    rows = connection.rows("select source from ops.marked_times where number = $1", [number])
    connection.execute("delete from ops.marked_times where number = $1", [number])
    if not rows:
        raise UsageError(f"there is no marked time {number}. `copydesk incidents marks` lists them.")
    record_decision(connection, "unmark_time", f"marked time {number}", source=rows[0][0], because=because, by=by)
