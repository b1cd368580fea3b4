"""Addresses: which of them are one article, and which of them a source wants."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.errors import SettingsError
from copydesk.rules_file import package_rules
from copydesk.sources.addresses import article_address, canonical, former_canonical, sane_canonical, wanted

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
        "https://www.example.com/world/story-1?rss",
        "https://www.example.com/world/story-1?cmp=newsletter-17",
        "https://www.example.com/world/story-1?ns_source=feed&ns_fee=0&ito=88",
        "https://www.example.com/world/story-1?SPM=x.1.2&from=twitter",
        "https://www.example.com/world/story-1?src=rss#:~:text=storm",
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
        ("https://a.example/show.asp?8812", "https://a.example/show.asp?8813"),
        ("https://a.example/?/2021/storm", "https://a.example/?/2021/flood"),
        ("https://a.example/?/2021/storm", "https://a.example/"),
        ("https://a.example/item?ref=5510", "https://a.example/item?ref=5511"),
        ("https://a.example/list?source=agency-a", "https://a.example/list?source=agency-b"),
        ("https://a.example/v?cid=9", "https://a.example/v?cid=10"),
        ("https://a.example/v?session=2", "https://a.example/v"),
        ("https://a.example/v?keyword=ferry", "https://a.example/v?keyword=quay"),
        ("https://a.example/v?YWJjZA==", "https://a.example/v?YWJjZQ=="),
        ("https://a.example/#!/storm", "https://a.example/#!/flood"),
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


@pytest.mark.parametrize("rule", package_rules("tracking.toml")["tracking"], ids=lambda rule: rule["id"])
def test_each_tracking_rule_does_what_its_examples_say(rule: dict[str, object]) -> None:
    """Every example leaves no query, every counter-example stays; each rule says why."""
    assert rule["because"]
    for query in rule["examples"]:  # type: ignore[attr-defined]
        assert canonical(f"{ONE}?{query}") == ONE
    for query in rule["counter_examples"]:  # type: ignore[attr-defined]
        assert canonical(f"{ONE}?{query}") == f"{ONE}?{query}"


@given(
    st.lists(
        st.tuples(st.from_regex("[a-z]{1,6}", fullmatch=True), st.from_regex("[a-zA-Z0-9 /.%-]{1,8}", fullmatch=True))
    ),
    st.sampled_from(["/", "/a", "/a/b.html", "/a/", "/%C3%A9t%C3%A9"]),
)
def test_a_name_of_former_versions_is_its_own_name(pairs: list[tuple[str, str]], path: str) -> None:
    """Addresses of a warehouse keep their form, unless a parameter is tracking that was not known as such."""
    former = former_canonical(f"https://a.example{path}?{urlencode(pairs)}")
    query = parse_qsl(urlsplit(former).query, keep_blank_values=True)
    kept = parse_qsl(urlsplit(canonical(former)).query, keep_blank_values=True)
    if len(kept) == len(query):
        assert canonical(former) == former
    else:
        assert all(
            canonical(f"https://a.example/?{urlencode([pair])}") == "https://a.example/"
            for pair in set(query) - set(kept)
        )


@pytest.mark.parametrize(
    ("page", "link", "address"),
    [
        ("https://a.example/en/storm", "/en/", None),
        ("https://a.example/en/storm", "/pt-BR/index.html", None),
        ("https://a.example/us/en/storm", "/us/en/home", None),
        ("https://a.example/en/?id=5", "/en/", None),
        ("https://a.example/?/2021/storm", "https://a.example/", None),
        ("https://a.example/show.asp?8812", "/show.asp", None),
        ("https://a.example/show.asp?8812", "/2021/storm", "https://a.example/2021/storm"),
        ("https://a.example/storm?view=full", "/storm", "https://a.example/storm"),
        ("https://a.example/tech/storm", "/tech", "https://a.example/tech"),
        ("https://a.example/en/", "/en/", "https://a.example/en/"),
        ("https://a.example/?utm_source=x", "/", "https://a.example/"),
    ],
)
def test_a_canonical_link_to_a_front_page_or_a_bare_program_is_not_believed(
    page: str, link: str, address: str | None
) -> None:
    """The front page of an edition and a program without its query stand for many pages."""
    assert sane_canonical(page, link) == address


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
