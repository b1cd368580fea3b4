"""Search: words find articles in their language, fresh after each load, with or without the extension."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.store.conftest import Desk, Page

from copydesk.store.read import search as searching
from copydesk.store.read.search import index_path, refresh_index, search

FERRY = Page(uri="ferry", title="Ferry sails again", paragraphs=("The ferries were repaired in spring.",))
BRIDGE = Page(uri="bridge", title="Bridge closes", paragraphs=("Drivers must take the tunnel.",))
GERMAN = Page(uri="haus", title="Neue Häuser", paragraphs=("Die Stadt baut Häuser am Hafen.",), language="de")
CHINESE = Page(uri="zh", title="渡轮", paragraphs=("渡轮今天恢复运行。",), language="zh")
ARABIC = Page(uri="ar", title="العبارة تبحر", paragraphs=("عادت العبارة إلى الميناء اليوم.",), language="ar")


def test_words_are_found_by_their_stem(desk: Desk) -> None:
    """A singular finds its plural, in English and in German; other articles are not found."""
    desk.load(FERRY, BRIDGE, GERMAN)

    found = search(desk.warehouse, "repairing ferry")
    assert found.ranked
    assert [h.uri for h in found.hits] == ["ferry"]
    assert "ferries" in found.hits[0].excerpt
    assert [h.uri for h in search(desk.warehouse, "haus").hits] == ["haus"]


@pytest.mark.parametrize(("words", "uri"), [("渡轮", "zh"), ("العبارة", "ar")])
def test_every_script_can_be_searched(desk: Desk, words: str, uri: str) -> None:
    """Words outside of a to z are found."""
    desk.load(FERRY, CHINESE, ARABIC)
    assert [h.uri for h in search(desk.warehouse, words).hits] == [uri]


def test_the_index_follows_the_loads(desk: Desk) -> None:
    """After a load the new text is found and the old one is not; without a change the index stays as it is."""
    desk.load(FERRY)
    assert search(desk.warehouse, "spring").hits
    assert not refresh_index(desk.warehouse)
    desk.load(replace(FERRY, paragraphs=("Sunk in autumn.",), at=FERRY.at + timedelta(days=1)))

    assert not search(desk.warehouse, "spring").hits
    assert search(desk.warehouse, "autumn").hits


def test_a_damaged_index_is_made_anew(desk: Desk) -> None:
    """What lies at the index's place is no authority: a broken file is replaced."""
    desk.load(FERRY)
    index_path(desk.warehouse.path).write_bytes(b"broken")
    assert [h.uri for h in search(desk.warehouse, "ferry").hits] == ["ferry"]


def test_without_the_extension_words_are_looked_for_as_they_stand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every word must occur; the answer says that it is not ranked."""
    desk.load(FERRY, BRIDGE)
    monkeypatch.setattr(searching, "_extension", lambda: None)

    found = search(desk.warehouse, "Drivers tunnel")
    assert not found.ranked
    assert [h.uri for h in found.hits] == ["bridge"]
    assert not search(desk.warehouse, "drivers ferry").hits


def test_a_search_can_be_narrowed(desk: Desk) -> None:
    """Only the publisher or the language that was asked for."""
    desk.load(FERRY, replace(FERRY, uri="other", publisher="other.example"))
    assert [h.uri for h in search(desk.warehouse, "ferry", publisher="other.example").hits] == ["other"]
    assert not search(desk.warehouse, "ferry", language="de").hits


@pytest.mark.parametrize("words", ["'; drop table x; --", '"', "*", "%", "\\", "", "   "])
def test_odd_words_are_only_words(desk: Desk, words: str) -> None:
    """Quotes, signs and nothing at all are asked for as they are and break nothing."""
    desk.load(FERRY)
    assert search(desk.warehouse, words).hits == ()
