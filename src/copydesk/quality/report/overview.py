"""The desk's quality in numbers: one reading of the warehouse for the command, the report and the artifact of a run.

quality/report/sql/*.sql --Overview.read--> frames by section --as_dict--> JSON
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from copydesk.health import Standing
from copydesk.quality.expectations import Queryable
from copydesk.quality.profile import Profile, read_profile
from copydesk.quality.rules import Registry
from copydesk.runs.held import held_batches
from copydesk.runs.outcome import alarm_minimum
from copydesk.settings import DeskFolder

__all__ = ["SECTIONS", "Overview", "quality_exit_code", "queries", "read_overview"]

_SQL = Path(__file__).parent / "sql"
SECTIONS = ("runs", "volume", "history", "rules", "cut", "slow", "stages", "incidents", "coverage")
"""Sections that look back over the days asked for; quarantine, reasons and silence are of this moment."""

_SHOWN_QUARANTINE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the warehouse says about quality.

    Attributes:
        days: How far back it looks.
        made_at: When it was read (UTC).
        frames: Section -> frame; the columns are those of `quality/report/sql/<section>.sql`.
        held: One entry per source that waits: run_id, source, rules, detail.
        changed: One entry per rule that the desk changed: rule, source, severity, threshold, because.
        sources: How each declared source stands.
        profile: Columns by week and changes of templates; None where it was not read.
    """

    days: int
    made_at: datetime
    frames: Mapping[str, pl.DataFrame]
    held: tuple[Mapping[str, Any], ...] = ()
    changed: tuple[Mapping[str, Any], ...] = ()
    sources: tuple[Standing, ...] = ()
    profile: Profile | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON can hold it, times in ISO 8601."""
        return {
            "days": self.days,
            "made_at": self.made_at.isoformat(),
            **{name: frame.to_dicts() for name, frame in self.frames.items()},
            "held": [dict(h) for h in self.held],
            "changed": [dict(c) for c in self.changed],
            "sources": [s.as_dict() for s in self.sources],
            "template_changes": self.profile.as_dict()["template_changes"] if self.profile else [],
            "drift": [c for c in self.profile.as_dict()["columns"] if c["drifted"]] if self.profile else [],
        }


def queries(name: str) -> str:
    """Return the text of one of the report queries."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def read_overview(
    connection: Queryable,
    desk: DeskFolder,
    registry: Registry,
    *,
    days: int = 30,
    sources: Sequence[Standing] = (),
) -> Overview:
    """Read everything the report shows.

    Args:
        connection: The warehouse, open for reading.
        desk: Its runs folder says what is held, its settings what was changed.
        registry: The rules in force, sources included.
        days: How far back to look.
        sources: How each declared source stands (`service.source_view.source_standings`).
    """
    now = datetime.now(UTC)
    since = now - timedelta(days=days)
    frames = {name: connection.frame(queries(name), [since]) for name in SECTIONS}
    frames["rules"] = _with_owners(frames["rules"], registry)
    frames["quarantine"] = connection.frame(queries("quarantine"), [None, None, None, None, False, _SHOWN_QUARANTINE])
    frames["reasons"] = connection.frame(queries("reasons"))
    frames["silence"] = connection.frame(queries("silence"))
    return Overview(
        days=days,
        made_at=now,
        frames=frames,
        held=_held(desk),
        changed=_changed(registry),
        sources=tuple(sources),
        profile=read_profile(connection, now=now, weeks=max(6, days // 7)),
    )


def _with_owners(rules: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Add dimension, owner and tags of each rule, by which the report groups."""
    known = [registry.rules.get(name) for name in rules["rule"]]
    return rules.with_columns(
        pl.Series("dimension", [rule.dimension if rule else "" for rule in known], dtype=pl.String),
        pl.Series("owner", [rule.owner if rule else "" for rule in known], dtype=pl.String),
        pl.Series("tags", [list(rule.tags) if rule else [] for rule in known], dtype=pl.List(pl.String)),
    )


def quality_exit_code(overview: Overview, desk: DeskFolder) -> int:
    """Return what automation should know: 3 held or too much quarantined, 1 a failing source or many warnings, 0 good.

    Judged is the last run that judged anything; what is held counts whatever run it is of.
    """
    judged = overview.frames["runs"].filter(pl.col("accepted") + pl.col("quarantined") > 0).head(1)
    if overview.held:
        return 3
    alarm = int(any(one.alarm for one in overview.sources))
    if judged.is_empty():
        return alarm
    run = judged.row(0, named=True)
    total = run["accepted"] + run["quarantined"]
    if total < alarm_minimum():
        return alarm
    if run["quarantined"] / total > desk.settings.quality.max_quarantined:
        return 3
    return max(alarm, int(run["warned"] / total > desk.settings.quality.warn_on))


def _held(desk: DeskFolder) -> tuple[Mapping[str, Any], ...]:
    return tuple({**asdict(batch), "rules": list(batch.rules)} for batch in held_batches(desk))


def _changed(registry: Registry) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {
            "rule": change.rule,
            "source": change.source,
            "severity": change.severity,
            "threshold": change.threshold,
            "because": change.because,
        }
        for change in registry.changes
    )
