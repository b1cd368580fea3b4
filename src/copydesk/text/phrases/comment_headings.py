"""Recognise a line that heads the readers' comments ("Comments (4)", "Opinie", "网友评论"), in any language.

The headings are those of `comments` in `rules/html_overrides.toml`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from copydesk.rules_file import package_rules
from copydesk.text.dates.date_words import fold
from copydesk.text.tokens.word_key import words_of

__all__ = ["is_comment_heading"]

_MAX_CHARS = 60
_NUMBERS = re.compile(r"\d+")
_ASCII_WORDS = bytes(ord(c.lower()) if c.isalpha() or c == "_" else ord(" ") for c in map(chr, range(128))).ljust(256)
"""What is left of each ASCII character: its small letter, or a blank."""


def is_comment_heading(text: str) -> bool:
    """Return whether a line is a heading of comments as a whole, numbers and punctuation aside."""
    return len(text) <= _MAX_CHARS and _key(text) in _headings()


@cache
def _headings() -> frozenset[str]:
    return frozenset(map(_key, package_rules("html_overrides.toml")["comments"]["headings"]))


@lru_cache(maxsize=5_000)
def _key(text: str) -> str:
    """Return the words of a heading, folded, without numbers."""
    if text.isascii():
        return " ".join(text.encode().translate(_ASCII_WORDS, b"'").decode().split())
    return words_of(_NUMBERS.sub(" ", fold(text).replace("'", "").replace("’", "")))
