"""Learned points of words per language, from pages with a known article, as tables that users can read and edit.

    rules/text_model/words/en.tsv    kind  words          points  cut  kept     (cut, kept: domains)
                                     word  newsletter     -2.9    88   2
                                     pair  read more      -3.3    54   0
                                     line  leave a reply  -3.1    21   0

Points are log((domains that kept it + .5) / (domains that cut it + .5)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from copydesk.resources import RULES
from copydesk.table_cache import kept
from copydesk.text.plain.features.stopwords import salt
from copydesk.text.tokens.lookup import Lookup
from copydesk.text.tokens.scan import Scan, scan

__all__ = ["LINE_TOKENS", "WordScores", "WordTable", "load_words", "no_scores", "score_words"]

LINE_TOKENS = 15
"""Maximum number of tokens of a line that is looked up as a whole."""

U64 = NDArray[np.uint64]
F = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class WordScores:
    """Per line: number of known tokens; sum, minimum, maximum of their points; points of its first pair and of all."""

    known: F
    total: F
    low: F
    high: F
    pair: F
    whole: F


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTable:
    """Sorted hashes and points of words, pairs and lines; hashes are salted by language, so one table holds all.

    Attributes:
        lookups: Indexes over the hashes of words, pairs and lines.
    """

    word_keys: U64
    word_points: F
    pair_keys: U64
    pair_points: F
    line_keys: U64
    line_points: F
    lookups: tuple[Lookup, Lookup, Lookup] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = tuple(Lookup(keys) for keys in (self.word_keys, self.pair_keys, self.line_keys))
        object.__setattr__(self, "lookups", found)


def score_words(lines: Scan, salt: U64, table: WordTable) -> WordScores:
    """Return the learned points of each line; `salt` holds the salt of each page's language."""
    line_salt = salt.take(lines.page)
    words, pairs, wholes = table.lookups
    at, entry = words.find(lines.tokens ^ line_salt.take(lines.line_of))
    points = table.word_points.take(entry)
    spoken = points.nonzero()[0]
    line, value = lines.line_of.take(at.take(spoken)), points.take(spoken)
    low, high = np.zeros(lines.lines), np.zeros(lines.lines)
    if len(line):
        first = np.ones(len(line), np.bool_)
        np.not_equal(line[1:], line[:-1], out=first[1:])
        starts = first.nonzero()[0]
        some = line.take(starts)
        low[some] = np.minimum(np.minimum.reduceat(value, starts), 0.0)
        high[some] = np.maximum(np.maximum.reduceat(value, starts), 0.0)
    line_points, pair_points = np.zeros(lines.lines), np.zeros(lines.lines)
    whole = ((lines.count > 0) & (lines.count <= LINE_TOKENS)).nonzero()[0]
    stretches = lines.stretch(lines.first.take(whole), lines.count.take(whole))
    at, entry = wholes.find(stretches ^ line_salt.take(whole))
    line_points[whole.take(at)] = table.line_points.take(entry)
    pair = (lines.count >= 2).nonzero()[0]
    at, entry = pairs.find(lines.stretch(lines.first.take(pair), 2) ^ line_salt.take(pair))
    pair_points[pair.take(at)] = table.pair_points.take(entry)
    return WordScores(
        known=np.bincount(line, minlength=lines.lines).astype(float),
        total=np.bincount(line, weights=value, minlength=lines.lines).astype(np.float64),
        low=low,
        high=high,
        pair=pair_points,
        whole=line_points,
    )


def no_scores(lines: Scan) -> WordScores:
    """Return zero points, for languages without a table."""
    zero = np.zeros(lines.lines)
    return WordScores(known=zero, total=zero, low=zero, high=zero, pair=zero, whole=zero)


@cache
def load_words(folder: Path = RULES / "text_model" / "words") -> WordTable:
    """Return the tables of all languages, read once per process."""
    return kept("words", lambda: _read(folder), () if folder == RULES / "text_model" / "words" else (folder,))


def _read(folder: Path) -> WordTable:
    entries: dict[str, list[tuple[str, str, float]]] = {"word": [], "pair": [], "line": []}
    for path in sorted(folder.glob("*.tsv")):
        for row in path.read_text(encoding="utf-8").splitlines()[1:]:
            kind, text, points, *_ = row.split("\t")
            entries[kind].append((text, path.stem, float(points)))
    words, pairs, whole = (_compiled(entries[kind]) for kind in ("word", "pair", "line"))
    return WordTable(
        word_keys=words[0],
        word_points=words[1],
        pair_keys=pairs[0],
        pair_points=pairs[1],
        line_keys=whole[0],
        line_points=whole[1],
    )


def _compiled(entries: Iterable[tuple[str, str, float]]) -> tuple[U64, F]:
    some = list(entries)
    if not some:
        return np.zeros(0, np.uint64), np.zeros(0)
    lines = scan([[(text.replace("#", "0"), 0) for text, _, _ in some]])
    keys = lines.stretch(lines.first, lines.count) ^ np.array([salt(language) for _, language, _ in some], np.uint64)
    keys, index = np.unique(keys, return_index=True)
    return keys, np.array([points for _, _, points in some])[index]
