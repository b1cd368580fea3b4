"""SQL by a user: what it may do, and what hostile statements get."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from tests.conftest import clean_environment
from tests.store.conftest import Desk, Page

from copydesk.errors import UsageError
from copydesk.store.read.export import export_articles
from copydesk.store.read.user_sql import StatementRefusedError, query_frame, run_query, select_ids, write_parquet
from copydesk.store.warehouse.connection import Warehouse

SECRET = "not-for-sql-6f1c"

WRITES = (
    "copy (select 1 a) to 'warehouse.duckdb' (format csv)",
    "copy articles to 'stolen.csv'",
    "COPY (SELECT 1) TO 'stolen.parquet' (FORMAT parquet)",
    "/* a comment */ copy (select 1) to 'stolen.csv'",
    "explain analyze copy (select 1 a) to 'warehouse.duckdb' (format csv)",
    "explain analyze /* a */ copy (select 1) to 'stolen.csv'",
    "explain (analyze, format json) copy (select 1) to 'stolen.csv'",
    "explain copy (select 1) to 'stolen.csv'",
    "copy articles from 'secret.csv'",
    "explain analyze copy articles from 'secret.csv'",
    "copy from database warehouse to memory",
    "export database 'stolen'",
    "import database 'folder'",
    "attach 'other.duckdb'",
    "attach 'warehouse.duckdb' as twin",
    "detach warehouse",
    "use main",
    "insert into articles select * from articles",
    "explain analyze insert into articles select * from articles",
    "update articles set article_id = 'x'",
    "delete from articles",
    "truncate articles",
    "merge into articles using articles as a on true when matched then delete",
    "drop table articles",
    "alter table articles add column x integer",
    "create table x as select 1",
    "create temp table x as select 1",
    "create or replace view latest_articles as select 1",
    "create macro m(a) as a",
    "create secret (type s3, key_id 'a', secret 'b')",
    "comment on table articles is 'x'",
    "set memory_limit = '90GB'",
    "set global enable_external_access = true",
    "set temp_directory = '.'",
    "set log_query_path = 'stolen.log'",
    "reset lock_configuration",
    "set variable x = 1",
    "pragma enable_profiling = 'json'",
    "pragma profiling_output = 'stolen.json'",
    "pragma show_tables",
    "call pragma_version()",
    "call enable_logging(storage = 'file', storage_path = 'stolen')",
    "select * from enable_logging(storage = 'file', storage_path = 'stolen')",
    "select * from system.main.\"ENABLE_LOGGING\"(storage := 'file', storage_path := 'stolen')",
    "select (select count(*) from enable_logging(storage = 'file', storage_path = 'stolen'))",
    "with w as (from enable_logging(storage = 'file', storage_path = 'stolen')) from w",
    "explain analyze select * from enable_logging(storage = 'file', storage_path = 'stolen')",
    "describe from enable_logging(storage = 'file', storage_path = 'stolen')",
    "select * from enable_profiling(save_location = 'stolen.json')",
    "select * from truncate_duckdb_logs()",
    "select * from query('select * from enable_logg' || 'ing(storage=''file'', storage_path=''stolen'')')",
    "from query_table('secret.csv')",
    "select * from json_execute_serialized_sql(json_serialize_sql('from enable_logging()'))",
    "select * from read_duckdb('other.duckdb')",
    "install httpfs",
    "force install httpfs from community",
    "load httpfs",
    "load '/tmp/evil.duckdb_extension'",
    "update extensions",
    "begin transaction",
    "commit",
    "checkpoint",
    "force checkpoint",
    "select * from force_checkpoint()",
    "vacuum",
    "analyze",
    "prepare p as delete from articles",
    "execute p",
    "deallocate p",
    "select 1; copy (select 1) to 'stolen.csv'",
    "select 1; select 2",
    "pivot articles on publisher_id using count(*)",
    "",
    "-- nothing",
)
"""Statements that write, change something, or call what may; refused with and without `allow_files`."""

READS = (
    "select * from read_csv('secret.csv')",
    "select content from read_text('secret.csv')",
    "select content from read_blob('secret.csv')",
    "select content from read_blob('warehouse.duckdb')",
    "from 'secret.csv'",
    'from "secret.csv"',
    "select * from read_text('/etc/passwd')",
    "from read_json('secret.csv')",
    "from read_parquet('secret.parquet')",
    "from parquet_schema('secret.parquet')",
    "from sniff_csv('secret.csv')",
    "from glob('*')",
    "describe 'secret.csv'",
    "summarize from 'secret.csv'",
    "explain analyze from 'secret.csv'",
    "with a as materialized (from 'secret.csv') from a",
    "select (select any_value(a) from 'secret.csv')",
    "from 'https://127.0.0.1:9/x.csv'",
    "from 's3://bucket/x.parquet'",
)
"""Statements that read files; refused unless files are allowed."""

CATALOGUE = {
    f"duckdb_{name}"
    for name in (
        *("approx_database_count", "columns", "connection_count", "constraints", "coordinate_systems", "databases"),
        *("dependencies", "extensions", "external_file_cache", "functions", "indexes", "keywords", "log_contexts"),
        *("logs", "logs_parsed", "memory", "optimizers", "prepared_statements", "profiling_settings", "schemas"),
        *("secret_types", "secrets", "sequences", "settings", "table_sample", "tables", "temporary_files", "types"),
        *("variables", "views"),
    )
}
"""Functions of the catalogue; none of them writes."""

ANSWERED = (
    "select 1",
    "from latest_articles",
    "select count(*) from articles, audit.evidence, ops.runs",
    "with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select sum(n) from r",
    "values (1), (2)",
    "table publishers",
    "show tables",
    "show all tables",
    "describe articles",
    "summarize articles",
    "explain select 1",
    "explain analyze select 1",
    "explain (format json) select 1",
    "EXPLAIN ANALYZE (select 1)",
    "pivot (select 1 as a, 'x' as b) on b in ('x', 'y') using count(*)",
    "unpivot (select 1 as a, 2 as b) on a, b",
    "from range(3)",
    "select unnest([1, 2])",
    "select list_transform([1, 2], lambda x: x + 1)",
    "from duckdb_columns() select table_name",
    "from pragma_table_info('articles')",
    "from article_text_at('2026-11-21 12:00:00Z')",
    "select '{\"a\": 1}'::json, now(), interval 1 day, 170141183460469231731687303715884105727::hugeint, uuid()",
    "select 1;",
)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A warehouse with an article, in the current folder, beside files that nobody may read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("sql"))
        desk = Desk(root=Path.cwd(), warehouse=Warehouse(Path("warehouse.duckdb").absolute(), lock_timeout_s=20))
        desk.load(Page())
        Path("secret.csv").write_text(f"a\n{SECRET}\n")
        Path("folder").mkdir()
        Path("folder/schema.sql").write_text("create table x (i integer);")
        Path("folder/load.sql").write_text("select 1;")
        duckdb.sql(f"select '{SECRET}' as a").write_parquet("secret.parquet")
        yield desk


def _contents() -> dict[str, str]:
    return {str(p): sha256(p.read_bytes()).hexdigest() for p in sorted(Path().rglob("*")) if p.is_file()}


@pytest.mark.parametrize("allow_files", [False, True])
@pytest.mark.parametrize("sql", WRITES)
def test_what_writes_is_refused(full: Desk, sql: str, *, allow_files: bool) -> None:
    """A statement that could write or change something is refused on each way in; no byte of any file differs."""
    before = _contents()
    for ask in (run_query, query_frame):
        with pytest.raises(UsageError) as refused:
            ask(full.warehouse, sql, allow_files=allow_files)
        assert SECRET not in str(refused.value)
    with pytest.raises(UsageError):
        write_parquet(full.warehouse, sql, Path("out.parquet"), allow_files=allow_files)
    assert _contents() == before


@pytest.mark.parametrize("sql", READS)
def test_what_reads_files_is_refused(full: Desk, sql: str) -> None:
    """Files stay unread, and the refusal names no option of a command; no byte of any file differs."""
    before = _contents()
    for ask in (run_query, query_frame):
        with pytest.raises(StatementRefusedError) as refused:
            ask(full.warehouse, sql)
        assert "--" not in str(refused.value)
        assert SECRET not in str(refused.value)
    with pytest.raises(UsageError):
        write_parquet(full.warehouse, sql, Path("out.parquet"))
    assert _contents() == before


def test_files_can_be_read_where_that_is_allowed(full: Desk) -> None:
    """With the flag, SQL joins a file with the warehouse."""
    sql = "select a, count(article_id) from 'secret.csv' left join articles on true group by a"
    assert run_query(full.warehouse, sql, allow_files=True).rows == [(SECRET, 1)]


@pytest.mark.parametrize("sql", ANSWERED)
def test_what_only_reads_is_answered(full: Desk, sql: str) -> None:
    """Each way to write a question gets a result, as rows and as Parquet."""
    assert run_query(full.warehouse, sql).columns
    write_parquet(full.warehouse, sql, Path("out.parquet"))
    assert Path("out.parquet").stat().st_size


def test_every_catalogue_function_of_this_duckdb_is_known(full: Desk) -> None:
    """Functions called `duckdb_...` may be called: in a newer DuckDB, each is to be looked at before it may."""
    sql = "select distinct function_name from duckdb_functions() where function_name like 'duckdb\\_%' escape '\\'"
    assert {name for (name,) in run_query(full.warehouse, sql).rows} == CATALOGUE


@pytest.mark.parametrize(
    "where",
    [
        "true) union select content from read_text('secret.csv') where (true",
        "true); copy (select 1) to 'stolen.csv'; select (1",
        "article_id in (select a from 'secret.csv')",
        "exists (from read_text('/etc/passwd'))",
        "exists (from enable_logging(storage = 'file', storage_path = 'stolen'))",
        "exists (from query('select 1'))",
        "true order by 1",
        "true, false",
        "true /*",
        "",
        "copy",
        "nonsense = 1",
    ],
)
def test_a_condition_is_one_expression_without_files(full: Desk, tmp_path: Path, where: str) -> None:
    """`export --where` takes an expression; what would end it, write or read files leaves no byte changed."""
    before = _contents()
    with pytest.raises(UsageError, match="--where is no condition"):
        export_articles(full.warehouse, tmp_path / "out", where=where)
    assert _contents() == before
    assert not (tmp_path / "out").exists()


def test_a_condition_may_look_at_other_tables(full: Desk) -> None:
    """A subquery and a trailing comment are part of an expression."""
    assert len(select_ids(full.warehouse, "article_id in (select article_id from articles) -- all")) == 1
    assert select_ids(full.warehouse, "title = 'other'") == []


def test_a_statement_that_takes_too_long_is_stopped(full: Desk) -> None:
    """The time limit ends a join that would run for hours, and says so; the warehouse can be read again."""
    endless = "select count(*) from range(1000000000) a, range(1000000000) b where hash(a.range, b.range) = 0"
    for ask in (run_query, query_frame):
        with pytest.raises(UsageError, match="stopped after"):
            ask(full.warehouse, endless, timeout_s=0.2)
    with pytest.raises(UsageError, match="stopped after"):
        write_parquet(full.warehouse, "from range(100000000000)", Path("late.parquet"), timeout_s=0.2)
    assert not Path("late.parquet").exists()
    assert run_query(full.warehouse, "select 1").rows == [(1,)]


def test_what_does_not_fit_into_memory_is_refused(full: Desk) -> None:
    """A sort of more than the memory limit is refused; nothing is written to disk for it."""
    before = _contents()
    small = Warehouse(full.warehouse.path, memory_limit_mb=20)
    with pytest.raises(UsageError, match="more memory"):
        run_query(small, "select repeat('x', 100) || range as s from range(2000000) order by s limit 1 offset 1999999")
    assert _contents() == before


def test_two_may_ask_at_once_and_see_utc(full: Desk) -> None:
    """Connections of one process share one configuration: the second is as locked as the first, and in UTC."""
    answers: list[object] = []
    inside = threading.Barrier(2)

    def ask() -> None:
        from copydesk.store.read.user_sql import locked_connection

        with locked_connection(full.warehouse) as connection:
            inside.wait(20)
            sql = "select current_setting('TimeZone'), current_setting('lock_configuration')"
            answers.append(connection.rows(sql)[0])
            inside.wait(20)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [("UTC", True)] * 2


def test_sql_waits_for_a_reader_of_this_process(full: Desk) -> None:
    """DuckDB refuses two configurations of one file in a process: the second reader waits for the first."""
    entered, seen = threading.Event(), itertools.count()

    def read() -> None:
        with full.warehouse.open_for_reading():
            entered.set()
            time.sleep(0.3)
            next(seen)

    thread = threading.Thread(target=read)
    thread.start()
    entered.wait(20)
    assert run_query(full.warehouse, "select 1").rows == [(1,)]
    assert next(seen) == 1
    thread.join()


def test_a_result_keeps_its_types_in_parquet(full: Desk, tmp_path: Path) -> None:
    """The result is written as it is, types and all."""
    write_parquet(full.warehouse, "select first_seen_at from articles", tmp_path / "x.parquet")
    assert duckdb.sql(f"select typeof(first_seen_at) from '{tmp_path / 'x.parquet'}'").fetchone() == (
        "TIMESTAMP WITH TIME ZONE",
    )


def test_a_result_is_written_as_parquet_without_pyarrow(full: Desk, tmp_path: Path) -> None:
    """Where pyarrow cannot be imported, a result with each of our types becomes the same Parquet file."""
    query = "select article_id, first_seen_at, uri, [1, 2] as l, {'a': 1} as s, interval 1 day as i from articles"
    code = (
        "import sys\nfrom pathlib import Path\nsys.modules['pyarrow'] = None\n"
        "from copydesk.store.read.user_sql import write_parquet\n"
        "from copydesk.store.warehouse.connection import Warehouse\n"
        "write_parquet(Warehouse(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]))"
    )
    path = tmp_path / "x.parquet"
    arguments = [sys.executable, "-c", code, str(full.warehouse.path), query, str(path)]
    subprocess.run(arguments, check=True, env=clean_environment())
    written = duckdb.sql(f"select typeof(first_seen_at), typeof(l), typeof(s), typeof(i) from '{path}' limit 1")
    assert written.fetchone() == ("TIMESTAMP WITH TIME ZONE", "INTEGER[]", "STRUCT(a INTEGER)", "INTERVAL")
    expected = sorted(run_query(full.warehouse, "select uri from articles").rows)
    assert duckdb.sql(f"select uri from '{path}' order by uri").fetchall() == expected
