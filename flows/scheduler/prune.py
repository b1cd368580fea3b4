"""Remove what Prefect has kept of a desk's old flow runs, with their artifacts.

The desk's own server also prunes events and logs by itself (`scheduler.environment`); one of somebody else may not, and
only what the desk's own deployments ran is touched there.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterEndTime, FlowRunFilterId, FlowRunFilterTags
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from copydesk.errors import CopydeskError
from copydesk.settings import DeskFolder

__all__ = ["prune_flow_runs"]

_PAGE = 200
_MAX_PAGES = 500
"""Runs of one night: a hundred thousand."""


def prune_flow_runs(desk: DeskFolder, *, before: datetime) -> int:
    """Delete the desk's flow runs that ended before a moment, and their artifacts; return how many runs.

    Raises:
        CopydeskError: The server does not answer, or refused.
    """
    old = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[f"desk:{desk.root}"]),
        end_time=FlowRunFilterEndTime.model_validate({"before_": before}),
    )
    gone = 0
    try:
        with get_client(sync_client=True) as client:
            for _ in range(_MAX_PAGES):
                runs = client.read_flow_runs(flow_run_filter=old, limit=_PAGE)
                if not runs:
                    break
                for run in runs:
                    _delete(client, FlowRunFilter(id=FlowRunFilterId(any_=[run.id])), run.id)
                gone += len(runs)
    except (httpx.HTTPError, PrefectHTTPStatusError) as error:
        raise CopydeskError(f"old flow runs stay in Prefect: {type(error).__name__}: {error}"[:200]) from error
    return gone


def _delete(client: SyncPrefectClient, run: FlowRunFilter, run_id: UUID) -> None:
    """Delete one flow run and its artifacts; what somebody else deleted meanwhile is gone, too."""
    for artifact in client.read_artifacts(flow_run_filter=run, limit=_PAGE):
        with suppress(ObjectNotFound):
            client.delete_artifact(artifact.id)
    with suppress(ObjectNotFound):
        client.delete_flow_run(run_id)
