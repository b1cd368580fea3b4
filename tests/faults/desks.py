"""A desk to be treated badly, and runs as processes that can be killed, held and left without room.

desk = make_desk(root, inputs)       start(desk).kill()       real processes, real signals
run(desk, **at(point, desk=desk))                             something happens at a named point
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests import launcher
from tests.faults.inputs import Inputs
from tests.launcher import Launched, is_plain

ROOT = Path(__file__).parents[2]
INJECTED = Path(__file__).parent / "injected"


def make_desk(root: Path, inputs: Inputs, *, more: str = "", workers: int = 1, part_documents: int = 5) -> Path:
    """Make a desk over some inputs; `more` is added to its settings."""
    root.mkdir(parents=True)
    allowed = f'allow_hosts = ["127.0.0.1:{inputs.site.port}"]' if inputs.site else ""
    wire = (
        f'[[source]]\nname = "wire"\nkind = "sitemap"\nurl = "{inputs.site.url("/map.xml")}"\n' if inputs.site else ""
    )
    (root / "copydesk.toml").write_text(
        f"[run]\nworkers = {workers}\npart_documents = {part_documents}\n[web]\ndelay_s = 0\n{allowed}\n"
        f'[[source]]\nname = "texts"\npaths = ["{inputs.folder}"]\ninclude = ["*.txt", "*.html"]\n{wire}{more}',
        encoding="utf-8",
    )
    return root


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a run: nothing of the caller's settings, the package where it is."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COPYDESK_", "PREFECT_", "FAULT_"))}
    return {**kept, "PYTHONPATH": f"{INJECTED}{os.pathsep}{ROOT / 'src'}", "NO_COLOR": "1", "COLUMNS": "200", **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str

    def refused(self, code: int, *said: str) -> None:
        """Assert that it ended with this code and, beside runs that it continues, one line that says these words."""
        lines = [line for line in self.err.splitlines() if line.strip() and "Continuing run" not in line]
        assert self.code == code, self.err
        assert "Traceback" not in self.err, self.err
        assert len(lines) == 1, self.err
        assert all(word in lines[0] for word in said), self.err


class Process:
    """`copydesk ...` in a desk, in a session of its own, so that a kill takes its workers with it."""

    def __init__(self, desk: Path, *words: str, limit_bytes: int | None = None, **more: str) -> None:
        env = environment(**more)
        self._process: Launched | subprocess.Popen[bytes]
        if limit_bytes is None and is_plain(env):
            self._process = launcher.start(words, cwd=desk, env=env)
            return
        command = [sys.executable, "-m", "copydesk", *words]
        if limit_bytes is not None:  # a file cannot grow past this: what a full disk is to a file
            command = ["prlimit", f"--fsize={limit_bytes}", *command]
        self._process = subprocess.Popen(
            command, cwd=desk, env=env, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def alive(self) -> bool:
        """Return whether it has not ended."""
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        """Send the process itself a signal."""
        self._process.send_signal(number)

    def kill(self, *, orphans: bool = False) -> bool:
        """Kill it, with its workers or without them; return whether it was still at work."""
        with suppress(ProcessLookupError):
            (os.kill if orphans else os.killpg)(self._process.pid, signal.SIGKILL)
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        for pipe in pipes:
            if pipe is not None:
                pipe.close()
        return self._process.wait() == -signal.SIGKILL

    def end(self, timeout: float = 300) -> Ended:
        """Wait for its end."""
        out, err = self._process.communicate(timeout=timeout)
        assert self._process.returncode is not None
        return Ended(code=self._process.returncode, out=out.decode(), err=err.decode())


def start(desk: Path, *words: str, limit_bytes: int | None = None, **more: str) -> Process:
    """Start `copydesk run`, or another command."""
    return Process(desk, *(words or ("run", "--json")), limit_bytes=limit_bytes, **more)


def run(desk: Path, *words: str, limit_bytes: int | None = None, **more: str) -> Ended:
    """Run `copydesk run`, or another command, to its end."""
    return start(desk, *words, limit_bytes=limit_bytes, **more).end()


def at(point: str, *, nth: int = 1, action: str = "kill", desk: Path) -> dict[str, str]:
    """Return the environment in which something happens at a named point (see `injected/sitecustomize.py`)."""
    return {"FAULT_ROOT": str(desk), "FAULT_POINT": point, "FAULT_NTH": str(nth), "FAULT_ACTION": action}


def points(desk: Path, *words: str) -> list[str]:
    """Run to the end and return the names of the points it passed, in order, with repetitions."""
    log = desk.with_name(f"{desk.name}.points")
    ended = run(desk, *words, FAULT_ROOT=str(desk), FAULT_ACTION="record", FAULT_LOG=str(log))
    assert ended.code == 0, ended.err
    names = log.read_text(encoding="utf-8").splitlines()
    log.unlink()
    return names


def warehouse(desk: Path) -> Path:
    """Return the desk's DuckDB file."""
    return desk / "warehouse" / "copydesk.duckdb"


def stage_of(desk: Path) -> str:
    """Say where the latest run of a desk stopped: the stage that is not done, or `none` when nothing was begun."""
    for folder in sorted((desk / "warehouse" / "runs").glob("2*"), reverse=True):
        done = [s for s in ("acquire", "extract", "check", "publish") if (folder / f"{s}.done").exists()]
        return ("acquire", "extract", "check", "publish", "remove")[len(done)]
    return "none"


@contextmanager
def held(desk: Path, point: str, *words: str, nth: int = 1) -> Iterator[Process]:
    """Start a run, wait until it stands at a named point, and let it go on when the block ends."""
    process = start(desk, *words, **at(point, nth=nth, desk=desk, action="hold"))
    mark, deadline = desk / "held", time.monotonic() + 120
    while not mark.exists():
        assert process.alive(), process.end().err
        assert time.monotonic() < deadline, f"{point} was not passed"
        time.sleep(0.01)
    try:
        yield process
    finally:
        mark.unlink(missing_ok=True)


def numbers(ended: Ended) -> dict[str, int]:
    """Return what `run --json` counted."""
    counted: dict[str, int] = json.loads(ended.out)
    return counted
