"""Measures of a text."""

from __future__ import annotations

from copydesk.text.measures import body_words, words


def test_words_in_every_script() -> None:
    """Words are counted between spaces, and by character where a script has none."""
    assert words("Three short words.") == 3
    assert words("市议会投票") == 5
    assert words("Das ist 2024 好") == 4


def test_sums_over_paragraphs() -> None:
    """A body's words are those of its paragraphs."""
    assert body_words(["one two", "three"]) == 3
