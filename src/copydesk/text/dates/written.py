"""Parse written dates such as "Freitag, 28. April 2023, 20:22 Uhr" to a `Timestamp` of the precision given.

    whole strings (ISO, epoch) -> numbers (2023-04-28, 28.4.2023) -> month names -> "2 hours ago" -> dateparser

A date needs day, month and year. The patterns here parse nearly all dates of pages in about 40 us; dateparser (0.5 ms,
200 ms to import) is the fallback.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from copydesk.records import Precision, Timestamp
from copydesk.text.dates.calendars import FIRST_YEAR, LAST_YEAR, from_ethiopian, from_jalali, read_day
from copydesk.text.dates.clock import Clock, read_clock
from copydesk.text.dates.date_words import date_words, fold
from copydesk.text.dates.relative import is_foreign, read_distance

__all__ = ["FoundDate", "date_span", "dates_in", "is_ambiguous", "looks_like_date", "read_date"]

_MAX_CHARS = 400
_YMD = re.compile(r"(?<!\d)(\d{4})\s?([-/.])\s?(\d{1,2})\s?[-/.]\s?(\d{1,2})(?!\d)")
_DMY = re.compile(
    r"(?<![\d.,])(\d{1,2})\s?([./-]|\|(?=\s?\d\d?\s?\|\s?\d{4}))\s?(\d{1,2})\s?[./|-]\s?(\d{4}|\d{2})(?![\d]|[.,]\d)"
)
_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]?")
_ERA = re.compile(r"(民國|民国|令和|平成)\s?(元|\d{1,3})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日?")
_MONGOLIAN = re.compile(r"(\d{4})\s+оны\s+(\d{1,2})(?:\s?-\s?р)?\s+сарын\s+(\d{1,2})", re.IGNORECASE)
_VIETNAMESE = re.compile(r"(\d{1,2})\s+th(?:áng|g)\s+(\d{1,2}),?(?:\s+năm)?\s+(\d{4})", re.IGNORECASE)
_MONTH_WORDS = ("thang", "thg", "сарын")
"""The word for month, beside its number."""
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?(Z?))?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_TOKEN = re.compile(r"\d{1,4}|[\u0e01-\u0eff]{1,3}\.[\u0e01-\u0eff]{1,3}(?=[.\s\d])|[^\W\d_][^\s\d,.:;/()|·•–—_-]*")
_DIGIT = re.compile(r"\d")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_DAY_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)|\d{6}")
"""A number that may be the day of a month; without one no text has a complete date."""
_MAX_WORDS_CHARS = 40
"""Length from which a line without a number is no date, whatever signs of direction it has."""
_NUMERIC = re.compile(r"(?:\d{1,4}|元)\s?[-/.年년|]\s?\d{1,2}\s?[-/.月월|]\s?\d{1,4}")


def read_date(
    text: str, *, language: str, not_after: datetime | None = None, country: str | None = None
) -> Timestamp | None:
    """Return the first date in the text, or None; missing parts are never guessed.

    Args:
        text: A date, or a short line with one. Only the first 400 characters are read.
        language: ISO 639-1 code of the page, "und" if unknown.
        not_after: When the page was captured. Later dates are ignored (one day of tolerance); "2 hours ago" is relative
            to it.
        country: ISO 3166 code of the site, for the order of 03/04/2024 and for zone names.

    Returns:
        UTC if the text has a zone, else the local time with `zoned=False`; years from 1995 to `not_after`.
    """
    text = _western_digits(text[:_MAX_CHARS].strip())
    if not text:
        return None
    return (
        _read_machine_date(text, not_after)
        or _read_first_date(text, language, not_after, country)
        or _read_relative_date(text, language, not_after)
        or _read_other_date(text, language, not_after, country)
    )


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a line: its value, and its offsets in the line with western digits."""

    stamp: Timestamp
    start: int
    end: int
    line: str


def dates_in(
    text: str, *, language: str, not_after: datetime | None = None, country: str | None = None
) -> Iterator[FoundDate]:
    """Yield the complete dates written in the first 400 characters of a text, in order; arguments as in `read_date`."""
    text = _western_digits(text[:_MAX_CHARS].strip())
    found = sorted(
        (f for f in (*_numeric_dates(text, language, country), *_month_name_dates(text, language)) if f[2]),
        key=lambda f: (f[0], -f[1]),
    )
    end_before, free = 0, True
    for i, (start, end, days) in enumerate(found):
        if start < end_before:
            continue
        limit = next((f[0] for f in found[i + 1 :] if f[0] >= end), None)
        behind = read_clock("", text[end:limit], country) or read_clock("", text[start:end], country)
        clock = behind or (read_clock(text[end_before:start], "", country) if free else None)
        free = behind is None  # else the time before the next date is that of this one
        stamp = next((s for day in days if (s := _timestamp(day, clock, not_after)) is not None), None)
        if stamp is not None:
            yield FoundDate(stamp, start, end, text)
            end_before = end


def looks_like_date(text: str) -> bool:
    """Return whether a short line contains a date, in any language. Fast, without heavy imports."""
    size = len(text)
    return 4 < size <= 120 and (size < _MAX_WORDS_CHARS or _DIGIT.search(text) is not None) and _looks_like_date(text)


@lru_cache(maxsize=4096)
def _looks_like_date(text: str) -> bool:
    """Answer for one short line; several fields of a page ask about the same lines."""
    dated = _DIGIT.search(text) is not None
    text = _western_digits(text)
    if not dated:
        return len(text) < 30 and _has_relative_sign(text)
    if _NUMERIC.search(text):
        return any(True for _ in _numeric_dates(text, "und", None))
    fillers = date_words().fillers
    tokens = [t for t in map(fold, _TOKEN.findall(text)) if t not in fillers]
    if len(tokens) <= 12 and _has_month_beside_number(tokens):
        return True
    return len(tokens) <= 6 and _has_relative_sign(text)


def date_span(text: str, language: str = "und") -> tuple[int, int] | None:
    """Return the offsets (start, end) of the first date of a short line, without its time of day."""
    return _date_span(text[:_MAX_CHARS], language)


@lru_cache(maxsize=1024)
def _date_span(text: str, language: str) -> tuple[int, int] | None:
    text = _western_digits(text)
    if not _DIGIT.search(text):
        return None
    found = [*_numeric_dates(text, language, None), *_month_name_dates(text, language)]
    spans = [(start, end) for start, end, days in found if days]
    return min(spans, default=None)


def _has_month_beside_number(tokens: list[str]) -> bool:
    """Return whether the name of a month stands right behind a day or year, or up to two words before one."""
    for at, token in enumerate(tokens):
        if token.isdecimal() and (_is_day(token) or (_is_year(token) and FIRST_YEAR <= int(token) <= LAST_YEAR)):
            beside = (at - 2, at - 1, at + 1)
            if any(0 <= i < len(tokens) and _is_month(tokens, i) for i in beside):
                return True
    return False


def _is_month(tokens: list[str], i: int) -> bool:
    words, token = date_words(), tokens[i]
    if token in words.months or token in words.jalali or token in words.ethiopian or token in _MONTH_WORDS:
        return True
    return i + 1 < len(tokens) and f"{token} {tokens[i + 1]}" in words.months


def is_ambiguous(text: str) -> bool:
    """Return whether the first numeric date is ambiguous: 03/04/2024, but neither 03.04.2024 nor 13/04/2024."""
    text = _western_digits(text[:_MAX_CHARS])
    match = _DMY.search(text)
    if match is None or match[2] in ".|" or _YMD.search(text):
        return False
    return int(match[1]) <= 12 and int(match[3]) <= 12 and match[1] != match[3]


def _western_digits(text: str) -> str:
    if text.isascii():
        return text
    if _FOREIGN_DIGIT.search(text):
        text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() and c > "9" else c for c in text)
    return (
        text.replace("\u200f", "").replace("\u200e", "").replace("،", ",").replace("\u00a0", " ").replace("\u202f", " ")
    )


def _read_machine_date(text: str, not_after: datetime | None) -> Timestamp | None:
    """Parse machine-readable dates: 20230428T202200Z, 1682706120."""
    if _EPOCH.fullmatch(text):
        seconds = int(text[:10])
        stamp = datetime.fromtimestamp(seconds, UTC)
        return _timestamp(
            stamp.date(),
            Clock(hour=stamp.hour, minute=stamp.minute, second=stamp.second, seconds=True, offset=0),
            not_after,
        )
    match = _COMPACT.fullmatch(text)
    if not match:
        return None
    day = read_day(int(match[1]), int(match[2]), int(match[3]))
    if day is None:
        return None
    clock = None
    if match[4] and int(match[4]) < 24 and int(match[5]) < 60 and int(match[6] or 0) < 60:
        clock = Clock(
            hour=int(match[4]),
            minute=int(match[5]),
            second=int(match[6] or 0),
            seconds=bool(match[6]),
            offset=0 if match[7] else None,
        )
    return _timestamp(day, clock, not_after)


def _read_first_date(text: str, language: str, not_after: datetime | None, country: str | None) -> Timestamp | None:
    """Return the earliest date in the text that is possible."""
    found = [*_numeric_dates(text, language, country), *_month_name_dates(text, language)]
    for start, end, days in sorted(found, key=lambda f: f[0]):
        clock = read_clock(text[:start], text[end:], country) or read_clock("", text[start:end], country)
        for day in days:
            stamp = _timestamp(day, clock, not_after)
            if stamp is not None:
                return stamp
    return None


def _numeric_dates(text: str, language: str, country: str | None) -> Iterator[tuple[int, int, list[date]]]:
    """Yield (start, end, readings, likeliest first) of every numeric date."""
    if not _DIGIT.search(text):
        return
    for match in _YMD.finditer(text):
        yield match.start(), match.end(), _one_or_none(read_day(int(match[1]), int(match[3]), int(match[4]), language))
    if not text.isascii():
        yield from _dates_with_signs(text)
    for match in _VIETNAMESE.finditer(text):
        yield match.start(), match.end(), _one_or_none(read_day(int(match[3]), int(match[2]), int(match[1])))
    for match in _DMY.finditer(text):
        year = int(match[4])
        if year < 100:
            year += 2000 if year < 70 else 1900
        readings = [(int(match[3]), int(match[1])), (int(match[1]), int(match[3]))]
        if match[2] not in ".|" and _month_first(language, country):
            readings.reverse()
        # With dots the day is first everywhere; the other order is tried only if that is impossible.
        days = [d for month, day in readings if (d := read_day(year, month, day, language)) is not None]
        yield match.start(), match.end(), days


def _dates_with_signs(text: str) -> Iterator[tuple[int, int, list[date]]]:
    """Yield those whose numbers stand before words or signs for year, month and day."""
    for match in _CJK.finditer(text):
        yield match.start(), match.end(), _one_or_none(read_day(int(match[1]), int(match[2]), int(match[3])))
    for match in _ERA.finditer(text):
        year = date_words().eras[match[1]] + (1 if match[2] == "元" else int(match[2]))
        yield match.start(), match.end(), _one_or_none(read_day(year, int(match[3]), int(match[4])))
    for match in _MONGOLIAN.finditer(text):
        yield match.start(), match.end(), _one_or_none(read_day(int(match[1]), int(match[2]), int(match[3])))


def _month_first(language: str, country: str | None) -> bool:
    words = date_words()
    return country in words.month_first_countries if country else language in words.month_first_languages


def _month_name_dates(text: str, language: str) -> Iterator[tuple[int, int, list[date]]]:
    """Yield the dates with a month's name, in any order of day, month and year."""
    if not _DIGIT.search(text):
        return
    words = date_words()
    spans = [(m.start(), m.end(), fold(m.group())) for m in _TOKEN.finditer(text)]
    tokens = [t for _, _, t in spans]
    for i, token in enumerate(tokens):
        width, month = 1, words.month(token, language)
        if i + 1 < len(tokens) and (both := words.month(f"{token} {tokens[i + 1]}", language)):
            width, month = 2, both
        if not month and token not in words.jalali and token not in words.ethiopian:
            continue
        found = _day_and_year_beside(tokens, text, spans, i, i + width - 1)
        if found is None:
            continue
        day, year, first, last = found
        if month:
            value = read_day(year, month, day, "th" if "\u0e00" <= token[0] <= "\u0e7f" else language)
        elif token in words.jalali:
            value = from_jalali(year, words.jalali[token], day)
        else:
            value = from_ethiopian(year, words.ethiopian[token], day)
        if value is not None:
            yield spans[first][0], spans[last][1], [value]


def _day_and_year_beside(
    tokens: list[str], text: str, spans: list[tuple[int, int, str]], first: int, last: int
) -> tuple[int, int, int, int] | None:
    """Return (day, year, first token, last token) of the date whose month is at tokens first..last, or None."""
    fillers = date_words().fillers
    before = [
        j for j in range(first - 1, max(-1, first - 4), -1) if tokens[j] not in fillers and not _in_time(text, spans[j])
    ][:2]
    after = [
        j
        for j in range(last + 1, min(len(tokens), last + 9))
        if tokens[j] not in fillers and not _in_time(text, spans[j])
    ][:3]
    if before and after and _is_day(tokens[after[0]]) and _is_glued(text, spans[before[0]]):
        before = []  # "F1Dec 19, 2023"
    day_at = next((j for j in before[:1] + after[:1] if _is_day(tokens[j])), None)
    if day_at is None:
        return None
    if day_at > last and before and before[0] == first - 1 and _is_year(tokens[first - 1]):
        return int(tokens[day_at]), int(tokens[first - 1]), first - 1, day_at  # "2023. április 12. | 2023. ..."
    years = [j for j in after if j != day_at and _is_year(tokens[j])] or [j for j in before if _is_year(tokens[j])]
    if not years:
        return None
    start, end = min(first, day_at, years[0]), max(last, day_at, years[0])
    if any(_other_month(tokens[j], tokens[first : last + 1]) for j in range(start, end + 1) if not first <= j <= last):
        return None  # "12 minutes ago Wed 29th April 2020": "ago" is a month elsewhere
    return int(tokens[day_at]), int(tokens[years[0]]), start, end


def _other_month(token: str, name: list[str]) -> bool:
    """Return whether a word is a month, and not the same one again ("27 أيلول/سبتمبر 2023")."""
    months = date_words().months
    other = months.get(token, {})
    return bool(other) and set(other.values()).isdisjoint(months.get(" ".join(name), {}).values())


def _is_glued(text: str, span: tuple[int, int, str]) -> bool:
    return text[max(0, span[0] - 1) : span[0]].isalpha() and text[span[1] : span[1] + 1].isalpha()


def _in_time(text: str, span: tuple[int, int, str]) -> bool:
    return text[span[1] : span[1] + 1] == ":" or text[max(0, span[0] - 1) : span[0]] == ":"


def _is_day(token: str) -> bool:
    return token.isdecimal() and len(token) <= 2 and 1 <= int(token) <= 31


def _is_year(token: str) -> bool:
    return token.isdecimal() and len(token) == 4


def _one_or_none(day: date | None) -> list[date]:
    return [] if day is None else [day]


def _timestamp(day: date, clock: Clock | None, not_after: datetime | None) -> Timestamp | None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    value = datetime(day.year, day.month, day.day, tzinfo=UTC)
    precision, zoned, offset = Precision.DAY, False, 0
    # Content management systems write midnight without a zone for "no time".
    if clock and (clock.offset is not None or clock.hour or clock.minute or clock.second):
        offset = clock.offset or 0
        value += timedelta(hours=clock.hour, minutes=clock.minute - offset, seconds=clock.second)
        precision = Precision.SECOND if clock.seconds else Precision.MINUTE
        zoned = clock.offset is not None
    if not_after is not None and value > not_after + timedelta(days=1):
        return None
    return Timestamp(value=value, precision=precision, zoned=zoned, offset_minutes=offset)


def _has_relative_sign(text: str) -> bool:
    folded, words = fold(text), date_words()
    if not words.relative_words.isdisjoint(folded.split()):
        return True
    padded = f" {folded} "
    if any(phrase in padded for phrase in words.relative_phrases):
        return True
    return not folded.isascii() and any(sign in folded for sign in words.relative_signs)


def _read_relative_date(text: str, language: str, not_after: datetime | None) -> Timestamp | None:
    """Parse "2 hours ago" relative to the capture, to the day only: a file may be saved long after rendering."""
    if not_after is None or len(text) > 40 or not _has_relative_sign(text):
        return None
    base = not_after.astimezone(UTC)
    found = read_distance(text, language, base)
    if found is None and not is_foreign(text, language):
        found = _parse_with_dateparser(text, language, {"RELATIVE_BASE": base.replace(tzinfo=None)})
    if found is None or not timedelta(0) <= base - found < timedelta(days=45):
        return None
    return _timestamp(found.date(), None, not_after)


def _read_other_date(text: str, language: str, not_after: datetime | None, country: str | None) -> Timestamp | None:
    """Parse other short texts with a year by dateparser; partial dates are rejected."""
    if len(text) > 60 or text.isascii() or language == "und":
        return None
    if not re.search(r"\d{4}", text) or not _DAY_NUMBER.search(text) or is_foreign(text, language):
        return None
    order = "MDY" if _month_first(language, country) else "DMY"
    found = _parse_with_dateparser(
        text, language, {"DATE_ORDER": order, "REQUIRE_PARTS": ["day", "month", "year"], "STRICT_PARSING": True}
    )
    return None if found is None else _timestamp(found.date(), None, not_after)


def _parse_with_dateparser(text: str, language: str, settings: dict[str, object]) -> datetime | None:
    import dateparser

    try:
        found: datetime | None = dateparser.parse(
            text, languages=None if language == "und" else [language], settings=settings
        )
    except (ValueError, OverflowError, TypeError):  # an unknown language, or a number out of range
        return None
    return None if found is None else found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
