"""Find the quotes of an article and their speakers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from copydesk.records import Extraction, Paragraph, ParagraphKind, Quote, QuoteKind
from copydesk.text.quotes.attribute import (
    Attribution,
    attribute,
    inserted,
    reporting_subject,
    sentence_subject,
    somebody,
)
from copydesk.text.quotes.indirect import find_reported
from copydesk.text.quotes.items import Items, cue_words, items_of, may_have_cue
from copydesk.text.quotes.marks import Stretch, find_stretches, has_marks
from copydesk.text.quotes.people import People, Speaker
from copydesk.text.quotes.speakers import Phrase
from copydesk.text.quotes.words import LanguageWords, Word, language_words

__all__ = ["find_quotes", "with_quotes"]

_PROSE = frozenset({ParagraphKind.PARAGRAPH, ParagraphKind.LIST_ITEM, ParagraphKind.QUOTE})
_SENTENCE_ENDS = ".!?…。！？؟।"
_BETWEEN = re.compile(r"[,;:)\]](?!\))|\.\s")
"""What no words begin with: a stretch that does stands between two quotes, whose marks were paired wrongly."""
_MAX_CHARS = 150_000
"""Characters of an article that are read; a longer one is a book."""
_MAX_AROUND, _MAX_SENTENCES = 150, 8
"""Items on each side of a stretch, and sentences before it, in which a speaker is looked for."""
_MAX_BLANK = 3
_WEAK = "before.sentence_subject"
"""The rule of a speaker that is only the subject of the sentence."""
_MAX_SMALL_WORD = 3
_MIN_UNSPACED = 8
"""Characters that a sentence without any cue has, where words are written without spaces."""
_MAX_TITLE_WORDS = 14
_TITLE_CAPITALS = 0.8
"""Share of the longer words of a title that have capitals, where not all nouns have."""
_MIN_WORDS = 4
"""Words from which a stretch without any cue is somebody's words and no name, title or doubted word."""


def find_quotes(paragraphs: Sequence[Paragraph], language: str, *, indirect: bool = True) -> tuple[Quote, ...]:
    """Return the quotes of an article, in the order of the text.

    Args:
        paragraphs: The article's body.
        language: ISO 639-1 code; of a language without cues only marks, colons and names are read.
        indirect: Find reported speech without quotation marks, too.
    """
    words = language_words(language)
    texts, chars = [], 0
    for p in paragraphs:
        chars += len(p.text)
        texts.append(p.text if p.kind in _PROSE and chars <= _MAX_CHARS else "")
    if not indirect and not any(has_marks(text) or words.dashes for text in texts):
        return ()
    return tuple(_Article(texts, words).quotes(indirect=indirect))


def with_quotes(found: Extraction) -> Extraction:
    """Return an extraction with the quotes of its paragraphs; a page without an article has none."""
    if found.rejection is not None:
        return found
    quotes = find_quotes(found.paragraphs, found.language)
    return replace(found, quotes=quotes) if quotes or found.quotes else found


@dataclass(slots=True)
class _Found:
    """A stretch with what its sentence says of it."""

    paragraph: int
    place: int  # of its sentence in the paragraph
    stretch: Stretch
    item: int
    sentence: tuple[int, int]
    attribution: Attribution | None = None
    speaker: Speaker | None = None
    rule: str = ""
    confidence: float = 0.0
    cue: str = ""
    alone: bool = False


class _Article:
    """The quotes of one article, made in two passes: sentence by sentence, then what is carried over."""

    def __init__(self, texts: Sequence[str], words: LanguageWords) -> None:
        self._texts, self._words = texts, words
        self._stretches = find_stretches(
            texts, dashes=words.dashes, singles=words.singles, apostrophes=words.apostrophes, cues=words.cues.keys()
        )
        self._items: dict[int, Items] = {}
        self._text = "\n".join(texts)
        self._people = People(words, self._text)
        self._last: Speaker | None = None

    def quotes(self, *, indirect: bool) -> list[Quote]:
        """Return the quotes."""
        found: list[_Found] = []
        for number, stretches in enumerate(self._stretches):
            if stretches:
                found += self._paragraph(number, stretches)
        self._carry(found)
        said = [f for f in found if self._is_said(f)]
        if indirect:
            said = sorted([*said, *self._reported()], key=lambda f: (f.paragraph, f.stretch.start))
        return [self._quote(f) for f in said]

    def _reported(self) -> Iterator[_Found]:
        """Yield the reported clauses of all paragraphs."""
        for number, text in enumerate(self._texts):
            if number not in self._items and not may_have_cue(text, self._words):
                continue
            items = self._items_of(number)
            for r in find_reported(items, self._words):
                start, end = items.start[r.first], items.end[r.last - 1]
                if end <= start:
                    continue
                f = _Found(number, 0, Stretch(start, end, start, end, ""), r.first, (r.first, r.last))
                f.speaker, f.rule, f.confidence = self._speaker(number, items, r.phrase), r.rule, r.confidence
                f.cue = items.words(r.cue, r.cue + r.cue_items)
                yield f

    def _paragraph(self, number: int, stretches: list[Stretch]) -> list[_Found]:
        """Attribute the stretches of a paragraph, each within its sentence."""
        items = self._items[number] = items_of(self._texts[number], stretches, self._words, self._text)
        found: list[_Found] = []
        for place, (start, end) in enumerate(items.sentences):
            here: list[_Found] = []
            for i in range(start, end):
                if items.stretch[i] < 0:
                    continue
                sentence = max(start, i - _MAX_AROUND), min(end, i + _MAX_AROUND)
                f = _Found(number, place, stretches[items.stretch[i]], i, sentence)
                f.attribution = attribute(items, sentence, i, f.stretch, self._words)
                f.alone = all(items.what[k] & (Word.QUOTE | Word.PUNCTUATION) for k in range(*sentence))
                self._settle(f, here, items)
                here.append(f)
            found += here
        return found

    def _settle(self, f: _Found, here: list[_Found], items: Items) -> None:
        """Take over what the sentence says: its own attribution, or that of a stretch before in the sentence."""
        a = f.attribution
        if a is not None and a.cue >= 0:
            f.cue = items.words(a.cue, a.cue + a.cue_items)
        if a is not None and a.phrase is not None:
            f.speaker, f.rule, f.confidence = self._speaker(f.paragraph, items, a.phrase), a.rule, a.confidence
        elif here and here[-1].speaker is not None:
            before = here[-1]
            f.speaker, f.rule, f.confidence = before.speaker, "carried.sentence", before.confidence * 0.95
            f.cue = f.cue or before.cue
        elif not self._settle_inside(f) and not f.alone and not self._is_reported(f, items) and not self._is_report(f):
            phrase = somebody(items, f.sentence[0], f.item, self._words) if self._words.rules else None
            if phrase is not None:
                f.speaker, f.rule = self._speaker(f.paragraph, items, phrase), "before.sentence_subject"
                f.confidence = 0.6 if f.cue else 0.5

    def _settle_inside(self, f: _Found) -> bool:
        """Take over who speaks by an insertion between the marks: « Il est tard, a dit Anna Berg, rentrons »."""
        s, text = f.stretch, self._texts[f.paragraph]
        inner = text[s.start : s.end]
        if not self._words.inverts or "," not in inner or self._words.no_capitals:
            return False
        cues = self._words.cues.keys()
        if cues.isdisjoint(cue_words(inner.lower())):
            return False
        items = items_of(inner, (), self._words, self._text)
        found = inserted(items)
        if found is None:
            return False
        phrase, cue = found
        said = self._speaker(f.paragraph, items, phrase)
        f.speaker = replace(said, start=said.start + s.start, end=said.end + s.start)
        f.rule, f.confidence, f.cue = "inside.inverted", 0.85, items.words(cue, cue + items.cue_rule[cue][1])
        return True

    def _is_report(self, f: _Found) -> bool:
        """Return whether the words begin with a verb of saying: a statement is quoted, and its author speaks."""
        inner = self._texts[f.paragraph][f.stretch.start : f.stretch.end].split(maxsplit=1)
        return bool(inner) and bool(self._words.table.get(inner[0].lower(), 0) & Word.CUE)

    def _is_reported(self, f: _Found, items: Items) -> bool:
        """Return whether the sentence has a verb form of reported speech, which goes on with the last speaker."""
        reported = self._words.reported
        return bool(reported) and any(items.low[i] in reported for i in range(*f.sentence))

    def _speaker(self, paragraph: int, items: Items, phrase: Phrase) -> Speaker:
        start, end = items.start[phrase.first], items.end[phrase.last - 1] - phrase.trim
        name = ""
        if phrase.kind == "name":
            name = items.text[start:end] if self._words.no_capitals else self._name(items, phrase)
        return Speaker(paragraph, start, end, items.text[start:end], phrase.kind, items.what[phrase.first], name)

    def _name(self, items: Items, phrase: Phrase) -> str:
        """Return the last run of name words of a phrase, without roles and titles before it."""
        end = phrase.last
        first = end
        while first > phrase.first:
            bits = items.what[first - 1]
            if bits & (Word.ROLE | Word.GROUP | Word.TITLE | Word.DETERMINER | Word.POSSESSIVE) and first < end:
                break
            if items.low[first - 1] == ",":
                break
            if not bits & (Word.NAME | Word.PARTICLE) and items.low[first - 1] not in {".", "&", "-"}:
                break
            first -= 1
        while first < end and (items.low[first] in {".", ","} or not items.what[first] & Word.NAME):
            first += 1
        return items.words(first, end) if first < end else ""

    def _carry(self, found: list[_Found]) -> None:
        """Give stretches without a speaker that of the stretch they go on from."""
        for k, f in enumerate(found):
            before = found[k - 1] if k else None
            if before is not None and before.speaker is not None and _goes_on(f, before):
                self._take(f, before, "carried.paragraph", 0.9)
                continue
            if f.speaker is not None:
                continue
            same = before is not None and before.paragraph == f.paragraph
            spoken = self._spoken_since(f, before.place + 1 if before is not None and same else 0)
            if spoken is not None:
                f.speaker, f.rule, f.confidence = spoken, "carried.sentence_before", 0.75
                continue
            if before is not None and before.speaker is not None and same:
                self._take(f, before, "carried.paragraph_speaker", 0.9)
                continue
            after = found[k + 1] if k + 1 < len(found) else None
            if after is not None and after.paragraph == f.paragraph and after.speaker is not None and f.alone:
                self._take(f, after, "carried.back", 0.85)
                continue
            spoken = self._spoken_before(f)
            if spoken is not None:
                f.speaker, f.rule, f.confidence = spoken, "carried.paragraph_before", 0.7
            elif before is not None and f.paragraph - before.paragraph <= 2 and _speaks_on(before):
                self._take(f, before, "carried.last", 0.7)

    def _take(self, f: _Found, other: _Found, rule: str, weight: float) -> None:
        f.speaker, f.rule, f.confidence = other.speaker, rule, round(other.confidence * weight, 3)

    def _spoken_since(self, f: _Found, place: int) -> Speaker | None:
        """Return who speaks in the sentences of the paragraph between a place and a stretch, the last first."""
        items = self._items[f.paragraph]
        for sentence in reversed(items.sentences[max(place, f.place - _MAX_SENTENCES) : f.place]):
            spoken = self._reporting(f.paragraph, items, sentence)
            if spoken is not None:
                return spoken
        return None

    def _spoken_before(self, f: _Found) -> Speaker | None:
        """Return who speaks at the end of the paragraph before that of a stretch."""
        number = f.paragraph - 1
        while number >= 0 and not self._texts[number].strip():
            number -= 1
        if number < 0 or f.paragraph - number > _MAX_BLANK:
            return None
        items = self._items_of(number)
        for sentence in reversed(items.sentences[-2:]):
            spoken = self._reporting(number, items, sentence)
            if spoken is not None:
                return spoken
        return None

    def _reporting(self, number: int, items: Items, sentence: tuple[int, int]) -> Speaker | None:
        """Return the speaker of a sentence that reports speech or ends with a colon."""
        cue = next((k for k in range(*sentence) if k in items.cue_rule), -1)
        if cue >= 0:
            phrase = reporting_subject(items, sentence, cue, self._words)
        elif items.low[sentence[1] - 1] in {":", "："}:
            phrase = sentence_subject(items, *sentence)
        else:
            return None
        return self._speaker(number, items, phrase) if phrase else None

    def _items_of(self, number: int) -> Items:
        if number not in self._items:
            stretches = self._stretches[number]
            self._items[number] = items_of(self._texts[number], stretches, self._words, self._text)
        return self._items[number]

    def _is_said(self, f: _Found) -> bool:
        """Return whether a stretch is somebody's words, and not a title, a name or a doubted word."""
        s = f.stretch
        inner = self._texts[f.paragraph][s.start : s.end]
        count = len(inner.split())
        if self._texts[f.paragraph][s.outer_start - 1 : s.outer_start] == "=":
            return False
        if _BETWEEN.match(inner):
            return False
        strong = f.attribution is not None and f.attribution.cue >= 0 and f.attribution.phrase is not None
        if self._words.unspaced:
            return strong or (inner[-1:] in _SENTENCE_ENDS and len(inner) >= _MIN_UNSPACED)
        if count < _MIN_WORDS and self._words.table.get(inner.split()[0].lower() if inner else "", 0) & Word.CUE:
            return f.speaker is not None and f.attribution is None  # words of a statement: “stressed the importance”
        if count < _MIN_WORDS and self._is_named(f, inner):
            return False
        if count < _MIN_WORDS:
            return strong or (f.alone and inner[-1:] in _SENTENCE_ENDS)
        return not self._is_title(f, inner, strong)

    def _is_named(self, f: _Found, inner: str) -> bool:
        """Return whether a few words inside of a sentence are a name: said that the «Old Bridge» party is against."""
        items, i = self._items[f.paragraph], f.item
        if not inner[:1].isupper() or inner[-1:] in _SENTENCE_ENDS or i == f.sentence[0]:
            return False
        return not items.what[i - 1] & (Word.CUE | Word.PUNCTUATION)

    def _is_title(self, f: _Found, inner: str, strong: bool) -> bool:
        """Return whether a stretch is the title of a work or the name of something."""
        items = self._items[f.paragraph]
        before = items.what[f.item - 1] if f.item > f.sentence[0] else 0
        if before & (Word.WORK | Word.POSSESSIVE) and inner[-1:] in {".", ","}:  # on Berg's “Morning of the North.”
            inner = inner[:-1]
        words = inner.split()
        if inner[-1:] in ".!?,;" or not inner[:1].isupper() or len(words) > _MAX_TITLE_WORDS:
            return False
        capitals = sum(w[0].isupper() for w in words if len(w) > _MAX_SMALL_WORD)
        long = sum(len(w) > _MAX_SMALL_WORD for w in words)
        if self._words.nouns_capital:
            titled = words[-1][0].isupper() and 2 * capitals >= long
            described = f.item > 0 and items.low[f.item - 1] in self._words.indefinite
            named = before & (Word.DETERMINER | Word.WORK | Word.GROUP | Word.NAME) and not described
            if described and self._is_reported(f, items):
                return False
            return titled and (not strong or bool(named))
        titled = long > 1 and capitals >= _TITLE_CAPITALS * long
        strong = strong and f.rule != "after.trailing"
        return titled and (not strong or bool(before & Word.WORK))

    def _quote(self, f: _Found) -> Quote:
        s, speaker = f.stretch, f.speaker
        return Quote(
            paragraph=f.paragraph + 1,
            start=s.start,
            end=s.end,
            text=self._texts[f.paragraph][s.start : s.end],
            kind=self._kind(f),
            cue=f.cue,
            rule=f.rule or "unattributed",
            confidence=round(f.confidence, 2) if speaker else 0.5,
            speaker=speaker.text if speaker else None,
            speaker_name=self._people.resolve(speaker) if speaker else None,
            speaker_paragraph=speaker.paragraph + 1 if speaker else None,
            speaker_start=speaker.start if speaker else None,
            speaker_end=speaker.end if speaker else None,
        )

    def _kind(self, f: _Found) -> QuoteKind:
        if not f.stretch.mark and f.rule.startswith("indirect."):
            return QuoteKind.INDIRECT
        items = self._items[f.paragraph]
        inner = self._texts[f.paragraph][f.stretch.start : f.stretch.end]
        first = inner[:1]
        opens = (
            f.item == f.sentence[0]
            or items.low[f.item - 1] in {":", ",", "："}
            or bool(items.what[f.item - 1] & Word.CUE)
        )
        return QuoteKind.DIRECT if opens and not first.islower() else QuoteKind.MIXED


def _speaks_on(before: _Found) -> bool:
    """Return whether somebody is known well enough to be the speaker of a later paragraph, too."""
    speaker = before.speaker
    return speaker is not None and speaker.kind in {"name", "role", "pronoun"} and before.rule != _WEAK


def _goes_on(f: _Found, before: _Found) -> bool:
    """Return whether a stretch goes on with one that the paragraph before left open."""
    if before.stretch.closed or before.paragraph != f.paragraph - 1:
        return False
    return f.speaker is None or not f.stretch.opened or f.rule == "before.sentence_subject"
