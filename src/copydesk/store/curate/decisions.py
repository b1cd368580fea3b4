"""The record of what people decided: one row per decision in `audit.decisions`, written in its transaction."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from getpass import getuser

from copydesk.store.warehouse.connection import Connection

__all__ = ["record_decision", "record_each", "who_decides"]

_MAX_NAME = 80


def who_decides() -> str:
    """Return the name under which a decision is recorded: COPYDESK_USER, else the operating system's account."""
    try:
        name = os.environ.get("COPYDESK_USER", "").strip() or getuser()
    except (OSError, KeyError):  # a container whose user has no name
        name = f"uid {os.getuid()}"
    return name[:_MAX_NAME]


def record_decision(
    connection: Connection,
    decision: str,
    subject: str,
    *,
    source: str | None = None,
    detail: str = "",
    because: str = "",
    by: str | None = None,
) -> None:
    """Add a row to `audit.decisions`; call it in the transaction of what was decided.

    Args:
        connection: Open for writing.
        decision: One of those that the column's comment lists.
        subject: A page's uri, a site or a run.
        source: Source of the page or batch.
        detail: The lines, rules or records that were chosen, in words.
        because: Why, as given.
        by: Who; None for the account that runs the command.
    """
    record_each(connection, decision, [(source, subject, detail)], because=because, by=by)


def record_each(
    connection: Connection,
    decision: str,
    subjects: Sequence[tuple[str | None, str, str]],
    *,
    because: str = "",
    by: str | None = None,
) -> None:
    """Add a row for each (source, subject, detail), in the order given; see `record_decision`."""
    sources, about, details = zip(*subjects, strict=True) if subjects else ((), (), ())
    connection.execute(
        "insert into audit.decisions with chosen as ("
        "select unnest($4::varchar[]) as source, unnest($5::varchar[]) as subject, unnest($6::varchar[]) as detail, "
        "generate_subscripts($5::varchar[], 1) as position) "
        "select (select coalesce(max(number), 0) from audit.decisions) + position, $1, $2, $3, source, subject, "
        "nullif(detail, ''), nullif($7, '') from chosen order by position",
        [datetime.now(UTC), by or who_decides(), decision, list(sources), list(about), list(details), because],
    )
