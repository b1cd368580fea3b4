"""Check: judge every record by the row rules and every source's batch by its own history.

A record that breaks an error rule goes to quarantine with all its reasons; a batch that breaks a hold rule stays
behind whole.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl

from copydesk.quality.check import NO_HISTORY, Verdict, check_part
from copydesk.quality.registry import Registry, load_registry
from copydesk.records import Tally
from copydesk.runs import Run
from copydesk.stages.batches import settle_batch
from copydesk.store.known import article_history
from copydesk.store.parts import SCHEMAS, part_paths, read_frame, read_tally, write_part

__all__ = ["check"]

_TABLES = (
    *("articles", "paragraphs", "authors", "sections", "tags", "captions", "links"),
    *("cut_blocks", "evidence", "findings", "rejections"),
)


def check(run: Run) -> Tally:
    """Judge every extract part that has no check part yet; return what all of them counted."""
    registry = load_registry(run.desk.settings.quality.rules)
    folder = run.stage_folder("check")
    parts = part_paths(run.stage_folder("extract"))
    todo = [part for part in parts if not (folder / part.name).exists()]
    known = article_history(run.desk.warehouse, parts)
    history = NO_HISTORY if known is None else known
    for number, part in enumerate(todo, 1):
        _check_part(run, part, folder / part.name, registry, history)
        run.progress("check", number, len(todo))
    settle_batch(run, registry, history)
    return _sum(folder)


def _check_part(run: Run, part: Path, target: Path, registry: Registry, history: pl.DataFrame) -> None:
    tables = {name: read_frame(part, name) for name in _TABLES}
    verdict = check_part(
        tables,
        registry=registry,
        sources={s.name: s for s in run.sources},
        history=history,
        now=run.started_at,
    )
    frames = {"accepted": verdict.accepted, "findings": verdict.findings, "quarantine": verdict.quarantine}
    write_part(target, {n: f.select(list(SCHEMAS[n])) for n, f in frames.items()}, _tally(verdict), durable=False)


def _tally(verdict: Verdict) -> dict[str, dict[str, int]]:
    warned = verdict.findings.filter(pl.col("severity") == "warn")["capture_id"].n_unique()
    counts = {"accepted": verdict.accepted.height, "quarantined": verdict.quarantine.height, "warned": warned}
    reasons = dict(verdict.quarantine["reason"].value_counts(sort=True).iter_rows())
    return {"counts": counts, "reasons": reasons, "cut": {}}


def _sum(folder: Path) -> Tally:
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for part in part_paths(folder):
        tally = read_tally(part)
        counts.update(tally["counts"])
        reasons.update(tally["reasons"])
    return Tally(stage="check", counts=dict(counts), reasons=dict(reasons))
