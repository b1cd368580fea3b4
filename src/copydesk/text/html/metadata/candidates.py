"""Candidates for a field, and how the choice among them is put on record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from copydesk.records import Evidence

__all__ = ["Candidate", "on_record"]

_MOST = 12
"""Candidates of one field that are put on record; a page with a hundred bylines needs no hundred rows."""
_LONGEST = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """One candidate for a field.

    Attributes:
        value: The value as read; None where the text could not be read as one.
        text: The value as text, for the record.
        source: `json-ld`, `og`, `meta`, `h1`, `time`, `byline`, `url`, `text`, ...
        reason: Where exactly it stood, or why it cannot win.
    """

    value: T
    text: str
    source: str
    reason: str = ""


def on_record(
    field: str, candidates: Iterable[Candidate[T]], chosen: Candidate[T] | None, why: str = ""
) -> tuple[Evidence, ...]:
    """Return the candidates as evidence; the chosen one first, with the reason why it won."""
    rows: list[Evidence] = []
    seen: set[tuple[str, str]] = set()
    ordered = sorted(candidates, key=lambda c: c is not chosen)
    for candidate in ordered:
        key = (candidate.text, candidate.source)
        if key in seen or not candidate.text:
            continue
        seen.add(key)
        won = candidate is chosen
        reason = "; ".join(r for r in (candidate.reason, why if won else "") if r)
        rows.append(
            Evidence(field=field, value=candidate.text[:_LONGEST], source=candidate.source, chosen=won, reason=reason)
        )
    return tuple(rows[:_MOST])
