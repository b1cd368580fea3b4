"""Candidates for a field, and their conversion to evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from copydesk.records import Evidence

__all__ = ["Candidate", "to_evidence"]

_MAX_CANDIDATES = 12
"""Candidates of one field that become evidence; a page may have hundreds of bylines."""
_MAX_VALUE_CHARS = 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """One candidate for a field.

    Attributes:
        value: The parsed value; None (or empty) where the text could not be parsed.
        text: The value as text, for the evidence.
        source: `json-ld`, `og`, `meta`, `h1`, `time`, `byline`, `url`, `text`, ...
        reason: Where it was found, and why it cannot win.
    """

    value: T
    text: str
    source: str
    reason: str = ""


def to_evidence(
    field: str,
    candidates: Iterable[Candidate[T]],
    chosen: Candidate[T] | None,
    why: str = "",
    lost: Callable[[Candidate[T]], str] | None = None,
) -> tuple[Evidence, ...]:
    """Convert candidates to evidence; the chosen one comes first, with the reason why it won, the others why not."""
    rows: list[Evidence] = []
    seen: set[tuple[str, str]] = set()
    ordered = sorted(candidates, key=lambda c: c is not chosen)
    for candidate in ordered:
        key = (candidate.text, candidate.source)
        if key in seen or not candidate.text:
            continue
        seen.add(key)
        won = candidate is chosen
        note = why if won else lost(candidate) if lost else ""
        reason = "; ".join(r for r in (candidate.reason, note) if r)
        rows.append(
            Evidence(
                field=field, value=candidate.text[:_MAX_VALUE_CHARS], source=candidate.source, chosen=won, reason=reason
            )
        )
    return tuple(rows[:_MAX_CANDIDATES])
