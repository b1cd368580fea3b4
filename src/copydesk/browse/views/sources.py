"""Sources: whether each delivers, what it brought a day, when it is asked next, and what its last requests said."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from copydesk.browse.charts import day_bars, sparkline
from copydesk.browse.pages import Ask, NotFoundError, Page, Reading, Table
from copydesk.health import describe
from copydesk.quality.profile import read_profile
from copydesk.service.source_view import reasons_of_holds, source_standing
from copydesk.service.state import calendar_of, is_paused
from copydesk.store.read.source_status import read_statuses

__all__ = ["source", "sources"]

_TONES = {"ok": "good", "failing": "bad", "held": "bad", "silent": "warn"}


def _lines(reading: Reading) -> list[dict[str, Any]]:
    known = read_statuses(reading.connection)
    desk, now = reading.desk, reading.now
    held = reasons_of_holds(desk)
    declared = {source.name for source in desk.sources}
    lines = []
    for one in desk.sources:
        stands = known.get(one.name)
        health = source_standing(desk, one, stands, held, now=now)
        calendar = calendar_of(one)
        stopped = "disabled" if not one.enabled else "paused" if is_paused(desk, one.name) else ""
        after = calendar.next(now - calendar.delay) if calendar and not stopped else None
        lines.append(
            {
                "source": one.name,
                "kind": one.kind,
                "declared": True,
                "state": health.state,
                "tone": _TONES.get(health.state, "dim"),
                "why": describe(health),
                "since": health.since,
                "schedule": stopped or one.schedule or "",
                "next_run": after + calendar.delay if after and calendar else None,
                **_figures(stands),
            }
        )
    lines += [
        {"source": name, "kind": "", "declared": False, "state": "ok", "tone": "dim", "why": "not in copydesk.toml",
         "since": None, "schedule": "", "next_run": None, **_figures(known[name])}
        for name in sorted(known.keys() - declared)
    ]  # fmt: skip
    return lines


def _figures(stands: Any) -> dict[str, Any]:
    days = list(stands.days) if stands else []
    health = asdict(stands.health) if stands and stands.health else {}
    return {
        "run_id": stands.run_id if stands else None,
        "last_run": stands.started_at if stands else None,
        "result": (stands.status or "") if stands else "",
        "loaded": stands.loaded if stands else 0,
        "quarantined": stands.quarantined if stands else 0,
        "held": stands.held if stands else 0,
        "news_at": stands.news_at if stands else None,
        "days": days,
        "missing": stands.missing if stands else 0,
        "last_error": health.get("detail") or "",
        "http_status": health.get("http_status"),
    }


def sources(reading: Reading, _ask: Ask) -> Page:
    """Return all sources, those that do not deliver first."""
    order = {"bad": 0, "warn": 1, "good": 2, "dim": 3}
    lines = sorted(_lines(reading), key=lambda line: (order[line["tone"]], line["source"]))
    columns = (
        "source",
        "kind",
        "state",
        "why",
        "schedule",
        "next_run",
        "last_run",
        "result",
        "loaded",
        "quarantined",
        "held",
        "news_at",
    )
    return Page(
        template="sources.html.j2",
        title="Sources",
        section="sources",
        data={"sources": [{k: v for k, v in line.items() if k != "tone"} for line in lines]},
        extra={
            "lines": [
                {**line, "spark": sparkline(line["days"], title=f"captures a day of {line['source']}, 28 days")}
                for line in lines
            ],
            "now": reading.now,
        },
        table=Table.of(lines, *columns),
    )


def source(reading: Reading, ask: Ask) -> Page:
    """Return one source: its state and how that changed, what it brought a day, its last requests."""
    name = ask.text("name")
    line = next((one for one in _lines(reading) if one["source"] == name), None)
    if line is None:
        raise NotFoundError
    since = reading.now - timedelta(days=90)
    days = reading.rows("source_days", source=name, since=since)
    changes = reading.rows("source_changes", source=name)
    requests = reading.rows("source_requests", source=name, limit=60)
    coverage = reading.rows("source_coverage", source=name, since=(reading.now - timedelta(days=28)).date())
    reasons = reading.rows("source_reasons", source=name)
    publishers = reading.rows("source_publishers", source=name, limit=20)
    profile = read_profile(reading.connection, now=reading.now, source=name)
    return Page(
        template="sources.html.j2",
        title=name,
        section="sources",
        data={
            **{k: v for k, v in line.items() if k != "tone"},
            "captures_by_day": days,
            "coverage": coverage,
            "changes": changes,
            "requests": requests,
            "reasons": reasons,
            "publishers": publishers,
            "profile": profile.as_dict(),
        },
        extra={
            "line": line,
            "now": reading.now,
            "drifts": profile.drifts,
            "changes_of_template": profile.changes,
            "chart": day_bars([(d["day"], d["captures"]) for d in days], title=f"Captures a day of {name}")
            if days
            else "",
        },
        table=Table.of(
            requests,
            "started_at",
            "purpose",
            "url",
            "outcome",
            "reason",
            "http_status",
            "elapsed_ms",
            "body_bytes",
            "detail",
        ),
    )
