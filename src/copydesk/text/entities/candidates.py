"""What a run of capitalised words holds: known names, organisations by their head word, persons by what stands beside.

Each rule names itself, so that a mention says why it is one:

    gazetteer     the words are a known name
    head_word     an organisation by its head: "Ministry of Defence", "Expediency Council"
    acronym       "(CSTO)" behind the words it abbreviates
    honorific     "Mr Jones", "Frau Klein"
    role          "Kremlin spokesman Dmitry Peskov"
    given_name    the first word is a given name
    apposition    "Ali Akbar Velayati, head of the centre"
    age           "Jane Doe, 34,"
    speech        the words speak, and the last of them returns alone
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from copydesk.records import EntityKind
from copydesk.text.entities.entity_words import EntityWords
from copydesk.text.entities.gazetteers import MAX_WORDS, Entry, Gazetteers
from copydesk.text.entities.inflection import GENITIVE, SLAVIC, stem
from copydesk.text.entities.name_keys import plain
from copydesk.text.entities.runs import Run, Token, words_before

__all__ = ["Candidate", "Scanner"]

_COMPOUNDS = (
    *("minister", "ministerin", "präsident", "präsidentin", "sprecher", "sprecherin", "chef", "chefin", "leiter"),
    *("leiterin", "kanzler", "kanzlerin", "sekretär", "vorsitzende", "vorsitzender", "meister", "meisterin", "trainer"),
    *("berater", "beraterin", "direktor", "direktorin", "experte", "expertin", "politiker", "politikerin", "anwalt"),
    *("richter", "forscher", "forscherin", "ministern", "ministeren", "voorzitter", "leider", "miniszter", "ministeri"),
    *("beauftragte", "beauftragter", "kandidat", "kandidatin", "ministra", "ministre"),
)
_AGE = re.compile(r",? \(?\d{1,3}(?:\)|,| (?:ans|años|anni|anos|jaar|lat|år)\b)")
_ACRONYM = re.compile(r" \(([^\W\d_a-z]{2,7})\)")
_APPOSITION = re.compile(r", ([^,.;:!?()“”\"]{3,90})")
_CONTINUES = re.compile(r"[^\W\d_a-z]\w*,? (?:and|&|und|et|y|e)(?: the)? $")
_ARTICLES = frozenset(
    (
        *(
            "a",
            "an",
            "the",
            "der",
            "die",
            "das",
            "dem",
            "den",
            "ein",
            "eine",
            "einem",
            "einer",
            "le",
            "la",
            "les",
            "un",
        ),
        *(
            "une",
            "el",
            "los",
            "las",
            "una",
            "il",
            "lo",
            "gli",
            "o",
            "os",
            "um",
            "uma",
            "de",
            "het",
            "een",
            "en",
            "ett",
            "det",
        ),
        *("ο", "η", "οι", "az"),
    )
)
"""Articles that open an apposition."""
_THE = frozenset(("the", "der", "die", "das", "den", "dem", "le", "les", "los", "las"))
_NEXT = re.compile(r"[,\s”\"’»]*([\w-]+)")
_MAX_ROLE_WORDS, _MAX_TO_OFFICE = 12, 6
_MIN_NAME_WORDS = 2


class Candidate(NamedTuple):
    """A stretch of a text that may be a name.

    Attributes:
        start, end: Offsets in the text.
        kind: None for a single word that can only be resolved by a person named elsewhere.
        rule: What speaks for it; "" for a single word with nothing beside it.
        entry: The gazetteer's entry, if it is a known name.
        role: Words of the role beside it.
        acronym: Letters by which the article calls it later.
    """

    start: int
    end: int
    kind: EntityKind | None
    rule: str
    entry: Entry | None = None
    role: str = ""
    acronym: str = ""


class Scanner:
    """Finds the candidates of one article's texts."""

    def __init__(self, language: str, words: EntityWords, known: Gazetteers) -> None:
        self._language, self._words, self._known = language, words, known
        self._slavic = language in SLAVIC
        self._genitive = language in GENITIVE
        self._meaningful = _meaningful(words)

    def scan(self, text: str, runs: Sequence[Run]) -> tuple[list[Candidate], list[Token]]:
        """Return the candidates of a text, in order and without overlaps, and the single words nothing is known of."""
        found: list[Candidate] = []
        loose: list[Token] = []
        done = -1
        meaningful, simple = self._meaningful, not self._slavic
        for number, run in enumerate(runs):
            tokens = run.tokens
            if tokens[0].start < done:
                tokens = tuple(t for t in tokens if t.start >= done)
            if len(tokens) == 1 and tokens[0].folded not in meaningful:
                if simple and "-" not in tokens[0].word:
                    entry = _known_word(self._known, tokens[0].word, self._genitive)
                else:
                    entry, _ = self.known_at(text, tokens, 0)
                if entry is not None:
                    found.append(self._known_candidate(text, tokens, 0, 1, entry, ()))
                else:
                    loose.append(tokens[0])
                continue
            after = runs[number + 1] if number + 1 < len(runs) else None
            last = done
            for one in self._of_run(text, tokens, run.opens, after):
                found.append(one)
                done = one.end
            if self._genitive and done == last and tokens and tokens[0].word.endswith("s"):
                loose.append(tokens[0])  # "Klugs Büro"
        return found, loose

    def beside(self, text: str, one: Candidate) -> tuple[str, str]:
        """Return rule and role of a single word that may be a name: what stands beside it; "" and "" for nothing."""
        role = self._role_beside(text, one.start, one.end, [])
        if one.rule == "honorific" or role:
            return one.rule or "role", role
        return ("speech" if self._speaks(text, one.start, one.end) else ""), ""

    def can_be_family_name(self, text: str, one: Candidate) -> bool:
        """Return whether a single word behind a title may be a family name that nobody explains ("Mr Beyer")."""
        word = text[one.start : one.end]
        folded = word.casefold()
        if word.isupper() or len(word) < 3 or folded in self._words.no_persons or folded in self._words.common:
            return False
        if folded in self._words.organisations or self.known_word(word) is not None:
            return False
        if one.rule == "honorific":
            return True
        before = words_before(text, one.start, 1)
        return bool(before) and self.is_role(before[0].casefold().strip("."))

    def known_at(self, text: str, tokens: Sequence[Token], at: int) -> tuple[Entry | None, int]:
        """Return the longest known name that begins at a token, and the index behind it."""
        word = tokens[at].word
        if len(tokens) - at > 1 or "-" in word:
            entry, end = self._known_words(text, tokens, at)
            if entry is not None:
                return self._unless_common(entry, tokens, at, end)
        if entry := self.known_word(word):
            return self._unless_common(entry, tokens, at, at + 1)
        if self._slavic:
            for end in range(min(len(tokens), at + 4), at, -1):
                entry = self._known.stems.get(stem(plain(text[tokens[at].start : tokens[end - 1].end])))
                if entry is not None:
                    return self._unless_common(entry, tokens, at, end)
        return None, at

    def _known_words(self, text: str, tokens: Sequence[Token], at: int) -> tuple[Entry | None, int]:
        """Return the longest known name of several words; German adjectives are tried in their basic form."""
        names, starts = self._known.names, self._known.starts
        first, _, rest = plain(tokens[at].word).partition(" ")
        for written in (first, _basic_adjective(first)) if self._language == "de" else (first,):
            for end in range(min(len(tokens), at + starts.get(written, 0)), at, -1):
                behind = plain(text[tokens[at].end : tokens[end - 1].end])
                if entry := names.get(" ".join(w for w in (written, rest, behind) if w)):
                    return entry, end
        return None, at

    def known_word(self, word: str) -> Entry | None:
        """Return the entry of a single word; an acronym counts only as it is written."""
        return _known_word(self._known, word, self._genitive)

    def _unless_common(self, entry: Entry, tokens: Sequence[Token], at: int, end: int) -> tuple[Entry | None, int]:
        """Refuse a single word that opens no name of its own: a function word, or a given name before another word."""
        if end - at > 1 or tokens[at].word in self._known.names:  # "US" and "UN" are written so in the gazetteer
            return entry, end
        if tokens[at].folded in self._words.common:
            return None, at
        followed = end < len(tokens) and not self._is_role_token(tokens, end)
        if followed and entry.kind is not EntityKind.PERSON and tokens[at].word in self._known.given:
            return None, at
        return entry, end

    def _of_run(self, text: str, tokens: Sequence[Token], opens: bool, after: Run | None) -> Iterator[Candidate]:
        tokens = self._without_openers(text, tokens) if opens else tokens
        at, named = 0, -1  # `named`: where the last person's name ended
        role: list[Token] = []
        polite = False
        while at < len(tokens):
            entry, end = self.known_at(text, tokens, at)
            organisation = self._head_end(tokens, at)
            if organisation > end:
                begin = self._behind_particle(tokens, at, organisation)
                if begin > at:
                    one, at = self._name(text, tokens[at:begin], role, polite, opens and at == 0), begin
                else:
                    one, at = self._organisation(text, tokens, at, organisation, after)
                role, polite = [], False
            elif entry is not None:
                alone = at == named or self._stands_alone(entry, tokens, at, end)
                one = self._known_candidate(text, tokens, at, end, entry, role) if alone else None
                if entry.kind is EntityKind.PERSON or not self._is_role_token(tokens, end):
                    role = []
                at, polite = end, False
            elif tokens[at].folded in self._words.honorifics:
                one, polite, at = None, True, at + 1
            elif self._is_role_token(tokens, at):
                role.append(tokens[at])
                one, at = None, at + 1
            else:
                end = self._stretch_end(text, tokens, at)
                one = self._name(text, tokens[at:end], role, polite, opens and at == 0)
                named = end if one is not None else named
                role, polite, at = [], False, end
            if one is not None:
                yield one

    def _without_openers(self, text: str, tokens: Sequence[Token]) -> Sequence[Token]:
        """Return the words of a sentence's first run without those that only open it."""
        while tokens and tokens[0].folded in self._words.common and self.known_at(text, tokens, 0)[0] is None:
            tokens = tokens[1:]
        return tokens

    def _is_role_token(self, tokens: Sequence[Token], at: int) -> bool:
        """Return whether a word is an office; a modifier ("Foreign") is one before another."""
        if at >= len(tokens):
            return False
        folded = tokens[at].folded
        if self.is_role(folded):
            return True
        return folded in self._words.modifiers and at + 1 < len(tokens) and self._is_role_token(tokens, at + 1)

    def is_role(self, folded: str) -> bool:
        """Return whether a casefolded word is an office or a calling."""
        return folded in self._words.roles or (len(folded) > 9 and folded.endswith(_COMPOUNDS))

    def _stretch_end(self, text: str, tokens: Sequence[Token], at: int) -> int:
        end = at + 1
        while end < len(tokens) and not self._is_role_token(tokens, end):
            entry, known_end = self.known_at(text, tokens, end)
            if entry is not None and (
                known_end - end > 1 or entry.kind is EntityKind.ORGANISATION or end - at >= _MIN_NAME_WORDS
            ):
                break
            end += 1
        return end

    def _stands_alone(self, entry: Entry, tokens: Sequence[Token], at: int, end: int) -> bool:
        """Return whether a known name is no part of a longer, unknown one ("Washington Nationals", "Radio Moscow")."""
        if end - at > 1 or entry.kind is EntityKind.PERSON:
            return True
        if end < len(tokens) and not self._is_role_token(tokens, end) and tokens[end].folded not in self._words.openers:
            return False
        if at == 0:
            return True
        before = tokens[at - 1].folded
        return before in self._words.common or before in self._words.no_persons or self.is_role(before) or (
            before in self._words.modifiers
        )  # fmt: skip

    def _known_candidate(
        self, text: str, tokens: Sequence[Token], at: int, end: int, entry: Entry, role: Sequence[Token]
    ) -> Candidate:
        start, stop = tokens[at].start, tokens[end - 1].end
        beside = self._role_beside(text, start, stop, role) if entry.kind is EntityKind.PERSON else ""
        acronym = _ACRONYM.match(text, stop) if entry.kind is EntityKind.ORGANISATION else None
        return Candidate(start, stop, entry.kind, "gazetteer", entry, beside, acronym[1] if acronym else "")

    def _head_end(self, tokens: Sequence[Token], at: int) -> int:
        """Return the index behind the last head word of an organisation whose name begins at a token, or `at`."""
        heads = self._words.organisations
        end = at
        for index in range(at, min(len(tokens), at + MAX_WORDS)):
            folded = tokens[index].folded
            if (
                folded in heads
                or ("-" in folded and folded.rpartition("-")[2] in heads)
                or (len(folded) > 9 and folded.endswith(("ministerium", "gericht", "verband", "behörde")))
            ):
                end = index + 1
            elif self.is_role(folded) or folded in self._words.honorifics:
                break
        return end

    def _behind_particle(self, tokens: Sequence[Token], at: int, end: int) -> int:
        """Return where an organisation begins whose head comes last: "Anna Berg von der Deutschen Bank"."""
        if tokens[at].folded in self._words.organisations:
            return at
        for index in range(end - 1, at, -1):
            if tokens[index].start - tokens[index - 1].end > 1:
                return index
        return at

    def _organisation(
        self, text: str, tokens: Sequence[Token], at: int, end: int, after: Run | None
    ) -> tuple[Candidate | None, int]:
        while end - at > 2 and tokens[at].folded in _THE:
            at += 1
        start, stop = tokens[at].start, tokens[end - 1].end
        if _CONTINUES.search(text, max(0, start - 40), start) or (end - at > 1 and text[start:stop].isupper()):
            return None, end  # "Committee on Education and the Workforce Committee", a line in capitals
        generic = self._meaningful
        proper = any(
            t.folded not in generic and len(t.word) > 1 and (end - at > 1 or t.folded.startswith(("bundes", "landes")))
            for t in tokens[at:end]
        )
        if end == len(tokens) and after is not None and end - at <= 3:
            gap = text[stop : after.tokens[0].start]
            if gap.strip() in self._words.connectors and not self.is_role(after.tokens[0].folded):
                stop, proper = after.tokens[-1].end, True
        acronym = _ACRONYM.match(text, stop)
        if not proper and not acronym:
            return None, end
        rule = "acronym" if acronym else "head_word"
        return Candidate(start, stop, EntityKind.ORGANISATION, rule, None, "", acronym[1] if acronym else ""), end

    def _name(
        self, text: str, tokens: Sequence[Token], role: Sequence[Token], polite: bool, opens: bool
    ) -> Candidate | None:
        """Return the candidate of a stretch of plain words."""
        while len(tokens) > 1 and (tokens[-1].folded in self._words.common or len(tokens[-1].word) == 1):
            tokens = tokens[:-1]
        start, end = tokens[0].start, tokens[-1].end
        if len(tokens) == 1:
            if tokens[0].folded in self._words.common and not polite:
                return None
            return Candidate(start, end, None, "honorific" if polite else "role" if role else "")
        acronym = _ACRONYM.match(text, end)
        if acronym and _abbreviates(acronym[1], text[start:end]):
            return Candidate(start, end, EntityKind.ORGANISATION, "acronym", None, "", acronym[1])
        if len(tokens) > 4 or not self._can_be_person(tokens):
            return None
        if self._genitive and len(tokens) > 2 and not role and not polite:
            tokens = self._without_nouns(tokens)
            end = tokens[-1].end
        beside = self._role_beside(text, start, end, role)
        rule = self._person_rule(text, tokens, beside, polite, opens)
        return Candidate(start, end, EntityKind.PERSON, rule, None, beside) if rule else None

    def _without_nouns(self, tokens: Sequence[Token]) -> Sequence[Token]:
        """Cut what follows a name of two words, unless a particle, an initial or a second given name is between."""
        last = 1
        while last < len(tokens) - 1 and (
            self._is_given(tokens[last].word)
            or len(tokens[last].folded) == 1
            or tokens[last + 1].start - tokens[last].end > 1
            or tokens[last].start - tokens[last - 1].end > 1
        ):
            last += 1
        return tokens[: last + 1]

    def _can_be_person(self, tokens: Sequence[Token]) -> bool:
        words = self._words
        for token in tokens:
            folded = token.folded
            if folded in words.no_persons or folded in words.organisations or any(map(str.isdigit, token.word)):
                return False
        if any(t.folded in words.common and len(t.folded) > 2 for t in tokens):
            return False
        if all(t.word.isupper() and len(t.word) > 1 for t in tokens):
            return False
        return tokens[-1].word[:1].isalpha() and len(tokens[-1].folded) > 1

    def _person_rule(self, text: str, tokens: Sequence[Token], role: str, polite: bool, opens: bool) -> str:
        start, end = tokens[0].start, tokens[-1].end
        if polite:
            return "honorific"
        if role and not self._known_word_in(tokens):
            return "role"
        if self._language == "hu" and (self._is_given(tokens[-1].word) or self._role_behind(text, end)):
            return "given_name" if self._is_given(tokens[-1].word) else "role"
        brand = len(tokens[0].word) > 2 and tokens[0].word.isupper() and not tokens[1].word.isupper()
        if not brand and self._is_given(tokens[0].word) and self.known_word(tokens[-1].word) is None:
            return "given_name"
        if (opens and tokens[0].folded in self._words.openers) or self._known_word_in(tokens):
            return ""
        if _AGE.match(text, end) and not opens:
            return "age"
        if self._speaks(text, start, end):
            return "speech"
        return ""

    def _role_behind(self, text: str, end: int) -> str:
        """Return the word behind a name, if it is a role."""
        behind = _NEXT.match(text, end)
        return behind[1] if behind and self.is_role(behind[1].casefold()) else ""

    def _known_word_in(self, tokens: Sequence[Token]) -> bool:
        return any(self.known_word(t.word) is not None for t in tokens)

    def _is_given(self, word: str) -> bool:
        if word.count("-") > 1:  # a compound, not Jean-Marie
            return False
        first = word.split("-", maxsplit=1)[0] if "-" in word else word
        given = self._known.given
        if first in given or (first.isupper() and len(first) > 2 and first.capitalize() in given):
            return True
        return self._slavic and stem(plain(first)) in self._known.given_stems

    def _speaks(self, text: str, start: int, end: int) -> bool:
        said = self._words.said
        behind = _NEXT.match(text, end)
        if behind and behind[1].casefold() in said:
            return True
        before = text[max(0, start - 20) : start].split()
        return bool(before) and before[-1].casefold().strip('“”"') in said

    def _role_beside(self, text: str, start: int, end: int, inside: Sequence[Token]) -> str:
        """Return the role before a name, in capitals or not, or else behind a comma."""
        if inside:
            first = inside[0].start
            return text[self._role_start(text, first, found=True) : inside[-1].end]
        before = self._role_start(text, start)
        if before < start:
            return text[before:start].strip(" \u00a0,")
        if self._language == "hu" and (office := self._role_behind(text, end)):
            return office
        behind = _APPOSITION.match(text, end)
        if behind and self._is_apposition(behind[1].split()) and not self._speaks(text, end, end + 1):
            return behind[1].strip()
        return ""

    def _is_apposition(self, words: Sequence[str]) -> bool:
        """Return whether words behind a name and a comma say who that is: an office, with adjectives before it.

        A function word before the office begins a clause or another phrase ("who is the youngest player",
        "accompanied by the minister"), a given name another person.
        """
        if len(words) > _MAX_ROLE_WORDS:
            return False
        for at, word in enumerate(words[:_MAX_TO_OFFICE]):
            folded = word.casefold()
            if self.is_role(folded):
                return True
            if folded in _ARTICLES and not at:
                continue
            if folded not in self._words.modifiers and (folded in self._words.common or self._is_given(word)):
                return False
        return False

    def _role_start(self, text: str, start: int, *, found: bool = False) -> int:
        """Return where the role before an offset begins; the offset itself where there is none.

        Args:
            text: The text.
            start: Offset of the name, or of the role's words that are known already.
            found: Whether such words are known.
        """
        begin, at = start, start
        for word in words_before(text, start):
            at = text.rfind(word, 0, at)
            folded = word.casefold().strip(".,")
            if self.is_role(folded) or (found and folded in self._words.modifiers):
                begin, found = at, True
            elif found and word[:1].isupper() and folded not in self._words.common:
                begin = at
            else:
                break
        return begin


@lru_cache(maxsize=32_768)
def _known_word(known: Gazetteers, word: str, genitive: bool) -> Entry | None:
    """Cached, since most capitalised words of a run return."""
    names = known.names
    if word.isupper() and (entry := names.get(word.replace(".", ""))):
        return entry
    entry = names.get(plain(word))
    if entry is None and genitive and word[-1] == "s" and len(word) > 4:
        entry = names.get(plain(word[:-1]))
    return entry


@lru_cache(maxsize=4)
def _meaningful(words: EntityWords) -> frozenset[str]:
    """Return the words that are no name by themselves, but tell something of those beside them."""
    return words.organisations | words.modifiers | words.common | words.no_persons | words.honorifics | words.roles


def _basic_adjective(word: str) -> str:
    return f"{word[:-2]}e" if word[-2:] in ("en", "er", "em", "es") and len(word) > 6 else word


def _abbreviates(letters: str, name: str) -> bool:
    """Return whether letters are the first letters of a name's words, small words left out or not."""
    initials = [w[0] for w in re.split(r"[\s\-‐]+", name) if w]
    every = "".join(initials).upper()
    great = "".join(c for c in initials if c.isupper())
    return letters.upper() in (every, great)
