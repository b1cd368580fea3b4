"""Source health: whether a source delivers, judged from what a run observed. Pure: no clock, network or warehouse.

    acquire, check --Observation--> judge(observation, before) --> SourceHealth --> ops.source_health
    SourceHealth + hold, pause, silence --> standing --> what `status`, `serve` and the report show

Four checks per source; each returns a `Trouble`, none or unknown. A trouble is over only when the check that found it
returns none.

    run     did the run come to its end?
    list    could the feed, the sitemap, the list of addresses or the folder be read, and does it name anything?
    pages   did its pages answer, could its files be read?
    text    are its pages articles, or refusals (a cookie wall, a block, maintenance)?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal, Self

from copydesk.wording import counted

__all__ = [
    "ListAnswer",
    "Observation",
    "SourceHealth",
    "Standing",
    "describe",
    "judge",
    "standing",
]

_MIN_PAGES = 3
"""Pages that must have failed before the pages of a feed or sitemap are called failing: one broken page is normal."""
_MIN_REFUSED_SHARE = 0.8
"""Share of a run's new pages that are refusals, from which on the site refuses and not a page."""
_GOOD = frozenset({"captured", "unchanged"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAnswer:
    """How one feed or sitemap of a source answered.

    Attributes:
        url: The address that answered.
        outcome: As in `records.Outcome`; `skipped`: adaptive polling says it is not due.
        reason: Class of the failure; "" without one.
        detail: In words; of a list that was read: what is malformed in it.
        http_status: Status of the last answer.
        entries: Addresses (of a sitemap index: sitemaps, too) that it named.
        asked: Whether a request was sent; not when a back-off forbids it.
        next_attempt_at: Nobody asks before (UTC).
        moved_to: Where permanent redirects led; "" without any.
    """

    url: str
    outcome: str
    reason: str = ""
    detail: str = ""
    http_status: int | None = None
    entries: int = 0
    asked: bool = True
    next_attempt_at: datetime | None = None
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one run saw of one source.

    Attributes:
        source, kind: As declared.
        fetches: Whether it is a web source.
        lists: Feeds and sitemaps, in the order they were asked.
        entries: Addresses that were named, or files that were found; None: unknown (nothing was listed in this run).
        list_reason, list_detail: Why the list of addresses, or a folder, could not be read.
        read: Pages or files that were read, known ones included.
        problems: Reason -> pages or files that could not be read.
        http_statuses: Reason -> HTTP status of one such page.
        next_attempt_at: The earliest time at which a page that failed may be asked for again (UTC).
        judged: New pages that extract and check decided on.
        refused: Kind of refusal -> those of them that were refusals.
        error: Why the run broke; "" when it came to its end.
        collections: Groups that the source belongs to, as declared.
    """

    source: str
    kind: str
    fetches: bool = True
    lists: tuple[ListAnswer, ...] = ()
    entries: int | None = None
    list_reason: str = ""
    list_detail: str = ""
    read: int = 0
    problems: Mapping[str, int] = field(default_factory=dict)
    http_statuses: Mapping[str, int] = field(default_factory=dict)
    next_attempt_at: datetime | None = None
    judged: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    collections: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, times in ISO 8601."""
        return _plain(asdict(self))

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned."""
        lists = tuple(ListAnswer(**_timed(one)) for one in value["lists"])
        return cls(**{**_timed(value), "lists": lists, "collections": tuple(value.get("collections", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """One row of `ops.source_health`: how a source was in its last run. Times are UTC.

    Attributes:
        state: `ok` or `failing`.
        concern: Which question found the trouble: `run`, `list`, `pages` or `text`; "" when ok.
        reason: Class of the trouble: `http_404`, `no_feed`, `not_found`, `consent`; "" when ok.
        detail: In words; when ok: what did not get through, "" without any.
        http_status: Status of the answer, None without one.
        since: When the state began.
        failures_in_row: Runs that failed since it was last ok; a run that asked nothing is not counted.
        checked_at: When it was last asked.
        last_ok_at: When it was last found ok.
        next_attempt_at: Nobody asks before; None: at the next run.
        moved_to: The address to write into copydesk.toml, since permanent redirects lead there; "" without any.
        run_id: The run that found it so.
    """

    source: str
    state: Literal["ok", "failing"]
    concern: str = ""
    reason: str = ""
    detail: str = ""
    http_status: int | None = None
    since: datetime | None = None
    failures_in_row: int = 0
    checked_at: datetime | None = None
    last_ok_at: datetime | None = None
    next_attempt_at: datetime | None = None
    moved_to: str = ""
    run_id: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, times in ISO 8601."""
        return _plain(asdict(self))

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned, or a row of the table; nulls take the record's default."""
        names = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in _timed(value).items() if k in names and v is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is shown of a source: its health, unless a hold, a pause or silence matters more.

    Attributes:
        state: `held`, `paused`, `failing`, `silent`, `ok` or `never_run`.
        reason, detail, http_status, since, failures_in_row, next_attempt_at, moved_to: As in `SourceHealth`.
        alarm: Whether a person has to look at it.
    """

    source: str
    state: Literal["held", "paused", "failing", "silent", "ok", "never_run"]
    reason: str = ""
    detail: str = ""
    http_status: int | None = None
    since: datetime | None = None
    failures_in_row: int = 0
    next_attempt_at: datetime | None = None
    moved_to: str = ""
    alarm: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, times in ISO 8601."""
        return _plain(asdict(self))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a source.

    Attributes:
        asked: Whether this run found it; not when a back-off kept the run from asking.
    """

    reason: str
    detail: str = ""
    http_status: int | None = None
    next_attempt_at: datetime | None = None
    asked: bool = True


_UNKNOWN: Literal["unknown"] = "unknown"
_Answer = Trouble | None | Literal["unknown"]


def judge(seen: Observation, before: SourceHealth | None, *, run_id: str, now: datetime) -> SourceHealth:
    """Return how a source is after a run. Judging a run again gives the same.

    Args:
        seen: What the run saw of it.
        before: How it was; None when it was never judged.
        run_id: The run; failures of the same run count once.
        now: When (UTC).
    """
    answers: dict[str, _Answer] = {concern: ask(seen) for concern, ask in _QUESTIONS.items()}
    was_failing = before is not None and before.state == "failing"
    base = before or SourceHealth(source=seen.source, state="ok")
    base = replace(base, checked_at=now, run_id=run_id, moved_to=_moved_to(seen) or base.moved_to)
    for concern, trouble in answers.items():
        if isinstance(trouble, Trouble):
            again = before is not None and before.run_id == run_id and was_failing
            keeps = was_failing and not trouble.asked and trouble.reason == base.reason and base.detail
            counted = 0 if again or (was_failing and not trouble.asked) else 1
            return replace(
                base,
                state="failing",
                concern=concern,
                reason=trouble.reason,
                detail=base.detail if keeps else trouble.detail,
                http_status=trouble.http_status,
                since=base.since if was_failing else now,
                failures_in_row=base.failures_in_row + counted,
                next_attempt_at=trouble.next_attempt_at,
            )
    if was_failing and answers.get(base.concern) == _UNKNOWN:
        return replace(base, next_attempt_at=seen.next_attempt_at or base.next_attempt_at)
    asked = any(answer is None for concern, answer in answers.items() if concern != "run")
    return replace(
        base,
        state="ok",
        concern="",
        reason="",
        detail=_partial(seen),
        http_status=None,
        since=base.since if before is not None and not was_failing else now,
        failures_in_row=0,
        last_ok_at=now if asked else base.last_ok_at,
        next_attempt_at=None,
        moved_to=_moved_to(seen) if asked else base.moved_to,
    )


def standing(
    source: str,
    health: SourceHealth | None,
    *,
    ran: bool,
    held: str = "",
    paused: str = "",
    silent: str = "",
    silent_alarm: bool = True,
) -> Standing:
    """Return what is shown of a source.

    Args:
        source: Its name.
        health: How its last run found it.
        ran: Whether it ever ran.
        held: Why its batch is held; "" when none is.
        paused: Why its schedule rests; "" when it does not.
        silent: For how long it has brought nothing, when that is longer than it may be; "" otherwise.
        silent_alarm: Whether that is longer than `error_after_h`, and not only unusual.
    """
    shown = health or SourceHealth(source=source, state="ok")
    base = Standing(
        source=source,
        state="ok",
        reason=shown.reason,
        detail=shown.detail,
        http_status=shown.http_status,
        since=shown.since,
        failures_in_row=shown.failures_in_row,
        next_attempt_at=shown.next_attempt_at,
        moved_to=shown.moved_to,
    )
    if held:
        return replace(base, state="held", reason="held", detail=held, since=None, alarm=True)
    if paused:
        return replace(base, state="paused", detail="; ".join(filter(None, (paused, describe(shown, short=True)))))
    if shown.state == "failing":
        return replace(base, state="failing", alarm=True)
    if silent:
        return replace(base, state="silent", reason="silent", detail=silent, since=None, alarm=silent_alarm)
    return base if ran or health else replace(base, state="never_run")


def describe(health: SourceHealth | Standing, *, short: bool = False) -> str:
    """Say in one line what is the matter; "" when nothing is.

    Args:
        health: The source.
        short: Leave out since when, how often and what is next.
    """
    moved = f"moved permanently: write url = {health.moved_to!r} into copydesk.toml" if health.moved_to else ""
    if health.state in ("ok", "never_run"):
        return "; ".join(filter(None, (moved, health.detail)))
    status = f"HTTP {health.http_status}" if health.http_status and str(health.http_status) not in health.reason else ""
    cause = ", ".join(filter(None, (health.reason if health.reason != health.state else "", status)))
    parts = [f"{cause} ({health.detail})" if cause and health.detail else cause or health.detail, moved]
    if health.state == "failing" and not short:
        parts += [
            f"since {_minute(health.since)}" if health.since else "",
            f"{health.failures_in_row} in a row" if health.failures_in_row > 1 else "",
            f"not asked again before {_minute(health.next_attempt_at)}" if health.next_attempt_at else "",
        ]
    return "; ".join(filter(None, parts))


def _run(seen: Observation) -> _Answer:
    return Trouble("run_failed", seen.error) if seen.error else None


def _list(seen: Observation) -> _Answer:
    if seen.list_reason:
        return Trouble(seen.list_reason, seen.list_detail)
    if not seen.lists:
        if seen.entries is None:
            return _UNKNOWN
        return None if seen.entries else _nothing_named(seen)
    asked = [answer for answer in seen.lists if answer.outcome != "skipped"]
    if not asked:
        return _UNKNOWN
    good = [answer for answer in asked if answer.outcome in _GOOD]
    if not good:
        failed = asked[0]
        return Trouble(
            failed.reason or failed.outcome,
            failed.detail,
            failed.http_status,
            failed.next_attempt_at,
            asked=failed.asked,
        )
    empty = all(answer.outcome == "captured" and not answer.entries for answer in good)
    return _nothing_named(seen, good[0]) if empty else None


def _nothing_named(seen: Observation, answer: ListAnswer | None = None) -> Trouble:
    if answer is not None and answer.detail:
        return Trouble("malformed", answer.detail, answer.http_status)
    if seen.fetches:
        what = seen.kind if seen.kind in {"feed", "sitemap"} else "list"
        return Trouble("no_entries", f"the {what} names no page", answer.http_status if answer else None)
    return Trouble("empty_folder", "no file in it that the source takes")


def _pages(seen: Observation) -> _Answer:
    if seen.read:
        return None
    failed = sum(seen.problems.values())
    if failed < (1 if seen.kind == "urls" or not seen.fetches else _MIN_PAGES):
        return _UNKNOWN
    reason = _commonest(seen.problems)
    what = f"{_pages_or_files(seen, failed)} {'failed' if seen.fetches else 'could not be read'}"
    return Trouble(
        reason,
        f"all {what}" if failed > 1 else f"the only {what[2:]}",
        seen.http_statuses.get(reason),
        seen.next_attempt_at,
    )


def _text(seen: Observation) -> _Answer:
    if not seen.judged:
        return _UNKNOWN
    refused = sum(seen.refused.values())
    if refused / seen.judged < _MIN_REFUSED_SHARE:
        return None
    if refused < min(_MIN_PAGES, seen.entries or 1):
        return _UNKNOWN
    reason = _commonest(seen.refused)
    return Trouble(reason, f"{refused} of {counted(seen.judged, 'page')} read were refusals, not articles", 200)


_QUESTIONS: dict[str, Callable[[Observation], _Answer]] = {"run": _run, "list": _list, "pages": _pages, "text": _text}


def _partial(seen: Observation) -> str:
    """Say what did not get through of a source that is ok on the whole."""
    failed = sum(seen.problems.values())
    done = "failed" if seen.fetches else "were not read" if failed > 1 else "was not read"
    reason = f"{'most of them ' if len(seen.problems) > 1 else ''}{_commonest(seen.problems)}" if failed else ""
    parts = [f"{_pages_or_files(seen, failed)} {done}, {reason}"] if failed else []
    parts += [
        f"{answer.url}: {answer.reason or answer.detail}"
        for answer in seen.lists
        if answer.outcome not in {*_GOOD, "skipped"} or (answer.outcome == "captured" and answer.detail)
    ]
    if refused := sum(seen.refused.values()):
        parts.append(f"{refused} of {counted(seen.judged, 'page')} read were refusals: {_commonest(seen.refused)}")
    return "; ".join(parts[:3])


def _moved_to(seen: Observation) -> str:
    return next((answer.moved_to for answer in seen.lists if answer.moved_to), "")


def _pages_or_files(seen: Observation, number: int) -> str:
    return f"{number} {'page' if seen.fetches else 'file'}{'s' if number != 1 else ''}"


def _commonest(counts: Mapping[str, int]) -> str:
    return min(counts, key=lambda reason: (-counts[reason], reason))


def _minute(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, datetime):
            plain[name] = value.astimezone(UTC).isoformat()
        elif isinstance(value, tuple):
            plain[name] = [one if isinstance(one, str) else _plain(one) for one in value]
        else:
            plain[name] = value
    return plain


def _timed(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record's fields with times (`..._at`, `since`) read back from text."""
    return {
        k: datetime.fromisoformat(v) if isinstance(v, str) and (k.endswith("_at") or k == "since") else v
        for k, v in value.items()
    }
