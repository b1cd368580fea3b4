"""`copydesk logs`: the log of a run."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from copydesk.cli.options import AsJson, DeskOption
from copydesk.escapes import json_text, shown

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(logs)


def logs(
    run: Annotated[str, typer.Argument(help="Id of a run or its beginning, or `last`.")] = "last",
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Print the log of a run.

    Example: `copydesk logs 20261121T1800`, `copydesk logs last --json`

    Logs are files of the desk (warehouse/logs), so this works without a scheduler. `--json` prints one object per line.
    """
    from copydesk.logs import find_log, log_folder, read_log
    from copydesk.settings import find_desk_folder

    folder = log_folder(find_desk_folder(desk).warehouse)
    name = find_log(folder, run)
    for line in read_log(folder, name):
        sys.stdout.write((_json(line) if as_json else _shown(line)) + "\n")


def _json(line: dict[str, Any]) -> str:
    return json_text(line, indent=None)


def _shown(line: dict[str, Any]) -> str:
    rest = {
        k: v for k, v in line.items() if k not in {"at", "level", "event", "run", "flow_run"} and v not in ("", None)
    }
    try:
        at = f"{datetime.fromisoformat(str(line.get('at'))).astimezone():%Y-%m-%d %H:%M:%S}"
    except ValueError:
        at = str(line.get("at"))
    level = "" if line.get("level") == "info" else f"{str(line.get('level')).upper()}  "
    text = f"{at}  {level}{line.get('event')}  " + " ".join(f"{k}={v}" for k, v in rest.items())
    return shown(text).replace("\n", "\\n").rstrip()
