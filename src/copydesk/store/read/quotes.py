"""Quotes of the current texts: who said what, where it was printed, and how the speaker was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from copydesk.store.warehouse.connection import Connection

__all__ = ["StoredQuote", "read_quotes"]

_SQL = Path(__file__).parent / "sql" / "quotes.sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredQuote:
    """A quote of an article's current text.

    Attributes:
        article_id: The article.
        publisher, title: Who printed it, under which headline.
        printed_at: The date the page gives, else when it was first seen (UTC).
        paragraph: Position of the paragraph it stands in, from 1.
        text: The words.
        kind: direct, mixed or indirect.
        cue: The word that reports, as written; None without one.
        speaker: Who says it, as written there; None when nobody is named.
        speaker_name: The fullest form of that speaker in the article; None when nobody is named.
        rule: How the speaker was decided.
        confidence: 0 to 1.
    """

    article_id: str
    publisher: str
    title: str | None
    printed_at: datetime
    paragraph: int
    text: str
    kind: str
    cue: str | None
    speaker: str | None
    speaker_name: str | None
    rule: str
    confidence: float


def read_quotes(
    connection: Connection, *, person: str | None = None, publisher: str | None = None, limit: int = 50
) -> list[StoredQuote]:
    """Return quotes, the latest first.

    Args:
        connection: The warehouse.
        person: Only of speakers whose name has these words, case and accents apart.
        publisher: Only as printed by this publisher.
        limit: At most so many.
    """
    rows = connection.rows(_SQL.read_text(encoding="utf-8"), [person or "", publisher or "", limit])
    return [
        StoredQuote(
            article_id=article_id, publisher=printer, title=title, printed_at=printed_at, paragraph=paragraph,
            text=text, kind=kind, cue=cue, speaker=speaker, speaker_name=name, rule=rule, confidence=confidence,
        )
        for article_id, printer, title, printed_at, paragraph, text, kind, cue, speaker, name, rule, confidence in rows
    ]  # fmt: skip
