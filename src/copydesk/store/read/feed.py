"""What a search found, as a feed: one item per story, so that a person's reader shows what is new once.

    articles of a search --story, or the article alone--> groups --first seen by the desk--> key of the item
                                                                --first printed of those found--> what it shows

The key is that of the article of the story which the desk saw first: copies that other publishers print later join the
item and do not make another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copydesk.store.warehouse.connection import Connection

__all__ = ["MAX_ITEMS", "Feed", "FeedItem", "newest_articles", "read_feed"]

MAX_ITEMS = 500
_SQL = (Path(__file__).parent / "sql" / "feed_items.sql").read_text(encoding="utf-8")
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One story.

    Attributes:
        key: Id of the article of the story that the desk saw first.
        first_seen_at: When that was (UTC); items are sorted by it.
        updated_at: When the text that is shown was first seen as it is (UTC).
        published_at: Date the page gives (UTC), else when the article was first seen.
        article_id: The article that is shown: of those found the one printed first.
        also_printed_by: The other publishers of the story.
        text: Its current text, paragraphs joined by a blank line.
    """

    key: str
    first_seen_at: datetime
    updated_at: datetime
    published_at: datetime
    article_id: str
    title: str | None
    publisher: str
    authors: tuple[str, ...]
    section_path: tuple[str, ...]
    language: str
    address: str | None
    uri: str
    also_printed_by: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Items of a feed, the latest first.

    Attributes:
        title: What was asked for.
        key: Tells feeds of other questions apart; the same for the same question.
        updated_at: The latest change of an item (UTC).
        items: The latest first.
    """

    title: str
    key: str
    updated_at: datetime
    items: tuple[FeedItem, ...]


def read_feed(connection: Connection, articles: Sequence[str], *, title: str, key: str, limit: int) -> Feed:
    """Return the stories of some articles as a feed.

    Args:
        connection: The warehouse.
        articles: Ids of the articles that were found, in any order.
        title: Of the feed.
        key: Of the feed.
        limit: At most so many items.
    """
    rows = connection.rows(_SQL, [list(articles), limit])
    items = tuple(_item(row) for row in rows)
    return Feed(title=title, key=key, updated_at=_latest(i.updated_at for i in items), items=items)


def newest_articles(connection: Connection, limit: int) -> list[str]:
    """Return the ids of the articles that were seen last."""
    rows = connection.rows(
        "select article_id::varchar from articles order by first_seen_at desc, article_id limit $1", [limit]
    )
    return [article for (article,) in rows]


def _item(row: tuple[Any, ...]) -> FeedItem:
    values = dict(zip(FeedItem.__slots__, row, strict=True))
    lists = {name: tuple(values[name] or ()) for name in ("authors", "section_path", "also_printed_by")}
    return FeedItem(**{**values, **lists})


def _latest(times: Iterable[datetime]) -> datetime:
    return max(times, default=_BEFORE_ALL)
