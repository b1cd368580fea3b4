"""The sources of a page's dates; `publication_date` tries them in the order of `SOURCES`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain, islice

from selectolax.lexbor import LexborNode

from copydesk.records import Precision, Timestamp
from copydesk.text.dates.date_labels import DateLabel, LabelledDate, label_of, labelled_dates
from copydesk.text.dates.written import FoundDate, dates_in, is_ambiguous, looks_like_date, read_date
from copydesk.text.html.dom.html_page import Page, PageBlock, Place
from copydesk.text.html.metadata.candidates import Candidate
from copydesk.text.html.metadata.head import Head
from copydesk.text.html.metadata.json_ld import texts
from copydesk.text.html.metadata.page_urls import date_in
from copydesk.text.html.metadata.threads import find_threads, story_begins
from copydesk.text.people.split_names import strip_byword

__all__ = [
    "CHANGE",
    "GUESSES",
    "OTHER",
    "SOURCES",
    "DateCandidate",
    "DateContext",
    "PageClock",
    "date_below_headline",
    "headline_index",
    "iso_text",
    "local_day",
    "modified_dates",
    "visible_dates",
]

CHANGE = "change: "
"""Prefix of the reason of a candidate that is the last change, not the publication."""
OTHER = "of a comment, an event or another story"
"""Reason of a date that is not the page's own."""
_BLOCKS_BEFORE, _BLOCKS_AFTER = 6, 12
"""Blocks around the headline whose visible date is the article's."""
_MAX_LINE_CHARS = 200
"""Maximum length of a line that is a date, not a sentence with one."""
_MAX_CREDIT_CHARS = 400
"""Maximum length of a line with author, address and dates."""
_MAX_LABEL_CHARS = 30
"""Maximum length of the text before the date of a line that begins with "Published" or "Updated"."""
_MAX_HEADING_DATE = 32
"""Maximum length of a heading that is a date ("Wednesday, September 25, 2024"), not a headline with one."""
_MAX_DATELINE = 90
_DATELINE = re.compile(r"(?P<lead>[^.!?:]{0,24}\b[^!?:]{6,60}?)\s*(?:\||–|—|--|\s-\s|/PR)")
"""What opens a paragraph before a dash or bar."""
_MAX_DATE_CHARS, _MAX_OTHERS = 60, 40
_NEAR = timedelta(days=3)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|[^\x00-\x7f]\d|\d[./-]\d")
_NUMERIC_DATE = re.compile(r"(?<![\d/-])(\d{1,2})[/-](\d{1,2})[/-](?:19|20)\d\d(?!\d)")
_YEAR_BEHIND_SIGN = ("/20", "-20", "/19", "-19")
"""What a numeric date has; a search for each takes a hundredth of the pattern's."""
_CHANGE_CLASSES = ("updat", "modif")
_OTHER_THING = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|replies|related|recommend\w*|sidebar|widget-area|latest|recent|popular|trending"
    r"|most-?read|teasers?|calendar|events?|upcoming|more-?stories|read-?next|newsticker|ticker)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Class or id of an element of something else than the story, as words between hyphens."""
_MAX_ABOVE, _MAX_REJECTED = 8, 6
_SCRIPT_DATE = re.compile(
    r'"(?P<key>date_?published|published_?(?:at|date|time|on)?|publish_?(?:at|date|time|on)|publication_?date|pub_?date'
    r'|first_?published\w{0,12}|posted_?(?:at|on|date))\\?"\s{0,4}:\s{0,4}\\?"(?P<day>\d{4}-\d\d-\d\d[^"\\<]{0,25})',
    re.IGNORECASE,
)

_CALLED_DATE = re.compile(
    r"<script[^>]{0,80}>\s{0,20}(?:\w{1,20}\.)?(?P<key>(?:show|print|write|display|format)\w{0,20})\(\s?[\"'](?P<day>\d{4}[/-]\d\d[/-]\d\d"
    r"[^\"'<]{0,25})",
    re.IGNORECASE,
)
"""A date that the page lets a script write where it stands: showDate("2024/05/03 10:15:00")."""
_MAX_SHOWN_DISTANCE = 5
"""Blocks below the headline in which a date is the one that readers take for the story's."""
_MAX_SHOWN_CHARS = 64
_MACHINE_TIME = re.compile(r"\dT\d\d:")

DateCandidate = Candidate[Timestamp | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageClock:
    """What decides how a date on the page is parsed.

    Attributes:
        language: ISO 639-1 code.
        country: ISO 3166 code of the site, or None.
        seen: When the page was captured; later dates are rejected.
        order: What `country` was inferred from, for the evidence.
    """

    language: str
    country: str | None = None
    seen: datetime | None = None
    order: str = "the site's country"

    def read(self, text: str) -> Timestamp | None:
        """Parse a date with this language, country and limit."""
        return read_date(text, language=self.language, not_after=self.seen, country=self.country)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateContext:
    """The input of every date source.

    Attributes:
        page: The parsed page.
        head: Its head.
        clock: Language, country and capture.
        url: Its address.
        title: The chosen headline.
        hint: Publication date of the feed entry, or None.
        threads: Comments and lists of stories, found by their form.
    """

    page: Page
    head: Head
    clock: PageClock
    url: str | None
    title: str | None
    hint: str | None = None
    threads: Threads = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "threads", Threads(self.page, self.title))


class Threads:
    """The texts of others below the story; they are searched for when the first date asks."""

    def __init__(self, page: Page, title: str | None) -> None:
        self._page, self._title = page, title

    @cached_property
    def _begin(self) -> int:
        return story_begins(self._page, headline_index(self._page, self._title))

    @cached_property
    def _ranges(self) -> tuple[tuple[int, int], ...]:
        return find_threads(self._page, self._begin)

    @cached_property
    def _nodes(self) -> frozenset[int]:
        return frozenset(
            e.node.mem_id
            for e in self._page.elements
            if e.last > e.first and any(first <= e.first and e.last <= last for first, last in self._ranges)
        )

    def hold(self, index: int) -> bool:
        """Return whether the block of that index is in one."""
        return index >= self._begin and any(first <= index < last for first, last in self._ranges)

    def hold_node(self, node: LexborNode) -> bool:
        """Return whether an element is in one, or is inline in an element that is."""
        at: LexborNode | None = node
        for _ in range(_MAX_ABOVE):
            if at is None or not self._ranges:
                return False
            if at.mem_id in self._nodes:
                return True
            at = at.parent
        return False


def modified_dates(context: DateContext) -> Iterator[DateCandidate]:
    """Yield the dates of the last change that the head declares."""
    for text in texts(context.head.data.article.get("dateModified"))[:2]:
        yield _declared(text, "json-ld", "dateModified", context)
    for name, content in context.head.values("modified"):
        yield _declared(content, "og" if name.startswith("og:") else "meta", name, context)


def _declared_dates(context: DateContext) -> list[DateCandidate]:
    node = context.head.data.article
    found = [
        _declared(text, "json-ld", key, context)
        for key in ("datePublished", "dateCreated", "uploadDate")
        for text in texts(node.get(key))[:2]
    ]
    found += [
        _declared(content, "og" if name.startswith("og:") else "meta", name, context)
        for name, content in context.head.values("published")
    ]
    if context.hint:
        found.append(_declared(context.hint, "feed", "published", context))
    return found


def _marked_dates(context: DateContext) -> list[DateCandidate]:
    """Elements marked as publication date: itemprop, and <time> with a publishing class."""
    assert context.page.tree is not None  # noqa: S101
    found = []
    for node in context.page.tree.css("[itemprop~=datePublished], [property~='schema:datePublished'], time[pubdate]")[
        :4
    ]:
        a = node.attributes
        text = a.get("content") or a.get("datetime") or a.get("title") or node.text(deep=True)[:100]
        found.append(_own(node, context, _shown(text, "itemprop", "datePublished", context)))
    for node in context.page.tree.css("time[class*=publish], time.entry-date, abbr.published, time[class*=posted]")[:4]:
        a = node.attributes
        if not any(c in (a.get("class") or "").lower() for c in _CHANGE_CLASSES) or "publish" in (a.get("class") or ""):
            text = a.get("datetime") or a.get("title") or node.text(deep=True)[:100]
            found.append(_own(node, context, _shown(text, "time", f"class {a.get('class')}", context)))
    return found


def _address_date(context: DateContext) -> list[DateCandidate]:
    day = date_in(context.url)
    return [_candidate(day, "url", "path", context.clock)] if day else []


def visible_dates(context: DateContext, *, with_year: bool = False) -> list[DateCandidate]:
    """Short lines and credit lines around the headline with a date; `with_year`: only those that show a year."""
    at = headline_index(context.page, context.title)
    if at < 0:
        return []
    near = [
        *range(at, min(len(context.page.blocks), at + _BLOCKS_AFTER + 1)),
        *range(at - 1, max(-1, at - _BLOCKS_BEFORE - 1), -1),
    ]
    found: list[DateCandidate] = []
    for block in (context.page.blocks[number] for number in near):
        if block.place & (Place.HIDDEN | Place.NAV) or (with_year and not _YEAR.search(block.text[:_MAX_CREDIT_CHARS])):
            continue
        if _is_date_line(block, context):
            lines = _line_dates(block.text, "text", context.page.where(block), context)
            found += _not_own(lines) if lines and context.threads.hold(block.number - 1) else lines
        elif len(block.text) > _MAX_LINE_CHARS and not any(c.value for c in found):
            found += _dateline(block, context)
    return found


def date_below_headline(context: DateContext) -> DateCandidate | None:
    """Return the date of the short lines right below the headline, dates of changes aside, if they have one day only.

    Not one whose day and month may be in either order: what the head declares is surer.
    """
    at = headline_index(context.page, context.title)
    found: list[DateCandidate] = []
    for block in context.page.blocks[at + 1 : at + 1 + _MAX_SHOWN_DISTANCE] if at >= 0 else ():
        text = block.text
        if len(text) > _MAX_SHOWN_CHARS or block.place & (Place.HIDDEN | Place.NAV) or not _YEAR.search(text):
            continue
        if not _MACHINE_TIME.search(text) and _is_date_line(block, context):
            found += _line_dates(text, "text", context.page.where(block), context)
    plain = [c for c in found if c.value and not c.reason.startswith(CHANGE)]
    days = {local_day(c.value) for c in plain if c.value}
    return plain[0] if len(days) == 1 and "day and month" not in plain[0].reason else None


def local_day(stamp: Timestamp) -> date:
    """Return the day at the place of the stamp."""
    return (stamp.value + timedelta(minutes=stamp.offset_minutes)).date()


def _is_other(page: Page, block: PageBlock, headline: int) -> bool:
    """Return whether a line is part of a comment, an event or another story, up to what holds the headline, too."""
    number = block.element
    for _ in range(_MAX_ABOVE):
        if number < 0:
            return False
        element = page.elements[number]
        if element.first <= headline < element.last:
            return False
        if _OTHER_THING.search(element.names):
            return True
        number = element.parent
    return False


def _not_own(candidates: Iterable[DateCandidate]) -> list[DateCandidate]:
    return [replace(c, value=None, reason=f"{c.reason}; {OTHER}") for c in candidates]


def _dateline(block: PageBlock, context: DateContext) -> list[DateCandidate]:
    """Return the date before the dash or bar that opens a paragraph ("BERLIN, 3 May 2024 (dpa) - ...")."""
    opening = _DATELINE.match(block.text[:_MAX_DATELINE])
    if opening is None:
        return []
    return [
        c for c in _line_dates(opening["lead"], "text", f"dateline, {context.page.where(block)}", context) if c.value
    ]


def _is_date_line(block: PageBlock, context: DateContext) -> bool:
    """Return whether a line is a date with few words, or a credit line with a date somewhere in it."""
    if len(block.text) <= _MAX_LINE_CHARS and looks_like_date(block.text[:120]):
        return not block.level or len(block.text) <= _MAX_HEADING_DATE
    if len(block.text) > _MAX_CREDIT_CHARS or not _YEAR.search(block.text):
        return False
    dates = labelled_dates(block.text, language=context.clock.language)
    if not dates:
        return False
    signed = len(strip_byword(block.text, context.clock.language)) < len(block.text)
    parted = any(mark in block.text for mark in (" | ", " • ", " · ", " / "))
    named = any(d.label in (DateLabel.PUBLISHED, DateLabel.MODIFIED) for d in dates)
    if named and len(block.text) <= _MAX_LINE_CHARS and len(block.text.partition(dates[0].text)[0]) <= _MAX_LABEL_CHARS:
        return True
    return signed + parted + named >= (1 if len(block.text) <= _MAX_LINE_CHARS and (signed or parted) else 2)


def _line_dates(text: str, source: str, where: str, context: DateContext) -> list[DateCandidate]:
    """Return the dates of a line, each marked as publication, change or event by the words beside it."""
    clock = _clock_for(text, context)
    dates = labelled_dates(text, language=clock.language, not_after=clock.seen, country=clock.country)
    if dates:
        return [_labelled(one, source, where, clock, context) for one in dates]
    label = label_of(text)
    if label is DateLabel.EVENT:
        return []
    return [_candidate(text, source, f"{CHANGE if label is DateLabel.MODIFIED else ''}{where}", clock)]


def _labelled(one: LabelledDate, source: str, where: str, clock: PageClock, context: DateContext) -> DateCandidate:
    value = iso_text(one.stamp)
    if one.label is DateLabel.EVENT:
        return Candidate(None, value, source, f"{where}; the date of an event or a deadline")
    if context.title and one.text in context.title:
        return Candidate(None, value, source, f"{where}; stands in the headline")
    if is_ambiguous(one.text):
        where = f"{where}; day and month in the order of {clock.order}"
    return Candidate(one.stamp, value, source, f"{CHANGE if one.label is DateLabel.MODIFIED else ''}{where}")


def _loose_dates(context: DateContext) -> list[DateCandidate]:
    """<time> elements, then elements with a date class."""
    assert context.page.tree is not None  # noqa: S101
    found = []
    for node in context.page.tree.css("time")[:6]:
        a = node.attributes
        names = f"{a.get('class') or ''} {a.get('itemprop') or ''}".lower()
        mark = CHANGE if any(c in names for c in _CHANGE_CLASSES) else ""
        text = a.get("datetime") or node.text(deep=True)[:100]
        found.append(_own(node, context, _shown(text, "time", f"{mark}<time>", context)))
    for node in context.page.tree.css("[class*=date], [id*=date], [class*=time], [class*=meta], [class*=Date]")[:40]:
        text = " ".join(node.text(deep=True)[:300].split())
        if 6 <= len(text) <= 120 and looks_like_date(text):
            lines = _line_dates(text, "class", f"class {node.attributes.get('class')}", context)
            found += [_own(node, context, c) for c in lines]
    return found


def _own(node: LexborNode, context: DateContext, candidate: DateCandidate) -> DateCandidate:
    """Return the candidate, without its value where the element is part of a comment, an event or another story."""
    if candidate.value and context.threads.hold_node(node):
        return _not_own([candidate])[0]
    above = node.parent
    for _ in range(_MAX_ABOVE):
        if above is None or above.tag in ("body", "html") or above.css_first("h1") is not None:
            break
        if above.tag in ("aside", "nav", "footer") or _OTHER_THING.search(
            f"{above.attributes.get('class') or ''} {above.attributes.get('id') or ''}"
        ):
            return _not_own([candidate])[0]
        above = above.parent
    return candidate


def _written_dates(context: DateContext) -> list[DateCandidate]:
    """The first short line with a date, anywhere outside navigation and footer."""
    at = headline_index(context.page, context.title)
    found: list[DateCandidate] = []
    for block in context.page.blocks:
        if len(block.text) > _MAX_LINE_CHARS or block.place & (Place.HIDDEN | Place.NAV | Place.FOOTER):
            continue
        if looks_like_date(block.text[:120]):
            lines = _line_dates(block.text, "text", context.page.where(block), context)
            other = lines and (_is_other(context.page, block, at) or context.threads.hold(block.number - 1))
            lines = _not_own(lines) if other else lines
            found += [c for c in lines if c.value or c.reason.endswith(OTHER)]
            if any(c.value for c in lines):
                return lines
    return found[:_MAX_REJECTED]


def _script_dates(context: DateContext) -> list[DateCandidate]:
    """The first publication date in the JSON data of the page's scripts."""
    match = _SCRIPT_DATE.search(context.page.html) or _CALLED_DATE.search(context.page.html)
    return [_candidate(match["day"], "script", match["key"], context.clock)] if match else []


def _htmldate(context: DateContext) -> list[DateCandidate]:
    """Run htmldate, last: its extensive search takes 46 ms a page and finds little more than the fast one (4.5 ms).

    It returns 1 January for a year and the first of a month for a month without a day.
    """
    latest = context.clock.seen + timedelta(days=1) if context.clock.seen else None
    try:
        from htmldate import find_date

        day = find_date(
            context.page.html,
            url=context.url,
            original_date=True,
            extensive_search=False,
            max_date=latest,
            min_date="1995-01-01",
        )
    except Exception as error:  # noqa: BLE001  third-party search over hostile input; its failure costs one candidate
        return [Candidate(None, type(error).__name__, "htmldate", "failed")]
    if not day:
        return []
    if day.endswith("-01-01") or (day.endswith("-01") and not _says_first(context.page.html, day)):
        return [Candidate(None, day, "htmldate", "only a month or year, completed with 1")]
    if any(day == d.stamp.value.strftime("%Y-%m-%d") for d in _in_headline(context)):
        return [Candidate(None, day, "htmldate", "the date in the headline")]
    if day in _days_of_threads(context):
        return [Candidate(None, day, "htmldate", OTHER)]
    return [_candidate(day, "htmldate", "search in the HTML source", context.clock)]


def _days_of_threads(context: DateContext) -> set[str]:
    """Return the days written in comments and lists of stories, at most 40 of them, as ISO dates."""
    said = (b.text for b in context.page.blocks if _YEAR.search(b.text) and context.threads.hold(b.number - 1))
    clock = context.clock
    found = (d for text in said for d in dates_in(text, language=clock.language, country=clock.country))
    return {d.stamp.value.strftime("%Y-%m-%d") for d in islice(found, _MAX_OTHERS)}


def _in_headline(context: DateContext) -> Iterator[FoundDate]:
    title = context.title or ""
    return dates_in(title, language=context.clock.language, country=context.clock.country) if title else iter(())


def headline_index(page: Page, title: str | None) -> int:
    """Return the index of the block that equals the title, else of the first h1; -1 without either."""
    first = equal = -1
    for i, block in enumerate(page.blocks):
        if block.level and (first < 0 or block.level == 1):
            if title and block.text == title:
                if block.level == 1 or not block.place & Place.NAV:
                    return i
                equal = i if equal < 0 else equal  # a ticker has the headline, too
            if block.level == 1 and (first < 0 or page.blocks[first].level != 1):
                first = i
    if first < 0 <= equal:
        return equal
    if first < 0 and title:
        first = next((i for i, b in enumerate(page.blocks) if b.text == title), -1)
    return first


def _candidate(text: str, source: str, where: str, clock: PageClock) -> DateCandidate:
    value = clock.read(text)
    if value is None:
        where = f"{where}; no complete date, or later than the capture"
    elif is_ambiguous(text):
        where = f"{where}; day and month in the order of {clock.order}"
    return Candidate(value, iso_text(value) if value else text[:100], source, where)


def _declared(text: str, source: str, where: str, context: DateContext) -> DateCandidate:
    """Parse a date of the head; day and month in either order are read as the date nearest to another of the page."""
    clock = context.clock
    if is_ambiguous(text) and (order := _nearest_order(text, context)):
        clock = replace(clock, country=order, order="the nearest other date")
    return _candidate(text, source, where, clock)


def _shown(text: str, source: str, where: str, context: DateContext) -> DateCandidate:
    """Parse a visible date."""
    return _candidate(text, source, where, _clock_for(text, context))


def _clock_for(text: str, context: DateContext) -> PageClock:
    """Return the clock for a text: where day and month are ambiguous, the page's other dates decide their order."""
    if not is_ambiguous(text):
        return context.clock
    order = _date_order(context.page)
    if order:
        return replace(context.clock, country=order, order="the page's other dates")
    order = _nearest_order(text, context)
    return replace(context.clock, country=order, order="the nearest other date") if order else context.clock


def _nearest_order(text: str, context: DateContext) -> str | None:
    """Return the order in which an ambiguous date lies within days of another date of the page, if only one does."""
    others = [s.value for s in _other_dates(context)]
    near = []
    for country in ("GB", "US"):
        stamp = replace(context.clock, country=country).read(text)
        if stamp is not None and any(abs(stamp.value - other) <= _NEAR for other in others):
            near.append(country)
    return near[0] if len(near) == 1 else None


def _other_dates(context: DateContext) -> Iterator[Timestamp]:
    """Yield the dates of the page that can be read in one way only: head, address, short lines."""
    node = context.head.data.article
    given = [t for key in ("datePublished", "dateModified", "dateCreated") for t in texts(node.get(key))[:1]]
    given += [content for name in ("published", "modified") for _, content in context.head.values(name)]
    given += [day for day in (date_in(context.url), context.hint) if day]
    short = (b.text for b in context.page.blocks if len(b.text) <= _MAX_DATE_CHARS and _YEAR.search(b.text))
    for text in islice(chain(given, short), _MAX_OTHERS):
        if not is_ambiguous(text) and (stamp := context.clock.read(text)) is not None:
            yield stamp


def _date_order(page: Page) -> str | None:
    """Return a country with the order of the page's unambiguous dates (13/04/2024: "GB", 04/13/2024: "US"), or None."""
    dated = [b.text for b in page.blocks if any(year in b.text for year in _YEAR_BEHIND_SIGN)]
    found = [m for text in dated for m in _NUMERIC_DATE.findall(text)]
    day_first = any(int(first) > 12 >= int(second) for first, second in found)
    month_first = any(int(second) > 12 >= int(first) for first, second in found)
    return None if day_first == month_first else "GB" if day_first else "US"


def iso_text(stamp: Timestamp) -> str:
    """Return a stamp in ISO 8601, local time with offset, in its precision."""
    local = stamp.value + timedelta(minutes=stamp.offset_minutes)
    if stamp.precision is Precision.DAY:
        return local.strftime("%Y-%m-%d")
    text = local.strftime("%Y-%m-%dT%H:%M:%S" if stamp.precision is Precision.SECOND else "%Y-%m-%dT%H:%M")
    if not stamp.zoned:
        return text
    sign, minutes = "-" if stamp.offset_minutes < 0 else "+", abs(stamp.offset_minutes)
    return f"{text}{sign}{minutes // 60:02}:{minutes % 60:02}"


def _says_first(html: str, day: str) -> bool:
    year, month, _ = day.split("-")
    forms = (day, f"01.{month}.{year}", f"01/{month}/{year}", f"{month}/01/{year}", f"{year}/{month}/01", f" 1, {year}")
    return any(form in html for form in forms)


SOURCES = (
    _declared_dates,
    _marked_dates,
    _address_date,
    visible_dates,
    _loose_dates,
    _written_dates,
    _script_dates,
    _htmldate,
)
"""In search order; the search ends at the first that gives a date."""
GUESSES = (_script_dates, _htmldate)
"""Sources that are not asked where the page shows the date of a change."""
