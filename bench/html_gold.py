"""The benchmark pages with their gold, block by block: which visible block belongs to the article.

A block of eight words or more is positive when 60 % of its word trigrams are in the gold text; a shorter one when its
words stand in the gold between those of the long blocks around it. Pages with snippets label only the blocks that
hold one. Chinese, Japanese and Korean letters count as a word each.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.read_page import read_page

__all__ = ["SETS", "GoldPage", "Member", "folds_of", "gold_pages", "labels", "metrics"]

SETS = ("wcxb", "fundus", "trafilatura", "n4k", "gn1", "daniel")
"""The sets whose articles have a gold text or gold snippets."""
FOLDS = 5
_MIN_SHARED_NAMES, _MIN_SHARED_SHARE = 8, 0.5
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_MIN_TRIGRAM_WORDS = 8
_MIN_SHARE = 0.6
_MAX_SKIPPED = 60


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A benchmark row and its parsed page."""

    row: dict[str, Any]
    content: bytes
    page: Page


def gold_pages(folder: Path, *, articles: bool = True, limit: int | None = None) -> Iterator[GoldPage]:
    """Yield the pages of the benchmark folder (`gold.jsonl.gz`, `pages/ID.html.gz`), by default articles only."""
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    rows = [r for r in rows if not articles or r["page_type"] == "article"][:limit]
    for row in rows:
        content = gzip.decompress((folder / "pages" / f"{row['id']}.html.gz").read_bytes())
        yield GoldPage(row, content, read_page(content, row["encoding"]))


def metrics(folder: Path) -> ModuleType:
    """Load the benchmark's own definitions of its scores."""
    spec = importlib.util.spec_from_file_location("html_metrics", folder / "metrics.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True, slots=True)
class Member:
    """What decides the fold of a page: its set, its registered domain and the class strings of its elements."""

    id: str
    set: str
    domain: str
    names: frozenset[str]


def folds_of(members: Sequence[Member]) -> Mapping[str, int]:
    """Return page id -> fold; pages of one domain or of one template share a fold, each set is spread evenly.

    Pages have one template when they share at least 8 class strings and half of those of the richer page: the domains
    of old pages are guesses, and many sites run one system. Independent of the order of the members.
    """
    some = sorted(members, key=lambda m: m.id)
    clusters: dict[int, list[Member]] = defaultdict(list)
    for member, number in zip(some, _clusters(some), strict=True):
        clusters[number].append(member)
    total = Counter(m.set for m in some)
    load: list[Counter[str]] = [Counter() for _ in range(FOLDS)]
    found = {}
    for number in sorted(clusters, key=lambda c: (-len(clusters[c]), c)):
        mine = Counter(m.set for m in clusters[number])
        costs = [sum((2 * of[s] * k + k * k) / total[s] ** 2 for s, k in sorted(mine.items())) for of in load]
        fold = costs.index(min(costs))
        load[fold] += mine
        found.update({m.id: fold for m in clusters[number]})
    return found


def _clusters(members: Sequence[Member]) -> list[int]:
    """Return the number of each member's cluster."""
    up = list(range(len(members)))

    def root(n: int) -> int:
        while up[n] != n:
            up[n] = up[up[n]]
            n = up[n]
        return n

    def join(a: int, b: int) -> None:
        first, second = sorted((root(a), root(b)))
        up[second] = first

    domains: dict[str, int] = {}
    where: dict[str, list[int]] = defaultdict(list)
    for n, member in enumerate(members):
        join(n, domains.setdefault(member.domain, n))
        shared = Counter(other for name in member.names for other in where[name])
        for other, count in shared.items():
            richer = max(len(member.names), len(members[other].names))
            if count >= max(_MIN_SHARED_NAMES, _MIN_SHARED_SHARE * richer):
                join(n, other)
        for name in member.names:
            where[name].append(n)
    return [root(n) for n in range(len(members))]


def labels(row: dict[str, Any], page: Page) -> tuple[np.ndarray, np.ndarray]:
    """Return, per block, the label (1 article, 0 not, -1 unknown) and the share of its words in the gold text."""
    if row["text"] is not None:
        return _from_text(row["text"], page)
    return _from_snippets(row, page)


def words(text: str) -> list[str]:
    """Return the lower-case words; each East Asian character is a word."""
    return _WORD.findall(text.lower())


def _from_text(text: str, page: Page) -> tuple[np.ndarray, np.ndarray]:
    gold = words(text)
    places: dict[tuple[str, ...], list[int]] = {}
    for n in range(len(gold) - 2):
        places.setdefault(tuple(gold[n : n + 3]), []).append(n)
    tokens = [words(b.text) for b in page.blocks]
    truth = np.zeros(len(tokens), np.int8)
    share = np.zeros(len(tokens), np.float32)
    spans: list[tuple[int, int] | None] = [None] * len(tokens)
    for n, block in enumerate(tokens):
        if len(block) < _MIN_TRIGRAM_WORDS:
            continue
        grams = [tuple(block[k : k + 3]) for k in range(len(block) - 2)]
        hits = [places[g] for g in grams if g in places]
        share[n] = len(hits) / len(grams)
        if share[n] >= _MIN_SHARE:
            truth[n] = 1
            single = [h[0] for h in hits if len(h) == 1] or [h[0] for h in hits]
            spans[n] = (min(single), max(single) + 3)
    _short_blocks(gold, tokens, spans, truth, share)
    return truth, share


def _short_blocks(
    gold: list[str], tokens: list[list[str]], spans: list[tuple[int, int] | None], truth: np.ndarray, share: np.ndarray
) -> None:
    after: list[int | None] = [None] * len(tokens)
    coming: int | None = None
    for n in range(len(tokens) - 1, -1, -1):
        after[n] = coming
        span = spans[n]
        if span is not None:
            coming = span[0]
    at: int | None = None
    for n, block in enumerate(tokens):
        span = spans[n]
        if span is not None:
            at = span[1]
            continue
        if not block or len(block) >= _MIN_TRIGRAM_WORDS:
            continue
        nxt = after[n]
        if at is None and nxt is None:
            low, high = 0, len(gold)
        else:
            low = max(0, (nxt or 0) - _MAX_SKIPPED) if at is None else max(0, at - 1)
            high = (at or 0) + _MAX_SKIPPED if nxt is None else nxt + 1
            if high < low:
                high = low + _MAX_SKIPPED
        found = _find(block, gold, low, min(high, len(gold)))
        if found >= 0:
            truth[n] = 1
            share[n] = 1.0
            at = found + len(block)


def _find(block: list[str], gold: list[str], low: int, high: int) -> int:
    for n in range(low, high - len(block) + 1):
        if gold[n] == block[0] and gold[n : n + len(block)] == block:
            return n
    return -1


def _from_snippets(row: dict[str, Any], page: Page) -> tuple[np.ndarray, np.ndarray]:
    truth = np.full(len(page.blocks), -1, np.int8)
    texts = [" ".join(b.text.split()) for b in page.blocks]
    for value, snippets in ((0, row["without"]), (1, row["with"])):
        for snippet in snippets:
            wanted = " ".join(snippet.split())
            for n, text in enumerate(texts):
                if wanted in text:
                    truth[n] = value
    return truth, np.maximum(truth, 0).astype(np.float32)
