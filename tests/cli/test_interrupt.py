"""Ctrl-C while a command ends: one line, exit code 130, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
CODE = """
import signal, time
from copydesk import cli

def files():
    try:
        yield 1
    finally:
        signal.raise_signal(signal.{name})

def app(**_):
    found = files()
    next(found)
    {before}
    del found
    time.sleep(20)

cli.app_for = lambda _: app
cli.main()
"""


def ended(name: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Return how a command ended whose generator got the signal while it was closed."""
    return subprocess.run(
        [sys.executable, "-c", CODE.format(name=name, before=before)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


def test_ctrl_c_in_a_generator_that_is_closed_is_neither_lost_nor_a_traceback() -> None:
    """Python cannot raise it there: it ends the command all the same, with the same line as elsewhere."""
    for name, code in (("SIGINT", 130), ("SIGTERM", 143)):
        done = ended(name)
        assert done.returncode == code
        assert done.stderr.startswith("copydesk: Interrupted.")
        assert done.stderr.count("\n") == 1


def test_a_second_ctrl_c_while_the_command_ends_adds_nothing() -> None:
    """The generator is closed by the first one's way out."""
    done = ended("SIGINT", before="raise KeyboardInterrupt")
    assert done.returncode == 130
    assert done.stderr.count("\n") == 1
