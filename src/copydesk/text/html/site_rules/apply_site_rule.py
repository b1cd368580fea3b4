"""Replace title, authors and date by those that a site rule matched, with evidence."""

from __future__ import annotations

from dataclasses import replace

from copydesk.records import Document, Evidence
from copydesk.text.dates.written import read_date
from copydesk.text.html.metadata.read_metadata import Metadata
from copydesk.text.html.site_rules.match_site_rule import SiteMatch
from copydesk.text.people.split_names import split_names

__all__ = ["apply_site_rule"]


def apply_site_rule(metadata: Metadata, match: SiteMatch | None, language: str, document: Document) -> Metadata:
    """Return the metadata with the fields that a site rule matched; unchanged without a rule."""
    if match is None:
        return metadata
    changes: dict[str, object] = {}
    if match.title:
        changes["title"] = match.title
    if match.author and (authors := split_names(match.author, language)):
        changes["authors"] = authors
    if match.date and (date := read_date(match.date, language=language, not_after=document.captured_at)):
        changes["published"] = date
    fields = {"title": "title", "authors": "author", "published": "published"}
    taken = {fields[name] for name in changes}
    texts = {"title": match.title, "author": match.author, "published": match.date}
    evidence = [replace(e, chosen=False) if e.field in taken else e for e in metadata.evidence]
    evidence += [
        Evidence(field=f, value=texts[f], source="site_rule", chosen=True, reason=match.rule.name)
        for f in sorted(taken)
    ]
    return replace(metadata, **changes, evidence=tuple(evidence)) if changes else metadata  # type: ignore[arg-type]
