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
        self._seen: list[tuple[str, str]] = []  # name, "m", "f" or ""

    def resolve(self, speaker: Speaker) -> str | None:
        """Return the fullest form of a speaker's name that the article gives; None for a pronoun that nobody fits."""
        if speaker.kind == "pronoun":
            return self._antecedent(speaker.what)
        if speaker.kind != "name" or not speaker.name:
            return speaker.text
        full = self._fullest(speaker.name)
        self._seen.append((full, self._sex(speaker, full)))
        return full

    def _fullest(self, name: str) -> str:
        parts = name.split()
        if self._language.no_capitals:
            return name
        if self._full is None:
            self._full = _full_names(self._text, self._language)
        known = self._full.get(parts[-1])
        if known is None or len(known.split()) <= len(parts):
            return name
        return known if set(parts) <= set(known.split()) else name

    def _antecedent(self, what: int) -> str | None:
        sex = "m" if what & Word.HE else "f" if what & Word.SHE else ""
        if what & Word.HE and what & Word.SHE:
            sex = ""
        for name, other in reversed(self._seen):
            if not sex or not other or sex == other:
                return name
        return None

    def _sex(self, speaker: Speaker, full: str) -> str:
        words = [w.strip(".,").lower() for w in (*speaker.text.split(), *full.split()[:1])]
        if any(w in self._language.female for w in words):
            return "f"
        return "m" if any(w in self._language.male for w in words) else ""


_UPPER = r"[^\W\d_a-zà-öø-ÿа-яё]"
_FULL = re.compile(
    rf"(?<![\w’'])(?:{_UPPER}(?:[\w’'-]+|\.)(?:\s(?:de|la|del|der|den|van|von|al|el|bin|ibn|da|di|du|le|ben|dos|das|af|ter|ten))*"
    rf"\s){{1,3}}{_UPPER}[\w-]+"
)


def _full_names(text: str, language: LanguageWords) -> dict[str, str]:
    """Return last word -> the first name of two to four words that ends with it."""
    found: dict[str, str] = {}
    table = language.table
    common = int(
        Word.DETERMINER
        | Word.PREPOSITION
        | Word.BREAK
        | Word.SKIP
        | Word.TIME
        | Word.PRONOUN
        | Word.CUE
        | Word.TITLE
        | Word.ROLE
    )
    for m in _FULL.finditer(text):
        parts = m[0].split()
        while parts and (
            table.get(parts[0].lower().strip("."), 0) & common
            or parts[0].lower().endswith(language.role_ends or ("\0",))
        ):
            parts = parts[1:]
        if len(parts) >= 2 and parts[0][0].isupper():
            found.setdefault(parts[-1], " ".join(parts))
    return found
