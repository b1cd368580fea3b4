"""Every command opens a warehouse that any earlier version left: it is brought up to date first, with a copy kept."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from pathlib import Path

import duckdb
import pytest
from tests.conftest import Command
from tests.store.warehouse.earlier import COMMANDS, VERSIONS, make_earlier

from copydesk import cli
from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.connection import Warehouse

EARLIER = VERSIONS[:-1]
FILE = Path("warehouse") / "copydesk.duckdb"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk whose warehouse a real run has filled."""
    folder = tmp_path_factory.mktemp("upgrade")
    for words in (("init", str(folder / "desk")), ("run", "--desk", str(folder / "desk"), "--quiet")):
        assert _called(*words) == 0
    return folder / "desk"


@pytest.fixture(scope="module")
def earlier(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Version -> a warehouse as it left it, with the rows of the run."""
    folder = tmp_path_factory.mktemp("earlier")
    files = {version: folder / f"{version:03d}.duckdb" for version in EARLIER}
    for version, path in files.items():
        make_earlier(path, version, template / FILE)
    return files


def _called(*words: str) -> int:
    """Call the command line in this process; return its exit code."""
    before, signals = sys.argv, signal.getsignal(signal.SIGTERM)
    sys.argv = ["copydesk", *words]
    try:
        cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    finally:
        sys.argv = before
        signal.signal(signal.SIGTERM, signals)
    raise AssertionError("main ends with an exit code")


def _desk(template: Path, file: Path, folder: Path) -> Path:
    desk = folder / "desk"
    desk.mkdir()
    shutil.copyfile(template / "copydesk.toml", desk / "copydesk.toml")
    shutil.copytree(template / "seeds", desk / "seeds")
    (desk / FILE).parent.mkdir()
    shutil.copyfile(file, desk / FILE)
    return desk


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("version", EARLIER)
def test_every_command_opens_every_earlier_version(
    version: int,
    command: str,
    template: Path,
    earlier: dict[int, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The command succeeds, the file has all migrations, and the former file lies beside it under its version."""
    desk = _desk(template, earlier[version], tmp_path)
    monkeypatch.chdir(desk)
    code = _called(*COMMANDS[command])
    said = capfd.readouterr()
    assert (code, [line for line in said.err.splitlines() if "up to date" not in line]) == (0, []), said
    print(f"{version:03d} {command}: {code}")
    _is_current_with_a_copy(desk, version)


def _is_current_with_a_copy(desk: Path, version: int) -> None:
    following = VERSIONS[VERSIONS.index(version) + 1]
    with duckdb.connect(str(desk / FILE), read_only=True) as raw:
        assert migrate.lacking(raw, desk / FILE) is migrate.Lack.NOTHING
    with duckdb.connect(str(desk / FILE) + f".before-{following:03d}", read_only=True) as raw:
        assert raw.execute("select max(number) from ops.migrations").fetchall() == [(version,)]


def test_rows_of_an_earlier_version_are_kept(template: Path, earlier: dict[int, Path], tmp_path: Path) -> None:
    """Reading the version before the rename gives the boilerplate of the run, under both names of its table."""
    desk = _desk(template, earlier[60], tmp_path)
    with Warehouse(template / FILE).open_for_reading() as connection:
        rows = connection.rows("from audit.boilerplate order by all")
    assert len(rows) > 50
    with Warehouse(desk / FILE).open_for_reading() as connection:
        assert connection.rows("from audit.boilerplate order by all") == rows
        assert connection.rows("from audit.site_memory order by all") == rows


def test_the_kept_copy_can_be_gone_back_to(
    template: Path, earlier: dict[int, Path], tmp_path: Path, command: Command
) -> None:
    """The notice names the copy; put back in the warehouse's place, it is the former file to the last row."""
    desk = _desk(template, earlier[50], tmp_path)
    done = command("sql", "select count(*) as n from articles", "--json", cwd=desk)
    assert (done.code, json.loads(done.out)) == (0, [{"n": 5}])
    assert len(done.err.splitlines()) == 1
    assert "copydesk.duckdb.before-060" in done.err
    (desk / "warehouse" / "copydesk.duckdb.before-060").rename(desk / FILE)
    with duckdb.connect(str(desk / FILE), read_only=True) as raw:
        assert raw.execute("select count(*), max(number) from ops.migrations").fetchall() == [(5, 50)]
        assert raw.execute("select count(*) from main.articles").fetchall() == [(5,)]


def test_without_a_copy_nothing_is_changed(
    template: Path, earlier: dict[int, Path], tmp_path: Path, command: Command
) -> None:
    """Where the copy cannot be written, one line says so and what to do; the file stays as it was."""
    desk = _desk(template, earlier[60], tmp_path)
    (desk / "warehouse" / "copydesk.duckdb.before-070" / "taken").mkdir(parents=True)
    before = (desk / FILE).read_bytes()
    done = command("status", cwd=desk)
    assert (done.code, len(done.err.splitlines())) == (1, 1), done
    assert "made by an older Copydesk and must be brought up to date" in done.err
    assert "Something else is in its place" in done.err
    assert (desk / FILE).read_bytes() == before


@pytest.mark.parametrize("name", ["sql", "search", "doctor", "load", "status"])
def test_a_newer_warehouse_is_refused_by_name(template: Path, tmp_path: Path, name: str, command: Command) -> None:
    """A file of a later version is left as it is; one line says to update."""
    desk = _desk(template, template / FILE, tmp_path)
    with duckdb.connect(str(desk / FILE)) as raw:
        raw.execute("insert into ops.migrations values (999, 'later', '', now())")
    before = (desk / FILE).read_bytes()
    done = command(*COMMANDS[name], cwd=desk)
    told = done.out + done.err
    assert done.code == (1 if name == "doctor" else 2), told
    assert "written by a newer Copydesk (migration 999_later)" in told
    assert "Traceback" not in told
    assert (desk / FILE).read_bytes() == before


def test_views_that_changed_are_refreshed_when_nobody_waits(template: Path, tmp_path: Path) -> None:
    """A reader refreshes the views of an older release, and reads on with the former ones while the file is held."""
    desk = _desk(template, template / FILE, tmp_path)
    with duckdb.connect(str(desk / FILE)) as raw:
        raw.execute("create or replace view main.article_tags as select 1 as former")
        raw.execute("update ops.views set sha256 = 'former' where name = 'article_tags'")
    with Warehouse(desk / FILE).open_for_reading() as connection:
        assert "former" not in connection.frame("from article_tags").columns
    assert list((desk / "warehouse").glob("*.before-*")) == []
