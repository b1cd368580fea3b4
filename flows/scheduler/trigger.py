"""Trigger a run of a source through Prefect, and follow it until it ends."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, replace
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Scheduled
from prefect.types._datetime import now

from copydesk.errors import CopydeskError, UsageError
from scheduler.reporting import BY_HAND, EXIT_CODE
from scheduler.run_flow import exit_code_of

__all__ = ["TriggeredRun", "follow", "trigger"]

_LOOK_S = 0.5
_AWAY_S = 60.0
_OWN_FLOWS = frozenset({"upkeep", "replay", "reprocess"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggeredRun:
    """A run that was triggered.

    Attributes:
        id: Prefect's id of the flow run.
        name: Its name.
        link: Its page in Prefect's UI.
        state: Name of its last known state.
        detail: Message of that state.
    """

    id: UUID
    name: str
    link: str
    state: str = ""
    detail: str = ""


async def trigger(source: str, parameters: dict[str, object]) -> TriggeredRun:
    """Trigger a run now.

    Raises:
        UsageError: No such source in the scheduler, or no such parameter of the flow.
        CopydeskError: The server does not answer.
    """
    flow = source if source in _OWN_FLOWS else "ingest"
    at = now("UTC")
    try:
        async with get_client() as client:
            deployment = await client.read_deployment_by_name(f"{flow}/{source}")
            known = (deployment.parameter_openapi_schema or {}).get("properties", {})
            for name in parameters:
                if name not in known:
                    raise UsageError(f"the flow {flow} has no parameter {name!r}. It has: {', '.join(known)}.")
            run = await client.create_flow_run_from_deployment(
                deployment.id,
                parameters=parameters,
                state=Scheduled(scheduled_time=at),
                name=f"{source} {at:%Y-%m-%dT%H:%M:%S}",
                tags=[BY_HAND],
            )
    except ObjectNotFound as error:
        raise UsageError(
            f"the scheduler at {_api()} has no deployment {flow}/{source}. Is it another desk's? "
            "A source that was added to copydesk.toml is there after two seconds."
        ) from error
    except PrefectHTTPStatusError as error:
        if error.response.status_code in (409, 422):
            raise UsageError(f"the flow {flow} does not take these parameters: {_reason(error)}.") from error
        raise CopydeskError(f"the Prefect server refused: {_reason(error)}.") from error
    except httpx.HTTPError as error:
        raise CopydeskError(f"no answer from {_api()}. Is `copydesk serve` running?") from error
    return TriggeredRun(id=run.id, name=run.name, link=f"{_api().removesuffix('/api')}/runs/flow-run/{run.id}")


async def follow(asked: TriggeredRun, *, show: bool) -> tuple[TriggeredRun, int]:
    """Wait until the run has ended; return it and its exit code.

    Raises:
        CopydeskError: The server has not answered for a minute.
    """
    silent = 0.0
    async with get_client() as client:
        while True:
            try:
                run = await client.read_flow_run(asked.id)
            except httpx.HTTPError as error:
                silent += _LOOK_S
                if silent > _AWAY_S:
                    raise CopydeskError(
                        f"no answer from {_api()}; `copydesk logs last` tells what happened."
                    ) from error
                await asyncio.sleep(_LOOK_S)
                continue
            silent = 0.0
            state = run.state
            name, detail = (state.name or "", state.message or "") if state else ("", "")
            if show and name != asked.state:
                print(f"{name}  {detail}".rstrip(), file=sys.stderr)
            asked = replace(asked, name=run.name, state=name, detail=detail)
            if state is not None and state.is_final():
                return asked, exit_code_of(state, _label(run))
            await asyncio.sleep(_LOOK_S)


def _label(run: FlowRun) -> object:
    """Return the exit code that the run recorded, None if it did not get that far."""
    return (run.labels or {}).get(EXIT_CODE) if run.state and run.state.name != "Interrupted" else None


def _api() -> str:
    return os.environ.get("PREFECT_API_URL", "").rstrip("/")


def _reason(error: PrefectHTTPStatusError) -> str:
    try:
        detail = error.response.json().get("detail", "")
    except ValueError:
        detail = ""
    return str(detail or f"status {error.response.status_code}").rstrip(".")
