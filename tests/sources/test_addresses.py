"""Addresses: which of them are one article, and which of them a source wants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.errors import SettingsError
from copydesk.sources.addresses import article_address, canonical, sane_canonical, wanted

ONE = "https://www.example.com/world/story-1"


@pytest.mark.parametrize(
    "form",
    [
        "https://www.example.com/world/story-1",
        "http://www.example.com/world/story-1",
        "https://www.example.com:443/world/story-1#comments",
        "https://WWW.Example.Com/world/story-1?utm_source=rss&utm_medium=feed",
        "https://www.example.com/world/story-1?fbclid=abc",
        "https://www.example.com/world/story-1/amp",
        "https://www.example.com/world/story-1?amp=1",
        "https://www.example.com/world/story-1?outputType=amp",
        "https://www.google.com/amp/s/www.example.com/world/story-1",
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/world/story-1",
        "  https://www.example.com/world/story-1 ",
    ],
)
def test_forms_of_one_article_have_one_name(form: str) -> None:
    """Tracking, fragments, AMP forms, caches, default ports and the scheme do not make another article."""
    assert canonical(form) == ONE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/story?id=1", "https://a.example/story?id=2"),
        ("https://a.example/story", "https://a.example/story/2"),
        ("https://a.example/Story", "https://a.example/story"),
        ("https://www.a.example/story", "https://b.example/story"),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a"),
        ("https://a.example/camp", "https://a.example/c"),
    ],
)
def test_different_articles_keep_different_names(one: str, other: str) -> None:
    """What may be another page stays another page."""
    assert canonical(one) != canonical(other)


@given(st.text(max_size=80) | st.from_regex(r"https?://[a-z]{1,8}\.[a-z]{2,4}(:[0-9]{1,5})?/\S{0,30}", fullmatch=True))
def test_a_name_is_stable(url: str) -> None:
    """The name of a name is the name, for any text."""
    assert canonical(canonical(url)) == canonical(url)


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://www.example.com/world/story-1?utm_source=x", ONE),
        ("/world/story-1", "https://m.example.com/world/story-1"),
        ("https://amp.example.com/story-1", "https://amp.example.com/story-1"),
        ("https://example.org/story-1", None),
        ("https://www.example.com/", None),
        ("https://www.example.com/index.html", None),
        ("javascript:void(0)", None),
        ("http://[", None),
        ("", None),
        (None, None),
    ],
)
def test_a_canonical_link_is_believed_only_when_it_can_be_true(link: str | None, address: str | None) -> None:
    """Same registered domain and not the front page; else the page's own address counts."""
    page = "https://m.example.com/world/story-1"
    assert sane_canonical(page, link) == address
    assert article_address(page, link) == (address or canonical(page))


def test_a_front_page_may_name_itself() -> None:
    """On the front page the front page is the right answer."""
    assert sane_canonical("https://example.com/", "https://example.com/") == "https://example.com/"


def test_patterns_choose_addresses() -> None:
    """Any include must be found when there are any; no exclude may be; a broken pattern is named."""
    assert wanted("https://a.example/news/1", ("/news/", "/sport/"), ("/video/",))
    assert not wanted("https://a.example/about", ("/news/",), ())
    assert not wanted("https://a.example/news/video/1", (), ("/video/",))
    with pytest.raises(SettingsError, match="regular expression"):
        wanted("https://a.example/", ("*",), ())
