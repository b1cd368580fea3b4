"""What stands in Prefect for a desk: one deployment per source and per upkeep flow, and the automation for dead runs.

A deployment's schedule is shown in Prefect's own terms, so that who knows Prefect finds what he expects; when a run is
due is counted by `copydesk.schedule.calendar`, which is right on the nights the clocks change (see the dispatcher).
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
    """Something that runs by schedule or when asked.

    Attributes:
        name: The source, or the upkeep flow; the deployment is called so.
        flow: Which flow.
        calendar: When; None: only when asked.
        active: Whether the schedule counts.
        parameters: What the flow gets.
        description: For the deployment's page.
    """

    name: str
    flow: str
    calendar: Calendar | None
    active: bool
    parameters: dict[str, Any]
    description: str


def jobs_of(desk: DeskFolder) -> dict[str, Job]:
    """Return what there is to run.

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
    """Return where Prefect finds a flow, from whatever folder it looks."""
    return f"{FLOWS / f'{flow}.py'}:{flow}"


async def register(client: PrefectClient, desk: DeskFolder, job: Job) -> UUID:
    """Make the deployment, or bring it up to date; return its id.

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
        # a misspelt parameter is refused when the run is asked for, not when it has started
        parameter_openapi_schema={
            **parameter_schema(flow).model_dump(exclude_unset=True),
            "additionalProperties": False,
        },
        enforce_parameter_schema=True,
    )


async def all_deployments(client: PrefectClient) -> list[DeploymentResponse]:
    """Return every deployment of the server; it gives 200 at a time."""
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
    """Say a calendar in Prefect's terms.

    What runs every hour of every day is said in UTC, since Prefect leaves an hour out where a zone has one twice.
    """
    if calendar.kind == "interval":
        anchor = datetime(2000, 1, 3, tzinfo=UTC)
        return IntervalSchedule(interval=timedelta(seconds=int(calendar.text)), anchor_date=anchor, timezone="UTC")
    if calendar.kind == "rrule":
        return RRuleSchedule(rrule=calendar.text.removeprefix("RRULE:"), timezone=calendar.zone)
    return CronSchedule(cron=calendar.text, timezone="UTC" if calendar.every_hour else calendar.zone)


async def watch_for_dead_runs(client: PrefectClient) -> None:
    """Have Prefect itself call a run crashed when its heartbeat is missing, also when no scheduler of ours runs."""
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
    """Make the automation, or bring the one of an earlier version up to date."""
    standing = await client.read_automations_by_name(wanted.name)
    if not standing:
        await client.create_automation(wanted)
    elif standing[0].trigger.model_dump(exclude={"id"}) != wanted.trigger.model_dump(exclude={"id"}):
        await client.update_automation(standing[0].id, wanted)
