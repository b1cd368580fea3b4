"""Stories: texts that several publishers print, and how each went from one to the next."""

from __future__ import annotations

from typing import Any

from copydesk.browse.charts import timeline
from copydesk.browse.pages import Ask, NotFoundError, Page, Reading, Table

__all__ = ["spread_of", "stories", "story"]

_PAGE = 50
_MAX_ARTICLES = 300


def stories(reading: Reading, ask: Ask) -> Page:
    """Return stories: the widest of late, or the latest."""
    start = ask.number("from", 0)
    order = "latest" if ask.text("order") == "latest" else "widest"
    rows = reading.rows(
        "stories", least=ask.number("least", 2, least=1, most=500), latest=order == "latest", limit=_PAGE, start=start
    )
    total = reading.one("stories_count", least=ask.number("least", 2, least=1, most=500))["stories"]
    return Page(
        template="stories.html.j2",
        title="Stories",
        section="stories",
        data={"order": order, "total": total, "from": start, "stories": rows},
        extra={
            "start": start,
            "following": start + _PAGE if start + _PAGE < total else None,
            "previous": max(0, start - _PAGE) if start else None,
        },
        table=Table.of(rows, "story_id", "first_at", "last_at", "articles", "publishers", "first_publisher", "title"),
    )


def story(reading: Reading, ask: Ask) -> Page:
    """Return one story: its articles in the order in which they were printed."""
    found = reading.rows("story_find", id=ask.text("id").lower())
    if len(found) != 1:
        raise NotFoundError
    story_id = found[0]["story_id"]
    spread = spread_of(reading, story_id)
    if not spread:
        raise NotFoundError
    return Page(
        template="stories.html.j2",
        title=spread[0]["title"] or "(no title)",
        section="stories",
        data={
            "story_id": story_id,
            "articles": spread,
            "count": found[0]["article_count"],
            "publishers": found[0]["publisher_count"],
        },
        extra={"timeline": timeline(spread)},
        table=Table.of(
            spread,
            "position",
            "printed_at",
            "hours_later",
            "publisher",
            "title",
            "similarity",
            "agency",
            "credit",
            "article_id",
        ),
    )


def spread_of(reading: Reading, story_id: str) -> list[dict[str, Any]]:
    """Return the articles of a story, first printed first; at most 300."""
    return reading.rows("story_spread", id=story_id, limit=_MAX_ARTICLES)
