"""Trends: articles a day of a word, person, organisation, place or topic, against the publisher's own past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from copydesk.errors import UsageError
from copydesk.store.read.whole_words import folded, whole_words
from copydesk.store.warehouse.connection import Connection

__all__ = ["Rising", "Trend", "TrendDay", "read_rising", "read_trend"]

_SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendDay:
    """A day of a publisher.

    Attributes:
        day: The day (UTC), by the date the page gives, else by when it was first seen.
        publisher: Whose articles are counted.
        articles: Articles of that day with the word or name.
        all_articles: All articles of that day.
        share: `articles / all_articles`.
        usual_share: The same over the 28 days before; None where nothing was printed then.
        ratio: `share / usual_share`; None where it did not occur in the 28 days before.
    """

    day: date
    publisher: str
    articles: int
    all_articles: int
    share: float
    usual_share: float | None
    ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The days of one word or name.

    Attributes:
        kind: `word`, `person`, `organisation`, `place` or `topic`: what the words were taken for.
        name: The word, or the name it is known by.
        days: Latest first; days without it have no row.
    """

    kind: str
    name: str
    days: tuple[TrendDay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rising:
    """Something that articles of the last days name more often than those of the four weeks before.

    Attributes:
        kind, name: As for `Trend`.
        articles, all_articles, share: Of the last days.
        usual_share: Of the four weeks before; None where there are no articles.
        ratio: `share / usual_share`; None where it is new.
    """

    kind: str
    name: str
    articles: int
    all_articles: int
    share: float
    usual_share: float | None
    ratio: float | None


def read_trend(
    connection: Connection, words: str, *, kind: str | None = None, publisher: str | None = None, limit: int = 60
) -> Trend:
    """Return the days of a topic, person, organisation, place or word, whichever it is first.

    Args:
        connection: The warehouse.
        words: A topic's short name, a name, or any word.
        kind: Take it for this kind only.
        publisher: Only articles of this publisher.
        limit: At most so many rows, the latest.

    Raises:
        UsageError: There is no such name of that kind, or no word to look for.
    """
    if not words.strip():
        raise UsageError("give a word, a name or a topic, e.g. `copydesk trends ceasefire`.")
    known = None if kind == "word" else _known(connection, words, kind)
    if known is not None:
        kind, name = known
        rows = connection.rows(
            "select day, publisher, articles, all_articles, share, usual_share, ratio from trends "
            "where kind = $1 and name = $2 and ($3 = '' or publisher = $3) order by day desc, publisher limit $4",
            [kind, name, publisher or "", limit],
        )
    elif kind not in (None, "word"):
        raise UsageError(f"no {kind} is called {words!r}. `copydesk trends` lists what rises.")
    else:
        kind, name = "word", words.strip()
        rows = connection.rows(
            (_SQL / "trend_of_word.sql").read_text(encoding="utf-8"),
            [folded(name), whole_words([name]), publisher or ""],
        )[:limit]
    return Trend(kind=kind, name=name, days=tuple(_day(*row) for row in rows))


def read_rising(
    connection: Connection, *, days: int = 7, publisher: str | None = None, least: int = 3, limit: int = 30
) -> list[Rising]:
    """Return what the last days before the latest article name more often than the four weeks before them did.

    Args:
        connection: The warehouse.
        days: How many days are the last ones.
        publisher: Only articles of this publisher.
        least: Articles of the last days that must name it.
        limit: At most so many.
    """
    rows = connection.rows(
        (_SQL / "trend_rising.sql").read_text(encoding="utf-8"), [days, publisher or "", least, limit]
    )
    return [
        Rising(kind=kind, name=name, articles=n, all_articles=every, share=share, usual_share=usual, ratio=ratio)
        for kind, name, n, every, share, usual, ratio in rows
    ]


def _day(
    day: date, publisher: str, articles: int, every: int, share: float, usual: float | None, ratio: float | None
) -> TrendDay:
    return TrendDay(
        day=day,
        publisher=publisher,
        articles=articles,
        all_articles=every,
        share=share,
        usual_share=usual,
        ratio=ratio,
    )


def _known(connection: Connection, words: str, kind: str | None) -> tuple[str, str] | None:
    """Return kind and name of a topic or entity of that name; of several the one most articles name."""
    found = connection.rows(
        "select 'topic', topic from topics where $2 in ('', 'topic') and $1 in (topic, lower(name), qcode)",
        [words.strip().lower(), kind or ""],
    ) or connection.rows(
        "select kind::varchar as what, name from article_entities where lower(strip_accents(name)) = $1 "
        "and $2 in ('', kind::varchar) group by all order by count(*) desc, what, name limit 1",
        [folded(words.strip()), kind or ""],
    )
    return (str(found[0][0]), str(found[0][1])) if found else None
