"""Sitemaps: plain, index, news, gzip, text; and those that mean harm."""

from __future__ import annotations

import gzip
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.sources.crawl.results import parse_moment
from copydesk.sources.crawl.sitemaps import Sitemap, read_sitemap

URL = "https://paper.example/sitemap.xml"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def read(text: str | bytes, *, max_items: int = 100, since: date | None = None, limit: int = 10**6) -> Sitemap:
    """Read a sitemap."""
    return read_sitemap(
        text.encode() if isinstance(text, str) else text, URL, max_items=max_items, since=since, limit=limit
    )


def urlset(*entries: tuple[str, str]) -> str:
    """Build a sitemap of (address, lastmod)."""
    urls = "".join(f"<url><loc> {loc} </loc><lastmod>{mod}</lastmod></url>" for loc, mod in entries)
    return f'<?xml version="1.0"?><urlset {NS}>{urls}</urlset>'


THREE = urlset(
    ("https://p.example/a", "2026-11-01"),
    ("https://p.example/b", "2026-11-20T10:00:00+01:00"),
    ("https://p.example/c", ""),
)


def test_pages_come_newest_first() -> None:
    """Pages are sorted by date, those without one last; `max_items` keeps the newest, `since` drops old ones."""
    assert [item.url[-1] for item in read(THREE).urls] == ["b", "a", "c"]
    assert [item.url[-1] for item in read(THREE, max_items=1).urls] == ["b"]
    assert [item.url[-1] for item in read(THREE, since=date(2026, 11, 10)).urls] == ["b", "c"]


def test_an_index_names_further_sitemaps() -> None:
    """Children come with their dates; pages do not appear."""
    found = read(
        f"<sitemapindex {NS}><sitemap><loc>https://p.example/1.xml</loc><lastmod>2026-11</lastmod></sitemap></sitemapindex>"
    )
    assert [(c.url, c.changed_at) for c in found.children] == [("https://p.example/1.xml", parse_moment("2026-11-01"))]
    assert found.urls == ()


def test_a_news_sitemap_brings_title_and_date() -> None:
    """The news extension's title and publication date are hints."""
    news = "<news:publication_date>2026-11-20</news:publication_date><news:title>Big  news</news:title>"
    (item,) = read(f"<urlset {NS}><url><loc>https://p.example/a</loc><news:news>{news}</news:news></url></urlset>").urls
    assert (item.title, item.published) == ("Big news", "2026-11-20")


def test_gzip_and_text_and_a_byte_order_mark() -> None:
    """All shapes in which sitemaps come."""
    assert len(read(gzip.compress(THREE.encode())).urls) == 3
    assert len(read(b"\xef\xbb\xbf" + THREE.encode()).urls) == 3
    assert len(read("https://p.example/a\nnot an address\nhttps://p.example/b\n").urls) == 2
    assert len(read(THREE.encode("utf-16")).urls) == 3


def test_a_broken_file_gives_what_can_be_read() -> None:
    """Cut in the middle, the entries before the cut are there, with the trouble named."""
    found = read(THREE[: THREE.index("https://p.example/c")])
    assert (len(found.urls), bool(found.problem)) == (2, True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body/></html>",
        b"hello",
        gzip.compress(bytes(3_000_000)),
        gzip.compress(THREE.encode())[:-9],
        b'<!DOCTYPE urlset [<!ENTITY x "y">]>' + THREE.encode()[21:],
        ('<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + THREE[21:]).encode("utf-16"),
    ],
    ids=["empty", "html", "text", "bomb", "cut gzip", "entities", "utf-16 entities"],
)
def test_what_is_no_sitemap_is_said_to_be_none(content: bytes) -> None:
    """Pages, bombs, cut files and files with declarations of their own are no sitemaps."""
    found = read(content)
    assert (found.is_sitemap, found.urls, found.children) == (False, (), ())
    assert found.problem


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda b: THREE.encode()[:150] + b + THREE.encode()[150:]))
def test_any_bytes_are_read(content: bytes) -> None:
    """No input raises."""
    read(content)


@given(st.text(max_size=40) | st.datetimes().map(str) | st.dates().map(str))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    """Dates of any kind are read in UTC or are none."""
    when = parse_moment(text)
    assert when is None or when.utcoffset() is not None


@pytest.mark.parametrize(
    "before",
    [
        "\n\n  ",
        "\ufeff\ufeff",
        "<br />\n<b>Notice</b>: Undefined index in <b>map.php</b> on line <b>3</b>\n",
        "ok\n",
        "\xa0",
    ],
    ids=["blank", "marks", "notice", "word", "no-break space"],
)
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "bare"])
def test_what_stands_before_a_sitemap_is_passed_over(before: str, declared: bool) -> None:
    """Blank lines, byte order marks and messages of the server's program do not hide the document behind them."""
    document = THREE if declared else THREE.partition("?>")[2]
    found = read(before + document)
    assert [item.url[-1] for item in found.urls] == ["b", "a", "c"]


def test_prefixes_need_no_declaration_and_pictures_are_no_pages() -> None:
    """An undeclared `news:` is read; the `loc` and `title` of a picture or a film do not take the page's place."""
    said = "<news:publication_date>2021-03-02</news:publication_date><news:title>A &amp;amp; B</news:title>"
    news = f"<news:news>{said}</news:news>"
    image = "<image:image><image:loc>https://p.example/a.png</image:loc><image:title>Quay</image:title></image:image>"
    for entry in (f"{image}<loc>https://p.example/a</loc>{news}", f"<loc>https://p.example/a</loc>{news}{image}"):
        (item,) = read(f"<urlset><url>{entry}</url></urlset>").urls
        assert (item.url, item.title, item.published) == ("https://p.example/a", "A & B", "2021-03-02")


def test_dates_of_no_standard_are_read() -> None:
    """A lastmod that is not ISO 8601 still says how old a page is."""
    (item,) = read(urlset(("https://p.example/a", "2021/03/02 01:05 PM"))).urls
    assert item.changed_at == parse_moment("2021-03-02T13:05:00")


def test_an_ampersand_as_such_loses_no_address() -> None:
    """A reader of XML stops at it; encoded ones stay as they are."""
    found = read(urlset(("https://paper.example/r?a=1&b=2", "2026-01-02"), ("https://paper.example/r?a=1&amp;b=3", "")))
    assert [one.url for one in found.urls] == ["https://paper.example/r?a=1&b=2", "https://paper.example/r?a=1&b=3"]
