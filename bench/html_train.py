"""Train the block model and write `rules/html_model.json`; the same data gives the same file.

    python bench/html_train.py ../shared/bench/html                 the model of the package, trained on all pages
    python bench/html_train.py ../shared/bench/html --folds DIR     and one per fold, without the fold's domains

Two models: `blocks` on the features; `doubt` on the first's out-of-fold probabilities and trafilatura's choice, for
pages of low confidence. Weights: sets 1 : 4 : 1.2 (wcxb, fundus, trafilatura's), a block the square root of its length,
every page the same.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
from html_export import write_model
from html_gold import FOLDS, fold_of, gold_pages, labels

from copydesk.text.html.blocks.select_blocks import confidence
from copydesk.text.html.blocks.trafilatura_vote import ask_trafilatura
from copydesk.text.html.features.blend_features import COLUMNS, blend_rows
from copydesk.text.html.features.measure_blocks import FEATURES, BlockMeasures, measure_blocks
from copydesk.text.html.metadata.head import hints_of, read_head

MODEL = Path(__file__).parent.parent / "src" / "copydesk" / "rules" / "html_model.json"
SET_WEIGHT = {"wcxb": 1.0, "fundus": 4.0, "trafilatura": 1.2}
COMMON = {
    "objective": "binary",
    "verbosity": -1,
    "num_threads": 1,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "feature_fraction_bynode": 0.5,
    "max_bin": 127,
}
STAGES: dict[str, tuple[int, dict[str, Any]]] = {
    "blocks": (
        480,
        {
            "num_leaves": 16,
            "learning_rate": 0.035,
            "min_data_in_leaf": 20,
            "lambda_l2": 3.0,
            "feature_fraction_bynode": 0.4,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
        },
    ),
    "doubt": (80, {"num_leaves": 8, "learning_rate": 0.05, "min_data_in_leaf": 60, "lambda_l2": 10.0}),
}
NAMES = {
    "blocks": list(FEATURES),
    "doubt": list(COLUMNS),
}
TRAIN_DOUBT = 0.92
"""Train the second model also on pages of a slightly higher confidence than those on which trafilatura runs."""


@dataclass(slots=True)
class Sample:
    """One page for training: its features, labels (-1 unknown), weights and fold."""

    name: str
    fold: int
    measured: BlockMeasures
    truth: np.ndarray
    weight: np.ndarray
    asked: np.ndarray | None
    p: np.ndarray | None = None

    def rows(self, stage: str) -> np.ndarray:
        """Return the feature rows of a stage."""
        if stage == "blocks":
            return self.measured.rows
        assert self.p is not None
        assert self.asked is not None
        return blend_rows(self.measured, self.p, self.asked)


def samples(folder: Path) -> list[Sample]:
    """Compute the features of every article page of the benchmark."""
    found = []
    for gold in gold_pages(folder):
        page = gold.page
        if not page.blocks or page.tree is None:
            continue
        measured = measure_blocks(page, hints_of(read_head(page.tree, gold.row["url"])))
        truth, _ = labels(gold.row, page)
        known = truth >= 0
        weight = np.sqrt(np.maximum(1, measured.size))
        weight = SET_WEIGHT[gold.row["set"]] * weight / max(1e-9, float(weight[known].sum()))
        found.append(
            Sample(gold.row["id"], fold_of(gold.row["domain"]), measured, truth, weight, ask_trafilatura(page))
        )
    return found


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
    rounds, own = STAGES[stage]
    return lgb.train({**COMMON, **own}, data, rounds)


def out_of_fold(stage: str, pages: Sequence[Sample], give: Callable[[Sample, np.ndarray], None]) -> dict[int, Any]:
    """Train on four folds and predict the fifth, for each fold; return the five models."""
    models = {}
    for fold in range(FOLDS):
        models[fold] = train(stage, [s for s in pages if s.fold != fold])
        for sample in pages:
            if sample.fold == fold:
                give(sample, models[fold].predict(sample.rows(stage)).astype(np.float32))
        print(f"{stage}: fold {fold}", file=sys.stderr, flush=True)
    return models


def _give_p(sample: Sample, answers: np.ndarray) -> None:
    sample.p = answers


def _forget(_sample: Sample, _answers: np.ndarray) -> None:
    return None


def in_doubt(pages: Sequence[Sample]) -> list[Sample]:
    """Return the pages of low confidence on which trafilatura finds text."""
    return [
        s for s in pages if s.asked is not None and s.p is not None and confidence(s.p, s.measured.size) < TRAIN_DOUBT
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the benchmark: gold.jsonl.gz and pages/")
    parser.add_argument("--folds", type=Path, help="write fold0.json to fold4.json here")
    parser.add_argument("--cache", type=Path, help="keep the measured pages here between runs")
    parser.add_argument("--out", type=Path, default=MODEL)
    args = parser.parse_args()
    if args.cache is not None and args.cache.exists():
        pages: list[Sample] = pickle.loads(args.cache.read_bytes())  # noqa: S301 - our own file
    else:
        pages = samples(args.folder)
        if args.cache is not None:
            args.cache.write_bytes(pickle.dumps(pages))
    folds: dict[str, dict[int, Any]] = {"blocks": out_of_fold("blocks", pages, _give_p)}
    doubtful = in_doubt(pages)
    print(f"{len(doubtful)} of {len(pages)} pages in doubt", file=sys.stderr)
    folds["doubt"] = out_of_fold("doubt", doubtful, _forget)
    if args.folds is not None:
        args.folds.mkdir(parents=True, exist_ok=True)
        for fold in range(FOLDS):
            forests = {stage: (NAMES[stage], folds[stage][fold]) for stage in STAGES}
            write_model(args.folds / f"fold{fold}.json", forests, {"without_fold": fold})
    final = {"blocks": train("blocks", pages), "doubt": train("doubt", doubtful)}
    notes = {
        "pages": len(pages),
        "made_by": "bench/html_train.py",
        "data": "WCXB (CC-BY-4.0), Fundus (MIT), trafilatura's evaluation set (Apache-2.0); see NOTICE",
    }
    write_model(args.out, {stage: (NAMES[stage], final[stage]) for stage in STAGES}, notes)


if __name__ == "__main__":
    main()
