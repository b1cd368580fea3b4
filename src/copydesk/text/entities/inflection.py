"""Case endings of names in Slavic languages and the genitive of Germanic ones: "Путина", "Putins" -> one person."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["GENITIVE", "SLAVIC", "stem"]

SLAVIC = frozenset(("ru", "uk", "be", "bg", "sr", "mk", "pl", "cs", "sk", "hr", "bs", "sl"))
GENITIVE = frozenset(("de", "sv", "da", "no", "nb", "nn", "nl"))
_CYRILLIC = re.compile(
    r"(?:ого|его|ому|ему|ыми|ими|ою|ею|ией|иею|ием|ам|ям|ах|ях|ом|ем|ём|ым|им|ой|ей|ою|ії|ію|ія|ий|ый|ой|ия|ию|ии|ые|"
    r"а|я|у|ю|е|ы|и|і|ї|й|ь|о)$"
)
_LATIN = re.compile(r"(?:iego|ego|iemu|emu|owi|ovi|ami|iem|em|om|ym|im|ou|ej|ą|ę|ie|a|y|i|u|e|o)$")


@lru_cache(maxsize=8192)
def stem(words: str) -> str:
    """Return plain words (`name_keys.plain`) without their case endings; a stem keeps three letters."""
    return " ".join(_stem(word) for word in words.split())


def _stem(word: str) -> str:
    pattern = _CYRILLIC if "\u0400" <= word[-1:] <= "\u04ff" else _LATIN
    cut = pattern.sub("", word)
    return cut if len(cut) >= 3 else word
