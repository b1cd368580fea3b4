"""The report is one page that fetches nothing, escapes hostile text, and marks values outside their band."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pytest_httpserver import HTTPServer

from copydesk.quality.report.charts import bar_chart, with_bands
from copydesk.quality.report.html_report import render_report, write_report
from copydesk.quality.report.overview import Overview
from copydesk.quality.rules import load_registry
from copydesk.settings import RuleOverride

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_ADDRESSES = re.compile(r"""(?:src|href|action|data|poster|srcset)\s*=\s*["']?([^"'\s>]+)|url\(([^)]*)\)|@import""")


def make_overview(hostile: str = "Please log in", uri: str = "https://gazette.example/1") -> Overview:
    """Return an overview of a source with twenty runs, the last of them unusual, and one quarantined page."""
    history = [
        {
            "source": "gazette",
            "metric": metric,
            "run_id": f"run-{day:02}",
            "inputs": 30,
            "held": False,
            "started_at": NOW - timedelta(days=day),
            "value": (usual / 5 if day == 0 else usual) + day % 3,
            "incident": False,
        }
        for metric, usual in (("median_body_chars", 2000.0), ("captures", 30.0))
        for day in range(20, -1, -1)
    ]
    run = {
        "run_id": "run-00",
        "status": "finished",
        "command": "cli",
        "sources": ["gazette"],
        "started_at": NOW,
        "seconds": 3.2,
        "captured": 30,
        "unchanged": 2,
        "accepted": 29,
        "quarantined": 1,
        "held": 0,
        "warned": 3,
        "exit_code": 0,
        "error": hostile,
    }
    waits = {
        "capture_id": "c" * 36,
        "source": "gazette",
        "uri": uri,
        "stage": "check",
        "reason": "too_short",
        "rules": ["too_short"],
        "measured": [12.0],
        "detail": hostile,
        "excerpt": hostile,
        "attempts": 2,
        "last_seen_at": NOW,
    }
    incident = {
        "number": 1,
        "source": "gazette",
        "trouble": "length_fell",
        "severity": "hold",
        "owner": hostile,
        "dimension": "completeness",
        "detail": hostile,
        "opened_at": NOW,
        "seen_at": NOW,
        "observations": 2,
        "acknowledged_at": NOW,
        "acknowledged_by": hostile,
        "note": hostile,
        "muted_until": None,
        "closed_at": None,
    }
    counts = {"announced": 9, "captured": 6, "loaded": 5, "waiting": 1, "refused": 1, "failed": 1, "never_asked": 1}
    days = {"days_missing": 2, "missing_since": "2026-11-17", "missing_until": "2026-11-19"}
    covered = {"source": "gazette", **counts, **days}
    labels = {"dimension": "completeness", "owner": hostile, "tags": []}
    broken = {"rule": "too_short", "severity": "error", "source": "gazette", "captures": 1, "least": 12.0, "most": 12.0}
    rows: dict[str, list[dict[str, Any]]] = {
        "runs": [run],
        "volume": [{"source": "gazette", "day": NOW.date(), "captures": 30, "quarantined": 1}],
        "history": history,
        "rules": [{**broken, "example": hostile, **labels}],
        "incidents": [incident],
        "coverage": [covered],
        "cut": [{"label": "share", "blocks": 12}],
        "slow": [{"source": "gazette", "requests": 9, "median_ms": 80, "p95_ms": 400}],
        "stages": [{"stage": "extract", "seconds": 2.0, "pages": 30, "ms_per_page": 66.6}],
        "quarantine": [waits],
        "reasons": [{"source": "gazette", "reason": "too_short", "captures": 1}],
        "silence": [
            {"source": "gazette", "last_new_at": NOW, "silent_hours": 3.0, "failures_in_row": 2, "last_reason": hostile}
        ],
    }
    held = ({"run_id": "run-00", "source": "gazette", "rules": ["length_fell"], "detail": hostile},)
    changed = ({"rule": "no_date", "source": "", "severity": "off", "threshold": None, "because": hostile},)
    frames = {name: pl.DataFrame(some, infer_schema_length=None) for name, some in rows.items()}
    return Overview(days=30, made_at=NOW, frames=frames, held=held, changed=changed)


def test_hostile_words_are_shown_as_words() -> None:
    """Markup in titles, details, reasons and addresses is escaped everywhere, and a script address is no link."""
    hostile = "</style></svg><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    html = render_report(make_overview(hostile, uri="javascript:alert(3)"), load_registry(), desk="<b>desk</b>", code=3)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert html.count("&lt;script&gt;alert(1)") >= 6
    assert "&lt;b&gt;desk&lt;/b&gt;" in html


def test_the_page_names_no_address_to_fetch() -> None:
    """The only addresses are links that a person may follow; the policy forbids everything but the page's own style."""
    html = render_report(make_overview(), load_registry(), desk="desk", code=0)
    assert "default-src 'none'" in html
    found = [a or b for a, b in _ADDRESSES.findall(html)]
    assert [f for f in found if not f.startswith("#")] == ["https://gazette.example/1"]


def test_what_was_announced_and_not_taken_is_shown_with_the_command_that_fills_it() -> None:
    """A source with holes: its counts, the days, and what to type; a source without any says none."""
    html = render_report(make_overview(), load_registry(), desk="desk", code=0)
    assert "2: 2026-11-17 to 2026-11-19" in html
    assert "copydesk backfill gazette --since 2026-11-17" in html
    whole = make_overview()
    hole = whole.frames["coverage"].with_columns(missing_since=pl.lit(None), missing_until=pl.lit(None))
    frames = {**whole.frames, "coverage": hole}
    assert "backfill" not in render_report(replace(whole, frames=frames), load_registry(), desk="desk", code=0)


def test_an_empty_desk_has_a_report() -> None:
    """A warehouse without a run gives a page that says so."""
    full = make_overview()
    empty = Overview(days=7, made_at=NOW, frames={n: f.clear() for n, f in full.frames.items()})
    html = render_report(empty, load_registry(), desk="desk", code=0)
    assert "No run yet." in html
    assert "The quarantine is empty." in html


def test_a_band_knows_only_earlier_days() -> None:
    """The last run is outside the band of the days before it, and the first seven runs have no band."""
    history = make_overview().frames["history"].filter(pl.col("metric") == "median_body_chars")
    banded = with_bands(history, load_registry())
    assert banded["unusual"].to_list() == [False] * 20 + [True]
    assert banded["median"].is_null().to_list() == [True] * 7 + [False] * 14
    loose = load_registry({"length_fell": RuleOverride(threshold=1e9)})
    assert not with_bands(history, loose)["unusual"].any()


def test_every_chart_has_a_name_a_description_and_axes_in_words() -> None:
    """Screen readers get a title and the numbers; sighted readers get axis labels; hostile labels are escaped."""
    html = render_report(make_overview(), load_registry(), desk="desk", code=0)
    charts = re.findall(r"<svg .*?</svg>", html, re.DOTALL)
    assert len(charts) == 6
    for chart in charts:
        assert re.match(r'<svg class="plot" viewBox="0 0 [\d.]+ [\d.]+" [^>]*role="img"><title>[^<]+</title>', chart)
        assert re.search(r"<desc>[^<]*\d[^<]*</desc>", chart)
    assert "<desc>30 captures from 20 Nov 2026 to 20 Nov 2026, 1 of them quarantined.</desc>" in charts[0]
    assert all(f">{words}</text>" in html for words in ("day (UTC)", "start of run (UTC)", "captures", "characters"))
    assert "Outside the usual range: 20 Nov 2026." in html
    named = bar_chart([("<b>&</b>" * 9, 2.0, "bad"), ("b", 0.0, "plain")], title="<i>", unit="lines")
    assert "<b>" not in named
    assert "<i>" not in named


def test_the_style_sheet_colours_every_mark_for_light_and_dark() -> None:
    """Each class that a chart uses has a rule, and each colour variable has a value in both palettes."""
    html = render_report(make_overview(), load_registry(), desk="desk", code=0)
    style = html[html.index("<style>") : html.index("</style>")]
    used = {
        c for chart in re.findall(r"<svg .*?</svg>", html, re.DOTALL) for c in re.findall(r'class="([\w-]+)"', chart)
    }
    assert {"band", "value", "unusual", "accepted", "quarantined", "bad"} <= used
    assert all(f".{name}" in style for name in used - {"axes"})
    light, dark = (set(re.findall(r"(--[\w-]+):", palette)) for palette in re.findall(r":root \{[^}]*\}", style))
    assert light == dark
    assert set(re.findall(r"var\((--[\w-]+)\)", style)) <= light


@pytest.mark.browser
def test_charts_are_readable_on_a_phone(tmp_path: Path) -> None:
    """In a frame 390 pixels wide nothing is wider than the frame, and chart text is at least 9 pixels high."""
    page = re.sub(r"<meta http-equiv=[^>]*>", "", render_report(make_overview(), load_registry(), desk="desk", code=0))
    measure = """<iframe width=390 height=900 style=border:0></iframe><script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const page = frame.contentDocument, texts = [...page.querySelectorAll("svg text")];
  const low = Math.min(...texts.map(t => t.getBoundingClientRect().height));
  const right = Math.max(...[...page.querySelectorAll("svg, figure")].map(e => e.getBoundingClientRect().right));
  document.title = [page.documentElement.scrollWidth, Math.round(right), low.toFixed(1), texts.length].join(" ");
};
frame.srcdoc = PAGE;
</script>""".replace("PAGE", json.dumps(page).replace("</", "<\\/"))
    (tmp_path / "phone.html").write_text(f"<!doctype html><title>-</title>{measure}", encoding="utf-8")
    shown = browse(tmp_path, tmp_path / "phone.html")
    found = re.search(r"<title>(\d+) (\d+) ([\d.]+) (\d+)</title>", shown)
    assert found is not None
    width, right, low, texts = (float(n) for n in found.groups())
    assert texts > 20
    assert width <= 390
    assert right <= 390
    assert low >= 9


def browse(tmp_path: Path, page: Path) -> str:
    """Return the page's DOM as Chromium leaves it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    return subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000", "--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout


@pytest.mark.browser
def test_a_browser_fetches_nothing_and_runs_nothing(tmp_path: Path, httpserver: HTTPServer) -> None:
    """Chromium shows the page; a picture and a script that an excerpt names are neither asked for nor run."""
    bait = httpserver.url_for("/bait")
    hostile = f"<img src='{bait}.png'><script src='{bait}.js'></script><script>document.title='taken'</script>"
    html = render_report(make_overview(hostile), load_registry(), desk="desk", code=3)
    # The same words once more without escaping: what the policy alone would still hold back.
    page = write_report(tmp_path / "report.html", html.replace("</body>", f"{hostile}</body>"))
    shown = browse(tmp_path, page)
    assert "<title>Copydesk: quality of desk</title>" in shown
    assert "&lt;img src='" in shown or "&lt;img src=" in shown
    assert shown.count("<svg") >= 4
    assert httpserver.log == []
