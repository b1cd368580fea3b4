"""Acquire: from files to parts."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from zipfile import ZipFile

import pytest

from copydesk.pipeline import run_desk, starting_run
from copydesk.runs.folder import Run
from copydesk.settings import find_desk_folder
from copydesk.stages.acquire import acquire
from copydesk.store.parts.parquet import read_frame
from copydesk.store.parts.part_files import part_paths


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A desk whose only source is a zip with three members of one name, each in a part of its own."""
    (tmp_path / "copydesk.toml").write_text(
        '[[source]]\nname = "zip"\npaths = ["pages.zip"]\n[run]\npart_documents = 1\n', encoding="utf-8"
    )
    with ZipFile(tmp_path / "pages.zip", "w") as pages, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "Duplicate name"
        for number in range(3):
            pages.writestr("page.txt", f"Ferry {number} sails\n\nTickets for ferry {number} cost four crowns.\n")
    return tmp_path


def _digests(run: Run) -> list[str]:
    parts = part_paths(run.stage_folder("acquire"))
    return [digest for part in parts for digest in read_frame(part, "captures")["sha256"].to_list()]


@pytest.mark.parametrize("complete", [0, 1, 2, 3])
def test_members_of_one_name_are_all_there_wherever_acquire_is_interrupted(archive: Path, complete: int) -> None:
    """A run that is taken up after so many parts has each member once, as one that ran through."""
    with starting_run(find_desk_folder(archive), (), trigger="cli") as (run, _):
        assert acquire(run).counts["captured"] == 3
        whole = _digests(run)
        for part in part_paths(run.stage_folder("acquire"))[complete:]:
            shutil.rmtree(part)
        assert acquire(run).counts["captured"] == 3
        assert _digests(run) == whole
        assert len(set(whole)) == 3


def test_unchanged_files_are_counted_once_by_a_run_that_is_taken_up(tmp_path: Path) -> None:
    """What was counted before the interruption is not counted again; a file that is new since then is taken."""
    (tmp_path / "copydesk.toml").write_text(
        '[[source]]\nname = "pages"\npaths = ["pages"]\n[run]\npart_documents = 1\nworkers = 1\n', encoding="utf-8"
    )
    (tmp_path / "pages").mkdir()
    for number in range(3):
        (tmp_path / "pages" / f"b{number}.txt").write_text(f"Ferry {number} sails\n\nTickets cost four crowns.\n")
    run_desk(find_desk_folder(tmp_path))
    (tmp_path / "pages" / "c.txt").write_text("Bridge closes\n\nUntil the autumn, the council said.\n")
    with starting_run(find_desk_folder(tmp_path), (), trigger="cli") as (run, _):
        for late in ("d.txt", "e.txt"):
            counts = acquire(run).counts
            assert (counts["unchanged"], counts["captured"]) == (3, len(_digests(run)))
            (tmp_path / "pages" / late).write_text(f"{late} opens\n\nSo the council said on Monday.\n")
        assert len(_digests(run)) == 2


def test_the_first_parts_are_small_and_every_second_is_twice_as_large(tmp_path: Path) -> None:
    """A short run has parts for several workers; none is larger than the settings say."""
    (tmp_path / "copydesk.toml").write_text(
        '[[source]]\nname = "pages"\npaths = ["pages.jsonl"]\n[run]\npart_documents = 100\n', encoding="utf-8"
    )
    lines = (f'{{"url": "https://halden.test/{n}", "text": "Ferry {n} sails"}}\n' for n in range(500))
    (tmp_path / "pages.jsonl").write_text("".join(lines), encoding="utf-8")
    with starting_run(find_desk_folder(tmp_path), (), trigger="cli") as (run, _):
        assert acquire(run).counts["captured"] == 500
        sizes = [read_frame(part, "captures").height for part in part_paths(run.stage_folder("acquire"))]
        assert sizes == [32, 32, 64, 64, 100, 100, 100, 8]
