"""The whole evidence on a block: every voice with its points, the loudest first.

What a feature of the model weighs is measured on the spot: the log-odds with the feature as it is, less the log-odds
with the page's median in its place. The three that weigh most speak.
"""

from __future__ import annotations

import numpy as np

from copydesk.records import BlockEvidence, Label
from copydesk.text.html.blocks.model import load_block_model
from copydesk.text.html.blocks.select_blocks import Choice
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.head import Hints
from copydesk.text.phrases.rules import Match
from copydesk.text.tree_ensemble import TreeEnsemble

__all__ = ["explain_block"]

_TOP = 3
_LEAST = 0.05
_TOLD = {3.0: 1.0, 2.0: -1.0}
_MAX_EXPLAINED = 1_500


def explain_block(
    page: Page,
    choice: Choice,
    hints: Hints,
    phrases: dict[int, tuple[Match, ...]],
    forests: dict[str, TreeEnsemble] | None,
) -> list[tuple[BlockEvidence, ...]]:
    """Return the evidence on every block of the page, in page order."""
    forest = (forests or load_block_model())[choice.stage]
    weights = forest.median_contributions(choice.rows) if len(choice.rows) <= _MAX_EXPLAINED else {}
    told = choice.rows[:, forest.features.index("told")]
    found = []
    for n, block in enumerate(page.blocks):
        voices = list(_model(forest, choice, weights, n))
        if choice.trafilatura is not None:
            share = float(choice.trafilatura[n])
            detail = f"keeps {100 * share:.0f} % of its words"
            voices.append(
                BlockEvidence(name="trafilatura", rule="trafilatura.share", points=2 * share - 1, detail=detail)
            )
        if len(hints.body) > 0 and float(told[n]) in _TOLD:
            inside = told[n] == 3.0
            detail = "in articleBody" if inside else "not in articleBody"
            voices.append(
                BlockEvidence(name="json-ld", rule="json-ld.articleBody", points=_TOLD[float(told[n])], detail=detail)
            )
        if choice.remembered is not None and choice.remembered.points[n]:
            voices.append(
                BlockEvidence(
                    name="boilerplate",
                    rule="boilerplate.recurs",
                    points=round(float(choice.remembered.points[n]), 2),
                    detail="recurs across the site's pages",
                )
            )
        voices.extend(_decided(choice, n))
        voices.extend(
            BlockEvidence(name="phrase", rule=m.rule.id, points=0.0, label=Label(m.rule.label), detail=repr(m.phrase))
            for m in phrases.get(block.number, ())
        )
        found.append(tuple(sorted(voices, key=lambda w: -abs(w.points))))
    return found


def _model(forest: TreeEnsemble, choice: Choice, weights: dict[int, np.ndarray], n: int) -> list[BlockEvidence]:
    p = min(max(float(choice.probability[n]), 1e-6), 1 - 1e-6)
    out = [
        BlockEvidence(
            name="model", rule=choice.stage, points=round(float(np.log(p / (1 - p))), 2), detail=f"p = {p:.3f}"
        )
    ]
    top = sorted(weights, key=lambda column: -abs(float(weights[column][n])))[:_TOP]
    for column in top:
        points = float(weights[column][n])
        if abs(points) >= _LEAST:
            name = forest.features[column]
            detail = f"{name} = {float(choice.rows[n, column]):.4g}, part of the model's points"
            out.append(BlockEvidence(name="model", rule=f"feature.{name}", points=round(points, 2), detail=detail))
    return out


def _decided(choice: Choice, n: int) -> list[BlockEvidence]:
    """A site rule and a pin decide, whatever the others say."""
    out = []
    if choice.site is not None and choice.site.keep is not None:
        kept = bool(choice.site.keep[n]) and not choice.site.strip[n]
        name = f"site_rule.{choice.site.rule.name}"
        out.append(
            BlockEvidence(name="pin", rule=name, points=50.0 if kept else -50.0, detail="the user's rule for this site")
        )
    elif choice.site is not None and choice.site.strip[n]:
        name = f"site_rule.{choice.site.rule.name}"
        out.append(
            BlockEvidence(name="pin", rule=name, points=-50.0, detail="stripped by the user's rule for this site")
        )
    if choice.remembered is not None and choice.remembered.pins[n]:
        keep = choice.remembered.pins[n] > 0
        rule = "pin.keep" if keep else "pin.cut"
        out.append(BlockEvidence(name="pin", rule=rule, points=99.0 if keep else -99.0, detail="decided by a person"))
    return out
