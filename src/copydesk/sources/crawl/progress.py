"""How far a source is in a run, and what that makes of its state in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from copydesk.records import Outcome
from copydesk.settings import Source
from copydesk.sources.crawl.state import SourceState
from copydesk.web.responses import Response

__all__ = ["SourceProgress", "source_state"]


@dataclass(slots=True)
class SourceProgress:
    """How far one source is; mutable, touched from the event loop only.

    Attributes:
        named: Addresses that its lists named.
        new: Those of them that were not known before.
        asked: Pages that were lined up.
        open: Pages that have not ended yet.
        answered: Pages that were captured or unchanged.
        captured: Those of them that were new or had changed.
        over_limit: Whether a list named more than the source may take.
        enumerated: Whether it has named all it has.
        lists: How its feeds and sitemaps answered.
        left_out: URLs beyond the most that one run may ask for.
        skipped: Reason -> addresses that were not asked for.
    """

    source: Source
    named: int = 0
    new: int = 0
    asked: int = 0
    open: int = 0
    answered: int = 0
    captured: int = 0
    over_limit: bool = False
    enumerated: bool = False
    lists: list[Response] = field(default_factory=list)
    left_out: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


def source_state(progress: SourceProgress, before: SourceState | None, now: datetime) -> SourceState:
    """Judge a source by its list, or by its pages where a person wrote the list."""
    source = progress.source
    before = before or SourceState(source=source.name, kind=source.kind)
    failed = next((r for r in progress.lists if r.outcome not in (Outcome.CAPTURED, Outcome.UNCHANGED)), None)
    good = any(r.outcome in (Outcome.CAPTURED, Outcome.UNCHANGED) for r in progress.lists)
    if not progress.lists:
        good = progress.answered > 0 or not progress.asked
    if failed is not None and failed.outcome is Outcome.SKIPPED:
        return before  # it was not asked
    outcome = Outcome.CAPTURED if progress.captured else Outcome.UNCHANGED
    base = replace(before, kind=source.kind, checked_at=now, last_new_at=now if progress.new else before.last_new_at)
    if good:
        unchanged = progress.lists and all(r.outcome is Outcome.UNCHANGED for r in progress.lists)
        return replace(
            base,
            last_success_at=now,
            failures_in_row=0,
            last_outcome=str(outcome),
            last_reason=failed.reason if failed else "",
            items_seen=before.items_seen if unchanged else progress.named,
            items_new=progress.new,
        )
    return replace(
        base,
        failures_in_row=before.failures_in_row + 1,
        last_outcome=str(failed.outcome if failed else Outcome.FAILED),
        last_reason=failed.reason if failed else "no_page_answered",
    )
