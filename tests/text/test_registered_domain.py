"""The registered domain of a host by the Public Suffix List."""

from __future__ import annotations

import pytest

from copydesk.text.registered_domain import registered_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("news.bbc.co.uk", "bbc.co.uk"),
        ("WWW.BBC.CO.UK:8080", "bbc.co.uk"),
        ("ada:secret@news.example.org", "example.org"),
        ("example.org.", "example.org"),
        ("co.uk", "co.uk"),
        ("www.com", "www.com"),
        ("a.www.ck", "www.ck"),
        ("a.b.x.ck", "b.x.ck"),
        ("a.city.kawasaki.jp", "city.kawasaki.jp"),
        ("новости.пример.рф", "пример.рф"),
        ("a.xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("ada.github.io", "ada.github.io"),
    ],
)
def test_a_host_has_the_domain_that_tld_names(host: str, domain: str) -> None:
    """Suffixes of one part and of more, wildcards, exceptions, other scripts, private suffixes: as the library says."""
    from tld import get_fld

    assert registered_domain(host) == domain == get_fld(f"https://{host}/")


def test_an_empty_part_is_no_domain() -> None:
    """A host that begins with a dot is the suffix itself, where the library leaves the dot."""
    assert registered_domain(".co.uk") == "co.uk"


@pytest.mark.parametrize("host", ["", ".", "localhost", "192.0.2.1", "[::1", "a.invalid"])
def test_a_host_without_a_public_suffix_has_none(host: str) -> None:
    """What is no name on the web has no registered domain, and raises nothing."""
    assert registered_domain(host) is None
