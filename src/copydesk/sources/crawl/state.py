"""State of web sources and their URLs between runs, and its transitions.

    State (from ops.source_state, ops.address_state) --given in--> collect --changed rows--> the acquire part --> ops.*

The rows travel with the captures, so they reach the warehouse in the transaction that loads what was fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

from copydesk.records import Outcome
from copydesk.web.backoff import DAY_S, backoff, next_interval
from copydesk.web.responses import Response

__all__ = ["AddressState", "SourceState", "State", "fetch_reason", "may_ask", "next_state", "validators"]

_FULL_AFTER = timedelta(days=7)
_CLOCK_ERROR = timedelta(hours=1)
"""How far a server's clock may be ahead of ours."""
_FIRST_BACKOFF_S = 600.0
_GONE = frozenset({"http_404", "http_410"})
_OWN_SETTINGS = frozenset({"guard"})
"""Refused by this desk's own settings, with no request made: asked again at once, since settings can be mended."""
_LIST_SETTINGS = frozenset({"robots", "size"})
"""Refusals that settings decide as well: no back-off for a feed or sitemap, which is one request per run."""
_OWN_WAITS = frozenset({"breaker", "budget", "crawl_delay", "robots_unreachable"})
"""Deferrals that this program decides; of all others the site named the time."""
_GIVE_UP_AFTER = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One row of `ops.source_state`: a source at its last check. Times are UTC."""

    source: str
    kind: str
    checked_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_at: datetime | None = None
    failures_in_row: int = 0
    last_outcome: str = ""
    last_reason: str = ""
    items_seen: int = 0
    items_new: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressState:
    """One row of `ops.address_state`: a URL at its last request. Times are UTC.

    Attributes:
        uri: Canonical URL (`addresses.canonical`).
        url: The URL that is requested.
        next_allowed_at: No request before: the server's Retry-After, or our back-off, which a run by hand ignores.
        due_at: Due again by adaptive polling; a run by hand may ask before.
    """

    source: str
    uri: str
    purpose: str = "page"
    url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    http_status: int | None = None
    first_seen_at: datetime | None = None
    checked_at: datetime | None = None
    last_success_at: datetime | None = None
    last_changed_at: datetime | None = None
    failures_in_row: int = 0
    last_outcome: str = ""
    last_reason: str = ""
    next_allowed_at: datetime | None = None
    due_at: datetime | None = None
    interval_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """State before a run: by source name, and by (source, uri)."""

    sources: Mapping[str, SourceState] = field(default_factory=dict)
    addresses: Mapping[tuple[str, str], AddressState] = field(default_factory=dict)

    @classmethod
    def of_rows(cls, sources: Iterable[Mapping[str, Any]], addresses: Iterable[Mapping[str, Any]]) -> Self:
        """Build the state from rows of the two tables; later rows replace earlier ones of the same key."""
        of_source, of_address = _reader(SourceState), _reader(AddressState)
        known = [of_source(row) for row in sources]
        seen = [of_address(row) for row in addresses]
        return cls(sources={s.source: s for s in known}, addresses={(a.source, a.uri): a for a in seen})

    def address(self, source: str, uri: str) -> AddressState | None:
        """Return a URL's state, or None."""
        return self.addresses.get((source, uri))

    def revisits(self, now: datetime, *, watch: timedelta) -> dict[str, list[AddressState]]:
        """Return, by source, pages to request although no list names them: failed ones, and recent ones that are due.

        A feed that answers "not modified" hides its entries: without this a page that failed once would be lost.
        """
        found: dict[str, list[AddressState]] = {}
        for known in self.addresses.values():
            if known.purpose != "page" or not may_ask(known, now, by_hand=False):
                continue
            unfinished = known.last_outcome in ("failed", "deferred") and known.failures_in_row < _GIVE_UP_AFTER
            young = known.first_seen_at is not None and now - known.first_seen_at < watch
            if unfinished or (young and known.last_outcome in ("captured", "unchanged")):
                found.setdefault(known.source, []).append(known)
        return found


def may_ask(known: AddressState | None, now: datetime, *, by_hand: bool, ignore_backoff: bool = False) -> bool:
    """Return whether a URL may be requested now.

    Args:
        known: Its state; None for a new address.
        now: When (UTC).
        by_hand: Request it although it is not due.
        ignore_backoff: Ignore our own back-off after failures; a Retry-After of the site still counts.
    """
    if known is None:
        return True
    if known.next_allowed_at is not None and known.next_allowed_at > now:
        return ignore_backoff and not _site_named_time(known)
    return by_hand or known.due_at is None or known.due_at <= now


def _site_named_time(known: AddressState) -> bool:
    return known.last_outcome == str(Outcome.DEFERRED) and known.last_reason not in _OWN_WAITS


def fetch_reason(known: AddressState | None, now: datetime, *, kind: str, changed: bool) -> str:
    """Return why a URL is fetched now; `captures.asked_because`.

    Args:
        known: Its state; None for a new address.
        now: When (UTC).
        kind: Of the source: feed, sitemap or urls.
        changed: Whether its list names a change since the last visit.
    """
    if kind == "urls":
        return "listed"
    if known is None or known.checked_at is None:
        return f"new in {kind}"
    if changed:
        return f"newer date in {kind}"
    if known.last_outcome in ("failed", "deferred", "refused"):
        return f"retry after {known.last_reason}"
    return f"check again after {(now - known.checked_at).total_seconds() / DAY_S:.1f} days"


def validators(
    known: AddressState | None, now: datetime, *, watch: timedelta = timedelta(0)
) -> tuple[str | None, str | None]:
    """Return (ETag, Last-Modified) to send; neither when the last whole answer is a week old.

    This detects a server that always answers "not modified". A Last-Modified in the future is not sent, nor is one
    without an ETag for a page younger than `watch`: many sites give the day of the first version there.

    Args:
        known: The address's state; None for a new one.
        now: When (UTC).
        watch: Age up to which a date alone is not believed.
    """
    if known is None or known.last_success_at is None or now - known.last_success_at > _FULL_AFTER:
        return None, None
    if known.etag is None and known.first_seen_at is not None and now - known.first_seen_at < watch:
        return None, None
    return known.etag, None if _is_later(known.last_modified, now) else known.last_modified


def _is_later(last_modified: str | None, now: datetime) -> bool:
    """Return whether a Last-Modified lies in the future: sent back, it is answered "not modified" until then."""
    try:
        when = parsedate_to_datetime(last_modified or "")
    except (ValueError, TypeError, OverflowError):
        return False
    return (when if when.tzinfo else when.replace(tzinfo=UTC)) > now + _CLOCK_ERROR


def next_state(
    known: AddressState,
    response: Response,
    sha256: str | None,
    now: datetime,
    *,
    min_s: float,
    max_s: float,
    jitter: float,
) -> AddressState:
    """Return a URL's state after a response.

    Args:
        known: Its state before; a new one for a URL that was never requested.
        response: The outcome.
        sha256: Of the body, when there was one.
        now: When (UTC).
        min_s: Shortest interval of the adaptive polling.
        max_s: Longest interval of the adaptive polling.
        jitter: A random number in [0, 1) for the jitter of the back-off.
    """
    base = replace(
        known,
        checked_at=now,
        last_outcome=str(response.outcome),
        last_reason=response.reason,
        http_status=response.status if response.status is not None else known.http_status,
        next_allowed_at=None,
    )
    if response.outcome in (Outcome.CAPTURED, Outcome.UNCHANGED):
        return _after_success(base, known, response, sha256, now, min_s, max_s)
    if response.outcome is Outcome.DEFERRED:
        return replace(base, next_allowed_at=response.retry_at)
    failures = known.failures_in_row + 1
    page = known.purpose == "page"
    if response.reason in _OWN_SETTINGS or (not page and response.reason in _LIST_SETTINGS):
        return replace(base, failures_in_row=failures)
    if response.retry_at is not None:
        deferred = str(Outcome.DEFERRED)
        return replace(base, failures_in_row=failures, last_outcome=deferred, next_allowed_at=response.retry_at)
    lasting = response.reason in _GONE or (response.outcome is Outcome.REFUSED and response.reason != "size")
    first_s = DAY_S if page and lasting else _FIRST_BACKOFF_S
    wait = backoff(failures, first_s=first_s, max_s=max(max_s, first_s), jitter=jitter)
    return replace(base, failures_in_row=failures, next_allowed_at=now + timedelta(seconds=wait))


def _after_success(
    base: AddressState,
    known: AddressState,
    response: Response,
    sha256: str | None,
    now: datetime,
    min_s: float,
    max_s: float,
) -> AddressState:
    whole = sha256 is not None
    changed = response.outcome is Outcome.CAPTURED and sha256 != known.sha256
    interval = next_interval(known.interval_s or min_s, changed=changed, min_s=min_s, max_s=max_s)
    return replace(
        base,
        etag=response.etag if whole else response.etag or known.etag,
        last_modified=response.last_modified if whole else response.last_modified or known.last_modified,
        sha256=sha256 or known.sha256,
        last_success_at=now if whole else known.last_success_at,
        last_changed_at=now if changed else known.last_changed_at,
        failures_in_row=0,
        interval_s=round(interval),
        # a tenth early, so that a schedule with the same interval does not miss it by a second
        due_at=now + timedelta(seconds=interval * 0.9),
    )


def _reader(kind: type[Any]) -> Any:
    """Return a function from a row to a record; null columns take the record's default."""
    names = {f.name for f in fields(kind)}
    return lambda row: kind(**{k: v for k, v in row.items() if k in names and v is not None})
