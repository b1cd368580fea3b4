"""Dispatcher: starts each run when it is due, in a process of its own, and never two of one source.

    every second
      Prefect's due runs --.
                            >-- one run per source at a time, `limit` in all --> python flows/execute_run.py ID
      our own calendar   --'

The calendar decides (correct on DST changes, with each source's delay); the dispatcher starts the run that Prefect has
planned for that time, so that Prefect's UI shows it as usual. Of missed times (the machine slept, the previous run took
long, no scheduler ran) the last is run once and the others are dropped.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas import OrchestrationResult
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.states import Cancelled, Crashed, Pending, Scheduled

from copydesk.errors import RunBusyError
from copydesk.filesystem import lock
from copydesk.logs import log
from copydesk.resources import FLOWS
from copydesk.service.notifications import notify
from copydesk.service.state import read_served, write_served
from copydesk.settings import DeskFolder
from scheduler.deployments import Job, entrypoint
from scheduler.environment import CHILDREN
from scheduler.run_flow import SERVER_AWAY
from scheduler.server import die_with_parent

__all__ = ["Dispatcher"]

_AT_WORK = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]


@dataclass(slots=True, kw_only=True)
class _AtWork:
    """A run that has a process."""

    job: Job
    flow_run: FlowRun
    process: asyncio.subprocess.Process
    cancelled: bool = False


@dataclass(slots=True)
class Dispatcher:
    """Starts runs and reaps their processes.

    Attributes:
        client: Prefect's API.
        desk: The desk; replaced when its settings change.
        jobs: Deployment id -> its job.
        at_work: Deployment id -> the run that has a process.
        stopping: No new run is started.
    """

    client: PrefectClient
    desk: DeskFolder
    jobs: dict[UUID, Job] = field(default_factory=dict)
    at_work: dict[UUID, _AtWork] = field(default_factory=dict)
    stopping: bool = False
    _served: dict[str, datetime] = field(default_factory=dict)
    _followers: set[asyncio.Task[None]] = field(default_factory=set)

    async def take_over(self, jobs: dict[UUID, Job]) -> None:
        """Take over the jobs; mark runs left by an earlier scheduler as interrupted."""
        now = datetime.now(UTC)
        self.jobs = jobs
        known = self._served or read_served(self.desk)
        names = {job.name: job for job in jobs.values()}
        # a new or formerly paused source has missed nothing
        self._served = {n: known.get(n, now) if job.active else now for n, job in names.items()}
        write_served(self.desk, self._served)
        await self.sweep()

    async def sweep(self) -> None:
        """Mark runs without a process as interrupted."""
        for run in await self._runs_in(_AT_WORK):
            if run.deployment_id not in self.at_work and not self._is_held(run):
                message = "its process is gone; the next run finishes what it began"
                await self.client.set_flow_run_state(run.id, Crashed(name="Interrupted", message=message), force=True)
                log.warning("a run was interrupted", flow_run=run.name)

    def _is_held(self, run: FlowRun) -> bool:
        """Return whether a process holds the run's source: a killed scheduler's run may still be running."""
        name = self.jobs[run.deployment_id].name if run.deployment_id in self.jobs else ""
        try:
            with lock(self.desk.runs / "locks" / name):
                return False
        except RunBusyError:
            return True

    async def tick(self) -> None:
        """Start the runs that are due."""
        if self.stopping or not self.jobs:
            return
        now = datetime.now(UTC)
        planned = await self.client.get_scheduled_flow_runs_for_deployments(list(self.jobs), scheduled_before=now)
        asked = sorted((r for r in planned if not r.auto_scheduled), key=_due)
        for run in asked:
            if self._has_room(run.deployment_id):
                await self._start(run)
        for deployment, job in self.jobs.items():
            due = self._due(job, now)
            if due is None or not self._has_room(deployment):
                continue
            mine = sorted((r for r in planned if r.auto_scheduled and r.deployment_id == deployment), key=_due)
            run = await self._the_one(deployment, job, due, mine)
            run.name = f"{job.name} {due:%Y-%m-%dT%H:%M}{f':{due:%S}' if due.second else ''}"
            await self.client.update_flow_run(run.id, name=run.name)
            await self._start(run)
            self._served[job.name] = due
            write_served(self.desk, self._served)
        await self._cancel_as_asked()

    def _due(self, job: Job, now: datetime) -> datetime | None:
        if job.calendar is None or not job.active:
            return None
        return job.calendar.latest(self._served.get(job.name, now), now - job.calendar.delay)

    def _has_room(self, deployment: UUID | None) -> bool:
        return (
            deployment is not None
            and deployment not in self.at_work
            and len(self.at_work) < self.desk.settings.schedule.limit
        )

    async def _the_one(self, deployment: UUID, job: Job, due: datetime, planned: list[FlowRun]) -> FlowRun:
        """Return the run for that time: the last one Prefect planned, or a new one; drop the others."""
        for run in planned[:-1]:
            await self.client.delete_flow_run(run.id)
        if len(planned) > 1:
            log.info("missed times are one", source=job.name, dropped=len(planned) - 1)
        if planned:
            return planned[-1]
        return await self.client.create_flow_run_from_deployment(
            deployment,
            state=Scheduled(scheduled_time=due),
            idempotency_key=f"{deployment}-{due.isoformat()}",
        )

    async def _start(self, run: FlowRun) -> None:
        """Start a run's process."""
        deployment = run.deployment_id
        if deployment is None:
            return
        answer: OrchestrationResult[Any] = await self.client.set_flow_run_state(run.id, Pending())
        if answer.status != SetStateStatus.ACCEPT:
            return
        job = self.jobs[deployment]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(FLOWS / "execute_run.py"),
            str(run.id),
            stdin=asyncio.subprocess.DEVNULL,
            env={
                **os.environ,
                "PREFECT__FLOW_RUN_ID": str(run.id),
                "PREFECT__FLOW_ENTRYPOINT": entrypoint(job.flow),
            },
            cwd=self.desk.root,
            start_new_session=True,
            # On SIGTERM Prefect would tell a server that is gone, too, for over a minute. The next run goes on.
            preexec_fn=partial(die_with_parent, signal.SIGKILL),
        )
        CHILDREN.add(process.pid)
        self.at_work[deployment] = _AtWork(job=job, flow_run=run, process=process)
        follower = asyncio.create_task(self._follow(deployment))
        self._followers.add(follower)
        follower.add_done_callback(self._followers.discard)

    async def _follow(self, deployment: UUID) -> None:
        """Wait for a run's process and make sure that the run has a final state in Prefect."""
        work = self.at_work[deployment]
        code = await work.process.wait()
        _kill_group(work.process.pid)
        CHILDREN.discard(work.process.pid)
        try:
            await self._settle(work, code)
        except Exception as error:  # noqa: BLE001 (the server is away: the next start settles it)
            log.warning("the end of a run could not be recorded", flow_run=work.flow_run.name, why=str(error)[:200])
        finally:
            del self.at_work[deployment]

    async def _settle(self, work: _AtWork, code: int) -> None:
        run = await self.client.read_flow_run(work.flow_run.id)
        state: State[Any]
        if work.cancelled:
            state = Cancelled(message="cancelled as asked; what was done is kept")
        elif code in (143, -signal.SIGTERM, 130) and not (run.state and run.state.is_completed()):
            state = Crashed(
                name="Interrupted", message="the scheduler was stopped; the next run finishes what it began"
            )
        elif run.state is not None and run.state.is_final():
            return
        elif code == SERVER_AWAY:
            state = Crashed(name="Interrupted", message="it could not reach the Prefect server; the next run goes on")
        else:
            state = Crashed(message=f"its process ended with {code} without a word")
            notify(self.desk, work.job.name, {"failed": str(state.message)})
        await self.client.set_flow_run_state(run.id, state, force=True)

    async def _cancel_as_asked(self) -> None:
        """Stop the runs that were cancelled in Prefect."""
        if not self.at_work:
            return
        ids = FlowRunFilterId(any_=[w.flow_run.id for w in self.at_work.values()])
        asked = await self.client.read_flow_runs(
            flow_run_filter=FlowRunFilter(id=ids, state=_in_states([StateType.CANCELLING]))
        )
        wanted = {r.id for r in asked}
        for work in self.at_work.values():
            if work.flow_run.id in wanted and not work.cancelled:
                work.cancelled = True
                log.info("cancelled", flow_run=work.flow_run.name)
                with suppress(ProcessLookupError):
                    work.process.terminate()

    async def _runs_in(self, states: list[StateType]) -> list[FlowRun]:
        deployments = FlowRunFilterDeploymentId(any_=list(self.jobs))
        return await self.client.read_flow_runs(
            flow_run_filter=FlowRunFilter(deployment_id=deployments, state=_in_states(states)), limit=200
        )

    async def stop(self, grace_s: float) -> None:
        """Start no more runs and stop the running ones: at a safe point within `grace_s` seconds, else at once."""
        self.stopping = True
        for work in self.at_work.values():
            with suppress(ProcessLookupError):
                work.process.terminate()
        if self._followers:
            await asyncio.wait(self._followers, timeout=grace_s)
        for work in list(self.at_work.values()):
            _kill_group(work.process.pid)
        if self._followers:
            await asyncio.wait(self._followers, timeout=1)


def _in_states(states: list[StateType]) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=states))


def _due(run: FlowRun) -> datetime:
    return run.next_scheduled_start_time or run.expected_start_time or datetime.now(UTC)


def _kill_group(pid: int) -> None:
    """Kill the processes that a run's process left behind."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
