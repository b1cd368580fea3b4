"""Stop words by language, as token hashes."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from copydesk.rules_file import package_rules
from copydesk.text.tokens.lookup import Lookup
from copydesk.text.tokens.scan import Flags, Scan, scan

__all__ = ["salt", "stop_tokens"]

_MULTIPLIER = 0x9E3779B97F4A7C15
U64 = NDArray[np.uint64]


@lru_cache(maxsize=512)
def salt(language: str) -> int:
    """Return the salt of a language, which separates equal words of different languages."""
    return (int.from_bytes(language.encode()[:8], "big") * _MULTIPLIER) & 0xFFFFFFFFFFFFFFFF


def stop_tokens(lines: Scan, salts: U64) -> NDArray[np.bool_]:
    """Return whether each token is a stop word; `salts` holds the salt of each page's language."""
    found: Flags = np.zeros(len(lines.tokens), np.bool_)
    found[_table().find(lines.tokens ^ salts.take(lines.page).take(lines.line_of))[0]] = True
    return found


@cache
def _table() -> Lookup:
    keys: set[int] = set()
    words: dict[str, str] = package_rules("stopwords.toml")
    for language, text in words.items():
        keys |= {int(token) ^ salt(language) for token in scan([[(text, 0)]]).tokens}
    return Lookup(np.array(sorted(keys), np.uint64))
