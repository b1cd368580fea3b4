"""Who stands beside a cue: noun phrases before and after it, in the sentence without the quoted words."""

from __future__ import annotations

from dataclasses import dataclass

from copydesk.text.quotes.items import Items
from copydesk.text.quotes.words import LanguageWords, Word

__all__ = [
    "Phrase",
    "agent_or_subject",
    "marked_subject",
    "phrase_at",
    "phrases_between",
    "speaker_at",
    "subject_after",
    "subject_before",
]

_HEAD = Word.NAME | Word.ROLE | Word.GROUP | Word.TITLE
_STOP = int(
    Word.PREPOSITION | Word.BREAK | Word.CUE | Word.ACCORDING | Word.POSTPOSED | Word.QUOTE | Word.PRONOUN | Word.TIME
)
_MAX_DETERMINERS, _MAX_MODIFIERS, _MAX_AFTER, _MAX_SKIPPED, _MAX_INITIAL = 3, 4, 14, 4, 2
_MAX_MARKED, _MAX_BRACKETS = 24, 8
_MAX_COMPLEMENT, _FULL_NAME = 8, 2
_MAX_BARE_NAME = 3
"""Words of a name behind a role where capitals do not tell a name from a clause."""
_COMPLEMENT_STOP = int(
    Word.PUNCTUATION | Word.QUOTE | Word.CUE | Word.ACCORDING | Word.POSTPOSED | Word.BREAK | Word.PRONOUN | Word.TIME
)
_MARKED_STOP = Word.PUNCTUATION | Word.QUOTE | Word.BREAK | Word.PREPOSITION | Word.TIME | Word.NUMBER | Word.CUE
_INSERTION_ENDS = frozenset({",", ")", "]", "-", "–", "—"})
_BOUNDARIES = frozenset({",", ";", ":"})
_NAME_MARKS = frozenset(".&/'’-")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase that can be a speaker.

    Attributes:
        first, last: Its items, last exclusive.
        kind: `pronoun`, `name`, `role`, `group` or `other`.
        governed: Whether a preposition or a possessive stands before it, so that it is no subject.
        trim: Characters at its end that are no part of the name.
    """

    first: int
    last: int
    kind: str
    governed: bool = False
    trim: int = 0


def phrase_at(items: Items, i: int, limit: int) -> Phrase | None:
    """Return the noun phrase that begins at an item, or None."""
    what = items.what
    if i >= limit or what[i] & (Word.PUNCTUATION | Word.QUOTE):
        return None
    pronoun = what[i] & Word.PRONOUN and not what[i] & Word.NAME and not _determines(items, i, limit)
    if pronoun and _stands_for_somebody(items, i):
        return Phrase(i, i + 1, "pronoun")
    j, modifiers, head = i, 0, -1
    while j < limit and what[j] & Word.DETERMINER and j - i < _MAX_DETERMINERS:
        j += 1
    determined = j > i
    if not determined and not what[j] & _HEAD and not _opens_clause(items, i):
        return None
    while j < limit:
        part = _part(items, j, limit, head)
        if part == _NO_PART or (part == _MODIFIER and modifiers >= _MAX_MODIFIERS):
            break
        if part == _HEAD_PART:
            head = j
        elif part == _MODIFIER:
            modifiers += 1
        j += 1
    if head >= 0:
        kind = _kind(items, i, head + 1)
        if (
            kind == "name" and not determined and modifiers > 1
        ):  # "former officer Anna Berg": from the first name or role
            i = next(k for k in range(i, head + 1) if what[k] & (_HEAD | Word.POSSESSIVE))
        return Phrase(i, head + 1, kind)
    return Phrase(i, j, "other") if determined and modifiers else None


def _opens_clause(items: Items, i: int) -> bool:
    """Return whether a phrase without an article can begin at a lower-case word: "said former officials"."""
    before = items.what[i - 1] if i else (Word.PUNCTUATION)
    return bool(before & (Word.PUNCTUATION | Word.QUOTE | Word.CUE | Word.ACCORDING))


_NO_PART, _HEAD_PART, _LINK, _MODIFIER = range(4)


def _part(items: Items, j: int, limit: int, head: int) -> int:
    """Return what an item is to the noun phrase before it, whose last name or role is at `head` (-1: none yet)."""
    what, bits = items.what, items.what[j]
    if bits & _HEAD and not (bits & Word.TIME and not _known_name(items, j)):
        if bits & (Word.CUE | Word.BREAK | Word.SKIP) and head >= 0 and not bits & Word.NAME:
            return _NO_PART
        return _LINK if bits & Word.POSSESSIVE else _HEAD_PART
    named_after = j + 1 < limit and what[j + 1] & Word.NAME != 0
    if bits & Word.PARTICLE and not bits & Word.TIME:
        joins = named_after and (what[j - 1] & Word.NAME != 0 or not bits & Word.PREPOSITION)
        return _LINK if head >= 0 and joins else _NO_PART
    if bits & Word.POSSESSIVE and not bits & _STOP:
        return _LINK
    if bits & Word.PUNCTUATION:
        return _LINK if head >= 0 and named_after and _joins_names(items, j) else _NO_PART
    if bits & (_STOP | Word.SKIP | Word.THAT) or head >= 0:
        return _NO_PART
    return _MODIFIER


def _joins_names(items: Items, j: int) -> bool:
    """Return whether a mark stands inside a name: "J. Doe", "Dr. Doe", "Marks & Spencer"."""
    low, before = items.low, items.what[j - 1]
    return low[j] in _NAME_MARKS and (low[j] != "." or len(low[j - 1]) <= _MAX_INITIAL or bool(before & Word.TITLE))


def _determines(items: Items, i: int, limit: int) -> bool:
    """Return whether a word that can be a pronoun is an article here: "her lawyer", "die neue Ministerin"."""
    if not items.what[i] & Word.DETERMINER:
        return False
    for k in range(i + 1, min(limit, i + 4)):
        if items.what[k] & (_HEAD | Word.POSSESSIVE):
            return True
        if items.what[k] & (_STOP | Word.PUNCTUATION | Word.SKIP):
            return False
    return False


def _stands_for_somebody(items: Items, i: int) -> bool:
    """Return whether a pronoun can be a speaker; one that is an article, too ("der"), only behind a comma."""
    return not items.what[i] & Word.DETERMINER or (i > 0 and items.low[i - 1] == ",")


def _known_name(items: Items, i: int) -> bool:
    """Return whether a name stands on either side of a word such as "May" or "April"."""
    return i > 0 and items.what[i - 1] & (Word.NAME | Word.TITLE) != 0 and not items.what[i - 1] & Word.TIME


def _kind(items: Items, a: int, b: int) -> str:
    role = group = name = False
    for bits in items.what[a:b]:
        role = role or bool(bits & Word.ROLE)
        group = group or bool(bits & Word.GROUP)
        name = name or bool(bits & Word.NAME and not bits & (Word.ROLE | Word.GROUP))
    return "name" if name else "role" if role else "group" if group else "other"


def phrases_between(items: Items, a: int, b: int) -> list[Phrase]:
    """Return the noun phrases between two items, from left to right."""
    found, i, what = [], a, items.what
    while i < b:
        phrase = phrase_at(items, i, b)
        if phrase is None:
            i += 1
            continue
        behind = phrase.first > a and what[phrase.first - 1] & Word.PREPOSITION
        as_said = phrase.first == a + 1 and items.low[a] in items.language.as_words  # "Wie Anna Berg mitteilte"
        governed = items.low[phrase.first] in items.language.oblique or (bool(behind) and not as_said)
        found.append(Phrase(phrase.first, phrase.last, phrase.kind, governed) if governed else phrase)
        i = phrase.last
    return found


def subject_after(items: Items, i: int, limit: int) -> Phrase | None:
    """Return the speaker that follows a cue: "said Anna Berg"."""
    what, skipped = items.what, 0
    while i < limit and skipped < _MAX_SKIPPED and what[i] & (Word.SKIP | Word.TIME) and not what[i] & _HEAD:
        i, skipped = i + 1, skipped + 1
    phrase = phrase_at(items, i, min(limit, i + _MAX_AFTER))
    if phrase is not None and items.low[phrase.first] in items.language.oblique:
        return None
    if phrase is None and items.language.no_articles and i < limit and not what[i] and items.low[i][:1].isalpha():
        return Phrase(i, i + 1, "role")  # a noun without an article: "dodaje dziewczyna"
    return _with_apposition(items, phrase, limit) if phrase else None


def speaker_at(items: Items, i: int, limit: int) -> Phrase | None:
    """Return the speaker that begins at an item behind "according to", with the name behind a role."""
    phrase = phrase_at(items, i, limit)
    return _with_apposition(items, phrase, limit, closed=True) if phrase else None


def _with_apposition(items: Items, phrase: Phrase, limit: int, *, closed: bool = False) -> Phrase:
    """Add the name behind a role, and behind what the role is of.

    "the director, James Comey", "the director James Comey", "el portavoz sindical Pablo Mena", "министр финансов Игорь
    Петров", "il sindaco di Lecco, Marco Bassi". A name of one word behind a place ("mayor of Paris, Texas") is none.

    Args:
        items: The paragraph.
        phrase: The role.
        limit: Item up to which a name is looked for.
        closed: Whether a name behind a comma counts only where a mark closes it ("according to the mayor, Berg, ...").
    """
    if phrase.kind not in {"role", "other"} and not _is_office(items, phrase):
        return phrase
    i, governed = _complement_end(items, phrase.last, limit)
    if i + 1 >= limit:
        return phrase
    comma = items.low[i] == ","
    if not comma and (governed or i == phrase.last or items.language.nouns_capital):
        return phrase
    name = phrase_at(items, i + comma, limit)
    if name is None or name.kind != "name" or items.what[name.first] & Word.DETERMINER:
        return phrase
    if items.language.no_capitals and name.last - name.first > _MAX_BARE_NAME:
        return phrase
    if i > phrase.last and sum(items.what[k] & Word.NAME != 0 for k in range(name.first, name.last)) < _FULL_NAME:
        return phrase
    if comma and (closed or i > phrase.last) and not _is_closed(items, name.last):
        return phrase
    return Phrase(phrase.first, name.last, "name", phrase.governed)


def _is_office(items: Items, phrase: Phrase) -> bool:
    """Return whether the only name of a phrase is what a role before it is of: "ο υπουργός Παιδείας, Νίκος Δέλτα"."""
    what, last = items.what, phrase.last - 1
    if last <= phrase.first or last + 1 >= len(items.low) or items.low[last + 1] != ",":
        return False
    names = sum(what[k] & (Word.NAME | Word.ROLE) == Word.NAME for k in range(phrase.first, phrase.last))
    alone = names == 1 and what[last - 1] & (Word.ROLE | Word.NAME | Word.TITLE) == Word.ROLE
    name = phrase_at(items, last + 2, len(items.low)) if alone else None
    return name is not None and name.last - name.first >= _FULL_NAME and _is_closed(items, name.last)


def _complement_end(items: Items, i: int, limit: int) -> tuple[int, bool]:
    """Return where the words that belong to a role end, and whether a preposition is among them."""
    last, governed = min(limit, i + _MAX_COMPLEMENT), False
    while i < last and not items.what[i] & _COMPLEMENT_STOP:
        bits = items.what[i]
        if bits & Word.NAME and not governed:
            break
        governed = governed or bool(bits & (Word.PREPOSITION | Word.PARTICLE | Word.DETERMINER))
        i += 1
    return i, governed


def _is_closed(items: Items, i: int) -> bool:
    """Return whether a mark or the end stands at an item."""
    return i >= len(items.low) or bool(items.what[i] & (Word.PUNCTUATION | Word.QUOTE))


def marked_subject(items: Items, start: int, end: int, language: LanguageWords) -> Phrase | None:
    """Return the speaker that an ending or a particle marks: hi "... ने", ja "...は", ko "...는"."""
    low, what = items.low, items.what
    for k in range(start, end):
        mark = next((e for e in language.subject_ends if low[k] == e or _has_ending(low[k], e, language)), "")
        if not mark or (low[k] == mark and k == start):
            continue
        last = _before_brackets(items, start, k) if low[k] == mark else k + 1
        first = min(k, last)
        while first > start and last - first < _MAX_MARKED and not what[first - 1] & _MARKED_STOP:
            first -= 1
        if first < last:
            return Phrase(first, last, "name", trim=0 if low[k] == mark else len(mark))
    return None


def _before_brackets(items: Items, start: int, end: int) -> int:
    """Return where a name ends that has an age or the like in brackets behind it: 鈴木花子さん（62）は."""
    if end <= start or items.low[end - 1] not in {")", "）"}:
        return end
    return next((k for k in range(end - 1, max(start, end - _MAX_BRACKETS), -1) if items.low[k] in {"(", "（"}), end)


def _has_ending(low: str, end: str, language: LanguageWords) -> bool:
    return not language.unspaced and len(low) > len(end) + 1 and low.endswith(end) and not language.particles_apart


def subject_before(items: Items, start: int, cue: int) -> Phrase | None:
    """Return the speaker that stands before a cue: "Anna Berg, the mayor of Oslo, also said"."""
    what, low, j = items.what, items.low, cue
    if cue in items.cue_rule and items.cue_rule[cue][0].participle:
        return agent_or_subject(items, start, cue)
    while j > start and what[j - 1] & Word.SKIP and not what[j - 1] & (Word.NAME | Word.PRONOUN):
        j -= 1
    phrases = phrases_between(items, start, j)
    if j > start and low[j - 1] in items.language.alone:
        return Phrase(j - 1, j, "group")  # "others said"
    if not phrases:
        return None
    if low[j - 1] in _INSERTION_ENDS:
        return _before_insertion(items, phrases, j)
    if what[j - 1] & Word.BREAK and not what[j - 1] & _HEAD:  # "he left early and said"
        return _main_subject(items, start, j)
    if phrases[-1].last == j and not phrases[-1].governed and not what[j - 1] & Word.POSSESSIVE:
        return _with_role(items, phrases, start)
    return _up_the_chain(items, phrases, j)


def _with_role(items: Items, phrases: list[Phrase], start: int) -> Phrase:
    """Return the last phrase, together with the role before it: "the director, James Comey, said"."""
    last = phrases[-1]
    if len(phrases) > 1 and last.kind == "name" and last.first > start and items.low[last.first - 1] == ",":
        role = phrases[-2]
        if role.kind == "role" and not role.governed and role.last == last.first - 1:
            return Phrase(role.first, last.last, "name")
    return last


def _up_the_chain(items: Items, phrases: list[Phrase], end: int) -> Phrase | None:
    """Return the phrase that a chain of prepositions belongs to: "the mayor of Oslo said"."""
    for k in range(len(phrases) - 1, -1, -1):
        phrase = phrases[k]
        if phrase.governed or (k and any(items.low[i] in _BOUNDARIES for i in range(phrase.last, end))):
            continue
        return phrase
    return next((p for p in phrases if not p.governed), None)


def agent_or_subject(items: Items, start: int, end: int) -> Phrase | None:
    """Return who does what a participle says: the agent of a passive sentence, or its subject."""
    if end > start and items.what[end - 1] & Word.PRONOUN and not items.what[end - 1] & Word.DETERMINER:
        return Phrase(end - 1, end, "pronoun")
    return _agent(items, start, end) or _main_subject(items, start, end)


def _agent(items: Items, start: int, cue: int) -> Phrase | None:
    """Return who does it in a passive sentence: "wurde von Anna Berg kritisiert"."""
    passive, agents = items.language.passive, items.language.agents
    if not agents or not any(items.low[k] in passive for k in range(start, cue)):
        return None
    return next(
        (p for p in phrases_between(items, start, cue) if p.governed and items.low[p.first - 1] in agents), None
    )


def _main_subject(items: Items, start: int, end: int) -> Phrase | None:
    """Return the subject of a cue earlier in the sentence, or the first noun phrase that can be one."""
    for k in range(end - 1, start, -1):
        if k in items.cue_rule and items.cue_rule[k][0].kind == "verb" and not items.cue_rule[k][0].participle:
            subject = subject_before(items, start, k)
            if subject is not None:
                return subject
    return next((p for p in phrases_between(items, start, end) if not p.governed and p.kind != "other"), None)


def _before_insertion(items: Items, phrases: list[Phrase], end: int) -> Phrase | None:
    """Return the phrase that an apposition or a relative clause belongs to: the first that stands before a comma."""
    low = items.low
    closers = {",", "(", "-", "–", "—", "["}
    for k, phrase in enumerate(phrases):
        if not phrase.governed and phrase.last < end and low[phrase.last] in closers and phrase.kind != "other":
            return _with_name(items, phrase, phrases[k + 1 : k + 2])
    return next((p for p in phrases if not p.governed), None)


def _with_name(items: Items, phrase: Phrase, following: list[Phrase]) -> Phrase:
    """Return a role together with the name between commas behind it: "the director, James Comey, said"."""
    for name in following:
        bare = items.language.no_capitals
        role = phrase.kind == "role" or (bare and items.what[phrase.first] & Word.ROLE)
        apposed = role and name.kind == "name" and name.first == phrase.last + 1
        named = not items.what[name.first] & (Word.DETERMINER | (Word.ROLE if bare else 0))
        if apposed and named and _is_closed(items, name.last):
            return name if bare else Phrase(phrase.first, name.last, "name")
    return phrase
