"""Dates relative to now: "2 hours ago", "Yesterday at 10:26".

    • 3 hours ago            -> read here, in the languages of `rules/dates.toml`
    BBC News - 1 day ago     -> a word that dateparser does not know: no date, without asking it
    der dritte Tag danach    -> dateparser

dateparser takes 150 ms to be imported and to compile its first patterns, in every process. What is read here has the
value that it would give; what is refused here it would refuse, since it reads a text only if it knows every word.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from copydesk.rules_file import package_rules
from copydesk.text.dates.date_words import fold

__all__ = ["is_foreign", "read_distance"]

_UNITS = ("seconds", "minutes", "hours", "days", "weeks", "months", "years")
_MONTHS = {"months": 1, "years": 12}
_LETTERS = re.compile(r"[^\W\d_]+")
_PATTERN_SIGN = re.compile(r"[\\()\[\]{}?*+|^$]")
_ESCAPE = re.compile(r"\\[A-Za-z]")
_ROMAN = re.compile(r"m[dclxvim]*")
"""A year in Roman numerals, which dateparser reads as a number."""
_MIN_BEGINNING = 2
_KNOWN = frozenset(("utc", "gmt", "z", "am", "pm"))
_ANYTHING_BEHIND = ("utc", "gmt", "on:")
"""Before or behind these it drops what it does not know."""
_CLOCK = r"(?:,? {at} (?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d))?"
_SPACED = frozenset(
    (
        *("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "fi", "pl", "cs", "ru", "uk", "el", "tr"),
        *("hu", "ro", "sk", "hr", "sl", "bg", "lt", "lv", "et", "id"),
    )
)
"""Languages whose words stand between blanks, in letters without signs of their own."""
_UNSPACED = frozenset(("zh", "ja"))


def read_distance(text: str, language: str, base: datetime) -> datetime | None:
    """Return the moment that a short text names by its distance from another; None for any other text.

    Args:
        text: A line without anything else but bullets.
        language: ISO 639-1 code.
        base: The moment that it is relative to.
    """
    bare = fold(text).lstrip(" *•")
    ago, day = _forms(language)
    if ago is not None and (found := ago.fullmatch(bare)):
        unit, number = next(name for name in _UNITS if found[name]), int(found["number"])
        if unit in _MONTHS:
            return _months_before(base, number * _MONTHS[unit])
        return base - timedelta(**{unit: number})
    if day is not None and (found := day.fullmatch(bare)):
        moment = base - timedelta(days=0 if found["today"] else 1)
        if found["hour"] is None:
            return moment
        return moment.replace(hour=int(found["hour"]), minute=int(found["minute"]), second=0, microsecond=0)
    return None


def _months_before(base: datetime, number: int) -> datetime:
    """Return the same day of an earlier month, its last day where that is shorter."""
    year, month = divmod(base.year * 12 + base.month - 1 - number, 12)
    return base.replace(year=year, month=month + 1, day=min(base.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=64)
def _forms(language: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """Return the patterns of so long ago and of today or yesterday in a language."""
    units, days = (package_rules("dates.toml")[name] for name in ("relative_units", "relative_days"))
    ago = day = None
    if form := units["forms"].get(language):
        names = "|".join(
            f"(?P<{unit}>{'|'.join(re.escape(fold(word)) for word in units[unit][language])})" for unit in _UNITS
        )
        ago = re.compile(re.escape(form).replace(r"\#", r"(?P<number>[1-9]\d{0,2})").replace(r"\ @", rf" ?(?:{names})"))
    if today := days["today"].get(language):
        either = rf"(?:(?P<today>{re.escape(fold(today))})|{re.escape(fold(days['yesterday'][language]))})"
        day = re.compile(either + _CLOCK.replace("{at}", re.escape(fold(days["at"][language]))))
    return ago, day


def is_foreign(text: str, language: str) -> bool:
    """Return whether a text has a word that dateparser does not know in a language, so that it reads no date in it."""
    words = _vocabulary(language)
    if words is None:
        return False
    folded = fold(text)
    if any(sign in folded for sign in _ANYTHING_BEHIND):
        return False
    if words.letters:
        return any(c not in words.letters for run in _LETTERS.findall(folded) for c in run)
    runs = _LETTERS.findall(folded.replace(".", ""))  # "a.m." is "am"
    return any(not words.has(run) for run in runs)


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """What a word may be made of.

    Attributes:
        words: Words.
        beginnings: Beginnings of words, from patterns.
        letters: All letters, of a language without blanks.
    """

    words: frozenset[str]
    beginnings: tuple[str, ...]
    letters: frozenset[str]

    def has(self, word: str) -> bool:
        """Return whether it may be a word of a date."""
        return word in self.words or word.startswith(self.beginnings) or _ROMAN.fullmatch(word) is not None


@lru_cache(maxsize=32)
def _vocabulary(language: str) -> _Vocabulary | None:
    """Return the words of a language from dateparser's data, read without the library; None where they are not sure."""
    spec = find_spec("dateparser") if language in _SPACED or language in _UNSPACED else None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    try:
        own = _strings(_module(folder / "data" / "date_translation_data" / f"{language}.py").info)
        texts = [*own, *_strings(_module(folder / "timezones.py").timezone_info_list)]
    except (OSError, AttributeError):  # another release, laid out otherwise: it is asked itself
        return None
    words: set[str] = set(_KNOWN)
    beginnings: set[str] = set()
    for text in texts:
        is_pattern = _PATTERN_SIGN.search(text) is not None
        runs = _LETTERS.findall(fold(_ESCAPE.sub(" ", text)))
        words.update(runs)
        beginnings.update(run for run in runs if is_pattern and len(run) >= _MIN_BEGINNING)
    letters = frozenset("".join(words)) if language in _UNSPACED else frozenset()
    return _Vocabulary(frozenset(words), tuple(beginnings), letters)


def _strings(value: Any) -> Iterator[str]:
    """Yield the strings of nested lists, tuples and tables, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield str(name)
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)


def _module(path: Path) -> Any:
    spec = spec_from_file_location(f"_copydesk_{path.stem}", path)
    assert spec is not None  # noqa: S101
    assert spec.loader is not None  # noqa: S101
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
