"""What a hit shows: title, authors, story, and the stretch of its text around the first of the words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from copydesk.store.warehouse.connection import Connection

__all__ = ["QUOTED", "Hit", "read_hits"]

_SQL = Path(__file__).parent / "sql"
QUOTED = re.compile(r'"([^"]*)"')
"""A phrase in the words of a search."""
_EXCERPT_CHARS = 220
_TEXTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article that was found.

    Attributes:
        score: Higher the better it fits; None when it was found without ranking.
        printed_at: The date the page gives, else when it was first seen (UTC).
        uri: Its address, else its path.
        excerpt: The stretch of its text around the first of the words.
        printed_by: Number of publishers that print the same story, itself included.
    """

    article_id: str
    score: float | None
    publisher: str
    title: str | None
    published_at: datetime | None
    uri: str
    excerpt: str
    source: str = ""
    language: str = ""
    authors: tuple[str, ...] = ()
    section_path: tuple[str, ...] = ()
    body_words: int | None = None
    printed_at: datetime | None = None
    story_id: str | None = None
    printed_by: int = 1


def read_hits(connection: Connection, scored: Sequence[tuple[str, float | None]], words: str) -> tuple[Hit, ...]:
    """Return the hits of (article id, score) in this order, without those that the warehouse does not hold.

    Args:
        connection: The warehouse.
        scored: Article ids with their scores.
        words: What was looked for; the excerpt begins near it.
    """
    rows = connection.script_rows(_SQL / "search_hits.sql", {"ids": [article for article, _ in scored]})
    texts = _texts(connection, [row[-1] for row in rows])
    by_id = {row[0]: (*row[:-1], texts.get(row[-1], "")) for row in rows}
    return tuple(_hit(by_id[article], score, words) for article, score in scored if article in by_id)


def _texts(connection: Connection, revisions: Sequence[str]) -> dict[str, str]:
    """Return revision -> text.

    One equality per revision: DuckDB (1.5.5) then decodes only the strings it needs. With a list of revisions it
    decodes those of the whole table: 150 ms at 100,000 articles in place of 30.
    """
    found: dict[str, list[str]] = {}
    for start in range(0, len(revisions), _TEXTS_AT_ONCE):
        some = revisions[start : start + _TEXTS_AT_ONCE]
        one = (
            "select revision_id::varchar as revision, position, text from main.paragraphs where revision_id = ${}::uuid"
        )
        every = " union all ".join(one.format(n) for n in range(1, len(some) + 1))
        for revision, _, text in connection.rows(f"{every} order by revision, position", list(some)):
            found.setdefault(revision, []).append(text)
    return {revision: "\n".join(texts) for revision, texts in found.items()}


def _hit(row: tuple[Any, ...], score: float | None, words: str) -> Hit:
    article, publisher, title, published, uri, source, language, authors, sections, count, printed, story, by, text = (
        row
    )
    return Hit(
        article_id=article,
        score=score,
        publisher=publisher,
        title=title,
        published_at=published,
        uri=uri,
        excerpt=_excerpt(text, words),
        source=source,
        language=language,
        authors=tuple(authors or ()),
        section_path=tuple(sections or ()),
        body_words=count,
        printed_at=printed,
        story_id=story,
        printed_by=by or 1,
    )


def _excerpt(text: str, words: str) -> str:
    """Return a stretch of the text around the first phrase or word, or its beginning."""
    plain = " ".join(text.split())
    lowered = plain.lower()
    wanted = [p.lower() for p in QUOTED.findall(words) if p.strip()] or [w[:5] for w in words.lower().split()]
    places = [p for w in wanted if (p := lowered.find(w.strip('"'))) >= 0]
    start = max(0, min(places, default=0) - 60)
    start = plain.find(" ", start) + 1 if start else 0
    end = start + _EXCERPT_CHARS
    if len(plain) > end and (space := plain.rfind(" ", start, end)) > start + _EXCERPT_CHARS // 2:
        end = space
    return ("… " if start else "") + plain[start:end] + (" …" if len(plain) > end else "")
