"""Where a page's dates are found, source by source; `published` asks them in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from copydesk.records import Precision, Timestamp
from copydesk.text.dates.date_words import fold
from copydesk.text.dates.written import is_ambiguous, looks_like_date, read_date
from copydesk.text.html.dom.html_page import Page, Place
from copydesk.text.html.metadata.candidates import Candidate
from copydesk.text.html.metadata.field_names import words
from copydesk.text.html.metadata.head import Declared
from copydesk.text.html.metadata.json_ld import texts
from copydesk.text.html.metadata.page_urls import date_in
from copydesk.text.html.trafilatura_compat import find_date

__all__ = ["CHANGE", "SOURCES", "Dated", "PageClock", "Sought", "headline_at", "modified_dates"]

CHANGE = "change: "
"""How the reason of a candidate opens that is the last change and no publication."""
_BEFORE, _AFTER = 6, 12
"""Blocks around the headline in which a visible date is the article's."""
_SHORT = 200
"""Characters of a line that is a date, not a sentence that holds one."""
_ORDERED = re.compile(r"(?<![\d/-])(\d{1,2})[/-](\d{1,2})[/-](?:19|20)\d\d(?!\d)")
_CHANGING = ("updat", "modif")
_SCRIPTED = re.compile(
    r'"(?P<key>date_?published|published_?(?:at|date|time|on)?|publish_?(?:at|date|time|on)|publication_?date|pub_?date'
    r'|first_?published\w{0,12}|posted_?(?:at|on|date))\\?"\s{0,4}:\s{0,4}\\?"(?P<day>\d{4}-\d\d-\d\d[^"\\<]{0,25})',
    re.IGNORECASE,
)

Dated = Candidate[Timestamp | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClock:
    """What is known of a page's time and place when its dates are read.

    Attributes:
        language: ISO 639-1 code.
        country: ISO 3166 code of the site, or None.
        seen: When the page was captured; no date lies after it.
        by_page: Whether the order of day and month is the page's own custom, not its country's.
    """

    language: str
    country: str | None = None
    seen: datetime | None = None
    by_page: bool = False

    def read(self, text: str) -> Timestamp | None:
        """Read a date under this clock."""
        return read_date(text, language=self.language, not_after=self.seen, country=self.country)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is known of the page whose dates are sought.

    Attributes:
        page: The parsed page.
        declared: Its head.
        clock: Language, country and capture.
        url: Its address.
        title: The chosen headline.
        hint: What the feed said.
    """

    page: Page
    declared: Declared
    clock: PageClock
    url: str | None
    title: str | None
    hint: str | None = None


def modified_dates(declared: Declared, clock: PageClock) -> Iterator[Dated]:
    """Yield what the head says of the last change."""
    for text in texts(declared.data.article.get("dateModified"))[:2]:
        yield _candidate(text, "json-ld", "dateModified", clock)
    for name, content in declared.values("modified"):
        yield _candidate(content, "og" if name.startswith("og:") else "meta", name, clock)


def _declared_dates(it: Sought) -> list[Dated]:
    node = it.declared.data.article
    found = [
        _candidate(text, "json-ld", key, it.clock)
        for key in ("datePublished", "dateCreated", "uploadDate")
        for text in texts(node.get(key))[:2]
    ]
    found += [
        _candidate(content, "og" if name.startswith("og:") else "meta", name, it.clock)
        for name, content in it.declared.values("published")
    ]
    if it.hint:
        found.append(_candidate(it.hint, "feed", "published", it.clock))
    return found


def _marked_dates(it: Sought) -> list[Dated]:
    """Elements that say they are the publication: itemprop, and <time> of a publishing class."""
    assert it.page.tree is not None  # noqa: S101
    found = []
    for node in it.page.tree.css("[itemprop~=datePublished], [property~='schema:datePublished'], time[pubdate]")[:4]:
        a = node.attributes
        text = a.get("content") or a.get("datetime") or a.get("title") or node.text(deep=True)[:100]
        found.append(_shown(text, "itemprop", "datePublished", it))
    for node in it.page.tree.css("time[class*=publish], time.entry-date, abbr.published, time[class*=posted]")[:4]:
        a = node.attributes
        if not any(c in (a.get("class") or "").lower() for c in _CHANGING) or "publish" in (a.get("class") or ""):
            text = a.get("datetime") or a.get("title") or node.text(deep=True)[:100]
            found.append(_shown(text, "time", f"class {a.get('class')}", it))
    return found


def _address_date(it: Sought) -> list[Dated]:
    day = date_in(it.url)
    return [_candidate(day, "url", "path", it.clock)] if day else []


def _visible_dates(it: Sought) -> list[Dated]:
    """Short lines around the headline that hold a date."""
    at = headline_at(it.page, it.title)
    if at < 0:
        return []
    found = []
    near = [*range(at, min(len(it.page.blocks), at + _AFTER + 1)), *range(at - 1, max(-1, at - _BEFORE - 1), -1)]
    for number in near:
        block = it.page.blocks[number]
        if (
            block.place & (Place.HIDDEN | Place.NAV)
            or not looks_like_date(block.text[:120])
            or len(block.text) > _SHORT
        ):
            continue
        if _is_event(block.text):
            continue
        folded = fold(block.text)
        changed = any(w in folded.split(" ")[0:4] or folded.startswith(w) for w in _folded("changed"))
        found.append(_shown(block.text, "text", f"{CHANGE if changed else ''}{it.page.where(block)}", it))
    return found


def _loose_dates(it: Sought) -> list[Dated]:
    """The first <time>, then elements whose class speaks of a date."""
    assert it.page.tree is not None  # noqa: S101
    found = []
    for node in it.page.tree.css("time")[:6]:
        a = node.attributes
        names = f"{a.get('class') or ''} {a.get('itemprop') or ''}".lower()
        mark = CHANGE if any(c in names for c in _CHANGING) else ""
        text = a.get("datetime") or node.text(deep=True)[:100]
        found.append(_shown(text, "time", f"{mark}<time>", it))
    for node in it.page.tree.css("[class*=date], [id*=date], [class*=time], [class*=meta], [class*=Date]")[:40]:
        text = " ".join(node.text(deep=True)[:300].split())
        if 6 <= len(text) <= 120 and looks_like_date(text):
            mark = CHANGE if any(fold(text).startswith(w) for w in _folded("changed")) else ""
            found.append(_shown(text, "class", f"{mark}class {node.attributes.get('class')}", it))
    return found


def _written_dates(it: Sought) -> list[Dated]:
    """The first short line anywhere in the page's main part that holds a date."""
    for block in it.page.blocks:
        if len(block.text) > _SHORT or block.place & (Place.HIDDEN | Place.NAV | Place.FOOTER):
            continue
        if looks_like_date(block.text[:120]) and not _is_event(block.text):
            found = _shown(block.text, "text", it.page.where(block), it)
            if found.value:
                return [found]
    return []


def _script_dates(it: Sought) -> list[Dated]:
    """The first date of publication in the data that the page carries for its scripts."""
    match = _SCRIPTED.search(it.page.html)
    return [_candidate(match["day"], "script", match["key"], it.clock)] if match else []


def _htmldate(it: Sought) -> list[Dated]:
    """Ask htmldate, last: its full search costs 46 ms a page and finds little more than its fast one (4.5 ms).

    A first of January is its way to say that it saw a year only.
    """
    latest = it.clock.seen + timedelta(days=1) if it.clock.seen else None
    try:
        day = find_date()(
            it.page.html, url=it.url, original_date=True, extensive_search=False, max_date=latest, min_date="1995-01-01"
        )
    except Exception as error:  # noqa: BLE001  a third party's search over hostile input; nothing is lost without it
        return [Candidate(None, type(error).__name__, "htmldate", "failed")]
    if not day:
        return []
    if day.endswith("-01-01") or (day.endswith("-01") and not _says_first(it.page.html, day)):
        return [Candidate(None, day, "htmldate", "a month or year filled up with ones is no date")]
    return [_candidate(day, "htmldate", "search of the source", it.clock)]


def headline_at(page: Page, title: str | None) -> int:
    """Index of the block that is the headline: the one that says the title, else the first h1; -1 without either."""
    first = -1
    for i, block in enumerate(page.blocks):
        if block.level and (first < 0 or block.level == 1):
            if title and block.text == title:
                return i
            if block.level == 1 and (first < 0 or page.blocks[first].level != 1):
                first = i
    if first < 0 and title:
        first = next((i for i, b in enumerate(page.blocks) if b.text == title), -1)
    return first


def _candidate(text: str, source: str, where: str, clock: PageClock) -> Dated:
    value = clock.read(text)
    if value is None:
        where = f"{where}; no whole date, or after the capture"
    elif is_ambiguous(text):
        where = f"{where}; day and month by {'the page' if clock.by_page else 'the site'}'s custom"
    return Candidate(value, _iso(value) if value else text[:100], source, where)


def _shown(text: str, source: str, where: str, it: Sought) -> Dated:
    """Read a date off the page; where day and month could change places, the page's other dates tell its custom."""
    custom = _custom(it.page) if is_ambiguous(text) else None
    return _candidate(text, source, where, replace(it.clock, country=custom, by_page=True) if custom else it.clock)


def _custom(page: Page) -> str | None:
    """Return a country whose order the page's plain dates follow (13/04/2024: "GB", 04/13/2024: "US"), or None."""
    found = [m for b in page.blocks if "/" in b.text or "-" in b.text for m in _ORDERED.findall(b.text)]
    day_first = any(int(first) > 12 >= int(second) for first, second in found)
    month_first = any(int(second) > 12 >= int(first) for first, second in found)
    return None if day_first == month_first else "GB" if day_first else "US"


def _iso(stamp: Timestamp) -> str:
    local = stamp.value + timedelta(minutes=stamp.offset_minutes)
    if stamp.precision is Precision.DAY:
        return local.strftime("%Y-%m-%d")
    text = local.strftime("%Y-%m-%dT%H:%M:%S" if stamp.precision is Precision.SECOND else "%Y-%m-%dT%H:%M")
    if not stamp.zoned:
        return text
    sign, minutes = "-" if stamp.offset_minutes < 0 else "+", abs(stamp.offset_minutes)
    return f"{text}{sign}{minutes // 60:02}:{minutes % 60:02}"


def _is_event(text: str) -> bool:
    folded = fold(text)
    return any(w in folded for w in _folded("events"))


@lru_cache(maxsize=4)
def _folded(field: str) -> tuple[str, ...]:
    return tuple(fold(w) for w in words(field))


def _says_first(html: str, day: str) -> bool:
    year, month, _ = day.split("-")
    forms = (day, f"01.{month}.{year}", f"01/{month}/{year}", f"{month}/01/{year}", f"{year}/{month}/01", f" 1, {year}")
    return any(form in html for form in forms)


SOURCES = (
    _declared_dates,
    _marked_dates,
    _address_date,
    _visible_dates,
    _loose_dates,
    _written_dates,
    _script_dates,
    _htmldate,
)
"""In the order in which they are asked; the first that gives a day ends it."""
