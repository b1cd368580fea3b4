"""Shell completion: sources and collections of the desk, formats; a file that is being edited harms nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.cli.completion import choices, source_names

DESK = '[[source]]\nname = "press-tv"\ncollections = ["persian", "press"]\n[[source]]\nname = "sana"\n'


def test_sources_and_collections_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of the nearest desk above the current folder; nothing where there is no desk, or it cannot be read."""
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.delenv("COPYDESK_DESK", raising=False)
    assert source_names("p") == []
    (tmp_path / "copydesk.toml").write_text(DESK, encoding="utf-8")
    assert source_names("p") == ["persian", "press", "press-tv"]
    assert source_names("x") == []
    (tmp_path / "copydesk.toml").write_text("[[source", encoding="utf-8")
    assert source_names("p") == []


def test_formats_complete() -> None:
    """Values that begin so."""
    assert choices(("csv", "json"))("j") == ["json"]
