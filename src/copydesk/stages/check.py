"""Check: apply the row rules to every record and the batch rules to every source's batch, against its history.

A record that breaks an error rule is quarantined with all its reasons; a batch that breaks a hold rule is held as a
whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import polars as pl

from copydesk.filesystem import scratch_folder
from copydesk.quality.admission import read_accepted
from copydesk.quality.rules import Registry, desk_registry
from copydesk.records import StageCounts
from copydesk.runs.folder import Run
from copydesk.stages.holds import settle_holds
from copydesk.stages.stage_counts import added_up
from copydesk.store.parts.parquet import SCHEMAS, read_frames
from copydesk.store.parts.part_files import part_paths, read_tally, write_part
from copydesk.store.read.lookups import article_history
from copydesk.store.warehouse.connection import Warehouse

__all__ = ["check", "warming_up"]

_TABLES = (
    *("articles", "paragraphs", "authors", "sections", "tags", "captions", "links"),
    *("mentions", "topics", "quotes", "cut_blocks", "evidence", "findings", "rejections"),
)

_TOGETHER = 5000
"""Records checked at once."""


def check(run: Run) -> StageCounts:
    """Check every extract part that has no check part yet; return the counts of all parts."""
    registry = desk_registry(run.desk)
    folder = run.stage_folder("check")
    parts = part_paths(run.stage_folder("extract"))
    todo = [part for part in parts if not (folder / part.name).exists()]
    if not parts:
        return added_up("check", folder)
    from copydesk.quality.row_checks import NO_HISTORY  # pandera, which a run without news does not need

    known = article_history(run.desk.warehouse, parts)
    history = NO_HISTORY if known is None else known
    done = 0
    for group in _groups(todo):
        _check_parts(run, group, registry, history)
        done += len(group)
        run.progress("check", done, len(todo))
    settle_holds(run, registry, history)
    return added_up("check", folder)


def _groups(parts: Sequence[Path]) -> Iterator[list[Path]]:
    """Group small parts: applying a schema costs a quarter of a second, however few the rows."""
    group: list[Path] = []
    records = 0
    for part in parts:
        group.append(part)
        records += sum(read_tally(part)["counts"].values())
        if records >= _TOGETHER:
            yield group
            group, records = [], 0
    if group:
        yield group


def _check_parts(run: Run, parts: Sequence[Path], registry: Registry, history: pl.DataFrame) -> None:
    """Check some extract parts at once, and write a check part for each."""
    from copydesk.quality.row_checks import check_part

    read = {name: read_frames(parts, name) for name in _TABLES}
    origin = pl.concat([read[name].select("capture_id", "part") for name in ("articles", "rejections")])
    verdict = check_part(
        {name: table.drop("part") for name, table in read.items()},
        registry=registry,
        sources={s.name: s for s in run.sources},
        history=history,
        let_in=read_accepted(run.folder / "accepted.parquet"),
        now=run.started_at,
    )
    whole = {"accepted": verdict.accepted, "findings": verdict.findings, "quarantine": verdict.quarantine}
    for part in parts:
        own = origin.filter(pl.col("part") == part.name).select("capture_id").unique()
        frames = {
            name: table.join(own, on="capture_id", how="semi", maintain_order="left").select(list(SCHEMAS[name]))
            for name, table in whole.items()
        }
        write_part(run.stage_folder("check") / part.name, frames, _tally(frames), durable=False)


def _tally(frames: Mapping[str, pl.DataFrame]) -> dict[str, dict[str, Any]]:
    findings, quarantine = frames["findings"], frames["quarantine"]
    warned = findings.filter(pl.col("severity") == "warn")["capture_id"].n_unique()
    counts = {"accepted": frames["accepted"].height, "quarantined": quarantine.height, "warned": warned}
    reasons = dict(quarantine["reason"].value_counts(sort=True).iter_rows())
    return {"counts": counts, "reasons": reasons, "reasons_by_outcome": {"quarantined": reasons}, "cut": {}}


@contextmanager
def warming_up(run: Run) -> Iterator[None]:
    """Warm up check and publish in a thread while the block waits for the workers of extract."""
    scratch_folder()  # one thread creates it
    thread = Thread(target=_warm_up, args=(run,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _warm_up(run: Run) -> None:
    """Check a dummy article, create a blank warehouse; errors are ignored, since the stage itself will raise them."""
    with suppress(Exception):
        from copydesk.quality.row_checks import warm_up_checks

        warm_up_checks(desk_registry(run.desk))
    with suppress(Exception):
        Warehouse(run.desk.warehouse).get_ready()
