"""Every command opens a warehouse that any earlier version left: it is brought up to date first, with a copy kept."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from tests.conftest import Command, clean_environment
from tests.store.warehouse.earlier import COMMANDS, FILE, VERSIONS, expected_code, make_desk, make_template

from copydesk import cli
from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.connection import Warehouse

EARLIER = VERSIONS[:-1]
_WHOLE = {EARLIER[0], 80, EARLIER[-1]}
_EVERY = 8
TRIED = [
    (version, command)
    for v, version in enumerate(EARLIER)
    for c, command in enumerate(COMMANDS)
    if version in _WHOLE or (v + c) % _EVERY == 0
]
"""Every command on some versions, two commands on each other one; `python -m bench.upgrade_matrix` tries all."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk whose warehouse a real run has filled."""
    return make_template(tmp_path_factory.mktemp("upgrade"))


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


@pytest.mark.parametrize(("version", "command"), TRIED)
def test_commands_open_every_earlier_version(
    version: int,
    command: str,
    template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Each command works as on a file of today; afterwards the file has all migrations, and a copy of it is kept."""
    desk = make_desk(template, tmp_path / "desk", version, command)
    monkeypatch.chdir(desk)
    code = _called(*COMMANDS[command])
    said = capfd.readouterr()
    assert code == expected_code(command, version), said
    usual = ("up to date", "Continuing run")
    told = [line for line in said.err.splitlines() if not any(words in line for words in usual)]
    assert told == [] or (code == 2 and len(told) == 1 and told[0].startswith("copydesk: no ")), said
    _is_current_with_a_copy(desk, version)


def _is_current_with_a_copy(desk: Path, version: int) -> None:
    following = VERSIONS[VERSIONS.index(version) + 1]
    with duckdb.connect(str(desk / FILE), read_only=True) as raw:
        assert migrate.lacking(raw, desk / FILE) is migrate.Lack.NOTHING
    with duckdb.connect(str(desk / FILE) + f".before-{following:03d}", read_only=True) as raw:
        assert raw.execute("select max(number) from ops.migrations").fetchall() == [(version,)]


def test_rows_of_an_earlier_version_are_kept(template: Path, tmp_path: Path) -> None:
    """Reading the version before the rename gives the boilerplate of the run, under both names of its table."""
    desk = make_desk(template, tmp_path / "desk", 60)
    with Warehouse(template / FILE).open_for_reading() as connection:
        rows = connection.rows("from audit.boilerplate order by all")
    assert len(rows) > 50
    with Warehouse(desk / FILE).open_for_reading() as connection:
        assert connection.rows("from audit.boilerplate order by all") == rows
        assert connection.rows("from audit.site_memory order by all") == rows


def test_the_kept_copy_can_be_gone_back_to(template: Path, tmp_path: Path, command: Command) -> None:
    """The notice names the copy; put back in the warehouse's place, it is the former file to the last row."""
    desk = make_desk(template, tmp_path / "desk", 50)
    done = command("sql", "select count(*) as n from articles", "--json", cwd=desk)
    assert (done.code, json.loads(done.out)) == (0, [{"n": 5}])
    assert len(done.err.splitlines()) == 1
    assert "copydesk.duckdb.before-060" in done.err
    (desk / "warehouse" / "copydesk.duckdb.before-060").rename(desk / FILE)
    with duckdb.connect(str(desk / FILE), read_only=True) as raw:
        assert raw.execute("select count(*), max(number) from ops.migrations").fetchall() == [(5, 50)]
        assert raw.execute("select count(*) from main.articles").fetchall() == [(5,)]


def test_without_a_copy_nothing_is_changed(template: Path, tmp_path: Path, command: Command) -> None:
    """Where the copy cannot be written, one line says so and what to do; the file stays as it was."""
    desk = make_desk(template, tmp_path / "desk", 60)
    (desk / "warehouse" / "copydesk.duckdb.before-070" / "taken").mkdir(parents=True)
    before = (desk / FILE).read_bytes()
    done = command("status", cwd=desk)
    assert (done.code, len(done.err.splitlines())) == (1, 1), done
    assert "made by an older Copydesk and must be brought up to date" in done.err
    assert "Something else is in its place" in done.err
    assert (desk / FILE).read_bytes() == before


def test_on_a_read_only_disk_one_line_says_what_to_do(template: Path, tmp_path: Path) -> None:
    """An older file on a read-only disk: exit code 1 and one line with the cause; one of today is read."""
    if shutil.which("unshare") is None or subprocess.run(_in_own_mounts("true"), check=False).returncode:
        pytest.skip("needs leave to mount a file system of its own (unshare --map-root-user)")
    for name, version in (("older", 60), ("today", None)):
        make_desk(template, tmp_path / name, version)
        script = """
            mount --bind . . && cd "$PWD" && mount -o remount,bind,ro .
            "$0" -m copydesk sql "select count(*) as n from articles" --format csv
        """
        done = subprocess.run(
            [*_in_own_mounts("sh"), "-c", script, sys.executable],
            cwd=tmp_path / name,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if version is None:
            assert (done.returncode, done.stdout.split()) == (0, ["n", "5"]), done
        else:
            assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done
            assert "must be brought up to date before it is read" in done.stderr
            assert "Read-only file system. Make the disk writable" in done.stderr


def _in_own_mounts(*words: str) -> list[str]:
    return ["unshare", "--mount", "--map-root-user", *words]


@pytest.mark.parametrize("name", ["sql", "search", "doctor", "load", "status"])
def test_a_newer_warehouse_is_refused_by_name(template: Path, tmp_path: Path, name: str, command: Command) -> None:
    """A file of a later version is left as it is; one line says to update."""
    desk = make_desk(template, tmp_path / "desk", None, name)
    with duckdb.connect(str(desk / FILE)) as raw:
        raw.execute("insert into ops.migrations values (999, 'later', '', now())")
    before = (desk / FILE).read_bytes()
    done = command(*COMMANDS[name], cwd=desk)
    told = done.out + done.err
    assert done.code == 2, told
    assert "written by a newer Copydesk (migration 999_later)" in told
    assert "Traceback" not in told
    assert (desk / FILE).read_bytes() == before


def test_views_that_changed_are_refreshed_when_nobody_waits(template: Path, tmp_path: Path) -> None:
    """A reader refreshes the views of an older release, and reads on with the former ones while the file is held."""
    desk = make_desk(template, tmp_path / "desk", None)
    with duckdb.connect(str(desk / FILE)) as raw:
        raw.execute("create or replace view main.article_tags as select 1 as former")
        raw.execute("update ops.views set sha256 = 'former' where name = 'article_tags'")
    with Warehouse(desk / FILE).open_for_reading() as connection:
        assert "former" not in connection.frame("from article_tags").columns
    assert list((desk / "warehouse").glob("*.before-*")) == []
