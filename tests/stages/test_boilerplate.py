"""The run's site memory."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from copydesk.stages import boilerplate as site_memory
from copydesk.stages.boilerplate import COLUMNS, counted, summed, write_memory
from copydesk.text.boilerplate import Boilerplate


def test_shares_of_the_keys_sum_to_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken a few keys at a time, positive ones and negative ones, the counts are those of one go."""
    for part in range(4):
        lines = {site: dict.fromkeys(range(-9 + part, 9), part + 1) for site in ("a", "b")}
        write_memory(tmp_path / f"{part}.parquet", counted(Boilerplate(pages={"a": 5, "b": 6}, lines=lines)))
    pinned = pl.DataFrame([("a", -8, 0, "cut"), ("a", None, 2, None)], schema=COLUMNS, orient="row")
    whole = summed(tmp_path, pinned)
    monkeypatch.setattr(site_memory, "_ROWS_AT_ONCE", 10)
    assert summed(tmp_path, pinned).equals(whole)
    assert whole.filter(pl.col("line_key").is_null())["pages"].to_list() == [22, 24]
    assert whole.filter(pl.col("line_key") == 0)["pages"].to_list() == [10, 10]
    assert whole.filter(pl.col("line_key") < -7)["line_key"].to_list() == [-8, -8]
