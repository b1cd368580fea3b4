"""Train the forests, the network and the word tables for plain text, and measure them on sites they have not seen.

    python bench/text_train.py ../shared/bench/text --work FOLDER [--out src/copydesk/rules/text_model]
        [--report bench/results/text.md]

The pages are not part of this project: WCXB dev articles (Murrough Foley, CC-BY-4.0), Fundus' test pages (flairNLP,
MIT), news of 2023 (AndyTheFactory, Apache-2.0), DAnIEL's news pages in five languages (Lejeune & Zhu 2018) and L3S-GN1
(Kohlschütter et al. 2010), rendered to text four ways with a label per line; what is kept of them is points per word,
per feature and per line of a page. Needs lightgbm and torch (dependency group `train`).

Five folds by site. Whatever a fold is scored with, word tables included, was made without that fold; and while a model
is trained, the words of each training fold are scored by tables made without it. Small sets and languages count more
(`text_pages.MAX_GROUP_WEIGHT`). Steps are kept in the work folder; an empty one starts anew. One core, about an hour.
"""

from __future__ import annotations

import argparse
import pickle
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from text_forests import NAMES, Grown, grow
from text_metric import make_metric
from text_network import Recipe, out_of_fold_points, ship
from text_pages import FOLDS
from text_prepare import Prepared, prepare
from text_report import table

from copydesk.text.plain.model import select_lines
from copydesk.text.plain.model.network import load_network
from copydesk.text.plain.model.span import INSIDE, OUTSIDE, select_spans
from copydesk.text.plain.model.tables import bin_question, load_model
from copydesk.text.tree_ensemble import dump_ensembles, load_ensembles

CAPTION = """Written by `bench/text_train.py`. Word F1 (mean of the pages), line F1 (of the lines labelled keep or drop,
pooled) and exact pages in %. Five folds by site; forests, network and word tables were made without the page's own
fold. Title lines, labels and boilerplate counts, which come later, are not in it. `mix`: all inputs of rsp_main and one
other of each document."""


def out_of_fold_odds(data: Prepared, work: Path, log: Callable[[str], None]) -> np.ndarray:
    """Return every line's log-odds by forests grown without its fold."""
    out = np.zeros(len(data.y))
    for fold in range(FOLDS):
        here = data.fold == fold
        kept = work / f"odds{fold}.npy"
        if not kept.exists():
            grown = grow(data, fold)
            write_forests(grown, work / f"lines{fold}.json")
            np.save(kept, grown.score(data.bins[here], data.known[here]))
            log(f"forests without fold {fold}")
        out[here] = np.load(kept)
    return out


def choose(data: Prepared, odds: np.ndarray, story: np.ndarray, inside: float = INSIDE, outside: float = OUTSIDE):
    """Return whether each line is kept, given the forests' log-odds and the network's points."""
    spans = select_spans(data.page, data.page_start, story[:, 0], story[:, 1], story[:, 2])
    bars = [np.log(p / (1 - p)) for p in (inside, outside)]
    return (data.tokens > 0) & (odds >= np.where(spans.inside, bars[0], bars[1]))


@contextmanager
def use_fold(work: Path, fold: int) -> Iterator[None]:
    """Let the package use the models that were made without a fold."""
    forests = load_ensembles(work / f"lines{fold}.json", trainer="bench/text_train.py", question=bin_question)
    model = replace(load_model(), network=load_network(work / f"network{fold}.json"), **forests)
    words = pickle.loads((work / f"words{fold}.pickle").read_bytes())  # noqa: S301 - our own file
    before = select_lines.load_model, select_lines.load_words
    select_lines.load_model, select_lines.load_words = lambda: model, lambda: words  # type: ignore[assignment]
    try:
        yield
    finally:
        select_lines.load_model, select_lines.load_words = before


def write_forests(grown: Grown, path: Path) -> None:
    """Write the forests' file."""
    notes = {"made_by": "bench/text_train.py", "points": "multiples of 1/4096"}
    forests = {"line": (NAMES, grown.line.nodes), "line_any": (NAMES, grown.line_any.nodes)}
    path.write_text(dump_ensembles(forests, notes), encoding="utf-8")


def report(data: Prepared, folder: Path, odds: np.ndarray, story: np.ndarray, path: Path) -> None:
    """Write the table of out-of-fold scores."""
    metric = make_metric(folder, data.rows, data.page, data.label)
    variants = {
        "raw": np.ones(len(odds), np.bool_),
        "forests alone (p >= .5)": odds >= 0,
        "network alone": choose(data, story[:, 0], story),
        "span by the network, lines by the forests": choose(data, odds, story),
    }
    text = [
        "# Plain text: scores out of fold",
        CAPTION,
        table({name: metric.scores(keep) for name, keep in variants.items()}, data.rows),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(text), encoding="utf-8")


def main() -> None:
    """Train, measure and write."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder", type=Path)
    ap.add_argument("--work", type=Path, required=True, help="folder for intermediate results")
    ap.add_argument("--out", type=Path, help="folder of the model's files")
    ap.add_argument("--report", type=Path, help="Markdown file for the scores")
    args = ap.parse_args()
    began = time.time()

    def log(text: str) -> None:
        print(f"{time.time() - began:6.0f}s {text}", flush=True)

    data = prepare(args.folder, args.work, log)
    if args.report:
        odds = out_of_fold_odds(data, args.work, log)
        story = out_of_fold_points(data, args.work, Recipe(), log)
        report(data, args.folder, odds, story, args.report)
        log("measured out of fold")
    if args.out:
        write_forests(grow(data, None), args.out / "lines.json")
        log("forests written")
        (args.out / "network.json").write_text(ship(data, args.work, Recipe(), log), encoding="utf-8")
        shutil.rmtree(args.out / "words", ignore_errors=True)
        shutil.copytree(args.work / "words", args.out / "words")
        log("network and words written")


if __name__ == "__main__":
    main()
