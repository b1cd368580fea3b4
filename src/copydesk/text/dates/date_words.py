"""Word tables for dates by language, from `rules/dates.toml`: months, weekdays, zones, fillers, order."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from copydesk.rules_file import package_rules

__all__ = ["DateWords", "date_words", "fold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """Word tables for dates, all folded by `fold`.

    Attributes:
        months: Name -> {language: month 1 to 12}.
        jalali: Name -> month of the Iranian calendar.
        weekdays: Names of the days of the week.
        fillers: Words between the parts of a date, weekdays included.
        relative_words: Single words of relative dates ("ago", "yesterday").
        relative_phrases: Phrases of relative dates, and words of scripts without spaces.
        am, pm: Words for morning and afternoon.
        hour_signs: Words beside a time whose separator is a dot.
        zones: Abbreviation, or "CC abbreviation" for one country -> minutes from UTC.
        month_first_countries, month_first_languages: Those that write 3/4 for 4 March.
    """

    months: dict[str, dict[str, int]]
    jalali: dict[str, int]
    weekdays: frozenset[str]
    fillers: frozenset[str]
    relative_words: frozenset[str]
    relative_phrases: tuple[str, ...]
    am: frozenset[str]
    pm: frozenset[str]
    hour_signs: frozenset[str]
    zones: dict[str, int]
    month_first_countries: frozenset[str]
    month_first_languages: frozenset[str]

    def month(self, word: str, language: str) -> int:
        """Return the month of a folded word in a language, or in all languages if unambiguous, else 0."""
        of = self.months.get(word)
        if of is None:
            return 0
        if language in of:
            return of[language]
        months = set(of.values())
        return months.pop() if len(months) == 1 else of.get("en", 0)


def fold(text: str) -> str:
    """Return the text case-folded and without accents ("AOÛT" and "août" are equal)."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.casefold())
    marks = filter(unicodedata.combining, set(text))  # asking for each letter takes five times as long
    for mark in marks:
        text = text.replace(mark, "")
    return text


@lru_cache(maxsize=1)
def date_words() -> DateWords:
    """Return the tables, built on first use."""
    rules = package_rules("dates.toml")
    months: dict[str, dict[str, int]] = {}
    weekdays: set[str] = set()
    for language, entry in rules["language"].items():
        for number, names in enumerate(entry["months"], start=1):
            for name in names:
                months.setdefault(fold(name), {}).setdefault(language, number)
        weekdays.update(fold(day) for day in entry["weekdays"])
    relative = [fold(w) for w in rules["relative"]["words"]]
    return DateWords(
        months=months,
        jalali={fold(n): i for i, names in enumerate(rules["jalali"]["months"], start=1) for n in names},
        weekdays=frozenset(weekdays),
        fillers=frozenset(fold(w) for w in rules["fillers"]["words"]) | weekdays,
        relative_words=frozenset(w for w in relative if not _is_phrase(w)),
        relative_phrases=tuple(w for w in relative if _is_phrase(w)),
        am=frozenset(fold(w) for w in rules["noon"]["am"]),
        pm=frozenset(fold(w) for w in rules["noon"]["pm"]),
        hour_signs=frozenset(fold(w) for w in rules["hour_signs"]["words"]),
        zones={**rules["zones"]["minutes"], **rules["zones_of_countries"]["minutes"]},
        month_first_countries=frozenset(rules["order"]["month_first_countries"]),
        month_first_languages=frozenset(rules["order"]["month_first_languages"]),
    )


def _is_phrase(word: str) -> bool:
    return " " in word or "'" in word or word[0] > "\u0e00"
