"""Words of a text, and the word lists of the block model's features, from `rules/html_words.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import NamedTuple

from copydesk.resources import RULES

__all__ = ["WordLists", "word_lists", "words_of"]

_WORD = re.compile(r"\w+")
_ASCII = bytes(n if chr(n).isalnum() or chr(n) == "_" else ord(" ") for n in range(128)).ljust(256)
"""Blanks for all that is no `\\w`."""


class WordLists(NamedTuple):
    """Lower-case words by what they tell of; `more` holds openings of a block, `marked` rights to consent."""

    by: frozenset[str]
    rights: frozenset[str]
    credit: frozenset[str]
    pitch: frozenset[str]
    consent: frozenset[str]
    function: frozenset[str]
    more: tuple[str, ...]
    marked: frozenset[str]


@cache
def word_lists() -> WordLists:
    """Read the lists once per process."""
    with (RULES / "html_words.toml").open("rb") as file:
        lists = tomllib.load(file)
    words = {name: frozenset(lists[name]["words"]) for name in WordLists._fields if name not in ("more", "marked")}
    marked = words["rights"] | words["credit"] | words["pitch"] | words["consent"]
    return WordLists(**words, more=tuple(lists["more"]["openings"]), marked=marked)


def words_of(text: str) -> str:
    """Return the text's words alone, parted by single blanks; ASCII is not searched letter by letter for that."""
    if text.isascii():
        return " ".join(text.encode().translate(_ASCII).decode().split())
    return " ".join(_WORD.findall(text))
