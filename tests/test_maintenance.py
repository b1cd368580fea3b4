from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from copydesk.errors import StoreError
from copydesk.maintenance import TASKS, check_warehouse, prune_archive
from copydesk.pipeline import run_desk
from copydesk.resources import SEEDS
from copydesk.settings import DeskFolder, RunSettings, Settings, Source, WarehouseSettings


@pytest.fixture
def desk(tmp_path: Path) -> DeskFolder:
    """Give a desk with the seeds loaded and everything switched on."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    settings = Settings(
        source=(Source(name="seeds", paths=("seeds",)),),
        run=RunSettings(workers=1),
        warehouse=WarehouseSettings(snapshot=True, archive_days=30),
    )
    return DeskFolder(root=tmp_path, settings=settings)


def test_every_chore_of_a_loaded_desk_says_what_it_did(desk: DeskFolder) -> None:
    """On a desk that is in order no task fails, each says so in one line, and doing them again changes nothing."""
    run_desk(desk, ())
    said = {task.__name__: task(desk) for task in TASKS}
    assert all(line and "\n" not in line for line in said.values())
    assert said["index_texts"] == "the search index is made anew"
    assert (desk.warehouse.parent / "copydesk.snapshot.duckdb").exists()
    assert (desk.warehouse.parent / "report.html").exists()
    again = {task.__name__: task(desk) for task in TASKS}
    assert again["index_texts"] == "the search index is up to date"


def test_a_new_desk_has_no_chores_to_fail(tmp_path: Path) -> None:
    """Before the first run there is nothing to keep, and that is no error."""
    desk = DeskFolder(root=tmp_path, settings=Settings())
    desk.warehouse.parent.mkdir()
    assert all(task(desk) for task in TASKS)


def test_only_old_archive_files_go(desk: DeskFolder) -> None:
    """Retention counts from when a file was last written, and leaves what is no archive file."""
    desk.archive.mkdir(parents=True)
    for name in ("old.warc.gz", "new.warc.gz", "old.txt"):
        (desk.archive / name).touch()
        if name.startswith("old"):
            os.utime(desk.archive / name, (0, 0))
    prune_archive(desk)
    assert sorted(p.name for p in desk.archive.iterdir()) == ["new.warc.gz", "old.txt"]


def test_a_warehouse_that_is_none_is_named(desk: DeskFolder) -> None:
    """What the check finds wrong is an error that names the file, so that the flow fails and somebody is told."""
    desk.warehouse.parent.mkdir()
    desk.warehouse.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError, match=r"copydesk\.duckdb"):
        check_warehouse(desk)
