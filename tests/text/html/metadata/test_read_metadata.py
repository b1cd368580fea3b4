"""What is read from a page's head and text, with its evidence."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.records import AuthorKind, Document, Precision
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.metadata.read_metadata import Metadata, read_metadata

URL = "https://www.example.org/politics/2024/05/a-long-headline-of-the-day"
SEEN = datetime(2026, 11, 1, tzinfo=UTC)
BODY = "<p>" + "The council met on Monday and talked about the river for several hours. " * 8 + "</p>"


def read(head: str = "", body: str = BODY, *, url: str | None = URL, seen: datetime | None = SEEN) -> Metadata:
    """Read the metadata of a page made of a head and a body."""
    page = read_page(f"<html lang='en-GB'><head>{head}</head><body>{body}</body></html>".encode(), "utf-8")
    document = Document(document_id="x", content=b"", media_type="text/html", captured_at=seen)
    return read_metadata(page, url=url, language="en", document=document)


def json_ld(**fields: str) -> str:
    """Return a script with one NewsArticle."""
    inside = ",".join(f'"{k}":{v}' for k, v in fields.items())
    return f'<script type="application/ld+json">{{"@type":"NewsArticle",{inside}}}</script>'


def test_the_sites_name_is_cut_from_the_title() -> None:
    """Behind a bar or dash, by its own name or by its domain, the site is no part of the headline."""
    for title in ("River rises after long rain | The Daily News", "River rises after long rain - Example.org"):
        head = f"<title>{title}</title><meta property='og:site_name' content='The Daily News'>"
        assert read(head).title == "River rises after long rain"


def test_the_heading_that_the_head_repeats_is_the_title() -> None:
    """The h1 of the site's name loses to the h1 that og:title repeats."""
    head = "<meta property='og:title' content='River rises after long rain'>"
    found = read(head, f"<h1><a href='/'>Example</a></h1><h1>River rises after long rain</h1>{BODY}")
    assert found.title == "River rises after long rain"
    chosen = [e for e in found.evidence if e.field == "title" and e.chosen]
    assert [(e.source, bool(e.reason)) for e in chosen] == [("h1", True)]


def test_a_zoned_date_keeps_its_day() -> None:
    """The value is UTC, and the offset tells the day that the reader saw."""
    stamp = read(json_ld(datePublished='"2024-05-03T00:30:00+02:00"')).published
    assert stamp is not None
    assert (stamp.value, stamp.zoned, stamp.offset_minutes) == (datetime(2024, 5, 2, 22, 30, tzinfo=UTC), True, 120)


def test_a_day_takes_its_time_from_another_source() -> None:
    """JSON-LD gives the day only, the meta element the hour of the same day."""
    head = json_ld(datePublished='"2024-05-03"')
    head += "<meta property='article:published_time' content='2024-05-03T10:20:00Z'>"
    stamp = read(head).published
    assert stamp is not None
    assert stamp.precision is Precision.SECOND


def test_a_date_after_the_capture_is_none() -> None:
    """A date later than the capture is rejected, and the evidence gives the reason."""
    found = read(json_ld(datePublished='"2031-05-03T10:00:00Z"'), url="https://www.example.org/a-headline")
    assert found.published is None
    assert any("later than the capture" in e.reason for e in found.evidence if e.field == "published")


def test_a_year_is_no_date() -> None:
    """No first of January is made of a year in a footer."""
    assert (
        read(body=f"{BODY}<footer>Copyright 2023 Example</footer>", url="https://www.example.org/a").published is None
    )


def test_the_visible_date_near_the_headline_counts() -> None:
    """Without a declared date the line under the headline gives it; a line with "Updated" is the last change."""
    body = f"<h1>River rises after rain</h1><p>Updated 5 May 2024</p><p>Published 3 May 2024</p>{BODY}"
    found = read("<title>River rises after rain</title>", body, url="https://www.example.org/a")
    assert found.published is not None
    assert found.modified is not None
    assert (found.published.value.day, found.modified.value.day) == (3, 5)


def test_the_pages_other_dates_tell_day_from_month() -> None:
    """03/04/2024 on a page that also writes 25/04/2024 is 3 April, whatever the country's custom."""
    body = f"<h1>River rises after rain</h1><p>03/04/2024</p>{BODY}<p>25/04/2024</p>"
    url = "https://www.example.com/a"
    other = f"<h1>River rises after rain</h1><p>03/04/2024</p>{BODY}<p>04/25/2024</p>"
    for text, month in ((body, 4), (other, 3)):
        found = read("<title>River rises after rain</title>", text, url=url)
        assert found.published is not None
        assert found.published.value.month == month


@pytest.mark.parametrize(
    ("head", "body", "names"),
    [
        (
            json_ld(author='[{"@type":"Person","name":"Jane Doe"},{"@type":"Person","name":"John Roe"}]'),
            "",
            ["Jane Doe", "John Roe"],
        ),
        (json_ld(author='{"@type":"Organization","name":"Arts and Culture"}'), "", ["Arts and Culture"]),
        (
            json_ld(author='{"@type":"Person","name":"admin"}') + "<meta name='author' content='Jane Doe'>",
            "",
            ["Jane Doe"],
        ),
        ("<meta property='article:author' content='https://facebook.com/jane'>", "<p>By Jane Doe</p>", ["Jane Doe"]),
        ("", "<p><a rel='author' href='/x'>Jane Doe</a></p>", ["Jane Doe"]),
        ("", "<div class='article-author'>Jane Doe, Reporter</div>", ["Jane Doe"]),
        ("", "<p>3 May 2024 by Jane Doe</p>", ["Jane Doe"]),
        ("", "<p>ByJane Doe</p>", ["Jane Doe"]),
        ("", "<p>Water Management</p>", []),
        ("", "<p>By the way, the river rose</p>", []),
    ],
)
def test_authors_are_named_once_and_clean(head: str, body: str, names: list[str]) -> None:
    """Head names come first, shown ones must look like names, and nobody is invented."""
    found = read(head + "<title>River rises after rain</title>", f"<h1>River rises after rain</h1>{body}{BODY}")
    assert [a.name for a in found.authors] == names


def test_the_site_as_author_is_an_organisation() -> None:
    """A "person" of the site's name is the site."""
    head = json_ld(author='{"@type":"Person","name":"The Daily News"}')
    found = read(head + "<meta property='og:site_name' content='The Daily News'>")
    assert [a.kind for a in found.authors] == [AuthorKind.ORGANISATION]


def test_a_canonical_address_must_be_possible() -> None:
    """Another site's address and the home page of a deep page are refused, with the reason on record."""
    for address, reason in [("https://other.example.com/a", "another site"), ("https://www.example.org/", "home page")]:
        found = read(f"<link rel='canonical' href='{address}'>")
        assert found.canonical_url is None
        assert any(reason in e.reason for e in found.evidence if e.field == "canonical")
    assert read("<link rel='canonical' href='/politics/a'>").canonical_url == "https://www.example.org/politics/a"


def test_section_tags_publisher_and_image() -> None:
    """The breadcrumb without home and title, tags apart and once, the site's name and an absolute picture."""
    head = (
        '<script type="application/ld+json">{"@type":"BreadcrumbList","itemListElement":['
        '{"position":1,"name":"Home"},{"position":2,"name":"Politics"},{"position":3,"name":"Syria"}]}</script>'
        "<meta name='news_keywords' content='rain, river, Rain'><meta property='og:site_name' content='The Daily News'>"
        "<meta property='og:image' content='/a.jpg'>"
    )
    found = read(head)
    assert found.section_path == ("Politics", "Syria")
    assert found.tags == ("rain", "river")
    assert found.publisher == "The Daily News"
    assert found.image_url == "https://www.example.org/a.jpg"
    assert found.language == "en"


def test_every_chosen_field_has_its_evidence() -> None:
    """A field with a value has exactly one chosen candidate."""
    head = json_ld(headline='"River rises"', datePublished='"2024-05-03"', author='"Jane Doe"')
    found = read(head + "<link rel='canonical' href='/x'>", f"<h1>River rises</h1>{BODY}")
    for field in ("title", "published", "author", "canonical"):
        assert sum(e.chosen for e in found.evidence if e.field == field) == 1, field


def test_broken_json_ld_is_repaired_or_passed_over() -> None:
    """Trailing commas, raw line breaks, CDATA and garbage do not stop the reading."""
    for script in (
        '{"@type":"NewsArticle","datePublished":"2024-05-03",}',
        '<![CDATA[{"@type":"NewsArticle","datePublished":"2024-05-03"}]]>',
        '{"@type":"NewsArticle","description":"a\nb","datePublished":"2024-05-03"} trailing',
    ):
        found = read(f'<script type="application/ld+json">{script}</script>', url="https://www.example.org/a")
        assert found.published is not None, script
    nested = f'{{"@type":"NewsArticle","author":{"[" * 300}"Jane Doe"{"]" * 300}}}'
    assert read(f'<script type="application/ld+json">{nested}</script>').authors == ()
    deep = "[" * 5000
    assert read(f'<script type="application/ld+json">{deep}</script>').title is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from(["@type", "@id", "name", "author", "url", "headline", "@value"]), inner)
        ),
        max_leaves=20,
    )
)
@settings(max_examples=60, deadline=None)
def test_json_ld_of_any_shape_is_survived(value: object) -> None:
    """A page with nonsense in place of a name, date or URL is read."""
    fields = ("headline", "author", "datePublished", "publisher", "image", "keywords", "articleSection", "position")
    node = {"@type": "NewsArticle"} | dict.fromkeys(fields, value)
    page = {"@graph": [node, {"@type": "BreadcrumbList", "itemListElement": value}, value]}
    read(f'<script type="application/ld+json">{json.dumps(page)}</script>')


def test_of_many_articles_in_json_ld_the_pages_own_counts() -> None:
    """Teasers have nodes too; the one of this address wins."""
    nodes = [
        '{"@type":"NewsArticle","url":"https://www.example.org/other","datePublished":"2020-01-02","author":"A B"}',
        f'{{"@type":"NewsArticle","url":"{URL}","datePublished":"2024-05-03"}}',
    ]
    found = read(f'<script type="application/ld+json">[{",".join(nodes)}]</script>')
    assert found.published is not None
    assert found.published.value.year == 2024
