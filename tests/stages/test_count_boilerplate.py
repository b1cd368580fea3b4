"""The run's boilerplate."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from copydesk.pipeline import Stage, check, finish_interrupted, run_stages
from copydesk.records import StageCounts
from copydesk.runs.folder import Run, new_run
from copydesk.settings import find_desk_folder
from copydesk.stages import count_boilerplate
from copydesk.stages.count_boilerplate import COLUMNS, counted, summed
from copydesk.store.parts.part_files import write_frame
from copydesk.store.warehouse.connection import Warehouse
from copydesk.text.boilerplate import Boilerplate


def test_shares_of_the_keys_sum_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken a few keys at a time, positive ones and negative ones, the counts are those of one go."""
    for part in range(4):
        lines = {site: dict.fromkeys(range(-9 + part, 9), part + 1) for site in ("a", "b")}
        write_frame(tmp_path / f"{part}.parquet", counted(Boilerplate(pages={"a": 5, "b": 6}, lines=lines)))
    pinned = pl.DataFrame([("a", -8, 0, "cut"), ("a", None, 2, None)], schema=COLUMNS, orient="row")
    whole = summed(tmp_path, pinned)
    monkeypatch.setattr(count_boilerplate, "_BATCH_ROWS", 10)
    assert summed(tmp_path, pinned).equals(whole)
    assert whole.filter(pl.col("line_key").is_null())["pages"].to_list() == [22, 24]
    assert whole.filter(pl.col("line_key") == 0)["pages"].to_list() == [10, 10]
    assert whole.filter(pl.col("line_key") < -7)["line_key"].to_list() == [-8, -8]


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
