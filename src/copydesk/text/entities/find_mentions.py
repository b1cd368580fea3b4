"""Find the persons, organisations and places an article names: one person under one name.

    title, paragraphs, captions --runs--> candidates --full names--> persons --family names--> mentions
    byline, dateline, agency ------------------------------------------------------------------^

A full name makes a person known; the family name alone is that person from then on, anywhere in the article. A family
name that no full name explains is a mention without an identity, unless an office beside it and the gazetteer say who
holds it ("President Assad"). Texts in scripts without capitals go through `uncased`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from copydesk.keys import key
from copydesk.records import Author, AuthorKind, Dateline, EntityKind, Mention, MentionField
from copydesk.text.entities.candidates import Candidate, Scanner
from copydesk.text.entities.entity_words import entity_words
from copydesk.text.entities.gazetteers import Entry, Gazetteers, gazetteers
from copydesk.text.entities.inflection import GENITIVE, SLAVIC, stem
from copydesk.text.entities.name_keys import family_name, name_key, plain
from copydesk.text.entities.runs import Run, Token, is_headline, runs_of, word_before
from copydesk.text.entities.uncased import has_capitals, scan_uncased

__all__ = ["entity_key", "find_mentions"]

_MAX_CHARS = 120_000
"""Characters of an article that are read; a longer one is a list or a book."""
_MIN_FAMILY = 4
"""Letters from which the last word of a name that begins with an Asian family name is taken for one, too."""
_TITLE_BEHIND = frozenset(("hu", "fi", "tr", "et"))
_SURE = frozenset(("gazetteer", "honorific", "role", "given_name", "apposition", "age", "byline", "title"))


@lru_cache(maxsize=16384)
def entity_key(kind: EntityKind, name: str) -> str:
    """Return the UUID of a person, organisation or place by its full name, in whatever order articles come."""
    return key(kind.value, name_key(name) if kind is EntityKind.PERSON else plain(name))


def find_mentions(
    title: str | None,
    paragraphs: Sequence[str],
    captions: Sequence[str] = (),
    *,
    language: str = "und",
    authors: Sequence[Author] = (),
    dateline: Dateline | None = None,
    agency: str | None = None,
    known: Gazetteers | None = None,
) -> tuple[Mention, ...]:
    """Return the mentions of an article, in the order of title, byline, dateline, paragraphs and captions.

    Args:
        title: The headline.
        paragraphs: Kept paragraphs, in order; a mention's `paragraph` counts them from 1.
        captions: Words under pictures, in order.
        language: ISO 639-1 code of the text.
        authors: The byline.
        dateline: Place and agency of the dateline.
        agency: The agency named in dateline or credit.
        known: The gazetteers; None: those of the package.
    """
    known = known or gazetteers(())
    article = _Article(language=language, known=known)
    article.read(MentionField.TITLE, 0, title or "")
    for part, texts in ((MentionField.BODY, paragraphs), (MentionField.CAPTION, captions)):
        for position, text in enumerate(texts, 1):
            article.read(part, position, text)
    article.sign(authors)
    article.file(dateline, agency)
    return tuple(article.mentions())


@dataclass(slots=True)
class _Text:
    field: MentionField
    paragraph: int
    text: str
    cased: bool
    candidates: list[Candidate]
    loose: list[Token]


@dataclass(slots=True)
class _Person:
    """One person of the article."""

    name: str
    families: set[str]
    words: frozenset[str]
    entry: Entry | None
    sure: bool
    at: list[tuple[int, int]] = field(default_factory=list)  # (number of the text, offset) of the full names

    @property
    def entity_id(self) -> str:
        return entity_key(EntityKind.PERSON, self.entry.name if self.entry else self.name)


class _Article:
    """Texts of one article, and what is found in them."""

    def __init__(self, *, language: str, known: Gazetteers) -> None:
        self._language, self._known = language, known
        self._scanner = Scanner(language, entity_words(), known)
        self._texts: list[_Text] = []
        self._chars = 0
        self._cased: bool | None = None
        self._extra: list[Mention] = []
        self._bylines: list[str] = []
        self._persons: dict[str, _Person] = {}
        self._families: dict[str, list[_Person]] = {}
        self._acronyms: dict[str, str] = {}

    def read(self, where: MentionField, position: int, text: str) -> None:
        """Look for candidates in one text."""
        self._chars += len(text)
        if not text or self._chars > _MAX_CHARS:
            return
        if self._cased is None:
            self._cased = has_capitals(text)
        if self._cased:
            runs = runs_of(text, self._language, self._known.given)
            found, loose = (self._in_headline if is_headline(text) else self._scanner.scan)(text, runs)
        else:
            found, loose = scan_uncased(text, self._language, self._known)
        self._texts.append(_Text(where, position, text, self._cased, found, loose))

    def sign(self, authors: Sequence[Author]) -> None:
        """Take the persons of the byline."""
        for author in authors:
            if author.kind is AuthorKind.PERSON and len(plain(author.name).split()) > 1:
                self._bylines.append(author.name)
            elif author.kind is AuthorKind.ORGANISATION:
                self._add_agency(author.name, MentionField.BYLINE, "byline")

    def file(self, dateline: Dateline | None, agency: str | None) -> None:
        """Take place and agency of the dateline, and the agency of the credit."""
        if dateline is not None and dateline.place:
            entry = self._known_name(dateline.place, EntityKind.PLACE)
            self._extra.append(_outside(EntityKind.PLACE, dateline.place, entry, MentionField.DATELINE, "dateline"))
        for name in dict.fromkeys(n for n in (dateline.agency if dateline else None, agency) if n):
            self._add_agency(name, MentionField.DATELINE, "dateline")

    def mentions(self) -> Iterator[Mention]:
        """Yield all mentions, once every text has been read."""
        for number, one in enumerate(self._texts):
            for candidate in one.candidates:
                if candidate.kind is EntityKind.PERSON and candidate.rule != "speech":
                    self._meet(number, one.text, candidate)
                elif candidate.acronym:
                    full = candidate.entry.name if candidate.entry else one.text[candidate.start : candidate.end]
                    self._acronyms.setdefault(candidate.acronym, full)
        for number, one in enumerate(self._texts):
            for candidate in one.candidates:
                if candidate.rule == "speech" and candidate.kind is EntityKind.PERSON and self._returns(one, candidate):
                    self._meet(number, one.text, candidate)
        for name in self._bylines:
            self._persons.setdefault(self._key(name), self._person(name, None, "byline"))
        self._index_families()
        yield from self._title_and_extra()
        for number, one in enumerate(self._texts):
            if one.field is not MentionField.TITLE:
                yield from self._of_text(number, one)

    def _title_and_extra(self) -> Iterator[Mention]:
        for number, one in enumerate(self._texts):
            if one.field is MentionField.TITLE:
                yield from self._of_text(number, one)
        for name in self._bylines:
            person = self._persons[self._key(name)]
            yield self._mention(person, name, MentionField.BYLINE, 0, 0, 0, full=True, role="", rule="byline")
        yield from self._extra

    def _in_headline(self, text: str, runs: Sequence[Run]) -> tuple[list[Candidate], list[Token]]:
        """Return known names and single words of a line whose words all have capitals."""
        found, loose = [], []
        for run in runs:
            at = 0
            while at < len(run.tokens):
                entry, end = self._scanner.known_at(text, run.tokens, at)
                token = run.tokens[at]
                if entry is not None:
                    found.append(Candidate(token.start, run.tokens[end - 1].end, entry.kind, "gazetteer", entry))
                    at = end
                    continue
                if len(token.word) > 2:
                    loose.append(token)
                at += 1
        return found, loose

    def _key(self, name: str) -> str:
        words = name_key(name)
        return stem(words) if self._language in SLAVIC else words

    def _meet(self, number: int, text: str, candidate: Candidate) -> None:
        """Enter a full name."""
        name = candidate.entry.name if candidate.entry else " ".join(text[candidate.start : candidate.end].split())
        if not candidate.entry and self._language in GENITIVE and name.endswith("s"):
            name = name[:-1] if self._key(name[:-1]) in self._persons else name
        known = self._key(name)
        person = self._persons.get(known)
        if person is None:
            person = self._persons[known] = self._person(name, candidate.entry, candidate.rule)
        elif person.entry is None and self._is_better(name, person.name):
            person.name = name
        written = " ".join(text[candidate.start : candidate.end].split())
        person.families.update(_families_of(written, person.entry))
        person.at.append((number, candidate.start))

    def _person(self, name: str, entry: Entry | None, rule: str) -> _Person:
        entry = entry or self._known_name(name, EntityKind.PERSON)
        return _Person(
            name=entry.name if entry else name,
            families={entry.family} if entry else _families_of(name, None),
            words=frozenset(plain(name).split()),
            entry=entry,
            sure=rule in _SURE,
        )

    def _is_better(self, name: str, other: str) -> bool:
        """Return whether a form of a name is rather the basic one: its given name is in the list of given names."""
        given = self._known.given
        return (
            self._language in SLAVIC and name.split(maxsplit=1)[0] in given and other.split(maxsplit=1)[0] not in given
        )

    def _known_name(self, name: str, kind: EntityKind) -> Entry | None:
        names = self._known.names
        entry = names.get(plain(name)) or names.get(name_key(name)) or self._scanner.known_word(name)
        if entry is None:
            entry = next((e for n, e in self._known.spaceless.get(name[:2], ()) if n == name), None)
        return entry if entry is not None and entry.kind is kind else None

    def _index_families(self) -> None:
        """Index persons by family name; merge a shorter full name into the longer one that holds all its words."""
        for person in self._persons.values():
            for family in sorted(person.families):
                self._families.setdefault(self._family_key(family), []).append(person)
        for people in list(self._families.values()):
            for person in people:
                longer = [p for p in people if p is not person and _includes(p, person)]
                if len(longer) == 1 and person.entry is None:
                    person.name, person.entry = longer[0].name, longer[0].entry
        for person in self._persons.values():
            for family in sorted(person.families):
                last = family.split()[-1]
                if last != family:
                    self._families.setdefault(self._family_key(last), []).append(person)

    def _family_key(self, family: str) -> str:
        return stem(family) if self._language in SLAVIC else family

    def _returns(self, one: _Text, candidate: Candidate) -> bool:
        """Return whether the last word of a speaking name stands alone elsewhere, beside a speech verb or a role."""
        last = plain(one.text[candidate.start : candidate.end].split()[-1])
        return any(
            plain(token.word) == last and self._scanner.beside(other.text, _alone(token))[0]
            for other in self._texts
            for token in other.loose
        )

    def _of_text(self, number: int, one: _Text) -> Iterator[Mention]:
        candidates = one.candidates
        if one.loose and (more := [c for token in one.loose if (c := self._of_loose(token, one))]):
            candidates = sorted((*candidates, *more))
        for c in candidates:
            words = one.text[c.start : c.end]
            if c.kind is EntityKind.PERSON:
                person = self._persons.get(self._key(c.entry.name if c.entry else words))
                if person is None and self._language in GENITIVE and words.endswith("s"):
                    person = self._persons.get(self._key(words[:-1]))
                if person is not None:
                    yield self._mention(
                        person, words, one.field, one.paragraph, c.start, c.end, full=True, role=c.role, rule=c.rule
                    )
            elif c.kind is not None:
                yield self._thing(c, words, one)
            else:
                mention = self._alone(number, one, c, words)
                if mention is not None:
                    yield mention

    def _of_loose(self, token: Token, one: _Text) -> Candidate | None:
        """Return a single word as a candidate, if a family name, an acronym or what stands before it speaks for it."""
        if token.word in self._acronyms:
            return _alone(token)
        written = plain(token.word)
        if self._family_key(written) in self._families:
            return _alone(token)
        if self._language in GENITIVE and written[-1:] == "s" and written[:-1] in self._families:
            return _alone(token)
        if (
            self._language in GENITIVE or self._language in _TITLE_BEHIND or not one.cased
        ):  # there the title is among the capitalised words
            return None
        if self._scanner.is_role(word_before(one.text, token.start).casefold()):
            return _alone(token)
        return None

    def _alone(self, number: int, one: _Text, c: Candidate, words: str) -> Mention | None:
        """Resolve a single word: an acronym the article explains, a family name, or an office's known holder."""
        full = self._acronyms.get(words)
        if full is not None:
            entry = self._known_name(full, EntityKind.ORGANISATION)
            return _named(EntityKind.ORGANISATION, full, entry, words, one, c, full=False, rule="acronym")
        person = self._of_family(words, (number, c.start))
        if person is None and (one.field is MentionField.TITLE or not one.cased):
            return None
        rule, role = self._scanner.beside(one.text, c)
        if person is not None:
            return self._mention(
                person, words, one.field, one.paragraph, c.start, c.end, full=False, role=role, rule="family_name"
            )
        c = c._replace(role=role)
        if role and (entry := self._holder(words, role)) is not None:
            return _named(EntityKind.PERSON, entry.name, entry, words, one, c, full=False, rule="office")
        if rule in ("honorific", "role") and self._scanner.can_be_family_name(one.text, c):
            return _named(EntityKind.PERSON, words, None, words, one, c, full=False, rule=f"{rule}_alone")
        return None

    def _of_family(self, words: str, at: tuple[int, int]) -> _Person | None:
        """Return the person of a family name; of several the one that was named last before it."""
        written = plain(words)
        people = self._families.get(self._family_key(written))
        if not people and self._language in GENITIVE and written.endswith("s"):
            people = self._families.get(written[:-1])
        if not people:
            return None
        if len({p.entity_id for p in people}) == 1:
            return people[0]
        before = [(max(place for place in p.at if place < at), p) for p in people if any(x < at for x in p.at)]
        return max(before, key=lambda item: item[0])[1] if before else None

    def _holder(self, words: str, role: str) -> Entry | None:
        """Return the known person of a family name whose office the role names; None where there are several."""
        office = set(plain(role).split())
        fits = [e for e in self._known.families.get(plain(words), ()) if office & set(plain(e.detail).split())]
        return fits[0] if len(fits) == 1 else None

    def _thing(self, c: Candidate, words: str, one: _Text) -> Mention:
        kind = c.kind or EntityKind.ORGANISATION
        entry = c.entry or self._known_name(words, kind)
        return _named(kind, entry.name if entry else words, entry, words, one, c, full=True, rule=c.rule)

    def _mention(
        self,
        person: _Person,
        words: str,
        where: MentionField,
        paragraph: int,
        start: int,
        end: int,
        *,
        full: bool,
        role: str,
        rule: str,
    ) -> Mention:
        return Mention(
            entity_id=person.entity_id,
            kind=EntityKind.PERSON,
            name=person.name,
            text=words,
            field=where,
            paragraph=paragraph,
            start=start,
            end=end,
            full=full,
            role=role,
            country=person.entry.country if person.entry else "",
            known=person.entry is not None,
            rule=rule,
        )

    def _add_agency(self, name: str, where: MentionField, rule: str) -> None:
        entry = self._known_name(name, EntityKind.ORGANISATION)
        if entry is not None:
            self._extra.append(_outside(EntityKind.ORGANISATION, name, entry, where, rule))


def _families_of(name: str, entry: Entry | None) -> set[str]:
    """Return by which words an article may call a person; a name that may be Asian or not (Kim Berg) has two."""
    family = family_name(name, entry.country if entry else "")
    words = plain(name).split()
    either = entry is None and len(words) == 2 and family == words[0] and len(words[1]) >= _MIN_FAMILY
    return {family, words[1]} if either else {family}


def _alone(token: Token) -> Candidate:
    return Candidate(token.start, token.end, None, "")


def _includes(longer: _Person, shorter: _Person) -> bool:
    """Return whether one full name holds all words of another, initials counted as the words they begin."""
    if len(longer.words) < len(shorter.words) or longer.name == shorter.name:
        return False
    return all(w in longer.words or (len(w) == 1 and any(v.startswith(w) for v in longer.words)) for w in shorter.words)


def _named(
    kind: EntityKind, name: str, entry: Entry | None, words: str, one: _Text, c: Candidate, *, full: bool, rule: str
) -> Mention:
    name = " ".join(name.split())
    unknown = kind is EntityKind.PERSON and entry is None
    return Mention(
        entity_id=None if unknown else entity_key(kind, entry.name if entry else name),
        kind=kind,
        name=name,
        text=words,
        field=one.field,
        paragraph=one.paragraph,
        start=c.start,
        end=c.end,
        full=full,
        role=c.role,
        country=entry.country if entry else "",
        known=entry is not None,
        rule=rule,
    )


def _outside(kind: EntityKind, words: str, entry: Entry | None, where: MentionField, rule: str) -> Mention:
    name = entry.name if entry else words
    return Mention(
        entity_id=entity_key(kind, name),
        kind=kind,
        name=name,
        text=words,
        field=where,
        paragraph=0,
        start=0,
        end=0,
        full=True,
        country=entry.country if entry else "",
        known=entry is not None,
        rule=rule,
    )
