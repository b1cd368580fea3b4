"""What a run has seen of its sources' troubles: failing, held, and broken batch rules, for `ops.troubles`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from copydesk.health import SourceHealth, describe
from copydesk.quality.rules import Registry, desk_registry
from copydesk.runs.folder import STORED_TRIGGERS, Run
from copydesk.runs.held import HeldBatch, held_batches
from copydesk.store.curate.incidents import Seen, record_troubles
from copydesk.store.warehouse.connection import Connection

__all__ = ["record_run_troubles"]

_RULES = """
select rule, severity::varchar, split_part(detail, ': ', 1) as source, substr(detail, strpos(detail, ': ') + 2) as why
from audit.findings
where run_id = $1 and capture_id is null
order by severity, rule, value desc
"""


def record_run_troubles(connection: Connection, run: Run, health: Sequence[SourceHealth]) -> None:
    """Write what a run has seen of the troubles of its sources, in the transaction of its load.

    Args:
        connection: In a transaction; the run's findings and statistics are written.
        run: The run; one of stored captures says nothing of a source.
        health: How it found the sources that it took as they are declared.
    """
    if run.trigger in STORED_TRIGGERS or not health:
        return
    names = {one.source for one in health}
    held = {batch.source: batch for batch in reversed(held_batches(run.desk, names))}
    judged = connection.rows("select distinct source from ops.source_stats where run_id = $1", [run.run_id])
    measured = {source for (source,) in judged} & names
    broken = connection.rows(_RULES, [run.run_id])
    seen = _failing(health)
    if held or broken:
        registry = desk_registry(run.desk).for_sources(run.sources)
        seen += [*_held(held.values(), registry), *_broken(broken, measured, registry)]
    could_see = {(name, trouble) for name in names for trouble in ("failing", "held")}
    could_see |= {(name, "") for name in measured}
    record_troubles(connection, seen, could_see, run_id=run.run_id, now=datetime.now(UTC))


def _failing(health: Iterable[SourceHealth]) -> list[Seen]:
    return [
        Seen(
            source=one.source,
            trouble="failing",
            severity="error",
            detail=describe(one, short=True),
            dimension="timeliness",
        )
        for one in health
        if one.state == "failing"
    ]


def _held(batches: Iterable[HeldBatch], registry: Registry) -> list[Seen]:
    return [
        _labelled(batch.rules[0] if batch.rules else "", registry, batch.source, "held", "hold", batch.detail)
        for batch in batches
    ]


def _broken(rows: Iterable[Sequence[str]], sources: set[str], registry: Registry) -> list[Seen]:
    found: dict[tuple[str, str], Seen] = {}
    for rule, severity, source, why in rows:
        if source in sources and severity != "info" and (source, rule) not in found:
            found[source, rule] = _labelled(rule, registry, source, rule, severity, why)
    return list(found.values())


def _labelled(rule_id: str, registry: Registry, source: str, trouble: str, severity: str, detail: str) -> Seen:
    rule = registry.rules.get(rule_id)
    return Seen(
        source=source,
        trouble=trouble,
        severity=severity,
        detail=detail,
        owner=rule.owner if rule else "",
        dimension=rule.dimension if rule else "",
        tags=rule.tags if rule else (),
    )
