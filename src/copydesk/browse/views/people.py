"""People: who signs, who is named and who is quoted, as far as the warehouse says."""

from __future__ import annotations

from typing import Any

from copydesk.browse.pages import Ask, NotFoundError, Page, Reading, Table

__all__ = ["people", "person"]

_PAGE = 100


def people(reading: Reading, ask: Ask) -> Page:
    """Return authors by number of articles; people who are named or quoted, where the warehouse has them."""
    start, name = ask.number("from", 0), ask.maybe("q")
    authors = reading.rows("authors", name=name, limit=_PAGE, start=start)
    return Page(
        template="people.html.j2",
        title="People",
        section="people",
        data={"authors": authors, "from": start, "q": name},
        extra={
            "start": start,
            "following": start + _PAGE if len(authors) == _PAGE and start + _PAGE < 1000 else None,
            "previous": max(0, start - _PAGE) if start else None,
        },
        table=Table.of(authors, "name", "kind", "articles", "publishers", "first_at", "last_at"),
    )


def person(reading: Reading, ask: Ask) -> Page:
    """Return one author: what he or she signed, by publisher, and the latest articles."""
    name = ask.text("name")
    rows = reading.rows("author", name=name)
    if not rows:
        raise NotFoundError
    articles: list[dict[str, Any]] = reading.rows("author_articles", name=name, limit=50)
    return Page(
        template="people.html.j2",
        title=name,
        section="people",
        data={"name": name, "publishers": rows, "articles": articles},
        table=Table.of(articles, "article_id", "printed_at", "publisher", "title"),
    )
