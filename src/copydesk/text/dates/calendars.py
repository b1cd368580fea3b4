"""Conversion from other calendars: the Buddhist era of Thailand, the Solar Hijri calendar of Iran, that of Ethiopia."""

from __future__ import annotations

from datetime import date, timedelta

__all__ = ["FIRST_YEAR", "LAST_YEAR", "from_ethiopian", "from_jalali", "read_day"]

FIRST_YEAR, LAST_YEAR = 1995, 2100
"""Range of plausible publication years."""
_ETHIOPIAN_EPOCH = date(2015, 9, 12).toordinal() - (365 * 2007 + 2008 // 4)
"""Ordinal of 1 Meskerem of the year 1; 1 Meskerem 2008 was 12 September 2015."""


def read_day(year: int, month: int, day: int, language: str = "und") -> date | None:
    """Return the date, or None if it does not exist or its year is out of range."""
    if language == "th" and 2538 <= year <= 2643:
        year -= 543  # the Buddhist era
    if language in ("fa", "ps") and 1373 <= year <= 1450:
        return from_jalali(year, month, day)
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


def from_jalali(year: int, month: int, day: int) -> date | None:
    """Convert a Solar Hijri date to Gregorian by the 33-year cycle (exact for 1970 to 2100)."""
    if not (1373 <= year <= 1478 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    cycles, rest = divmod(year - 979, 33)
    days = 365 * (year - 979) + cycles * 8 + (rest + 3) // 4 + 31 * min(month - 1, 6) + 30 * max(month - 7, 0) + day - 1
    return date(1600, 1, 1) + timedelta(days=days + 79)


def from_ethiopian(year: int, month: int, day: int) -> date | None:
    """Convert an Ethiopian date to Gregorian: twelve months of 30 days, a thirteenth of 5, or 6 before a leap year."""
    longest = 30 if month <= 12 else 6 if year % 4 == 3 else 5
    if not (1987 <= year <= 2092 and 1 <= month <= 13 and 1 <= day <= longest):
        return None
    return date.fromordinal(_ETHIOPIAN_EPOCH + 365 * (year - 1) + year // 4 + 30 * (month - 1) + day - 1)
