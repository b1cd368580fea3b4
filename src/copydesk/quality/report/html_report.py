"""The report: one HTML file without external resources, rendered from an `Overview`.

    Overview --> values of each section --jinja2, autoescape--> HTML with inline SVG

Everything taken from a page (titles, excerpts, details, URLs) goes through autoescape, in charts too. Only http and
https URLs become links.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from copydesk.errors import StoreError
from copydesk.filesystem import write_whole
from copydesk.health import describe
from copydesk.quality.report.charts import bar_chart, history_chart, template_environment, volume_chart, with_bands
from copydesk.quality.report.overview import Overview
from copydesk.quality.rules import Registry
from copydesk.wording import counted

__all__ = ["history_by_source", "render_report", "write_report"]

_METRICS = {
    "captures": ("captures per run", "captures"),
    "quarantined_share": ("quarantined", "share of captures"),
    "warned_share": ("with a warning", "share of articles"),
    "median_body_chars": ("median length", "characters"),
    "furniture_share": ("boilerplate", "share of characters"),
    "byline_share": ("with a byline", "share of articles"),
    "no_date_share": ("without a date", "share of articles"),
    "no_title_share": ("without a title", "share of articles"),
    "no_language_share": ("without a language", "share of articles"),
    "duplicate_share": ("duplicates", "share of articles"),
    "freshness_hours": ("age when captured", "hours"),
}
"""Metric -> its name in words, and what its axis counts."""

_MIN_POINTS = 3
_MAX_CHARTED_SOURCES = 12  # sources with history charts; the others are in `copydesk quality --json`
_MAX_RULES = 12
_MAX_ROWS = 30
_TONES = {"error": "bad", "hold": "bad", "warn": "warn", "info": "dim"}


def write_report(path: Path, html: str) -> Path:
    """Write the report atomically.

    Raises:
        StoreError: The folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, html.encode(errors="replace"))
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}. Name another place with --out.") from error
    return path


def render_report(overview: Overview, registry: Registry, *, desk: str, code: int) -> str:
    """Return the report as HTML.

    Args:
        overview: The numbers to show.
        registry: The rules in force, for bands and explanations.
        desk: Name of the desk, for the heading.
        code: The verdict, as `overview.verdict_code` gives it.
    """
    frames = overview.frames
    return (
        template_environment()
        .get_template("report.html.j2")
        .render(
            desk=desk,
            days=overview.days,
            made_at=f"{overview.made_at:%Y-%m-%d %H:%M}",
            verdict=_verdict(code, overview),
            sources=_sources(overview),
            tiles=_tiles(overview),
            held=overview.held,
            incidents=[_incident(r) for r in frames["incidents"].head(_MAX_ROWS).iter_rows(named=True)],
            coverage=[_covered(r) for r in frames["coverage"].head(_MAX_ROWS).iter_rows(named=True)],
            templates=overview.profile.changes if overview.profile else (),
            drifts=overview.profile.drifts[:_MAX_ROWS] if overview.profile else (),
            volume=_volume(frames["volume"]),
            history=history_by_source(frames["history"], registry),
            rules=_rules(frames["rules"], registry),
            rules_svg=_rules_chart(frames["rules"]),
            dimensions=_groups(frames["rules"], "dimension"),
            owners=_groups(frames["rules"], "owner"),
            cut_svg=_bars(
                [(r["label"], r["blocks"], "plain") for r in frames["cut"].iter_rows(named=True)],
                "Cut lines by label",
                "lines",
            ),
            quarantine=[_record(q) for q in frames["quarantine"].iter_rows(named=True)],
            waiting=int(frames["reasons"]["captures"].sum()),
            reasons=frames["reasons"].height,
            reasons_svg=_bars(_totals(frames["reasons"], "reason", "bad"), "Quarantine by reason", "captures"),
            silence=[_silent(s) for s in frames["silence"].head(_MAX_ROWS).iter_rows(named=True)],
            slow=_slow(frames),
            changed=overview.changed,
            runs=[_run(r) for r in frames["runs"].head(_MAX_ROWS).iter_rows(named=True)],
        )
    )


def _sources(overview: Overview) -> list[dict[str, str]]:
    """Return the sources that are not ok, or have something to say."""
    shown = [(one, describe(one)) for one in overview.sources]
    return [
        {
            "source": one.source,
            "state": one.state.replace("_", " "),
            "tone": "bad" if one.alarm else "warn" if one.state in ("silent", "ok") else "dim",
            "why": line,
            "since": _moment(one.since) if one.state != "ok" else "",
        }
        for one, line in shown
        if one.state != "ok" or line
    ]


def _incident(r: dict[str, Any]) -> dict[str, Any]:
    state = "closed" if r["closed_at"] else "acknowledged" if r["acknowledged_at"] else "open"
    said = [
        f"closed {_moment(r['closed_at'])}" if r["closed_at"] else "",
        f"acknowledged by {r['acknowledged_by']}" if r["acknowledged_by"] else "",
        f"muted until {_moment(r['muted_until'])}" if r["muted_until"] and not r["closed_at"] else "",
    ]
    return {
        **{name: r[name] or "" for name in ("number", "source", "trouble", "severity", "owner", "detail", "note")},
        "tone": {"open": "bad", "acknowledged": "warn", "closed": "dim"}[state],
        "state": ", ".join(filter(None, said)) or "open",
        "opened": _moment(r["opened_at"]),
        "observations": r["observations"],
    }


def _covered(r: dict[str, Any]) -> dict[str, Any]:
    counts = ("announced", "captured", "loaded", "waiting", "refused", "failed", "never_asked", "days_missing")
    since, until = r["missing_since"] or "", r["missing_until"] or ""
    return {
        "source": r["source"],
        **{name: f"{int(r[name]):,}" for name in counts},
        "missing": since if since == until else f"{since} to {until}",
        "since": since,
        "tone": "warn" if since else "",
    }


def _verdict(code: int, overview: Overview) -> dict[str, str]:
    stopped = sum(one.alarm for one in overview.sources)
    if stopped and code != 3:
        share = f"{stopped} of {counted(len(overview.sources), 'source')}"
        return {"tone": "bad", "words": f"{share} {'does' if stopped == 1 else 'do'} not deliver"}
    words = {
        0: ("good", "Good"),
        1: ("warn", "More warnings than the limit"),
        3: ("bad", "A batch is held, or more quarantined than the limit"),
    }
    tone, said = words.get(code, words[3])
    return {"tone": tone, "words": said}


def _tiles(overview: Overview) -> list[dict[str, Any]]:
    runs = overview.frames["runs"]
    accepted, refused, warned = (int(runs[name].sum()) for name in ("accepted", "quarantined", "warned"))
    judged = accepted + refused
    waiting = int(overview.frames["reasons"]["captures"].sum())
    failed = runs.filter(pl.col("status") != "finished").height
    tiles = [
        {"name": "runs", "number": f"{runs.height:,}", "share": f"{failed} not finished" if failed else ""},
        {"name": "captured", "number": f"{int(runs['captured'].sum()):,}"},
        {"name": "accepted", "number": f"{accepted:,}", "share": _share(accepted, judged)},
        {
            "name": "quarantined",
            "number": f"{refused:,}",
            "share": _share(refused, judged),
            "tone": "bad" if refused else "",
        },
        {"name": "with a warning", "number": f"{warned:,}", "share": _share(warned, judged)},
        {"name": "open in quarantine", "number": f"{waiting:,}"},
        {"name": "held batches", "number": f"{len(overview.held)}", "tone": "bad" if overview.held else ""},
    ]
    return [{"share": "", "tone": "", **tile} for tile in tiles]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""


def _volume(volume: pl.DataFrame) -> list[dict[str, Any]]:
    found = [
        {
            "source": source,
            "captures": f"{int(days['captures'].sum()):,}",
            "quarantined": int(days["quarantined"].sum()),
            "svg": volume_chart(days, title=f"Captures per day of {source}"),
        }
        for (source,), days in volume.group_by("source", maintain_order=True)
    ]
    return sorted(found, key=lambda one: str(one["source"]))


def history_by_source(history: pl.DataFrame, registry: Registry, *, only: str | None = None) -> list[dict[str, Any]]:
    """Return the history charts by source, of one source or of twelve: sources with outliers first, then by name."""
    if only is not None:
        history = history.filter(pl.col("source") == only)
    sources: dict[str, dict[str, Any]] = {}
    for metric in _METRICS:
        for (source,), runs in history.filter(pl.col("metric") == metric).group_by("source", maintain_order=True):
            if runs.height < _MIN_POINTS or (runs["value"].n_unique() == 1 and metric != "captures"):
                continue
            banded = with_bands(runs, registry)
            entry = sources.setdefault(str(source), {"name": str(source), "unusual": 0, "banded": []})
            entry["unusual"] += int(banded["unusual"].sum())
            entry["banded"].append((metric, banded))
    chosen = sorted(sources.values(), key=lambda s: (-s["unusual"], s["name"]))[:_MAX_CHARTED_SOURCES]
    for entry in chosen:
        entry["charts"] = [_metric(entry["name"], metric, banded) for metric, banded in entry.pop("banded")]
    return chosen


def _metric(source: str, metric: str, banded: pl.DataFrame) -> dict[str, Any]:
    last = banded.row(-1, named=True)
    name, counted = _METRICS[metric]
    share = metric.endswith("_share")
    usual = None if last["median"] is None else _figure(last["median"], share)
    svg = history_chart(banded, title=f"{name} of {source} by run", y_label=counted, share=share)
    return {"metric": name, "last": _figure(last["value"], share), "usual": usual, "svg": svg}


def _figure(value: float, share: bool) -> str:
    return f"{value:.1%}" if share else f"{value:,.0f}"


def _rules(rules: pl.DataFrame, registry: Registry) -> list[dict[str, Any]]:
    return [
        {
            "rule": r["rule"],
            "severity": r["severity"],
            "tone": _TONES.get(r["severity"], ""),
            "because": registry.rules[r["rule"]].because if r["rule"] in registry.rules else "",
            "owner": r["owner"],
            "dimension": r["dimension"],
            "source": r["source"] or "",
            "captures": f"{r['captures']:,}",
            "measured": _range(r["least"], r["most"]),
            "example": r["example"] or "",
        }
        for r in rules.head(_MAX_ROWS).iter_rows(named=True)
    ]


def _groups(rules: pl.DataFrame, column: str) -> list[dict[str, Any]]:
    """Return findings by dimension or owner: those that refuse or hold, and all others."""
    total: dict[str, Counter[str]] = {}
    for r in rules.iter_rows(named=True):
        if name := r[column]:
            bad = "bad" if r["severity"] in ("error", "hold") else "other"
            total.setdefault(name, Counter())[bad] += r["captures"]
    return [{"name": name, "bad": f"{n['bad']:,}", "other": f"{n['other']:,}"} for name, n in sorted(total.items())]


def _range(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return ""
    return f"{least:.3g}" if least == most else f"{least:.3g} to {most:.3g}"


def _rules_chart(rules: pl.DataFrame) -> Markup | str:
    tones = {"error": "bad", "hold": "bad", "warn": "warn", "info": "plain"}
    total: Counter[tuple[str, str]] = Counter()
    for r in rules.iter_rows(named=True):
        total[r["rule"], tones.get(r["severity"], "plain")] += r["captures"]
    return _bars([(rule, n, tone) for (rule, tone), n in total.most_common()], "Captures by broken rule", "captures")


def _totals(frame: pl.DataFrame, column: str, tone: str) -> list[tuple[str, float, str]]:
    total: Counter[str] = Counter()
    for r in frame.iter_rows(named=True):
        total[r[column]] += r["captures"]
    return [(name, n, tone) for name, n in total.most_common()]


def _bars(rows: list[tuple[str, float, str]], title: str, unit: str) -> Markup | str:
    return bar_chart(rows[:_MAX_RULES], title=title, unit=unit) if rows else ""


def _record(q: dict[str, Any]) -> dict[str, Any]:
    measured = q["measured"] or []
    return {
        "id": q["capture_id"][:8],
        "uri": q["uri"],
        "link": q["uri"] if q["uri"].startswith(("http://", "https://")) else "",
        "source": q["source"],
        "stage": q["stage"],
        "attempts": q["attempts"],
        "seen": _moment(q["last_seen_at"]),
        "rules": [
            {"name": name, "value": "" if i >= len(measured) or measured[i] is None else f"{measured[i]:.3g}"}
            for i, name in enumerate(q["rules"] or [q["reason"]])
        ],
        "excerpt": (q["excerpt"] or q["detail"] or "").strip(),
    }


def _silent(s: dict[str, Any]) -> dict[str, Any]:
    hours = s["silent_hours"]
    return {
        "source": s["source"],
        "last_new": _moment(s["last_new_at"]) or "never",
        "hours": "" if hours is None else f"{hours:,.0f}",
        "tone": "bad" if s["failures_in_row"] else "",
        "failures": f"{s['failures_in_row']} {s['last_reason'] or ''}".strip() if s["failures_in_row"] else "",
    }


def _slow(frames: Any) -> list[dict[str, Any]]:
    fetched = [
        {
            "name": f"fetch {r['source']}",
            "pages": f"{r['requests']:,}",
            "ms": f"{r['median_ms']:,}",
            "p95": f"{r['p95_ms']:,}",
        }
        for r in frames["slow"].head(_MAX_ROWS).iter_rows(named=True)
    ]
    staged = [
        {"name": r["stage"], "pages": f"{r['pages'] or 0:,}", "ms": f"{r['ms_per_page'] or 0:,.1f}", "p95": ""}
        for r in frames["stages"].iter_rows(named=True)
    ]
    return [*staged, *fetched]


def _run(r: dict[str, Any]) -> dict[str, Any]:
    tone = {"finished": "", "running": "dim"}.get(r["status"], "bad")
    return {**r, "tone": tone, "seconds": "" if r["seconds"] is None else f"{r['seconds']:,.1f}"}


def _moment(value: datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}"
