"""The file: who may open it, who waits, what is refused."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from tests.store.conftest import DAY_ONE, Desk, Page

from copydesk import table_cache
from copydesk.errors import WarehouseBusyError, WarehouseVersionError
from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.constraints import KEYS, broken_keys
from copydesk.store.warehouse.ledger import RunRow, mark_interrupted, record_run


def _hold(path: Path, seconds: float) -> subprocess.Popen[str]:
    """Hold the file read-only from another process; returns once it is held."""
    program = f"""
        import duckdb, time
        connection = duckdb.connect({str(path)!r}, read_only=True)
        print("held", flush=True)
        time.sleep({seconds})
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_reader_in_the_way_is_waited_for(desk: Desk) -> None:
    """A load begun while somebody reads goes through as soon as the reader is gone."""
    desk.load(Page())
    with _hold(desk.warehouse.path, 0.5):
        assert desk.load(Page(uri="b.txt")).loaded == 1


def test_a_reader_past_the_deadline_is_named_and_nothing_is_lost(desk: Desk) -> None:
    """Past the deadline the message names the process; the parts are kept and load later without being made again."""
    desk.load(Page())
    with _hold(desk.warehouse.path, 60) as reader:
        desk.warehouse.lock_timeout_s = 0.2
        with pytest.raises(WarehouseBusyError, match=f"process {reader.pid}"):
            desk.load(Page(uri="b.txt"))
        reader.kill()
    assert desk.load_again("run-001").loaded == 1


@pytest.mark.parametrize("content", [b"", b"hello " * 4000, b"\0" * 20_000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    """A corrupt or foreign file is refused before a byte of it changes."""
    path = tmp_path / "w.duckdb"
    path.write_bytes(content)
    with pytest.raises(WarehouseVersionError), Warehouse(path).open_for_writing():
        pass
    assert path.read_bytes() == content


def test_a_foreign_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A DuckDB file with other tables is not taken over."""
    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("create table sales (amount integer)")
    before = path.read_bytes()
    with pytest.raises(WarehouseVersionError, match="not a Copydesk warehouse"), Warehouse(path).open_for_writing():
        pass
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("insert into ops.migrations values (999, 'later', 'x', now())", "newer Copydesk"),
        ("update ops.migrations set sha256 = 'x' where number = 1", "another text of migration 001"),
    ],
)
def test_a_newer_or_drifted_file_is_refused_and_left_alone(desk: Desk, change: str, message: str) -> None:
    """A file of a newer Copydesk, or of other migrations, is refused for reading and for writing."""
    desk.load(Page())
    with duckdb.connect(str(desk.warehouse.path)) as raw:
        raw.execute(change)
    before = desk.warehouse.path.read_bytes()
    with pytest.raises(WarehouseVersionError, match=message), desk.warehouse.open_for_writing():
        pass
    with pytest.raises(WarehouseVersionError, match=message), desk.warehouse.open_for_reading():
        pass
    assert desk.warehouse.path.read_bytes() == before


def test_a_missing_warehouse_cannot_be_read(tmp_path: Path) -> None:
    """Reading what is not there says how to make it, and makes nothing."""
    with pytest.raises(WarehouseVersionError, match="copydesk run"), Warehouse(tmp_path / "w").open_for_reading():
        pass
    assert list(tmp_path.iterdir()) == []


def test_every_table_and_column_is_explained(desk: Desk) -> None:
    """No table, view or column of ours is without a comment."""
    desk.load(Page())
    ours = "schema_name in ('main', 'audit', 'ops') and not internal"
    assert desk.rows(f"select table_name from duckdb_tables() where comment is null and {ours}") == []
    assert desk.rows(f"select view_name from duckdb_views() where comment is null and {ours}") == []
    assert desk.rows(f"select table_name, column_name from duckdb_columns() where comment is null and {ours}") == []


def test_a_killed_migration_leaves_the_old_version(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that stops half way is not there at all; the next opening applies it, after a backup."""
    desk.load(Page())
    before = desk.dump()
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in migrate.MIGRATIONS.glob("*.sql"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)
    program = """
        import os, sys
        from pathlib import Path
        from copydesk.store.warehouse import migrate
        from copydesk.store.warehouse.connection import Warehouse
        import duckdb
        migrate.MIGRATIONS = Path(sys.argv[2])
        class Killed(duckdb.DuckDBPyConnection): pass
        apply = migrate._apply
        def die(raw, path, migration):
            raw.execute("begin transaction")
            raw.execute(migration.sql)
            os._exit(9)
        migrate._apply = die
        with Warehouse(Path(sys.argv[1])).open_for_writing(): pass
    """
    (folder / "900_more.sql").write_text("create table main.more (x integer);", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(desk.warehouse.path), str(folder)],
        check=False,
        env={"PYTHONPATH": str(Path(migrate.__file__).parents[3])},
    )
    assert done.returncode == 9
    with duckdb.connect(str(desk.warehouse.path), read_only=True) as raw:
        assert raw.execute("select count(*) from ops.migrations where number = 900").fetchall() == [(0,)]
        assert raw.execute("select count(*) from duckdb_tables() where table_name = 'more'").fetchall() == [(0,)]

    assert desk.dump() == before | {"more": []}
    assert desk.warehouse.path.with_name("copydesk.duckdb.before-900").exists()
    assert desk.rows("select count(*) from ops.migrations where number = 900") == [(1,)]


def test_a_run_whose_process_is_gone_is_marked(desk: Desk) -> None:
    """A run that says running under a process that ended, or whose number another one has, is interrupted."""
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with desk.warehouse.open_for_writing() as connection:
        record_run(connection, RunRow(run_id="alive", started_at=DAY_ONE))
        record_run(connection, RunRow(run_id="ended", started_at=DAY_ONE, pid=int(ended.stdout)))
        record_run(connection, RunRow(run_id="recycled", started_at=DAY_ONE, process_started_at="1"))
        record_run(connection, RunRow(run_id="elsewhere", started_at=DAY_ONE, pid=1, host="another-machine"))
        assert sorted(mark_interrupted(connection)) == ["ended", "recycled"]


def test_a_new_warehouse_is_copied_from_one_kept_between_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its migrations are dated to its own making, and kept bytes that are damaged are made again, not copied."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    for number in range(3):
        for known in (table_cache.cache_folder, table_cache._folder, migrate._blank):
            known.cache_clear()  # as a new process
        began = datetime.now(UTC)
        with Warehouse(tmp_path / f"{number}.duckdb").open_for_writing() as connection:
            first = connection.value("select min(applied_at) from ops.migrations")
            assert began <= first <= datetime.now(UTC)
            assert migrate.lacking(connection.raw, connection.path) is migrate.Lack.NOTHING
        (kept,) = (tmp_path / "caches").rglob("blank-*.pickle")
        if number == 1:
            whole = kept.read_bytes()
            kept.write_bytes(whole[:5000] + bytes(1000) + whole[6000:])  # a block that was never written
    for known in (table_cache.cache_folder, table_cache._folder, migrate._blank):
        known.cache_clear()


def test_a_row_that_stands_twice_is_noticed_where_the_engine_enforces_no_key(desk: Desk) -> None:
    """Every table whose key DuckDB does not keep as an index is looked at; one with rows twice is named."""
    desk.load(Page(), Page(uri="b.txt"))
    with desk.warehouse.open_for_writing() as connection:
        declared = {
            f"{schema}.{table}"
            for schema, table in connection.rows(
                "select schema_name, table_name from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
            )
        }
        filled = [
            table for table in KEYS if table not in declared and connection.value(f"select count(*) from {table}")
        ]
        assert {"main.articles", "main.revisions", "main.sketches", "main.stories", "audit.captures"} <= set(filled)
        assert broken_keys(connection) == []
        for table in filled:
            with suppress(_Undo), connection.transaction():
                connection.execute(f"insert into {table} from {table} limit 1")
                assert [line for line in broken_keys(connection) if line.startswith(f"{table}: one row per")]
                raise _Undo


def test_a_long_query_draws_nothing_into_the_output_of_a_script() -> None:
    """`python -c` counts as a person at a prompt for DuckDB; what reads its output gets no progress bar."""
    program = """
        from copydesk.store.warehouse.engine import connect
        with connect() as raw:
            print(raw.execute("select current_setting('enable_progress_bar')").fetchone())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, capture_output=True, text=True)
    assert done.stdout == "(False,)\n"


class _Undo(Exception):  # noqa: N818 no error
    """Ends a transaction without a trace."""
