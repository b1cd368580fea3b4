"""Prefect deployments of a desk: one per source and per upkeep flow, and the automation for dead runs.

A deployment shows its schedule in Prefect's own form; `copydesk.schedule.calendar` computes when a run is due, also
correctly when the clocks change (see the dispatcher).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.events import EventTrigger, Posture
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from copydesk._version import __version__
from copydesk.errors import UsageError
from copydesk.resources import FLOWS
from copydesk.schedule.calendar import Calendar, read_schedule
from copydesk.service.state import calendar_of, is_paused
from copydesk.settings import DeskFolder

__all__ = [
    "AUTOMATION",
    "Job",
    "all_deployments",
    "entrypoint",
    "jobs_of",
    "prefect_schedule",
    "register",
    "unregister",
    "watch_for_dead_runs",
]

TAG = "copydesk"
AUTOMATION = "copydesk: runs without a heartbeat"
_PAGE = 200
_SILENT_AFTER = timedelta(seconds=90)  # three heartbeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something that runs by schedule or on request.

    Attributes:
        name: The source, or the upkeep flow; also the deployment's name.
        flow: Name of the flow.
        calendar: Its times; None: only on request.
        active: Whether the schedule is in force.
        parameters: Parameters of the flow.
        description: Text of the deployment's page.
    """

    name: str
    flow: str
    calendar: Calendar | None
    active: bool
    parameters: dict[str, Any]
    description: str


def jobs_of(desk: DeskFolder) -> dict[str, Job]:
    """Return the desk's jobs by name.

    Raises:
        SettingsError: A schedule cannot be read.
    """
    root = str(desk.root)
    jobs = {
        source.name: Job(
            name=source.name,
            flow="ingest",
            calendar=calendar_of(source),
            active=source.enabled and not is_paused(desk, source.name),
            parameters={"targets": [source.name], "desk": root},
            description=f"{source.kind} source `{source.name}` of {root}; "
            f"schedule: {source.schedule or 'none'} ({source.timezone})",
        )
        for source in desk.settings.source
    }
    when = desk.settings.schedule.upkeep
    jobs["upkeep"] = Job(
        name="upkeep",
        flow="upkeep",
        calendar=read_schedule(when, name="upkeep") if when else None,
        active=not is_paused(desk, "upkeep"),
        parameters={"desk": root},
        description=f"Retention, search index, snapshot and checks of {root}",
    )
    for name in ("replay", "reprocess"):
        jobs[name] = Job(
            name=name,
            flow=name,
            calendar=None,
            active=True,
            parameters={"desk": root},
            description=f"`{name}` for {root}, when asked",
        )
    return jobs


def entrypoint(flow: str) -> str:
    """Return the entry point of a flow, independent of the working directory."""
    return f"{FLOWS / f'{flow}.py'}:{flow}"


async def register(client: PrefectClient, desk: DeskFolder, job: Job) -> UUID:
    """Create or update the deployment; return its id.

    Raises:
        UsageError: Another desk uses the same server and has a deployment of that name.
    """
    flow: Flow[..., Any] = load_flow_from_entrypoint(entrypoint(job.flow))
    owner = f"desk:{desk.root}"
    try:
        standing = await client.read_deployment_by_name(f"{flow.name}/{job.name}")
    except ObjectNotFound:
        standing = None
    owners = [t for t in (standing.tags if standing else []) if t.startswith("desk:")]
    if owners and owner not in owners:
        raise UsageError(
            f"this Prefect server has a deployment {flow.name}/{job.name} of {owners[0].removeprefix('desk:')}. "
            "Give the source another name, or the desk a server of its own."
        )
    schedules = []
    if job.calendar is not None:
        schedule = prefect_schedule(job.calendar)
        schedules = [DeploymentScheduleCreate(schedule=schedule, active=True)]  # a pause is the deployment's
    return await client.create_deployment(
        flow_id=await client.create_flow_from_name(flow.name),
        name=job.name,
        version=__version__,
        schedules=schedules,
        paused=not job.active,
        parameters=job.parameters,
        description=job.description,
        tags=[TAG, owner],
        entrypoint=entrypoint(job.flow),
        path=str(FLOWS),
        # a misspelt parameter is refused on request, not after the start
        parameter_openapi_schema={
            **parameter_schema(flow).model_dump(exclude_unset=True),
            "additionalProperties": False,
        },
        enforce_parameter_schema=True,
    )


async def all_deployments(client: PrefectClient) -> list[DeploymentResponse]:
    """Return every deployment of the server, in pages of 200."""
    found: list[DeploymentResponse] = []
    while page := await client.read_deployments(limit=_PAGE, offset=len(found)):
        found += page
        if len(page) < _PAGE:
            break
    return found


async def unregister(client: PrefectClient, desk: DeskFolder, keep: set[str]) -> list[str]:
    """Remove this desk's deployments that are no longer declared; return their names."""
    gone = []
    for deployment in await all_deployments(client):
        if f"desk:{desk.root}" in deployment.tags and deployment.name not in keep:
            await client.delete_deployment(deployment.id)
            gone.append(deployment.name)
    return gone


def prefect_schedule(calendar: Calendar) -> CronSchedule | IntervalSchedule | RRuleSchedule:
    """Return a calendar as a Prefect schedule.

    An hourly schedule is given in UTC, since Prefect omits an hour that a time zone repeats.
    """
    if calendar.kind == "interval":
        anchor = datetime(2000, 1, 3, tzinfo=UTC)
        return IntervalSchedule(interval=timedelta(seconds=int(calendar.text)), anchor_date=anchor, timezone="UTC")
    if calendar.kind == "rrule":
        return RRuleSchedule(rrule=calendar.text.removeprefix("RRULE:"), timezone=calendar.zone)
    return CronSchedule(cron=calendar.text, timezone="UTC" if calendar.every_hour else calendar.zone)


async def watch_for_dead_runs(client: PrefectClient) -> None:
    """Let Prefect itself mark a run without heartbeat as crashed, also while no scheduler runs."""
    beat = "prefect.flow-run.heartbeat"
    ends = {f"prefect.flow-run.{s}" for s in ("Completed", "Failed", "Cancelled", "Crashed")}
    ends |= {
        f"prefect.flow-run.{s}"
        for s in ("Findings", "Failing", "Silent", "Held", "Quarantined", "Skipped", "Interrupted")
    }
    automation = AutomationCore(
        name=AUTOMATION,
        description="A run that gave a sign of life and then none for 90 seconds is gone.",
        trigger=EventTrigger(
            match={"prefect.resource.id": "prefect.flow-run.*"},
            match_related={"prefect.resource.id": f"prefect.tag.{TAG}"},
            after={beat},
            expect={beat, *ends},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=_SILENT_AFTER,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED,
                name="Interrupted",
                force=False,
                message="No heartbeat for 90 seconds: its process is gone. The next run finishes what it began.",
            )
        ],
    )
    await _keep_automation(client, automation)


async def _keep_automation(client: PrefectClient, wanted: AutomationCore) -> None:
    """Create the automation, or update one of an earlier version."""
    standing = await client.read_automations_by_name(wanted.name)
    if not standing:
        await client.create_automation(wanted)
    elif standing[0].trigger.model_dump(exclude={"id"}) != wanted.trigger.model_dump(exclude={"id"}):
        await client.update_automation(standing[0].id, wanted)
