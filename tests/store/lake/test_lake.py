"""A lake holds what a file holds: whoever loads, however often, at the same time, killed or moved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from tests.conftest import clean_environment
from tests.postgres import PASSWORD, Postgres
from tests.store.conftest import DAY_ONE, Desk, Page, write_run

from copydesk.errors import CopydeskError, StoreError, UsageError, WarehouseBusyError
from copydesk.object_store import put_file, stored_objects
from copydesk.settings.lake_path import lake_path
from copydesk.store.doctor import examine
from copydesk.store.read.user_sql import StatementRefusedError, run_query
from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.constraints import broken_keys
from copydesk.store.warehouse.lake import attach
from copydesk.store.warehouse.lake.move import move_warehouse

_CLOCK = frozenset({"run_id", "first_run_id", "last_run_id", "loaded_at", "seen_at", "resolved_at", "applied_at"})
_COST = frozenset({"seconds", "peak_memory_bytes", "started_at", "host", "pid", "process_started_at"})

_STORY = tuple(f"The harbour board met on day {n} and spoke of quays, ferries, cranes and tides." for n in range(12))
_COPY = (*_STORY[:11], "A reader wrote in to say that the tides were not to blame for any of this.")
_FIRST = (
    Page(uri="a.txt", paragraphs=_STORY, tags=("sea",), published=DAY_ONE),
    Page(uri="b.txt", paragraphs=_COPY, source="wire", publisher="wire.example", authors=("Bo Ek", "Ada Byron")),
    Page(uri="c.txt", title="Fares", address="https://paper.example/fares?x=1", paragraphs=(_STORY[0] * 3, _STORY[1])),
    Page(uri="bad.txt", verdict="quarantined"),
    Page(uri="short.txt", verdict="rejected"),
)
_LATER = (
    replace(
        _FIRST[0], paragraphs=(*_STORY[1:], "Crowns were paid."), at=DAY_ONE + timedelta(days=1), authors=("Cy Dee",)
    ),
    replace(_FIRST[2], address="https://www.paper.example/fares", at=DAY_ONE - timedelta(days=1), salt="x"),
    replace(_FIRST[3], verdict="accepted", at=DAY_ONE + timedelta(days=2), salt="mended"),
    Page(uri="d.txt", title="Quays", tags=("sea", "trade"), sections=("News",)),
    Page(uri="wait.txt", verdict="held"),
)


def _rows(desk: Desk, *schemas: str, without: frozenset[str] = _CLOCK) -> dict[str, list[str]]:
    """Return all rows of all tables as text, without what names a run or a moment of loading."""
    found = {}
    with desk.warehouse.open_for_reading() as connection:
        for schema in schemas:
            for (table,) in connection.rows(
                "select table_name from duckdb_tables() where schema_name = $1 and table_name not in ('views')",
                [schema],
            ):
                names = [name for (name, *_) in connection.rows(f"describe {schema}.{table}") if name not in without]
                chosen = ", ".join(f'"{name}"::varchar' for name in names)
                found[f"{schema}.{table}"] = sorted(
                    map(repr, connection.rows(f"select {chosen} from {schema}.{table}"))
                )
    return found


def _reference(make_desk: Callable[[str], Desk]) -> Desk:
    desk = make_desk("file")
    desk.load(*_FIRST, part_size=2, skipped=["z"])
    desk.load(*_LATER)
    return desk


def test_a_lake_holds_the_rows_of_a_file(make_lake: Callable[[], Desk], make_desk: Callable[[str], Desk]) -> None:
    """New, changed, joined, quarantined, healed and held pages leave the same rows; a load again leaves them."""
    file, lake = make_desk("file"), make_lake()
    for pages, skipped in ((_FIRST, ["z"]), (_LATER, [])):
        reports = [desk.load(*pages, part_size=2, skipped=skipped) for desk in (file, lake)]
        assert [replace(r, columns={}) for r in reports[:1]] == [replace(r, columns={}) for r in reports[1:]]
    assert _rows(lake, "main", "audit", "ops", without=_CLOCK | _COST) == _rows(
        file, "main", "audit", "ops", without=_CLOCK | _COST
    )
    before = _rows(lake, "main", "audit", "ops", without=frozenset())
    assert lake.load_again("run-001").done_before
    assert _rows(lake, "main", "audit", "ops", without=frozenset()) == before
    wrong = [e for e in examine(lake.warehouse, lake.root / "none") if not e.ok and e.name != "space"]
    assert wrong == []

    with lake.warehouse.open_for_writing() as connection:
        connection.compact()
        connection.execute("update main.revision_changes set change = 'vanished'")
    assert _rows(lake, "audit") == _rows(file, "audit")
    found = {e.name: e for e in examine(lake.warehouse, lake.root / "none")}
    assert not found["values"].ok
    assert "main.revision_changes.change" in found["values"].found


_LOADER = """
import os, sys, time
from pathlib import Path
from tests.store.conftest import run_row
from copydesk.settings.lake_path import lake_path
from copydesk.store.load.load_run import load_run
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.lake import opening

root, address, run, stop = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
calls = 0

def reached(before):
    def step(self, *args, **kwargs):
        global calls
        calls += 1
        if calls == stop:
            print("reached", flush=True)
            time.sleep(60)
        return before(self, *args, **kwargs)
    return step

opening.LakeConnection._run = reached(opening.LakeConnection._run)
warehouse = Warehouse(lake_path(root, address, "data"), lock_timeout_s=120)
report = load_run(warehouse, run_row(run), root / run)
print("loaded", report.loaded, flush=True)
"""


def _start(desk: Desk, server: Postgres, run: str, stop: int = 0) -> subprocess.Popen[str]:
    root = Path(__file__).parents[3]
    environment = {**clean_environment(), "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    address = server.address(desk.root.name)
    return subprocess.Popen(
        [sys.executable, "-c", _LOADER, str(desk.root), address, run, str(stop)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_four_processes_load_the_same_articles(
    make_lake: Callable[[], Desk], make_desk: Callable[[str], Desk], server: Postgres
) -> None:
    """Four loads at once, of the same pages and of one of their own, leave each row once, as one after the other.

    The lines of the pages are counted once, too.
    """
    file, lake = make_desk("file"), make_lake()
    owns = [
        Page(uri=f"own-{number}.txt", title=f"Story {number}", tags=("sea",), authors=("Ada Byron",))
        for number in range(4)
    ]
    for number, own in enumerate(owns):
        write_run(lake.root / f"run-{number:03}", [*_FIRST, own], count=True)
    with lake.warehouse.open_for_writing():  # the lake is made once, before the race for its rows
        pass
    processes = [_start(lake, server, f"run-{number:03}") for number in range(4)]
    for own in owns:
        file.load(*_FIRST, own, count=True)
    assert [p.communicate(timeout=240)[0].split()[-2:] for p in processes] == [["loaded", "4"]] * 4
    assert _rows(lake, "main") == _rows(file, "main")
    audit = [_rows(desk, "audit") for desk in (lake, file)]
    for rows in audit:
        del rows[
            "audit.boilerplate"
        ]  # words and examples of a line are those of the load that was the first to name it
    assert audit[0] == audit[1]
    counts = "select site, line_key, pages from audit.boilerplate order by all"
    assert lake.rows(counts) == file.rows(counts)
    with lake.warehouse.open_for_reading() as connection:
        assert broken_keys(connection) == []
        assert connection.value("select count(*) from ops.runs") == 4


def test_a_killed_load_leaves_nothing(
    make_lake: Callable[[], Desk], make_desk: Callable[[str], Desk], server: Postgres
) -> None:
    """A load that is killed between two of its steps leaves no row and no lock, and the next one makes it good."""
    file, lake = _reference(make_desk), make_lake()
    lake.load(*_FIRST, part_size=2, skipped=["z"])
    before = _rows(lake, "main", "audit", "ops", without=frozenset())
    write_run(lake.root / "run-001", _LATER)
    lake.runs.append("run-001")
    for stop in (35, 47, 70):  # after the revisions, before the stories, with all rows written
        process = _start(lake, server, "run-001", stop)
        assert process.stdout is not None
        assert process.stdout.readline() == "reached\n"
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    assert _rows(lake, "main", "audit", "ops", without=frozenset()) == before
    lake.load_again("run-001")
    assert _rows(lake, "main", "audit") == _rows(file, "main", "audit")


def test_a_lake_in_s3_holds_the_rows_of_a_file(
    make_stored_lake: Callable[[], Desk], make_desk: Callable[[str], Desk]
) -> None:
    """Data files in S3: loads leave the rows of a file, SQL by a user reads them and no other object, forget purges."""
    file, lake = _reference(make_desk), make_stored_lake()
    lake.load(*_FIRST, part_size=2, skipped=["z"])
    lake.load(*_LATER)
    assert _rows(lake, "main", "audit") == _rows(file, "main", "audit")
    assert not (lake.root / "data").exists()
    stored = {one.address for one in stored_objects(f"s3://news/{lake.root.name}/")}
    assert stored
    assert all(address.endswith(".parquet") for address in stored)
    number = run_query(lake.warehouse, "select count(*) from latest_articles").rows
    assert number == run_query(file.warehouse, "select count(*) from latest_articles").rows
    put_file("s3://news/other/x.csv", Path(__file__))
    with pytest.raises(CopydeskError):
        run_query(lake.warehouse, "from read_csv('s3://news/other/x.csv')")
    with lake.warehouse.open_for_writing() as connection:
        connection.compact()
        connection.purge()
    assert _rows(lake, "main", "audit") == _rows(file, "main", "audit")


def test_there_and_back(make_small_lake: Callable[[], Desk], make_desk: Callable[[str], Desk]) -> None:
    """A file moved into a lake, and from there into a new file, has every row of every table; none is overwritten."""
    file, lake, back = _reference(make_desk), make_small_lake(), make_desk("back")
    moved = move_warehouse(file.warehouse, lake.warehouse)
    every = {"without": frozenset({"applied_at"})}
    rows = _rows(file, "main", "audit", "ops", **every)
    assert sum(table.rows for table in moved) == sum(len(r) for t, r in rows.items() if t != "ops.migrations")
    assert _rows(lake, "main", "audit", "ops", **every) == rows
    move_warehouse(lake.warehouse, back.warehouse)
    assert _rows(back, "main", "audit", "ops", **every) == rows
    with pytest.raises(UsageError, match="holds rows already"):
        move_warehouse(file.warehouse, lake.warehouse)
    with pytest.raises(UsageError, match="exists"):
        move_warehouse(lake.warehouse, file.warehouse)


def test_sql_by_a_user_reads_the_tables_alone(make_lake: Callable[[], Desk], tmp_path: Path) -> None:
    """SQL by a user reads tables, views and macros of a lake, and neither files, its catalogue, nor a password."""
    lake = make_lake()
    lake.load(*_FIRST)
    assert run_query(lake.warehouse, "select count(*) from latest_articles").rows == [(3,)]
    assert len(run_query(lake.warehouse, "from article_text_at('2030-01-01')").rows) == 3
    (tmp_path / "x.csv").write_text("a\n1\n", encoding="utf-8")
    for sql in (
        f"from read_csv('{tmp_path / 'x.csv'}')",
        f"from '{tmp_path / 'x.csv'}'",
        "from __ducklake_metadata_lake.copydesk_lake.ducklake_table",
        'from "__DUCKLAKE_METADATA_lake".pg_catalog.pg_authid',
        "describe __ducklake_metadata_lake.pg_catalog.pg_authid",
        "from postgres_query('__ducklake_metadata_lake', 'select 1')",
        "from ducklake_list_files('lake', 'articles')",
        "from lake.snapshots()",
        "from duckdb_secrets()",
        "call lake.merge_adjacent_files()",
        "delete from main.articles",
        "set lock_configuration = false",
        "copy (select 1) to 'x'",
    ):
        with pytest.raises(UsageError):
            run_query(lake.warehouse, sql)
    for sql in ("from duckdb_databases()", "from duckdb_settings()"):
        assert PASSWORD not in repr(run_query(lake.warehouse, sql).rows)
    with pytest.raises(StatementRefusedError):
        run_query(lake.warehouse, "from pragma_ducklake()")


def test_what_is_wrong_is_said_in_one_line(
    make_lake: Callable[[], Desk], server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A catalogue that is away, a database that is not there, a writer at work and a missing extra are named."""
    lake = make_lake()
    away = server.address("lake_away").replace(f"port={server.port}", "port=1")
    missing = server.address("lake_away").replace("dbname=lake_away", "dbname=nowhere")
    for address, said in ((away, "cannot be reached"), (missing, '"nowhere" does not exist')):
        with (
            pytest.raises(StoreError, match=said) as caught,
            Warehouse(lake_path(tmp_path / "away", address, "data")).open_for_reading(),
        ):
            pass
        assert "\n" not in str(caught.value)
        assert PASSWORD not in str(caught.value)

    second = Warehouse(lake.warehouse.path, lock_timeout_s=0.1)
    with (
        lake.warehouse.open_for_writing(),
        pytest.raises(WarehouseBusyError, match=rf"written by copydesk-.*-{os.getpid()} "),
        second.open_for_writing(),
    ):
        pass

    with monkeypatch.context() as patch:
        patch.setattr(attach, "_EXTENSIONS", {"sqlite": (("duckdb_extension_absent", "absent"),)})
        path = lake_path(tmp_path / "bare", "ducklake:sqlite:lake.sqlite", "data")
        with pytest.raises(UsageError, match=r"pip install 'copydesk\[lake\]'"), Warehouse(path).open_for_reading():
            pass


def test_the_server_goes_away_and_comes_back(make_lake: Callable[[], Desk], server: Postgres) -> None:
    """A process whose server was cut off or killed says so, and reads and writes again when it is back."""
    lake = make_lake()
    lake.load(*_FIRST)
    server.psql("postgres", "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
    assert lake.rows("select count(*) from main.articles") == [(3,)]
    with (  # noqa: PT012
        pytest.raises((CopydeskError, duckdb.Error)),
        lake.warehouse.open_for_writing() as connection,
        connection.transaction(),
    ):
        connection.execute("delete from main.articles")
        server.psql("postgres", "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
    assert lake.rows("select count(*) from main.articles") == [(3,)]
    server.kill()
    for _ in range(2):  # the connections of before, and new ones
        with pytest.raises(StoreError, match="cannot be reached"), lake.warehouse.open_for_reading():
            pass
    server.start()
    assert lake.load(*_LATER).loaded == 4


def test_an_older_lake_is_brought_up_to_date(
    make_small_lake: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lake made by an earlier version has, once opened, the tables, columns and comments of a new one."""
    lake, new = make_small_lake(), make_small_lake()
    every = migrate.migrations()
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "migrations", lambda: [m for m in every if m.number < 83])
        patch.setattr(migrate, "view_files", dict)
        with lake.warehouse.open_for_writing():
            pass
    columns = (
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() "
        "where schema_name in ('main', 'audit', 'ops') order by all"
    )
    assert lake.rows(columns) == new.rows(columns)
    assert lake.rows("select number from ops.migrations order by all") == [(m.number,) for m in every]
    lake.load(*_FIRST)
    assert _rows(lake, "main")["main.topics"] == _rows(new, "main")["main.topics"]


def test_a_catalogue_in_a_file(make_small_lake: Callable[[], Desk], make_desk: Callable[[str], Desk]) -> None:
    """With a SQLite catalogue a lake needs no server, and holds the same rows."""
    file, lake = make_desk("file"), make_small_lake()
    for desk in (file, lake):
        desk.load(*_FIRST, part_size=2, skipped=["z"])
    assert _rows(lake, "main", "audit") == _rows(file, "main", "audit")


def test_other_rows_of_one_table_cannot_be_replaced_at_once(make_lake: Callable[[], Desk]) -> None:
    """A commit is refused when another has deleted other rows of the table since: why a lake has one lock for writers.

    When this fails, DuckLake lets writers of different publishers commit at once, and locks per publisher would pay.
    """
    lake = make_lake().warehouse.path.lake
    one, other = (attach.make_attached(lake, memory_limit_mb=200) for _ in range(2))
    try:
        for raw in (one, other):
            raw.execute(f"use {attach.CATALOGUE}")
        one.execute("create table kept (i int, v int)")
        for i in (1, 2):  # a file each
            one.execute("insert into kept values ($1, 0)", [i])
        for i, raw in ((1, one), (2, other)):
            raw.execute("begin transaction")
            raw.execute("delete from kept where i = $1", [i])
            raw.execute("insert into kept values ($1, 1)", [i])
        one.execute("commit")
        with pytest.raises(duckdb.TransactionException, match="another transaction has deleted from it"):
            other.execute("commit")
        assert one.execute("from kept order by i").fetchall() == [(1, 1), (2, 0)]
    finally:
        for raw in (one, other):
            raw.close()
