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
        ethiopian: Name -> month of the Ethiopian calendar, 1 to 13.
        eras: Name of an East Asian era -> the year before its first.
        weekdays: Names of the days of the week.
        fillers: Words between the parts of a date, weekdays included.
        relative_words: Single words of relative dates ("ago", "yesterday").
        relative_phrases: Phrases of relative dates in Latin letters, between blanks.
        relative_signs: Other phrases, and words of scripts without spaces.
        am, pm: Words for morning and afternoon.
        hour_signs: Words beside a time whose separator is a dot.
        zones: Abbreviation, or "CC abbreviation" for one country -> minutes from UTC.
        month_first_countries, month_first_languages: Those that write 3/4 for 4 March.
    """

    months: dict[str, dict[str, int]]
    jalali: dict[str, int]
    ethiopian: dict[str, int]
    eras: dict[str, int]
    weekdays: frozenset[str]
    fillers: frozenset[str]
    relative_words: frozenset[str]
    relative_phrases: tuple[str, ...]
    relative_signs: tuple[str, ...]
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


_ONE_LETTER = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ـ": None, "\u200c": None, "\u200d": None})
"""Persian pages write yeh and kaf by the Arabic letters or by their own; joiners and tatweel are typography."""


def fold(text: str) -> str:
    """Return the text case-folded, without accents, and with one letter each for yeh and kaf.

    "AOÛT" and "août" are equal, and so are "تير" and "تیر".
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.casefold()).translate(_ONE_LETTER)
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
        jalali=_numbered(rules["jalali"]["months"]),
        ethiopian=_numbered(rules["ethiopian"]["months"]),
        eras=dict(rules["eras"]["before"]),
        weekdays=frozenset(weekdays),
        fillers=frozenset(fold(w) for w in rules["fillers"]["words"]) | weekdays,
        relative_words=frozenset(w for w in relative if not _is_phrase(w)),
        relative_phrases=tuple(f" {w} " for w in relative if _is_phrase(w) and w.isascii()),
        relative_signs=tuple(w for w in relative if _is_phrase(w) and not w.isascii()),
        am=frozenset(fold(w) for w in rules["noon"]["am"]),
        pm=frozenset(fold(w) for w in rules["noon"]["pm"]),
        hour_signs=frozenset(fold(w) for w in rules["hour_signs"]["words"]),
        zones={**rules["zones"]["minutes"], **rules["zones_of_countries"]["minutes"]},
        month_first_countries=frozenset(rules["order"]["month_first_countries"]),
        month_first_languages=frozenset(rules["order"]["month_first_languages"]),
    )


def _numbered(months: list[list[str]]) -> dict[str, int]:
    return {fold(name): number for number, names in enumerate(months, start=1) for name in names}


def _is_phrase(word: str) -> bool:
    return " " in word or "'" in word or word[0] > "\u0e00"
