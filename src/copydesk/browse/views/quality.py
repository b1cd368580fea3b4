"""Quality: each source's numbers over its runs with the usual range, and findings by rule with their articles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from copydesk.browse.pages import Ask, Page, Reading, Table
from copydesk.quality.report.html_report import history_by_source
from copydesk.quality.report.overview import queries
from copydesk.runs.held import held_batches
from copydesk.store.curate.incidents import read_incidents

__all__ = ["findings", "quality"]

_PAGE = 50


def quality(reading: Reading, ask: Ask) -> Page:
    """Return the history of the last days by source, and the most broken rules."""
    days = ask.number("days", 90, least=1, most=3650)
    source = ask.maybe("source")
    since = reading.now - timedelta(days=days)
    frame = reading.connection.frame(queries("history"), [since])
    history = history_by_source(frame, reading.registry, only=source)
    rules = [_rule(reading, row) for row in reading.rows("rules", since=since, source=source)]
    held = [
        {"run_id": b.run_id, "source": b.source, "detail": b.detail, "captures": b.captures}
        for b in held_batches(reading.desk)
    ]
    incidents = read_incidents(reading.connection, source=source, closed_since=since)[:_PAGE]
    return Page(
        template="quality.html.j2",
        title="Quality",
        section="quality",
        data={
            "days": days,
            "rules": rules,
            "held": held,
            "incidents": [one.as_dict() for one in incidents],
            "history": [
                {"source": s["name"], "unusual": s["unusual"],
                 "metrics": [{k: c[k] for k in ("metric", "last", "usual")} for c in s["charts"]]}
                for s in history
            ],
        },
        extra={"sources": history, "source": source or "", "lives": incidents},
        table=Table.of(rules, "rule", "severity", "captures", "sources", "least", "most", "because"),
    )  # fmt: skip


def _rule(reading: Reading, row: dict[str, Any]) -> dict[str, Any]:
    known = reading.registry.rules.get(row["rule"])
    return {**row, "because": known.because if known else "", "unit": known.unit if known else ""}


def findings(reading: Reading, ask: Ask) -> Page:
    """Return the captures behind the number of one rule, latest run first."""
    rule, source, start = ask.maybe("rule"), ask.maybe("source"), ask.number("from", 0)
    days = ask.number("days", 3650, least=1, most=36500)
    since = reading.now - timedelta(days=days)
    chosen = {"rule": rule, "source": source, "since": since, "run": ask.maybe("run")}
    rows = reading.rows("findings", **chosen, limit=_PAGE, start=start)
    total = reading.one("findings_count", **chosen)["findings"]
    known = reading.registry.rules.get(rule or "")
    return Page(
        template="quality.html.j2",
        title=f"Findings: {rule}" if rule else "Findings",
        section="quality",
        data={
            "rule": rule,
            "source": source,
            "total": total,
            "from": start,
            "because": known.because if known else "",
            "threshold": known.threshold if known else None,
            "unit": known.unit if known else "",
            "severity": known.severity if known else "",
            "findings": rows,
        },
        extra={
            "params": {k: ask.text(k) for k in ("rule", "source", "days", "run") if ask.text(k)},
            "start": start,
            "following": start + _PAGE if start + _PAGE < total else None,
            "previous": max(0, start - _PAGE) if start else None,
        },
        table=Table.of(rows, "rule", "severity", "value", "detail", "source", "uri", "title", "article_id", "run_id"),
    )
