"""Feeds of every dialect, broken ones, and those that mean harm."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.sources.crawl.feeds import linked_feeds, plain_title, read_feed

URL = "https://paper.example/feeds/all.xml"

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Paper</title><language>en-gb</language>
<item><title>One &amp; only</title><link>/one</link><pubDate>Fri, 20 Nov 2026 08:30:00 +0100</pubDate></item>
<item><title><![CDATA[<b>Two</b>]]></title><guid>https://paper.example/two</guid></item>
<item><title>No address</title><guid isPermaLink="false">17</guid></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Paper</title><entry><title>One &amp; only</title>
<link rel="alternate" href="https://paper.example/one"/><published>2026-11-20T07:30:00Z</published>
<updated>2026-11-21T09:00:00Z</updated></entry><entry><title>Two</title><link href="/two"/></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Paper</title></channel><item><title>One &amp; only</title>
<link>https://paper.example/one</link><dc:date>2026-11-20T07:30:00Z</dc:date></item><item><title>Two</title>
<link>https://paper.example/two</link></item></rdf:RDF>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Paper",
        "items": [
            {"url": "https://paper.example/one", "title": "One & only", "date_published": "2026-11-20T07:30:00+00:00"},
            {"url": "/two", "title": "Two"},
            "rubbish",
        ],
    }
).encode()


@pytest.mark.parametrize("content", [RSS, ATOM, RDF, JSON_FEED], ids=["rss", "atom", "rdf", "json"])
def test_each_dialect_gives_addresses_titles_and_dates(content: bytes) -> None:
    """The same two stories come out of RSS, Atom, RDF and JSON Feed."""
    feed = read_feed(content, URL)
    assert (feed.is_feed, feed.title) == (True, "Paper")
    assert [(item.url, item.title) for item in feed.urls] == [
        ("https://paper.example/one", "One & only"),
        ("https://paper.example/two", "Two"),
    ]
    assert [item.published for item in feed.urls] == ["2026-11-20T07:30:00+00:00", None]


def test_atom_says_when_a_story_changed() -> None:
    """`updated` is kept as the time of a change, `pubDate` is not."""
    assert [item.changed_at is not None for item in read_feed(ATOM, URL).urls] == [True, False]
    assert [item.changed_at for item in read_feed(RSS, URL).urls] == [None, None]


def test_broken_xml_is_repaired_and_reported() -> None:
    """A feed with a loose ampersand and no end still gives its entries, with the trouble named."""
    feed = read_feed(RSS.replace(b"&amp;", b"&")[:-40], URL)
    assert feed.is_feed
    assert feed.problem
    assert len(feed.urls) >= 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_feed_with_declarations_of_its_own_is_refused(encoding: str) -> None:
    """Entities that grow or that name files are not even parsed, in any encoding."""
    entities = '<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">'
    text = f'<!DOCTYPE rss [{entities}]><rss version="2.0"><channel><title>&b;</title></channel></rss>'
    assert not read_feed(text.encode(encoding), URL).is_feed
    outside = '<?xml version="1.0"?><!ENTITY % x SYSTEM "file:///etc/passwd">' + text
    assert not read_feed(outside.encode(encoding), URL).is_feed


@pytest.mark.parametrize(
    "content", [b"", b"<html><body>Hello</body></html>", b"{}", b'{"version": 1}', b"[1]", b"{" * 90_000]
)
def test_what_is_no_feed_is_said_to_be_none(content: bytes) -> None:
    """Pages, empty bodies and other JSON are no feeds."""
    feed = read_feed(content, URL)
    assert (feed.is_feed, feed.urls) == (False, ())
    assert feed.problem


def test_a_feed_that_is_made_to_be_slow_is_not_parsed() -> None:
    """A megabyte of open tags would keep the parser busy for a quarter of a minute."""
    feed = read_feed(b"<rss version='2.0'><channel>" + b"<x>" * 500_000, URL)
    assert (feed.is_feed, "tags" in feed.problem) == (False, True)


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda b: RSS[:200] + b + RSS[200:]))
def test_any_bytes_are_read(content: bytes) -> None:
    """No input raises."""
    read_feed(content, URL)
    linked_feeds(content, URL)


def test_a_page_names_its_feeds() -> None:
    """`link rel=alternate` of feed types, in order, made absolute, each once."""
    page = b"""<head><base href="https://cdn.example/x/">
    <LINK REL="Alternate" TYPE="application/rss+xml" HREF="rss" TITLE=All>
    <link rel="alternate" type="application/atom+xml; charset=utf-8" href="https://paper.example/atom">
    <link rel=alternate type=text/html href=/de>
    <link rel=alternate type="application/rss+xml" href="rss" title=All></head>"""
    assert [(link.url, link.title) for link in linked_feeds(page, "https://paper.example/")] == [
        ("https://cdn.example/x/rss", "All"),
        ("https://paper.example/atom", ""),
    ]


@pytest.mark.parametrize(
    ("language", "text", "published"),
    [
        ("en", "2021/02/28", "2021-02-28"),
        ("en", "2021/02/28 23:15:00", "2021-02-28T23:15:00"),
        ("en", "Tue, Mar 02 2021 01:05 PM", "2021-03-02T13:05:00"),
        ("en", "02 Mar 2021 12:40:10 AM GMT", "2021-03-02T00:40:10+00:00"),
        ("en-us", "3/4/2021", "2021-03-04"),
        ("en-gb", "3/4/2021", "2021-04-03"),
        ("de", "Dienstag, 2. M\u00e4rz 2021, 17.05 Uhr", "2021-03-02T17:05:00"),
        ("en", "Tue, 02 Mar 2021 13:05:00 +0530", "2021-03-02T07:35:00+00:00"),
        ("en", "Tue, 02 Mar 2021 13:05:00 EST", "2021-03-02T18:05:00+00:00"),
        ("en", "2021-03-02T13:05:00Z", "2021-03-02T13:05:00+00:00"),
        ("en", "yesterday, more or less", "yesterday, more or less"),
    ],
)
def test_dates_of_no_standard_are_read_as_they_are_meant(language: str, text: str, published: str) -> None:
    """A date keeps its month, its afternoon and its zone, and gets no time or zone that it does not name."""
    feed = f"""<rss version="2.0"><channel><title>Paper</title><language>{language}</language>
    <item><title>One</title><link>/one</link><pubDate>{text}</pubDate></item></channel></rss>"""
    (item,) = read_feed(feed.encode(), URL).urls
    assert item.published == published


@pytest.mark.parametrize(
    ("encoded", "title"),
    [
        ("Salt &amp; vinegar", "Salt & vinegar"),
        ("Salt &amp;amp; vinegar", "Salt & vinegar"),
        ("Salt &amp;amp;amp; vinegar", "Salt & vinegar"),
        ("Mayor&amp;#8217;s &amp;quot;gift&amp;quot;", 'Mayor\u2019s "gift"'),
        ("The &amp;lt;i&amp;gt;Argo&amp;lt;/i&amp;gt; sails", "The Argo sails"),
        ("R&amp;D at AT&amp;T, a &lt; b", "R&D at AT&T, a < b"),
    ],
)
def test_a_title_that_was_encoded_again_is_read_as_it_is_meant(encoded: str, title: str) -> None:
    """Titles of items lose every layer of encoding and the markup below it; a bare ampersand stays."""
    feed = f"<rss version='2.0'><channel><item><title>{encoded}</title><link>/one</link></item></channel></rss>"
    assert [item.title for item in read_feed(feed.encode(), URL).urls] == [title]
    assert plain_title(title) == title


def test_a_page_names_feeds_by_any_type_of_a_feed() -> None:
    """Forms of the types that servers use count; those of other alternates do not."""
    kinds = ("application/x-rss+xml", "text/xml", "application/rss%2Bxml", "application/json", "text/xml+oembed")
    page = "".join(f'<link rel="alternate" type="{kind}" href="/{i}">' for i, kind in enumerate(kinds))
    found = [link.url for link in linked_feeds(page.encode(), "https://paper.example/")]
    assert found == [f"https://paper.example/{i}" for i in range(3)]


def test_names_of_days_and_months_in_another_language_are_read() -> None:
    """Shaped as the standard's, but in Spanish: feedparser knows English names only."""
    for day in ("Vie", "mié"):
        content = RSS.replace(b"Fri, 20 Nov 2026", f"{day}, 20 ene 2021".encode()).replace(b"en-gb", b"es")
        assert read_feed(content, URL).urls[0].published == "2021-01-20T07:30:00+00:00"
