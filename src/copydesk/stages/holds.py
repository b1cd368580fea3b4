"""Second half of check: check the run's batch as a whole, and hold the sources that broke a hold rule.

    check/part-*  --check_batch-->  held              source -> reasons; exists until the decision
                                    check/part-batch  findings and statistics of the batch
                                    check/part-*      rewritten without the captures of held sources

`release` and `drop` are recorded in `decided`; check then runs to its end again, and the other sources of the run,
which were loaded before, load to the same rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from copydesk.filesystem import write_json
from copydesk.quality.expectations import BatchFinding, BatchResult, check_batch
from copydesk.quality.history import read_history
from copydesk.quality.rules import Registry
from copydesk.runs.folder import STORED_TRIGGERS, Run
from copydesk.runs.held import held_sources
from copydesk.store.load.run_views import open_batch
from copydesk.store.parts.parquet import SCHEMAS, frame, read_frame
from copydesk.store.parts.part_files import BATCH_PART, part_paths, read_tally, write_part
from copydesk.store.warehouse.connection import open_warehouse

__all__ = ["DROPPED", "settle_holds"]

DROPPED = "batch_dropped"
"""Reason of the quarantine rows of a dropped batch."""


def settle_holds(run: Run, registry: Registry, known: pl.DataFrame) -> None:
    """Check the batch once; rewrite check parts by result and decisions.

    Args:
        run: A run whose check parts are complete.
        registry: The desk's rules.
        known: Rows of these articles in the warehouse.
    """
    if run.trigger in STORED_TRIGGERS:  # not what a source published on a day: no batch, and no history
        return
    decided = _decided(run)
    if not (run.stage_folder("check") / BATCH_PART).exists():
        _judge(run, registry, known, decided)
    held, dropped = set(held_sources(run)), {s for s, word in decided.items() if word["decision"] == "dropped"}
    for part in part_paths(run.stage_folder("check")) if held or dropped else ():
        if part.name != BATCH_PART:
            _rewrite(run, part, held, {s: decided[s] for s in dropped})


def _judge(run: Run, registry: Registry, known: pl.DataFrame, decided: Mapping[str, Any]) -> None:
    declared = {s.name: s for s in run.desk.settings.source}
    whole = [s.name for s in run.sources if declared.get(s.name) == s]  # `run PATH` reads only part of a source
    history, marks = read_history(open_warehouse(run.desk))
    with open_batch(run.folder, known) as batch:
        verdict = check_batch(
            batch,
            registry=registry,
            run_id=run.run_id,
            started_at=run.started_at,
            sources=run.sources,
            history=history.filter(pl.col("source").is_in(whole)),
            marks=marks,
            released=decided,
        )
    if verdict.held:
        write_json(run.folder / "held", {s: _reasons(verdict, s) for s in sorted(verdict.held)})
    else:
        (run.folder / "held").unlink(missing_ok=True)
    tables = {
        **{name: frame(name, {}) for name in ("accepted", "quarantine")},
        "findings": _findings(verdict),
        "source_stats": verdict.statistics.filter(pl.col("source").is_in(whole)),
    }
    write_part(run.stage_folder("check") / BATCH_PART, tables, {"counts": {}, "reasons": {}, "cut": {}})


def _decided(run: Run) -> dict[str, Any]:
    path: Path = run.folder / "decided"
    decided: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return decided


def _reasons(verdict: BatchResult, source: str) -> dict[str, Any]:
    broken: list[BatchFinding] = [f for f in verdict.findings if f.source == source and f.severity == "hold"]
    return {
        "rules": [f.rule for f in broken],
        "measured": [f.value for f in broken],
        "detail": "; ".join(f"{f.rule}: {f.detail}" for f in broken),
        "captures": sum(verdict.statistics.filter(pl.col("source") == source)["inputs"].unique().to_list()[:1]),
        "held_at": datetime.now(UTC).isoformat(),
    }


def _findings(verdict: BatchResult) -> pl.DataFrame:
    """Return the batch's findings: without capture, the source before the detail."""
    return frame(
        "findings",
        {
            "rule": [f.rule for f in verdict.findings],
            "severity": [f.severity for f in verdict.findings],
            "value": [f.value for f in verdict.findings],
            "detail": [f"{f.source}: {f.detail}" for f in verdict.findings],
        },
    )


def _rewrite(run: Run, part: Path, held: set[str], dropped: Mapping[str, Any]) -> None:
    """Rewrite one check part: leave out held captures, quarantine dropped ones with the batch's reasons."""
    extract = run.stage_folder("extract") / part.name
    articles = read_frame(extract, "articles").select("capture_id", "source", "uri", "title")
    origin = pl.concat([articles, read_frame(extract, "rejections").select("capture_id", "source", "uri", title=None)])
    waiting = origin.filter(pl.col("source").is_in(list(held)))["capture_id"].implode()
    frames = {name: read_frame(part, name).filter(~pl.col("capture_id").is_in(waiting)) for name in _CHECK_TABLES}
    accepted = frames["accepted"]
    refused = articles.join(accepted, on="capture_id", how="semi").filter(pl.col("source").is_in(list(dropped)))
    frames["accepted"] = accepted.join(refused, on="capture_id", how="anti")
    frames["quarantine"] = pl.concat([frames["quarantine"], _dropped(refused, dropped)])
    tally = read_tally(part)
    reasons = dict(frames["quarantine"]["reason"].value_counts(sort=True).iter_rows())
    warned = frames["findings"].filter(pl.col("severity") == "warn")["capture_id"].n_unique()
    counts = {"accepted": frames["accepted"].height, "quarantined": frames["quarantine"].height, "warned": warned}
    counts["held"] = origin.filter(pl.col("source").is_in(list(held))).height
    write_part(
        part,
        frames,
        {**tally, "counts": counts, "reasons": reasons, "reasons_by_outcome": {"quarantined": reasons}},
        durable=False,
        anew=True,
    )


_CHECK_TABLES = ("accepted", "findings", "quarantine")


def _dropped(refused: pl.DataFrame, dropped: Mapping[str, Any]) -> pl.DataFrame:
    rows = [
        {
            **{name: row[name] for name in ("capture_id", "source", "uri")},
            "stage": "check",
            "reason": DROPPED,
            "rules": [DROPPED, *dropped[row["source"]]["rules"]],
            "measured": [None, *dropped[row["source"]]["measured"]],
            "detail": dropped[row["source"]]["detail"],
            "excerpt": row["title"],
        }
        for row in refused.iter_rows(named=True)
    ]
    return frame("quarantine", {name: [row[name] for row in rows] for name in SCHEMAS["quarantine"]})
