"""Killed anywhere, a desk equals one that was left in peace: F1, F2, F7, F10, F13 in short (long: bench/faults.py)."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from copydesk.resources import MIGRATIONS
from copydesk.store.warehouse.stale_files import remove_stale_files
from tests.faults.conftest import Pair
from tests.faults.desks import at, environment, run, start, warehouse

POINTS = (
    "archive: half a page",
    "rename to warehouse/runs/RUN/acquire/part-N",
    "after create or replace temp table written_articles as with times as ( selec",
    "before commit",
    "rename to warehouse/runs/RUN/publish.done",
    "remove warehouse/runs/removed/RUN/run.json",
)


def test_killed_at_random_moments(pair: Pair) -> None:
    """F1: after SIGKILL at random moments, with and without its workers, one clean run equals the undisturbed desk."""
    luck = random.Random(9)
    kills = 0
    while kills < 4:
        pair.inputs.grow(3, 1, 2)
        process = start(pair.desk)
        time.sleep(luck.uniform(0.8, 3.5))
        kills += process.kill(orphans=kills % 2 == 0)
    pair.equal()


def test_killed_at_named_points(pair: Pair) -> None:
    """F2, F7, F13: killed at each step in turn, each run taking over the last one's locks, nothing is lost or doubled.

    The last kill falls between commit and checkpoint, and the journal's tail is lost, too: the kept parts load again.
    """
    for point in (*POINTS, "before checkpoint"):
        pair.inputs.grow(2, 1, 1)
        assert run(pair.desk, **at(point, desk=pair.desk)).code == -9, point
    journal = warehouse(pair.desk).with_name("copydesk.duckdb.wal")
    journal.write_bytes(journal.read_bytes()[: journal.stat().st_size // 2])
    pair.equal()


STEPS = (
    "before create table main.more (x integer);",
    "after create table main.more (x integer);",
    "before commit",
    "after commit",
    "rename to warehouse/copydesk.duckdb.before-900",
)


@pytest.mark.parametrize("step", STEPS)
def test_a_migration_killed_at_a_step(pair: Pair, tmp_path: Path, step: str) -> None:
    """F10: killed at any step of a migration, the file is the old or the new one; the next opening makes it new."""
    path = warehouse(tmp_path)
    path.parent.mkdir()
    path.write_bytes(warehouse(pair.desk).read_bytes())
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    (folder / "900_more.sql").write_text("create table main.more (x integer);", encoding="utf-8")
    fault = {**at(step, desk=tmp_path), "FAULT_MIGRATIONS": str(folder)}
    assert _open(path, fault) == -9
    with duckdb.connect(str(path), read_only=True) as connection:
        versions = connection.execute("select number from ops.migrations where number = 900").fetchall()
        tables = connection.execute("select table_name from duckdb_tables() where table_name = 'more'").fetchall()
    assert len(versions) == len(tables) == (1 if step == "after commit" else 0)
    assert _open(path, {**fault, "FAULT_POINT": ""}) == 0
    remove_stale_files(path)  # as every run does
    assert sorted(p.name for p in path.parent.iterdir()) == ["copydesk.duckdb", "copydesk.duckdb.before-900"]


def _open(path: Path, fault: dict[str, str]) -> int:
    program = "import sys; from pathlib import Path; from copydesk.store.warehouse.connection import Warehouse as W\n"
    program += "with W(Path(sys.argv[1])).open_for_writing(): pass"
    command = [sys.executable, "-c", program, str(path)]
    return subprocess.run(command, env=environment(**fault), start_new_session=True, check=False).returncode
