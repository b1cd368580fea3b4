"""The evidence on one line: every voice with its points, the loudest first.

Points are log-odds towards keeping (+) or cutting (-). The voices are named by what they look at: `phrase`, `shape`, `model` (learned words),
`sequence` (run, neighbours and their verdicts), `position`, `memory`, `pin`.
"""

from __future__ import annotations

from functools import cache

from copydesk.records import Label, Witness
from copydesk.text.plain.context import CONTEXT
from copydesk.text.plain.features import NEAR, PHRASES, PLACE, RUN, SCALES, WORDS
from copydesk.text.plain.page import Found
from copydesk.text.plain.scorecard import load_model
from copydesk.text.plain.verdict import Verdicts

__all__ = ["testify"]

_LEAST = 0.005
_WHERE = {1: "inside the line", 2: "at its end", 3: "at its start", 4: "the whole line"}


def testify(verdicts: Verdicts, line: int, found: list[Found], pin: str | None) -> tuple[Witness, ...]:
    """Return the witnesses on one line; their points add up to its log-odds."""
    card = load_model().second
    scales = (*SCALES, *CONTEXT)
    codes = verdicts.codes[line]
    points = card.parts(codes)
    out = [
        Witness(
            name=_voice()[scale.name],
            rule=scale.name,
            points=round(float(p), 4),
            detail=f"{scale.name} = {scale.low + scale.width * int(c):.4g}",
        )
        for scale, p, c in zip(scales, points, codes, strict=True)
        if abs(p) >= _LEAST
    ]
    out.append(Witness(name="model", rule="base", points=round(card.base, 4), detail="what every line starts with"))
    if verdicts.remembered[line]:
        out.append(
            Witness(
                name="memory",
                rule="memory.recurs",
                points=round(float(verdicts.remembered[line]), 4),
                detail="recurs across the site's pages",
            )
        )
    if verdicts.spans.inside[line]:
        out.append(
            Witness(
                name="sequence", rule="sequence.story", points=0.0, detail="between the story's first and last line"
            )
        )
    else:
        out.append(
            Witness(
                name="sequence",
                rule="sequence.outside_story",
                points=0.0,
                detail="before the story's first or after its last line: stays only when sure",
            )
        )
    if pin:
        out.append(
            Witness(
                name="pin", rule=f"pin.{pin}", points=99.0 if pin == "keep" else -99.0, detail="decided by a person"
            )
        )
    out += [
        Witness(
            name="phrase",
            rule=one.rule,
            points=0.0,
            label=Label(one.label),
            detail=f"{one.phrase!r}, {_WHERE[one.where]}",
        )
        for one in found
    ]
    return tuple(sorted(out, key=lambda w: -abs(w.points)))


@cache
def _voice() -> dict[str, str]:
    voices = dict.fromkeys((scale.name for scale in SCALES), "shape")
    voices |= dict.fromkeys(WORDS, "model") | dict.fromkeys(PHRASES, "phrase")
    voices |= dict.fromkeys(RUN, "sequence") | dict.fromkeys(NEAR, "sequence") | dict.fromkeys(PLACE, "position")
    voices |= dict.fromkeys((scale.name for scale in CONTEXT), "sequence")
    return voices
