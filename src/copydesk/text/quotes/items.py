"""A paragraph as items: words and punctuation with what they can be, and each quoted stretch as one item.

Anna Berg , mayor of Oslo , told <stretch> that ...       one list per attribute, one entry per item
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from copydesk.text.quotes.marks import Stretch
from copydesk.text.quotes.words import APART, CueRule, LanguageWords, Word

__all__ = ["Items", "cue_words", "items_of", "may_have_cue"]

_LETTERS = r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0dff]+"
"""With the signs above and below letters, no letters to Python: vowels of Hebrew, Arabic, Hindi and others."""
_TOKEN = re.compile(rf"{_LETTERS}(?:[’'\-.‑·\u200c\u05f3\u05f4\"]{_LETTERS})*|[^\w\s]")
_UNSPACED_TOKEN = re.compile(r"[A-Za-z0-9.]+|\w|[^\w\s]")
_ENDS = frozenset(".!?…。！？؟।۔")
_ENDS_OR_STRETCH = _ENDS | {""}
_CONTINUES = frozenset(",;:)]")
_STARTERS = Word.DETERMINER | Word.PREPOSITION | Word.BREAK | Word.SKIP | Word.PRONOUN | Word.FIRST | Word.THAT
_MARKS = {"،": ",", "؛": ";"}
"""Marks of the Arabic script as those of the Latin one."""
_MAX_NAME = 3
_MIN_POSSESSIVE, _MIN_ROLE = 2, 5
_MAX_MEMO, _MAX_CHUNKS, _MAX_CHUNK = 50_000, 50_000, 30
"""Words of a language that a process keeps, and stretches without blanks with their length: 10 MB each."""
_MAX_LOOKUP = 20_000
"""Characters of an article in which a word without a capital is looked for."""
_MAX_TO_CUE, _MAX_SIGNS_TO_CUE, _MAX_OCCURRENCES = 6, 16, 5
_MAX_APART = 16
"""Items between the two parts of a separable verb: "führte ... aus"."""
_SUBJECT = Word.NAME | Word.ROLE | Word.GROUP | Word.TITLE | Word.PRONOUN | Word.SKIP | Word.FIRST | Word.QUOTE
_NAME, _NAME_ROLE_TITLE = Word.NAME, Word.NAME | Word.ROLE | Word.TITLE
_PRONOUN = Word.PRONOUN
_NOUN_BEFORE = Word.DETERMINER | Word.POSSESSIVE
_PLAIN_CUE = Word.CUE | Word.ACCORDING | Word.POSTPOSED


class Items:
    """The items of one paragraph.

    Attributes:
        text, article: The paragraph, and the beginning of the article.
        language: The words of its language.
        start, end: Characters of each item; of a stretch with its marks.
        low: Lower-case word, or the punctuation mark; "" for a stretch.
        what: `Word` bits.
        stretch: Index of the stretch, -1 for other items.
        sentences: First and last item (exclusive) of each sentence.
        cue_rule: Item -> the cue that begins there, and its length in items.
    """

    __slots__ = ("article", "cue_rule", "end", "language", "low", "sentences", "start", "stretch", "text", "what")

    def __init__(self, text: str, article: str, language: LanguageWords) -> None:
        self.language = language
        self.text, self.article = text, article[:_MAX_LOOKUP]
        self.start: list[int] = []
        self.end: list[int] = []
        self.low: list[str] = []
        self.what: list[int] = []
        self.stretch: list[int] = []
        self.sentences: list[tuple[int, int]] = []
        self.cue_rule: dict[int, tuple[CueRule, int]] = {}

    def words(self, a: int, b: int) -> str:
        """Return the text of items a to b (exclusive)."""
        return self.text[self.start[a] : self.end[b - 1]]


def items_of(text: str, stretches: Sequence[Stretch], language: LanguageWords, article: str) -> Items:
    """Return a paragraph of an article as items."""
    items = Items(text, article, language)
    at = 0
    for number, s in enumerate(stretches):
        _add_words(items, at, s.outer_start, language)
        items.start.append(s.outer_start)
        items.end.append(s.outer_end)
        items.low.append("")
        items.what.append(Word.NAME if _is_name(text[s.start : s.end]) else Word.QUOTE)
        items.stretch.append(number)
        at = s.outer_end
    _add_words(items, at, len(text), language)
    _lower_first_words(items)
    _find_cues(items, language)
    items.sentences = list(_sentences(items, stretches, language))
    _settle_first_words(items, language)
    return items


def cue_words(low: str) -> list[str]:
    """Return what stands between blanks, commas, full stops and colons of a text in lower case: where cues begin."""
    return low.replace(",", " ").replace(".", " ").replace(":", " ").split()


def may_have_cue(text: str, language: LanguageWords) -> bool:
    """Return whether a paragraph may report speech: it has a first word of a cue, and what else that cue needs.

    "in the words of" opens with a word that most paragraphs have; "denied" needs a "that". The second test is left out
    where it could err: where upper and lower case do not go letter by letter (a final sigma), or a verb has its pronoun
    joined to it.
    """
    if language.unspaced:
        return True
    cues, low = language.cues, text.lower()
    found = list(filter(cues.__contains__, cue_words(low)))
    if not found or language.clitics or "\u03a3" in text or len(low) != len(text):
        return bool(found)
    glued = " ".join([chunk for chunk in low.split() if not chunk.isalpha()])  # "(estimated 1%)"
    found += filter(cues.__contains__, _TOKEN.findall(glued))
    that = any(word in low for word in language.thats)
    needed = (rest for word in dict.fromkeys(found) for rest, rule in cues[word] if _reports(rule, that=that))
    return any(_follows(rest, low) for rest in needed)


def _reports(rule: CueRule, *, that: bool) -> bool:
    """Return whether a cue can report speech without marks, in a paragraph that has a word for "that" or has none."""
    return rule.kind == "according" or (rule.kind == "verb" and rule.indirect and (that or rule.plain))


def _follows(rest: Sequence[str], low: str) -> bool:
    """Return whether all words stand in a text in lower case; marks among them may be written otherwise."""
    return all(word in low for word in rest if word.isalpha())


def _is_name(inner: str) -> bool:
    """Return whether a stretch is the name of a paper, a show or the like, and can speak: “Die Welt”."""
    words = inner.split()
    return 0 < len(words) <= _MAX_NAME and inner[-1].isalnum() and all(w[0].isupper() for w in words)


def _add_words(items: Items, a: int, b: int, language: LanguageWords) -> None:
    """Add the words and punctuation between two characters; no word crosses a blank."""
    chunks = language.chunks
    start, end, lows, what, stretch = items.start, items.end, items.low, items.what, items.stretch
    before, at = len(start), a
    for chunk in (items.text[a:b],) if language.unspaced else items.text[a:b].split(" "):
        known = chunks.get(chunk)
        if known is None:
            known = _read_chunk(chunk, language)
        for low, bits, first, last in known:
            lows.append(low)
            what.append(bits)
            start.append(at + first)
            end.append(at + last)
        at += len(chunk) + 1
    stretch.extend([-1] * (len(start) - before))


def _read_chunk(chunk: str, language: LanguageWords) -> tuple[tuple[str, int, int, int], ...]:
    """Return words and punctuation with what they can be, their start and end; keep those of a short stretch."""
    token, memo = _UNSPACED_TOKEN if language.unspaced else _TOKEN, language.memo
    found = []
    if chunk.isalpha() and not language.unspaced:
        found.append((*(memo.get(chunk) or _classify(chunk, language)), 0, len(chunk)))
    else:
        for m in token.finditer(chunk):
            low, bits = memo.get(m[0]) or _classify(m[0], language)
            found.append((low, bits, m.start(), m.end()))
    if len(chunk) > _MAX_CHUNK:
        return tuple(found)
    if len(language.chunks) > _MAX_CHUNKS:
        language.chunks.clear()
    language.chunks[chunk] = known = tuple(found)
    return known


def _classify(word: str, language: LanguageWords) -> tuple[str, int]:
    """Return a word in lower case and what it can be, and keep both for the next time."""
    low, first = word.lower(), word[0]
    table = language.table
    bits = table.get(low, 0)
    if first.isalpha():
        if "-" in low and language.clitics:
            bits |= _clitic(low, language.clitics, table)
        if low.endswith(("'s", "’s")) and len(low) > _MIN_POSSESSIVE:
            bits = table.get(low[:-2], bits) | Word.POSSESSIVE
        if not bits if language.no_capitals else not first.islower():
            bits |= Word.NAME
        if len(low) > _MIN_ROLE and language.role_ends and low.endswith(language.role_ends):
            bits |= Word.ROLE
    elif first.isdigit():
        bits |= Word.NUMBER
        if "-" in low and language.role_ends and low.endswith(language.role_ends):  # "der 58-Jährige"
            bits |= Word.ROLE
    elif not bits:
        bits, low = Word.PUNCTUATION, _MARKS.get(low, low)
    if len(language.memo) > _MAX_MEMO:
        language.memo.clear()
    language.memo[word] = low, bits
    return low, bits


def _clitic(low: str, clitics: Sequence[tuple[str, int]], table: dict[str, int]) -> int:
    """Return what a verb with a pronoun joined to it is: "explique-t-elle"."""
    for end, bit in clitics:
        if low.endswith(end):
            stem = low[: -len(end)].removesuffix("-t")
            return bit | table.get(stem, 0) & (Word.CUE | Word.SKIP)
    return 0


def _sentences(items: Items, stretches: Sequence[Stretch], language: LanguageWords) -> Iterator[tuple[int, int]]:
    """Yield the sentences; a stretch that ends with a full stop ends one, where the next item begins another."""
    first, count = 0, len(items.low)
    for i in [i for i, low in enumerate(items.low) if low in _ENDS_OR_STRETCH]:
        number = items.stretch[i]
        if number >= 0:
            s = stretches[number]
            last = items.text[s.end - 1 : s.end]
            ends = last in _ENDS and _begins(items, i + 1) and not _is_reported(items, i + 1, last, language)
        else:
            ends = _begins(items, i + 1) and not (
                items.low[i] == "." and i > first and _abbreviated(items, i - 1, language)
            )
        if ends:
            yield first, i + 1
            first = i + 1
    if first < count:
        yield first, count


def _begins(items: Items, i: int) -> bool:
    """Return whether an item can begin a sentence."""
    if i >= len(items.low):
        return True
    if items.low[i] in _CONTINUES:  # "Rep. Anna Berg (R-Fla.), ..."
        return False
    return bool(items.what[i] & Word.QUOTE) or not items.text[items.start[i]].islower()


def _is_reported(items: Items, i: int, last: str, language: LanguageWords) -> bool:
    """Return whether "Anna Berg asked" follows, so that a question between marks ends no sentence."""
    if last not in "?!…" and not language.unspaced:
        return False
    reach = _MAX_SIGNS_TO_CUE if language.unspaced else _MAX_TO_CUE
    for k in range(i, min(i + reach, len(items.low))):
        if k in items.cue_rule:
            return True
        if not items.what[k] & (Word.NAME | Word.DETERMINER | Word.ROLE | Word.TITLE | Word.SKIP | Word.PRONOUN):
            return False
    return False


def _abbreviated(items: Items, i: int, language: LanguageWords) -> bool:
    low = items.low[i]
    return (
        low in language.abbreviations
        or (len(low) == 1 and low.isalpha())
        or ("." in low and items.what[i] & Word.NAME != 0)
    )


def _lower_first_words(items: Items) -> None:
    """Take the capital of a sentence's first word for none where the word is an article, a preposition and so on."""
    what, low = items.what, items.low
    for i in [i for i, bits in enumerate(what) if bits & _NAME_ROLE_TITLE == _NAME]:
        bits = what[i]
        opens = i == 0 or low[i - 1] in _ENDS or what[i - 1] & Word.QUOTE
        if bits & _STARTERS or (bits & _PLAIN_CUE and opens):
            what[i] = bits & ~Word.NAME


def _find_cues(items: Items, language: LanguageWords) -> None:
    """Note the cues, longest first; a verb behind an article or a preposition is a noun and no cue."""
    cues, low = language.cues, items.low
    for i in [i for i, (word, bits) in enumerate(zip(low, items.what, strict=True)) if bits & _PRONOUN or word in cues]:
        word = low[i]
        if items.what[i] & Word.CUE and items.what[i] & Word.PRONOUN and "-" in word:
            items.cue_rule[i] = (language.rules[0], 1)
            continue
        for rest, rule in cues.get(word, ()):
            size = len(rest)
            if size and rest[0] == APART:
                if not any(word == rest[1] for word in low[i + 1 : i + _MAX_APART]):
                    continue
                size = 0
            elif size and tuple(low[i + 1 : i + 1 + size]) != rest:
                continue
            if not size and not _is_cue(items, i, rule, language):
                break
            items.cue_rule[i] = (rule, size + 1)
            for k in range(i, i + size + 1):
                items.what[k] |= _BITS[rule.kind]
            break


def _is_cue(items: Items, i: int, rule: CueRule, language: LanguageWords) -> bool:
    """Return whether a word that can be a cue is one here, and no noun and no part of a name."""
    what, before = items.what, items.what[i - 1] if i else 0
    low_before = items.low[i - 1] if i else "."
    if rule.after_mark and not (before & Word.QUOTE or low_before in _MARKS_BEFORE):
        return False
    if rule.kind != "verb":
        return True
    stands_alone = low_before in language.alone and items.low[i] not in language.nouns  # "others said"
    if before & _NOUN_BEFORE and not before & Word.PRONOUN and not stands_alone:
        return False
    if what[i] & Word.NAME and not (before & Word.QUOTE or low_before in _ENDS):
        return False
    return not (items.low[i] in language.nouns and not (before & _SUBJECT or low_before in _MARKS_BEFORE))


def _settle_first_words(items: Items, language: LanguageWords) -> None:
    """Take a sentence's first word for no name where the text has it without a capital, too."""
    what, low = items.what, items.low
    for first, last in items.sentences:
        if what[first] & Word.PARTICLE and _is_surname(items, first):
            what[first] = Word.NAME | Word.PARTICLE
        if not what[first] & Word.NAME or what[first] & (Word.ROLE | Word.GROUP | Word.TITLE):
            continue
        if first + 1 < last and what[first + 1] & Word.NAME:
            continue
        if what[first] & Word.PARTICLE:
            continue
        common = (first + 1 < last and low[first + 1] == ",") or f" {low[first]} " in items.article
        speaks = first + 1 in items.cue_rule or language.no_capitals
        if common or not (speaks or _is_name_elsewhere(items, first)):
            what[first] &= ~Word.NAME


def _is_name_elsewhere(items: Items, i: int) -> bool:
    """Return whether a word that opens a sentence has its capital inside of a sentence, too."""
    word = f" {items.text[items.start[i] : items.end[i]]}"
    at = items.article.find(word)
    for _ in range(_MAX_OCCURRENCES):
        if at < 0:
            return False
        before = items.article[at - 1 : at]
        if before.isalnum() or before in {",", ")"}:
            return True
        at = items.article.find(word, at + 1)
    return False


def _is_surname(items: Items, i: int) -> bool:
    """Return whether a sentence begins with a name whose first word is a preposition: "Von der Leyen sagte"."""
    what, k = items.what, i + 1
    while k < len(what) and what[k] & Word.PARTICLE and not what[k] & Word.NAME:
        k += 1
    return k + 1 < len(what) and what[k] & Word.NAME != 0 and k + 1 in items.cue_rule


_MARKS_BEFORE = frozenset({",", "-", "–", "—", ":", ";", "("})
_BITS = {"verb": (Word.CUE), "according": (Word.ACCORDING), "postposed": (Word.POSTPOSED)}
