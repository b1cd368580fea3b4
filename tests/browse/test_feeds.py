"""The permalinks of a search as a feed: what `copydesk feed` prints."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import feedparser

from copydesk import open_desk
from tests.browse.conftest import Served


def test_a_story_is_one_item(site: Served) -> None:
    """Three papers print the toll: the Atom feed of the search has one entry, and a feed reader takes it."""
    answer = site.get("/search.atom", q='"bridge toll"')
    assert answer.headers["content-type"].startswith("application/atom+xml")
    ET.fromstring(answer.text)  # noqa: S314 our own
    assert len(feedparser.parse(answer.text).entries) == 1


def test_both_forms_have_the_items_of_the_command(site: Served) -> None:
    """Atom, JSON Feed and the method of the desk agree, with and without words."""
    for words in ("harbour", ""):
        feed = open_desk(site.desk).feed(words)
        entries = feedparser.parse(site.get("/search.atom", q=words).text).entries
        items = site.get("/feed.json", q=words).json["items"]
        assert {e.title for e in entries} == {i.title for i in feed.items} == {i["title"] for i in items}
