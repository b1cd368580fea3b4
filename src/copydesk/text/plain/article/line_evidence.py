"""The evidence on one line: every contribution with its points, the largest first.

Points are log-odds towards keeping (+) or cutting (-) and add up to the line's log-odds. Evidence is named by kind:
`phrase`, `shape`, `model` (learned words), `sequence` (run and neighbours), `position`, `boilerplate`, `pin`.
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
_INSIDE_STORY = "between the story's first and last line"
_OUTSIDE_STORY = "before the story's first or after its last line: kept only at high probability"


def explain_line(
    selection: LineDecisions, line: int, found: list[FoundPhrase], pin: str | None
) -> tuple[BlockEvidence, ...]:
    """Return the evidence on one line; the points of all but a pin add up to its log-odds, to two places."""
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
    inside = bool(selection.spans.inside[line])
    out.append(
        _block_evidence(
            "sequence",
            f"sequence.{'' if inside else 'outside_'}story",
            0.0,
            _INSIDE_STORY if inside else _OUTSIDE_STORY,
        )
    )
    if pin:
        named = pin not in ("keep", "cut")
        because = "a phrase of the desk's own rules decides" if named else "pinned by a user"
        out.append(_block_evidence("pin", pin if named else f"pin.{pin}", 99.0 if pin == "keep" else -99.0, because))
    for one in found:
        evidence_text = f"{one.phrase!r}, {_WHERE[one.where]}"
        out.append(BlockEvidence(name="phrase", rule=one.rule, points=0.0, label=one.label, detail=evidence_text))
    return tuple(sorted(out, key=lambda w: -abs(w.points)))


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
