"""Who may ask, and what an answer may do in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browse.conftest import Served, serving


@pytest.fixture(scope="module")
def guarded(newsroom: Path) -> Iterator[Served]:
    """Pages that need the token."""
    yield from serving(newsroom, token_needed=True)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "localhost.evil", "[::2]"]
)
def test_a_foreign_host_is_refused(site: Served, host: str) -> None:
    """A name that was made to lead here (DNS rebinding) is not served, on any path."""
    for path in ("/", "/static/browse.css", "/search.json"):
        answer = site.with_headers(Host=host).get(path)
        assert answer.status == 421
        assert "harbour" not in answer.text


def test_known_hosts_are_served(site: Served) -> None:
    """The names of this machine, in any case, with and without port."""
    for host in ("127.0.0.1", "localhost", "LOCALHOST:1", "localhost."):
        assert site.with_headers(Host=host).get("/").status == 200


def test_every_answer_has_the_policy(site: Served) -> None:
    """Pages, errors, data and files allow no script and no connection."""
    for path in ("/", "/nothing", "/search.json", "/static/browse.css", "/sql?q=select", "/sql.csv?q=select+1+as+a"):
        headers = site.get(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy
        assert "connect-src" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers


def test_a_token_is_asked_for_where_it_is_needed(guarded: Served) -> None:
    """Without it nothing is served; with it a cookie is set that no other site sends and no script reads."""
    assert guarded.get("/").status == 403
    assert guarded.get("/search.json").status == 403
    assert guarded.get("/?token=none-of-ours").status == 403
    entered = guarded.get("/search", q="harbour", token=guarded.token.value)
    assert entered.status == 303
    assert entered.headers["location"] == "/search?q=harbour"
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert guarded.token.value not in cookie
    assert guarded.with_headers(Cookie=cookie.partition(";")[0]).get("/").status == 200
    assert guarded.with_headers(Cookie="=;;\x01bad; " + cookie.partition("=")[0] + "=x").get("/").status == 403


def test_the_redirect_stays_here(guarded: Served) -> None:
    """A path that looks like another site does not lead there."""
    entered = guarded.get("//evil.example/", token=guarded.token.value)
    assert entered.headers["location"].startswith("/evil.example")


def test_only_reading_methods_are_answered(site: Served) -> None:
    """PUT and DELETE are refused, POST leads nowhere without --write."""
    assert site.get("/", method="DELETE").status == 405
    assert site.get("/search", method="POST", body="q=x").status == 405
    assert site.get("/decide/drop", method="POST", body="capture=x").status == 404


def test_another_site_cannot_run_sql(site: Served) -> None:
    """A link of another site shows the statement and does not run it; its downloads are refused."""
    led = site.with_headers(Sec_Fetch_Site="cross-site")
    page = led.get("/sql", q="select 40 + 2 as answer").text
    assert "select 40 + 2 as answer" in page
    assert ">42<" not in page
    assert led.get("/sql.csv", q="select 42 as answer").status == 400
    assert ">42<" in site.get("/sql", q="select 40 + 2 as answer").text
