"""Train the tree ensembles, scorecards and word tables for plain text, and measure them on domains they have not seen.

    python bench/text_train.py ../shared/bench/text [--out src/copydesk/rules/text_model] [--save FILE]

The pages are not part of this project: WCXB dev articles (Murrough Foley, CC-BY-4.0) and Fundus' test pages
(flairNLP, MIT), rendered
to text with a label per line; what is kept of them is points per word and per feature. Needs lightgbm (dependency
group `train`).

Five folds by domain. Whatever a fold is scored with, word tables included, was made without that fold; and while a
model is trained, the
words of each training fold are scored by tables made without it, or the model would trust words that it will not
know elsewhere.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import lightgbm as lgb
import numpy as np

from copydesk.text.language import detect
from copydesk.text.phrases.rules import find_phrases, phrase_table
from copydesk.text.plain.features.bins import BIN_COUNT, CONTEXT_BINS, LINE_BINS, WORDS, bin_values
from copydesk.text.plain.features.context import context_values
from copydesk.text.plain.features.measure_lines import Features, measure_lines
from copydesk.text.plain.features.stopwords import salt, stop_tokens
from copydesk.text.plain.features.words import LINE_TOKENS, WordTable, no_scores, score_words
from copydesk.text.plain.model.scorecard import Scorecard, dump
from copydesk.text.plain.model.tables import bin_question
from copydesk.text.tokens.lines import split
from copydesk.text.tokens.scan import Scan, scan
from copydesk.text.tree_ensemble import Node, build_ensemble, dump_ensembles

FOLDS = 5
BATCH = 50
WIDE = (*LINE_BINS, *CONTEXT_BINS)
NAMES = [bins.name for bins in LINE_BINS]
GRID = 4096
"""Points are multiples of 1/4096: float32 sums of them are exact, so a line's score is the same in any batch."""
TABLED = "en"
"""The only language with enough pages for word tables; a few dozen domains are not representative."""
TARGET = {"K": 1, "D": 0, "T": 0, "U": 0}
WEIGHT = {"K": 1.0, "D": 1.0, "T": 0.5, "U": 0.3}


@dataclass
class Batch:
    """Pages of one fold and renderer, scanned."""

    rows: list[dict]
    fold: int
    scan: Scan
    stop: np.ndarray
    hits: object
    salts: np.ndarray
    languages: list[str]


def fold_of(domain: str) -> int:
    return zlib.crc32(domain.encode()) % FOLDS


def load(folder: Path, renderers: list[str]) -> list[dict]:
    rows = [json.loads(line) for line in (folder / "index.jsonl").open(encoding="utf-8")]
    rows = [r for r in rows if r["renderer"] in renderers]
    for r in rows:
        text = gzip.decompress((folder / r["text"]).read_bytes()).decode("utf-8")
        lines = split(text)
        if len(lines.texts) != len(text.split("\n")) - text.endswith("\n"):
            # the labels count "\n" alone
            lines = split(text.translate(dict.fromkeys((11, 12, 13, 28, 29, 30, 133, 8232, 8233), " ")))
        r["kept_rows"] = lines.rows
        r["units"] = [(lines.texts[k], g) for k, g in zip(lines.rows, lines.gaps, strict=True)]
        r["y"] = [r["labels"][k] if k < len(r["labels"]) else "." for k in lines.rows]
        r["fold"] = fold_of(r["domain"])
        longest = sorted(range(len(r["units"])), key=lambda k: -len(r["units"][k][0]))[:4]
        r["language"] = detect("\n".join(r["units"][k][0][:200] for k in sorted(longest)))
    return rows


def batches(rows: list[dict]) -> list[Batch]:
    table = phrase_table()
    out = []
    groups: dict[tuple[int, str], list[dict]] = {}
    for r in rows:
        groups.setdefault((r["fold"], r["renderer"]), []).append(r)
    for (fold, _), group in sorted(groups.items(), key=lambda g: g[0]):
        for k in range(0, len(group), BATCH):
            some = group[k : k + BATCH]
            lines = scan([r["units"] for r in some])
            salts = np.array([salt(r["language"]) for r in some], np.uint64)
            out.append(
                Batch(
                    some,
                    fold,
                    lines,
                    stop_tokens(lines, salts),
                    find_phrases(lines, table),
                    salts,
                    [r["language"] for r in some],
                )
            )
    return out


class Counts:
    """Domains that kept and that cut each word, pair and short line, per fold."""

    def __init__(self, data: list[Batch]) -> None:
        self.kinds = [self._count(data, kind) for kind in ("word", "pair", "line")]

    def _count(self, data: list[Batch], kind: str) -> tuple[np.ndarray, np.ndarray]:
        seen: list[np.ndarray] = []
        for b in data:
            s = b.scan
            y = np.array([c for r in b.rows for c in r["y"]])
            if kind == "word":
                keys, line = s.tokens, s.line_of
            elif kind == "pair":
                line = np.flatnonzero(s.count >= 2)
                keys = s.stretch(s.first[line], 2)
            else:
                line = np.flatnonzero((s.count > 0) & (s.count <= LINE_TOKENS))
                keys = s.stretch(s.first[line], s.count[line])
            keys = keys ^ b.salts[s.page[line]]
            domain = np.array([zlib.crc32(r["domain"].encode()) for r in b.rows], np.uint64)[s.page[line]]
            label = y[line]
            ok = (label == "K") | (label == "D")
            rec = np.zeros(ok.sum(), dtype=[("key", "u8"), ("domain", "u4"), ("keep", "u1"), ("fold", "u1")])
            rec["key"], rec["domain"], rec["keep"], rec["fold"] = keys[ok], domain[ok], label[ok] == "K", b.fold
            seen.append(np.unique(rec))
        every = np.unique(np.concatenate(seen))
        keys, inverse = np.unique(every["key"], return_inverse=True)
        counts = np.zeros((len(keys), FOLDS, 2), np.int32)
        np.add.at(counts, (inverse, every["fold"], every["keep"]), 1)
        many = counts.sum((1, 2)) >= 3
        return keys[many], counts[many]

    def table(self, without: set[int], least: tuple[int, int, int] = (5, 5, 3)) -> WordTable:
        """Return the table of all folds but some; `least`: domains that a word, a pair and a line must occur on."""
        folds = [f for f in range(FOLDS) if f not in without]
        arrays = []
        for (keys, counts), low in zip(self.kinds, least, strict=True):
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


def features(b: Batch, words: WordTable | None) -> Features:
    scores = score_words(b.scan, b.salts, words) if words else no_scores(b.scan)
    return measure_lines(b.scan, b.stop, b.hits, phrase_table(), scores)


def targets(b: Batch, renderer_weight: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    y = np.array([TARGET.get(c, 0) for r in b.rows for c in r["y"]], float)
    w = np.array([WEIGHT.get(c, 0.0) * renderer_weight.get(r["renderer"], 1.0) for r in b.rows for c in r["y"]])
    lines_of_page = np.diff(b.scan.page_start)[b.scan.page]
    return y, thin(b, y, w * np.minimum(1.0, 300 / lines_of_page) ** 0.5)


def thin(b: Batch, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Keep one in five of the cut lines far from any kept line, with five times the weight.

    Menus teach little, and there are many.
    """
    here = np.arange(len(y))
    low, high = b.scan.page_start[:-1][b.scan.page], b.scan.page_start[1:][b.scan.page]
    kept = np.concatenate(([0], np.cumsum(y)))
    far = kept[np.minimum(here + 21, high)] == kept[np.maximum(here - 20, low)]
    lucky = np.random.default_rng(b.fold).random(len(y)) < 1 / 5
    return np.where(far, np.where(lucky, 5 * w, 0.0), w)


def ends(b: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and last kept line of each page, and the weight of its lines."""
    first, last = np.zeros(b.scan.lines), np.zeros(b.scan.lines)
    w = np.ones(b.scan.lines)
    at = 0
    for r in b.rows:
        kept = [k for k, c in enumerate(r["y"]) if c == "K"]
        if kept:
            first[at + kept[0]] = last[at + kept[-1]] = 1
        else:
            w[at : at + len(r["y"])] = 0
        at += len(r["y"])
    return first, last, w


TREES = {"num_leaves": 16, "max_depth": 4, "min_data_in_leaf": 100, "bagging_fraction": 0.5}
STUMPS = {"num_leaves": 2, "min_data_in_leaf": 20, "bagging_fraction": 0.4}


def boost(x: np.ndarray, y: np.ndarray, w: np.ndarray, rounds: int, rate: float, shape: dict) -> list[dict]:
    """Boost small trees and return them as LightGBM dumps them."""
    ok = w > 0
    data = lgb.Dataset(
        x[ok], y[ok], weight=w[ok], params={"max_bin": BIN_COUNT + 1, "min_data_in_bin": 1, "feature_pre_filter": False}
    )
    params = {
        "objective": "binary",
        "learning_rate": rate,
        "max_bin": BIN_COUNT + 1,
        "min_data_in_bin": 1,
        "feature_fraction": 0.4,
        "bagging_freq": 3,
        "num_threads": 1,
        "seed": 7,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    } | shape
    return [tree["tree_structure"] for tree in lgb.train(params, data, rounds).dump_model()["tree_info"]]


def first_bin(node: dict) -> int:
    """Return the first bin that goes to the second branch."""
    return int(np.floor(node["threshold"] + 1e-9)) + 1


def as_card(trees: list[dict], width: int) -> Scorecard:
    """Sum one-split trees to points per feature and bin."""
    points, base = np.zeros((width, BIN_COUNT)), 0.0
    for node in trees:
        if "split_feature" not in node:
            base += node["leaf_value"]
            continue
        cut = first_bin(node)
        points[node["split_feature"], :cut] += node["left_child"]["leaf_value"]
        points[node["split_feature"], cut:] += node["right_child"]["leaf_value"]
    middle = points.mean(axis=1, keepdims=True)
    return Scorecard(points=points - middle, base=base + float(middle.sum()))


def as_trees(trees: list[dict], lift: float = 0.0) -> list[Node]:
    """Return the nodes of trees in the file's form; `lift` is added to every point of the first tree."""

    def points(value: float) -> float:
        return round(round(value, 4) * GRID) / GRID

    def lay(node: dict, lift: float) -> Node:
        if "split_feature" not in node:
            return points(node["leaf_value"] + lift)
        bins = LINE_BINS[node["split_feature"]]
        edge = float(f"{bins.low + bins.width * (first_bin(node) - 0.5):.6g}")
        branches = [lay(node["left_child"], lift), lay(node["right_child"], lift)]
        return [node["split_feature"], edge, points(node["internal_value"] + lift), *branches]

    return [lay(tree, 0.0 if k else lift) for k, tree in enumerate(trees)]


class LineTrees:
    """Trees in the file's form, and their ensemble over bins."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.ensemble = build_ensemble(NAMES, nodes, bin_question)

    def score(self, bins: np.ndarray) -> np.ndarray:
        """Return the log-odds of each row of bins."""
        return self.ensemble.log_odds(bins).astype(np.float64)


@dataclass
class Settings:
    """Rounds of boosting and the learning rates."""

    line_rounds: int = 160
    line_rate: float = 0.12
    end_rounds: int = 160
    end_rate: float = 0.33


WORD_COLUMNS = [k for k, scale in enumerate(LINE_BINS) if scale.name in WORDS or "word_mean" in scale.name]
"""Columns of learned words; the ensemble for other languages and the scorecards do not use them."""

FOREIGN_WEIGHT = 2.5

FOREIGN_DOUBT = 0.4
"""Log-odds subtracted from lines scored without words: fewer leaks outweigh more losses (line F1 out of fold, languages
other than English: .861 without, .873 with)."""


def wordless(bins: np.ndarray) -> np.ndarray:
    out = bins.copy()
    out[:, WORD_COLUMNS] = 0
    return out


def train(folder: Path, renderers: list[str], setup: Settings, log=print) -> dict:
    """Return the batches, their out-of-fold scores, and the final tree ensembles and scorecards."""
    t = time.time()
    rows = load(folder, renderers)
    data = batches(rows)
    counts = Counts(data)
    yw = [targets(b, {"rsp_main": 2.0}) for b in data]
    english = [np.array([lang == TABLED for lang in b.languages])[b.scan.page] for b in data]
    log(f"loaded {len(rows)} pages, {sum(b.scan.lines for b in data)} lines, {time.time() - t:.0f}s")
    tables = {
        frozenset(s): counts.table(set(s))
        for s in [{f} for f in range(FOLDS)] + [{f, g} for f in range(FOLDS) for g in range(f)]
    }
    own = [features(b, tables[frozenset({b.fold})]) for b in data]
    bins = [bin_values(f.values, LINE_BINS) for f in own]
    plain = [wordless(c) for c in bins]
    y = [p[0] for p in yw]
    weight = [p[1] for p in yw]
    in_english = [w * e for w, e in zip(weight, english, strict=True)]
    abroad = [w * np.where(e, 1.0, FOREIGN_WEIGHT) for w, e in zip(weight, english, strict=True)]
    log(f"features {time.time() - t:.0f}s")

    def known(k: int, fold: int | None) -> np.ndarray:
        """Return the bins of batch k for training: words scored without its own fold and the held-out one."""
        return (
            bins[k]
            if fold is None
            else bin_values(features(data[k], tables[frozenset({fold, data[k].fold})]).values, LINE_BINS)
        )

    def ensemble(x: np.ndarray, target: np.ndarray, w: np.ndarray, lift: float = 0.0) -> LineTrees:
        return LineTrees(as_trees(boost(x, target, w, setup.line_rounds, setup.line_rate, TREES), lift))

    def wary(x: np.ndarray, target: np.ndarray, w: np.ndarray) -> LineTrees:
        return ensemble(x, target, w, -FOREIGN_DOUBT)

    def card(x: np.ndarray, target: np.ndarray, w: np.ndarray) -> Scorecard:
        return as_card(boost(x, target, w, setup.end_rounds, setup.end_rate, STUMPS), x.shape[1])

    def cross(
        name: str,
        x: list[np.ndarray],
        target: list[np.ndarray],
        w: list[np.ndarray],
        grow,
        training=None,
    ) -> tuple[list[np.ndarray], Scorecard | LineTrees]:
        """Return the scores of every batch by a model trained without its fold, and the model trained on all."""
        out: list[np.ndarray] = [np.zeros(0)] * len(data)
        for fold in [*range(FOLDS), None]:
            ids = [k for k, b in enumerate(data) if b.fold != fold]
            rows_x = np.concatenate([training(k, fold) if training else x[k] for k in ids])
            model = grow(rows_x, np.concatenate([target[k] for k in ids]), np.concatenate([w[k] for k in ids]))
            for k, b in enumerate(data):
                if b.fold == fold:
                    out[k] = model.score(x[k])
        log(f"{name} {time.time() - t:.0f}s")
        return out, model

    def around(x: list[np.ndarray], verdict: list[np.ndarray]) -> list[np.ndarray]:
        return [
            np.concatenate([c, bin_values(context_values(v, b.scan, f), CONTEXT_BINS)], axis=1)
            for c, v, b, f in zip(x, verdict, data, own, strict=True)
        ]

    line, line_trees = cross("line", bins, y, in_english, ensemble, known)
    any_line, any_line_trees = cross("any line", plain, y, abroad, wary)
    odds = [np.where(e, a, b) for e, a, b in zip(english, line, any_line, strict=True)]
    marks = [ends(b) for b in data]
    edge_weight = [m[2] * np.minimum(w, 1.0) for m, w in zip(marks, weight, strict=True)]
    wide = around(plain, odds)
    start, start_card = cross("start", wide, [m[0] for m in marks], edge_weight, card)
    end, end_card = cross("end", wide, [m[1] for m in marks], edge_weight, card)
    models = {"line": line_trees, "line_any": any_line_trees, "start": start_card, "end": end_card}
    out_of_fold = {"line": line, "any_line": any_line, "odds": odds, "start": start, "end": end}
    return {"data": data, "counts": counts, "models": models, **out_of_fold}


def write(result: dict, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    write_words(result["data"], result["counts"], out / "words")
    ensembles = {name: (NAMES, m.nodes) for name, m in result["models"].items() if isinstance(m, LineTrees)}
    notes = {"made_by": "bench/text_train.py", "points": "multiples of 1/4096"}
    (out / "lines.json").write_text(dump_ensembles(ensembles, notes), encoding="utf-8")
    for name, model in result["models"].items():
        if isinstance(model, Scorecard):
            (out / f"{name}.tsv").write_text(dump(model, WIDE), encoding="utf-8")


def write_words(data: list[Batch], counts: Counts, out: Path) -> None:
    """Write the word tables of every language as text: kind, words, points, domains that cut and that kept it."""
    out.mkdir(parents=True, exist_ok=True)
    table = counts.table(set())
    wanted = {
        "word": (table.word_keys, table.word_points),
        "pair": (table.pair_keys, table.pair_points),
        "line": (table.line_keys, table.line_points),
    }
    rows: dict[str, dict[tuple[str, int], str]] = {}
    for b in data:
        s = b.scan
        text = "\n".join(u[0].lstrip()[:4000].rstrip() for r in b.rows for u in r["units"]) + "\n"
        for number, (kind, (keys, points)) in enumerate(wanted.items()):
            if kind == "word":
                first, n, line = np.arange(len(s.tokens)), np.ones(len(s.tokens), int), s.line_of
            else:
                line = np.flatnonzero((s.count >= 2) if kind == "pair" else (s.count > 0) & (s.count <= LINE_TOKENS))
                first, n = s.first[line], np.full(len(line), 2) if kind == "pair" else s.count[line]
            salted = s.stretch(first, n) ^ b.salts[s.page[line]]
            at = np.minimum(np.searchsorted(keys, salted), max(len(keys) - 1, 0))
            for k in np.flatnonzero(keys[at] == salted) if len(keys) else ():
                language = b.languages[s.page[line[k]]]
                mine = rows.setdefault(language, {})
                if (kind, int(keys[at[k]])) in mine:
                    continue
                tokens = [
                    text[s.begin[j] : s.begin[j] + s.size[j]].lower() if not s.number[j] else "#"
                    for j in range(first[k], first[k] + n[k])
                ]
                c = counts.kinds[number][1][np.searchsorted(counts.kinds[number][0], keys[at[k]])].sum(0)
                mine[kind, int(keys[at[k]])] = f"{kind}\t{' '.join(tokens)}\t{points[at[k]]:.2f}\t{c[0]}\t{c[1]}"
    for language, mine in rows.items():
        if language != TABLED:
            continue
        lines = sorted(
            mine.values(),
            key=lambda row: (["word", "pair", "line"].index(row.split("\t")[0]), float(row.split("\t")[2]), row),
        )
        (out / f"{language}.tsv").write_text(
            "\n".join(["kind\twords\tpoints\tcut\tkept", *lines]) + "\n", encoding="utf-8"
        )


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder", type=Path)
    ap.add_argument("--out", type=Path)
    ap.add_argument("--save", type=Path, help="pickle of the whole result, for experiments")
    ap.add_argument("--renderer", nargs="+", default=["rsp_main", "reader", "rsp_all", "inscriptis"])
    args = ap.parse_args()
    result = train(args.folder, args.renderer, Settings())
    if args.save:
        import pickle

        args.save.write_bytes(pickle.dumps(result))
    if args.out:
        write(result, args.out)


if __name__ == "__main__":
    main()
