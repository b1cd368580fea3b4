"""No option that names a file to write can destroy a file of the desk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.conftest import Command, Ended

from copydesk import UsageError, open_desk
from copydesk.settings import output_path

WRITERS = {
    "sql table": ("sql", "select 1 a", "--output"),
    "sql csv": ("sql", "select 1 a", "--format", "csv", "-o"),
    "sql json": ("sql", "select 1 a", "--format", "json", "--output"),
    "sql markdown": ("sql", "select 1 a", "--format", "markdown", "--output"),
    "sql parquet": ("sql", "select 1 a", "--format", "parquet", "--output"),
    "report": ("report", "--out"),
    "sources export": ("sources", "export"),
    "export": ("export",),
}
PROTECTED = (
    "copydesk.toml",
    "warehouse/copydesk.duckdb",
    "warehouse/copydesk.duckdb.wal",
    "warehouse/copydesk.duckdb.before-003",
    "warehouse/copydesk.search.duckdb",
    "warehouse/copydesk.snapshot.duckdb",
    "warehouse/archive/seeds/one.warc.gz",
    "warehouse/runs/locks/seeds",
    "warehouse/runs/new",
    "warehouse/logs/copydesk.log",
    "warehouse/schedule.json",
    "rules/sites/example.org.toml",
    "rules/new.toml",
    "checks/own.sql",
    "views/own.sql",
    "elsewhere.db",
    "link-to-warehouse",
    "second-name-of-settings",
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with the seeds loaded and a file in every place that is protected."""
    from typer.testing import CliRunner

    from copydesk.cli import app

    folder = tmp_path_factory.mktemp("desks") / "desk"
    assert CliRunner().invoke(app, ["init", str(folder)]).exit_code == 0
    open_desk(folder).run()
    (folder / "elsewhere.db").write_bytes((folder / "warehouse/copydesk.duckdb").read_bytes())
    (folder / "link-to-warehouse").symlink_to("warehouse/copydesk.duckdb")
    os.link(folder / "copydesk.toml", folder / "second-name-of-settings")
    for name in PROTECTED:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() and "new" not in path.name and not name.endswith((".wal", ".sql", ".toml")):
            path.write_bytes(b"kept\n")
    return folder


def _state(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("writer", WRITERS)
def test_no_writing_option_touches_a_file_of_the_desk(
    loaded: Path, writer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each option refuses each protected file with exit code 2 and advice; not one byte of the desk changes."""
    from copydesk.cli import main

    monkeypatch.chdir(loaded)
    before = _state(loaded)
    for name in PROTECTED:
        monkeypatch.setattr("sys.argv", ["copydesk", *WRITERS[writer], name])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr().err
        assert end.value.code == 2, (name, said)
        assert f"copydesk: {name} is not written: it is " in said
        assert "Name a file that does not belong to the desk." in said
        assert _state(loaded) == before, name


@pytest.mark.parametrize("name", PROTECTED)
def test_python_refuses_the_same_files(loaded: Path, name: str) -> None:
    """`desk.sql(...).write_parquet` and `desk.export` raise `UsageError` and change nothing."""
    before, desk = _state(loaded), open_desk(loaded)
    with pytest.raises(UsageError, match="is not written"):
        desk.sql("select 1 as a").write_parquet(loaded / name)
    with pytest.raises(UsageError, match="is not written"):
        desk.export(loaded / name)
    assert _state(loaded) == before


def test_export_does_not_replace_a_folder_that_holds_the_desk(loaded: Path) -> None:
    """A former export's manifest in the warehouse's folder or in the desk's does not make that folder replaceable."""
    for folder in (loaded, loaded / "warehouse"):
        (folder / "manifest.json").write_text("{}")
        with pytest.raises(UsageError, match="a folder that holds files of the desk"):
            open_desk(loaded).export(folder)
        (folder / "manifest.json").unlink()


def test_files_of_the_user_are_written_whole(loaded: Path, command: Command) -> None:
    """Other files are written and replaced, beside the warehouse too; a device is written to and not replaced."""
    for writer, words in WRITERS.items():
        for _ in range(2):
            done: Ended = command(*words, "warehouse/mine", cwd=loaded)
            assert done.code == 0, (writer, done)
        place = loaded / "warehouse/mine"
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    assert command("sql", "select 7 a", "-f", "csv", "-o", "/dev/null", cwd=loaded).code == 0
    assert not Path("/dev/null").is_file()
    with pytest.raises(UsageError, match="no regular file"):
        output_path(open_desk(loaded), "/dev/null")
