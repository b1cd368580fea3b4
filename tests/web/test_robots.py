"""What sites ask for: robots.txt and the opt-outs, as pure functions of their bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.records import Outcome
from copydesk.web.policy.opt_outs import in_headers, in_page, reserved, tdm_rules
from copydesk.web.policy.robots import robots_from
from copydesk.web.policy.robots_cache import RobotsCache
from copydesk.web.responses import Response

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _robots(text: bytes) -> Response:
    return Response(outcome=Outcome.CAPTURED, status=200, content=text)


def test_robots_rules_delay_and_sitemaps_are_read() -> None:
    """The longest match wins, a decimal Crawl-delay is kept, sitemaps are named once."""
    rules = robots_from(
        _robots(
            b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\nAllow: /a/b\nCrawl-delay: 0.5\n"
            b"Sitemap: https://x.example/s.xml\nSitemap: https://x.example/s.xml\n"
        )
    )
    assert rules.allows("https://x.example/a/b/c", "copydesk")
    assert not rules.allows("https://x.example/a/c", "copydesk")
    assert (rules.crawl_delay("copydesk"), rules.sitemaps) == (0.5, ("https://x.example/s.xml",))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_robots_file(content: bytes) -> None:
    """Rubbish in robots.txt never raises; what cannot be read is no rule."""
    rules = robots_from(_robots(content))
    rules.allows("https://x.example/", "copydesk")
    assert rules.crawl_delay("copydesk") >= 0


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("noai", {"noai"}),
        ("NOINDEX, nofollow", {"noindex"}),
        ("none", {"noindex"}),
        ("googlebot: noindex", set()),
        ("copydesk: noai", {"noai"}),
        ("*: noindex", {"noindex"}),
        ("max-snippet: 50, noindex", {"noindex"}),
        ("noindex, max-snippet: 50", {"noindex"}),
        ("unavailable_after: 25 Jun 2030 15:00:00 PST", set()),
        ("all", set()),
    ],
)
def test_x_robots_tag_speaks_to_everybody_or_to_one(header: str, found: set[str]) -> None:
    """A rule for another robot is not ours; a directive with a value is not a robot's name."""
    assert in_headers([("X-Robots-Tag", header)], "copydesk") == found


def test_meta_elements_of_the_head_are_read_in_any_shape() -> None:
    """Attribute order, quoting and case do not matter; text that only looks like a rule does."""
    assert in_page(b"<META content='noai,noindex' NAME=robots>", "copydesk") == {"noai", "noindex"}
    assert in_page(b'<meta name="tdm-reservation" content="1"/>', "copydesk") == {"tdm"}
    assert in_page(b"<p>noai</p><meta name=keywords content=noindex>", "copydesk") == frozenset()
    assert in_page(b"<meta " * 100_000, "copydesk") == frozenset()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page_and_a_tdmrep_file(content: bytes) -> None:
    """Rubbish never raises."""
    in_page(content, "copydesk")
    reserved(tdm_rules(content), "https://x.example/a")


def test_the_first_tdm_rule_that_matches_decides() -> None:
    """Patterns are matched like those of robots.txt, in the file's order."""
    rules = tdm_rules(
        b'[{"location": "/open/*", "tdm-reservation": 0}, {"location": "/*.html$", "tdm-reservation": 1},'
        b' {"location": "/closed/", "tdm-reservation": 1}]'
    )
    asked = {
        path: reserved(rules, f"https://x.example{path}") for path in ("/open/a.html", "/a.html", "/a.htm", "/closed/x")
    }
    assert asked == {"/open/a.html": False, "/a.html": True, "/a.htm": False, "/closed/x": True}


def test_rules_are_kept_for_a_day_and_only_when_they_are_rules(tmp_path: Path) -> None:
    """An answer is read again within a day, by its own origin only; server errors, damage and the future are not."""
    cache = RobotsCache(tmp_path / "robots", 10**9)
    response = Response(outcome=Outcome.CAPTURED, status=200, content="User-agent: *\nDisallow: /é".encode())
    cache.write("https://a.example:443", response, NOW)
    cache.write("https://b.example:443", Response(outcome=Outcome.FAILED, reason="http_503", status=503), NOW)
    cache.write("https://c.example:443", Response(outcome=Outcome.FAILED, reason="http_404", status=404), NOW)
    kept = cache.read("https://a.example:443", NOW + timedelta(hours=23))
    assert kept is not None
    assert (kept[0].content, kept[1]) == (response.content, 23 * 3600)
    assert cache.read("https://a.example:443", NOW + timedelta(hours=24)) is None
    assert cache.read("https://a.example:443", NOW - timedelta(seconds=1)) is None
    assert cache.read("https://b.example:443", NOW) is None
    none = cache.read("https://c.example:443", NOW)
    assert none is not None
    assert robots_from(none[0]).allows("https://c.example/x", "copydesk")
    for path in (tmp_path / "robots").iterdir():
        path.write_text("[1")
    assert cache.read("https://a.example:443", NOW) is None
