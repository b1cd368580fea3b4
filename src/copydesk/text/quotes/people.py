"""The people of one article: the fullest form of a name, and whom "he" means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from copydesk.text.quotes.words import LanguageWords, Word

__all__ = ["People", "Speaker"]


@dataclass(frozen=True, slots=True)
class Speaker:
    """A speaker as written, and where.

    Attributes:
        paragraph: Index of the paragraph, from 0.
        start, end: Characters in it.
        text: As written.
        kind: As `Phrase.kind`.
        what: `Word` bits of its first word.
        name: The name in it without titles and roles; "" for a pronoun.
    """

    paragraph: int
    start: int
    end: int
    text: str
    kind: str
    what: int
    name: str


class People:
    """Names seen so far, in the order of the text."""

    def __init__(self, language: LanguageWords, text: str) -> None:
        self._language = language
        self._text = text
        self._full: dict[str, str] | None = None
        self._roles: dict[str, str] = {}
        self._seen: list[tuple[str, str]] = []  # name, "m", "f" or ""

    def resolve(self, speaker: Speaker) -> str | None:
        """Return the fullest form of a speaker's name that the article gives; None for a pronoun that nobody fits."""
        if speaker.kind == "pronoun":
            return self._antecedent(speaker.what)
        if speaker.kind != "name" or not speaker.name:
            named = self._by_role(speaker.text)
            self._seen.append((named or speaker.text, _NOBODY_KNOWS if named is None else ""))
            return named or speaker.text
        full = self._fullest(speaker.name)
        self._seen.append((full, self._sex(speaker, full)))
        return full

    def _read(self) -> dict[str, str]:
        """Read the full names of the article when they are first asked for."""
        if self._full is None:
            self._full, self._roles = _full_names(self._text, self._language)
        return self._full

    def _fullest(self, name: str) -> str:
        parts = name.split()
        if self._language.no_capitals:
            return name
        if len(parts) > 1:
            return name
        known = self._read().get(parts[-1])
        return known or name

    def _by_role(self, text: str) -> str | None:
        """Return who "the Iranian president" is, where the article says "Iranian President Anna Berg"."""
        self._read()
        words = text.lower().split()
        if words and self._language.table.get(words[0], 0) & Word.DETERMINER:
            words = words[1:]
        return self._roles.get(" ".join(words))

    def _antecedent(self, what: int) -> str | None:
        """Return the last speaker that a pronoun fits: a person for "he" and "she", anybody for "they" and "it"."""
        he, she = bool(what & Word.HE), bool(what & Word.SHE)
        for name, sex in reversed(self._seen[-_MAX_BACK:]):
            if what & Word.THEY or (he and she):
                return name
            if sex != _NOBODY_KNOWS and (not sex or sex == ("m" if he else "f")):
                return name
        return None

    def _sex(self, speaker: Speaker, full: str) -> str:
        words = [w.strip(".,").lower() for w in (*speaker.text.split(), *full.split()[:1])]
        if any(w in self._language.female for w in words):
            return "f"
        return "m" if any(w in self._language.male for w in words) else ""


_UPPER = r"[^\W\d_a-zà-öø-ÿа-яёα-ωά-ώ]"
_AFTER_CAPITAL = (
    r"(?:[\w’'-]+|\.)"
    r"(?:\s(?:de|la|del|der|den|van|von|al|el|bin|ibn|da|di|du|le|ben|dos|das|af|ter|ten))*\s"
)
_FULL = re.compile(  # the class comes first, so that the search jumps from capital to capital
    rf"{_UPPER}(?<![\w’'].){_AFTER_CAPITAL}(?:{_UPPER}{_AFTER_CAPITAL}){{0,2}}{_UPPER}[\w-]+", re.DOTALL
)


_ELIDED = re.compile(r"(?:L|D|Dell|All|Nell|Dall|Sull|Un|Quell|Qu|C|S|J|N)[’'][^\W\d_A-ZÀ-ÖØ-Þ]")
"""An article joined to a noun: "L'elogio di Trump"."""


def _full_names(text: str, language: LanguageWords) -> tuple[dict[str, str], dict[str, str]]:
    """Return last word -> the first name of two to four words that ends with it, and role before a name -> the name."""
    names: dict[str, str] = {}
    roles: dict[str, str] = {}
    given = language.male | language.female
    for m in _FULL.finditer(text):
        parts = m[0].split()
        first = max((k + 1 for k, part in enumerate(parts) if _is_no_name(part, language)), default=0)
        first = next((k for k in range(first, len(parts) - 1) if parts[k].lower() in given), first)
        if len(parts) - first < 2 or not parts[first][0].isupper():
            continue
        name = " ".join(parts[first:])
        names.setdefault(parts[-1], name)
        if first:
            role = [p.lower() for p in parts[:first] if not language.table.get(p.lower(), 0) & Word.DETERMINER]
            roles.setdefault(" ".join(role), name)
    return names, roles


def _is_no_name(part: str, language: LanguageWords) -> bool:
    """Return whether a capitalised word before a name is no part of it: a role, a title, an article, a day."""
    low = part.lower().strip(".")
    if _ELIDED.match(part):
        return True
    bits = language.table.get(low, 0)
    return bool(bits & _NO_NAME and not bits & Word.PARTICLE) or bool(
        language.role_ends and low.endswith(language.role_ends)
    )


_NO_NAME = int(
    Word.DETERMINER | Word.PREPOSITION | Word.BREAK | Word.SKIP | Word.TIME | Word.PRONOUN | Word.CUE | Word.TITLE
    | Word.ROLE | Word.GROUP
)  # fmt: skip
_NOBODY_KNOWS = "-"
_MAX_BACK = 40
