from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests import launcher

REPOSITORY = Path(__file__).parents[2]
START_S = 180
"""The first start makes Prefect's database: 8 s on a quiet machine, a minute on a busy one."""

sys.path.insert(0, str(REPOSITORY / "flows"))


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Wait for a condition and return what it gave; fail by name when it does not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        began = time.monotonic()
        if found := condition():
            return found
        # A look at the status is a process of its own: it leaves two thirds of a core to what is waited for.
        time.sleep(max(0.5, min(5.0, 2 * (time.monotonic() - began))))
    raise AssertionError(f"not within {seconds:g} s: {what}")


@dataclass(slots=True)
class Serving:
    """A desk and its scheduler, as a user has them: a folder and a command."""

    root: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Run a command of the desk to its end."""
        words = [*arguments, "--desk", str(self.root)]
        if arguments[0] == "status" and launcher.is_plain(self.environment):  # asked for in a loop
            process = launcher.start(words, cwd=self.root, env=self.environment)
            out, err = process.communicate(timeout=timeout)
            return subprocess.CompletedProcess(words, process.wait(), out.decode(), err.decode())
        return subprocess.run(
            [sys.executable, "-m", "copydesk", *words],
            env=self.environment, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    def start(self) -> None:
        """Start the scheduler and wait until it serves."""
        command = [sys.executable, "-m", "copydesk", "serve", "--desk", str(self.root), "--port", str(self.port)]
        with (self.root / "console.txt").open("ab") as sink:
            self.process = subprocess.Popen(command, env=self.environment, stdout=sink, stderr=sink)
        until(lambda: self.status()["scheduler"] or self.ended(), START_S, "the scheduler serves")
        assert not self.ended(), self.console()

    def ended(self) -> bool:
        """Return whether the scheduler's process is gone."""
        return self.process is not None and self.process.poll() is not None

    def console(self) -> str:
        """Return what the scheduler has printed."""
        return (self.root / "console.txt").read_text(errors="replace")

    def status(self) -> dict[str, Any]:
        """Return what `copydesk status --json` says."""
        done = self.run("status", "--json")
        assert done.returncode in {0, 1}, done.stderr
        return dict(json.loads(done.stdout))

    def source(self, name: str) -> dict[str, Any]:
        """Return one source of the status."""
        return next(s for s in self.status()["sources"] if s["source"] == name)

    def kill(self, sign: signal.Signals) -> int:
        """Send the scheduler a signal and return its exit code."""
        assert self.process is not None
        self.process.send_signal(sign)
        return self.process.wait(30)

    def processes(self) -> list[str]:
        """Return the command lines of everything that works for this desk."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environment = (folder / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if f"COPYDESK_DESK={self.root}\0" in environment and command:
                found.append(command)
        return found


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Give a served desk with the seeds by schedule; one server for the whole session."""
    root = tmp_path_factory.mktemp("desk")
    shutil.copytree(REPOSITORY / "seeds", root / "pages")
    (root / "bad").mkdir()
    for i in range(20):
        (root / "bad" / f"{i}.txt").write_bytes(b"Home\nLogin\n" + str(i).encode())
    (root / "copydesk.toml").write_text(
        """
[[source]]
name = "pages"
paths = ["pages"]
schedule = "every 5 seconds"

[[source]]
name = "bad"
paths = ["bad"]

[run]
workers = 1

[notify]
command = ["sh", "-c", "cat >> told.jsonl; echo >> told.jsonl"]
""",
        encoding="utf-8",
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "COPYDESK"))}
    environment["PYTHONPATH"] = str(REPOSITORY / "src")
    desk = Serving(root=root, port=free_port(), environment=environment)
    desk.start()
    try:
        yield desk
    finally:
        if desk.process is not None and desk.process.poll() is None:
            desk.kill(signal.SIGTERM)
