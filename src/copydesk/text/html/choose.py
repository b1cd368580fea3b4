"""Which blocks make the article: the model over the blocks, and trafilatura where the model is in doubt.

    rows of features --trees--> p --trees over neighbours' and containers' p--> p --> confidence
        confidence < 0.8: ask trafilatura which blocks it would keep, and weigh both

Confidence is 1 - sum(min(p, 1 - p) * length) / kept length: what share of the kept text is beyond doubt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.features import Array, Measured
from copydesk.text.html.model import load_forests
from copydesk.text.html.page import Page
from copydesk.text.html.second_opinion import ask_trafilatura

__all__ = ["Choice", "choose"]

DOUBT = 0.8
"""Below this confidence trafilatura is asked (FINDINGS-HTML: below it, trafilatura was right more often)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which blocks are kept, and who said so.

    Attributes:
        keep: Per block.
        model: The model's probability per block.
        probability: What the decision rests on, after all voices.
        trafilatura: Share of each block's words that trafilatura kept; None when it was not asked.
        extractor: `blocks`, `trafilatura` or `blocks+trafilatura`.
        confidence: 0 to 1.
    """

    keep: NDArray[np.bool_]
    model: Array
    probability: Array
    trafilatura: Array | None
    extractor: str
    confidence: float


def choose(page: Page, measured: Measured, extractor: str) -> Choice:
    """Decide which blocks are the article's.

    Args:
        page: A page with blocks.
        measured: Its features.
        extractor: `auto`, `blocks` (never ask trafilatura) or `trafilatura` (follow it wherever it answers).
    """
    model = load_forests()["blocks"].probability(measured.rows)
    sure = confidence(model, measured.size)
    asked = None
    if extractor == "trafilatura" or (extractor == "auto" and sure < DOUBT):
        asked = ask_trafilatura(page)
    if asked is None:
        return Choice(
            keep=model >= 0.5, model=model, probability=model, trafilatura=None, extractor="blocks", confidence=sure
        )
    keep = asked >= 0.5
    name = "trafilatura" if extractor == "trafilatura" else "blocks+trafilatura"
    return Choice(keep=keep, model=model, probability=asked, trafilatura=asked, extractor=name, confidence=sure)


def confidence(p: Array, size: Array) -> float:
    """How sure the probabilities are about the text they keep, 0 to 1."""
    kept = float((size * (p >= 0.5)).sum())
    if not kept:
        return 0.0
    return max(0.0, 1 - float((np.minimum(p, 1 - p) * size).sum()) / kept)
