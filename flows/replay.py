"""The flow `replay`: quarantined captures through extract, check and publish again, without network.

Without a scheduler:    python flows/replay.py --desk DESK
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
from copydesk.settings import DeskFolder  # noqa: E402
from copydesk.store.read.lookups import captures_to_reprocess  # noqa: E402


@flow(name="replay", flow_run_name=run_name, description="Try what is in quarantine again under today's rules.")
def replay(
    desk: Annotated[str, Field(description="The desk's folder, which holds copydesk.toml.")] = ".",
    source: Annotated[str | None, Field(description="Only this source; none: all.")] = None,
    reason: Annotated[str | None, Field(description="Only what was quarantined for this reason; none: all.")] = None,
) -> object:
    """Try what is in quarantine again under today's rules."""

    def work(desk: DeskFolder, reporter: Reporter) -> RunOutcome:
        lock_timeout_s = desk.settings.warehouse.lock_timeout_s
        captures = captures_to_reprocess(
            desk.warehouse,
            source,
            outcomes=("quarantined",),
            reasons=[reason] if reason else None,
            lock_timeout_s=lock_timeout_s,
        )
        if not captures:
            return RunOutcome(name="ok", line="there is nothing to replay", exit_code=0)
        summary = reprocess_captures(
            desk, captures, trigger="replay", progress=reporter.progress, step=reporter.step(desk)
        )
        return reporter.summary(summary, desk)

    return carry_out(desk, "replay", work)


if __name__ == "__main__":
    from scheduler.run_flow import run_here

    sys.exit(run_here(replay, desk=str(given_desk(sys.argv) or ".")))
