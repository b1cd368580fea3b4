"""What addresses tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.text.html.metadata.page_urls import canonical_reason, country_of, date_in, domain_of, page_url, resolve


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://example.org/2024/05/03/title", "2024-05-03"),
        ("https://example.org/news/2024-5-3-title", "2024-05-03"),
        ("https://example.org/a20240503b", "2024-05-03"),
        ("https://example.org/2024/may/3/title", "3 may 2024"),
        ("https://example.org/2024/05/title", None),
        ("https://example.org/item/12345678", None),
        ("https://example.org/2024/13/03/", None),
        (None, None),
    ],
)
def test_the_day_in_an_address(url: str | None, day: str | None) -> None:
    """A whole day is read, half a date is none."""
    assert date_in(url) == day


def test_the_country_is_the_domains_then_the_locales() -> None:
    """.uk is Britain, .com has no country so the locale decides, .io is not a country's."""
    assert country_of("https://www.example.co.uk/a", "en-US") == "GB"
    assert country_of("https://www.example.com/a", "en-AU") == "AU"
    assert country_of("https://example.io/a") is None


def test_an_archived_page_has_its_own_address() -> None:
    """The address inside a web archive's is the page's."""
    assert page_url("https://web.archive.org/web/20120216/http://www.example.org/a") == "http://www.example.org/a"
    assert page_url("https://www.example.org/a") == "https://www.example.org/a"
    assert domain_of("https://news.example.co.uk/a") == "example.co.uk"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_address_breaks_it(url: str, other: str) -> None:
    """Whatever the strings, there is an answer."""
    date_in(url)
    country_of(url, other)
    domain_of(url)
    canonical_reason(url, other)
    found = resolve(url, other)
    assert found is None or found.startswith(("http://", "https://", "HTTP"))
