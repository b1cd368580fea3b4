"""Explain the decision on each block: the features of the model that decided, boilerplate, rules, pins and phrases.

Points are log-odds towards keeping (+) or cutting (-). What each feature contributed on the block's path through the
trees, with `base` and the boilerplate's points, adds up to the block's log-odds; rules and pins decide beside them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from copydesk.records import BlockEvidence, Label
from copydesk.text.html.blocks.certainty import PIN_POINTS, SITE_RULE_POINTS, fact_points
from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.model import load_block_model
from copydesk.text.html.blocks.override_rules import override_rules
from copydesk.text.html.blocks.select_blocks import BlockSelection
from copydesk.text.html.dom.html_page import Page
from copydesk.text.phrases.rules import Match
from copydesk.text.tree_ensemble import TreeEnsemble

__all__ = ["explain_block"]

_MAX_FEATURES = 6
_MIN_POINTS = 0.05
_MAX_BLOCKS = 1_500
"""Blocks above which a page's features are not told apart: following one block through the trees takes .2 ms."""
_INSIDE = 3.0
"""Value of the feature `told` for a text in JSON-LD's articleBody."""
_THEIRS = "t_"
"""First letters of the columns that hold trafilatura's choice."""


def explain_block(
    page: Page,
    selection: BlockSelection,
    phrases: dict[int, tuple[Match, ...]],
    forests: dict[str, TreeEnsemble] | None,
) -> list[tuple[BlockEvidence, ...]]:
    """Return the evidence on every block of the page, in page order, strongest first."""
    models = forests or load_block_model()
    deciding = [models[stage] for stage in ("context", "doubt") if stage == "context" or stage == selection.stage]
    found = []
    for n, block in enumerate(page.blocks):
        evidence = _voted(selection, n) if selection.extractor == "trafilatura" else _model(deciding, selection, n)
        if selection.priors is not None and selection.priors.points[n]:
            points = round(float(selection.priors.points[n]), 4)
            detail = "recurs across the site's pages"
            evidence.append(BlockEvidence(name="boilerplate", rule="boilerplate.recurs", points=points, detail=detail))
        if n in selection.overrides:
            evidence.append(_fact(selection.overrides[n]))
        elif n in selection.inside and not selection.keep[n]:
            evidence.append(_place(selection.inside[n]))
        evidence.extend(_pinned(selection, n))
        evidence.extend(
            BlockEvidence(name="phrase", rule=m.rule.id, points=0.0, label=Label(m.rule.label), detail=repr(m.phrase))
            for m in phrases.get(block.number, ())
        )
        found.append(tuple(sorted(evidence, key=lambda w: -abs(w.points))))
    return found


def _voted(selection: BlockSelection, n: int) -> list[BlockEvidence]:
    """Return the evidence where the user asked to follow trafilatura."""
    share = float(selection.probability[n])
    odds = np.clip(share, 1e-6, 1 - 1e-6)
    points = round(float(np.log(odds / (1 - odds))), 4)
    return [BlockEvidence(name="trafilatura", rule="trafilatura.share", points=points, detail=_kept_words(share))]


def _kept_words(share: float) -> str:
    return f"keeps {100 * share:.0f} % of its words"


def _model(forests: Sequence[TreeEnsemble], selection: BlockSelection, n: int) -> list[BlockEvidence]:
    """Return what the strongest features contributed, and all others together; the mean of the ensembles that decide.

    The columns of the first ensemble are the first of the last one's.
    """
    p, forest = float(selection.probability[n]), forests[-1]
    if len(selection.rows) > _MAX_BLOCKS:
        some = [one.log_odds(selection.rows[n : n + 1, : len(one.features)])[0] for one in forests]
        odds = float(np.mean(some))
        return [_evidence("model", f"{selection.stage}.base", odds, f"p = {p:.3f}; all features together")]
    row = selection.rows[n]
    points = np.zeros(len(row))
    for one in forests:
        points[: len(one.features)] += one.path_contributions(row[: len(one.features)]) / len(forests)
    out, rest = [], float(np.mean([one.base for one in forests])) + float(points.sum())
    theirs = [c for c, name in enumerate(forest.features) if name.startswith(_THEIRS)]
    if selection.trafilatura is not None and theirs:
        whole = float(points[theirs].sum())
        detail = _kept_words(float(selection.trafilatura[n]))
        out.append(_evidence("trafilatura", "trafilatura.share", whole, detail))
        points[theirs] = 0.0
    for column in _strongest(points):
        name = forest.features[column]
        if name == "told":
            detail = f"{'' if row[column] == _INSIDE else 'not '}in articleBody"
            out.append(_evidence("json-ld", "json-ld.articleBody", float(points[column]), detail))
        else:
            out.append(
                _evidence("model", f"feature.{name}", float(points[column]), f"{name} = {float(row[column]):.4g}")
            )
    rest -= sum(w.points for w in out)
    detail = f"p = {p:.3f}; every block's initial points and all other features"
    return [*out, _evidence("model", f"{selection.stage}.base", rest, detail)]


def _strongest(points: NDArray[np.float64]) -> list[int]:
    """Return the columns of the largest contributions."""
    order = np.argsort(-np.abs(points), kind="stable")[:_MAX_FEATURES].tolist()
    return [c for c in order if abs(float(points[c])) >= _MIN_POINTS]


def _evidence(name: str, rule: str, points: float, detail: str) -> BlockEvidence:
    return BlockEvidence(name=name, rule=rule, points=round(points, 4), detail=detail)


def _fact(decided: LabelDecision) -> BlockEvidence:
    """Return the evidence of a rule that decides against the model."""
    known = override_rules().get(decided.rule)
    name, because = ("fact", known.because) if known else ("pin", "a phrase of the desk's own rules decides")
    return BlockEvidence(name=name, rule=decided.rule, points=fact_points(decided), label=decided.label, detail=because)


def _place(inside: LabelDecision) -> BlockEvidence:
    """Return the evidence of the text around a block that the model itself cut: for its label, without points."""
    because = override_rules()[inside.rule].because
    return BlockEvidence(name="fact", rule=inside.rule, points=0.0, label=inside.label, detail=because)


def _pinned(selection: BlockSelection, n: int) -> list[BlockEvidence]:
    """Return the evidence of a site rule or pin, which decide alone."""
    out = []
    if selection.site is not None and selection.site.keep is not None:
        kept = bool(selection.site.keep[n]) and not selection.site.strip[n]
        name = f"site_rule.{selection.site.rule.name}"
        out.append(
            BlockEvidence(
                name="pin",
                rule=name,
                points=SITE_RULE_POINTS if kept else -SITE_RULE_POINTS,
                detail="the user's rule for this site",
            )
        )
    elif selection.site is not None and selection.site.strip[n]:
        name = f"site_rule.{selection.site.rule.name}"
        out.append(
            BlockEvidence(
                name="pin", rule=name, points=-SITE_RULE_POINTS, detail="stripped by the user's rule for this site"
            )
        )
    if selection.priors is not None and selection.priors.pins[n]:
        keep = selection.priors.pins[n] > 0
        rule = "pin.keep" if keep else "pin.cut"
        out.append(
            BlockEvidence(
                name="pin", rule=rule, points=PIN_POINTS if keep else -PIN_POINTS, detail="pinned by a person"
            )
        )
    return out
