"""Categories of content by class and id names, as bits, from `rules/html_names.toml`.

Names are split into runs of letters and the result of each run is cached: runs recur on every site, whole class strings
do not, so a page of a new site needs few searches.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from copydesk.records import Label
from copydesk.rules_file import package_rules

__all__ = ["Category", "categories", "categories_of"]

_RUN = re.compile(r"[a-z]{2,30}")
_MAX_NAMES = 300
_MAX_RUNS = 100_000
_PREFIX = 4
"""Prefix length by which stems are indexed, also their minimum length: three times faster than testing each stem."""


class Category(NamedTuple):
    """One category of content; its bit is `1 << number`."""

    id: str
    label: Label
    number: int
    words: tuple[str, ...]
    stems: tuple[str, ...]
    pairs: tuple[str, ...]


@cache
def categories() -> tuple[Category, ...]:
    """Return all categories in the order of their bits."""
    rows = package_rules("html_names.toml")["category"]
    return tuple(
        Category(r["id"], Label(r["label"]), n, tuple(r["words"]), tuple(r["stems"]), tuple(r["pairs"]))
        for n, r in enumerate(rows)
    )


@cache
def _table() -> tuple[dict[str, int], dict[str, list[tuple[str, int]]], dict[str, list[tuple[str, int]]]]:
    """Return the bits of words, of stems by prefix, and of pairs: second word -> first words."""
    words: dict[str, int] = {}
    stems: dict[str, int] = {}
    pairs: dict[str, list[tuple[str, int]]] = {}
    for category in categories():
        bit = 1 << category.number
        for word in category.words:
            words[word] = words.get(word, 0) | bit
        for stem in category.stems:
            stems[stem] = stems.get(stem, 0) | bit
        for pair in category.pairs:
            a, b = pair.split()
            pairs.setdefault(b, []).append((a, bit))
            words[a + b] = words.get(a + b, 0) | bit
    by_prefix: dict[str, list[tuple[str, int]]] = {}
    for stem, bit in stems.items():
        by_prefix.setdefault(stem[:_PREFIX], []).append((stem, bit))
    return words, by_prefix, pairs


class _Runs(dict[str, int]):
    """The bits of every run that occurred."""

    def __missing__(self, run: str) -> int:
        words, by_prefix, _ = _table()
        bits = words.get(run, 0)
        for at in range(len(run) - _PREFIX + 1):
            for stem, bit in by_prefix.get(run[at : at + _PREFIX], ()):
                if run.startswith(stem, at):
                    bits |= bit
        if len(self) >= _MAX_RUNS:
            self.clear()
        self[run] = bits
        return bits


_run_bits = _Runs()


@lru_cache(maxsize=50_000)
def categories_of(names: str) -> int:
    """Return the bits of the categories that match an element's lower-case names."""
    runs = _RUN.findall(names[:_MAX_NAMES])
    bits = 0
    for run in runs:
        bits |= _run_bits[run]
    pairs = _table()[2]
    if not pairs.keys().isdisjoint(runs):
        for before, run in pairwise(runs):
            for first, bit in pairs.get(run, ()):
                if first == before:
                    bits |= bit
    return bits
