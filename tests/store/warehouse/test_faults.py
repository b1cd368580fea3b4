"""Faults: a load that is killed or runs out of disk at any point leaves the old rows or all the new ones."""

from __future__ import annotations

import random
import string
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.store.conftest import DAY_ONE, Desk, Page, write_run

import copydesk

PAGES = [Page(uri=f"{n}.txt", title=f"Story {n}") for n in range(6)]
LATER = [replace(p, paragraphs=("Changed.", f"It was {p.uri}."), at=DAY_ONE + timedelta(days=1)) for p in PAGES]

LOAD = """
    import os, resource, signal, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from copydesk.errors import CopydeskError
    from copydesk.store.load import load_run as load
    from copydesk.store.warehouse.ledger import RunRow
    from copydesk.store.warehouse.connection import Connection, Warehouse

    {fault}
    try:
        run = RunRow(run_id=Path(sys.argv[2]).name, started_at=datetime(2026, 5, 31, 8, tzinfo=UTC), rules_version="r1")
        load.load_run(Warehouse(Path(sys.argv[1])), run, Path(sys.argv[2]))
    except CopydeskError as error:
        print(error)
        sys.exit(7)
"""

KILL_AT_STEP = """
    def dying(run):
        def die_at(self, name, *given, **words):
            found = run(self, name, *given, **words)
            if name.stem == {step!r}:
                os.kill(os.getpid(), signal.SIGKILL)
            return found
        return die_at
    Connection.script, Connection.script_counts = dying(Connection.script), dying(Connection.script_counts)
"""

KILL_AT_STATEMENT = """
    execute = Connection.execute
    def die_at(self, sql, parameters=None):
        if sql == "checkpoint":
            os.kill(os.getpid(), signal.SIGKILL)
        execute(self, sql, parameters)
    Connection.execute = die_at
"""

FULL_DISK = """
    from copydesk.store.warehouse import connection as warehouse
    load.check_disk_space = warehouse.check_disk_space = lambda *_: None  # as if the room had gone since
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limit = os.path.getsize(sys.argv[1]) + {room}
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
"""


def _load(desk: Desk, run_id: str, fault: str) -> subprocess.CompletedProcess[str]:
    program = textwrap.dedent(LOAD).replace("{fault}", textwrap.dedent(fault).strip())
    return subprocess.run(
        [sys.executable, "-c", program, str(desk.warehouse.path), str(desk.root / run_id)],
        env={"PYTHONPATH": str(Path(copydesk.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "fault",
    [
        *(KILL_AT_STEP.format(step=s) for s in ("10_stage", "20_captures", "50_articles", "90_states")),
        KILL_AT_STEP.format(step="40_stories"),
        KILL_AT_STATEMENT,
    ],
    ids=["staged", "captures", "articles", "states", "stories", "committed"],
)
def test_a_killed_load_is_whole_or_not_there(desk: Desk, make_desk, fault: str) -> None:
    """Killed anywhere, the file has the old rows or all the new ones; the next load ends as an undisturbed one."""
    reference = make_desk("reference")
    reference.load(*PAGES)
    before = reference.dump()
    reference.load(*LATER)
    desk.load(*PAGES)
    write_run(desk.root / "run-001", LATER)

    assert _load(desk, "run-001", fault).returncode == -9
    after_kill = desk.dump()
    assert after_kill in (before, reference.dump())
    report = desk.load_again("run-001")
    assert report.done_before == (after_kill != before)
    assert desk.dump() == reference.dump()
    assert [p.name for p in desk.root.glob(".*")] == []


@pytest.mark.parametrize("room", [0, 3_000_000])
def test_a_full_disk_loses_nothing(desk: Desk, room: int) -> None:
    """Without room the load ends with one clear line; what was there is there, and with room the same parts load."""
    desk.load(*PAGES)
    before = desk.dump()
    rng = random.Random(1)
    noise = ["".join(rng.choices(string.printable[:94], k=10_000)) for _ in range(2400)]
    pages = [replace(p, paragraphs=tuple(noise[n * 400 : n * 400 + 400])) for n, p in enumerate(LATER)]
    write_run(desk.root / "run-001", [replace(p, uri=f"big-{p.uri}") for p in pages])

    done = _load(desk, "run-001", FULL_DISK.format(room=room))
    assert done.returncode == 7, done.stderr
    assert "was not loaded" in done.stdout or "Free some space" in done.stdout
    assert desk.dump() == before
    assert desk.load_again("run-001").loaded == 6


def test_a_damaged_journal_is_noticed_by_the_ledger(desk: Desk) -> None:
    """When the journal's tail is lost, the file opens to the earlier state, and the kept parts load again."""
    desk.load(*PAGES)
    write_run(desk.root / "run-001", LATER)
    _load(desk, "run-001", KILL_AT_STATEMENT)  # committed into the journal, not into the file
    wal = desk.warehouse.path.with_name(desk.warehouse.path.name + ".wal")
    wal.write_bytes(wal.read_bytes()[: wal.stat().st_size // 2])

    assert desk.load_again("run-001").loaded == 6
    assert desk.rows("select count(*) from articles where revision_count = 2") == [(6,)]


def test_loads_do_not_grow_the_file_for_ever(desk: Desk) -> None:
    """The same pages again and again: the file reaches a size and stays there."""
    sizes = []
    for _ in range(16):
        desk.load(*PAGES)
        sizes.append(desk.warehouse.path.stat().st_size)
    # free blocks are used again: it goes up and down by a tenth, and 70 loads need no more than the first eight
    assert max(sizes[8:]) <= 1.1 * max(sizes[:8])
