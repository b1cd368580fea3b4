"""Limits on how many pages of a source's run may break a row rule: `warn_if` and `error_if`.

    warn_if = "> 5 %"     more than that share of the run's captures: the batch has a warning of the rule
    error_if = "> 20"     more than that number: the batch is held

A share says nothing of a handful: it is not asked below `MIN_CAPTURES`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["MIN_CAPTURES", "Limit", "parse_limit"]

MIN_CAPTURES = 10
_LIMIT = re.compile(r">\s*(\d+(?:\.\d+)?)\s*(%?)")


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of captures, or a share of them.

    Attributes:
        most: Captures, or 0 to 1 for a share; more than that is too much.
        share: Which of both.
        text: As it was written.
    """

    most: float
    share: bool
    text: str

    def is_exceeded(self, broken: int, captures: int) -> bool:
        """Return whether so many broken captures of so many are too much."""
        if self.share:
            return captures >= MIN_CAPTURES and broken > self.most * captures
        return broken > self.most


def parse_limit(text: str) -> Limit:
    """Read a limit.

    Raises:
        ValueError: It is neither `> 20` nor `> 5 %`.
    """
    found = _LIMIT.fullmatch(text.strip())
    if found is None or (found[2] and float(found[1]) > 100):
        raise ValueError(f'{text!r} is no limit: write "> 20" for captures or "> 5 %" for a share of them')
    return Limit(float(found[1]) / (100 if found[2] else 1), bool(found[2]), text.strip())
