"""Notifications: one when a trouble of a source begins, one when that trouble is over.

    run, health, holds --troubles--> notify --Message--> every configured `Notifier`

The last notifications are kept in the desk (`warehouse/notified.json`), so a restart repeats nothing. A notification
never fails a run: a failing channel is logged, and the next change is sent again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copydesk.errors import StoreError
from copydesk.filesystem import lock, write_json
from copydesk.logs import log
from copydesk.service.notifiers import Message, send
from copydesk.settings import DeskFolder
from copydesk.store.curate.incidents import Seen, muted
from copydesk.store.warehouse.connection import Warehouse

__all__ = ["last_notified", "notify"]

_LOCK_TIMEOUT_S = 10.0
_OLD_STATES = frozenset({"failed", "held", "quarantined", "silent"})


def notify(
    desk: DeskFolder,
    source: str,
    troubles: Mapping[str, str | None],
    *,
    run: str = "",
    seen: Mapping[str, Seen] | None = None,
) -> list[Message]:
    """Send the changes in a source's troubles to every channel of `[notify]`.

    Args:
        desk: The desk.
        source: The source or flow.
        troubles: Trouble -> its cause; None: it is over. A trouble that is not mentioned stays unchanged: a run without
            anything new does not clear a quarantined batch.
        run: The run that observed it.
        seen: Trouble -> its owner, dimension and tags, by which the message is routed.

    Returns:
        The messages sent, in the order of `troubles`.
    """
    at = datetime.now(UTC).isoformat(timespec="seconds")
    messages = []
    quiet = _muted(desk, source) if any(_is_change(desk, source, troubles)) else frozenset()
    with _book(desk) as book:
        known = book.setdefault(source, {})
        for trouble, detail in troubles.items():
            began, over = detail is not None and trouble not in known, detail is None and trouble in known
            if not began and not over:
                continue
            state, was = ("ok", trouble) if over else (trouble, "")
            if trouble in quiet:  # a trouble that outlasts its muting begins then
                known.pop(trouble, None)
                continue
            entry = known.pop(trouble) if over else _entry(at, detail or "", (seen or {}).get(trouble))
            if began:
                known[trouble] = entry
            messages.append(
                Message(
                    desk=str(desk.root),
                    source=source,
                    state=state,
                    was=was,
                    detail=entry["detail"],
                    run=run,
                    at=at,
                    owner=entry.get("owner", ""),
                    dimension=entry.get("dimension", ""),
                    tags=tuple(filter(None, entry.get("tags", "").split(","))),
                )
            )
        if not known:
            del book[source]
    for message in messages:
        for channel, error in send(message, desk):
            if error:
                log.warning("notification failed", channel=channel, source=source, why=error)
            else:
                log.info("notified", channel=channel, source=source, state=message.state)
    return messages


def _entry(at: str, detail: str, seen: Seen | None) -> dict[str, str]:
    entry = {"since": at, "detail": detail}
    if seen is not None:
        entry |= {"owner": seen.owner, "dimension": seen.dimension, "tags": ",".join(seen.tags)}
    return entry


def _is_change(desk: DeskFolder, source: str, troubles: Mapping[str, str | None]) -> Iterator[bool]:
    """Yield for each trouble whether it differs from what was notified last."""
    known = last_notified(desk).get(source, {})
    for trouble, detail in troubles.items():
        yield (detail is None) == (trouble in known)


def _muted(desk: DeskFolder, source: str) -> frozenset[str]:
    """Return the muted troubles of a source; a warehouse that cannot be asked mutes nothing."""
    if not desk.warehouse.exists():
        return frozenset()
    try:
        with Warehouse(desk.warehouse, lock_timeout_s=_LOCK_TIMEOUT_S).open_for_reading() as connection:
            return frozenset(trouble for name, trouble in muted(connection, datetime.now(UTC)) if name == source)
    except StoreError as error:
        log.warning("muting not known", source=source, why=str(error))
        return frozenset()


def last_notified(desk: DeskFolder) -> dict[str, dict[str, dict[str, str]]]:
    """Return source -> trouble -> start and cause, for the troubles that were notified and are not over."""
    book = _read(_path(desk))
    if book is not None:
        return {source: dict(known) for source, known in book.items() if isinstance(known, dict)}
    before: dict[str, Any] = (
        _read(desk.warehouse.parent / "told.json") or {}
    )  # as versions up to 0.1 kept it: one state per source
    return {
        source: {entry["state"]: {"since": str(entry.get("since", "")), "detail": ""}}
        for source, entry in before.items()
        if isinstance(entry, dict) and entry.get("state") in _OLD_STATES
    }


def _read(path: Path) -> dict[str, Any] | None:
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return book if isinstance(book, dict) else None


def _path(desk: DeskFolder) -> Path:
    return desk.warehouse.parent / "notified.json"


@contextmanager
def _book(desk: DeskFolder) -> Iterator[dict[str, dict[str, dict[str, str]]]]:
    """Open the record of sent notifications; write it back if it changed. One process at a time."""
    path = _path(desk)
    with lock(path.with_suffix(".lock"), timeout_s=_LOCK_TIMEOUT_S):
        book = last_notified(desk)
        before = json.dumps(book, sort_keys=True)
        yield book
        if json.dumps(book, sort_keys=True) != before or not path.exists():
            write_json(path, book)
