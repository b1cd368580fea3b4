"""Where the shared data lie, and a desk to work on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.launcher import is_plain, start

settings.register_profile("copydesk", deadline=None)  # one slow fsync on a shared disk is no failure
settings.load_profile("copydesk")

os.environ.setdefault("POLARS_MAX_THREADS", "1")

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("COPYDESK_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Give DuckDB one thread in this process: tables of some rows fill no second, and waking them is 40 % of a load."""
    from copydesk.store.warehouse import engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(engine._OPTIONS, "threads", "1")
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with `seeds/` (gold labels) and `bench/` (real pages); the test is skipped where it is absent."""
    if not (SHARED / "bench").is_dir():
        pytest.skip(f"needs the shared data: set COPYDESK_SHARED to their folder ({SHARED} is not there)")
    return SHARED


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


Command = Callable[..., Ended]


def run_command(*words: str, cwd: Path, stdin: bytes | None = None, **environment: str) -> Ended:
    """Run `copydesk` as a user does: a process of its own, in a folder (see `tests/launcher.py`)."""
    env = {**clean_environment(), **environment}
    if is_plain(env):
        launched = start(words, cwd=cwd, env=env)
        out, err = launched.communicate(stdin or b"", timeout=300)
        return Ended(launched.wait(), out.decode(), err.decode())
    done = subprocess.run(
        [sys.executable, "-m", "copydesk", *words],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        timeout=300,
        check=False,
        env=env,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run `copydesk` as a user does, in a folder of the test's own."""

    def run(*words: str, cwd: Path = tmp_path, stdin: bytes | None = None, **environment: str) -> Ended:
        return run_command(*words, cwd=cwd, stdin=stdin, **environment)

    return run


def clean_environment() -> dict[str, str]:
    """Return the environment without what could change a desk, and with the package where it is."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COPYDESK_", "PREFECT_"))}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200", "NO_COLOR": "1"}


@pytest.fixture(scope="session")
def new_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk as `copydesk init` makes it, to copy and not to change."""
    root = tmp_path_factory.mktemp("new")
    assert run_command("init", "desk", cwd=root).code == 0
    return root / "desk"


@pytest.fixture(scope="session")
def run_desk(tmp_path_factory: pytest.TempPathFactory, new_desk: Path) -> Path:
    """The same after `copydesk run`, to copy and not to change: what it holds is named by its path in the desk."""
    desk = tmp_path_factory.mktemp("run") / "desk"
    shutil.copytree(new_desk, desk)
    ended = run_command("run", cwd=desk)
    assert ended.code == 0, ended.err
    return desk


@pytest.fixture
def desk(tmp_path: Path, new_desk: Path) -> Path:
    """A desk as `copydesk init` makes it, with the five seeds."""
    shutil.copytree(new_desk, tmp_path / "desk")
    return tmp_path / "desk"


@pytest.fixture
def loaded(desk: Path, run_desk: Path) -> Path:
    """The test's desk after `copydesk run`."""
    shutil.copytree(run_desk, desk, dirs_exist_ok=True)
    return desk
