"""The flow `upkeep`: every task of `copydesk.maintenance` as a Prefect task; one that fails does not stop the others.

Without a scheduler:    python flows/upkeep.py --desk DESK
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

from scheduler.environment import given_desk, prepare

from copydesk.wording import counted

prepare(sys.argv if __name__ == "__main__" else ())

from prefect import flow, task  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402
from pydantic import Field  # noqa: E402
from scheduler.prune import prune_flow_runs  # noqa: E402
from scheduler.reporting import Reporter, carry_out, run_name  # noqa: E402 (the environment comes first)

from copydesk.errors import CopydeskError  # noqa: E402
from copydesk.logs import log  # noqa: E402
from copydesk.maintenance import TASKS, MaintenanceTask  # noqa: E402
from copydesk.runs.outcome import RunOutcome  # noqa: E402
from copydesk.settings import DeskFolder  # noqa: E402


@flow(name="upkeep", flow_run_name=run_name, description="Keep the desk in order.")
def upkeep(desk: Annotated[str, Field(description="The desk's folder, which holds copydesk.toml.")] = ".") -> object:
    """Do every maintenance task; end in a state that says which failed."""

    def work(desk: DeskFolder, reporter: Reporter) -> RunOutcome:
        rows = [{"task": one.__name__, **_done(one, desk)} for one in (*TASKS, prune_prefect)]
        failed = [row["task"] for row in rows if row["failed"]]
        line = f"{len(rows) - len(failed)} of {counted(len(rows), 'task')} done" + (
            f"; not {', '.join(failed)}" if failed else ""
        )
        reporter.table("tasks", rows, line)
        return RunOutcome(name="failed" if failed else "ok", line=line, exit_code=int(bool(failed)))

    return carry_out(desk, "upkeep", work)


def prune_prefect(desk: DeskFolder) -> str:
    """Remove the desk's flow runs that ended `[schedule] log_days` ago from Prefect, with their artifacts."""
    days = desk.settings.schedule.log_days
    gone = prune_flow_runs(desk, before=datetime.now(UTC) - timedelta(days=days))
    return f"{counted(gone, 'flow run')} older than {counted(days, 'day')} removed from Prefect"


def _done(work: MaintenanceTask, desk: DeskFolder) -> dict[str, str]:
    as_task = task(name=work.__name__, cache_policy=NO_CACHE, persist_result=False, tags={"copydesk"})
    try:
        said: str = as_task(lambda: work(desk))()
    except CopydeskError as error:
        log.error("task failed", task=work.__name__, why=str(error))
        return {"said": str(error), "failed": "yes"}
    log.info("task done", task=work.__name__, said=said)
    return {"said": said, "failed": ""}


if __name__ == "__main__":
    from scheduler.run_flow import run_here

    sys.exit(run_here(upkeep, desk=str(given_desk(sys.argv) or ".")))
