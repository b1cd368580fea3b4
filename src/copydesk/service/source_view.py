"""State of every declared source: its health, with holds, pauses and silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from copydesk.errors import StoreError
from copydesk.health import SourceHealth, Standing, describe, standing
from copydesk.runs.held import held_batches
from copydesk.runs.outcome import RunOutcome
from copydesk.runs.summary import RunSummary
from copydesk.service.freshness import hours_since, silence
from copydesk.service.notifications import last_notified, notify
from copydesk.service.notifiers import Message
from copydesk.service.state import is_paused
from copydesk.settings import DeskFolder, Source
from copydesk.store.curate.incidents import Incident, Seen, read_incidents, record_troubles
from copydesk.store.read.source_status import SourceStatus, source_statuses
from copydesk.store.warehouse.connection import Warehouse

__all__ = [
    "notify_outcome",
    "notify_run",
    "read_open",
    "reasons_of_holds",
    "source_standing",
    "source_standings",
    "troubles_of",
]


def source_standings(desk: DeskFolder, *, lock_timeout_s: float = 10) -> list[Standing]:
    """Return the state of each source of the desk, in the order of their declaration.

    Raises:
        WarehouseBusyError: A load holds the warehouse for longer than `lock_timeout_s` seconds.
        WarehouseVersionError: It is not a warehouse that this code can read.
    """
    known = source_statuses(desk.warehouse, lock_timeout_s=lock_timeout_s)
    held, now = reasons_of_holds(desk), datetime.now(UTC)
    return [source_standing(desk, source, known.get(source.name), held, now=now) for source in desk.settings.source]


def source_standing(
    desk: DeskFolder,
    source: Source,
    known: SourceStatus | None,
    held: Mapping[str, str] | None = None,
    *,
    now: datetime | None = None,
) -> Standing:
    """Return the state of one source.

    Args:
        desk: The desk.
        source: One of its sources.
        known: Its status in the warehouse.
        held: Source -> why its batch is held; read from the desk when left out.
        now: When (UTC).
    """
    now = now or datetime.now(UTC)
    paused = "enabled = false" if not source.enabled else "paused by hand" if is_paused(desk, source.name) else ""
    held = reasons_of_holds(desk) if held is None else held
    level = silence(source, known.news_at, now, days=known.days) if known is not None else ""
    silent = f"nothing new for {hours_since(known.news_at, now):.0f} h" if known is not None and level else ""
    return standing(
        source.name,
        known.health if known is not None else None,
        ran=known is not None and known.run_id is not None,
        held=held.get(source.name, ""),
        paused=paused,
        silent=silent,
        silent_alarm=level == "error",
    )


def notify_run(
    desk: DeskFolder,
    name: str,
    troubles: Mapping[str, str | None],
    health: Iterable[SourceHealth] = (),
    *,
    run: str = "",
) -> list[Message]:
    """Send notifications of what a run changed in the troubles of its sources.

    Args:
        desk: The desk.
        name: The source or flow that ran.
        troubles: Troubles of the run as a whole, as for `notify`.
        health: Health of its sources after the run.
        run: The run's id.
    """
    of_source: dict[str, dict[str, str | None]] = {name: dict(troubles)}
    for one in health:
        of_source.setdefault(one.source, {})["failing"] = describe(one) if one.state == "failing" else None
    held = reasons_of_holds(desk)
    declared = [s.name for s in desk.settings.source if s.name in of_source]
    incidents = _open_incidents(desk) if declared else {}
    before = last_notified(desk) if declared else {}
    for source in declared:
        of_source[source]["held"] = held.get(source)
        known = {t for t in before.get(source, {}) if t not in _STATES}
        owned = {t: one.detail for t, one in incidents.get(source, {}).items() if one.owner and t not in _STATES}
        of_source[source] |= {**dict.fromkeys(sorted(known)), **owned}
    _record_others(desk, {s: found for s, found in of_source.items() if s in declared}, before, run)
    return [
        message
        for source, found in of_source.items()
        for message in notify(desk, source, found, run=run, seen=incidents.get(source))
    ]


_STATES = frozenset({"failing", "held", "silent", "failed", "quarantined"})
_OF_THE_SERVICE = frozenset({"silent", "failed", "quarantined"})
"""Troubles that no load records: here they become incidents."""


def _open_incidents(desk: DeskFolder) -> dict[str, dict[str, Seen]]:
    """Return source -> trouble -> what its open incident says; nothing when the warehouse cannot be asked."""
    found: dict[str, dict[str, Seen]] = {}
    with suppress(StoreError):
        for one in read_open(desk):
            found.setdefault(one.source, {})[one.trouble] = Seen(
                source=one.source,
                trouble=one.trouble,
                severity=one.severity,
                detail=one.detail or "",
                owner=one.owner or "",
                dimension=one.dimension or "",
                tags=one.tags,
            )
    return found


def read_open(desk: DeskFolder, *, lock_timeout_s: float = 10) -> list[Incident]:
    """Return the open incidents of a desk; none before its first run.

    Raises:
        StoreError: The warehouse is held or cannot be read.
    """
    if not desk.warehouse.exists():
        return []
    with Warehouse(desk.warehouse, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return read_incidents(connection)


def _record_others(
    desk: DeskFolder, of_source: Mapping[str, Mapping[str, str | None]], before: Mapping[str, object], run: str
) -> None:
    """Open and close the incidents of what the service sees; a warehouse that is held is left alone."""
    seen, judged = [], set()
    for source, troubles in of_source.items():
        known = before.get(source) or {}
        for trouble in sorted(_OF_THE_SERVICE & troubles.keys()):
            detail = troubles[trouble]
            if (detail is None) != (trouble in known):  # type: ignore[operator]
                continue
            judged.add((source, trouble))
            if detail is not None:
                dimension = "completeness" if trouble == "quarantined" else "timeliness"
                seen.append(Seen(source=source, trouble=trouble, severity="error", detail=detail, dimension=dimension))
    if judged and desk.warehouse.exists():
        with (
            suppress(StoreError),
            Warehouse(desk.warehouse, lock_timeout_s=1).open_for_writing() as connection,
            connection.transaction(),
        ):
            record_troubles(connection, seen, judged, run_id=run or None, now=datetime.now(UTC))


def notify_outcome(
    desk: DeskFolder, targets: Sequence[str], outcome: RunOutcome, summary: RunSummary | None
) -> list[Message]:
    """Send notifications of a run that a person started, as those of a scheduled run.

    Args:
        desk: The desk.
        targets: What was asked for; the troubles of a run of one source are those of that source, others of `run`.
        outcome: How the run ended.
        summary: Its summary; None where it broke.
    """
    names = {source.name for source in desk.settings.source}
    name = targets[0] if len(targets) == 1 and targets[0] in names else "run"
    health = summary.health if summary else ()
    return notify_run(desk, name, troubles_of(outcome, summary), health, run=summary.run_id if summary else "")


def troubles_of(outcome: RunOutcome, summary: RunSummary | None) -> dict[str, str | None]:
    """Return the troubles of a run as a whole: trouble -> its cause, None if it is over."""
    troubles: dict[str, str | None] = {"failed": outcome.line if outcome.name == "failed" else None}
    if outcome.name == "quarantined":
        troubles["quarantined"] = outcome.line
    elif summary and summary.count("check", "accepted") + summary.count("check", "quarantined"):
        troubles["quarantined"] = None
    return troubles


def reasons_of_holds(desk: DeskFolder) -> dict[str, str]:
    """Return source -> why its batch is held, of the oldest batch of each."""
    return {batch.source: f"run {batch.run_id}: {batch.detail}" for batch in reversed(held_batches(desk))}
