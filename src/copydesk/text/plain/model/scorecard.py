"""Scorecards: points per bin of each feature, summed.

rules/text_model/start.tsv    feature        from   points
log_words       0.0   -0.412    points from this value on, up to the next row's
log_words       2.4   +0.105
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from copydesk.errors import SettingsError
from copydesk.text.plain.features.bins import BIN_COUNT, Bins
from copydesk.text.tokens.scan import Codes, Floats

__all__ = ["Scorecard", "dump", "load_scorecard", "score_all"]

_BATCH_ROWS = 256
"""Rows scored at once, so that their look-ups stay in the processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """Points (features, bins) and the constant added to every line."""

    points: Floats
    base: float

    def score(self, bins: Codes) -> Floats:
        """Return the log-odds of each row of bins."""
        return score_all((self,), bins)[0]

    def parts(self, bins: Codes) -> Floats:
        """Return the points of each feature for one row of bins."""
        return self.points[np.arange(self.points.shape[0]), bins]


def score_all(cards: Sequence[Scorecard], bins: Codes) -> list[Floats]:
    """Return the log-odds of each row of bins by each of several scorecards with the same features."""
    offsets = np.arange(0, cards[0].points.size, BIN_COUNT)
    tables = [card.points.ravel() for card in cards]
    totals: list[Floats] = [np.empty(len(bins)) for _ in cards]
    for start in range(0, len(bins), _BATCH_ROWS):  # one copy of 200,000 lines would take 200 MB
        at = bins[start : start + _BATCH_ROWS] + offsets
        for total, points in zip(totals, tables, strict=True):
            total[start : start + _BATCH_ROWS] = points.take(at).sum(axis=1)
    return [total + card.base for total, card in zip(totals, cards, strict=True)]


def load_scorecard(path: Path, features: Sequence[Bins]) -> Scorecard:
    """Read a scorecard's table.

    Raises:
        SettingsError: The table has points for an unknown feature; the message names both.
    """
    number = {feature.name: k for k, feature in enumerate(features)}
    points = np.zeros((len(features), BIN_COUNT))
    base = 0.0
    for row in path.read_text(encoding="utf-8").splitlines()[1:]:
        name, low, value = row.split("\t")
        if name == "base":
            base = float(value)
            continue
        if name not in number:
            raise SettingsError(
                f"{path} has points for {name!r}, which is not measured. Run bench/text_train.py again."
            )
        k = number[name]
        step = round((float(low) - features[k].low) / features[k].width)
        points[k, max(step, 0) :] = float(value)
    return Scorecard(points=points, base=base)


def dump(card: Scorecard, features: Sequence[Bins]) -> str:
    """Return the text of a scorecard's table; loading it gives the same points to four places."""
    rows = ["feature\tfrom\tpoints", f"base\t0\t{card.base:.4f}"]
    for feature, points in zip(features, card.points, strict=True):
        rounded = np.round(points, 4)
        if not rounded.any():
            continue
        changes = np.flatnonzero(np.diff(rounded, prepend=np.nan) != 0)
        rows += [f"{feature.name}\t{feature.low + feature.width * step:.6g}\t{rounded[step]:.4f}" for step in changes]
    return "\n".join(rows) + "\n"
