"""Find all dates of a line, each with what the words beside it say it is.

    "Published 3 May 2024 at 10:15 | Updated 5 May 2024"  ->  published 3 May 10:15, modified 5 May
    "입력 2024.05.03 10:00 수정 2024.05.04"                 ->  published 3 May 10:00, modified 4 May
    "Doors open: 7 June 2024"                              ->  event 7 June

The nearest label before a date, after the date before it, counts; else one that follows the date at once ("更新").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from copydesk.records import Timestamp
from copydesk.rules_file import package_rules
from copydesk.text.dates.date_words import fold
from copydesk.text.dates.written import dates_in

__all__ = ["DateLabel", "LabelledDate", "label_of", "labelled_dates"]

_AFTER = re.compile(r"^[\s\d:.,|()（）\-–]*(?:uhr|h\b)?[\s,|()（）\-–]*", re.IGNORECASE)
_MAX_AFTER = 16


class DateLabel(StrEnum):
    """What a date is, by the words beside it."""

    NONE = ""
    PUBLISHED = "published"
    MODIFIED = "modified"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledDate:
    """A date of a line: its value, text and label."""

    stamp: Timestamp
    text: str
    label: DateLabel


@lru_cache(maxsize=512)
def labelled_dates(
    text: str, *, language: str, not_after: datetime | None = None, country: str | None = None
) -> tuple[LabelledDate, ...]:
    """Return the complete dates of a line in their order; arguments as those of `read_date`."""
    found = list(dates_in(text, language=language, not_after=not_after, country=country))
    out = []
    trails = False
    for i, one in enumerate(found):
        before = one.line[found[i - 1].end if i else 0 : one.start]
        after = one.line[one.end : found[i + 1].start if i + 1 < len(found) else None]
        behind = _label_behind(after, i + 1 == len(found))
        label = (DateLabel.NONE if trails else label_of(before)) or behind
        trails = trails or (not i and label is behind and label is not DateLabel.NONE)
        out.append(LabelledDate(stamp=one.stamp, text=one.line[one.start : one.end], label=label))
    return tuple(out)


def label_of(before: str) -> DateLabel:
    """Return the label that stands nearest to the end of a text; NONE without one."""
    folded = fold(before)
    found = [
        (at + len(word), label)
        for label, word, whole in _words()
        if word in folded and (at := folded.rfind(word)) >= 0 and (not whole or _is_word(folded, at, at + len(word)))
    ]
    return max(found)[1] if found else DateLabel.NONE


def _label_behind(after: str, last: bool) -> DateLabel:
    """Return the label that follows a date at once; between two dates only one without blanks ("更新") can."""
    folded = fold(_AFTER.sub("", after))[:_MAX_AFTER]
    for label, word, whole in _words():
        if folded.startswith(word) and (not whole or (last and _is_word(folded, 0, len(word)))):
            return label
    return DateLabel.NONE


def _is_word(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalpha()) and not text[end : end + 1].isalpha()


@lru_cache(maxsize=1)
def _words() -> tuple[tuple[DateLabel, str, bool], ...]:
    return tuple(sorted(_read_words(), key=lambda w: (-len(w[1]), w)))


def _read_words() -> Iterator[tuple[DateLabel, str, bool]]:
    for name, entry in package_rules("dates.toml")["labels"].items():
        for word in entry["words"]:
            folded = fold(word)
            yield (
                DateLabel(name),
                folded,
                not "\u0e00" <= folded[0] <= "\u0eff" and not "\u3040" <= folded[0] <= "\ud7af",
            )
