"""The quarantine: by rule and source, and one record with what was measured, its text, and the commands."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from copydesk.browse.pages import Ask, NotFoundError, Page, Reading, Table
from copydesk.errors import UsageError
from copydesk.quality.quarantine import QuarantinedRecord, read_quarantine

__all__ = ["lines", "quarantine", "record"]

_PAGE = 50


def quarantine(reading: Reading, ask: Ask) -> Page:
    """Return the open records by rule and source, and those that the filters leave, latest first."""
    filters = {name: ask.maybe(name) for name in ("source", "rule", "stage")}
    resolved, start = ask.flag("all"), ask.number("from", 0)
    rows = reading.rows("quarantine", **filters, resolved=resolved, limit=_PAGE, start=start)
    total = reading.one("quarantine_count", **filters, resolved=resolved)["records"]
    return Page(
        template="quarantine.html.j2",
        title="Quarantine",
        section="quarantine",
        data={
            "filters": {k: v for k, v in filters.items() if v},
            "total": total,
            "from": start,
            "by_rule": reading.rows("quarantine_by_rule"),
            "records": rows,
        },
        extra={
            "resolved": resolved,
            "start": start,
            "following": start + _PAGE if start + _PAGE < total else None,
            "previous": max(0, start - _PAGE) if start else None,
            "why": {rule.id: rule.because for rule in reading.registry},
        },
        table=Table.of(
            rows, "capture_id", "source", "uri", "stage", "reason", "rules", "attempts", "last_seen_at", "resolution"
        ),
    )


def lines(reading: Reading, ask: Ask) -> Page:
    """Return a record's page line by line, as the desk decides it today; extracted while the person waits.

    Raises:
        UsageError: Another site led here, or the page's bytes are gone.
    """
    if not ask.trusted:
        raise UsageError("another site led here. Ask for the lines from the record's own page.")
    one = _found(reading, ask)
    found = reading.desk.explain(one.capture_id).extraction
    rows = [
        {
            "number": block.number,
            "kept": block.kept,
            "label": block.label.value,
            "rule": block.rule,
            "confidence": round(block.confidence, 3),
            "text": block.text,
        }
        for block in (found.blocks if found else ())
        if block.text.strip()
    ]
    rejection = found.rejection if found else None
    return Page(
        template="lines.html.j2",
        title=f"Line by line: {one.uri}",
        section="quarantine",
        data={
            "capture_id": one.capture_id,
            "source": one.source,
            "kind": found.kind.value if found else "",
            "language": (found.language or "") if found else "",
            "refused": f"{rejection.reason}: {rejection.detail}" if rejection else "",
            "lines": rows,
        },
        table=Table.of(rows, "number", "kept", "label", "rule", "confidence", "text"),
    )


def _found(reading: Reading, ask: Ask) -> QuarantinedRecord:
    name = ask.text("id").lower()
    found = read_quarantine(reading.connection, record=name, resolved=True, limit=2) if len(name) >= 4 else []
    found = [one for one in found if one.capture_id.startswith(name)]
    if len(found) != 1:
        raise NotFoundError
    return found[0]


def record(reading: Reading, ask: Ask) -> Page:
    """Return one record."""
    one = _found(reading, ask)
    facts = reading.rows("capture_facts", id=one.capture_id)
    short = one.capture_id[:8]
    commands = {
        "replay": f"copydesk quarantine replay {short}",
        "accept": f"copydesk quarantine accept {short}",
        "drop": f"copydesk quarantine drop {short}",
        "explain": f"copydesk explain {short}",
    }
    return Page(
        template="quarantine.html.j2",
        title=one.uri,
        section="quarantine",
        data={
            **asdict(one),
            "broken": _broken(reading, one),
            "commands": commands,
            "capture": facts[0] if facts else None,
        },
        extra={"open": one.resolved_at is None},
        table=Table.of(_broken(reading, one), "rule", "measured", "threshold", "unit", "severity", "because"),
    )


def _broken(reading: Reading, one: QuarantinedRecord) -> list[dict[str, Any]]:
    """Return each broken rule with what it measured and where its threshold lies."""
    rules = one.rules or [one.reason]
    measured = one.measured or [None] * len(rules)
    found = []
    for name, value in zip(rules, measured, strict=False):
        rule = reading.registry.rules.get(name)
        limit = reading.registry.source_thresholds(rule).get(one.source, rule.threshold) if rule else None
        found.append(
            {
                "rule": name,
                "measured": value,
                "threshold": limit if value is not None else None,
                "unit": rule.unit if rule else "",
                "severity": reading.registry.severity(name, one.source, "error"),
                "because": rule.because if rule else "",
            }
        )
    return found
