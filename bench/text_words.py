"""Count on how many domains words, pairs and short lines were kept or cut, and make word tables without some folds."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
from text_pages import FOLDS, Batch

from copydesk.text.phrases.rules import phrase_table
from copydesk.text.plain.features.measure_lines import Features, measure_lines
from copydesk.text.plain.features.words import LINE_TOKENS, WordTable, no_scores, score_words
from copydesk.text.tokens.scan import _trimmed as trimmed

__all__ = ["TABLED", "Counts", "features", "write_words"]

TABLED = ("en",)
"""Languages with enough sites for word tables; a few dozen domains are not representative."""

MIN_DOMAINS = (5, 5, 3)
"""Domains that a word, a pair and a line must occur on."""

KINDS = ("word", "pair", "line")


class Counts:
    """Domains that kept and that cut each word, pair and short line, per fold."""

    def __init__(self, data: list[Batch]) -> None:
        self.kinds = [self._count(data, kind) for kind in KINDS]

    def _count(self, data: list[Batch], kind: str) -> tuple[np.ndarray, np.ndarray]:
        seen: list[np.ndarray] = []
        for b in data:
            keys, line, _, _ = _spans(b, kind)
            label = np.array([c for r in b.rows for c in r["y"]])[line]
            domain = np.array([zlib.crc32(r["domain"].encode()) for r in b.rows], np.uint64)[b.scan.page[line]]
            tabled = np.array([language in TABLED for language in b.languages])[b.scan.page[line]]
            ok = tabled & ((label == "K") | (label == "D"))
            rec = np.zeros(ok.sum(), dtype=[("key", "u8"), ("domain", "u4"), ("keep", "u1"), ("fold", "u1")])
            rec["key"], rec["domain"], rec["keep"], rec["fold"] = keys[ok], domain[ok], label[ok] == "K", b.fold
            seen.append(np.unique(rec))
        every = np.unique(np.concatenate(seen))
        keys, inverse = np.unique(every["key"], return_inverse=True)
        counts = np.zeros((len(keys), FOLDS, 2), np.int32)
        np.add.at(counts, (inverse, every["fold"], every["keep"]), 1)
        many = counts.sum((1, 2)) >= 3
        return keys[many], counts[many]

    def table(self, without: set[int]) -> WordTable:
        """Return the table of all folds but some."""
        folds = [f for f in range(FOLDS) if f not in without]
        arrays = []
        for (keys, counts), low in zip(self.kinds, MIN_DOMAINS, strict=True):
            c = counts[:, folds].sum(1)
            ok = c.sum(1) >= low
            points = np.log((c[ok, 1] + 0.5) / (c[ok, 0] + 0.5))
            clear = np.abs(points) >= 0.25
            arrays += [keys[ok][clear], np.round(np.clip(points[clear], -4, 3), 2)]
        return WordTable(
            word_keys=arrays[0],
            word_points=arrays[1],
            pair_keys=arrays[2],
            pair_points=arrays[3],
            line_keys=arrays[4],
            line_points=arrays[5],
        )


def _spans(b: Batch, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return salted hash, line, first token and number of tokens of every word, first pair or short line."""
    s = b.scan
    if kind == "word":
        line, first, n = s.line_of, np.arange(len(s.tokens)), np.ones(len(s.tokens), np.int64)
        keys = s.tokens
    else:
        line = np.flatnonzero((s.count >= 2) if kind == "pair" else (s.count > 0) & (s.count <= LINE_TOKENS))
        first, n = s.first[line], np.full(len(line), 2) if kind == "pair" else s.count[line]
        keys = s.stretch(first, n)
    return keys ^ b.salts[s.page[line]], line, first, n


def features(b: Batch, words: WordTable | None) -> Features:
    """Return the features of a batch's lines with the points of a word table."""
    scores = score_words(b.scan, b.salts, words) if words else no_scores(b.scan)
    return measure_lines(b.scan, b.stop, b.hits, phrase_table(), scores)


def write_words(data: list[Batch], counts: Counts, out: Path) -> None:
    """Write the word tables of every language as text: kind, words, points, domains that cut and that kept it."""
    out.mkdir(parents=True, exist_ok=True)
    table = counts.table(set())
    wanted = ((table.word_keys, table.word_points), (table.pair_keys, table.pair_points),
              (table.line_keys, table.line_points))  # fmt: skip
    rows: dict[str, dict[tuple[str, int], tuple[int, float, str]]] = {language: {} for language in TABLED}
    for b in data:
        text = "\n".join(trimmed([u[0] for r in b.rows for u in r["units"]])[0]) + "\n"
        for number, (kind, (keys, points)) in enumerate(zip(KINDS, wanted, strict=True)):
            salted, line, first, n = _spans(b, kind)
            at = np.minimum(np.searchsorted(keys, salted), max(len(keys) - 1, 0))
            for k in np.flatnonzero(keys[at] == salted) if len(keys) else ():
                mine = rows.get(b.languages[b.scan.page[line[k]]])
                key = kind, int(keys[at[k]])
                if mine is None or key in mine:
                    continue
                known, seen = counts.kinds[number]
                cut, kept = seen[np.searchsorted(known, keys[at[k]])].sum(0)
                said = _words(b, text, range(first[k], first[k] + n[k]))
                mine[key] = number, points[at[k]], f"{kind}\t{said}\t{points[at[k]]:.2f}\t{cut}\t{kept}"
    for old in out.glob("*.tsv"):
        old.unlink()
    for language, mine in rows.items():
        lines = [row for _, _, row in sorted(mine.values())]
        whole = "\n".join(["kind\twords\tpoints\tcut\tkept", *lines]) + "\n"
        (out / f"{language}.tsv").write_text(whole, encoding="utf-8")


def _words(b: Batch, text: str, tokens: range) -> str:
    s = b.scan
    return " ".join("#" if s.number[j] else text[s.begin[j] : s.begin[j] + s.size[j]].lower() for j in tokens)
