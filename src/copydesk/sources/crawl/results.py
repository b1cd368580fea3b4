"""Records of the crawl: URLs that lists name, the result of each, and batches of results that fit into one part.

UrlItem       a URL and the hints of the feed, sitemap or list that named it
FetchResult   one URL (or one source, at its end): capture, log line, sighting, changed state
FetchBatch    many results, as tables of `store.parts.parquet`
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from copydesk.health import Observation
from copydesk.keys import capture_key
from copydesk.records import Capture, Location, Outcome
from copydesk.sources.crawl.state import AddressState, SourceState
from copydesk.store.parts.parquet import frame, read_frame
from copydesk.store.parts.part_files import part_paths
from copydesk.store.parts.rows import capture_frame
from copydesk.web.responses import Purpose, Response

__all__ = [
    "ArchivedPage",
    "FetchBatch",
    "FetchLog",
    "FetchResult",
    "Sighting",
    "UrlItem",
    "archived_page",
    "batched",
    "done_in",
    "log_of",
    "page_capture",
    "page_notes",
    "parse_moment",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlItem:
    """A URL that a list names.

    Attributes:
        url: Absolute URL.
        origin: URL of the feed or sitemap that named it, or the list's path.
        title: Title hint, or None.
        published: Date hint, ISO 8601 where it could be parsed.
        changed_at: The page's lastmod (UTC): a known page that changed since the last visit is fetched again.
    """

    url: str
    origin: str
    title: str | None = None
    published: str | None = None
    changed_at: datetime | None = None

    def is_before(self, day: date) -> bool:
        """Return whether its date lies before a day; False without a date."""
        when = self.changed_at or parse_moment(self.published)
        return when is not None and when.date() < day


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLog:
    """One row of `ops.fetch_log`: the outcome of one URL in this run."""

    source: str
    uri: str
    purpose: str
    url: str
    outcome: str
    reason: str = ""
    detail: str = ""
    http_status: int | None = None
    wire_bytes: int = 0
    body_bytes: int = 0
    elapsed_ms: int = 0
    redirects: int = 0
    attempts: int = 0
    started_at: datetime | None = None
    retry_at: datetime | None = None
    opt_outs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One row of `audit.sightings`: a feed, a sitemap or a list named a page."""

    source: str
    uri: str
    feed: str
    seen_at: datetime
    title_hint: str | None = None
    published_hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """One event of a crawl.

    Attributes:
        outcome: Outcome of a URL; None for other events (a sighting, a robots.txt).
        skipped: Reason -> URLs that were not fetched (known and not due, pattern, age, over a limit, ...).
        seen: What the run saw of the source; at its end.
    """

    source: str
    uri: str = ""
    outcome: Outcome | None = None
    reason: str = ""
    capture: Capture | None = None
    log: FetchLog | None = None
    sighting: Sighting | None = None
    address: AddressState | None = None
    state: SourceState | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    seen: Observation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchBatch:
    """Results that fit into one part.

    Attributes:
        counts: Outcome -> URLs; pages only.
        reasons: Reason -> URLs that were not captured.
    """

    items: Sequence[FetchResult]

    @property
    def counts(self) -> Counter[str]:
        """Outcome -> URLs."""
        found = Counter(str(item.outcome) for item in self.items if item.outcome is not None)
        skipped = sum(sum(item.skipped.values()) for item in self.items)
        return found + Counter({str(Outcome.SKIPPED): skipped})

    @property
    def reasons(self) -> Counter[str]:
        """Reason -> URLs that were not captured."""
        through = (None, Outcome.CAPTURED, Outcome.UNCHANGED)
        found = Counter(item.reason for item in self.items if item.outcome not in through)
        for item in self.items:
            found.update(item.skipped)
        return found

    @property
    def reasons_by_outcome(self) -> dict[str, Counter[str]]:
        """Outcome -> reason -> URLs that were not captured."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for item in self.items:
            if item.outcome not in (None, Outcome.CAPTURED, Outcome.UNCHANGED):
                found[str(item.outcome)][item.reason] += 1
            if item.skipped:
                found[str(Outcome.SKIPPED)].update(item.skipped)
        return dict(found)

    @property
    def observations(self) -> dict[str, Observation]:
        """Source -> what the run saw of it, of sources that ended in this batch."""
        return {item.source: item.seen for item in self.items if item.seen is not None}

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the part's tables."""
        return {
            "captures": capture_frame([i.capture for i in self.items if i.capture is not None]),
            "fetch_log": _frame("fetch_log", [i.log for i in self.items if i.log is not None]),
            "sightings": _frame("sightings", [i.sighting for i in self.items if i.sighting is not None]),
            "address_state": _frame("address_state", [i.address for i in self.items if i.address is not None]),
            "source_state": _frame("source_state", [i.state for i in self.items if i.state is not None]),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    """A page that an interrupted run had archived: its capture and its log line."""

    capture: Capture
    log: FetchLog


def page_capture(
    source: str, uri: str, response: Response, item: UrlItem, *, sha256: str, asked_because: str
) -> Capture:
    """Return the capture of a fetched page; its location is set when it is archived."""
    assert response.started_at is not None  # noqa: S101 - a captured page was requested at some time
    return Capture(
        capture_id=capture_key(source, uri, sha256),
        source=source,
        uri=uri,
        url=response.url,
        sha256=sha256,
        media_type=response.media_type or _sniffed(response.content),
        charset=response.charset,
        size_bytes=len(response.content),
        captured_at=response.started_at,
        location=Location(path=""),
        http_status=response.status,
        etag=response.etag,
        last_modified=response.last_modified,
        title_hint=item.title,
        published_hint=item.published,
        asked_because=asked_because,
        truncation=response.truncation,
    )


def page_notes(capture: Capture, log: FetchLog, hops: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the archive notes beside a page, as JSON values: the capture, and the fetch under `log`."""
    notes = {name: value for name, value in asdict(capture).items() if name != "location"}
    return json.loads(json.dumps({**notes, "hops": list(hops), "log": asdict(log)}, default=datetime.isoformat))  # type: ignore[no-any-return]


def archived_page(notes: Mapping[str, Any], location: Location, fetched_at: datetime) -> ArchivedPage:
    """Return the page that an archive's notes describe; notes of earlier versions hold fewer fields, and no log."""
    known = {f.name: notes[f.name] for f in fields(Capture) if f.name in notes}
    key = capture_key(notes["source"], notes["uri"], notes["sha256"])
    capture = Capture(**{**known, "capture_id": key, "captured_at": fetched_at, "location": location})
    fetched = notes.get("log", notes)
    log = FetchLog(
        source=capture.source,
        uri=capture.uri,
        purpose=str(Purpose.PAGE),
        url=str(capture.url),
        outcome=str(Outcome.CAPTURED),
        reason="in_archive",
        http_status=capture.http_status,
        wire_bytes=fetched["wire_bytes"],
        body_bytes=capture.size_bytes,
        elapsed_ms=fetched["elapsed_ms"],
        started_at=fetched_at,
        opt_outs=fetched["opt_outs"] if isinstance(fetched["opt_outs"], str) else ",".join(fetched["opt_outs"]),
    )
    return ArchivedPage(capture=capture, log=log)


def _sniffed(content: bytes) -> str:
    return "text/html" if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else "text/plain"


def batched(result: Iterable[FetchResult], *, documents: int, size_bytes: int) -> Iterator[FetchBatch]:
    """Yield batches that close at a number of captures or of bytes, whichever comes first."""
    items: list[FetchResult] = []
    held = captures = 0
    for item in result:
        items.append(item)
        if item.capture is not None:
            captures += 1
            held += item.capture.size_bytes
        if captures >= documents or held >= size_bytes or len(items) >= documents * 10:
            yield FetchBatch(items=items)
            items, held, captures = [], 0, 0
    if items:
        yield FetchBatch(items=items)


def done_in(stage_folder: Path) -> frozenset[tuple[str, str]]:
    """Return (source, uri) of the pages that complete parts of this run hold."""
    done: set[tuple[str, str]] = set()
    for part in part_paths(stage_folder):
        log = read_frame(part, "fetch_log").filter(pl.col("purpose") == "page")
        done.update(zip(log["source"], log["uri"], strict=True))
    return frozenset(done)


def log_of(source: str, uri: str, response: Response, purpose: Purpose) -> FetchLog:
    """Return the log line of a response."""
    return FetchLog(
        source=source,
        uri=uri,
        purpose=str(purpose),
        url=response.url,
        outcome=str(response.outcome),
        reason=response.reason,
        detail=response.detail,
        http_status=response.status,
        wire_bytes=response.wire_bytes,
        body_bytes=len(response.content),
        elapsed_ms=response.elapsed_ms,
        redirects=len(response.hops),
        attempts=response.attempts,
        started_at=response.started_at,
        retry_at=response.retry_at,
        opt_outs=",".join(response.opt_outs),
    )


def _frame(table: str, rows: Sequence[Any]) -> pl.DataFrame:
    if not rows:
        return frame(table, {})
    return frame(table, {f.name: [getattr(row, f.name) for row in rows] for f in fields(rows[0])})


def parse_moment(text: str | None) -> datetime | None:
    """Parse an ISO 8601 date or time (W3C form: also a year or a month alone) as UTC unless it names a zone."""
    value = (text or "").strip()
    if len(value) in (4, 7):
        value += "-01-01"[: 10 - len(value)]
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return when.astimezone(UTC) if when.tzinfo else datetime.combine(when.date(), when.time() or time(), UTC)
    except OverflowError:
        return None
