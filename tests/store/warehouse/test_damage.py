"""Damaged, foreign and locked files are told apart, and each is named with what to do; nothing is written to them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from tests.conftest import Command
from tests.store.conftest import Desk, Page

from copydesk.errors import StoreError, WarehouseBusyError, WarehouseVersionError
from copydesk.store.read.search import search
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.duckdb_errors import damage_error, is_locked

PAGES = [
    Page(uri=f"{n}.txt", title=f"Story {n}", paragraphs=tuple(f"{n} {i} " + "x" * 300 for i in range(40)))
    for n in range(60)
]
HOLD = """
import duckdb, sys, time
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""
WRITE_A_JOURNAL = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
for n in range(50):
    connection.execute("insert into ops.tallies values (?, 'check', 'reason', 'x', 1)", [f"r{n}"])
os._exit(0)
"""


@pytest.fixture
def path(desk: Desk) -> Path:
    """A warehouse of some blocks."""
    desk.load(*PAGES)
    return desk.warehouse.path


def _flip(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        some = file.read(8)
        file.seek(offset)
        file.write(bytes(byte ^ 0xFF for byte in some))


def _read_all(path: Path) -> None:
    with Warehouse(path, lock_timeout_s=5).open_for_reading() as connection:
        for (table,) in connection.rows("select schema_name || '.' || table_name from duckdb_tables()"):
            connection.rows(f"select bit_xor(hash(t)) from {table} as t")


def _refusal(path: Path) -> WarehouseVersionError | None:
    try:
        _read_all(path)
    except WarehouseVersionError as error:
        return error
    return None


def test_every_damaged_block_is_named(path: Path) -> None:
    """Bytes flipped in any block: at once an error that says damaged and what to restore, exit code 2."""
    whole = path.read_bytes()
    snapshot = path.with_suffix(".snapshot.duckdb")
    shutil.copyfile(path, snapshot)
    refused = 0
    for offset in (100, 4096 + 50, *range(12_288 + 500, len(whole), 262_144)):
        path.write_bytes(whole)
        _flip(path, offset)
        damaged = path.read_bytes()
        error = _refusal(path)
        if error is not None:
            refused += 1
            assert error.exit_code == 2
            assert f"{path} is damaged: " in str(error)
            assert f"copy {snapshot.name} to {path.name}" in str(error)
        assert path.read_bytes() == damaged
    assert refused >= len(whole) // 262_144 // 2, "most blocks hold rows, so flipping them must be noticed"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_a_truncated_file_is_named(path: Path, share: float) -> None:
    """A file that lost its end, or everything, is refused for reading and writing, and stays as it is."""
    os.truncate(path, int(path.stat().st_size * share))
    left = path.read_bytes()
    for opened in (Warehouse(path).open_for_reading, Warehouse(path).open_for_writing):
        with pytest.raises(WarehouseVersionError, match=r"is empty|is damaged") as refused, opened():
            pass
        assert "Restore a backup" in str(refused.value)
    assert path.read_bytes() == left


def test_a_file_of_another_program_is_named(tmp_path: Path) -> None:
    """A SQLite file is no DuckDB file: DuckDB's own message speaks of an extension to install."""
    path = tmp_path / "copydesk.duckdb"
    with sqlite3.connect(path) as other:
        other.execute("create table sales (amount integer)")
    other.close()
    with pytest.raises(WarehouseVersionError, match="is not a DuckDB file"), Warehouse(path).open_for_writing():
        pass
    with pytest.raises(StoreError, match=r"cannot open .*Is a directory"), Warehouse(tmp_path).open_for_reading():
        pass


@pytest.fixture
def journal(path: Path) -> Path:
    """The journal of a writer that was killed."""
    subprocess.run([sys.executable, "-c", WRITE_A_JOURNAL, str(path)], check=True)
    wal = path.with_name(path.name + ".wal")
    assert wal.stat().st_size > 1000
    return wal


def test_a_damaged_journal_is_named(path: Path, journal: Path) -> None:
    """A journal with flipped bytes is named, and moved away as advised the warehouse opens."""
    _flip(journal, journal.stat().st_size // 2)
    with pytest.raises(WarehouseVersionError, match=r"\.wal is damaged .*Move it away"):
        _read_all(path)
    journal.rename(journal.with_suffix(".away"))
    _read_all(path)


def test_a_truncated_journal_opens_to_what_it_holds(path: Path, journal: Path) -> None:
    """A journal that lost its end gives the transactions before it; the ledger misses the others."""
    os.truncate(journal, journal.stat().st_size // 2)
    with Warehouse(path).open_for_reading() as connection:
        assert 0 < connection.value("select count(*) from ops.tallies where name = 'x'") < 50


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has the warehouse open for writing."""
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_lock_of_another_process_is_no_damage(path: Path, holder: subprocess.Popen[bytes]) -> None:
    """A file that another process holds is busy, by the name of that process, and not damaged."""
    with pytest.raises(duckdb.IOException) as refused:
        duckdb.connect(str(path))
    assert is_locked(refused.value)
    assert damage_error(path, refused.value) is None
    with pytest.raises(WarehouseBusyError, match=f"held by process {holder.pid}"):
        _read_all_at_once(path)


def _read_all_at_once(path: Path) -> None:
    with Warehouse(path, lock_timeout_s=0).open_for_reading():
        pass


def _texts_cannot_be_read(path: Path) -> bool:
    """Whether a file opens as a warehouse, and reading its paragraphs meets a damaged block."""
    try:
        with duckdb.connect(str(path), read_only=True) as raw:
            raw.execute("from ops.migrations").fetchall()
            raw.execute("from ops.views").fetchall()
            try:
                raw.execute("select count(distinct text) from paragraphs").fetchall()
            except duckdb.IOException as error:
                return damage_error(path, error) is not None
    except duckdb.Error:
        return False
    return False


def test_commands_say_damaged_and_end_with_2(path: Path, command: Command, tmp_path: Path) -> None:
    """A flipped block of texts: user SQL, search and export each end with exit code 2 and one line, not with a wait."""
    desk = tmp_path / "copy"
    (desk / "warehouse").mkdir(parents=True)
    (desk / "copydesk.toml").write_text("", encoding="utf-8")
    copy = desk / "warehouse" / "copydesk.duckdb"
    whole = path.read_bytes()
    copy.write_bytes(whole)
    for place in range(12_288 + 500, len(whole), 262_144):
        _flip(copy, place)
        if _texts_cannot_be_read(copy):
            break
        copy.write_bytes(whole)
    else:
        pytest.fail("no block holds texts")
    for words in (
        ("sql", "select count(distinct text) from paragraphs"),
        ("sql", "select count(distinct text) as n from paragraphs", "--format", "parquet", "--output", "n.parquet"),
        ("export", "out"),
        ("search", "story"),
    ):
        done = command(*words, cwd=desk)
        assert (done.code, len(done.err.splitlines())) == (2, 1), (words, done)
        assert "is damaged: IO Error: Corrupt database file" in done.err
    examined = command("doctor", cwd=desk)
    assert examined.code == 2
    assert "is damaged" in examined.out
    assert "before-" not in examined.out


def test_a_damaged_search_index_is_made_again(desk: Desk) -> None:
    """The index is no more than a copy: damaged, it is made again from the articles."""
    desk.load(Page())
    assert len(search(desk.warehouse, "ferry").hits) == 1
    index = desk.warehouse.path.with_suffix(".search.duckdb")
    os.truncate(index, index.stat().st_size // 2)
    assert len(search(desk.warehouse, "ferry").hits) == 1
