"""State of a desk at one moment: its sources, the scheduler, held batches, unfinished runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from copydesk.errors import WarehouseBusyError
from copydesk.health import Standing
from copydesk.records import AD_HOC
from copydesk.runs.held import HeldBatch, held_batches
from copydesk.runs.pending import PendingRun, pending_runs
from copydesk.service.freshness import silence
from copydesk.service.notifications import last_notified
from copydesk.service.source_view import read_open, reasons_of_holds, source_standing
from copydesk.service.state import Service, calendar_of, is_paused, is_starting, running_service
from copydesk.settings import DeskFolder, Source
from copydesk.store.curate.incidents import Incident
from copydesk.store.read.source_status import SourceStatus, source_statuses

__all__ = ["DeskStatus", "SourceLine", "read_status"]

_TIMES = ("next_run", "last_run", "news_at")
_BROKEN = ("failed", "quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source.

    Attributes:
        source: Its name.
        schedule: Its schedule; "disabled" or "paused" where it has stopped, "" without one.
        next_run: When the scheduler runs it next (UTC).
        run_id, last_run: Its last run, and when that began (UTC).
        result: How that ended.
        loaded, quarantined, held: Captures of that run.
        news_at: When something new came last (UTC).
        silent: `warn` or `error` where that is longer ago than it may be.
        health: Its state.
        missing: Pages announced in the last 28 days that no run has taken.
    """

    source: str
    schedule: str
    next_run: datetime | None
    run_id: str | None
    last_run: datetime | None
    result: str
    loaded: int
    quarantined: int
    held: int
    news_at: datetime | None
    silent: str
    health: Standing
    missing: int = 0

    @property
    def alarm(self) -> bool:
        """Whether somebody should look at it; not for paths of one day, which nobody runs again."""
        return self.source != AD_HOC and (self.result in _BROKEN or self.health.alarm)

    def as_dict(self) -> dict[str, Any]:
        """Return its fields and those of its health, times in ISO 8601."""
        values = {k: v.astimezone(UTC).isoformat() if v and k in _TIMES else v for k, v in asdict(self).items()}
        return values | self.health.as_dict() | {"health": self.health.state}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStatus:
    """State of a desk.

    Attributes:
        sources: In the order of their declaration; then `paths`, for files and folders named to `copydesk run`.
        scheduler: The scheduler that runs; None without one.
        busy: Why the warehouse could not be asked, so that figures are missing; "" when it could.
        held: Batches that wait for a decision.
        unfinished: Runs that were interrupted or are damaged.
        incidents: Open incidents, the latest first.
        starting: Whether a scheduler has been started that is not ready yet.
    """

    sources: tuple[SourceLine, ...]
    scheduler: Service | None
    busy: str
    held: tuple[HeldBatch, ...]
    unfinished: tuple[PendingRun, ...]
    incidents: tuple[Incident, ...] = ()
    starting: bool = False

    @property
    def alarm(self) -> bool:
        """Whether a source is failing, held or silent, or its last run broke."""
        return any(line.alarm for line in self.sources)


def read_status(desk: DeskFolder, *, lock_timeout_s: float = 10) -> DeskStatus:
    """Return the state of a desk; a load that takes longer than `lock_timeout_s` seconds leaves figures out.

    Raises:
        WarehouseVersionError: The warehouse is damaged, foreign or newer.
    """
    known, busy = _known(desk, lock_timeout_s)
    unfinished = [run for run in pending_runs(desk, verify=True) if run.state in ("interrupted", "damaged")]
    return DeskStatus(
        sources=_lines(desk, known),
        scheduler=running_service(desk),
        busy=busy,
        held=tuple(held_batches(desk)),
        unfinished=tuple(unfinished),
        incidents=() if busy else tuple(read_open(desk, lock_timeout_s=lock_timeout_s)),
        starting=is_starting(desk),
    )


def _known(desk: DeskFolder, lock_timeout_s: float) -> tuple[dict[str, SourceStatus], str]:
    """Return what the warehouse knows, and why it could not be asked: a long load must not hide the schedule."""
    try:
        return source_statuses(desk.warehouse, lock_timeout_s=lock_timeout_s), ""
    except WarehouseBusyError as error:
        return {}, str(error)


def _lines(desk: DeskFolder, known: Mapping[str, SourceStatus]) -> tuple[SourceLine, ...]:
    now = datetime.now(UTC)
    notified, held = last_notified(desk), reasons_of_holds(desk)
    return tuple(
        _line(desk, source, known.get(source.name), notified.get(source.name, {}), held, now)
        for source in (*desk.settings.source, *_ad_hoc(desk, known))
    )


def _ad_hoc(desk: DeskFolder, known: Mapping[str, SourceStatus]) -> tuple[Source, ...]:
    """Return what files and folders given to `copydesk run PATH` count as, once there were any."""
    declared = {source.name for source in desk.settings.source}
    return (Source(name=AD_HOC, kind="files", paths=(".",)),) if AD_HOC in known and AD_HOC not in declared else ()


def _line(
    desk: DeskFolder,
    source: Source,
    known: SourceStatus | None,
    notified: Mapping[str, Any],
    held: Mapping[str, str],
    now: datetime,
) -> SourceLine:
    calendar = calendar_of(source)
    stopped = "disabled" if not source.enabled else "paused" if is_paused(desk, source.name) else ""
    after = calendar.next(now - calendar.delay) if calendar and not stopped else None
    broken = [trouble for trouble in _BROKEN if trouble in notified]
    stands = known or SourceStatus(
        source="", run_id=None, started_at=None, status=None, loaded=0, held=0, quarantined=0, news_at=None
    )
    return SourceLine(
        source=source.name,
        schedule=stopped or source.schedule or "",
        next_run=after + calendar.delay if after and calendar else None,
        run_id=stands.run_id,
        last_run=stands.started_at,
        result=broken[0] if broken else stands.status or "",
        loaded=stands.loaded,
        quarantined=stands.quarantined,
        held=stands.held,
        news_at=stands.news_at,
        silent=silence(source, stands.news_at, now, days=stands.days),
        health=source_standing(desk, source, known, held, now=now),
        missing=stands.missing,
    )
