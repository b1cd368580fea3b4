"""The evidence on one line: every contribution with its points, the largest first.

Points are log-odds towards keeping (+) or cutting (-). Those of the line's measures add up to the log-odds of its
probability; those of its place inside or outside of the story are the probability that it needs there, so that the sum
of all is above 0 for a kept line and below for a cut one. Evidence is named by kind: `phrase`, `shape`, `model`
(learned words), `sequence` (run, neighbours and the story's span), `position`, `boilerplate`, `fact` (a rule that
decides against the measures), `pin`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from copydesk.records import BlockEvidence
from copydesk.text.plain.features.bins import LINE_BINS, NEAR, PHRASES, PLACE, RUN, WORDS, Bins
from copydesk.text.plain.features.feature_help import FEATURE_HELP
from copydesk.text.plain.model.select_lines import LineDecisions
from copydesk.text.plain.model.tables import load_model
from copydesk.text.plain.page import FoundPhrase

__all__ = ["explain_line"]

_MIN_POINTS = 0.005
_WHERE = {
    1: "inside the line",
    2: "at its end",
    3: "at its start",
    4: "at its start, before a colon",
    5: "the whole line",
}
_FACT_POINTS = 20.0
"""Log-odds shown for a rule that decides against the measures: more than they give, less than a pin."""
_FACTS = {
    "position.title": "the title is no part of the text",
    "repetition.title": "the title is no part of the text",
    "sequence.listing": "a listing of code is kept or cut as one piece",
    "sequence.only_prose": "long prose on a page of which nothing else is kept",
}


def explain_line(
    selection: LineDecisions, line: int, found: list[FoundPhrase], pin: str | None, *, kept: bool, rule: str
) -> tuple[BlockEvidence, ...]:
    """Return the evidence on one line: the sum of its points is above 0 if it is kept and below if it is cut.

    Args:
        selection: The batch's decisions.
        line: The line's row in them.
        found: Phrases in the line.
        pin: The user's pin, "keep" or "cut", or the id of the user's phrase rule that cuts it.
        kept: The decision.
        rule: Id of the rule that decided.
    """
    model = load_model()
    trees = model.line if selection.known[line] else model.line_any
    bins = selection.bins[line]
    points = trees.path_contributions(bins)
    relevant_points = np.abs(points) >= _MIN_POINTS
    out = [
        _block_evidence(
            _evidence_names()[scale.name], scale.name, float(p), f"{FEATURE_HELP[scale.name]}: {_value(scale, int(c))}"
        )
        for scale, p, c, relevant in zip(LINE_BINS, points, bins, relevant_points, strict=True)
        if relevant
    ]
    out.append(
        _block_evidence(
            "model", "base", trees.base + float(points[~relevant_points].sum()), "every line's initial points"
        )
    )
    if selection.boilerplate_points[line]:
        recurs = float(selection.boilerplate_points[line])
        out.append(_block_evidence("boilerplate", "boilerplate.recurs", recurs, "recurs across the site's pages"))
    out.append(_place(selection, line))
    if not pin and kept != bool(selection.odds[line] >= selection.bars[line]):
        because = _FACTS.get(rule, "a line without a word is no text")
        out.append(_block_evidence("fact", rule, _FACT_POINTS if kept else -_FACT_POINTS, because))
    if pin:
        named = pin not in ("keep", "cut")
        because = "a phrase of the desk's own rules decides" if named else "pinned by a user"
        out.append(_block_evidence("pin", pin if named else f"pin.{pin}", 99.0 if pin == "keep" else -99.0, because))
    for one in found:
        evidence_text = f"{one.phrase!r}, {_WHERE[one.where]}"
        out.append(BlockEvidence(name="phrase", rule=one.rule, points=0.0, label=one.label, detail=evidence_text))
    return tuple(sorted(out, key=lambda w: -abs(w.points)))


def _place(selection: LineDecisions, line: int) -> BlockEvidence:
    """Return the probability that the line needs where it stands, as points, and its own in words."""
    inside, bar = bool(selection.spans.inside[line]), float(selection.bars[line])
    where = "between the story's first and last line" if inside else "outside of the story's first and last line"
    detail = f"{where}, where {_probability(bar)} is needed; its probability is {_probability(selection.odds[line])}"
    return _block_evidence("sequence", f"sequence.{'' if inside else 'outside_'}story", -bar, detail)


def _probability(log_odds: float) -> str:
    return f"{1 / (1 + np.exp(-log_odds)):.2f}"


def _value(scale: Bins, step: int) -> str:
    """Return a bin's value as text; the lowest bin of a share means unknown."""
    value = scale.low + scale.width * step
    return "unknown" if step == 0 and -1 < scale.low < 0 else f"{value:.4g}"


def _block_evidence(name: str, rule: str, points: float, detail: str) -> BlockEvidence:
    return BlockEvidence(name=name, rule=rule, points=round(points, 4), detail=detail)


@cache
def _evidence_names() -> dict[str, str]:
    voices = dict.fromkeys((scale.name for scale in LINE_BINS), "shape")
    voices |= dict.fromkeys(WORDS, "model") | dict.fromkeys(PHRASES, "phrase")
    return voices | dict.fromkeys((*RUN, *NEAR), "sequence") | dict.fromkeys(PLACE, "position")
