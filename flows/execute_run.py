"""Execute one flow run of the scheduler in a process of its own: `python flows/execute_run.py ID`.

Unlike `python -m prefect.engine` it exits with the run's own exit code and prints no traceback for a failed run.
"""

from __future__ import annotations

import sys
from uuid import UUID

from scheduler.environment import prepare

prepare()

from prefect.flow_engine import load_flow_and_flow_run  # noqa: E402
from scheduler.run_flow import AWAY, SERVER_AWAY, execute  # noqa: E402 (the environment comes first)


def main(flow_run_id: UUID) -> int:
    """Execute a flow run; return the exit code of its process."""
    try:
        flow_run, flow = load_flow_and_flow_run(flow_run_id)
    except AWAY as error:
        print(f"copydesk: the Prefect server does not answer ({type(error).__name__}).", file=sys.stderr)
        return SERVER_AWAY
    return execute(flow, flow_run)


if __name__ == "__main__":
    sys.exit(main(UUID(sys.argv[1])))
