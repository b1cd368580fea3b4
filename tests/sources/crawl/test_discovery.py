"""Discovery and OPML: from an address or another reader's list to entries of copydesk.toml."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.servers import Site, page

from copydesk.errors import UsageError
from copydesk.settings import Source
from copydesk.sources.crawl import opml
from copydesk.sources.crawl.discovery import discover
from copydesk.sources.crawl.opml import read_opml, write_opml
from copydesk.sources.toml_entries import Entry, source_name
from copydesk.web.limits import WebLimits

QUICK = WebLimits(delay_s=0, backoff_s=0.01, deadline_s=5, attempts=1)
RSS = """<rss version="2.0"><channel><title>The Daily Paper</title><language>en-GB</language>{}</channel></rss>"""
ITEMS = "".join(f"<item><title>Story {n}</title><link>/a/{n}</link></item>" for n in range(9))
FEED = page(RSS.format(ITEMS), kind="application/rss+xml")
SITEMAP = page("<urlset><url><loc>https://p.example/a</loc></url></urlset>", kind="text/xml")


def test_a_page_that_names_its_feed() -> None:
    """The feed that the front page names is found, with five titles, and the entry can be read by the settings."""
    front = '<html><head><link rel="alternate" type="application/rss+xml" href="/all.rss"></head><body>Hi</body></html>'
    with Site({"/": page(front), "/all.rss": FEED, "/sitemap.xml": SITEMAP}) as site:
        found = discover(site.url("/"), replace(QUICK, allow_hosts=site.allow), taken=["the-daily-paper"])
    best = found.candidates[0]
    assert (best.kind, best.title, best.items) == ("feed", "The Daily Paper", 9)
    assert best.titles == tuple(f"Story {n}" for n in range(5))
    assert [candidate.kind for candidate in found.candidates] == ["feed", "sitemap"]
    (declared,) = tomllib.loads(found.entry.toml)["source"]
    source = Source(**declared)
    assert (source.name, source.kind, source.url, source.language) == ("the-daily-paper-2", "feed", best.url, "en")


def test_robots_usual_places_and_nothing() -> None:
    """Sitemaps of robots.txt, a feed at a usual place, and a page that offers nothing."""
    with Site({"/": page("<p>Hi</p>"), "/index.xml": page("x"), "/map.xml": SITEMAP, "/rss.xml": FEED}) as site:
        limits = replace(QUICK, allow_hosts=site.allow)
        site.routes["/robots.txt"] = page(f"Sitemap: {site.url('/map.xml')}", kind="text/plain")
        both = discover(site.url("/"), limits)
        del site.routes["/robots.txt"], site.routes["/rss.xml"], site.routes["/map.xml"]
        nothing = discover(site.url("/"), limits)
        itself = None
        site.routes["/rss.xml"] = FEED
        itself = discover(site.url("/rss.xml"), limits)
    assert [(candidate.kind, candidate.found) for candidate in both.candidates] == [
        ("feed", "it is at a usual place"),
        ("sitemap", "robots.txt names it"),
    ]
    assert (nothing.candidates[0].kind, tomllib.loads(nothing.entry.toml)["source"][0]["urls"]) == (
        "urls",
        [site.url("/")],
    )
    assert (itself.candidates[0].kind, itself.candidates[0].found) == ("feed", "the address itself")


def test_an_index_shows_what_its_newest_sitemap_names() -> None:
    """For an index of sitemaps one of them is looked into."""
    with Site({"/1.xml": SITEMAP}) as site:
        index = f"<sitemapindex><sitemap><loc>{site.url('/1.xml')}</loc></sitemap></sitemapindex>"
        site.routes["/index.xml"] = page(index, kind="text/xml")
        found = discover(site.url("/index.xml"), replace(QUICK, allow_hosts=site.allow))
    assert (found.candidates[0].items, found.candidates[0].titles) == (1, ("https://p.example/a",))


def test_an_address_that_does_not_answer_is_a_clear_error() -> None:
    """The reason is named, and what to do."""
    with Site({}) as site, pytest.raises(UsageError, match="http_404"):
        discover(site.url("/"), replace(QUICK, allow_hosts=site.allow))
    with pytest.raises(UsageError, match="guard"):
        discover("127.0.0.1", QUICK)


OPML = b"""<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="News">
<outline type="rss" text="Der Spiegel" title="DER SPIEGEL" xmlUrl="https://a.example/rss" language="de-DE"/>
<outline text="Der Spiegel" xmlUrl="https://b.example/rss"/><outline text="twice" XMLURL="https://a.example/rss"/>
<outline text="bad" xmlUrl="file:///etc/passwd"/><outline text="a folder"/></outline></body></opml>"""


def test_another_readers_list_becomes_entries() -> None:
    """Nested outlines, each feed once, names that are free, nothing that is no web address."""
    entries = read_opml(OPML, taken=["der-spiegel"], known=[])
    assert [(e.name, e.url, e.language) for e in entries] == [
        ("der-spiegel-2", "https://a.example/rss", "de"),
        ("der-spiegel-3", "https://b.example/rss", None),
    ]
    assert [e.url for e in read_opml(OPML, known=["https://a.example/rss"])] == ["https://b.example/rss"]


def test_what_is_written_is_read_again() -> None:
    """Export and import are inverse for feeds; other kinds are left out."""
    sources = [Source(name="a", kind="feed", url="https://a.example/?a=1&b=<2>", language="de")]
    others = [Source(name="b", kind="urls", urls=("https://b.example/",))]
    (entry,) = read_opml(write_opml([*sources, *others]))
    assert (entry.name, entry.url, entry.language) == ("a", sources[0].url, "de")


@pytest.mark.parametrize("content", [b"", b"hello", b"<rss/>", b"<opml>", b"<!DOCTYPE o [<!ENTITY a 'b'>]><opml/>"])
def test_a_file_that_is_no_opml_is_a_clear_error(content: bytes) -> None:
    """Empty, foreign, cut and hostile files."""
    with pytest.raises(UsageError, match="OPML"):
        read_opml(content)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_title_and_address_make_a_valid_entry(title: str, url: str) -> None:
    """Whatever a feed calls itself, the entry is valid TOML and the name is a valid one."""
    entry = Entry(name=source_name(title, ()), kind="feed", url=url or "x", comment=title)
    (declared,) = tomllib.loads(entry.toml)["source"]
    assert declared["url"] == (url or "x")
    assert Source(**declared).name == entry.name


def test_a_subscription_list_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is imported in silence: the message names the number and what to do."""
    monkeypatch.setattr(opml, "_MAX_OUTLINES", 1)
    with pytest.raises(UsageError, match="more than 1 new feeds"):
        read_opml(OPML)
