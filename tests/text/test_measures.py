"""Measures of a text."""

from __future__ import annotations

from copydesk.text.measures import body_chars, body_words, furniture_share, words


def test_words_in_every_script() -> None:
    """Words are counted between spaces, and by character where a script has none."""
    assert words("Three short words.") == 3
    assert words("市议会投票") == 5
    assert words("Das ist 2024 好") == 4


def test_sums_over_paragraphs() -> None:
    """A body's measures are the sums over its paragraphs."""
    assert body_words(["one two", "three"]) == 3
    assert body_chars(["one two", "three"]) == 12


def test_furniture_share() -> None:
    """The share counts paragraphs that are nothing but a phrase of the page's furniture."""
    assert furniture_share(["Leave a Reply", "The council voted on Tuesday to close the bridge."]) == 0.5
    assert furniture_share([]) == 0.0
