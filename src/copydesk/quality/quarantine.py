"""Quarantined records, read back: which of them a person means, and what is known about each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from copydesk.errors import UsageError
from copydesk.quality.report.overview import queries
from copydesk.store.read.resolve import find_page
from copydesk.store.warehouse.connection import Connection

__all__ = ["QuarantinedRecord", "ids_of", "read_quarantine"]

_MAX_ROWS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedRecord:
    """A capture that did not get through. One per capture.

    Attributes:
        capture_id: Key of the capture.
        source: Source that brought it.
        uri: Address or path.
        stage: Stage that stopped it: `acquire`, `extract` or `check`.
        reason: The first broken rule, or the defect.
        rules: All broken rules; None where no rule was asked.
        measured: What each of them measured, in its unit.
        detail: In words.
        excerpt: The beginning of its text.
        attempts: Number of runs that tried it.
        resolved_at: When it was loaded or dropped after all (UTC); None while it waits.
        resolution: How.
    """

    capture_id: str
    source: str
    uri: str
    stage: str
    reason: str
    rules: list[str] | None
    measured: list[float | None] | None
    detail: str | None
    excerpt: str | None
    attempts: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    first_run_id: str
    last_run_id: str
    resolved_at: datetime | None
    resolution: str | None


def read_quarantine(
    connection: Connection,
    *,
    source: str | None = None,
    rule: str | None = None,
    stage: str | None = None,
    record: str | None = None,
    resolved: bool = False,
    limit: int = _MAX_ROWS,
) -> list[QuarantinedRecord]:
    """Return quarantined records, the latest first.

    Args:
        connection: The warehouse.
        source: Only those of this source.
        stage: Only those that this stage stopped.
        rule: Only those with this rule or reason.
        record: Only those whose id begins so, or whose uri contains this; `find_page` finds the one that is meant.
        resolved: Also those that do not wait any more.
        limit: At most so many.
    """
    rows = connection.rows(queries("quarantine"), [source, rule, stage, record, resolved, limit])
    names = QuarantinedRecord.__slots__
    return [QuarantinedRecord(**dict(zip(names, row, strict=True))) for row in rows]


def ids_of(
    connection: Connection,
    records: Sequence[str],
    *,
    source: str | None = None,
    rule: str | None = None,
    stage: str | None = None,
) -> list[str]:
    """Return the capture ids of open records.

    Args:
        connection: The warehouse.
        records: Ids or their beginnings, or parts of addresses, each of one record; empty: all that match the rest.
        source: As for `read_quarantine`.
        rule: As for `read_quarantine`.
        stage: As for `read_quarantine`.

    Raises:
        UsageError: A name fits no open record, or more than one.
    """
    if not records:
        return [r.capture_id for r in read_quarantine(connection, source=source, rule=rule, stage=stage)]
    found = []
    for record in records:
        capture_id = find_page(connection, record, wanted="waiting").capture_id
        if not read_quarantine(connection, source=source, rule=rule, stage=stage, record=capture_id):
            raise UsageError(f"the record {record!r} waits, but not with that source, rule or stage. Leave those out.")
        found.append(capture_id)
    return found
