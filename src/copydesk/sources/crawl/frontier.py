"""The frontier: leads come in from all sources at once, one worker per host takes them to the web, results come out.

    announce(source) --take(lead)--> known? wanted? ours? --> the host's line --> worker --> Outcome on the queue
    announce(source) --take(lead)-->                      --> another host's line --> worker -->

Runs inside the event loop (`web.background`); writes nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from copydesk.records import Outcome
from copydesk.settings import Source
from copydesk.sources.addresses import canonical, wanted
from copydesk.sources.crawl.leads import UrlItem
from copydesk.sources.crawl.progress import SourceProgress, source_state
from copydesk.sources.crawl.results import FetchResult, Sighting, log_of
from copydesk.sources.crawl.state import AddressState, State, after, may_ask, validators
from copydesk.sources.publishers import publisher_of
from copydesk.store.archive.warc_archive import Archived
from copydesk.store.read.lookups import RemovedKeys
from copydesk.web.client import Client
from copydesk.web.responses import FetchRequest, Purpose, Response

__all__ = ["CrawlPlan", "Frontier", "FrontierItem"]

_BREATH = 100  # leads between two looks at the sockets: a sitemap of 50,000 must not make deadlines pass
_MOST_LEADS = 100_000  # per source and run, where it sets no `max_items`


@dataclass(frozen=True, slots=True)
class FrontierItem:
    """What the loop hands out: rows, and with a new page its reply, which has to be archived."""

    gathered: FetchResult
    lead: UrlItem | None = None
    reply: Response | None = None
    archived: Archived | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlPlan:
    """What a run wants of its sources.

    Attributes:
        by_hand: Ask for lists although they are not due.
        budget_s: Stop asking after this many seconds; what is left is deferred.
        done: (source, uri) of pages that this run has dealt with before it was interrupted.
        archived: Pages that this run has in the archive but in no part yet.
        hosts_folder: Keeps robots.txt between runs, and whose turn it is between processes.
        kept_out: Pages that were taken out on request; they are not asked for.
    """

    state: State
    by_hand: bool = True
    budget_s: float | None = None
    done: frozenset[tuple[str, str]] = frozenset()
    archived: Mapping[tuple[str, str], Archived] = field(default_factory=dict)
    kept_out: RemovedKeys | None = None
    hosts_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class _Job:
    progress: SourceProgress
    lead: UrlItem
    known: AddressState


class Frontier:
    """All lines of a run. Made inside the event loop."""

    def __init__(
        self,
        client: Client,
        desired: CrawlPlan,
        names: frozenset[str],
        *,
        group: asyncio.TaskGroup,
        found: asyncio.Queue[FrontierItem | None],
    ) -> None:
        self.client = client
        self.desired = desired
        self._found = found
        self._group = group
        self._lines: dict[str, deque[_Job]] = {}
        self._claims: dict[str, str] = {
            uri: source for source, uri in desired.state.addresses if source in names
        }  # whose page it is; a page that several sources name is asked for once
        watch = timedelta(seconds=client.limits.watch_s)
        self.to_visit_again = desired.state.to_visit_again(datetime.now(UTC), watch=watch)
        self._taken: set[tuple[str, str]] = set()
        self._started = asyncio.get_running_loop().time()

    async def ask_list(self, progress: SourceProgress, url: str, purpose: Purpose) -> tuple[Response, AddressState]:
        """Ask for a feed or sitemap; return the answer and its state, which the caller emits once it was read."""
        source, now = progress.source, datetime.now(UTC)
        uri = canonical(url)
        known = self.desired.state.address(source.name, uri)
        if not may_ask(known, now, by_hand=self.desired.by_hand):
            assert known is not None  # noqa: S101 - only what is known is not due
            early = known.next_allowed_at is not None and known.next_allowed_at > now
            reply = Response(outcome=Outcome.DEFERRED if early else Outcome.SKIPPED, reason="not_due", url=url)
            return reply, known
        etag, last_modified = validators(known, now)
        reply = await self.client.fetch(self._request(source, url, purpose, etag, last_modified))
        digest = sha256(reply.content).hexdigest() if reply.content else None
        known = known or AddressState(source=source.name, uri=uri, purpose=str(purpose), first_seen_at=now)
        known = replace(known, url=url)
        state = self._after(known, reply, digest, now)
        await self._put_asides(source)
        await self._put(FetchResult(source=source.name, log=log_of(source.name, uri, reply, purpose)))
        return reply, state

    async def keep(self, state: AddressState) -> None:
        """Emit the state of a list that was read."""
        await self._put(FetchResult(source=state.source, address=state))

    async def take(self, progress: SourceProgress, lead: UrlItem, *, always: bool = False) -> None:
        """Decide on one lead: skip it with a reason, take it from the archive, or line it up.

        Args:
            progress: Of the source that named it.
            lead: The address and what was said about it.
            always: Ask although it is not due (lists of addresses that a person wrote).
        """
        source, uri, now = progress.source, canonical(lead.url), datetime.now(UTC)
        progress.named += 1
        if progress.named % _BREATH == 0:
            await asyncio.sleep(0)
        reason = self._unwanted(source, lead, uri)
        if reason:
            progress.skipped[reason] += 1
            return
        mine = (source.name, uri)
        known = self.desired.state.address(*mine)
        if lead.origin and (known is None or (uri in self._claims and self._claims[uri] != source.name)):
            seen = Sighting(source=source.name, uri=uri, feed=lead.origin, seen_at=now, title_hint=lead.title,
                            published_hint=lead.published)  # fmt: skip
            await self._put(FetchResult(source=source.name, uri=uri, sighting=seen))
        if mine in self._taken:
            return
        self._taken.add(mine)
        progress.new += known is None
        if self._claims.setdefault(uri, source.name) != source.name:
            progress.skipped["named_by_another_source"] += 1
        elif mine in self.desired.done:
            return
        elif mine in self.desired.archived:
            await self._put_archived(progress, lead, uri)
        else:
            self._line_up(progress, lead, known, uri, always=always)

    async def announced(self, progress: SourceProgress) -> None:
        """Say that a source has named all it has; it ends when its last page ended."""
        progress.announced = True
        await self._end_of(progress)

    def _unwanted(self, source: Source, lead: UrlItem, uri: str) -> str:
        if not wanted(uri, source.include, source.exclude):
            return "pattern"
        kept_out = self.desired.kept_out
        if kept_out and kept_out.holds(source=source.name, uri=uri, address=uri, publisher=publisher_of(source, uri)):
            return "forgotten"
        return "too_old" if source.since is not None and lead.is_before(source.since) else ""

    def _line_up(
        self, progress: SourceProgress, lead: UrlItem, known: AddressState | None, uri: str, *, always: bool
    ) -> None:
        source, now = progress.source, datetime.now(UTC)
        if known is not None:
            changed = (
                lead.changed_at is not None and known.checked_at is not None and lead.changed_at > known.checked_at
            )
            if not may_ask(known, now, by_hand=always or changed):
                early = known.next_allowed_at is not None and known.next_allowed_at > now
                progress.skipped["not_yet_allowed" if early else "known"] += 1
                return
        if progress.asked >= (source.max_items or _MOST_LEADS):
            progress.cut = True
            progress.skipped["max_items"] += 1
            return
        progress.asked += 1
        progress.open += 1
        host = self.client.host_of(lead.url)
        line = self._lines.get(host)
        known = known or AddressState(source=source.name, uri=uri, first_seen_at=now)
        job = _Job(progress, lead, replace(known, url=lead.url))
        if line is not None:
            line.append(job)
        else:
            self._lines[host] = deque([job])
            self._group.create_task(self._work(host))

    async def _work(self, host: str) -> None:
        """Take the jobs of one host, one after the other; go home when the line is empty."""
        line = self._lines[host]
        while line:
            job = line.popleft()
            await self._page(job)
            job.progress.open -= 1
            await self._end_of(job.progress)
        del self._lines[host]

    async def _page(self, job: _Job) -> None:
        source, now = job.progress.source, datetime.now(UTC)
        etag, last_modified = validators(job.known, now)
        if self._out_of_time():
            reply = Response(
                outcome=Outcome.DEFERRED, reason="budget", detail="the run's time was up", url=job.lead.url
            )
        else:
            reply = await self.client.fetch(self._request(source, job.lead.url, Purpose.PAGE, etag, last_modified))
        digest = sha256(reply.content).hexdigest() if reply.content else None
        if digest is not None and digest == job.known.sha256:
            reply = replace(reply, outcome=Outcome.UNCHANGED, reason="same_bytes")
        state = self._after(job.known, reply, digest, now)
        job.progress.answered += reply.outcome in (Outcome.CAPTURED, Outcome.UNCHANGED)
        gathered = FetchResult(
            source=source.name,
            uri=job.known.uri,
            outcome=reply.outcome,
            reason=reply.reason,
            log=log_of(source.name, job.known.uri, reply, Purpose.PAGE),
            address=state,
        )
        await self._put_asides(source)
        captured = reply.outcome is Outcome.CAPTURED
        job.progress.captured += captured
        await self._found.put(FrontierItem(gathered, job.lead, reply if captured else None))

    async def _put_archived(self, progress: SourceProgress, lead: UrlItem, uri: str) -> None:
        name, now = progress.source.name, datetime.now(UTC)
        archived = self.desired.archived[name, uri]
        progress.answered += 1
        progress.captured += 1
        known = self.desired.state.address(name, uri) or AddressState(source=name, uri=uri, first_seen_at=now)
        notes = archived.notes
        reply = Response(outcome=Outcome.CAPTURED, status=notes["http_status"], etag=notes["etag"],
                        last_modified=notes["last_modified"])  # fmt: skip
        state = self._after(replace(known, url=lead.url), reply, str(notes["sha256"]), archived.fetched_at)
        gathered = FetchResult(source=name, uri=uri, outcome=Outcome.CAPTURED, address=state)
        await self._found.put(FrontierItem(gathered, lead, None, archived))

    def _after(self, known: AddressState, reply: Response, digest: str | None, now: datetime) -> AddressState:
        limits = self.client.limits
        least_s, most_s = limits.page_interval_s if known.purpose == "page" else limits.list_interval_s
        return after(known, reply, digest, now, least_s=least_s, most_s=most_s, chance=random.random())  # noqa: S311

    def _out_of_time(self) -> bool:
        budget_s = self.desired.budget_s
        return budget_s is not None and asyncio.get_running_loop().time() - self._started > budget_s

    async def _end_of(self, progress: SourceProgress) -> None:
        if not progress.announced or progress.open:
            return
        progress.announced = False  # once
        before = self.desired.state.sources.get(progress.source.name)
        state = source_state(progress, before, datetime.now(UTC))
        await self._put(FetchResult(source=progress.source.name, state=state, skipped=dict(progress.skipped)))

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

    async def _put_asides(self, source: Source) -> None:
        while self.client.asides:
            aside = self.client.asides.pop()
            log = log_of(source.name, aside.hops[0] if aside.hops else aside.url, aside, aside.purpose)
            await self._put(FetchResult(source=source.name, log=log))

    async def _put(self, gathered: FetchResult) -> None:
        await self._found.put(FrontierItem(gathered))
