"""Environment variables to set before `prefect` is imported: no telemetry, all files inside the desk.

Does not import Prefect. Variables that the user has set are kept.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import copydesk
from copydesk.errors import CopydeskError
from copydesk.service.state import running_service
from copydesk.settings import DeskFolder, find_desk_folder

__all__ = ["CHILDREN", "given_desk", "prepare", "serving_environment"]

CHILDREN: set[int] = set()
"""Process groups that the scheduler started: its server and its runs."""

_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
    # a run logs little, and its heartbeat is the only sign of life for the server
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # a server left alone for months must not grow without end
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs,orphans",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86400),
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
}

_RUN = {
    # a run's log goes to its page in Prefect; the console has our own lines already
    "PREFECT_LOGGING_LEVEL": "INFO",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}


def given_desk(argv: Sequence[str]) -> Path | None:
    """Return the folder after `--desk`, or `COPYDESK_DESK`."""
    for flag, value in zip(argv, [*argv[1:], ""], strict=False):
        if flag == "--desk" and value:
            return Path(value)
        if flag.startswith("--desk="):
            return Path(flag.removeprefix("--desk="))
    named = os.environ.get("COPYDESK_DESK")
    return Path(named) if named else None


def prepare(argv: Sequence[str] = ()) -> None:
    """Set up the environment of a flow that is run without a scheduler; call it before Prefect is imported.

    The run is recorded in a running scheduler of the desk; without one Prefect starts a server of its own for the
    duration of the run. A project that has imported Prefect before keeps its own settings.
    """
    _share_package()
    if "prefect" in sys.modules:
        return
    for name, value in {**_QUIET, **_RUN}.items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" in os.environ:
        return
    try:
        desk = find_desk_folder(given_desk(argv), required=False)
    except CopydeskError:  # the flow itself reports the error
        return
    os.environ.setdefault("PREFECT_HOME", str(desk.warehouse.parent / "prefect"))
    if service := running_service(desk):
        os.environ["PREFECT_API_URL"] = service.api_url


def serving_environment(desk: DeskFolder, *, port: int) -> bool:
    """Set up the environment of the scheduler; return whether it has to start a server of its own."""
    _share_package()
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("PREFECT_HOME", str(desk.warehouse.parent / "prefect"))
    os.environ["PREFECT_SERVER_ALLOW_EPHEMERAL_MODE"] = "false"
    os.environ["COPYDESK_DESK"] = str(desk.root)
    if "PREFECT_API_URL" in os.environ:
        return False
    os.environ["PREFECT_API_URL"] = f"http://{desk.settings.schedule.host}:{port}/api"
    return True


def _share_package() -> None:
    """Let child processes import the same copydesk, also when it is not installed but on the path."""
    place = str(Path(copydesk.__file__).parent.parent)
    paths = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    if place not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join([place, *paths])
