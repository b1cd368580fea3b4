"""`copydesk people`, `trends` and `watch`: what they print is what the warehouse holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import run_command

STORIES = {
    "quay.txt": (
        "Quay opens in Bergen",
        "Minister Karin Solberg opened the quay in Bergen. “It is a good day,” Solberg said.",
    ),
    "vote.txt": (
        "Council votes",
        "The parliament and the government agreed, said Minister Karin Solberg before the election.",
    ),
}


def _copydesk(desk: Path, *words: str) -> str:
    done = run_command(*words, cwd=desk)
    assert done.code == 0, done.err
    return done.out


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with two stories and a watch, run once."""
    root = tmp_path_factory.mktemp("desk")
    (root / "inbox").mkdir()
    for name, (title, text) in STORIES.items():
        more = (
            "The work had taken two years, and many people had asked for it since the old one fell into the sea. " * 3
        )
        (root / "inbox" / name).write_text(f"{title}\n\n{text}\n\n{more}\n", encoding="utf-8")
    (root / "copydesk.toml").write_text(
        '[[source]]\nname = "inbox"\npaths = ["inbox"]\npublisher = "paper.example"\n\n'
        '[[watch]]\nname = "quays"\nwords = ["quay"]\nperson = "Solberg"\n',
        encoding="utf-8",
    )
    _copydesk(root, "run")
    return root


def test_people_are_listed(desk: Path) -> None:
    """Both stories name the minister, and one of them quotes her."""
    (person,) = json.loads(_copydesk(desk, "people", "solberg", "--json"))
    assert (person["name"], person["role"], person["articles"], person["quotes"]) == ("Karin Solberg", "Minister", 2, 1)
    assert "Karin Solberg" in _copydesk(desk, "people", "--quoted")


def test_trends_count_a_word(desk: Path) -> None:
    """One of two stories of the day has the word; both name the minister."""
    word = json.loads(_copydesk(desk, "trends", "quay", "--json"))
    assert [(d["articles"], d["all_articles"], d["publisher"]) for d in word["days"]] == [(1, 2, "paper.example")]
    assert "50.0%" in _copydesk(desk, "trends", "quay")
    assert json.loads(_copydesk(desk, "trends", "karin solberg", "--json"))["days"][0]["share"] == 1


def test_a_watch_is_listed_tried_and_a_feed(desk: Path) -> None:
    """The run found the story for the watch; the trial shows it; the feed has it as an entry."""
    (watch,) = json.loads(_copydesk(desk, "watch", "list", "--json"))
    assert (watch["name"], watch["found"], watch["channels"]) == ("quays", 1, [])
    assert "paper.example: Quay opens in Bergen" in _copydesk(desk, "watch", "test", "quays")
    assert "<title>Quay opens in Bergen</title>" in _copydesk(desk, "watch", "feed", "quays")
