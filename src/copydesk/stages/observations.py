"""Observations of a run's sources and the health judged from them, kept in the run's folder.

runs/<run>/observations.json   written by acquire
runs/<run>/health.json         written by publish
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copydesk.filesystem import write_json
from copydesk.health import Observation, SourceHealth
from copydesk.records import REFUSAL_KINDS
from copydesk.runs.folder import Run
from copydesk.store.parts.part_files import part_paths

if TYPE_CHECKING:
    import polars as pl

__all__ = ["declared_sources", "read_health", "read_observations", "write_health", "write_observations"]


def write_observations(run: Run, seen: Iterable[Observation]) -> None:
    """Write the observations of acquire."""
    write_json(run.folder / "observations.json", [one.as_dict() for one in seen])


def read_observations(run: Run) -> list[Observation]:
    """Return the observations of acquire, with the refusals that extract found among new pages of web sources.

    Empty for a run that read no source (a replay), or that began under an earlier version.
    """
    seen = [Observation.from_dict(one) for one in _read(run.folder / "observations.json")]
    if not any(one.fetches for one in seen):
        return seen
    import polars as pl

    from copydesk.store.parts.parquet import scan_columns

    def scan(table: str, *columns: str) -> pl.LazyFrame:
        files = [path for part in parts if (path := part / f"{table}.parquet").exists()]
        return scan_columns(files, dict.fromkeys(columns, pl.String))

    parts = part_paths(run.stage_folder("extract"))
    became = scan("articles", "source").with_columns(reason=pl.lit(""))
    ended = pl.concat([became, scan("rejections", "source", "reason")])
    counts = ended.group_by("source", "reason").len().collect()
    return [_with_refusals(one, counts) if one.fetches else one for one in seen]


def _with_refusals(seen: Observation, counts: pl.DataFrame) -> Observation:
    own = counts.filter(counts["source"] == seen.source)
    refused = {reason: n for reason, n in own.select("reason", "len").iter_rows() if reason in REFUSAL_KINDS}
    return replace(seen, judged=int(own["len"].sum()), refused=refused)


def write_health(run: Run, health: Iterable[SourceHealth]) -> None:
    """Write the health of the run's sources."""
    write_json(run.folder / "health.json", [one.as_dict() for one in health])


def read_health(run: Run) -> tuple[SourceHealth, ...]:
    """Return the health of the run's sources; empty before publish, and for a run that read no source."""
    return tuple(SourceHealth.from_dict(one) for one in _read(run.folder / "health.json"))


def declared_sources(run: Run) -> set[str]:
    """Return the names of the sources that the run read whole; `run PATH` reads part of one, or none."""
    declared = {source.name: source for source in run.desk.settings.source}
    return {source.name for source in run.sources if declared.get(source.name) == source}


def _read(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return found
