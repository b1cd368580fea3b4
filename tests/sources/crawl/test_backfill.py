"""Coverage and backfill against a real loopback site and a real warehouse: what is missing, filled, politely, once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Command, clean_environment
from tests.servers import Call, Site, page

from copydesk import open_desk
from copydesk.errors import UsageError
from copydesk.sources.crawl.feeds import read_feed
from copydesk.store.read.coverage import DayCoverage, holes_in

TODAY = datetime.now(UTC).date()
BODY = "The council of Arden met on Monday and decided on {}. The work begins before the winter, the mayor said. "


def _day(number: int) -> date:
    """Return the day of page `number`: the first is of yesterday."""
    return TODAY - timedelta(days=number)


def _story(number: int) -> bytes:
    text = "".join(f"<p>{BODY.format(f'plan {number}, part {n}') * 2}</p>" for n in range(3))
    head = f"<title>Plan {number} of Arden</title><meta property='article:published_time' content='{_day(number)}'>"
    return page(f"<html lang=en><head>{head}</head><body><article><h1>Plan {number}</h1>{text}</article></body></html>")


def _rss(site: Site, numbers: Iterable[int], more: str = "") -> bytes:
    items = "".join(
        f"<item><title>Plan {n}</title><link>{site.url(f'/p{n}')}</link>"
        f"<pubDate>{_day(n):%a, %d %b %Y} 08:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    atom = "xmlns:atom='http://www.w3.org/2005/Atom'"
    feed = f"<rss version='2.0' {atom}><channel><title>Arden</title>{more}{items}</channel></rss>"
    return page(feed, kind="application/rss+xml")


def _site() -> Site:
    """A feed of three pages whose archives hold nine older ones, three a document."""
    site = Site({f"/p{n}": _story(n) for n in range(1, 13)})
    site.routes["/robots.txt"] = page("User-agent: *\nDisallow: /p5\n", kind="text/plain")
    return site


def _archives(site: Site) -> None:
    for number, first in enumerate((1, 4, 7, 10)):
        older = f"<atom:link rel='prev-archive' href='/feed-{number + 1}.xml'/>" if first < 10 else ""
        site.routes[f"/feed-{number}.xml"] = _rss(site, range(first, first + 3), older)


def _desk(folder: Path, site: Site, url: str, more: str = "") -> Path:
    folder.mkdir()
    (folder / "copydesk.toml").write_text(
        f'[[source]]\nname = "arden"\nkind = "feed"\nurl = "{site.url(url)}"\n{more}'
        f'[web]\nallow_hosts = ["{site.allow[0]}"]\ndelay_s = 0\nattempts = 1\n[run]\nworkers = 1\n',
        encoding="utf-8",
    )
    return folder


def _asked(site: Site, start: int = 0) -> Counter[str]:
    return Counter(path for path in site.paths()[start:] if path.startswith(("/p", "/feed")))


def test_a_backfill_fills_what_coverage_says_is_missing(tmp_path: Path, command: Command) -> None:
    """What a run leaves is named; a backfill takes that and the archives up to the day: new pages, once."""
    with _site() as site:
        _archives(site)
        desk = _desk(tmp_path / "desk", site, "/feed-0.xml", "max_items = 1\n")
        open_desk(desk).run()
        short = command("sources", "coverage", "arden", "--json", cwd=desk).json
        assert [(d["day"], d["announced"], d["never_asked"]) for d in short["days"]] == [
            (str(_day(3)), 1, 1),
            (str(_day(2)), 1, 1),
            (str(_day(1)), 1, 0),
        ]
        assert [(h["kind"], h["since"], h["until"], h["pages"]) for h in short["holes"]] == [
            ("not_taken", str(_day(3)), str(_day(2)), 2)
        ]
        before = len(site.paths())
        filled = command("backfill", "arden", "--since", str(_day(8)), "--max-items", "99", "--json", cwd=desk)
        assert filled.code == 0, filled.err
        asked = _asked(site, before)
    assert {path for path in asked if path.startswith("/p")} == {f"/p{n}" for n in (2, 3, 4, 6, 7, 8)}
    assert max(asked.values()) == 1
    assert [path for path in asked if "feed" in path] == ["/feed-0.xml", "/feed-1.xml", "/feed-2.xml"]  # 3 is older
    told = filled.json
    assert (told["missing_before"], told["missing"], told["new"], told["refused"]) == (2, 0, 6, 1)
    assert told["holes"] == []
    ends = {d["day"]: (d["loaded"], d["refused"]) for d in told["days"]}
    assert ends[str(_day(5))] == (0, 1)
    assert sum(loaded for loaded, _ in ends.values()) == 7
    rows = list(open_desk(desk).sql("select command, sources from ops.runs order by started_at").rows())
    assert rows == [("api", ["arden"]), ("backfill", ["arden"])]


def test_wordpress_is_paged_and_the_sites_sitemap_is_read(tmp_path: Path) -> None:
    """`?paged=2` is asked until it is 404; pages with a date in the sitemap come too, those without one do not."""
    with _site() as site:
        wordpress = "<generator>https://wordpress.org/?v=6.8</generator>"
        site.routes["/feed"] = _rss(site, (1, 2), wordpress)
        site.routes["/feed?paged=2"] = _rss(site, (3, 4), wordpress)
        urls = f"<url><loc>{site.url('/p6')}</loc><lastmod>{_day(6)}</lastmod></url>"
        urls += f"<url><loc>{site.url('/p7')}</loc></url>"
        urls += f"<url><loc>{site.url('/p11')}</loc><lastmod>{_day(11)}</lastmod></url>"
        site.routes["/sitemap.xml"] = page(
            f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>", kind="text/xml"
        )
        desk = _desk(tmp_path / "desk", site, "/feed")
        summary = open_desk(desk).backfill("arden", since=_day(9))
        asked = _asked(site)
    assert {path for path in asked if path.startswith("/p")} == {"/p1", "/p2", "/p3", "/p4", "/p6"}
    assert asked["/feed?paged=3"] == 1
    assert summary.loaded == 5
    assert [(one.source, one.state) for one in summary.health] == [("arden", "ok")]


def test_a_backfill_that_is_killed_continues(tmp_path: Path) -> None:
    """Killed while a page is on its way, the next backfill finishes that run, and each page is loaded once.

    The page on its way is asked for once more, and so are those before it whose bytes had not reached the disk.
    """
    reached, release = threading.Event(), threading.Event()

    async def hang(_call: Call, writer: asyncio.StreamWriter) -> None:
        reached.set()
        while not release.is_set():
            await asyncio.sleep(0.05)
        writer.write(_story(6))

    with _site() as site:
        _archives(site)
        site.routes["/p6"] = hang
        desk = _desk(tmp_path / "desk", site, "/feed-0.xml")
        words = [sys.executable, "-m", "copydesk", "backfill", "arden", "--since", str(_day(12))]
        killed = subprocess.Popen(words, cwd=desk, env=clean_environment(), stderr=subprocess.DEVNULL)
        assert reached.wait(120)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait(30)
        release.set()
        summary = open_desk(desk).backfill("arden", since=_day(12))
    pages = Counter(path for path in site.paths() if path.startswith("/p"))
    assert pages["/p6"] == 2
    assert max(pages.values()) == 2
    assert pages["/p7"] == pages["/p8"] == 1
    assert set(pages) == {f"/p{n}" for n in range(1, 13)} - {"/p5"}
    assert [one.error for one in summary.resumed] == [None]
    assert sum(one.loaded for one in open_desk(desk).coverage(since=_day(12)).days) == 11


def test_what_cannot_be_backfilled_is_said(tmp_path: Path, command: Command) -> None:
    """A source of files and a day that is none are refused with what to do."""
    (tmp_path / "desk" / "files").mkdir(parents=True)
    (tmp_path / "desk" / "copydesk.toml").write_text('[[source]]\nname = "files"\npaths = ["files"]\n')
    with pytest.raises(UsageError, match="`copydesk run files` takes whole"):
        open_desk(tmp_path / "desk").backfill("files", since=TODAY)
    ran = command("backfill", "files", "--since", "last week", cwd=tmp_path / "desk")
    assert (ran.code, "Write it as 2026-03-01" in ran.err) == (2, True)


def test_feeds_name_their_archives() -> None:
    """RFC 5005's prev-archive comes before next; JSON Feed has next_url; a feed without has none."""
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><id>x</id>{}</feed>"
    both = "<link rel='next' href='/2'/><link rel='prev-archive' href='/old/9'/><link rel='self' href='/me'/>"
    cases = {
        atom.format(both): "https://a.example/old/9",
        atom.format("<link rel='next' href='?page=2'/>"): "https://a.example/feed?page=2",
        atom.format("<link rel='self' href='/me'/>"): "",
        '{"version": "https://jsonfeed.org/version/1.1", "items": [], "next_url": "/f2"}': "https://a.example/f2",
    }
    assert {text: read_feed(text.encode(), "https://a.example/feed").archive for text in cases} == cases


def _covered(day: date, **more: Any) -> DayCoverage:
    counts = dict.fromkeys(("captured", "loaded", "held", "quarantined", "refused", "failed", "never_asked"), 0)
    return DayCoverage(source="s", day=day, **{**counts, "announced": 1, **more})


def test_holes_are_days_that_usually_have_pages() -> None:
    """A missing Tuesday of a daily without Sundays is a hole, its Sundays are none; neighbours are one hole."""
    monday = date(2026, 11, 2)
    days = [monday + timedelta(days=n) for n in range(21)]
    known = [d for d in days if d.weekday() != 6 and d not in (date(2026, 11, 10), date(2026, 11, 11))]
    covered = [_covered(d, never_asked=2 if d == date(2026, 11, 5) else 0) for d in known]
    found = holes_in(covered, today=date(2026, 11, 23))
    assert [(h.kind, h.since, h.until, h.pages) for h in found] == [
        ("not_taken", date(2026, 11, 5), date(2026, 11, 5), 2),
        ("nothing", date(2026, 11, 10), date(2026, 11, 11), 0),
    ]
    assert found[1].line == "2026-11-10 to 2026-11-11: no page known"
