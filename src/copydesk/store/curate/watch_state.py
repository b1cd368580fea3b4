"""What each watch has found and sent, in the warehouse: found once, delivered once to each channel.

    articles of a run --match--> watch_stories --not yet in watch_sent--> a channel takes them --> watch_sent

Both steps are transactions of their own: a process that ends between them has found, and sends next time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import copydesk.store.read as _read
from copydesk.settings import Watch
from copydesk.store.read.whole_words import whole_words
from copydesk.store.warehouse.connection import Connection

__all__ = ["WatchStory", "find_stories", "last_sent", "mark_delivered", "mark_sent", "matching", "pending"]

_MATCHES = Path(_read.__file__).parent / "sql" / "watch_matches.sql"
_OVERLAP = timedelta(days=2)
"""Runs that started this long before the last one looked at are looked at again: they may have ended after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStory:
    """A story that a watch has found.

    Attributes:
        article_id: The article.
        title: Its headline, None without one.
        publisher: Who printed it.
        address: Its web address; for a file its path in the desk.
        printed_at: The date the page gives, else when it was first seen (UTC).
    """

    article_id: str
    title: str | None
    publisher: str
    address: str
    printed_at: datetime


def matching(
    connection: Connection, watch: Watch, *, run: str = "", since: datetime | None = None
) -> list[tuple[str, WatchStory]]:
    """Return (story key, story) of the articles that meet all conditions, the earliest first.

    Args:
        connection: The warehouse.
        watch: The watch.
        run: With `since`, also articles of this run.
        since: Only articles of runs that started at or after this moment; None: all articles.
    """
    rows = connection.rows(
        _MATCHES.read_text(encoding="utf-8"),
        {
            "words": whole_words(watch.words),
            "person": " ".join((watch.person or "").split()),
            "topic": watch.topic or "",
            "publisher": watch.publisher or "",
            "run": run,
            "since": since,
        },
    )
    return [
        (story, WatchStory(article_id=key, title=title, publisher=name, address=address or uri, printed_at=printed))
        for key, title, name, address, uri, printed, story in rows
    ]


def find_stories(
    connection: Connection, watch: Watch, channels: Iterable[str], *, run: str, started_at: datetime
) -> None:
    """Enter the stories of a run that a watch has not found before, and channels that are new.

    On the first look, and when the conditions have changed, what other runs brought is old. What was found before a
    channel was there is not sent to it.
    """
    conditions = json.dumps(watch.model_dump(include={"words", "person", "topic", "publisher"}), sort_keys=True)
    known = connection.rows("select conditions, checked_at from ops.watches where watch = $1", [watch.name])
    with connection.transaction():
        _enter_channels(connection, watch.name, channels, started_at)
        if not known or known[0][0] != conditions:
            fresh = {story.article_id for _, story in matching(connection, watch, run=run, since=_NEVER)}
            found = matching(connection, watch)
        else:
            fresh = None
            found = matching(connection, watch, run=run, since=known[0][1] - _OVERLAP)
        _enter_stories(connection, watch.name, found, fresh, started_at)
        checked_at = max(started_at, known[0][1]) if known else started_at
        connection.execute(
            "insert or replace into ops.watches (watch, conditions, checked_at) values ($1, $2, $3)",
            [watch.name, conditions, checked_at],
        )


_NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""No run starts so late: only articles of the run that is named."""


def _enter_channels(connection: Connection, watch: str, channels: Iterable[str], started_at: datetime) -> None:
    for channel in channels:
        if connection.value(
            "select count(*) from ops.watch_channels where watch = $1 and channel = $2", [watch, channel]
        ):
            continue
        connection.execute("insert into ops.watch_channels values ($1, $2, $3)", [watch, channel, started_at])
        connection.execute(
            "insert into ops.watch_sent select watch, article_id, $2, $3 from ops.watch_stories where watch = $1",
            [watch, channel, started_at],
        )


def _enter_stories(
    connection: Connection,
    watch: str,
    found: Sequence[tuple[str, WatchStory]],
    fresh: set[str] | None,
    started_at: datetime,
) -> None:
    known = {
        str(story)
        for (story,) in connection.rows(
            "select coalesce(s.story_id, w.article_id)::varchar from ops.watch_stories as w "
            "left join main.story_articles as s using (article_id) where w.watch = $1 "
            "union select article_id::varchar from ops.watch_stories where watch = $1",
            [watch],
        )
    }
    for story, one in found:
        if story in known or one.article_id in known:
            continue
        known.add(story)
        old = fresh is not None and one.article_id not in fresh
        connection.execute(
            "insert into ops.watch_stories values ($1, $2, $3, $4)", [watch, one.article_id, started_at, old]
        )


def pending(connection: Connection, watch: str, channel: str) -> list[WatchStory]:
    """Return the stories that a watch has found and a channel has not taken, the earliest first."""
    rows = connection.rows(
        "select a.article_id::varchar, r.title, p.publisher, coalesce(a.address, a.uri), "
        "coalesce(r.published_at, a.first_seen_at) as printed_at "
        "from ops.watch_stories as w join main.articles as a using (article_id) "
        "join main.revisions as r on r.revision_id = a.current_revision_id "
        "join main.publishers as p on p.publisher_id = a.publisher_id "
        "where w.watch = $1 and not w.old and not exists (from ops.watch_sent as s "
        "where s.watch = w.watch and s.article_id = w.article_id and s.channel = $2) "
        "order by printed_at, a.article_id",
        [watch, channel],
    )
    return [
        WatchStory(article_id=key, title=title, publisher=name, address=address, printed_at=printed)
        for key, title, name, address, printed in rows
    ]


def mark_sent(
    connection: Connection, watch: str, channel: str, stories: Sequence[WatchStory], sent_at: datetime
) -> None:
    """Record that a channel took stories, in one transaction."""
    with connection.transaction():
        for story in stories:
            connection.execute(
                "insert into ops.watch_sent select $1, $2, $3, $4 where not exists (from ops.watch_sent "
                "where watch = $1 and article_id = $2::uuid and channel = $3)",
                [watch, story.article_id, channel, sent_at],
            )


def mark_delivered(connection: Connection, watch: str, sent_at: datetime) -> None:
    """Record that every channel has taken all that a watch had found."""
    connection.execute("update ops.watches set sent_at = $2 where watch = $1", [watch, sent_at])


def last_sent(connection: Connection, watch: str) -> datetime | None:
    """Return when all that a watch had found was last delivered; None before that."""
    rows = connection.rows("select sent_at from ops.watches where watch = $1", [watch])
    return rows[0][0] if rows else None
