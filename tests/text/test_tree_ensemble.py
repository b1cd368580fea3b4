"""Tree ensembles: scores as the trees say, as recorded when the models were trained, contributions that add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.errors import SettingsError
from copydesk.records import Document
from copydesk.text.html.blocks.model import load_block_model
from copydesk.text.plain.features.bins import BIN_COUNT, LINE_BINS
from copydesk.text.plain.input import languages, read
from copydesk.text.plain.model.select_lines import select_lines
from copydesk.text.plain.model.tables import bin_question, load_model
from copydesk.text.tokens.scan import Codes
from copydesk.text.tree_ensemble import Node, TreeEnsemble, build_ensemble, dump_ensembles, load_ensembles

GOLDEN = json.loads(Path(__file__).with_name("tree_ensemble_golden.json").read_text(encoding="utf-8"))
"""Scores of the shipped models, recorded when they were trained: rows 0-19, 500-519 and 599 of matrices, and seeds."""
ROWS = [*range(20), *range(500, 520), 599]
SEEDS = Path(__file__).parents[2] / "seeds"


def ensembles() -> dict[str, TreeEnsemble]:
    """Return the package's ensembles by name."""
    model = load_model()
    return {"line": model.line, "line_any": model.line_any, **load_block_model()}


def some_bins(seed: int, rows: int) -> Codes:
    """Return rows of bins drawn at random."""
    return np.random.default_rng(seed).integers(0, BIN_COUNT, (rows, len(LINE_BINS))).astype(np.uint8)


def walk(node: Node, row: list[Any]) -> float:
    """Return one tree's answer for one row, by walking it."""
    while isinstance(node, list):
        column, threshold, _, first, second = node
        node = first if row[column] <= threshold else second
    return float(node)


@pytest.mark.parametrize("name", ["line", "line_any"])
def test_random_rows_score_as_recorded(name: str) -> None:
    """On a seeded random matrix every score is, bit for bit, the one recorded, whatever machine and numpy add it up."""
    scores = ensembles()[name].log_odds(some_bins(7, 600)).astype(np.float64)
    assert [float(scores[k]) for k in ROWS] == GOLDEN["random"][name]


@pytest.mark.parametrize("name", ["line", "line_any"])
def test_contributions_are_those_recorded(name: str) -> None:
    """Base and contributions of a row are, bit for bit, those recorded."""
    ensemble = ensembles()[name]
    found = ensemble.path_contributions(some_bins(7, 600)[0])
    named = {LINE_BINS[k].name: float(value) for k, value in enumerate(found) if value}
    assert named | {"base": ensemble.base} == GOLDEN["contributions"][name]


@pytest.mark.parametrize("name", sorted(GOLDEN["seeds"]))
def test_seeds_score_as_recorded(name: str) -> None:
    """The log-odds of every line of the seeds are, bit for bit, those recorded."""
    page = read(Document(document_id=name, content=(SEEDS / name).read_bytes(), media_type="text/plain"))
    lines = list(zip(page.texts, page.gaps, strict=True))
    assert select_lines([lines], languages([page]), [""], None, None).odds.tolist() == GOLDEN["seeds"][name]


@pytest.mark.parametrize("name", ["line", "line_any"])
@given(seed=st.integers(0, 2**32 - 1))
def test_contributions_and_base_add_up_to_the_score(name: str, seed: int) -> None:
    """What `explain` shows of a line is all that decided it: base and contributions are its log-odds."""
    ensemble = ensembles()[name]
    bins = some_bins(seed, 3)
    for row, score in zip(bins, ensemble.log_odds(bins), strict=True):
        assert ensemble.base + ensemble.path_contributions(row).sum() == float(score)


@pytest.mark.parametrize("name", ["line", "blocks", "context", "doubt"])
def test_a_row_scores_the_same_in_any_batch_and_as_its_trees_say(name: str) -> None:
    """A row's score is the sum of the answers that a walk down each tree finds, in a batch of any size."""
    ensemble = ensembles()[name]
    rows: Any = some_bins(1, 700)
    if name != "line":
        rows = np.random.default_rng(1).normal(size=(700, len(ensemble.features))).astype(np.float32)
    scores = ensemble.log_odds(rows)
    for k in (0, 1, 511, 512, 699):
        assert float(scores[k]) == pytest.approx(sum(walk(t, rows[k].tolist()) for t in ensemble.trees), abs=1e-4)
        pair = min(k, 698)
        assert ensemble.log_odds(rows[pair : pair + 2])[k - pair] == scores[k]
    assert len(ensemble.log_odds(rows[:0])) == 0


def test_median_contributions_compare_with_the_usual_value() -> None:
    """A column adds what the score loses with the median in its place; columns that no tree asks about are left out."""
    ensemble = build_ensemble(["a", "b"], [[0, 1.0, None, -1.0, 2.0]])
    rows = np.array([[0, 5], [0, 6], [3, 7]], np.float32)
    found = {column: values.tolist() for column, values in ensemble.median_contributions(rows).items()}
    assert found == {0: [0.0, 0.0, 3.0]}


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Ensembles written to a file and read again have the same trees, leaves in order, and answers."""
    trees: list[Node] = [[0, 1.0, 0.1, 0.5, [1, 2.0, None, -1.0, 2.0]], 0.25]
    path = tmp_path / "m.json"
    path.write_text(dump_ensembles({"f": (["a", "b"], trees)}, {"made_by": "a test"}), encoding="utf-8")
    found = load_ensembles(path, trainer="a test")["f"]
    assert (found.features, list(found.trees)) == (("a", "b"), trees)
    rows = np.array([[1, 9], [1.5, 2], [1.5, 2.5]], np.float32)
    assert found.log_odds(rows).tolist() == [0.75, -0.75, 2.25]


def test_a_tree_with_too_many_leaves_is_refused() -> None:
    """Masks have 16 bits: a tree with 17 leaves is an error, not a wrong score."""
    tree: Node = 0.0
    for k in range(16):
        tree = [0, float(k), None, 1.0, tree]
    with pytest.raises(ValueError, match="17 leaves"):
        build_ensemble(["a"], [tree])


def test_a_file_that_asks_for_an_unknown_feature_is_refused(tmp_path: Path) -> None:
    """A file made for other features is refused with its path, the feature's name and the program that writes it."""
    path = tmp_path / "lines.json"
    path.write_text(dump_ensembles({"line": (["moon_phase"], [[0, 1.0, None, 0.1, 0.2]])}, {}), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"lines\.json.*'moon_phase'.*text_train"):
        load_ensembles(path, trainer="bench/text_train.py", question=bin_question)
