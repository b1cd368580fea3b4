"""People: who is named and quoted, who signs, and who is quoted by whom, as far as the warehouse says."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from copydesk.browse.pages import Ask, NotFoundError, Page, Reading, Table
from copydesk.store.read.people import read_people
from copydesk.store.read.quotes import read_quotes

__all__ = ["people", "person"]

_PAGE = 100
_SHOWS = {
    "named": "Named and quoted",
    "quoted": "Who is quoted",
    "shared": "Quotes that several print",
    "authors": "Who signs",
}


def people(reading: Reading, ask: Ask) -> Page:
    """Return people who are named, speakers, quotes that several papers print, or authors."""
    start, name = ask.number("from", 0), ask.maybe("q")
    show = ask.text("show") if ask.text("show") in _SHOWS else "named"
    rows, more = reading.cached(("people", show, name, start), lambda: _rows(reading, show, name, start))
    columns = [c for c in (rows[0] if rows else {}) if c not in ("person_id", "quote_key")]
    return Page(
        template="people.html.j2",
        title=_SHOWS[show],
        section="people",
        data={"show": show, "q": name, "from": start, "people": rows},
        extra={
            "shows": _SHOWS,
            "start": start,
            "following": start + _PAGE if more and start + _PAGE < 1000 else None,
            "previous": max(0, start - _PAGE) if start else None,
        },
        table=Table.of(rows, *columns) if rows else Table(("name",), []),
    )


def _rows(reading: Reading, show: str, name: str | None, start: int) -> tuple[list[dict[str, Any]], bool]:
    """Return a page of rows, and whether there are more."""
    if show == "named":
        found = [asdict(p) for p in read_people(reading.connection, name, limit=start + _PAGE + 1)]
        return found[start : start + _PAGE], len(found) > start + _PAGE
    sql = {"quoted": "speakers", "shared": "shared_quotes", "authors": "authors"}[show]
    found = reading.rows(sql, name=name, limit=_PAGE + 1, start=start)
    return found[:_PAGE], len(found) > _PAGE


def person(reading: Reading, ask: Ask) -> Page:
    """Return one person or speaker: what was said, by whom it was printed, on what, and what was signed."""
    name = ask.text("name")
    known = [p for p in read_people(reading.connection, name, limit=20) if p.name == name]
    quotes = [asdict(q) for q in read_quotes(reading.connection, person=name, limit=60)]
    named = reading.rows("person_articles", name=name, limit=60)
    signed = reading.rows("author_articles", name=name, limit=60)
    publishers = reading.rows("author", name=name)
    if not (known or quotes or named or signed):
        raise NotFoundError
    return Page(
        template="people.html.j2",
        title=name,
        section="people",
        data={
            "name": name,
            "facts": asdict(known[0]) if known else None,
            "quotes": quotes,
            "named": named,
            "signed": signed,
            "publishers": publishers,
        },
        table=Table.of(quotes, "printed_at", "publisher", "title", "text", "kind", "cue", "rule", "confidence")
        if quotes
        else Table.of(signed or named, "printed_at", "publisher", "title", "article_id"),
    )
