"""The HTTP client: rate limits, robots.txt, redirects, retries.

Every request and every redirect passes these checks:

    guard -> robots.txt -> (tdmrep.json) -> breaker -> host lock -> free slot -> HTTP exchange -> opt-outs
      |          |               |             |           |                          |
    refused   refused         refused       deferred    deferred (wait too long)   captured, unchanged, failed

Server errors are returned as a `Response`; only invalid settings raise.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urldefrag, urljoin

from copydesk.records import Outcome
from copydesk.web.backoff import backoff
from copydesk.web.exchange import HttpExchange
from copydesk.web.host_locks import HostLocks
from copydesk.web.hosts import Host, Hosts
from copydesk.web.limits import OptOut, WebLimits
from copydesk.web.network_backend import connection_pool
from copydesk.web.policy import opt_outs as optouts
from copydesk.web.policy.guard import Guard, GuardRefusedError, Target
from copydesk.web.policy.robots import Robots, robots_from
from copydesk.web.policy.robots_cache import RobotsCache
from copydesk.web.responses import FetchRequest, Purpose, Response

__all__ = ["Client"]

_NO_ANSWER = frozenset({"dns", "connect", "tls", "timeout", "reset", "protocol", "truncated"})
_TDMREP = "/.well-known/tdmrep.json"
_BUSY_STATUSES = frozenset({429, 500, 502, 503, 504})
_PERMANENT = frozenset({301, 308})


class Client:
    """Fetches URLs, one at a time per host, many hosts concurrently. Use as an async context manager.

    With a `hosts_folder` robots.txt is cached between clients, and clients of several processes share host locks.

    Attributes:
        side_responses: What was fetched on the way (robots.txt, tdmrep.json); whoever keeps the log takes them out.
    """

    def __init__(
        self,
        limits: WebLimits,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        hosts_folder: Path | None = None,
    ) -> None:
        self.limits = limits
        self.side_responses: list[Response] = []
        self._clock, self._monotonic, self._sleep, self._jitter = clock, monotonic, sleep, jitter
        self._cache = RobotsCache(hosts_folder, limits.robots_max_age_s) if hosts_folder is not None else None
        self._host_locks = HostLocks(hosts_folder, lambda: clock().timestamp(), sleep)
        self._guard = Guard(limits.allow_hosts)
        self._hosts = Hosts(limits)
        self._pool = connection_pool(limits, self._guard)
        self._http = HttpExchange(limits, self._pool, clock)
        self._slots = asyncio.Semaphore(limits.concurrency)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.aclose()

    async def fetch(self, request: FetchRequest) -> Response:
        """Fetch a URL and follow redirects; never raises for what a server does."""
        return await self._follow(request, check_robots=True)

    def host_of(self, url: str) -> str:
        """Return the key of the URL's host for rate limits; "" for a URL that the guard refuses."""
        try:
            return self._guard.check_url(url).key
        except GuardRefusedError:
            return ""

    async def robots(self, url: str) -> Robots:
        """Return the robots.txt rules of the URL's host, with its sitemaps."""
        try:
            target = self._guard.check_url(url)
        except GuardRefusedError as error:
            return Robots(reason=str(error))
        return await self._rules(self._hosts.of(target.key), target)

    async def _follow(self, request: FetchRequest, *, check_robots: bool) -> Response:
        url, hops, elapsed = urldefrag(request.url).url, [], 0
        first: Target | None = None
        permanent = True
        while True:
            try:
                target = self._guard.check_url(url)
            except GuardRefusedError as error:
                response = Response(outcome=Outcome.REFUSED, reason="guard", detail=str(error), url=url)
                break
            first = first or target
            response = await self._visit(url, target, request, check_robots=check_robots, own=target == first)
            elapsed += response.elapsed_ms
            if response.reason != "redirect":
                break
            hops.append(url)
            permanent = permanent and response.status in _PERMANENT
            url = _next_address(url, response.detail)
            if url in hops or len(hops) > self.limits.redirects:
                loop = "redirect_loop" if url in hops else "too_many_redirects"
                response = replace(response, reason=loop, detail=f"{len(hops)} hops, the last to {url[:200]}")
                break
        moved_to = url if hops and permanent else ""
        return replace(response, purpose=request.purpose, hops=tuple(hops), moved_to=moved_to, elapsed_ms=elapsed)

    async def _visit(
        self, url: str, target: Target, request: FetchRequest, *, check_robots: bool, own: bool
    ) -> Response:
        """Fetch one URL from one host, after reading its robots.txt and waiting for its lock."""
        host = self._hosts.of(target.key)
        if check_robots:
            refusal = await self._refusal(url, host, target, request.purpose)
            if refusal is not None:
                return refusal
        async with host.turn, self._host_locks.of(host.key) as turn:
            host.free_at = max(host.free_at, self._monotonic() + turn.wait_s)
            response = await self._try(url, host, target, request, own=own)
            turn.free_in_s = max(0.0, host.free_at - self._monotonic())
        return self._apply_opt_outs(response, host, url) if request.purpose is Purpose.PAGE else response

    async def _refusal(self, url: str, host: Host, target: Target, purpose: Purpose) -> Response | None:
        """Return a refusal where the host's rules forbid the URL, else None."""
        if self.limits.robots:
            rules = await self._rules(host, target)
            if host.refused:
                return Response(outcome=Outcome.REFUSED, reason="guard", detail=host.refused, url=url)
            if rules.reason:
                at = self._clock() + timedelta(seconds=max(0.0, host.robots_until - self._monotonic()))
                detail = f"robots.txt: {rules.reason}; until it answers nothing is allowed (RFC 9309)"
                return Response(
                    outcome=Outcome.DEFERRED, reason="robots_unreachable", detail=detail, url=url, retry_at=at
                )
            if not rules.allows(url, self.limits.robot_name):
                return Response(outcome=Outcome.REFUSED, reason="robots", detail="robots.txt disallows it", url=url)
        if purpose is Purpose.PAGE and self.limits.tdm is not OptOut.IGNORE:
            await self._read_tdm(host, target)
        return None

    async def _rules(self, host: Host, target: Target) -> Robots:
        async with host.reading_rules:
            if host.robots is None or self._monotonic() >= host.robots_until:
                response, age_s = await self._ask_rules(target, "/robots.txt", Purpose.ROBOTS)
                host.refused = response.detail if response.reason == "guard" and not response.hops else ""
                host.robots = robots_from(response)
                age = self.limits.breaker_cool_s if host.robots.reason else self.limits.robots_max_age_s
                host.robots_until = self._monotonic() + min(age, 86_400.0) - age_s
            return host.robots

    async def _ask_rules(self, target: Target, path: str, purpose: Purpose) -> tuple[Response, float]:
        """Return a host's response and its age in seconds, from the cache where that is fresh."""
        address = f"{target.scheme}://{target.authority}{path}"
        kept = self._cache.read(address, self._clock()) if self._cache else None
        if kept is not None:
            return kept
        response = await self._follow(FetchRequest(url=address, purpose=purpose), check_robots=False)
        absent = response.status is not None and 400 <= response.status < 500 and response.status != 429
        said = (
            replace(response, outcome=Outcome.SKIPPED, reason="absent") if absent else response
        )  # most sites have none
        self.side_responses.append(replace(said, content=b""))
        if self._cache is not None and response.status != 429:
            self._cache.write(address, response, self._clock())
        return response, 0.0

    async def _read_tdm(self, host: Host, target: Target) -> None:
        async with host.reading_rules:
            if host.tdm is None:
                address = f"{target.scheme}://{target.authority}{_TDMREP}"
                if host.robots is None or host.robots.allows(address, self.limits.robot_name):
                    response, _ = await self._ask_rules(target, _TDMREP, Purpose.TDMREP)
                    host.tdm = optouts.tdm_rules(response.content)
                else:
                    host.tdm = ()

    async def _try(self, url: str, host: Host, target: Target, request: FetchRequest, *, own: bool) -> Response:
        """Retry until there is an answer or retrying cannot help; the host lock is held meanwhile."""
        attempts = self.limits.attempts if request.purpose not in (Purpose.ROBOTS, Purpose.TDMREP) else 2
        number = 1
        deferral = self._deferral(host)
        if deferral is not None:
            return replace(deferral, url=url)
        while True:
            response = replace(await self._once(url, host, target, request, own=own), attempts=number)
            self._update_breaker(host, response, last=number >= attempts)
            wait = self._wait_before_retry(response, number)
            shut = host.breaker.seconds_left(self._monotonic()) > 0
            if not response.retryable or number >= attempts or wait > self.limits.max_wait_s or shut:
                return self._final(response, host)
            host.free_at = max(host.free_at, self._monotonic() + wait)
            number += 1

    async def _once(self, url: str, host: Host, target: Target, request: FetchRequest, *, own: bool) -> Response:
        wait = host.free_at - self._monotonic()
        if wait > 0:
            await self._sleep(wait)
        delay = max(self.limits.delay_s, request.delay_s)
        if host.robots is not None:
            delay = max(delay, host.robots.crawl_delay(self.limits.robot_name))
        async with self._slots:
            response = await self._http.exchange(url, target, request, extra=own)
        host.free_at = max(host.free_at, self._monotonic() + delay)
        return response

    def _final(self, response: Response, host: Host) -> Response:
        """Return the last response; a Retry-After defers the whole host until then."""
        if response.truncation:  # no try was complete; without validators, so that it is fetched again
            return replace(response, outcome=Outcome.CAPTURED, etag=None, last_modified=None)
        if response.retry_at is None or response.status not in _BUSY_STATUSES:
            return response
        host.closed_until = response.retry_at
        return replace(response, outcome=Outcome.DEFERRED, reason="retry_after", detail=f"http_{response.status}")

    def _deferral(self, host: Host) -> Response | None:
        """Return a deferral while the host is paused, its breaker is open, or its next slot is too far away."""
        now = self._clock()
        if host.closed_until is not None and host.closed_until > now:
            detail = "the host asked for a pause (Retry-After)"
            return Response(outcome=Outcome.DEFERRED, reason="retry_after", detail=detail, retry_at=host.closed_until)
        left = host.breaker.seconds_left(self._monotonic())
        if left > 0:
            detail = f"the host failed {self.limits.breaker_failures} times in a row"
            return Response(
                outcome=Outcome.DEFERRED, reason="breaker", detail=detail, retry_at=now + timedelta(seconds=left)
            )
        wait = host.free_at - self._monotonic()
        if wait > self.limits.max_wait_s:
            detail = f"the next request slot is {wait:.0f} s away"
            return Response(outcome=Outcome.DEFERRED, reason="crawl_delay", detail=detail,
                           retry_at=now + timedelta(seconds=wait))  # fmt: skip
        return None

    def _update_breaker(self, host: Host, response: Response, *, last: bool) -> None:
        """Count missing answers at once and server errors once per URL: one broken page is not a broken host."""
        if response.reason in _NO_ANSWER:
            host.breaker.failure(self._monotonic())
        elif response.status in _BUSY_STATUSES:
            if last:
                host.breaker.failure(self._monotonic())
        elif response.status is not None:
            host.breaker.success()

    def _wait_before_retry(self, response: Response, number: int) -> float:
        if response.retry_at is not None:
            return (response.retry_at - self._clock()).total_seconds()
        limits = self.limits
        return backoff(number, first_s=limits.backoff_s, max_s=limits.max_backoff_s, jitter=self._jitter())

    def _apply_opt_outs(self, response: Response, host: Host, url: str) -> Response:
        """Record the page's opt-outs; discard the body when the policy honours one."""
        if response.outcome not in (Outcome.CAPTURED, Outcome.UNCHANGED):
            return response
        robot = self.limits.robot_name
        found = optouts.in_headers(response.response_headers, robot) | optouts.in_page(response.content, robot)
        if host.tdm and optouts.reserved(host.tdm, url):
            found |= {"tdm"}
        response = replace(response, opt_outs=tuple(sorted(found)))
        opt_out = optouts.honoured(found, self.limits)
        if not opt_out:
            return response
        return replace(
            response,
            outcome=Outcome.REFUSED,
            reason=f"opt_out_{opt_out}",
            detail=f"the page asks for {opt_out}; the settings honour it",
            content=b"",
        )


def _next_address(url: str, location: str) -> str:
    """Resolve a Location header; raw UTF-8 and spaces in it are tolerated."""
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        joined = urljoin(url, location.strip())
    except ValueError:
        return location.strip()
    return urldefrag(quote(joined, safe="!#$%&'()*+,/:;=?@[]~")).url
