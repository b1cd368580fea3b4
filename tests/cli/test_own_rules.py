"""The desk's own phrase and site rules in `run` and `gold`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import Command

from copydesk.cli.gold import _open, _options


@pytest.mark.parametrize("name", ["phrases/en.toml", "sites/example.toml"])
def test_a_malformed_rule_file_stops_the_run_by_name(desk: Path, command: Command, name: str) -> None:
    """A run names the file and ends with exit code 2 before it reads anything: no run is left to be finished."""
    path = desk / "rules" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('[[rule]]\nname = "a\n', encoding="utf-8")
    ended = command("run", "--quiet", cwd=desk)
    assert ended.code == 2
    assert path.name in ended.err
    assert "Traceback" not in ended.err
    assert command("runs", "list", "--json", cwd=desk).json == []


def test_gold_pages_are_extracted_with_the_desks_phrases(desk: Path) -> None:
    """Phrase rules of the desk count in `gold` as in a run."""
    folder = desk / "rules" / "phrases"
    folder.mkdir(parents=True, exist_ok=True)
    assert _options(_open(desk)).phrase_rules == (folder,)
