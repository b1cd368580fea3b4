"""Train the block model and write `rules/html_model.json`; the same data gives the same file.

    python bench/html_train.py ../shared/bench/html                 the model of the package, trained on all pages
    python bench/html_train.py ../shared/bench/html --folds DIR     and one per fold, without the fold's pages

Three ensembles: `blocks` on the features of the blocks; `context` on the first's out-of-fold probabilities around each
block; `doubt`, its twin for pages of low confidence, with trafilatura's choice beside them. Sets are weighted
1 : 4 : 1.2 : 1.5 : 1 : .7 (wcxb, fundus, trafilatura's, n4k, gn1, daniel), a block by the square root of its length,
every page of a set the same.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
from html_export import write_model
from html_gold import FOLDS, SETS, GoldPage, Member, folds_of, gold_pages, labels

from copydesk.text.html.blocks.select_blocks import confidence
from copydesk.text.html.blocks.trafilatura_vote import ask_trafilatura
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.features.blend_features import COLUMNS, blend_rows
from copydesk.text.html.features.context_features import CONTEXT_COLUMNS, context_rows
from copydesk.text.html.features.measure_blocks import FEATURES, BlockMeasures, measure_blocks
from copydesk.text.html.metadata.head import hints_of, read_head

MODEL = Path(__file__).parent.parent / "src" / "copydesk" / "rules" / "html_model.json"
SET_WEIGHT = {"wcxb": 1.0, "fundus": 4.0, "trafilatura": 1.2, "n4k": 1.5, "gn1": 1.0, "daniel": 0.7}
COMMON = {
    "objective": "binary",
    "verbosity": -1,
    "num_threads": 1,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "num_leaves": 16,
    "feature_fraction_bynode": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 127,
}
_SECOND = {"learning_rate": 0.06, "min_data_in_leaf": 60, "lambda_l2": 10.0}
STAGES: dict[str, tuple[int, dict[str, Any], list[str]]] = {
    "blocks": (240, {"learning_rate": 0.07, "min_data_in_leaf": 20, "lambda_l2": 3.0}, list(FEATURES)),
    "context": (120, _SECOND, list(CONTEXT_COLUMNS)),
    "doubt": (120, _SECOND, list(COLUMNS)),
}
TRAIN_DOUBT = 0.92
"""Train the twin also on pages of a slightly higher confidence than those on which trafilatura runs."""


@dataclass(slots=True)
class Sample:
    """One page for training: its features, labels (-1 unknown), weights, fold, and the answers of the stages so far."""

    name: str
    fold: int
    page: Page
    measured: BlockMeasures
    truth: np.ndarray
    weight: np.ndarray
    asked: np.ndarray | None
    p: np.ndarray | None = None
    context: np.ndarray | None = None
    q: np.ndarray | None = None
    d: np.ndarray | None = None

    def rows(self, stage: str) -> np.ndarray:
        """Return the feature rows of a stage."""
        if stage == "blocks":
            return self.measured.rows
        assert self.p is not None
        if self.context is None:
            self.context = context_rows(self.page, self.measured, self.p)[0]
        if stage == "context":
            return self.context
        assert self.asked is not None
        return blend_rows(self.context, self.measured, self.p, self.asked)

    def answer(self, stage: str, answers: np.ndarray) -> None:
        """Take the out-of-fold answers of a stage."""
        if stage == "blocks":
            self.p = answers
        elif stage == "context":
            self.q = answers
        else:
            self.d = answers


def samples(folder: Path, sets: Sequence[str]) -> tuple[list[Sample], Mapping[str, int]]:
    """Compute the features of every article page of the sets; return them and the fold of each page by its id."""
    members, found = [], []
    for gold in gold_pages(folder):
        row = gold.row
        if row["set"] in SETS and gold.page.blocks and gold.page.tree is not None:
            names = frozenset(e.names for e in gold.page.elements if e.names)
            members.append(Member(row["id"], row["set"], row["domain"], names))
            if row["set"] in sets:
                found.append(_sample(gold))
    folds = folds_of(members)
    for sample in found:
        sample.fold = folds[sample.name]
    return found, folds


def _sample(gold: GoldPage) -> Sample:
    page, row = gold.page, gold.row
    assert page.tree is not None
    measured = measure_blocks(page, hints_of(read_head(page.tree, row["url"])))
    truth, _ = labels(row, page)
    known = truth >= 0
    weight = np.sqrt(np.maximum(1, measured.size))
    weight = SET_WEIGHT[row["set"]] * weight / max(1e-9, float(weight[known].sum()))
    asked = ask_trafilatura(page)
    elements = tuple(replace(e, node=None) for e in page.elements)  # a tree cannot be stored
    return Sample(row["id"], -1, replace(page, tree=None, html="", elements=elements), measured, truth, weight, asked)


def train(stage: str, pages: Sequence[Sample]) -> Any:
    """Train one model on the labelled blocks of the pages."""
    rows, truth, weight = [], [], []
    for page in pages:
        known = page.truth >= 0
        if known.any():
            rows.append(page.rows(stage)[known])
            truth.append(page.truth[known])
            weight.append(page.weight[known])
    weights = np.concatenate(weight)
    data = lgb.Dataset(
        np.concatenate(rows),
        np.concatenate(truth),
        weight=weights * (len(weights) / weights.sum()),
        params={"max_bin": COMMON["max_bin"], "verbosity": -1},
    )
    rounds, own, _ = STAGES[stage]
    return lgb.train({**COMMON, **own}, data, rounds)


def out_of_fold(stage: str, pages: Sequence[Sample]) -> dict[int, Any]:
    """Train on four folds and let the model answer for the fifth, for each fold; return the five models."""
    models = {}
    for fold in range(FOLDS):
        models[fold] = train(stage, [s for s in pages if s.fold != fold])
        for sample in pages:
            if sample.fold == fold:
                sample.answer(stage, models[fold].predict(sample.rows(stage)).astype(np.float32))
        print(f"{stage}: fold {fold}", file=sys.stderr, flush=True)
    return models


def in_doubt(pages: Sequence[Sample]) -> list[Sample]:
    """Return the pages on which trafilatura finds text and the second model is not sure."""
    return [
        s for s in pages if s.asked is not None and s.q is not None and confidence(s.q, s.measured.size) < TRAIN_DOUBT
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the benchmark: gold.jsonl.gz and pages/")
    parser.add_argument("--folds", type=Path, help="write fold0.json to fold4.json and folds.json here")
    parser.add_argument("--sets", nargs="+", default=SETS, help="train on these sets")
    parser.add_argument("--cache", type=Path, help="keep the measured pages here between runs")
    parser.add_argument("--out", type=Path, default=MODEL)
    args = parser.parse_args()
    if args.cache is not None and args.cache.exists():
        pages, of = pickle.loads(args.cache.read_bytes())  # noqa: S301 - our own file
    else:
        pages, of = samples(args.folder, args.sets)
        if args.cache is not None:
            args.cache.write_bytes(pickle.dumps((pages, of)))
    models = {stage: out_of_fold(stage, pages) for stage in ("blocks", "context")}
    doubtful = in_doubt(pages)
    print(f"{len(doubtful)} of {len(pages)} pages in doubt", file=sys.stderr)
    groups = {"blocks": pages, "context": pages, "doubt": doubtful}
    if args.folds is not None:
        models["doubt"] = out_of_fold("doubt", doubtful)
        args.folds.mkdir(parents=True, exist_ok=True)
        (args.folds / "folds.json").write_text(json.dumps(dict(of), indent=0), encoding="utf-8")
        for fold in range(FOLDS):
            forests = {stage: (STAGES[stage][2], models[stage][fold]) for stage in STAGES}
            write_model(args.folds / f"fold{fold}.json", forests, {"without_fold": fold})
    final = {stage: train(stage, groups[stage]) for stage in STAGES}
    notes = {
        "pages": len(pages),
        "made_by": "bench/html_train.py",
        "data": "WCXB (CC-BY-4.0), Fundus (MIT), trafilatura's evaluation set and newspaper4k's pages "
        "(Apache-2.0), DANIEL, L3S-GN1; see NOTICE",
    }
    write_model(args.out, {stage: (STAGES[stage][2], final[stage]) for stage in STAGES}, notes)


if __name__ == "__main__":
    main()
