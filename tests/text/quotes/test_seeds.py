"""The five seeds: every quote and its speaker, against what was written down by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from copydesk import extract_file
from copydesk.records import QuoteKind
from copydesk.resources import SEEDS

_GOLD = tomllib.loads((Path(__file__).parent / "seeds.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("seed", sorted(_GOLD))
def test_quotes_and_speakers_are_those_written_down(seed: str) -> None:
    """All quotes between marks are found, no others, each with its words, its speaker as written and who that is."""
    found = [q for q in extract_file(SEEDS / f"{seed}.txt").quotes if q.kind is not QuoteKind.INDIRECT]

    assert [[q.paragraph, q.text, q.speaker, q.speaker_name] for q in found] == _GOLD[seed]["quotes"]


def test_the_gold_has_all_seeds() -> None:
    """No seed is left out."""
    assert {path.stem for path in SEEDS.glob("*.txt")} == set(_GOLD)
