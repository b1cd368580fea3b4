"""Fields of a record: what a JSON line or CSV row says of its text, beside what the text itself shows.

A text in a record has no page around it, so the record's title, date and authors win over what looks like them in the
text. A page in a record (HTML) speaks for itself; the record fills what it leaves open. All stand in the evidence, as
source `record`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from copydesk.records import Author, Document, Evidence, Extraction, Timestamp
from copydesk.text.dates.written import read_date
from copydesk.text.people.split_names import split_names

__all__ = ["with_record_fields"]

_WINS = "the record names it, and its text is no page that would"
_FILLS = "the record names it, the page does not"
_LOSES = "the page names it itself"


def with_record_fields(found: Extraction, document: Document) -> Extraction:
    """Return an extraction with the title, the date and the authors of the record that its text came from."""
    if not document.from_record or found.rejection:
        return found
    evidence = tuple(replace(row, source="record") if row.source == "feed" else row for row in found.evidence)
    found = replace(found, evidence=evidence)  # hints reach the extractors as those of feeds do
    language = found.language or "und"
    title = " ".join((document.title_hint or "").split())
    published = document.published_hint and read_date(
        document.published_hint, language=language, not_after=document.captured_at
    )
    authors = tuple(
        author for name in (document.author_hint or "").split(";") for author in split_names(name, language)
    )
    page = document.media_type != "text/plain"
    found = _with(found, "title", title or None, [title], page=page)
    found = _with(found, "published", published or None, [published.isoformat()] if published else [], page=page)
    return _with(found, "authors", authors or None, [author.name for author in authors], page=page)


def _with(
    found: Extraction,
    field: str,
    value: str | Timestamp | tuple[Author, ...] | None,
    shown: Sequence[str],
    *,
    page: bool,
) -> Extraction:
    """Put one field of the record in place, or beside what the page has."""
    if value is None:
        return found
    name = "author" if field == "authors" else field
    wins = not page or not getattr(found, field)
    if any(row.field == name and row.source == "record" for row in found.evidence):
        return found
    said = _LOSES if not wins else _FILLS if page else _WINS
    rows = [Evidence(field=name, value=text, source="record", chosen=wins, reason=said) for text in shown]
    before = [replace(row, chosen=False) if wins and row.field == name else row for row in found.evidence]
    at = next((n for n, row in enumerate(before) if row.field == name), len(before))
    evidence = (*before[:at], *rows, *before[at:])
    return replace(found, evidence=evidence, **({field: value} if wins else {}))  # type: ignore[arg-type]
