"""Dates relative to now, read with and without dateparser."""

from __future__ import annotations

from datetime import UTC, datetime

import dateparser
import pytest

from copydesk.rules_file import package_rules
from copydesk.text.dates.relative import is_foreign, read_distance
from copydesk.text.dates.written import read_date

BASE = datetime(2024, 3, 31, 12, 30, 5, tzinfo=UTC)


def _library(text: str, language: str) -> datetime | None:
    found: datetime | None = dateparser.parse(
        text, languages=[language], settings={"RELATIVE_BASE": BASE.replace(tzinfo=None)}
    )
    return found and found.replace(tzinfo=UTC)


def _written() -> list[tuple[str, str]]:
    """Return (language, text) of every unit and day of the rules, with and without bullets and times."""
    units, days = (package_rules("dates.toml")[name] for name in ("relative_units", "relative_days"))
    found = [
        (language, f"{bullet}{form.replace('#', number).replace('@', word)}")
        for language, form in units["forms"].items()
        for unit in ("seconds", "minutes", "hours", "days", "weeks", "months", "years")
        for word in units[unit][language]
        for bullet, number in (("", "1"), ("• ", "13"))
    ]
    for language, at in days["at"].items():
        today, yesterday = days["today"][language], days["yesterday"][language]
        found += [(language, today), (language, f"*{yesterday.upper()}"), (language, f"{yesterday}, {at} 9:05")]
        found += [(language, f"{today.title()} {at} {time}") for time in ("10:26", "23:59")]
    return found


def test_what_is_read_here_is_what_dateparser_reads() -> None:
    """In every language of the rules, units and days have the library's moment, months of other lengths too."""
    for language, text in _written():
        assert read_distance(text, language, BASE) == _library(text, language), (language, text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "BBC News - 1 day ago"),
        ("en", "Posted by6 years ago"),
        ("de", "Publiziert heute um 12:19 Uhr"),
        ("ru", "Все статьи за сегодня"),
        ("el", "Σήμερα στην Αθήνα"),
        ("zh", "当前位置：首页 | 天津频道"),
    ],
)
def test_a_text_with_a_word_of_no_date_is_refused_as_dateparser_refuses_it(language: str, text: str) -> None:
    """Such a text is most of what looks like a relative date; it is told without importing the library."""
    assert is_foreign(text, language)
    assert _library(text, language) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1 hour and 7 minutes ago"),
        ("en", "Posted on: Today"),
        ("en", "2d ago / 10:11 p.m. EST"),
        ("en", "half a whim GMT, today"),
        ("en", "a day ago MMXIX"),
        ("de", "vor einem Tag"),
        ("ru", "полтора часа назад"),
        ("zh", "3小时前"),
        ("und", "il y a 3 jours"),
        ("fa", "۳ ساعت پیش"),
    ],
)
def test_a_text_that_dateparser_may_read_is_left_to_it(language: str, text: str) -> None:
    """Numbers in words, zones, years in Roman numerals, prefixes that it drops, languages that are not sure."""
    assert not is_foreign(text, language)


def test_the_rest_is_read_by_dateparser() -> None:
    """What the rules have no form for has the library's day."""
    assert read_distance("1 hour and 7 minutes ago", "en", BASE) is None
    stamp = read_date("1 hour and 7 minutes ago", language="en", not_after=BASE)
    assert stamp is not None
    assert stamp.value.date() == BASE.date()
