"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from copydesk.wording import counted


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [
        (1, "page", "1 page"),
        (0, "page", "0 pages"),
        (1_200, "page", "1,200 pages"),
        (2, "batch", "2 batches"),
        (2, "address", "2 addresses"),
        (1, "address", "1 address"),
        (3, "new story", "3 new stories"),
        (2, "day", "2 days"),
        (2, "log file", "2 log files"),
    ],
)
def test_a_noun_agrees_with_its_number(number: int, noun: str, said: str) -> None:
    """One is singular, everything else plural, by the regular plurals of English."""
    assert counted(number, noun) == said
