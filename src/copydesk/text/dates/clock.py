"""Read the time of day and zone beside a date: "3:05 p.m. EDT", "10.30 Uhr", "T07:39:00.25+02:00", "오후 3:05"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from copydesk.text.dates.date_words import DateWords, date_words, fold

__all__ = ["Clock", "read_clock"]

_TIME = re.compile(
    r"(?<![\d.,/-])(?P<h>\d{1,2})\s?(?P<sep>[:.h時时시])\s?(?P<m>\d{2})(?!\d)(?:(?::|\.(?=\d\d\b(?!\.)))(?P<s>\d{2}(?!\d)|\d(?=z\b)))?(?:[.,]\d{1,9})?[分분]?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\d.,:/-])(?P<h>\d{1,2})\s?(?P<sign>a\.?m\b|p\.?m\b|uhr\b)", re.IGNORECASE)
_OFFSET = re.compile(r"\s*\(?(?:utc|gmt)?\s*(?P<sign>[+\-−])(?P<h>\d{1,2}):?(?P<m>\d{2})?(?!\d)", re.IGNORECASE)
_ABBREVIATION = re.compile(r"\s*[,(]?\s*(?P<name>[A-Za-zА-я]{1,5})(?![\w])")
_MAX_DISTANCE = 30  # maximum characters between a date and its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time of day.

    Attributes:
        offset: Minutes from UTC; None without a zone.
        seconds: Whether the text gave seconds.
    """

    hour: int
    minute: int
    second: int
    seconds: bool
    offset: int | None


def read_clock(before: str, after: str, country: str | None = None) -> Clock | None:
    """Return the time right after a date, or else right before it, or None."""
    for text, nearest_last in ((after[: _MAX_DISTANCE * 2], False), (before[-_MAX_DISTANCE:], True)):
        found = [m for m in _TIME.finditer(text) if _is_time(m, text)] or list(_HOUR.finditer(text))
        if found:
            match = found[-1] if nearest_last else found[0]
            if match.start() <= _MAX_DISTANCE or nearest_last:
                clock = _clock(match, text, country)
                if clock is not None:
                    return clock
    return None


def _is_time(match: re.Match[str], text: str) -> bool:
    if match["sep"] != ".":
        return True
    words = date_words()
    after = fold(text[match.end() :]).split()[:1]
    before = fold(text[: match.start()]).split()[-1:]
    noon = words.am | words.pm
    return bool(
        (after and (after[0].strip(".,") in words.hour_signs or after[0].strip(",") in noon))
        or (before and before[0] in words.hour_signs)
    )


def _clock(match: re.Match[str], text: str, country: str | None) -> Clock | None:
    words = date_words()
    parts = match.groupdict()
    hour, minute, second = int(parts["h"]), int(parts.get("m") or 0), int(parts.get("s") or 0)
    rest = text[match.end() :]
    hour, rest = _noon(hour, text[: match.start()], parts.get("sign"), rest, words)
    if not (hour < 24 and minute < 60 and second < 60):
        return None
    offset = _offset(rest, country, words)
    return Clock(hour=hour, minute=minute, second=second, seconds=bool(parts.get("s")), offset=offset)


def _noon(hour: int, before: str, sign: str | None, rest: str, words: DateWords) -> tuple[int, str]:
    """Convert a 12-hour reading to 24 hours; return the hour and the text after the am/pm sign."""
    near = fold(before).split()[-1:] if before else []
    sign = fold(sign or "")
    if not sign:
        head = rest.lstrip()
        token = fold(head.split()[0]) if head.split() else ""
        if token.strip(",") in words.am | words.pm or token.strip(".,") in words.am | words.pm:
            sign, rest = token, head[len(head.split()[0]) :]
    if not sign and near:
        sign = next((w for w in words.am | words.pm if not w.isascii() and near[0].endswith(w)), "")
    sign = sign.strip(",") if sign.strip(",") in words.am | words.pm else sign.strip(".,")
    if sign in words.pm and 1 <= hour < 12:
        return hour + 12, rest
    if sign in words.am and hour == 12:
        return 0, rest
    return hour, rest


def _offset(rest: str, country: str | None, words: DateWords) -> int | None:
    match = _OFFSET.match(rest)
    if match:
        minutes = int(match["h"]) * 60 + int(match["m"] or 0)
        return (-minutes if match["sign"] != "+" else minutes) if minutes <= 14 * 60 else None
    match = _ABBREVIATION.match(rest)
    if not match:
        return None
    name = match["name"].lower()
    if match["name"].islower() and name.isascii() and name != "z":
        return None
    return words.zones.get(f"{country} {name}", words.zones.get(name))
