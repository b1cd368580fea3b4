"""The run's boilerplate."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from copydesk.keys import line_key
from copydesk.pipeline import Stage, check, finish_interrupted, run_stages
from copydesk.records import Document, StageCounts
from copydesk.runs.folder import Run, new_run
from copydesk.settings import find_desk_folder
from copydesk.stages import count_boilerplate
from copydesk.stages.count_boilerplate import COLUMNS, counted, read_unread, summed
from copydesk.store.parts.part_files import write_frame
from copydesk.store.warehouse.connection import Warehouse


def test_shares_of_the_keys_sum_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken a few keys at a time, positive ones and negative ones, the counts are those of one go."""
    for part in range(4):
        rows = [(site, None, pages, None) for site, pages in (("a", 5), ("b", 6))]
        rows += [(site, key, part + 1, None) for site in ("a", "b") for key in range(-9 + part, 9)]
        write_frame(tmp_path / f"{part}.parquet", pl.DataFrame(rows, schema=COLUMNS, orient="row"))
    pinned = pl.DataFrame([("a", -8, 0, "cut"), ("a", None, 2, None)], schema=COLUMNS, orient="row")
    whole = summed(tmp_path, pinned)
    monkeypatch.setattr(count_boilerplate, "_BATCH_ROWS", 10)
    assert summed(tmp_path, pinned).equals(whole)
    assert whole.filter(pl.col("line_key").is_null())["pages"].to_list() == [22, 24]
    assert whole.filter(pl.col("line_key") == 0)["pages"].to_list() == [10, 10]
    assert whole.filter(pl.col("line_key") < -7)["line_key"].to_list() == [-8, -8]


def test_a_capture_is_taken_out_by_its_place(tmp_path: Path) -> None:
    """Without the captures that count elsewhere, a part's counts are those of the other captures alone."""
    texts = ["Menu\n\nHarbour opens again\n", "Menu\n\nBridge closes\n", None, "Menu\n\nFerry sails\n"]
    documents = [
        text and Document(document_id=str(n), content=text.encode(), media_type="text/plain", site="s")
        for n, text in enumerate(texts)
    ]
    for name in ("all", "some"):
        (tmp_path / name).mkdir()
    write_frame(tmp_path / "all" / "part-0.parquet", counted(enumerate(documents)))
    write_frame(tmp_path / "some" / "part-0.parquet", counted([(1, documents[1])]))
    known = pl.DataFrame([("s", line_key("Menu"), 2, None)], schema=COLUMNS, orient="row")  # so that it is enough
    assert summed(tmp_path / "all", known, {"part-0": [0, 3]}).equals(summed(tmp_path / "some", known))
    assert read_unread(tmp_path / "all" / "part-0.parquet") == {2}
    assert read_unread(tmp_path / "some" / "part-0.parquet") == frozenset()


def _stop_at_check(stage: Stage, run: Run) -> StageCounts:
    if stage is check:
        raise RuntimeError("stopped")
    return stage(run)


def test_a_run_that_the_former_release_began_is_finished(desk: Path) -> None:
    """An interrupted run whose line counts bear their former names ends with them in the warehouse."""
    where = find_desk_folder(desk)
    with pytest.raises(RuntimeError, match="stopped"), new_run(where, where.settings.source, trigger="cli") as run:
        run_stages(run, step=_stop_at_check)
    shutil.rmtree(run.folder / "extract")
    (run.folder / "extract.done").unlink()
    (run.folder / "line_counts").rename(run.folder / "memory")
    (run.folder / "boilerplate.parquet").rename(run.folder / "memory.parquet")
    finish_interrupted(where)
    with Warehouse(where.warehouse).open_for_reading() as connection:
        assert connection.rows("select site, pages from audit.site_pages") == [("seeds", 5)]
        assert connection.value("select count(*) from audit.boilerplate") == 73
