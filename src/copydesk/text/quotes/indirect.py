"""Find reported speech without quotation marks: "she said that ...", "..., she said", "according to her, ..."."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from copydesk.text.quotes.attribute import reporting_subject
from copydesk.text.quotes.items import Items
from copydesk.text.quotes.speakers import Phrase, phrase_at, subject_before
from copydesk.text.quotes.words import LanguageWords, Word

__all__ = ["Reported", "find_reported"]

_MAX_TO_THAT, _MIN_ITEMS, _MAX_TAIL, _MAX_SENTENCE = 9, 4, 14, 200
_PLAIN_OPENERS = Word.NAME | Word.DETERMINER | Word.PRONOUN | Word.NUMBER | Word.FIRST


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported clause.

    Attributes:
        first, last: Its items, last exclusive.
        phrase: The speaker.
        cue, cue_items: The cue.
        rule: How it was found.
        confidence: 0 to 1.
    """

    first: int
    last: int
    phrase: Phrase
    cue: int
    cue_items: int
    rule: str
    confidence: float


def find_reported(items: Items, language: LanguageWords) -> Iterator[Reported]:
    """Yield the reported clauses of a paragraph, at most one per sentence; sentences with quotation marks have none."""
    for start, end in items.sentences:
        cues = [k for k in items.cue_rule if start <= k < end]
        if not cues or end - start > _MAX_SENTENCE or any(bits & Word.QUOTE for bits in items.what[start:end]):
            continue
        found = next(filter(None, (_clause(items, start, end, cue, language) for cue in cues)), None)
        if found is not None and found.first < found.last:  # "According to Gallagher," alone has none
            yield found


def _clause(items: Items, start: int, end: int, cue: int, language: LanguageWords) -> Reported | None:
    rule, size = items.cue_rule[cue]
    if rule.kind == "according":
        return _according(items, start, end, cue, size)
    if rule.kind != "verb" or not rule.indirect or items.low[cue] in language.denials:
        return None
    phrase = reporting_subject(items, (start, end), cue, language)
    if phrase is None or phrase.kind == "other":
        return None
    that = next((k for k in range(cue + size, min(end, cue + size + _MAX_TO_THAT)) if items.what[k] & Word.THAT), -1)
    if that >= 0 and end - that > _MIN_ITEMS:
        return Reported(that + 1, _without_stop(items, end), phrase, cue, size, "indirect.that", 0.88)
    after = cue + size
    if rule.plain and phrase.last <= cue and end - after > _MIN_ITEMS and items.what[after] & _PLAIN_OPENERS:
        if not items.what[after] & (Word.TIME | Word.PREPOSITION):
            return Reported(after, _without_stop(items, end), phrase, cue, size, "indirect.plain", 0.8)
        return None
    return _trailing(items, start, end, cue, size) if rule.plain else None


def _trailing(items: Items, start: int, end: int, cue: int, size: int) -> Reported | None:
    """Look for "..., Anna Berg said." at the end of a sentence."""
    comma = next((k for k in range(cue - 1, max(start, cue - _MAX_TAIL), -1) if items.low[k] == ","), -1)
    if comma < 0 or comma - start < _MIN_ITEMS or end - cue > _MAX_TAIL:
        return None
    phrase = subject_before(items, comma + 1, cue) if cue > comma + 1 else phrase_at(items, cue + size, end)
    if phrase is None or phrase.kind == "other":
        return None
    return Reported(start, comma, phrase, cue, size, "indirect.trailing", 0.8)


def _according(items: Items, start: int, end: int, cue: int, size: int) -> Reported | None:
    """Look for "According to Anna Berg, ..." and "..., according to Anna Berg"."""
    phrase = phrase_at(items, cue + size, end)
    if phrase is None or phrase.kind == "other":
        return None
    if cue == start:
        comma = next((k for k in range(phrase.last, min(end, phrase.last + _MAX_TAIL)) if items.low[k] == ","), -1)
        first = comma + 1 if comma >= 0 else phrase.last
        return Reported(first, _without_stop(items, end), phrase, cue, size, "indirect.according", 0.85)
    if cue - start > _MIN_ITEMS and items.low[cue - 1] == ",":
        return Reported(start, cue - 1, phrase, cue, size, "indirect.according", 0.85)
    return None


def _without_stop(items: Items, end: int) -> int:
    return end - 1 if items.low[end - 1] in {".", "।", "。", "؟", "!", "?"} else end
