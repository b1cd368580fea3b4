"""Read copies: a load never waits for a reader, a reader never meets the lock, and reads what was committed."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.store.conftest import Desk, Page

from copydesk.errors import WarehouseVersionError
from copydesk.store.curate.forget import forget
from copydesk.store.read.read_copies import ReadCopies, copies_folder
from copydesk.store.warehouse.connection import Warehouse

_COUNT = "select count(*) from articles"


def eventually(copies: ReadCopies, count: int) -> None:
    """Read until there are so many articles, as a person does who reloads a page."""
    deadline = time.monotonic() + 30
    seen = None
    while time.monotonic() < deadline:
        with copies.reading() as (connection, _, _):
            seen = connection.value(_COUNT)
        if seen == count:
            return
        time.sleep(0.2)
    raise AssertionError(f"{seen} articles, not {count}")


def test_a_load_does_not_wait_for_a_reader(desk: Desk) -> None:
    """While a reader is in the middle of reading, a load without any patience goes through; later readers see it."""
    desk.load(Page(uri="a"))
    impatient = Warehouse(desk.warehouse.path, lock_timeout_s=0)
    with ReadCopies(desk.warehouse) as copies:
        with copies.reading() as (connection, _, _):
            assert connection.value(_COUNT) == 1
            with impatient.open_for_writing():
                pass
            desk.load(Page(uri="b", salt="b"))
            assert connection.value(_COUNT) == 1
        eventually(copies, 2)


def test_a_reader_does_not_meet_the_lock(desk: Desk) -> None:
    """While another process holds the warehouse for writing, pages are read as before."""
    desk.load(Page(uri="a"))
    with ReadCopies(desk.warehouse) as copies:
        with copies.reading() as (connection, _, _):
            assert connection.value(_COUNT) == 1
        code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
        holder = subprocess.Popen(
            [sys.executable, "-c", code, str(desk.warehouse.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        began = time.monotonic()
        for _ in range(5):
            time.sleep(0.3)
            with copies.reading() as (connection, _, _):
                assert connection.value(_COUNT) == 1
        assert holder.poll() is None
        holder.communicate()
        assert time.monotonic() - began < 30


def test_what_is_committed_and_not_yet_in_the_file_is_read(desk: Desk) -> None:
    """The journal of a process that was killed after its commit is copied along."""
    desk.load(Page(uri="a"))
    code = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute(\"set checkpoint_threshold = '1GB'\"); "
        "c.execute(\"insert into ops.incidents values ('r', 's', 'why', now())\"); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(desk.warehouse.path)], check=False)
    assert desk.warehouse.path.with_name(desk.warehouse.path.name + ".wal").exists()
    with ReadCopies(desk.warehouse) as copies, copies.reading() as (connection, _, _):
        assert connection.value("select count(*) from ops.incidents") == 1


def test_copies_are_removed(desk: Desk) -> None:
    """Nothing stays behind: not of this process, and not of one that was killed."""
    desk.load(Page(uri="a"))
    folder = copies_folder(desk.warehouse.path)
    folder.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (folder / f"{gone.pid}-aa.duckdb").write_bytes(b"left")
    with ReadCopies(desk.warehouse) as copies:
        with copies.reading():
            assert len(list(folder.glob("*.duckdb"))) >= 1
            assert not (folder / f"{gone.pid}-aa.duckdb").exists()
        desk.load(Page(uri="b", salt="b"))
        eventually(copies, 2)
    assert not folder.exists()


def test_what_is_forgotten_is_not_shown_again(desk: Desk) -> None:
    """The first page after `forget` is of a new copy: the former one has the article."""
    desk.load(Page(uri="a"), Page(uri="b", salt="b"))
    with ReadCopies(desk.warehouse) as copies:
        with copies.reading() as (connection, _, _):
            assert connection.value(_COUNT) == 2
        forget(desk.warehouse, desk.root, "b", archive=desk.root / "archive")
        with copies.reading() as (connection, _, _):
            assert connection.value(_COUNT) == 1


def test_without_a_warehouse_there_is_an_error(tmp_path: Path) -> None:
    """A desk that has not run yet says what to do."""
    with ReadCopies(Warehouse(tmp_path / "none.duckdb")) as copies, pytest.raises(WarehouseVersionError, match="run"):  # noqa: SIM117
        with copies.reading():
            pass


def test_a_load_of_another_process_is_seen(desk: Desk) -> None:
    """Several loads one after the other: in the end all is there, and each reading is of one state."""
    desk.load(Page(uri="a"))
    with ReadCopies(desk.warehouse) as copies:
        for n in range(4):
            desk.load(replace(Page(uri="x"), uri=f"x{n}", salt=str(n)))
            with copies.reading() as (connection, _, _):
                assert connection.value(_COUNT) in range(1, 6)
        eventually(copies, 5)
