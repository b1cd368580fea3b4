"""Build the fields of a labelled page: title, authors, dateline, dates and credit, each with evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from copydesk.records import (
    Author,
    Caption,
    Dateline,
    Document,
    Evidence,
    Label,
    Paragraph,
    ParagraphKind,
    Span,
    Timestamp,
)
from copydesk.text.fast_records import ParagraphDraft, evidence
from copydesk.text.plain.article.dateline import find_dateline, is_outlet
from copydesk.text.plain.article.shapes import crumbs, host, is_counter
from copydesk.text.plain.page import Decision, TextPage, normal
from copydesk.text.tokens.characters import BULLETS

if TYPE_CHECKING:
    from copydesk.text.dates.date_labels import LabelledDate

__all__ = ["Parts", "build_parts"]

_CREDIT_MARK = re.compile(r"^[\s(\[]*[^:：–—|/]{2,40}[:：][ \u00a0]*(.+?)[\s)\]]*$")
_MARKS = "•·●■▪*►▶»› \t\u00a0"
_NUMBER = re.compile(r"\d[\d.,\u00a0 ]*")
_RIGHTS = re.compile(r"(?:©|\(c\)|copyright)\s*(?:\d{4}(?:\s*[-–]\s*\d{4})?)?[\s,]*([^.|,;©]{2,60})", re.IGNORECASE)
_BULLET = re.compile(rf"[{re.escape(BULLETS)}][ \t\u00a0]+|\d{{1,2}}[.)][ \t\u00a0]+|[a-z]\)[ \t\u00a0]+")
_MAX_ABOVE, _MAX_DATED = 6, 80
"""Lines above the story, and their length, among which a line with a date is searched."""
_WITH_DATE = (Label.OTHER, Label.SOURCE_CREDIT, Label.NAV)
_COMMENTS = (Label.COMMENT, Label.COMMENT_FORM)
_TEXTS = (*_COMMENTS, Label.RELATED, Label.BODY, Label.OTHER)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MIN_SENTENCE = 15
_SENTENCE_END = re.compile(r"[.!?…;。！？।؟][\s\"'”’»)\]]*$")
_QUOTE = ('"', "“", "„", "«", "»", "「", "『", "‚", "‘")


@dataclass(slots=True)
class Parts:
    """The fields of an article under construction."""

    title: str | None = None
    paragraphs: list[Paragraph] = field(default_factory=list)
    authors: tuple[Author, ...] = ()
    published: Timestamp | None = None
    modified: Timestamp | None = None
    dateline: Dateline | None = None
    section_path: tuple[str, ...] = ()
    agency: str | None = None
    credit: str | None = None
    publisher: str | None = None
    captions: list[Caption] = field(default_factory=list)
    comment_count: int | None = None
    evidence: list[Evidence] = field(default_factory=list)
    spans: dict[int, tuple[Span, ...]] = field(default_factory=dict)

    def add_evidence(self, name: str, value: str, source: str, chosen: bool, reason: str) -> None:
        """Record a candidate for a field."""
        self.evidence.append(evidence(name, value, source, chosen, reason))


def build_parts(
    page: TextPage, decisions: list[Decision], numbers: list[int], texts: list[str], document: Document, language: str
) -> Parts:
    """Return the fields of the article.

    Args:
        page: The page's lines and decisions.
        decisions: The label of each line.
        document: The document of the page.
        language: The page's language.
        numbers: Block number of each line of the page.
        texts: The lines, stripped.
    """
    parts = Parts()
    if page.title >= 0:
        parts.title = texts[page.title].lstrip(_MARKS) or texts[page.title]
    by_label: dict[Label, list[int]] = {}
    for k, (decision, keep) in enumerate(zip(decisions, page.keep, strict=True)):
        if not keep:
            by_label.setdefault(decision.label, []).append(k)
    story = [k for k, keep in enumerate(page.keep) if keep and k != page.title]
    parts.paragraphs = _paragraphs(story, texts, decisions, numbers)
    _add_dateline(parts, story, texts)
    _section(parts, page, by_label, texts)
    _bylines(parts, page, by_label, texts, language)
    _credit(parts, by_label, texts)
    _dates(parts, page, by_label, texts, document, language)
    parts.captions = [Caption(text=texts[k], block=numbers[k]) for k in by_label.get(Label.CAPTION, ())]
    _comments(parts, page, by_label, texts)
    _publisher(parts, by_label, texts)
    return parts


def _paragraphs(story: list[int], texts: list[str], decisions: list[Decision], numbers: list[int]) -> list[Paragraph]:
    out = []
    heading, usual, item = ParagraphKind.HEADING, ParagraphKind.PARAGRAPH, ParagraphKind.LIST_ITEM
    headed = Label.HEADING
    for k in story:
        text = texts[k]
        one: Any = ParagraphDraft()
        one.text = text
        one.block = numbers[k]
        if decisions[k].label is headed:
            one.kind, one.level = heading, 2
        elif not text[:1].isupper() and _BULLET.match(text):
            one.kind, one.level = item, 1
        else:
            one.kind, one.level = usual, 0
        one.__class__ = Paragraph
        out.append(one)
    return out


def _add_dateline(parts: Parts, story: list[int], texts: list[str]) -> None:
    for k in story[:2]:
        found = find_dateline(texts[k])
        if not found:
            continue
        parts.dateline = found.dateline
        parts.spans[k] = (Span(label="dateline", start=0, end=found.length, text=texts[k][: found.length]),)
        parts.add_evidence("dateline", found.dateline.text, "text", True, "opens the story, before a dash")
        if found.dateline.agency:
            parts.agency = found.dateline.agency
            parts.add_evidence("agency", found.dateline.agency, "text", True, "stands in the dateline")
        if found.outlet:
            parts.publisher = found.outlet
            parts.add_evidence("publisher", found.outlet, "text", True, "an outlet where the dateline stands")
        return


def _section(parts: Parts, page: TextPage, by_label: dict[Label, list[int]], texts: list[str]) -> None:
    for k in by_label.get(Label.BREADCRUMB, ()):
        path = crumbs(texts[k])
        if path and page.title_text and _same(normal(path[-1]), page.title_text):
            path = path[:-1]
        chosen = not parts.section_path
        if chosen:
            parts.section_path = path
        parts.add_evidence(
            "section", " / ".join(path), "breadcrumb", chosen, "the path above the title, without the title"
        )
    sections = [texts[k].lstrip(_MARKS) or texts[k] for k in by_label.get(Label.SECTION, ())]
    if sections:
        chosen = not parts.section_path
        if chosen:
            parts.section_path = tuple(sections)
        parts.add_evidence("section", " / ".join(sections), "text", chosen, "a short line right above the title")


def _same(crumb: str, title: str) -> bool:
    return crumb == title or (len(crumb) > 12 and (title.startswith(crumb) or crumb.startswith(title)))


def _bylines(parts: Parts, page: TextPage, by_label: dict[Label, list[int]], texts: list[str], language: str) -> None:
    lines = by_label.get(Label.BYLINE, ())
    if not lines:
        return
    from copydesk.text.people.split_names import split_names

    found: list[Author] = []
    for k in lines:
        names = split_names(texts[k], language)
        near = page.first - 12 <= k <= page.last + 8
        parts.add_evidence(
            "author",
            texts[k],
            "byline",
            bool(names) and near,
            "a byline beside the story" if near else "too far from the story",
        )
        if near:
            found += [name for name in names if name.name.casefold() not in {f.name.casefold() for f in found}]
    parts.authors = tuple(found[:12])


def _credit(parts: Parts, by_label: dict[Label, list[int]], texts: list[str]) -> None:
    for k in by_label.get(Label.SOURCE_CREDIT, ()):
        match = _CREDIT_MARK.match(texts[k])
        value = (match.group(1) if match else texts[k]).strip(" \u00a0()[].")
        if not value or len(value) > 120:
            continue
        chosen = parts.credit is None
        parts.add_evidence("credit", value, "text", chosen, "named as the source")
        if chosen:
            parts.credit = value
            if parts.agency is None and is_outlet(value):
                parts.agency = value
                parts.add_evidence("agency", value, "text", True, "the credited source is an agency or outlet")


def _dates(
    parts: Parts, page: TextPage, by_label: dict[Label, list[int]], texts: list[str], document: Document, language: str
) -> None:
    candidates = [k for k in by_label.get(Label.DATE, ()) if page.first - 25 <= k <= page.last + 8]
    candidates += [k for k in by_label.get(Label.BYLINE, ()) if any(c.isdigit() for c in texts[k])]
    if not any(k < page.first for k in candidates):
        candidates += _dated_lines_above(page, by_label, texts)
    candidates = _own_dates(parts, page, sorted(candidates), by_label, texts)
    lines = {k: texts[k] for k in candidates[:8]}
    for k, one in _line_dates(lines, language, document):
        changed = any(
            f.phrase.startswith(("updated", "last updated", "modified", "last modified")) for f in page.found.get(k, ())
        )
        name, why = "published", "written on the page"
        if one.label == "modified" or (not one.label and changed):
            name = "modified"
        elif one.label == "event":
            why = "the date of an event or a deadline"
        elif parts.title and one.text in parts.title:
            why = "stands in the headline"
        chosen = getattr(parts, name) is None and why == "written on the page"
        if chosen:
            setattr(parts, name, one.stamp)
        parts.add_evidence(name, one.stamp.value.isoformat(), "text", chosen, f"{why}: {texts[k][:80]}")


def _dated_lines_above(page: TextPage, by_label: dict[Label, list[int]], texts: list[str]) -> list[int]:
    """Return the lines between headline and story with a date beside other words ("2026-03-12 10:14 来源：...")."""
    start = max(page.title + 1, page.first - _MAX_ABOVE)
    above = [k for label in _WITH_DATE for k in by_label.get(label, ()) if start <= k < page.first]
    if not above:
        return []
    from copydesk.text.dates.written import looks_like_date

    return [k for k in above if _YEAR.search(texts[k]) and len(texts[k]) <= _MAX_DATED and looks_like_date(texts[k])]


def _own_dates(
    parts: Parts, page: TextPage, candidates: list[int], by_label: dict[Label, list[int]], texts: list[str]
) -> list[int]:
    """Return the lines without those of comments and other texts below the story; say so in the evidence."""
    below = [k for k in candidates if k > page.last or _said_above(k, page, by_label)]
    if not below:
        return candidates
    from copydesk.text.dates.date_labels import DateLabel, label_of
    from copydesk.text.phrases.comment_headings import is_comment_heading

    heads = (k for k in range(page.first, below[-1]) if not page.keep[k] and is_comment_heading(texts[k]))
    box = next(heads, len(texts))
    others = set()
    for k in below:
        named = label_of(texts[k]) in (DateLabel.PUBLISHED, DateLabel.MODIFIED)
        answered = _said_above(k, page, by_label) or _heads_a_text(k, page, by_label, texts)
        if k > box or (answered and not named):
            others.add(k)
            parts.add_evidence(
                "published", texts[k][:80], "text", False, "of a comment or another text below the story"
            )
    return [k for k in candidates if k not in others]


def _said_above(k: int, page: TextPage, by_label: dict[Label, list[int]]) -> bool:
    """Return whether a line of comments stands between the start of the story and a line."""
    return any(page.first < n < k for label in _COMMENTS for n in by_label.get(label, ()))


def _heads_a_text(k: int, page: TextPage, by_label: dict[Label, list[int]], texts: list[str]) -> bool:
    """Return whether the line below is a sentence that is not of the story, as in a comment or a teaser."""
    below = k + 1
    if below >= len(texts) or page.keep[below] or not any(below in by_label.get(label, ()) for label in _TEXTS):
        return False
    return len(texts[below]) >= _MIN_SENTENCE and _SENTENCE_END.search(texts[below]) is not None


def _line_dates(lines: dict[int, str], language: str, document: Document) -> list[tuple[int, LabelledDate]]:
    """Return the dates of each line; of a date whose day and month may be swapped, the reading nearest to another."""
    from copydesk.text.dates.date_labels import DateLabel, LabelledDate, labelled_dates
    from copydesk.text.dates.written import is_ambiguous, read_date

    found: list[tuple[int, LabelledDate]] = []
    for k, text in lines.items():
        dates = labelled_dates(text, language=language, not_after=document.captured_at)
        if not dates and (stamp := read_date(text, language=language, not_after=document.captured_at)):
            dates = (LabelledDate(stamp=stamp, text=text, label=DateLabel.NONE),)  # "2 hours ago"
        found += [(k, one) for one in dates]
    sure = [one.stamp.value for _, one in found if not is_ambiguous(one.text)]
    return [(k, _nearest(one, sure) if sure and is_ambiguous(one.text) else one) for k, one in found]


def _nearest(one: LabelledDate, sure: list[datetime]) -> LabelledDate:
    """Return a date with day and month in the order within three days of a sure date, if only one is."""
    from copydesk.text.dates.written import read_date

    readings = (read_date(one.text, language="und", country=country) for country in ("GB", "US"))
    near = [r for r in readings if r and any(abs(r.value - other) <= timedelta(days=3) for other in sure)]
    if len(near) != 1 or near[0].value.date() == one.stamp.value.date():
        return one
    moved = one.stamp.value + (near[0].value.date() - one.stamp.value.date())
    return replace(one, stamp=replace(one.stamp, value=moved))


def _comments(parts: Parts, page: TextPage, by_label: dict[Label, list[int]], texts: list[str]) -> None:
    for k in by_label.get(Label.COMMENT_COUNT, ()):
        digits = _NUMBER.search(texts[k])
        if page.found.get(k) and not is_counter(texts[k]):
            value = int(re.sub(r"\D", "", digits[0])) if digits and len(digits[0]) < 10 else None
            if value is not None and parts.comment_count is None:
                parts.comment_count = value


def _publisher(parts: Parts, by_label: dict[Label, list[int]], texts: list[str]) -> None:
    named: list[tuple[str, str]] = []
    for k in by_label.get(Label.SITE_NOTICE, ()):
        address = host(texts[k])
        rights = _RIGHTS.search(texts[k])
        if rights and not rights.group(1).strip()[:1].islower():
            named.append((rights.group(1).strip(" .-–"), "named in the copyright line"))
        elif address and "/" not in address.removeprefix("https://").removeprefix("http://"):
            named.append((address, "the site's own address on the page"))
    for value, why in named[:3]:
        chosen = parts.publisher is None
        parts.add_evidence("publisher", value, "text", chosen, why)
        if chosen:
            parts.publisher = value
