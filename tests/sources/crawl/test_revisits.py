"""When a printed article is asked again: the stated interval, with the clock as a parameter, on a loopback server."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.servers import Call, Site, page
from tests.sources.crawl.test_collect import Desk, urlset

from copydesk.settings import Source
from copydesk.store.read.page_check import PageCheck

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
_OLD = "Fri, 20 Nov 2026 07:00:00 GMT"


@pytest.mark.parametrize("dated", [False, True])
def test_an_article_that_changes_while_its_lastmod_does_not_is_found(tmp_path: Path, dated: bool) -> None:
    """Run every two hours for three days: a new text of the article is fetched every six hours, the shortest interval.

    The sitemap gives the same `lastmod` for ever and, with `dated`, the server says "not modified" by its date alone.
    """
    clock = [START]

    async def live(call: Call, writer: asyncio.StreamWriter) -> None:
        headers = {"Last-Modified": _OLD} if dated else {}
        if dated and call.headers.get("if-modified-since") == _OLD:
            writer.write(page("", status="304 Not Modified", headers=headers))
        else:
            minute = int((clock[0] - START).total_seconds() // 60)
            writer.write(page(f"<html><body><p>Minute {minute} of the flood.</p></body></html>", headers=headers))

    with Site({"/live": live, "/still": page("<html><body><p>It is over.</p></body></html>")}) as site:
        site.routes["/map"] = page(urlset(site, ["/live", "/still"]), kind="application/xml")
        desk, source = Desk(tmp_path, site), Source(name="map", kind="sitemap", url=site.url("/map"))
        found: dict[str, list[datetime]] = {"/live": [], "/still": []}
        for hour in range(0, 73, 2):
            clock[0] = START + timedelta(hours=hour)
            before = len(site.log)
            desk.collect(source, by_hand=False, clock=lambda: clock[0])
            for call in site.log[before:]:
                if call.path in found:
                    found[call.path].append(clock[0])
    asked = found["/live"]
    gaps = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert set(gaps) == {timedelta(hours=6)}, gaps
    assert asked[-1] - START >= timedelta(hours=66)
    still = found["/still"]
    assert all(
        later - earlier <= timedelta(hours=8) + (earlier - START) / 2 for earlier, later in itertools.pairwise(still)
    )
    assert 4 <= len(still) <= 7


def test_a_page_is_watched_three_days_after_its_list_forgot_it(tmp_path: Path) -> None:
    """A feed that names an article once and never again: it is asked for during three days, then left alone."""
    clock = [START]
    with Site({}) as site:
        site.routes["/a"] = page("<html><body><p>A ferry sails.</p></body></html>")
        site.routes["/map"] = page(urlset(site, ["/a"]), kind="application/xml")
        desk, source = Desk(tmp_path, site), Source(name="map", kind="sitemap", url=site.url("/map"))
        asked = []
        for hour in range(0, 140, 4):
            clock[0] = START + timedelta(hours=hour)
            before = len(site.log)
            desk.collect(source, by_hand=False, clock=lambda: clock[0])
            asked += [hour for call in site.log[before:] if call.path == "/a"]
            site.routes["/map"] = page(urlset(site, []), kind="application/xml")
    assert len(asked) >= 5
    assert 40 <= asked[-1] <= 72


def test_the_next_request_is_said_in_words() -> None:
    """Watched, known to a list only, after a failure, and due: each has its sentence."""
    check = PageCheck(
        first_seen_at=START, checked_at=START, changed_at=START, due_at=START + timedelta(hours=5), not_before=None,
        interval_s=21_600, outcome="captured", reason="",
    )  # fmt: skip

    def said(one: PageCheck, hours: float = 1) -> str:
        return one.sentence("wire", START + timedelta(hours=hours), watch_s=259_200)

    assert said(check) == "in the first run after 2026-11-20 13:00 UTC of wire (every 6 h now)"
    assert said(check, 6) == "in the next run of wire (every 6 h now)"
    late = replace(check, due_at=START + timedelta(days=9), interval_s=700_000)
    assert said(late) == (
        "in the first run after 2026-11-29 08:00 UTC of wire that finds it in a list (every 8 days now), or as soon as "
        "a list gives it a later date"
    )
    failed = replace(check, not_before=START + timedelta(hours=2), outcome="failed", reason="http_503")
    assert said(failed) == "not before 2026-11-20 10:00 UTC, after http_503"
