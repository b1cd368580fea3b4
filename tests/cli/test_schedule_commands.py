"""The commands around the scheduler, on a desk that no scheduler serves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from copydesk.logs import log, start_logs
from copydesk.resources import FLOWS
from copydesk.service.notifications import notify
from copydesk.service.state import serving
from copydesk.settings import find_desk_folder

SOURCE = Path(__file__).parents[2] / "src"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Give a desk with one scheduled source and one without a schedule."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "copydesk.toml").write_text(
        '[[source]]\nname = "wire"\npaths = ["pages"]\nschedule = "every 15 minutes"\n'
        '[[source]]\nname = "by-hand"\npaths = ["pages"]\n',
        encoding="utf-8",
    )
    return tmp_path


def copydesk(*arguments: str, desk: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, as a user does."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT", "COPYDESK"))}
    return subprocess.run(
        [sys.executable, "-m", "copydesk", *arguments, "--desk", str(desk)],
        env={**clean, "PYTHONPATH": str(SOURCE), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_status_of_a_desk_that_never_ran(desk: Path) -> None:
    """Without a warehouse, a scheduler or a log, each source is there with its schedule and what is next."""
    done = copydesk("status", "--json", desk=desk)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    wire, by_hand = said["sources"]
    assert said["scheduler"] is None
    assert (wire["schedule"], wire["loaded"], wire["run_id"]) == ("every 15 minutes", 0, None)
    assert wire["next_run"][14:16] in {"00", "15", "30", "45"}
    assert by_hand["next_run"] is None
    assert "copydesk serve" in copydesk("status", desk=desk).stdout


def test_status_ends_with_1_when_a_source_has_failed(desk: Path) -> None:
    """What somebody was told about is seen in the status, too, and by a script that looks at its exit code."""
    where = find_desk_folder(desk)
    where.warehouse.parent.mkdir()
    notify(where, "wire", {"failed": "no route to host"})
    done = copydesk("status", "--json", desk=desk)
    assert done.returncode == 1
    assert json.loads(done.stdout)["sources"][0]["result"] == "failed"


def test_pause_and_resume_work_without_a_scheduler(desk: Path) -> None:
    """A paused source has no next run; a name that is no source is refused."""
    assert copydesk("pause", "wire", desk=desk).stdout == "wire paused\n"
    paused = json.loads(copydesk("status", "--json", desk=desk).stdout)["sources"][0]
    assert (paused["schedule"], paused["next_run"]) == ("paused", None)
    assert "already" in copydesk("pause", "wire", desk=desk).stdout
    assert copydesk("resume", "wire", desk=desk).stdout == "wire resumed\n"
    refused = copydesk("pause", "wier", desk=desk)
    assert refused.returncode == 2
    assert "wire" in refused.stderr


def test_serve_refuses_a_schedule_it_cannot_read(desk: Path) -> None:
    """A wrong schedule is one line and exit code 2, before a server is started or a file is written."""
    path = desk / "copydesk.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("every 15 minutes", "now and then"), encoding="utf-8")
    done = copydesk("serve", desk=desk)
    assert done.returncode == 2
    assert done.stderr.startswith("copydesk: source wire: schedule 'now and then'")
    assert done.stderr.count("\n") == 1
    assert not (desk / "warehouse").exists()


def test_trigger_without_a_scheduler_says_what_to_do(desk: Path) -> None:
    """Nobody to ask is exit code 1 and both ways out; an unknown source is 2."""
    done = copydesk("trigger", "wire", desk=desk)
    assert done.returncode == 1
    assert "copydesk serve" in done.stderr
    assert "copydesk run wire" in done.stderr
    assert copydesk("trigger", "wier", desk=desk).returncode == 2
    assert copydesk("trigger", "wire", "--param", "x", desk=desk).returncode == 2


def test_logs_print_one_line_per_event(desk: Path) -> None:
    """The last run's lines are readable, with its fields, and machine-readable with --json."""
    start_logs(desk / "warehouse" / "logs", console=False)
    log.info("stage done", run="20261121T180000-abc", stage="acquire", seconds=0.5)
    shown = copydesk("logs", desk=desk)
    assert shown.stdout.rstrip().endswith("stage done  stage=acquire seconds=0.5")
    assert json.loads(copydesk("logs", "2026", "--json", desk=desk).stdout)["stage"] == "acquire"


def test_the_commands_import_no_prefect() -> None:
    """Asking for help or the status costs nothing of Prefect's start-up."""
    code = "import sys, copydesk.cli, copydesk.service.notifications, copydesk.logs; sys.exit('prefect' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(SOURCE)}, check=False)
    assert done.returncode == 0


def test_every_flow_that_a_command_hands_over_to_is_there() -> None:
    """The scripts behind serve, trigger and run --prefect are where the commands look for them."""
    assert {p.stem for p in FLOWS.glob("*.py")} >= {
        "serve",
        "trigger",
        "ingest",
        "execute_run",
        "replay",
        "reprocess",
        "upkeep",
    }


def test_a_scheduler_that_is_starting_is_said_to_be(desk: Path) -> None:
    """Until the scheduler is ready, which takes a minute at first, `status` and `trigger` do not say to start one."""
    with serving(find_desk_folder(desk)):
        assert "The scheduler is starting" in copydesk("status", desk=desk).stdout
        asked = copydesk("trigger", "wire", desk=desk)
    assert asked.returncode
    assert "the scheduler is starting" in asked.stderr
    assert "No scheduler runs" in copydesk("status", desk=desk).stdout
