"""A desk has gold pages, and reports when extraction got worse on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.quality.test_hold import make_desk
from typer.testing import CliRunner

from copydesk.cli import app
from copydesk.errors import UsageError
from copydesk.quality.gold import gold_pages, score

words = st.lists(st.sampled_from(["bridge", "river", "mayor", "Arden", "2026"]), max_size=20).map(" ".join)


@given(words, words)
def test_precision_and_recall_are_each_others_mirror(one: str, other: str) -> None:
    """Swapping the expected and the actual text swaps precision and recall; a text agrees with itself."""
    there, back = score(one, other), score(other, one)
    assert (there.precision, there.recall) == (back.recall, back.precision)
    assert 0 <= there.f1 <= 1
    assert score(one, one).f1 == 1


def test_a_gold_page_is_checked_and_a_loss_is_reported(tmp_path: Path) -> None:
    """A page is added and suggested no more; when more is wanted of it than it gives, the check ends with 1."""
    desk = make_desk(tmp_path)
    run = CliRunner()
    root = ["--desk", str(desk.root), "--json"]
    assert run.invoke(app, ["run", "herald", *root]).exit_code == 0
    added = run.invoke(app, ["gold", "add", "03.txt", *root])
    assert added.exit_code == 0
    offered = json.loads(run.invoke(app, ["gold", "suggest", "--source", "herald", "--limit", "99", *root]).stdout)
    assert len(offered) == 23  # all but the one that was added
    assert "herald/03.txt" not in {one["uri"] for one in offered}
    assert [one["confidence"] for one in offered] == sorted(one["confidence"] for one in offered)
    fewer = json.loads(run.invoke(app, ["gold", "suggest", "--limit", "2", *root]).stdout)
    assert fewer == offered[:2]
    text = Path(json.loads(added.stdout)["text"])
    assert "council" in text.read_text(encoding="utf-8")
    good = run.invoke(app, ["gold", "check", *root])
    assert good.exit_code == 0
    assert json.loads(good.stdout)["mean"]["f1"] == 1
    text.write_text(text.read_text(encoding="utf-8") + "One more paragraph that the page should have given.\n")
    worse = run.invoke(app, ["gold", "check", *root])
    assert worse.exit_code == 1
    assert json.loads(worse.stdout)["fell"][0].startswith("recall fell from 1.000")
    assert json.loads(worse.stdout)["pages"][0]["missing"] == ["One more paragraph that the page should have given."]
    assert run.invoke(app, ["gold", "check", "--accept", *root]).exit_code == 0
    assert run.invoke(app, ["gold", "check", *root]).exit_code == 0


def test_a_desk_without_gold_says_what_to_do(tmp_path: Path) -> None:
    """Checking before anything was added is a usage error that names the command."""
    with pytest.raises(UsageError, match="copydesk gold add"):
        gold_pages(tmp_path)
