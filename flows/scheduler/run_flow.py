"""Run a flow in this process and return its exit code; never a traceback for a failed flow."""

from __future__ import annotations

import signal
from typing import Any, cast

import httpx
from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Abort, ParameterTypeError, PrefectHTTPStatusError, TerminationSignal
from prefect.flow_engine import run_flow

from copydesk.logs import log

__all__ = ["AWAY", "SERVER_AWAY", "execute", "exit_code_of", "run_here"]

SERVER_AWAY = 75
"""Exit code of a run that could not reach the Prefect server (EX_TEMPFAIL): nothing is wrong with the data."""

AWAY = (httpx.HTTPError, PrefectHTTPStatusError, RuntimeError)
"""Exceptions of Prefect when its server is unreachable: "Failed to reach API" is a RuntimeError.

Exceptions of a flow itself become its state and are never raised here.
"""

_EXIT_CODES = {"Held": 3, "Quarantined": 3, "Findings": 1, "Failing": 1, "Silent": 1, "Skipped": 1}


def run_here(flow: Flow[Any, Any], **parameters: Any) -> int:
    """Run a flow now and return the exit code of the command."""
    return _run(flow, None, parameters)


def execute(flow: Flow[Any, Any], flow_run: FlowRun) -> int:
    """Execute a flow run of the scheduler and return the exit code of its process."""
    return _run(flow, flow_run, None)


def exit_code_of(state: State[Any] | None, label: object = None) -> int:
    """Return the exit code of a command that followed a flow run to this state.

    Args:
        state: Its last state.
        label: The exit code that the run recorded as a label, if it got that far.
    """
    if isinstance(label, int):
        return label
    if state is None:
        return 1
    if state.is_completed():
        return _EXIT_CODES.get(state.name or "", 0)
    return _EXIT_CODES.get(state.name or "", 130 if state.is_cancelled() else 1)


def _run(flow: Flow[Any, Any], flow_run: FlowRun | None, parameters: dict[str, Any] | None) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        state = cast("State[Any]", run_flow(flow, flow_run=flow_run, parameters=parameters, return_type="state"))
    except (TerminationSignal, KeyboardInterrupt) as end:
        log.warning("interrupted; what was done is kept, the next run goes on from there")
        return 130 if isinstance(end, KeyboardInterrupt) else 143
    except AWAY as error:
        log.warning(
            "the Prefect server does not answer; what was done is kept", why=f"{type(error).__name__}: {error}"[:200]
        )
        return SERVER_AWAY
    except Abort as error:
        log.warning("not started", why=str(error))
        return 1
    except ParameterTypeError as error:
        log.error("wrong parameters", why=str(error))
        return 2
    return exit_code_of(state)
