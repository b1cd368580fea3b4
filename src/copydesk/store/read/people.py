"""People: who is named and quoted, how often, by whom, as what, on what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from copydesk.store.warehouse.connection import Connection

__all__ = ["StoredPerson", "read_people"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPerson:
    """A person that current texts name in full.

    Attributes:
        person_id: Key of the person.
        name: The name.
        country: ISO 3166 code of the country a known person stands for; None where unknown.
        role: The title or role that most articles put beside the name; None without one.
        articles: Articles that name the person.
        signed: Articles the person signs.
        mentions: Mentions in all of them.
        quotes: Quotes of the person.
        publishers: Publishers of those articles, sorted.
        topics: Topics of the articles that name the person, most articles first, at most three.
        first_at, last_at: Dates of the first and the latest of them (UTC).
    """

    person_id: str
    name: str
    country: str | None
    role: str | None
    articles: int
    signed: int
    mentions: int
    quotes: int
    publishers: tuple[str, ...]
    topics: tuple[str, ...]
    first_at: datetime
    last_at: datetime


def read_people(
    connection: Connection,
    name: str | None = None,
    *,
    publisher: str | None = None,
    topic: str | None = None,
    quoted: bool = False,
    limit: int = 50,
) -> list[StoredPerson]:
    """Return people, those quoted most first, then those named most.

    Args:
        connection: The warehouse.
        name: Only people whose name has these words, case and accents apart.
        publisher: Only people that this publisher names.
        topic: Only people named in articles of this topic.
        quoted: Only people that are quoted.
        limit: At most so many.
    """
    rows = connection.rows(
        """
        with topics_of as (
            select person_id, list(topic order by articles desc, topic)[:3] as topics, list(topic) as every
            from (
                select person_id, topic, cast(sum(articles) as bigint) as articles from person_topics group by all
            )
            group by person_id
        )
        select p.person_id::varchar, p.name, p.country, p.role, p.articles, p.signed, p.mentions, p.quotes,
            p.publishers, coalesce(t.topics, []), p.first_at, p.last_at
        from people as p left join topics_of as t using (person_id)
        where ($1 = '' or list_has_all(
                string_split(lower(strip_accents(p.name)), ' '), string_split(lower(strip_accents($1)), ' ')))
            and ($2 = '' or list_contains(p.publishers, $2)) and ($3 = '' or list_contains(t.every, $3))
            and (not $4 or p.quotes > 0)
        order by p.quotes desc, p.articles desc, p.mentions desc, p.name
        limit $5
        """,
        [" ".join((name or "").split()), publisher or "", topic or "", quoted, limit],
    )
    return [
        StoredPerson(
            person_id=key, name=own, country=country, role=role, articles=articles, signed=signed, mentions=mentions,
            quotes=quotes, publishers=tuple(publishers), topics=tuple(topics), first_at=first, last_at=last,
        )
        for key, own, country, role, articles, signed, mentions, quotes, publishers, topics, first, last in rows
    ]  # fmt: skip
