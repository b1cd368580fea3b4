"""The flow `upkeep`: every chore of `copydesk.maintenance`, each a task; one that fails does not stop the others.

By itself, without a scheduler:    python flows/upkeep.py --desk DESK
"""

from __future__ import annotations

import sys
from typing import Annotated

from desk_service.environment import given_desk, prepare

prepare(sys.argv if __name__ == "__main__" else ())

from desk_service.reporting import Reporter, carry_out, run_name  # noqa: E402 (the environment comes first)
from prefect import flow, task  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402
from pydantic import Field  # noqa: E402

from copydesk.errors import CopydeskError  # noqa: E402
from copydesk.logs import log  # noqa: E402
from copydesk.maintenance import CHORES, Chore  # noqa: E402
from copydesk.runs.outcome import RunOutcome  # noqa: E402
from copydesk.settings import DeskFolder  # noqa: E402


@flow(name="upkeep", flow_run_name=run_name, description="Keep the desk in order.")
def upkeep(desk: Annotated[str, Field(description="The desk's folder, which holds copydesk.toml.")] = ".") -> object:
    """Do every chore; end in a state that says which failed."""

    def work(desk: DeskFolder, reporter: Reporter) -> RunOutcome:
        rows = [{"chore": chore.__name__, **_done(chore, desk)} for chore in CHORES]
        failed = [row["chore"] for row in rows if row["failed"]]
        line = f"{len(rows) - len(failed)} of {len(rows)} chores done" + (
            f"; not {', '.join(failed)}" if failed else ""
        )
        reporter.table("chores", rows, line)
        return RunOutcome(name="failed" if failed else "ok", line=line, exit_code=int(bool(failed)))

    return carry_out(desk, "upkeep", work)


def _done(chore: Chore, desk: DeskFolder) -> dict[str, str]:
    as_task = task(name=chore.__name__, cache_policy=NO_CACHE, persist_result=False, tags={"copydesk"})
    try:
        said = as_task(lambda: chore(desk))()
    except CopydeskError as error:
        log.error("chore failed", chore=chore.__name__, why=str(error))
        return {"said": str(error), "failed": "yes"}
    log.info("chore done", chore=chore.__name__, said=said)
    return {"said": said, "failed": ""}


if __name__ == "__main__":
    from desk_service.alone import run_alone

    sys.exit(run_alone(upkeep, desk=str(given_desk(sys.argv) or ".")))
