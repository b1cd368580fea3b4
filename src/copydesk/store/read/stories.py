"""Who printed a story: the near copies of an article, in the order in which they were printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from copydesk.store.warehouse.connection import Connection

__all__ = ["Story", "StoryArticle", "read_story"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryArticle:
    """One article of a story.

    Attributes:
        printed_at: Date the page gives, else when it was first seen (UTC).
        hours_later: Hours after the first.
        similarity: To the first article, 0 to 1; None for an article that stands alone.
    """

    article_id: str
    publisher: str
    title: str | None
    printed_at: datetime
    hours_later: float
    similarity: float | None
    agency: str | None
    credit: str | None
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A group of near copies.

    Attributes:
        story_id: Its key; None for an article that nobody else prints.
        articles: In the order in which they were printed.
    """

    story_id: str | None
    articles: tuple[StoryArticle, ...]


def read_story(connection: Connection, article_id: str) -> Story:
    """Return the story of an article; an article that nobody else prints is a story of its own."""
    rows = connection.rows(
        "select s.story_id::varchar, s.article_id::varchar, s.publisher, s.title, s.printed_at, s.hours_later, "
        "s.similarity, s.agency, s.credit, a.address from story_spread as s join articles as a using (article_id) "
        "where s.story_id = (select story_id from story_articles where article_id = $1::uuid) order by s.position",
        [article_id],
    ) or connection.rows(
        "select null, article_id::varchar, publisher, title, coalesce(published_at, first_seen_at), 0.0, null, agency, "
        "credit, address from latest_articles where article_id = $1::uuid",
        [article_id],
    )
    names = StoryArticle.__slots__
    articles = tuple(StoryArticle(**dict(zip(names, row[1:], strict=True))) for row in rows)
    return Story(story_id=rows[0][0] if rows else None, articles=articles)
