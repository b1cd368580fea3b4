"""Handing over to `flows/`: the same process becomes the flow's, so that signals and the exit code need no passing on.

This is the only door from the commands to Prefect, and it imports nothing of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import copydesk
from copydesk.errors import UsageError
from copydesk.resources import FLOWS
from copydesk.settings import DeskFolder

__all__ = ["hand_over", "run_flow"]


def run_flow(desk: DeskFolder, targets: Sequence[str]) -> NoReturn:
    """Become the flow `ingest` for these targets; it ends with the exit code of the run."""
    hand_over("ingest", "--desk", str(desk.root), *targets)


def hand_over(flow: str, *arguments: str) -> NoReturn:
    """Become `python flows/<flow>.py` with these arguments.

    Raises:
        UsageError: The flows did not come with this installation.
    """
    script = FLOWS / f"{flow}.py"
    if not script.is_file():
        raise UsageError(f"{script} is missing. Install Copydesk again: `pip install --force-reinstall copydesk`.")
    place = str(Path(copydesk.__file__).parent.parent)
    paths = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p and p != place]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([place, *paths])}
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, str(script), *arguments], environment)  # noqa: S606 (a literal list)
