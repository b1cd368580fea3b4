"""What an element's class and id say about its content: bits by category, from `rules/html_names.toml`.

Names are cut into runs of letters, and the verdict on a run is kept: runs recur on every site, whole class strings do
not, so an unseen page costs few searches.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from typing import NamedTuple

from copydesk.records import Label
from copydesk.resources import RULES

__all__ = ["Category", "categories", "verdict"]

_RUN = re.compile(r"[a-z]{2,30}")
_MAX_NAMES = 300
_HEAD = 4
"""Letters by which stems are found, the least a stem has: a third of the time that a search for each of them takes."""


class Category(NamedTuple):
    """One kind of content that names give away; its bit is `1 << number`."""

    id: str
    label: Label
    number: int
    words: tuple[str, ...]
    stems: tuple[str, ...]
    pairs: tuple[str, ...]


@cache
def categories() -> tuple[Category, ...]:
    """All categories in the order of their bits."""
    with (RULES / "html_names.toml").open("rb") as file:
        rows = tomllib.load(file)["category"]
    return tuple(
        Category(r["id"], Label(r["label"]), n, tuple(r["words"]), tuple(r["stems"]), tuple(r["pairs"]))
        for n, r in enumerate(rows)
    )


@cache
def _table() -> tuple[dict[str, int], dict[str, list[tuple[str, int]]], dict[tuple[str, str], int]]:
    words: dict[str, int] = {}
    stems: dict[str, int] = {}
    pairs: dict[tuple[str, str], int] = {}
    for category in categories():
        bit = 1 << category.number
        for word in category.words:
            words[word] = words.get(word, 0) | bit
        for stem in category.stems:
            stems[stem] = stems.get(stem, 0) | bit
        for pair in category.pairs:
            a, b = pair.split()
            pairs[a, b] = pairs.get((a, b), 0) | bit
            words[a + b] = words.get(a + b, 0) | bit
    heads: dict[str, list[tuple[str, int]]] = {}
    for stem, bit in stems.items():
        heads.setdefault(stem[:_HEAD], []).append((stem, bit))
    return words, heads, pairs


@lru_cache(maxsize=100_000)
def _run_bits(run: str) -> int:
    words, heads, _ = _table()
    bits = words.get(run, 0)
    for at in range(len(run) - _HEAD + 1):
        for stem, bit in heads.get(run[at : at + _HEAD], ()):
            if run.startswith(stem, at):
                bits |= bit
    return bits


@lru_cache(maxsize=50_000)
def verdict(names: str) -> int:
    """The bits of the categories that an element's lower-case names speak of."""
    pairs = _table()[2]
    bits, before = 0, ""
    for run in _RUN.findall(names[:_MAX_NAMES]):
        bits |= _run_bits(run)
        if (before, run) in pairs:
            bits |= pairs[before, run]
        before = run
    return bits
