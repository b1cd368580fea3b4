"""One page of a batch as labelling sees it: its lines that are not blank, the verdict on each, and the phrases found in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from copydesk.records import Label

__all__ = ["Decision", "Found", "Page", "normal"]

_WORD = re.compile(r"\w+")


def normal(text: str) -> str:
    """Return the words alone, in lower case: equal for a title and its repetition."""
    return " ".join(_WORD.findall(text.casefold()))


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found in a line: its rule, label, place (1 any, 2 end, 3 start, 4 line) and whether it heads a box."""

    rule: str
    label: Label
    where: int
    opens: bool
    phrase: str


@dataclass(slots=True)
class Decision:
    """What a line is called and why."""

    label: Label
    rule: str
    runner_up: Label | None = None


@dataclass(slots=True, kw_only=True)
class Page:
    """The lines of one page, all lists of the same length.

    Attributes:
        texts: The lines, outer white space taken off.
        gaps: Blank lines before each.
        keep: Whether the scorecards and the span keep the line.
        chance: Probability that it belongs to the story.
        words, tail, title_share: As measured.
        found: Phrases in the line, the strongest first.
        first, last: Index of the first and last kept line; `first > last` where nothing is kept.
        title: Index of the title's line, -1 where there is none.
    """

    texts: list[str]
    gaps: list[int]
    keep: list[bool]
    chance: list[float]
    words: list[float]
    tail: list[int]
    title_share: list[float]
    cohesion: list[float]
    long: list[bool]
    found: dict[int, list[Found]]
    first: int = 0
    last: int = -1
    title: int = -1
    title_text: str | None = None

    def best(self, k: int) -> Found | None:
        """Return the strongest phrase of line `k`."""
        some = self.found.get(k)
        return some[0] if some else None
