"""The frontier: URLs from all sources, deduplicated, in one queue per host with one worker each; results go out.

    enumerate_urls(source) --add(item)--> known? wanted? owned? --> host queue --> worker --> FrontierItem
    enumerate_urls(source) --add(item)-->                       --> host queue --> worker -->

Runs inside the event loop (`web.background`); writes nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from copydesk.records import Outcome
from copydesk.settings import Source
from copydesk.sources.addresses import canonical, former_canonical, wanted
from copydesk.sources.crawl.further_pages import with_further_pages
from copydesk.sources.crawl.progress import SourceProgress, observation, source_state
from copydesk.sources.crawl.results import ArchivedPage, FetchLog, FetchResult, Sighting, UrlItem, log_of, page_capture
from copydesk.sources.crawl.state import AddressState, State, fetch_reason, may_ask, next_state, validators
from copydesk.sources.publishers import publisher_of
from copydesk.store.read.known_files import RemovedKeys
from copydesk.web.client import Client
from copydesk.web.responses import FetchRequest, Purpose, Response

__all__ = ["CrawlPlan", "Frontier", "FrontierItem"]

_YIELD_EVERY = 100  # URLs added between two yields to the event loop, so that a large sitemap does not delay deadlines
_MAX_URL_CHARS = 4096
_CLOCK_ERROR = timedelta(days=1)  # a change later than this has not been made: the date is wrong
_MAX_URLS = 100_000  # per source and run, where `max_items` is not set


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FrontierItem:
    """One result on its way to the caller's thread, with the response of a new page, which is archived there."""

    result: FetchResult
    response: Response | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlPlan:
    """Input of a crawl.

    Attributes:
        by_hand: Request lists that are not due.
        ignore_backoff: Request what failed before its back-off ends; for a source that a person named.
        budget_s: Seconds after which no request is started; the rest is deferred.
        done: (source, uri) of pages that this run finished before it was interrupted.
        archived: Pages of this run that are archived but in no part yet.
        hosts_folder: robots.txt cache and host locks, shared by runs and processes.
        clock: The present time (UTC), for what is due.
        backfill: Ask lists for all they hold, and their archives, back to the source's `since`.
        missed: Source -> pages that earlier runs were told of and have not taken; for a backfill.
        kept_out: Pages that were removed on request; they are not fetched.
    """

    state: State
    by_hand: bool = True
    ignore_backoff: bool = False
    budget_s: float | None = None
    done: frozenset[tuple[str, str]] = frozenset()
    archived: Mapping[tuple[str, str], ArchivedPage] = field(default_factory=dict)
    kept_out: RemovedKeys | None = None
    hosts_folder: Path | None = None
    clock: Callable[[], datetime] = _utc_now
    backfill: bool = False
    missed: Mapping[str, Sequence[UrlItem]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Job:
    progress: SourceProgress
    item: UrlItem
    known: AddressState
    because: str


class Frontier:
    """All host queues of a run. Create it inside the event loop."""

    def __init__(
        self,
        client: Client,
        plan: CrawlPlan,
        names: frozenset[str],
        *,
        group: asyncio.TaskGroup,
        found: asyncio.Queue[FrontierItem | None],
    ) -> None:
        self.client = client
        self.plan = plan
        self._found = found
        self._group = group
        self._queues: dict[str, deque[_Job]] = {}
        self._owners: dict[str, str] = {
            uri: source for source, uri in plan.state.addresses if source in names
        }  # owner of each URL; one that several sources name is fetched once
        watch = timedelta(seconds=client.limits.watch_s)
        self._watch = watch
        self.revisits = plan.state.revisits(plan.clock(), watch=watch)
        self._taken: set[tuple[str, str]] = set()
        self._started = asyncio.get_running_loop().time()

    async def ask_list(self, progress: SourceProgress, url: str, purpose: Purpose) -> tuple[Response, AddressState]:
        """Fetch a feed or sitemap; return the response and its state, which the caller stores once it was parsed."""
        source, now = progress.source, self.plan.clock()
        uri = canonical(url)
        known = self.plan.state.address(source.name, uri)
        if not self._may_ask(known, now, by_hand=self.plan.by_hand):
            assert known is not None  # noqa: S101 - only what is known is not due
            early = known.next_allowed_at is not None and known.next_allowed_at > now
            return _not_asked(known, url, early=early), known
        whole = self.plan.backfill  # "not modified" would hide what the list holds
        etag, last_modified = (None, None) if whole else validators(known, now)
        response = await self.client.fetch(self._request(source, url, purpose, etag, last_modified))
        digest = sha256(response.content).hexdigest() if response.content else None
        known = known or AddressState(source=source.name, uri=uri, purpose=str(purpose), first_seen_at=now)
        known = replace(known, url=url)
        state = self._after(known, response, digest, now)
        await self._log_side_responses(source)
        await self._put(FetchResult(source=source.name, log=log_of(source.name, uri, response, purpose)))
        return response, state

    async def keep(self, state: AddressState) -> None:
        """Store the state of a list that was read."""
        await self._put(FetchResult(source=state.source, address=state))

    async def skip(
        self, progress: SourceProgress, url: str, reason: str, number: int, detail: str, *, purpose: str = "list"
    ) -> None:
        """Record that a limit left out `number` inputs: a row of the fetch log, and the run's counts."""
        if not number:
            return
        log = FetchLog(
            source=progress.source.name,
            uri=canonical(url),
            purpose=purpose,
            url=url[:_MAX_URL_CHARS],
            outcome=str(Outcome.SKIPPED),
            reason=reason,
            detail=detail,
            started_at=self.plan.clock(),
        )
        await self._put(FetchResult(source=progress.source.name, log=log, skipped={reason: number}))

    async def add(self, progress: SourceProgress, item: UrlItem, *, always: bool = False) -> None:
        """Decide on one URL: skip it with a reason, take it from the archive, or enqueue it.

        Args:
            progress: Of the source that named it.
            item: The URL and its hints.
            always: Fetch it although it is not due (URL lists).
        """
        source, uri, now = progress.source, canonical(item.url), self.plan.clock()
        progress.named += 1
        if progress.named % _YIELD_EVERY == 0:
            await asyncio.sleep(0)
        if len(item.url) > _MAX_URL_CHARS:
            detail = f"{len(item.url)} characters, the limit is {_MAX_URL_CHARS}"
            await self.skip(progress, item.url, "url_too_long", 1, detail)
            return
        reason = self._unwanted(source, item, uri)
        if reason:
            progress.skipped[reason] += 1
            return
        key = (source.name, uri)
        known = self.plan.state.address(*key)
        if item.origin and (known is None or (uri in self._owners and self._owners[uri] != source.name)):
            seen = Sighting(source=source.name, uri=uri, feed=item.origin, seen_at=now, title_hint=item.title,
                            published_hint=item.published)  # fmt: skip
            await self._put(FetchResult(source=source.name, uri=uri, sighting=seen))
        if key in self._taken:
            return
        self._taken.add(key)
        progress.new += known is None
        if self._owners.setdefault(uri, source.name) != source.name:
            progress.skipped["named_by_another_source"] += 1
        elif key in self.plan.done:
            return
        elif key in self.plan.archived:
            await self._put_archived(progress, item, uri)
        else:
            self._enqueue(progress, item, known, uri, always=always)

    async def finish(self, progress: SourceProgress) -> None:
        """Mark a source as enumerated; it ends with its last page."""
        progress.enumerated = True
        await self._end_of(progress)

    def _unwanted(self, source: Source, item: UrlItem, uri: str) -> str:
        if not wanted(uri, source.include, source.exclude):
            return "pattern"
        kept_out = self.plan.kept_out
        former = former_canonical(item.url) if kept_out else uri
        if kept_out and kept_out.holds(
            source=source.name, uri=uri, address=former, publisher=publisher_of(source.facts, uri)
        ):
            return "forgotten"
        return "too_old" if source.since is not None and item.is_before(source.since) else ""

    def _enqueue(
        self, progress: SourceProgress, item: UrlItem, known: AddressState | None, uri: str, *, always: bool
    ) -> None:
        source, now = progress.source, self.plan.clock()
        changed = False
        if known is not None:
            changed = (
                item.changed_at is not None
                and known.checked_at is not None
                and known.checked_at < item.changed_at <= now + _CLOCK_ERROR
            )
            if not self._may_ask(known, now, by_hand=always or changed):
                early = known.next_allowed_at is not None and known.next_allowed_at > now
                progress.skipped["not_yet_allowed" if early else "known"] += 1
                progress.wait_until(known.next_allowed_at if early else None)
                return
        if progress.asked >= (source.max_items or _MAX_URLS):
            progress.over_limit = True
            progress.left_out += 1
            return
        progress.asked += 1
        progress.open += 1
        host = self.client.host_of(item.url)
        queue = self._queues.get(host)
        because = fetch_reason(known, now, kind=source.kind, changed=changed)
        known = known or AddressState(source=source.name, uri=uri, first_seen_at=now)
        job = _Job(progress, item, replace(known, url=item.url), because)
        if queue is not None:
            queue.append(job)
        else:
            self._queues[host] = deque([job])
            self._group.create_task(self._work(host))

    def _may_ask(self, known: AddressState | None, now: datetime, *, by_hand: bool) -> bool:
        """Return whether a URL may be requested now; a robots.txt that is not obeyed any more keeps nothing back."""
        ignored = known is not None and known.last_reason == "robots" and not self.client.limits.robots
        return may_ask(known, now, by_hand=by_hand, ignore_backoff=self.plan.ignore_backoff or ignored)

    async def _work(self, host: str) -> None:
        """Process one host's queue in order until it is empty."""
        queue = self._queues[host]
        while queue:
            job = queue.popleft()
            await self._page(job)
            job.progress.open -= 1
            await self._end_of(job.progress)
        del self._queues[host]

    async def _page(self, job: _Job) -> None:
        source, now = job.progress.source, self.plan.clock()
        etag, last_modified = validators(job.known, now, watch=self._watch)
        if self._out_of_time():
            response = Response(
                outcome=Outcome.DEFERRED, reason="budget", detail="the run's time budget is spent", url=job.item.url
            )
        else:
            response = await self.client.fetch(self._request(source, job.item.url, Purpose.PAGE, etag, last_modified))
            response = await self._joined(source, job.known.uri, response)
        digest = sha256(response.content).hexdigest() if response.content else None
        if digest is not None and digest == job.known.sha256:
            response = replace(response, outcome=Outcome.UNCHANGED, reason="same_bytes")
        elif digest is not None and response.truncation and job.known.sha256 is not None:
            # a known page is not replaced by half of it
            response = replace(
                response, outcome=Outcome.FAILED, reason="truncated", detail=response.truncation, content=b""
            )
            digest = None
        state = self._after(job.known, response, digest, now)
        job.progress.add_page(response, state.next_allowed_at)
        capture = None
        if response.outcome is Outcome.CAPTURED and digest is not None:
            capture = page_capture(
                source.name, job.known.uri, response, job.item, sha256=digest, asked_because=job.because
            )
        result = FetchResult(
            source=source.name,
            uri=job.known.uri,
            capture=capture,
            outcome=response.outcome,
            reason=response.reason,
            log=log_of(source.name, job.known.uri, response, Purpose.PAGE),
            address=state,
        )
        await self._log_side_responses(source)
        job.progress.captured += capture is not None
        await self._found.put(FrontierItem(result, response if capture is not None else None))

    async def _joined(self, source: Source, uri: str, response: Response) -> Response:
        """Return a page with the further pages of its article; each request for one is logged."""

        async def ask(url: str) -> Response:
            if self._out_of_time():
                return Response(outcome=Outcome.DEFERRED, reason="budget", url=url)
            return await self.client.fetch(self._request(source, url, Purpose.PAGE, None, None))

        joined = await with_further_pages(response, ask, max_bytes=self.client.limits.page_bytes)
        for answer in joined.further:
            log = log_of(source.name, canonical(answer.url), answer, Purpose.PAGE)
            reason = answer.reason or "further_page"
            await self._put(FetchResult(source=source.name, uri=uri, log=replace(log, reason=reason)))
        return joined.response

    async def _put_archived(self, progress: SourceProgress, item: UrlItem, uri: str) -> None:
        name, now = progress.source.name, self.plan.clock()
        archived = self.plan.archived[name, uri]
        progress.answered += 1
        progress.captured += 1
        known = self.plan.state.address(name, uri) or AddressState(source=name, uri=uri, first_seen_at=now)
        capture = archived.capture
        response = Response(
            outcome=Outcome.CAPTURED,
            status=capture.http_status,
            etag=capture.etag,
            last_modified=capture.last_modified,
        )
        state = self._after(replace(known, url=item.url), response, capture.sha256, capture.captured_at)
        await self._put(
            FetchResult(
                source=name, uri=uri, outcome=Outcome.CAPTURED, capture=capture, log=archived.log, address=state
            )
        )

    def _after(self, known: AddressState, response: Response, digest: str | None, now: datetime) -> AddressState:
        limits = self.client.limits
        min_s, max_s = limits.page_interval_s if known.purpose == "page" else limits.list_interval_s
        return next_state(known, response, digest, now, min_s=min_s, max_s=max_s, jitter=random.random())  # noqa: S311

    def _out_of_time(self) -> bool:
        budget_s = self.plan.budget_s
        return budget_s is not None and asyncio.get_running_loop().time() - self._started > budget_s

    async def _end_of(self, progress: SourceProgress) -> None:
        if not progress.enumerated or progress.open:
            return
        progress.enumerated = False  # once
        before = self.plan.state.sources.get(progress.source.name)
        if progress.left_out:
            limit = progress.source.max_items
            reason, number = ("max_items", limit) if limit else ("over_limit", _MAX_URLS)
            detail = f"{progress.left_out} URLs beyond the {number} of one run; they are named again in the next"
            url = progress.source.url or progress.source.name
            await self.skip(progress, url, reason, progress.left_out, detail)
        state = source_state(progress, before, self.plan.clock())
        seen, skipped = observation(progress), dict(progress.skipped)
        await self._put(FetchResult(source=progress.source.name, state=state, skipped=skipped, seen=seen))

    def _request(
        self, source: Source, url: str, purpose: Purpose, etag: str | None, last_modified: str | None
    ) -> FetchRequest:
        return FetchRequest(
            url=url,
            purpose=purpose,
            etag=etag,
            last_modified=last_modified,
            headers=source.headers,
            delay_s=source.delay_s or 0.0,
        )

    async def _log_side_responses(self, source: Source) -> None:
        while self.client.side_responses:
            side_response = self.client.side_responses.pop()
            log = log_of(
                source.name,
                side_response.hops[0] if side_response.hops else side_response.url,
                side_response,
                side_response.purpose,
            )
            cut = {"over_limit": 1} if side_response.reason == "over_limit" else {}
            await self._put(FetchResult(source=source.name, log=log, skipped=cut))

    async def _put(self, result: FetchResult) -> None:
        await self._found.put(FrontierItem(result))


def _not_asked(known: AddressState, url: str, *, early: bool) -> Response:
    """Return what stands for a list that is not asked: a back-off forbids it (`early`), or it is not due."""
    if not early:
        return Response(outcome=Outcome.SKIPPED, reason="not_due", url=url)
    return Response(
        outcome=Outcome.DEFERRED,
        reason=known.last_reason or "not_due",
        detail="not asked, after an earlier failure",
        url=url,
        status=known.http_status,
        retry_at=known.next_allowed_at,
        backs_off=True,
    )
