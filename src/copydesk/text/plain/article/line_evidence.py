"""The evidence on one line: every voice with its points, the loudest first.

Points are log-odds towards keeping (+) or cutting (-), and they add up to the line's log-odds. The voices are named
by what
they look at: `phrase`, `shape`, `model` (learned words), `sequence` (run and neighbours), `position`, `memory`, `pin`.
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
_OUTSIDE_STORY = "before the story's first or after its last line: stays only when it is sure to belong to it"


def explain_line(
    verdicts: LineDecisions, line: int, found: list[FoundPhrase], pin: str | None
) -> tuple[BlockEvidence, ...]:
    """Return the evidence on one line; the points of all but a pin add up to its log-odds, to two places."""
    model = load_model()
    trees = model.line if verdicts.known[line] else model.line_any
    bins = verdicts.bins[line]
    points = trees.path_contributions(bins)
    loud = np.abs(points) >= _MIN_POINTS
    out = [
        _block_evidence(
            _evidence_names()[scale.name], scale.name, float(p), f"{FEATURE_HELP[scale.name]}: {_value(scale, int(c))}"
        )
        for scale, p, c, speaks in zip(LINE_BINS, points, bins, loud, strict=True)
        if speaks
    ]
    out.append(_block_evidence("model", "base", trees.base + float(points[~loud].sum()), "what every line starts with"))
    if verdicts.boilerplate_points[line]:
        recurs = float(verdicts.boilerplate_points[line])
        out.append(_block_evidence("boilerplate", "boilerplate.recurs", recurs, "recurs across the site's pages"))
    inside = bool(verdicts.spans.inside[line])
    out.append(
        _block_evidence(
            "sequence",
            f"sequence.{'' if inside else 'outside_'}story",
            0.0,
            _INSIDE_STORY if inside else _OUTSIDE_STORY,
        )
    )
    if pin:
        out.append(_block_evidence("pin", f"pin.{pin}", 99.0 if pin == "keep" else -99.0, "decided by a person"))
    for one in found:
        said = f"{one.phrase!r}, {_WHERE[one.where]}"
        out.append(BlockEvidence(name="phrase", rule=one.rule, points=0.0, label=one.label, detail=said))
    return tuple(sorted(out, key=lambda w: -abs(w.points)))


def _value(scale: Bins, step: int) -> str:
    """Return a step's value; the lowest step of a share is that of what is not known."""
    value = scale.low + scale.width * step
    return "not known" if step == 0 and -1 < scale.low < 0 else f"{value:.4g}"


def _block_evidence(name: str, rule: str, points: float, detail: str) -> BlockEvidence:
    return BlockEvidence(name=name, rule=rule, points=round(points, 4), detail=detail)


@cache
def _evidence_names() -> dict[str, str]:
    voices = dict.fromkeys((scale.name for scale in LINE_BINS), "shape")
    voices |= dict.fromkeys(WORDS, "model") | dict.fromkeys(PHRASES, "phrase")
    return voices | dict.fromkeys((*RUN, *NEAR), "sequence") | dict.fromkeys(PLACE, "position")
