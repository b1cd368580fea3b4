"""One page of a batch for labelling: its non-blank lines, the decision on each, and the phrases found in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from copydesk.records import Label
from copydesk.text.phrases.rules import FoundPhrase

__all__ = ["Decision", "FoundPhrase", "TextPage", "normal"]

_WORD = re.compile(r"\w+")


def normal(text: str) -> str:
    """Return the case-folded words only; equal for a title and its repetition."""
    return " ".join(_WORD.findall(text.casefold()))


@dataclass(slots=True)
class Decision:
    """A line's label and rule. Instances are shared between lines: never modify one."""

    label: Label
    rule: str
    runner_up: Label | None = None


@dataclass(slots=True, kw_only=True)
class TextPage:
    """The lines of one page, all lists of the same length.

    Attributes:
        texts: The lines, stripped.
        gaps: Blank lines before each.
        keep: Whether the model and the span keep the line.
        chance: Probability that it belongs to the story.
        outside: Whether the model cuts it for nothing but standing outside of the story.
        sure_kept, sure_cut: Confidence in keeping and in cutting it, at least 0.5, rounded to four places.
        words, tail, digits, repeats, cohesion, long, prose: Measured values.
        keys: Hash of each line's words: equal for a title and its repetition.
        found: Phrases in the line, the strongest first.
        first, last: Index of the first and last kept line; `first > last` if nothing is kept.
        title: Index of the title's line, or -1.
        ruled: Lines that a rule over several lines decides against the model -> its id.
    """

    texts: list[str]
    gaps: list[int]
    keep: list[bool]
    chance: list[float]
    outside: list[bool]
    sure_kept: list[float]
    sure_cut: list[float]
    words: list[float]
    tail: list[int]
    digits: list[int]
    keys: list[int]
    repeats: list[float]
    cohesion: list[float]
    long: list[bool]
    prose: list[float]
    found: dict[int, list[FoundPhrase]]
    first: int = 0
    last: int = -1
    title: int = -1
    title_text: str | None = None
    ruled: dict[int, str] = field(default_factory=dict)

    def best(self, k: int) -> FoundPhrase | None:
        """Return the strongest phrase of line `k`."""
        some = self.found.get(k)
        return some[0] if some else None
