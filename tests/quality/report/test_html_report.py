"""The report is one page that fetches nothing, shows hostile words as words, and draws what left its band."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pytest_httpserver import HTTPServer

from copydesk.quality.report.charts import with_bands
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
    broken = {"rule": "too_short", "severity": "error", "source": "gazette", "captures": 1, "least": 12.0, "most": 12.0}
    rows: dict[str, list[dict[str, Any]]] = {
        "runs": [run],
        "volume": [{"source": "gazette", "day": NOW.date(), "captures": 30, "quarantined": 1}],
        "history": history,
        "rules": [{**broken, "example": hostile}],
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


def test_an_empty_desk_has_a_report() -> None:
    """A warehouse without a run gives a page that says so."""
    full = make_overview()
    empty = Overview(days=7, made_at=NOW, frames={n: f.clear() for n, f in full.frames.items()})
    html = render_report(empty, load_registry(), desk="desk", code=0)
    assert "No run yet." in html
    assert "Nothing waits." in html


def test_a_band_knows_only_earlier_days() -> None:
    """The last run is outside the band of the days before it, and the first seven runs have no band."""
    history = make_overview().frames["history"].filter(pl.col("metric") == "median_body_chars")
    banded = with_bands(history, load_registry())
    assert banded["unusual"].to_list() == [False] * 20 + [True]
    assert banded["median"].is_null().to_list() == [True] * 7 + [False] * 14
    loose = load_registry({"length_fell": RuleOverride(threshold=1e9)})
    assert not with_bands(history, loose)["unusual"].any()


@pytest.mark.browser
def test_a_browser_fetches_nothing_and_runs_nothing(tmp_path: Path, httpserver: HTTPServer) -> None:
    """Chromium shows the page; a picture and a script that an excerpt names are neither asked for nor run."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    bait = httpserver.url_for("/bait")
    hostile = f"<img src='{bait}.png'><script src='{bait}.js'></script><script>document.title='taken'</script>"
    html = render_report(make_overview(hostile), load_registry(), desk="desk", code=3)
    # The same words once more without escaping: what the policy alone would still hold back.
    page = write_report(tmp_path / "report.html", html.replace("</body>", f"{hostile}</body>"))
    shown = subprocess.run(
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
    assert "<title>Copydesk: quality of desk</title>" in shown
    assert "&lt;img src='" in shown or "&lt;img src=" in shown
    assert shown.count("<svg") >= 4
    assert httpserver.log == []
