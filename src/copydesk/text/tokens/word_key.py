"""The words of a text without marks and spacing, for comparing texts that differ in quotes, dashes or case only."""

from __future__ import annotations

import re

__all__ = ["word_key", "word_list", "words_of"]

_WORD = re.compile(r"\w+")
_ASCII_WORDS = bytes(n if chr(n).isalnum() or chr(n) == "_" else ord(" ") for n in range(128)).ljust(256)
"""ASCII characters that match `\\w`; a blank for every other one."""


def word_list(text: str) -> list[str]:
    """Return the words of a text; ASCII takes one table look-up instead of a search."""
    if text.isascii():
        return text.encode().translate(_ASCII_WORDS).decode().split()
    return _WORD.findall(text)


def words_of(text: str) -> str:
    """Return the words of a text joined by single blanks."""
    return " ".join(word_list(text))


def word_key(text: str) -> str:
    """Return the case-folded words of a text joined by single blanks."""
    return words_of(text.casefold())
