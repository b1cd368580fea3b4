"""Explain the decision on each block: model, trafilatura, JSON-LD, boilerplate, pins and phrases with their log-odds.

The contribution of a model feature is the log-odds with its value minus the log-odds with the page's median in its
place; the three largest are listed.
"""

from __future__ import annotations

import numpy as np

from copydesk.records import KEPT_LABELS, BlockEvidence, Label
from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.model import load_block_model
from copydesk.text.html.blocks.override_rules import override_rules
from copydesk.text.html.blocks.select_blocks import BlockSelection
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.head import Hints
from copydesk.text.phrases.rules import Match
from copydesk.text.tree_ensemble import TreeEnsemble

__all__ = ["explain_block"]

_MAX_FEATURES = 3
_MIN_POINTS = 0.05
_BODY_POINTS = {3.0: 1.0, 2.0: -1.0}
_MAX_BLOCKS = 1_500
_FACT_POINTS = 20.0
"""Log-odds shown for a rule that decides against the model: more than a model gives, less than a person's pin."""


def explain_block(
    page: Page,
    selection: BlockSelection,
    hints: Hints,
    phrases: dict[int, tuple[Match, ...]],
    forests: dict[str, TreeEnsemble] | None,
) -> list[tuple[BlockEvidence, ...]]:
    """Return the evidence on every block of the page, in page order, strongest first."""
    forest = (forests or load_block_model())[selection.stage]
    weights = forest.median_contributions(selection.rows) if len(selection.rows) <= _MAX_BLOCKS else {}
    body_match = selection.rows[:, forest.features.index("told")]
    found = []
    for n, block in enumerate(page.blocks):
        evidence = list(_model(forest, selection, weights, n))
        if selection.trafilatura is not None:
            share = float(selection.trafilatura[n])
            detail = f"keeps {100 * share:.0f} % of its words"
            evidence.append(
                BlockEvidence(name="trafilatura", rule="trafilatura.share", points=2 * share - 1, detail=detail)
            )
        if len(hints.body) > 0 and float(body_match[n]) in _BODY_POINTS:
            inside = body_match[n] == 3.0
            detail = "in articleBody" if inside else "not in articleBody"
            evidence.append(
                BlockEvidence(
                    name="json-ld", rule="json-ld.articleBody", points=_BODY_POINTS[float(body_match[n])], detail=detail
                )
            )
        if selection.priors is not None and selection.priors.points[n]:
            evidence.append(
                BlockEvidence(
                    name="boilerplate",
                    rule="boilerplate.recurs",
                    points=round(float(selection.priors.points[n]), 2),
                    detail="recurs across the site's pages",
                )
            )
        if n in selection.overrides:
            evidence.append(_fact(selection.overrides[n]))
        evidence.extend(_pinned(selection, n))
        evidence.extend(
            BlockEvidence(name="phrase", rule=m.rule.id, points=0.0, label=Label(m.rule.label), detail=repr(m.phrase))
            for m in phrases.get(block.number, ())
        )
        found.append(tuple(sorted(evidence, key=lambda w: -abs(w.points))))
    return found


def _model(
    forest: TreeEnsemble, selection: BlockSelection, weights: dict[int, np.ndarray], n: int
) -> list[BlockEvidence]:
    p = min(max(float(selection.probability[n]), 1e-6), 1 - 1e-6)
    out = [
        BlockEvidence(
            name="model", rule=selection.stage, points=round(float(np.log(p / (1 - p))), 2), detail=f"p = {p:.3f}"
        )
    ]
    top = sorted(weights, key=lambda column: -abs(float(weights[column][n])))[:_MAX_FEATURES]
    for column in top:
        points = float(weights[column][n])
        if abs(points) >= _MIN_POINTS:
            name = forest.features[column]
            detail = f"{name} = {float(selection.rows[n, column]):.4g}, contribution to the model's log-odds"
            out.append(BlockEvidence(name="model", rule=f"feature.{name}", points=round(points, 2), detail=detail))
    return out


def _fact(decided: LabelDecision) -> BlockEvidence:
    """Return the evidence of a rule that decides against the model."""
    points = _FACT_POINTS if decided.label in KEPT_LABELS else -_FACT_POINTS
    because = override_rules()[decided.rule].because
    return BlockEvidence(name="fact", rule=decided.rule, points=points, label=decided.label, detail=because)


def _pinned(selection: BlockSelection, n: int) -> list[BlockEvidence]:
    """Return the evidence of a site rule or pin, which decide alone."""
    out = []
    if selection.site is not None and selection.site.keep is not None:
        kept = bool(selection.site.keep[n]) and not selection.site.strip[n]
        name = f"site_rule.{selection.site.rule.name}"
        out.append(
            BlockEvidence(name="pin", rule=name, points=50.0 if kept else -50.0, detail="the user's rule for this site")
        )
    elif selection.site is not None and selection.site.strip[n]:
        name = f"site_rule.{selection.site.rule.name}"
        out.append(
            BlockEvidence(name="pin", rule=name, points=-50.0, detail="stripped by the user's rule for this site")
        )
    if selection.priors is not None and selection.priors.pins[n]:
        keep = selection.priors.pins[n] > 0
        rule = "pin.keep" if keep else "pin.cut"
        out.append(BlockEvidence(name="pin", rule=rule, points=99.0 if keep else -99.0, detail="pinned by a person"))
    return out
