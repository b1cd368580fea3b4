"""Attribute the stretches of one sentence: the cue beside them and the speaker beside the cue."""

from __future__ import annotations

from dataclasses import dataclass

from copydesk.text.quotes.items import Items
from copydesk.text.quotes.marks import Stretch
from copydesk.text.quotes.speakers import (
    Phrase,
    agent_or_subject,
    marked_subject,
    phrase_at,
    phrases_between,
    speaker_at,
    subject_after,
    subject_before,
)
from copydesk.text.quotes.words import LanguageWords, Word

__all__ = ["Attribution", "attribute", "inserted", "reporting_subject", "sentence_subject", "somebody"]

_MAX_TO_CUE = 45
"""Items between a stretch and the cue behind it: a name and an apposition."""
_ADJACENT = frozenset({"after.inverted", "around.subject"})
_MAX_AUXILIARIES = 3
"""Words before the verb of an insertion: "s'est réjouie"."""
_INSERTION_MARKS = frozenset({",", "!", "?", "…", "–", "—"})
_NO_AUXILIARY = int(Word.NAME | Word.BREAK | Word.PREPOSITION | Word.ROLE | Word.GROUP | Word.THAT)
_BETWEEN_CUES = int(Word.THAT | Word.TIME | Word.SKIP)
_QUOTED = frozenset("と")
"""The particle behind quoted words."""
_LINKS = frozenset({",", "-", "–", "—", "."})


@dataclass(frozen=True, slots=True)
class Attribution:
    """A cue and a speaker.

    Attributes:
        phrase: The speaker, in the items of the paragraph; None where only a cue was found.
        cue: First item of the cue; -1 without one.
        cue_items: Items of the cue.
        rule: How it was found.
        confidence: 0 to 1.
    """

    phrase: Phrase | None
    cue: int
    cue_items: int
    rule: str
    confidence: float


def attribute(
    items: Items, sentence: tuple[int, int], at: int, stretch: Stretch, language: LanguageWords
) -> Attribution | None:
    """Return who says the stretch at an item of a sentence, as far as the sentence says so.

    Args:
        items: The paragraph.
        sentence: First and last item (exclusive).
        at: The stretch's item.
        stretch: The stretch.
        language: Its words.
    """
    after = _after(items, at, sentence[1], language)
    ends_open = items.text[stretch.end - 1 : stretch.end] in {",", "?", "!", "，"}
    if after is not None and after.phrase is None and not ends_open:
        after = _verb_last(items, sentence[0], at, after, language)
    first = ends_open or _opens_sentence(items, sentence[0], at)
    if after is not None and after.phrase is not None and (first or after.rule in _ADJACENT):
        return after
    before = _around(items, sentence, at, language) or _before(items, sentence[0], at, language)
    if before is not None and before.phrase is not None:
        return before
    if after is not None and after.phrase is not None:
        return after
    trailing = _trailing(items, at, sentence[1])
    if trailing is not None:
        return trailing
    named = _according(items, sentence, at)
    if named is not None:
        return named
    if at > sentence[0] and items.low[at - 1] in {":", "："}:
        phrase = somebody(items, sentence[0], at, language) or sentence_subject(items, sentence[0], at)
        if phrase is not None:
            return Attribution(phrase, -1, 0, "before.colon", 0.75)
    return before or after


def _verb_last(items: Items, start: int, at: int, after: Attribution, language: LanguageWords) -> Attribution:
    """Look for the subject of a verb at the end: `hat es als "..." bezeichnet`, `das er als "..." bezeichnete`."""
    if not language.nouns_capital:
        return after
    if items.cue_rule[after.cue][0].participle:
        phrase = agent_or_subject(items, start, at)
    else:
        near = reversed(phrases_between(items, start, at))
        phrase = next((p for p in near if not p.governed and p.kind in {"pronoun", "name", "role"}), None)
    return Attribution(phrase, after.cue, after.cue_items, "around.subject", 0.85) if phrase else after


def _opens_sentence(items: Items, start: int, at: int) -> bool:
    return not any(items.what[i] & (Word.CUE | Word.NAME) for i in range(start, at))


def _after(items: Items, at: int, end: int, language: LanguageWords) -> Attribution | None:
    """Look behind the stretch: `"...", said Anna Berg` and `"...", Anna Berg said`."""
    what, low, i = items.what, items.low, at + 1
    while i < end and i <= at + 2 and low[i] in _LINKS:
        i += 1
    zone = next((k for k in range(i, end) if what[k] & Word.QUOTE), end)
    zone = min(zone, i + _MAX_TO_CUE)
    k = i
    while k < zone and k < i + 3 and what[k] & Word.SKIP and not what[k] & Word.CUE:
        k += 1
    if k < zone and k in items.cue_rule:
        rule, size = items.cue_rule[k]
        if rule.kind == "verb":
            if what[k] & Word.PRONOUN:  # "dit-elle"
                return Attribution(Phrase(k, k + 1, "pronoun"), k, size, "after.inverted", 0.95)
            phrase = None if rule.addressee or not language.inverts else subject_after(items, k + size, zone)
            if phrase is not None:
                return Attribution(phrase, k, size, "after.inverted", 0.95)
            return Attribution(None, k, size, "after.cue", 0.5)
        phrase = speaker_at(items, k + size, end) if rule.kind == "according" else None
        if phrase is not None:
            return Attribution(phrase, k, size, "after.according", 0.93)
        if k + size in items.cue_rule and rule.kind == "according":  # "..., so charakterisierte ihn Anna Berg"
            phrase = subject_after(items, k + size + items.cue_rule[k + size][1], zone)
            return Attribution(phrase, k + size, 1, "after.inverted", 0.93) if phrase else None
    first = _first_phrase(items, i, zone)
    if first is None:
        return _unknown_verb(items, at, i, zone, language)
    cue = next((k for k in range(first.last, zone) if k in items.cue_rule), -1)
    if cue < 0 or items.cue_rule[cue][0].kind == "according":
        return _unknown_past(items, at, i, zone, language)
    rule, size = items.cue_rule[cue]
    phrase = subject_before(items, i, cue)
    if phrase is None:
        return None
    near = cue - first.last <= 2
    return Attribution(phrase, cue, size, "after.subject", 0.93 if near else 0.8)


def _unknown_verb(items: Items, at: int, i: int, zone: int, language: LanguageWords) -> Attribution | None:
    """Take an unknown word between a comma and a name for the verb: `"...", xyz Anna Berg`."""
    if not language.inverts or language.no_capitals or i + 1 >= zone or items.what[i]:
        return None
    if i == at + 1 and items.text[items.end[at] - 2] not in ",!?…":
        return None
    phrase = subject_after(items, i + 1, zone)
    if phrase is None or phrase.kind == "other" or not items.low[i].isalpha():
        return None
    return Attribution(phrase, i, 1, "after.unknown_verb", 0.8)


def _unknown_past(items: Items, at: int, i: int, zone: int, language: LanguageWords) -> Attribution | None:
    """Take an unknown word with the ending of a verb right behind a name or a role for the verb."""
    behind = language.verb_ends and i == at + 1
    phrase = _first_phrase(items, i, zone) if behind and items.text[items.end[at] - 2] in ",!?…" else None
    if phrase is None or phrase.kind not in {"name", "role"} or phrase.last >= zone:
        return None
    verb = phrase.last
    if items.what[verb] or not items.low[verb].endswith(language.verb_ends):
        return None
    return Attribution(phrase, verb, 1, "after.unknown_verb", 0.75)


def _trailing(items: Items, at: int, end: int) -> Attribution | None:
    """Look for `"..." and so on, Anna Berg said` and `"..." and so on, said Anna Berg`."""
    for cue in range(at + 2, end):
        if cue not in items.cue_rule or items.cue_rule[cue][0].kind != "verb":
            continue
        rule, size = items.cue_rule[cue]
        if items.low[cue - 1] == "," and not rule.participle:
            phrase = None if rule.addressee else subject_after(items, cue + size, end)
        else:
            phrase = subject_before(items, at + 1, cue)
            if phrase is not None and items.low[phrase.first - 1] != ",":
                phrase = None
        if phrase is not None:
            return Attribution(phrase, cue, size, "after.trailing", 0.88)
    return None


def _first_phrase(items: Items, i: int, zone: int) -> Phrase | None:
    """Return the noun phrase that opens the text behind a stretch."""
    k = i
    while k < zone and k < i + 3 and items.what[k] & Word.SKIP and not items.what[k] & Word.PRONOUN:
        k += 1
    return phrase_at(items, k, zone)


def _around(items: Items, sentence: tuple[int, int], at: int, language: LanguageWords) -> Attribution | None:
    """Look on both sides: `Anna Berg "..." said`, where the verb comes last."""
    if not language.subject_ends and "around" not in language.speaker:
        return None
    start, end = sentence
    cue = next((k for k in range(at + 1, end) if k in items.cue_rule), -1)
    if cue < 0:
        cue = next((k for k in range(at - 1, start, -1) if k in items.cue_rule), -1)
    phrase = marked_subject(items, start, at, language)
    if phrase is None and language.unspaced and cue > at:  # 「…」とアンナ氏は述べた
        phrase = marked_subject(items, at + 1 + (items.low[at + 1] in _QUOTED), cue, language)
    if phrase is None and "around" in language.speaker and cue > at:
        phrase = _beside(items, start, at) or sentence_subject(items, start, at)
    if phrase is None or (cue < 0 and not phrase.trim):
        return None
    size = items.cue_rule[cue][1] if cue >= 0 else 0
    return Attribution(phrase, cue, size, "around.subject", 0.88 if cue >= 0 else 0.7)


def inserted(items: Items) -> tuple[Phrase, int] | None:
    """Return the speaker and the cue of an insertion: "..., a dit Anna Berg, ..." and "..., se réjouit Anna Berg"."""
    for cue in sorted(items.cue_rule):
        rule, size = items.cue_rule[cue]
        if rule.kind != "verb" or rule.addressee or rule.participle:
            continue
        first = cue
        while first and cue - first < _MAX_AUXILIARIES and items.low[first - 1] not in _INSERTION_MARKS:
            first -= 1
        if not first or items.low[first - 1] not in _INSERTION_MARKS:
            continue
        if any(items.what[k] & _NO_AUXILIARY for k in range(first, cue)):
            continue
        if items.what[cue] & Word.PRONOUN:  # "dit-elle"
            phrase: Phrase | None = Phrase(cue, cue + 1, "pronoun")
        else:
            phrase = subject_after(items, cue + size, len(items.low))
        if phrase is None or (phrase.kind == "other") or not _ends_insertion(items, phrase.last):
            continue
        return phrase, cue
    return None


def _ends_insertion(items: Items, i: int) -> bool:
    return i >= len(items.low) or items.low[i] in {",", ".", ";", ":", "–", "—"}


def _beside(items: Items, start: int, at: int) -> Phrase | None:
    """Return the name that stands right before a stretch, with a comma: `... diyen Anna Berg, "..." dedi`."""
    end = at - 1 if at > start and items.low[at - 1] == "," else at
    near = next((p for p in reversed(phrases_between(items, start, end)) if p.last == end and not p.governed), None)
    return near if near is not None and near.kind in {"name", "role", "pronoun"} else None


def _before(items: Items, start: int, at: int, language: LanguageWords) -> Attribution | None:
    """Look before the stretch: `Anna Berg said "..."` and, where the verb comes first, `said Anna Berg: "..."`."""
    zone = next((k + 1 for k in range(at - 1, start - 1, -1) if items.what[k] & Word.QUOTE), start)
    best: Attribution | None = None
    for cue in range(at - 1, zone - 1, -1):
        if cue not in items.cue_rule:
            continue
        rule, size = items.cue_rule[cue]
        if rule.kind != "verb":
            according = rule.kind == "according"
            phrase = speaker_at(items, cue + size, at) if according else _before_postposed(items, start, cue)
            if phrase is not None and best is None:
                return Attribution(phrase, cue, size, f"before.{rule.kind}", 0.9)
            continue
        phrase = _relayed(items, zone, cue, at, language) or _subject(items, zone, cue, size, at, language)
        if phrase is not None:
            phrase = (_outer(items, zone, phrase) if phrase.first < cue else None) or phrase
            near = at - cue - size <= 3
            return Attribution(phrase, cue, size, "before.subject", 0.92 if near else 0.8)
        best = best or Attribution(None, cue, size, "before.cue", 0.5)
    return best


def _relayed(items: Items, start: int, cue: int, at: int, language: LanguageWords) -> Phrase | None:
    """Return whom a sentence quotes by somebody else: "the Times quoted Anna Berg as saying"."""
    if items.cue_rule[cue][0].participle:
        cue = next(
            (k for k in range(cue, start - 1, -1) if k in items.cue_rule and items.low[k] in language.relays), cue
        )
    passive = any(items.low[k] in language.passive for k in range(max(0, cue - _MAX_TO_CUE), cue))
    if passive or items.low[cue] not in language.relays:
        return None
    for phrase in phrases_between(items, cue + items.cue_rule[cue][1], at):
        free = not items.what[phrase.first - 1] & Word.PREPOSITION
        if free and phrase.kind in {"name", "role", "pronoun"}:
            return phrase
    return None


def _outer(items: Items, start: int, phrase: Phrase) -> Phrase | None:
    """Return whom a pronoun means that follows another cue at once: "Anna Berg said on Friday that she thinks ...".

    None where it does not.
    """
    if phrase.kind != "pronoun" or items.what[phrase.first] & Word.WHO:
        return None
    k = phrase.first - 1
    while (
        k > start
        and k not in items.cue_rule
        and (items.what[k] & _BETWEEN_CUES or (items.what[k] & Word.PREPOSITION and items.what[k + 1] & Word.TIME))
    ):
        k -= 1
    if k <= start or k not in items.cue_rule or items.cue_rule[k][0].kind != "verb":
        return None
    outer = subject_before(items, start, k)
    return outer if outer is not None and outer.kind in {"name", "role", "group"} else None


def _subject(items: Items, zone: int, cue: int, size: int, limit: int, language: LanguageWords) -> Phrase | None:
    """Return the subject of a cue, on the sides on which the language puts it, in its order."""
    addressee = items.cue_rule[cue][0].addressee
    sides = {
        side: subject_before(items, zone, cue)
        if side == "before"
        else None
        if addressee
        else subject_after(items, cue + size, limit)
        for side in language.speaker
    }
    before, after = sides.get("before"), sides.get("after")
    if before is not None and after is not None and _verb_first(items, zone, before, cue, after, language):
        return after
    return next((sides[side] for side in language.speaker if sides[side] is not None), None)


def _verb_first(items: Items, start: int, before: Phrase, cue: int, after: Phrase, language: LanguageWords) -> bool:
    """Return whether the speaker follows the verb although a noun phrase stands before it, too.

    So it is behind a clause ("Als sie ankam, sagte Anna Berg"), and behind an object ("Der Zeitung sagte Anna Berg").
    """
    if items.low[cue - 1] == ",":  # a clause, or an insertion behind the speaker: "Anna Berg, die Ministerin, sagte"
        opens = items.what[start] & (Word.PREPOSITION | Word.BREAK | Word.THAT)
        first = before.first - 1 if before.last == cue - 1 else before.last
        inserted = any(items.low[k] in {",", "("} for k in range(max(start, first), cue - 1))
        return bool(opens) or not inserted or after.kind == "pronoun"
    if after.kind == "pronoun" and after.first == cue + 1 and items.what[after.first] & Word.HE:
        return not items.what[after.first] & Word.SHE  # "er" is no object
    if after.kind in {"group", "other"}:
        return False
    if before.kind in {"group", "other"}:
        return after.kind == "name"
    if somebody(items, before.first, cue, language) is not None:
        return False
    return items.low[before.first] in language.dative or not items.what[before.first] & Word.DETERMINER


def _according(items: Items, sentence: tuple[int, int], at: int) -> Attribution | None:
    """Look for "according to Anna Berg" anywhere in the sentence."""
    for k in range(*sentence):
        if k not in items.cue_rule or k == at:
            continue
        rule, size = items.cue_rule[k]
        if rule.kind == "according":
            phrase = speaker_at(items, k + size, sentence[1])
        elif rule.kind == "postposed":
            phrase = _before_postposed(items, sentence[0], k)
        else:
            continue
        if phrase is not None:
            return Attribution(phrase, k, size, f"sentence.{rule.kind}", 0.85)
    return None


def _before_postposed(items: Items, start: int, cue: int) -> Phrase | None:
    """Return the speaker before a postposed cue: "der Polizei zufolge", "in dem Bericht heißt es"."""
    phrase = subject_before(items, start, cue)
    if phrase is None and items.cue_rule[cue][0].governed:
        phrases = phrases_between(items, start, cue)
        return phrases[0] if phrases else None
    return phrase


def sentence_subject(items: Items, start: int, end: int) -> Phrase | None:
    """Return the likely subject of a sentence: its first noun phrase without a preposition."""
    phrases = phrases_between(items, start, end)
    named = [p for p in phrases if not p.governed and p.kind != "other"]
    return named[0] if named else None


def reporting_subject(items: Items, sentence: tuple[int, int], cue: int, language: LanguageWords) -> Phrase | None:
    """Return the speaker of a cue of a sentence."""
    rule, size = items.cue_rule[cue]
    if rule.kind == "according":
        return speaker_at(items, cue + size, sentence[1])
    if rule.kind == "postposed":
        return _before_postposed(items, sentence[0], cue)
    quoted = cue > sentence[0] and items.what[cue - 1] & Word.QUOTE
    if quoted and language.inverts and not rule.addressee:
        return subject_after(items, cue + size, sentence[1])
    return _subject(items, sentence[0], cue, size, sentence[1], language)


def somebody(items: Items, start: int, end: int, language: LanguageWords) -> Phrase | None:
    """Return the subject of a sentence without a cue, where it can speak.

    Where all nouns have capitals, a noun with an article is nobody unless it is a role or a group, and so is a single
    noun that opens the sentence.
    """
    if not language.nouns_capital:
        return sentence_subject(items, start, end)
    for phrase in phrases_between(items, start, end):
        if phrase.governed or phrase.kind == "other":
            continue
        bits = 0
        for k in range(phrase.first, phrase.last):
            bits |= items.what[k]
        alone = phrase.first == start and phrase.last - phrase.first == 1
        if phrase.kind == "pronoun" or bits & (Word.ROLE | Word.GROUP) or not (bits & Word.DETERMINER or alone):
            return phrase
    return None
