"""What the system does to a run: signals, full disks, locks, folders that cannot be written (F3 to F8, F26)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from copydesk.errors import RunBusyError
from copydesk.pipeline import run_desk
from copydesk.settings import find_desk_folder
from tests.faults.conftest import Pair
from tests.faults.desks import ROOT, Ended, at, environment, held, make_desk, numbers, run, start, warehouse
from tests.faults.equality import scratch

STOPS = [
    (signal.SIGTERM, 143, "rename to warehouse/runs/RUN/extract/part-N"),  # a worker stands there
    (signal.SIGINT, 130, "after begin transaction"),
]


@pytest.mark.parametrize(("number", "code", "point"), STOPS)
def test_a_stop_is_one_within_ten_seconds(pair: Pair, number: signal.Signals, code: int, point: str) -> None:
    """F3: asked to stop while it extracts or loads, a run ends within 10 s with its exit code, and the next goes on."""
    pair.inputs.grow(3, 1, 1)
    with held(pair.desk, point) as process:
        process.signal(number)
        began = time.monotonic()
        ended = process.end()
    assert time.monotonic() - began < 10
    ended.refused(code, "Interrupted")


SLOW = """
import sys
from pathlib import Path
from copydesk import cli

@cli.app.command()
def slow():
    from copydesk.store.warehouse.connection import Warehouse
    with Warehouse(Path("warehouse/copydesk.duckdb")).open_for_writing() as connection, connection.transaction():
        print("begun", flush=True)
        while True:
            connection.execute("select count(*) from range(3000000) where range % 7 = 3")

sys.argv = ["copydesk", "slow"]
cli.main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stop_inside_the_database_is_a_stop(pair: Pair, number: signal.Signals, code: int) -> None:
    """F3: a signal that comes while DuckDB works on a statement ends it with the signal's code and one line."""
    with subprocess.Popen(
        [sys.executable, "-c", SLOW], cwd=pair.desk, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(0.3)
        process.send_signal(number)
        try:
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    Ended(code=process.returncode, out=out.decode(), err=err.decode()).refused(code, "Interrupted")


FULL = (
    "archive: half a page",
    "rename to warehouse/runs/RUN/line_counts/part-N.parquet",
    "mkdir warehouse/runs/RUN/check/.part-N.PID.tmp",
    "open warehouse/runs/RUN/.publish.done.PID.tmp",
)


def test_a_disk_that_fills_at_any_write_is_one_line(pair: Pair) -> None:
    """F4, F5: from whichever write on the disk is full, the run ends with 1 and one line, and what was done is kept."""
    for point in FULL:
        pair.inputs.grow(2, 1, 1)
        run(pair.desk, **at(point, desk=pair.desk, action="full")).refused(1, "No space left")
    for limit in (100, warehouse(pair.desk).stat().st_size):  # the run's first file, the warehouse
        pair.inputs.grow(2, 1, 1)
        run(pair.desk, limit_bytes=limit).refused(1)


def test_a_file_system_that_is_full(pair: Pair, tmp_path: Path) -> None:
    """F4: a desk on a real file system without room ends with one line; given room, the same desk has all its rows."""
    probe = ["unshare", "--mount", "--map-root-user", "mount", "-t", "tmpfs", "none", str(tmp_path)]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("needs leave to mount a file system of its own (unshare --map-root-user)")
    desk = make_desk(tmp_path / "desk", pair.inputs)
    (desk / "warehouse").mkdir()
    script = """
        mount -t tmpfs -o size=2m none warehouse
        "$0" -m copydesk run --json; echo "first $?"
        mount -o remount,size=100m none warehouse
        "$0" -m copydesk run --json > out.json; echo "second $?"
    """
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, sys.executable],
        cwd=desk, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["first", "1", "second", "0"], done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert len([n for n in done.stderr.splitlines() if n.strip() and "Continuing run" not in n]) == 1, done.stderr
    told = json.loads((desk / "out.json").read_text())
    waiting = told["resumed"] + [told]
    assert sum(r["loaded"] + r["quarantined"] for r in waiting) == pair.inputs.files + len(pair.inputs.paths)


def test_two_runs_at_once(pair: Pair) -> None:
    """F6: while one run is at work another waits for it, and one that may not wait names the process."""
    pair.inputs.grow(3, 1, 1)
    with held(pair.desk, "rename to warehouse/runs/RUN/acquire.done") as first:
        second = start(pair.desk)
        with pytest.raises(RunBusyError, match=f"process {first.pid}"):
            run_desk(find_desk_folder(pair.desk), lock_timeout_s=0.1)
        assert second.alive()
    one, other = first.end(), second.end()
    assert (one.code, other.code) == (0, 0), one.err + other.err
    assert numbers(one)["captured"] >= 5
    assert numbers(other)["captured"] == 0


HOLD = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1], read_only=True)
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def _reader(path: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(path), str(seconds)]
    reader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert reader.stdout is not None
    assert reader.stdout.readline() == "held\n"
    return reader


def test_a_reader_in_the_way(pair: Pair) -> None:
    """F8: past the deadline the run names the reader and keeps its parts; the next waits 5 s, and fetches nothing."""
    run(pair.desk)  # what earlier tests left unfinished
    pair.inputs.grow(3, 1, 2)
    with _reader(warehouse(pair.desk), 100) as reader:
        run(pair.desk, COPYDESK_WAREHOUSE__LOCK_TIMEOUT_S="0.2").refused(1, f"process {reader.pid}", "copydesk load")
        reader.kill()
    assert pair.inputs.site is not None
    asked = pair.inputs.site.paths()
    with _reader(warehouse(pair.desk), 5):
        ended = run(pair.desk)
    assert ended.code == 0, ended.err
    (finished,) = json.loads(ended.out)["resumed"]
    assert finished["loaded"] + finished["quarantined"] == 6
    assert {path for path in pair.inputs.site.paths()[len(asked) :] if path.startswith("/story")} == set()


DRIFTS = {
    "a newer schema": ("insert into ops.migrations values (999, 'later', 'x', now())", "newer Copydesk"),
    "a drifted schema": ("update ops.migrations set sha256 = 'x' where number = 1", "another text"),
}


@pytest.mark.parametrize("name", DRIFTS)
def test_a_warehouse_that_does_not_fit_is_refused_before_any_write(pair: Pair, tmp_path: Path, name: str) -> None:
    """F12, F26: a newer or drifted warehouse is refused with 2 and one line before a file is made or a page fetched."""
    change, said = DRIFTS[name]
    desk = make_desk(tmp_path / "desk", pair.inputs)
    (desk / "warehouse").mkdir()
    shutil.copyfile(warehouse(pair.desk), warehouse(desk))
    with duckdb.connect(str(warehouse(desk))) as connection:
        connection.execute(change)
    before = warehouse(desk).read_bytes()
    assert pair.inputs.site is not None
    asked = len(pair.inputs.site.log)
    run(desk).refused(2, said)
    assert {p.name for p in (desk / "warehouse").iterdir()} == {"copydesk.duckdb", "logs"}
    assert warehouse(desk).read_bytes() == before
    assert len(pair.inputs.site.log) == asked


def test_a_folder_that_cannot_be_written_is_refused(pair: Pair, tmp_path: Path) -> None:
    """F26: where nothing can be written, the run ends with 2 and one line that names the folder; nothing is fetched."""
    desk = make_desk(tmp_path / "desk", pair.inputs)
    (desk / "taken").write_text("a file where the folder should be")
    assert pair.inputs.site is not None
    asked = len(pair.inputs.site.log)
    run(desk, COPYDESK_WAREHOUSE__PATH="taken/copydesk.duckdb").refused(2, "taken", "[warehouse] path")
    run(desk, COPYDESK_WAREHOUSE__PATH="/proc/copydesk/copydesk.duckdb").refused(2, "/proc/copydesk")
    assert len(pair.inputs.site.log) == asked


def test_nothing_is_left_over(pair: Pair) -> None:
    """I7: after all of it the desk equals the undisturbed one, and no folder or temporary file of a run is left."""
    pair.equal()
    assert scratch(pair.desk) == []
