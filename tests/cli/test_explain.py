"""`copydesk explain`: the decision on each line, for people and as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.conftest import ROOT, Command

SEED = str(ROOT / "seeds" / "000_bca97a53f92043e2.txt")


def test_json_names_the_evidence_under_its_new_and_its_former_key(command: Command) -> None:
    """`--json` gives each block's `evidence`, and the same list as `witnesses`, the key of the release before."""
    page = json.loads(command("explain", SEED, "--json").out)
    assert any(block["evidence"] for block in page["blocks"])
    assert all(block["witnesses"] == block["evidence"] for block in page["blocks"])
    line = json.loads(command("explain", SEED, "--why", "36", "--json").out)
    assert line["witnesses"] == line["evidence"] == page["blocks"][35]["evidence"]


def test_the_story_s_lines_are_named_with_their_chances(command: Command) -> None:
    """The page ends with the span's first and last line in words; `--story` adds what they depend on, also as JSON."""
    sentence = r"The story was taken to run from line 5 \(\d+ %.*\) to line 26 \(\d+ %.*\)\."
    assert re.search(sentence, " ".join(command("explain", SEED).out.split()))
    shown = " ".join(command("explain", SEED, "--story").out.split())
    assert re.search(sentence, shown)
    story = json.loads(command("explain", SEED, "--story", "--json").out)
    assert (story["first"], story["last"]) == (5, 26)
    assert story["probability"] == round(story["start"] * story["end"], 4)
    assert {reason["group"] for reason in story["reasons"]} == {"line", "words", "phrases", "run", "near", "place"}


def test_a_web_page_has_no_span(command: Command, tmp_path: Path) -> None:
    """`--story` on HTML, whose blocks are selected without a span, says so and fails."""
    page = tmp_path / "page.html"
    page.write_text("<html><body><p>" + "The council voted on the bridge on Tuesday. " * 9 + "</p></body></html>")
    told = command("explain", str(page), "--story")
    assert told.code == 2
    assert "looks for no first and last line" in told.err
