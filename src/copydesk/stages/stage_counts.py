"""Counts of a stage, summed over its parts, and its cost."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from copydesk.records import Outcome, StageCounts
from copydesk.runs.folder import Run
from copydesk.runs.summary import StageCost
from copydesk.store.parts.part_files import part_paths, read_tally
from copydesk.workers.pool import worker_count

__all__ = ["added_up", "cost_of"]

_OUTCOMES = {
    "acquire": frozenset(str(outcome) for outcome in Outcome),
    "extract": frozenset({"extracted", "rejected"}),
    "check": frozenset({"accepted", "quarantined", "held"}),
    "publish": frozenset({"loaded", "quarantined", "held"}),
}
"""Stage -> outcomes that count each of its inputs once."""


def added_up(stage: str, folder: Path) -> StageCounts:
    """Return the summed counts of the parts in a stage's folder."""
    totals: dict[str, Counter[str]] = {"counts": Counter(), "reasons": Counter(), "cut": Counter()}
    apart: dict[str, Counter[str]] = defaultdict(Counter)
    for part in part_paths(folder):
        tally = read_tally(part)
        for what, total in totals.items():
            total.update(tally.get(what, {}))
        for outcome, reasons in tally.get("reasons_by_outcome", {}).items():
            apart[outcome].update(reasons)
    return StageCounts(
        stage=stage,
        reasons_by_outcome={outcome: dict(reasons) for outcome, reasons in sorted(apart.items())},
        **{what: dict(total) for what, total in totals.items()},
    )


def cost_of(run: Run, tally: StageCounts, seconds: float) -> StageCost:
    """Return the cost of a stage; workers are not children of this process, so their parts record their memory.

    On a cluster the memory is that of this process and of the largest worker.
    """
    parts = [read_tally(part) for part in part_paths(run.stage_folder("extract"))]
    settings = run.desk.settings.run
    workers = 1 if settings.engine == "dask" else min(worker_count(settings.workers), len(parts))
    peak = getrusage(RUSAGE_SELF).ru_maxrss * 1024
    return StageCost(
        seconds=seconds,
        pages=sum(number for outcome, number in tally.counts.items() if outcome in _OUTCOMES[tally.stage]),
        bytes=sum(read_tally(part).get("bytes", 0) for part in part_paths(run.stage_folder("acquire"))),
        peak_memory_bytes=peak + workers * max((part.get("peak_memory_bytes", 0) for part in parts), default=0),
    )
