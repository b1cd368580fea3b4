"""What a stage counted, part by part, added up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from copydesk.records import StageCounts
from copydesk.store.parts.parquet import part_paths, read_tally

__all__ = ["added_up"]


def added_up(stage: str, folder: Path) -> StageCounts:
    """Return what all parts in a stage's folder counted."""
    totals: dict[str, Counter[str]] = {"counts": Counter(), "reasons": Counter(), "cut": Counter()}
    for part in part_paths(folder):
        tally = read_tally(part)
        for what, total in totals.items():
            total.update(tally.get(what, {}))
    return StageCounts(stage=stage, **{what: dict(total) for what, total in totals.items()})
