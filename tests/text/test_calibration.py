"""Confidence is the word F1 to expect: the map is a monotone function, and nothing kept is no confidence."""

from __future__ import annotations

import tomllib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.resources import RULES
from copydesk.text.calibration import calibrated, interpolate

MODELS = ("html", "text")


@pytest.mark.parametrize("model", MODELS)
def test_the_knots_rise(model: str) -> None:
    """The fitted map of each model is strictly ascending in both coordinates, within 0 and 1."""
    knots = tomllib.loads((RULES / "confidence.toml").read_text(encoding="utf-8"))[model]["knots"]
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(knots))
    assert all(0 <= value <= 1 for knot in knots for value in knot)


@given(st.sampled_from(MODELS), st.floats(0, 1), st.floats(0, 1))
def test_more_certain_is_never_less_confident(model: str, one: float, other: float) -> None:
    """Confidence keeps the order of the certainties and stays between 0 and 1."""
    low, high = sorted((one, other))
    assert 0 <= calibrated(model, low) <= calibrated(model, high) <= 1  # type: ignore[arg-type]


def test_between_knots_is_a_line_and_outside_is_flat() -> None:
    """Halfway between two knots is their mean; outside of all is the nearest one's; nothing kept is 0."""
    knots = [(0.2, 0.5), (0.6, 0.9)]
    assert [interpolate(knots, x) for x in (0.0, 0.2, 0.6, 1.0)] == [0.5, 0.5, 0.9, 0.9]
    assert interpolate(knots, 0.4) == pytest.approx(0.7)
    assert calibrated("html", 0.0) == 0.0
