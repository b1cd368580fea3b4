"""Feeds of what a search finds: one item per story, stable ids, and documents that other readers take."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import feedparser
import pytest
from tests.store.conftest import DAY_ONE, Desk, Page

from copydesk.store.read.feed import Feed, FeedItem, newest_articles, read_feed
from copydesk.store.read.feed_formats import as_atom, as_json_feed

ATOM = "{http://www.w3.org/2005/Atom}"
TEXT = tuple(
    f"Paragraph {n}: the council of Arden decided on measure {n * 7}, said speaker {n}, and the {n}th vote passed."
    for n in range(12)
)
FIRST = Page(
    uri="a.html", address="https://paper.example/a", paragraphs=TEXT, title="Council decides", at=DAY_ONE,
    published=datetime(2026, 4, 30, tzinfo=UTC),
)  # fmt: skip
COPY = replace(
    FIRST, uri="b.html", address="https://other.example/b", publisher="other.example", at=DAY_ONE + timedelta(hours=5),
    title="Arden council decides", published=datetime(2026, 4, 29, tzinfo=UTC),
)  # fmt: skip
ALONE = Page(
    uri="c.html", address="https://paper.example/c", title="Ferry sails", at=DAY_ONE + timedelta(hours=9),
)  # fmt: skip


def _feed(desk: Desk, limit: int = 50) -> Feed:
    with desk.warehouse.open_for_reading() as connection:
        return read_feed(connection, newest_articles(connection, 1000), title="All", key="k", limit=limit)


def test_near_copies_are_one_item(desk: Desk) -> None:
    """Two publishers' copies of a story are one item that names both; the story seen last comes first."""
    desk.load(FIRST, COPY, ALONE)
    items = _feed(desk).items
    assert [item.key for item in items] == [ALONE.article_id, FIRST.article_id]
    assert (items[1].title, items[1].publisher, items[1].also_printed_by) == (
        "Arden council decides",  # printed first, seen later
        "other.example",
        ("paper.example",),
    )
    assert [item.key for item in _feed(desk, limit=1).items] == [ALONE.article_id]


def test_an_item_keeps_its_id(make_desk) -> None:
    """A copy that comes later, an edit of the text, and the order of loads (each last once) leave the id as it is."""
    desk = make_desk("one")
    desk.load(FIRST)
    before = _feed(desk).items[0]
    desk.load(COPY)
    edited = replace(FIRST, paragraphs=(*TEXT, "Corrected: it was the 3rd vote."), at=DAY_ONE + timedelta(days=2))
    desk.load(edited)
    (after,) = _feed(desk).items
    assert (after.key, after.first_seen_at) == (before.key, before.first_seen_at)
    keys = set()
    for number, order in enumerate([(COPY, FIRST, ALONE), (ALONE, COPY, FIRST), (FIRST, ALONE, COPY)]):
        other = make_desk(f"order {number}")
        for page in order:
            other.load(page)
        keys.add(tuple(item.key for item in _feed(other).items))
    assert keys == {(ALONE.article_id, FIRST.article_id)}


def test_an_item_is_updated_when_its_text_changes(desk: Desk) -> None:
    """`updated` is when the shown text was first seen; seen again unchanged, it stays, as does `published`."""
    desk.load(ALONE)
    first = _feed(desk)
    desk.load(replace(ALONE, salt="other bytes", at=ALONE.at + timedelta(days=1)))
    assert _feed(desk).items == first.items
    assert first.updated_at == first.items[0].updated_at == ALONE.at
    later = ALONE.at + timedelta(days=2)
    desk.load(replace(ALONE, paragraphs=("The ferry does not sail.",), at=later))
    again = _feed(desk)
    assert (again.items[0].updated_at, again.updated_at) == (later, later)
    assert again.items[0].published_at == first.items[0].published_at


def test_other_readers_take_the_documents(desk: Desk) -> None:
    """Another parser reads the Atom back without a complaint; the JSON Feed has what its version 1.1 demands."""
    desk.load(FIRST, COPY, ALONE)
    feed = _feed(desk)
    parsed = feedparser.parse(as_atom(feed, full=True, url="http://127.0.0.1/search.atom?q=a&b=c"))
    assert not parsed.bozo
    assert (parsed.version, parsed.feed.title, parsed.feed.id) == ("atom10", "All", "tag:copydesk.invalid,2026:feed/k")
    assert parsed.feed.links[0].href == "http://127.0.0.1/search.atom?q=a&b=c"
    assert [entry.link for entry in parsed.entries] == ["https://paper.example/c", "https://other.example/b"]
    assert [entry.title for entry in parsed.entries] == ["Ferry sails", "Arden council decides"]
    assert parsed.entries[1].author == "Ada Byron"
    assert parsed.entries[1].content[0].value.count("<p>") == len(TEXT)
    assert [entry.updated_parsed[:5] for entry in parsed.entries] == [
        item.updated_at.timetuple()[:5] for item in feed.items
    ]
    value = json.loads(as_json_feed(feed, url="http://127.0.0.1/search.json"))
    assert (value["version"], value["feed_url"]) == ("https://jsonfeed.org/version/1.1", "http://127.0.0.1/search.json")
    assert [item["id"] for item in value["items"]] == [entry.id for entry in parsed.entries]
    assert all(item["content_text"] and datetime.fromisoformat(item["date_published"]) for item in value["items"])


HOSTILE = FeedItem(
    key="k", first_seen_at=DAY_ONE, updated_at=DAY_ONE, published_at=DAY_ONE, article_id="k",
    title="\x00\x08]]>\ud800 <script>alert(1)</script> &amp; \u202egnp.exe \ufffe\x1b[2J", publisher='a"b<c>&',
    authors=("</name><link href='//evil.example'/>", "\x0b"), section_path=('"><x y="',), language="en\"><script>",
    address="javascript:alert(1)", uri="x", also_printed_by=("<b>",),
    text="</content>\n\n<img src=x onerror=alert(1)>\n\n\x00&lt;b&gt;",
)  # fmt: skip


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", 'http://a.example/"><x', " https://a.example", None, ""]
)
def test_hostile_texts_stay_texts(full: bool, address: str | None) -> None:
    """Markup, entities, control characters and addresses that are none: well-formed, no element or link of theirs."""
    feed = Feed(title="<&\x01", key="k", updated_at=DAY_ONE, items=(replace(HOSTILE, address=address),))
    body = as_atom(feed, full=full, url="http://127.0.0.1/?q=\x00<&")
    entry = ET.fromstring(body).find(f"{ATOM}entry")  # noqa: S314 our own
    assert entry is not None
    assert {child.tag.removeprefix(ATOM) for child in entry} == {
        *("id", "title", "updated", "published", "author", "category", "summary", "content")
    }
    title = entry.findtext(f"{ATOM}title", "")
    assert title.startswith("]]>")
    assert "<script>alert(1)</script> &amp; gnp.exe [2J" in title
    assert "xml:lang" not in body.decode()
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    assert "<script" not in parsed.entries[0].content[0].value
    assert "<img" not in parsed.entries[0].content[0].value
    value = json.loads(as_json_feed(feed, full=full))["items"][0]
    assert ("url" in value, "language" in value) == (False, False)


def test_a_feed_without_items_is_valid() -> None:
    """Nothing found is a feed with a date and no entry."""
    parsed = feedparser.parse(as_atom(Feed(title="None", key="k", updated_at=DAY_ONE, items=())))
    assert (parsed.bozo, parsed.entries, parsed.feed.updated) == (False, [], "2026-05-01T08:00:00Z")
