"""The flow `reprocess`: loaded captures through extract, check and publish again, without network.

Without a scheduler:    python flows/reprocess.py --desk DESK
"""

from __future__ import annotations

import sys
from typing import Annotated

from scheduler.environment import given_desk, prepare

prepare(sys.argv if __name__ == "__main__" else ())

from prefect import flow  # noqa: E402
from pydantic import Field  # noqa: E402
from scheduler.reporting import Reporter, carry_out, run_name  # noqa: E402 (the environment comes first)

from copydesk.reprocess import reprocess_captures  # noqa: E402
from copydesk.runs.outcome import RunOutcome  # noqa: E402
from copydesk.runs.targets import check_source  # noqa: E402
from copydesk.settings import DeskFolder  # noqa: E402
from copydesk.store.read.lookups import captures_to_reprocess  # noqa: E402


@flow(name="reprocess", flow_run_name=run_name, description="Extract what is loaded again under today's rules.")
def reprocess(
    desk: Annotated[str, Field(description="The desk's folder, which holds copydesk.toml.")] = ".",
    source: Annotated[str | None, Field(description="Only this source; none: all.")] = None,
) -> object:
    """Extract what is loaded again under today's rules."""

    def work(desk: DeskFolder, reporter: Reporter) -> RunOutcome:
        check_source(desk, source)
        lock_timeout_s = desk.settings.warehouse.lock_timeout_s
        captures = captures_to_reprocess(desk.warehouse, source, outcomes=("loaded",), lock_timeout_s=lock_timeout_s)
        if not captures:
            return RunOutcome(name="ok", line="there is nothing to reprocess", exit_code=0)
        summary = reprocess_captures(
            desk, captures, trigger="reprocess", progress=reporter.progress, step=reporter.step(desk)
        )
        return reporter.summary(summary, desk)

    return carry_out(desk, "reprocess", work)


if __name__ == "__main__":
    from scheduler.run_flow import run_here

    sys.exit(run_here(reprocess, desk=str(given_desk(sys.argv) or ".")))
