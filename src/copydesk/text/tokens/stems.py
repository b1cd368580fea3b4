"""Which of many plain strings occur in a text, without a search for each: most have a letter that the text has not.

"cook", "privacy" --> searched in the text's bytes: a quarter of the time of a search in wide characters
"куки", "クッキー"  --> only where the text has their first letter beyond ASCII
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["SearchText", "Stems", "search_text"]

_ASCII = bytes(range(128))


class SearchText(NamedTuple):
    """A text to be searched: its bytes in UTF-8, and its different letters beyond ASCII."""

    content: bytes
    letters: frozenset[str]


def search_text(text: str) -> SearchText:
    """Return a text as it is searched."""
    content = text.encode("utf-8", "surrogatepass")
    beyond = b"" if text.isascii() else content.translate(None, _ASCII)
    return SearchText(content, frozenset(beyond.decode("utf-8", "surrogatepass")))


class Stems:
    """Plain strings, each found in the text as it is written."""

    __slots__ = ("_beyond", "_plain")

    def __init__(self, stems: Iterable[str]) -> None:
        self._plain: list[tuple[str, bytes]] = []
        self._beyond: dict[str, list[tuple[str, bytes]]] = {}
        for stem in stems:
            letter = next((c for c in stem if not c.isascii()), "")
            into = self._beyond.setdefault(letter, []) if letter else self._plain
            into.append((stem, stem.encode("utf-8", "surrogatepass")))

    def found(self, text: SearchText) -> list[str]:
        """Return the strings that occur in a text, in no order."""
        content = text.content
        found = [stem for stem, wanted in self._plain if wanted in content]
        if text.letters:
            for letter in text.letters & self._beyond.keys():
                found += [stem for stem, wanted in self._beyond[letter] if wanted in content]
        return found
