"""The scheduler: keeps Prefect's deployments in step with the desk's settings, and runs the dispatcher.

Changed settings apply without a restart; a change of host or port, which needs one, is logged.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError

from copydesk.errors import CopydeskError
from copydesk.logs import log
from copydesk.service.state import is_paused, pause, resume
from copydesk.settings import DeskFolder, find_desk_folder
from scheduler.deployments import Job, all_deployments, jobs_of, register, unregister, watch_for_dead_runs
from scheduler.dispatcher import Dispatcher

__all__ = ["Scheduler"]

_LOOK_S = 2.0
"""Seconds between two checks of copydesk.toml, the pauses and Prefect's own pauses."""
_SWEEP_S = 60.0
"""Seconds between two sweeps for runs without a process."""
_ERRORS = (httpx.HTTPError, PrefectHTTPStatusError)


@dataclass(slots=True)
class Scheduler:
    """One desk's scheduler: `start`, then `tick` every second, then `stop`.

    Attributes:
        desk: The desk, as last read.
        client: Prefect's API.
        dispatcher: Starts the runs.
    """

    desk: DeskFolder
    client: PrefectClient
    dispatcher: Dispatcher
    _ids: dict[str, UUID] = field(default_factory=dict)
    _seen: tuple[int, int] = (0, 0)
    _looked: float = 0.0
    _swept: float = 0.0
    _away: bool = False

    @classmethod
    def of(cls, desk: DeskFolder) -> Scheduler:
        """Return the scheduler of a desk."""
        client = get_client()
        return cls(desk, client, Dispatcher(client, desk))

    @property
    def count(self) -> int:
        """Number of sources it serves."""
        return len(self.desk.settings.source)

    async def start(self) -> None:
        """Register the desk's deployments in Prefect.

        Raises:
            CopydeskError: The server cannot be used.
        """
        await self.client.__aenter__()
        self._seen = self._stamp()
        try:
            await watch_for_dead_runs(self.client)
            await self._register(self.desk)
        except _ERRORS as error:
            await self.client.__aexit__(None, None, None)
            why = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            raise CopydeskError(
                f"the Prefect server at {self.client.api_url} cannot be used ({why}). "
                "Start it, or unset PREFECT_API_URL."
            ) from error

    async def tick(self) -> None:
        """Do the work that is due; wait for a server that does not answer."""
        try:
            if time.monotonic() - self._looked >= _LOOK_S:
                self._looked = time.monotonic()
                await self._look()
            if time.monotonic() - self._swept >= _SWEEP_S:
                self._swept = time.monotonic()
                await self.dispatcher.sweep()
            await self.dispatcher.tick()
        except _ERRORS as error:
            if not self._away:
                log.warning(
                    "the Prefect server does not answer; waiting for it", why=f"{type(error).__name__}: {error}"[:200]
                )
            self._away = True
        else:
            if self._away:
                log.info("the Prefect server answers again")
            self._away = False

    async def stop(self, grace_s: float) -> None:
        """Stop the running runs and close the connection to Prefect."""
        await self.dispatcher.stop(grace_s)
        await self.client.__aexit__(None, None, None)

    async def _look(self) -> None:
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            await self._read_again()
        await self._follow_pauses()

    def _stamp(self) -> tuple[int, int]:
        try:
            found = (self.desk.root / "copydesk.toml").stat()
        except OSError:
            return (0, 0)
        return found.st_mtime_ns, found.st_size

    async def _read_again(self) -> None:
        try:
            desk = find_desk_folder(self.desk.root)
            jobs_of(desk)
        except CopydeskError as error:
            log.error("copydesk.toml has changed and cannot be used; the settings from before hold", why=str(error))
            return
        was, now = self.desk.settings, desk.settings
        await self._register(desk)
        log.info("copydesk.toml has changed and is used", sources=self.count)
        if (was.schedule.host, was.schedule.port) != (now.schedule.host, now.schedule.port):
            log.warning("[schedule] host and port are used after a restart of `copydesk serve`")
        if was.warehouse.path != now.warehouse.path:
            log.warning("[warehouse] path has moved: restart `copydesk serve`, so that its own files move, too")

    async def _register(self, desk: DeskFolder) -> None:
        """Update Prefect's deployments to the desk's settings."""
        jobs = jobs_of(desk)
        before = {job.name: job for job in self.dispatcher.jobs.values()}
        ids: dict[str, UUID] = {}
        for name, job in jobs.items():
            known = self._ids.get(name)
            ids[name] = known if known and before.get(name) == job else await register(self.client, desk, job)
        for name in await unregister(self.client, desk, set(jobs)):
            log.info("removed", source=name)
        self.desk = self.dispatcher.desk = desk
        self._ids = ids
        await self.dispatcher.take_over({ids[name]: job for name, job in jobs.items()})

    async def _follow_pauses(self) -> None:
        """Synchronise the desk's pauses with Prefect's; the latest change wins."""
        changed = False
        for deployment in await all_deployments(self.client):
            job = self.dispatcher.jobs.get(deployment.id)
            if job is None or not self._may_run(job):
                continue
            here = not is_paused(self.desk, job.name)
            there = not deployment.paused and all(s.active for s in deployment.schedules)
            if here != job.active:
                changed = True
            elif there != job.active:
                changed = True
                (resume if there else pause)(self.desk, job.name)
                log.info("resumed in Prefect" if there else "paused in Prefect", source=job.name)
            if here != job.active:
                log.info("resumed" if here else "paused", source=job.name)
        if changed:
            await self._register(self.desk)

    def _may_run(self, job: Job) -> bool:
        """Return whether the settings allow it to run: `enabled = false` is not a pause that could be lifted."""
        return all(s.enabled for s in self.desk.settings.source if s.name == job.name)
