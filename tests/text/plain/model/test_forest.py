"""Forests: contributions add up, tables come back, and walking many lines at once is walking each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.errors import SettingsError
from copydesk.text.plain.features.bins import SCALES, STEPS
from copydesk.text.plain.model.forest import Forest, load_forest
from copydesk.text.plain.model.tables import load_model
from copydesk.text.scan import Steps


def some_lines(seed: int, lines: int = 40) -> Steps:
    """Return steps of as many lines as wanted, of every kind."""
    return np.random.default_rng(seed).integers(0, STEPS, (lines, len(SCALES))).astype(np.uint8)


def walked(forest: Forest, codes: Steps, tree: int) -> float:
    """Return one tree's answer for one line, one question after the other."""
    at = 0
    while at < forest.scale.shape[1]:
        at = 2 * at + 1 + int(codes[forest.scale[tree, at]] >= forest.step[tree, at])
    return float(forest.points[tree, at])


@pytest.mark.parametrize("name", ["line", "line_any"])
@given(seed=st.integers(0, 2**32 - 1))
def test_contributions_and_base_add_up_to_the_score(name: str, seed: int) -> None:
    """What `explain` shows of a line is all that decided it: base and contributions are its log-odds."""
    forest: Forest = getattr(load_model(), name)
    codes = some_lines(seed, 3)
    for row, score in zip(codes, forest.score(codes), strict=True):
        assert forest.base + forest.parts(row).sum() == pytest.approx(score, abs=1e-9)


def test_many_lines_at_once_are_scored_as_each_alone() -> None:
    """A line's score is the sum of the answers that a plain walk down each tree finds, in a batch of any size."""
    forest = load_model().line
    codes = some_lines(1, 700)
    scores = forest.score(codes)
    for k in (0, 1, 511, 512, 699):
        alone = sum(walked(forest, codes[k], tree) for tree in range(len(forest.scale)))
        assert scores[k] == pytest.approx(alone, abs=1e-9)
        assert forest.score(codes[k : k + 1])[0] == scores[k]
    assert len(forest.score(codes[:0])) == 0


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """A forest written as text and read again gives the same table and the same scores."""
    forest = load_model().line_any
    path = tmp_path / "line.tsv"
    path.write_text(forest.dump(SCALES), encoding="utf-8")
    again = load_forest(path, SCALES)
    assert again.dump(SCALES) == forest.dump(SCALES)
    assert (again.score(some_lines(2)) == forest.score(some_lines(2))).all()


def test_a_table_that_asks_for_an_unknown_scale_is_refused(tmp_path: Path) -> None:
    """A table made for other measures is refused with its path and the name of what is not measured."""
    path = tmp_path / "line.tsv"
    path.write_text("tree\tpath\tfeature\tfrom\tpoints\n0\t.\tmoon_phase\t1\t0.1\n0\t.-\t\t\t0.1\n0\t.+\t\t\t0.2\n")
    with pytest.raises(SettingsError, match=r"line\.tsv asks for 'moon_phase'"):
        load_forest(path, SCALES)
