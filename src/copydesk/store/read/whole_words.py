"""Patterns that find whole words in text that DuckDB has folded: `lower(strip_accents(text))`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["folded", "whole_words"]

_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def folded(text: str) -> str:
    """Return a text in lower case without accents, as DuckDB's `lower(strip_accents())`."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if unicodedata.category(c) != "Mn"))


def whole_words(words: Iterable[str]) -> str:
    """Return a pattern (RE2) that finds any of the words between other characters than letters and digits.

    In scripts without spaces a word is found anywhere.
    """
    return "|".join(_whole(folded(" ".join(word.split()))) for word in words if word.strip())


def _whole(word: str) -> str:
    escaped = re.escape(word)
    return escaped if _SPACELESS.search(word) else rf"(?:^|[^\p{{L}}\p{{N}}]){escaped}(?:$|[^\p{{L}}\p{{N}}])"
