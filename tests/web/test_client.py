"""The client against a server that misbehaves in every way that servers of newspapers have shown."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import brotli
import pytest
import zstandard
from tests.servers import Call, Route, Site, conditional, drip, in_turn, page, raw, redirect

from copydesk.records import Outcome
from copydesk.web.client import Client
from copydesk.web.limits import OptOut, WebLimits
from copydesk.web.responses import FetchRequest, Purpose, Response

HELLO = "<html><body><p>Hello, readers.</p></body></html>"
QUICK = WebLimits(
    delay_s=0, backoff_s=0.01, max_backoff_s=0.02, deadline_s=0.6, robots_s=0.5, connect_s=0.5, attempts=2
)


def fetch(site: Site, path: str = "/", *, limits: WebLimits = QUICK, **request: object) -> Response:
    """Fetch one path of the site with a client of its own."""
    return fetch_all(site, [path], limits=limits, **request)[0]


def fetch_all(site: Site, paths: list[str], *, limits: WebLimits = QUICK, **request: object) -> list[Response]:
    """Fetch paths one after the other with one client."""

    async def run() -> list[Response]:
        async with Client(replace(limits, allow_hosts=limits.allow_hosts or site.allow)) as client:
            return [await client.fetch(FetchRequest(url=site.url(path), **request)) for path in paths]  # type: ignore[arg-type]

    return asyncio.run(run())


def test_a_good_page_is_captured_whole() -> None:
    """A page comes back with its bytes, status, type, charset and the address that was dialled."""
    with Site({"/": page(HELLO, headers={"ETag": '"v1"'})}) as site:
        response = fetch(site)
    assert (response.outcome, response.status, response.content) == (Outcome.CAPTURED, 200, HELLO.encode())
    assert (response.media_type, response.charset, response.etag, response.address) == (
        "text/html",
        "utf-8",
        '"v1"',
        "127.0.0.1",
    )


def test_the_user_agent_says_who_and_where() -> None:
    """Every request names the robot and a contact."""
    with Site({"/": page(HELLO)}) as site:
        fetch(site, limits=replace(QUICK, contact="desk@example.org"))
    agents = {call.headers["user-agent"] for call in site.log}
    assert len(agents) == 1
    assert agents.pop().endswith("(+mailto:desk@example.org)")


def test_what_is_known_is_asked_for_conditionally() -> None:
    """With the ETag of last time the answer is `unchanged` and no body crosses the wire."""
    with Site({"/": conditional(HELLO, '"v1"')}) as site:
        first = fetch(site)
        second = fetch(site, etag=first.etag)
    assert (first.outcome, second.outcome, second.wire_bytes) == (Outcome.CAPTURED, Outcome.UNCHANGED, 0)


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_bomb_is_refused_and_a_cut_body_is_a_failure(encoding: str) -> None:
    """Every content encoding is decoded under the size limit and must come to its end."""
    packed = ENCODERS[encoding](HELLO.encode() * 50)
    bomb = ENCODERS[encoding](b"a" * 40_000_000)
    with Site(
        {
            "/good": page(packed, headers={"Content-Encoding": encoding}),
            "/bomb": page(bomb, headers={"Content-Encoding": encoding}),
            "/cut": page(packed[:-6], headers={"Content-Encoding": encoding}),
        }
    ) as site:
        good, bomb_reply, cut = fetch_all(site, ["/good", "/bomb", "/cut"], limits=replace(QUICK, deadline_s=5))
    assert good.content == HELLO.encode() * 50
    assert (bomb_reply.outcome, bomb_reply.reason) == (Outcome.REFUSED, "size")
    assert (cut.outcome, cut.reason) in {(Outcome.CAPTURED, "truncated"), (Outcome.FAILED, "truncated")}
    assert (HELLO.encode() * 50).startswith(cut.content)
    assert "ends early" in cut.detail
    assert bool(cut.content) == bool(cut.truncation)


async def _endless(_call: Call, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"8000\r\n" + b"a" * 0x8000 + b"\r\n")
        await writer.drain()


async def _slow_body(_call: Call, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _endless_interim(_call: Call, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


async def _silent(_call: Call, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def _reset(_call: Call, writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


_MANY = "\r\n".join(f"X-{n}: v" for n in range(300))
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
MISDEEDS: dict[str, tuple[Route, Outcome, str]] = {
    "drips headers": (drip, Outcome.FAILED, "timeout"),
    "drips a body": (_slow_body, Outcome.FAILED, "timeout"),
    "never answers": (_silent, Outcome.FAILED, "timeout"),
    "endless early hints": (_endless_interim, Outcome.FAILED, "timeout"),
    "endless body": (_endless, Outcome.REFUSED, "size"),
    "announces too much": (raw(_OK + b"Content-Length: 999999999\r\n\r\nx"), Outcome.REFUSED, "size"),
    "hangs up at once": (raw(b""), Outcome.FAILED, "protocol"),
    "resets": (_reset, Outcome.FAILED, "reset"),
    "cuts the body": (raw(_OK + b"Content-Length: 500\r\n\r\n<p>short"), Outcome.CAPTURED, "truncated"),
    "cuts the chunks": (raw(_OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\n<p>"), Outcome.CAPTURED, "truncated"),
    "speaks nonsense": (raw(b"220 ESMTP ready\r\n\r\n"), Outcome.FAILED, "protocol"),
    "two lengths": (raw(_OK + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde"), Outcome.FAILED, "protocol"),
    "many headers": (raw(_OK + _MANY.encode() + b"\r\n\r\n<p>"), Outcome.REFUSED, "headers"),
    "one huge header": (raw(_OK + b"X-A: " + b"a" * 90_000 + b"\r\n\r\n<p>"), Outcome.REFUSED, "headers"),
    "endless header": (raw(_OK + b"X-A: " + b"a" * 400_000), Outcome.FAILED, "protocol"),
    "unknown encoding": (page(HELLO, headers={"Content-Encoding": "xz"}), Outcome.FAILED, "encoding"),
    "says gzip, is not": (page(HELLO, headers={"Content-Encoding": "gzip"}), Outcome.FAILED, "encoding"),
    "a picture": (page(b"\x89PNG....", kind="image/png"), Outcome.REFUSED, "media_type"),
    "a picture that lies": (page(b"\x89PNG....", kind="text/html"), Outcome.REFUSED, "media_type"),
    "nothing": (page(""), Outcome.FAILED, "empty"),
    "not found": (page("gone", status="404 Not Found"), Outcome.FAILED, "http_404"),
    "server error": (page("oops", status="500 Oops"), Outcome.FAILED, "http_500"),
    "not modified, unasked": (page("", status="304 Not Modified"), Outcome.FAILED, "http_304"),
    "redirects to itself": (redirect("/bad"), Outcome.FAILED, "redirect_loop"),
    "redirects to a file": (redirect("file:///etc/passwd"), Outcome.REFUSED, "guard"),
    "redirects to metadata": (redirect("http://169.254.169.254/latest/"), Outcome.REFUSED, "guard"),
    "redirects to a neighbour": (redirect("http://127.0.0.1:1/"), Outcome.REFUSED, "guard"),
    "redirects nowhere": (redirect("http://[broken"), Outcome.REFUSED, "guard"),
}


@pytest.mark.parametrize("name", MISDEEDS)
def test_a_misdeed_is_an_outcome(name: str) -> None:
    """Whatever the server does, the address ends in one outcome with the class of the defect, and nothing raises."""
    route, outcome, reason = MISDEEDS[name]
    with Site({"/bad": route, "/": page(HELLO), "/robots.txt": page("", kind="text/plain")}) as site:
        bad, after = fetch_all(site, ["/bad", "/"], limits=replace(QUICK, page_bytes=200_000))
    assert (bad.outcome, bad.reason) == (outcome, reason), bad.detail
    assert bool(bad.content) == bool(bad.truncation) == (outcome is Outcome.CAPTURED)
    assert after.outcome is Outcome.CAPTURED


def test_redirects_are_followed_by_hand_and_counted() -> None:
    """Hops are kept in order; one more than allowed is too many."""
    routes: dict[str, Route] = {f"/{n}": redirect(f"/{n + 1}") for n in range(9)}
    routes["/5"] = page(HELLO)
    with Site(routes) as site:
        response = fetch(site, "/0")
        assert (response.outcome, [h.rsplit("/", 1)[1] for h in response.hops]) == (
            Outcome.CAPTURED,
            ["0", "1", "2", "3", "4"],
        )
        assert response.url == site.url("/5")
        short = fetch(site, "/0", limits=replace(QUICK, redirects=4))
        assert (short.outcome, short.reason) == (Outcome.FAILED, "too_many_redirects")


def test_the_sources_headers_stay_with_its_host() -> None:
    """A cookie or token of the source is not sent to the host a redirect leads to, nor written to the archive."""
    with Site({"127.0.0.1/": page(HELLO)}, hosts=("127.0.0.1", "127.0.0.2")) as site:
        site.routes["127.0.0.1/a"] = redirect(site.url("/b", "127.0.0.2"))
        site.routes["127.0.0.2/b"] = page(HELLO)
        response = fetch(site, "/a", headers={"Authorization": "Bearer secret"})
    sent = {call.path: call.headers.get("authorization") for call in site.log}
    assert (response.outcome, sent["/a"], sent["/b"]) == (Outcome.CAPTURED, "Bearer secret", None)
    assert sent["/robots.txt"] is None
    assert "secret" not in str(response.request_headers)


def test_robots_come_first_and_are_obeyed() -> None:
    """robots.txt is the first thing asked for, once, and what it forbids is not asked for."""
    rules = "User-agent: copydesk\nDisallow: /private\nUser-agent: *\nDisallow: /"
    with Site({"/robots.txt": page(rules, kind="text/plain"), "/a": page(HELLO), "/private/b": page(HELLO)}) as site:
        allowed, forbidden, again = fetch_all(site, ["/a", "/private/b", "/a"])
    assert (allowed.outcome, forbidden.outcome, forbidden.reason) == (Outcome.CAPTURED, Outcome.REFUSED, "robots")
    assert again.outcome is Outcome.CAPTURED
    assert site.paths() == ["/robots.txt", "/.well-known/tdmrep.json", "/a", "/a"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (page("no", status="403 Forbidden"), Outcome.CAPTURED),
        (page("no", status="404 Not Found"), Outcome.CAPTURED),
        (page("", kind="text/plain"), Outcome.CAPTURED),
        (page("busy", status="503 Busy"), Outcome.DEFERRED),
        (page("busy", status="429 Slow down"), Outcome.DEFERRED),
        (_silent, Outcome.DEFERRED),
        (raw(b""), Outcome.DEFERRED),
    ],
)
def test_an_absent_robots_file_allows_and_a_broken_one_forbids(answer: Route, outcome: Outcome) -> None:
    """RFC 9309: 4xx means no rules; 5xx or no answer means that nothing is allowed until it answers."""
    with Site({"/robots.txt": answer, "/a": page(HELLO)}) as site:
        response = fetch(site, "/a")
    assert response.outcome is outcome
    assert (response.retry_at is not None) == (outcome is Outcome.DEFERRED)


def test_a_redirect_asks_the_rules_of_where_it_leads() -> None:
    """A hop to another host is held to that host's robots.txt."""
    with Site({"127.0.0.2/robots.txt": page("User-agent: *\nDisallow: /")}, hosts=("127.0.0.1", "127.0.0.2")) as site:
        site.routes["127.0.0.1/a"] = redirect(site.url("/b", "127.0.0.2"))
        response = fetch(site, "/a")
    assert (response.outcome, response.reason) == (Outcome.REFUSED, "robots")
    assert "/b" not in site.paths()


def test_what_heals_is_tried_again_and_the_rest_is_not() -> None:
    """A 500 that was an accident is captured on the second try; a 404 is believed at once."""
    with Site({"/a": in_turn(page("oops", status="500 Oops"), page(HELLO)), "/b": page("", status="404 No")}) as site:
        healed, missing = fetch_all(site, ["/a", "/b"])
    assert (healed.outcome, healed.attempts) == (Outcome.CAPTURED, 2)
    assert (missing.outcome, missing.attempts) == (Outcome.FAILED, 1)


def test_retry_after_closes_the_host_in_both_forms() -> None:
    """A host that names a time is left alone, with its other addresses, until then."""
    later = datetime.now(UTC) + timedelta(hours=2)
    for value in ("7200", format_datetime(later, usegmt=True)):
        busy = page("busy", status="429 Slow down", headers={"Retry-After": value})
        with Site({"/a": busy, "/b": page(HELLO)}) as site:
            first, second = fetch_all(site, ["/a", "/b"])
        assert (first.outcome, first.reason, second.outcome) == (Outcome.DEFERRED, "retry_after", Outcome.DEFERRED)
        assert first.retry_at is not None
        assert abs((first.retry_at - later).total_seconds()) < 60
        assert "/b" not in site.paths()


def test_a_short_retry_after_is_waited_for() -> None:
    """A server that is back in a moment is asked again in the same run."""
    busy = page("busy", status="503 Busy", headers={"Retry-After": "0"})
    with Site({"/a": in_turn(busy, page(HELLO))}) as site:
        response = fetch(site, "/a")
    assert (response.outcome, response.attempts) == (Outcome.CAPTURED, 2)


def test_a_thousand_addresses_of_a_dead_host_cost_a_few_tries() -> None:
    """The breaker opens after a few failures in a row: the rest is deferred without asking."""
    limits = replace(QUICK, robots=False, tdm=OptOut.IGNORE, breaker_failures=4, attempts=1)
    with Site({f"/{n}": raw(b"") for n in range(1000)}) as site:
        replies = fetch_all(site, [f"/{n}" for n in range(1000)], limits=limits)
    assert len(site.log) == 4
    assert {r.reason for r in replies[4:]} == {"breaker"}
    assert all(r.retry_at is not None for r in replies[4:])


def test_the_delay_is_the_longer_of_ours_and_theirs() -> None:
    """Between two requests to one host lies the configured delay or Crawl-delay, whichever is longer."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    now = [0.0]
    rules = page("User-agent: *\nCrawl-delay: 2.5", kind="text/plain")
    with Site({"/robots.txt": rules, "/a": page(HELLO)}) as site:
        limits = replace(QUICK, delay_s=1, allow_hosts=site.allow, tdm=OptOut.IGNORE)

        async def run() -> None:
            async with Client(limits, monotonic=lambda: now[0], sleep=sleep) as client:
                for _ in range(3):
                    await client.fetch(FetchRequest(url=site.url("/a")))

        asyncio.run(run())
    assert waits == [1.0, 2.5, 2.5]


def test_one_request_in_flight_per_host_and_many_hosts_at_once() -> None:
    """Fifty addresses of five hosts asked for together: no host ever sees two requests at a time."""
    hosts = tuple(f"127.0.0.{n}" for n in range(1, 6))
    with Site({f"/{n}": page(HELLO) for n in range(10)}, hosts=hosts, work_s=0.01) as site:

        async def run() -> list[Response]:
            async with Client(replace(QUICK, allow_hosts=site.allow, deadline_s=5, robots_s=5)) as client:
                asks: list[Awaitable[Response]] = [
                    client.fetch(FetchRequest(url=site.url(f"/{n}", host))) for n in range(10) for host in hosts
                ]
                return list(await asyncio.gather(*asks))

        replies = asyncio.run(run())
    assert {r.outcome for r in replies} == {Outcome.CAPTURED}
    assert set(site.most_at_once.values()) == {1}


@pytest.mark.parametrize(
    ("route", "tdmrep", "wish"),
    [
        (page(HELLO, headers={"X-Robots-Tag": "noai, noimageai"}), None, "noai"),
        (page('<head><meta name="robots" content="index, noai"></head>' + HELLO), None, "noai"),
        (page(HELLO, headers={"TDM-Reservation": "1"}), None, "tdm"),
        (page(HELLO), '[{"location": "/a*", "tdm-reservation": 1}]', "tdm"),
        (page(HELLO, headers={"X-Robots-Tag": "noindex"}), None, "noindex"),
    ],
)
def test_opt_outs_are_recorded_and_honoured_as_configured(route: bytes, tdmrep: str | None, wish: str) -> None:
    """Each way of opting out is seen; `honour` refuses the page, `record` keeps it with a note."""
    routes: dict[str, Route] = {"/a": route}
    if tdmrep:
        routes["/.well-known/tdmrep.json"] = page(tdmrep, kind="application/json")
    with Site(routes) as site:
        honour, record = OptOut.HONOUR, OptOut.RECORD
        kept = fetch(site, "/a", limits=replace(QUICK, noai=record, noindex=record, tdm=record))
        refused = fetch(site, "/a", limits=replace(QUICK, noai=honour, noindex=honour, tdm=honour))
    assert (kept.outcome, kept.opt_outs) == (Outcome.CAPTURED, (wish,))
    assert (refused.outcome, refused.reason, refused.content) == (Outcome.REFUSED, f"opt_out_{wish}", b"")


def test_the_proxy_in_the_environment_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy set for other programs would see every address and dodge the guard."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with Site({"/": page(HELLO)}) as site:
        assert fetch(site).outcome is Outcome.CAPTURED


def test_loopback_is_refused_without_a_word_in_the_settings() -> None:
    """The guard refuses a private address unless exactly this host and port are allowed; nothing is sent."""
    with Site({"/": page(HELLO)}) as site:
        for allow in (("127.0.0.1:1",), ("localhost",), (f"127.0.0.2:{site.port}",)):
            response = fetch(site, limits=replace(QUICK, allow_hosts=allow))
            assert (response.outcome, response.reason) == (Outcome.REFUSED, "guard")
    assert site.log == []


@pytest.mark.parametrize("purpose", [Purpose.FEED, Purpose.SITEMAP, Purpose.DISCOVERY])
def test_lists_come_under_any_type_that_can_be_theirs(purpose: Purpose) -> None:
    """Unregistered, escaped and general types are let in for feeds and sitemaps; pictures and documents are not."""
    kinds = ("application/x-rss+xml", "text/x-xml", "application/octet-stream", "application/rss%2Bxml", "text/rss",
             "binary/octet-stream", "application/x-download", "xml", "application/atom")  # fmt: skip
    others = ("image/svg+xml", "video/mp4", "application/pdf", "application/zip", "font/woff")
    paths = {f"/{i}": page("<rss/>", kind=kind) for i, kind in enumerate(kinds + others)}
    with Site(paths) as site:
        answers = fetch_all(site, list(paths), purpose=purpose)
    assert [answer.outcome for answer in answers] == [Outcome.CAPTURED] * len(kinds) + [Outcome.REFUSED] * len(others)


def test_feeds_may_be_xml_and_pages_may_not() -> None:
    """The media types that are let in depend on what the address is fetched for."""
    with Site({"/": page("<rss/>", kind="application/rss+xml")}) as site:
        feed, as_page = fetch(site, purpose=Purpose.FEED), fetch(site)
    assert (feed.outcome, as_page.reason) == (Outcome.CAPTURED, "media_type")
