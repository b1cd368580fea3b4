"""Every command works on a desk whose warehouse is a lake, and none of them shows its password."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from tests.conftest import clean_environment
from tests.postgres import PASSWORD, Postgres
from typer.testing import CliRunner

from copydesk.cli import app_for

_COMMANDS = (
    ("run", "--quiet"),
    ("run", "--quiet"),
    ("sql", "select count(*) as articles from latest_articles", "--format", "json"),
    ("search", "the"),
    ("status",),
    ("quality",),
    ("report",),
    ("people",),
    ("quotes",),
    ("trends",),
    ("boilerplate", "list"),
    ("quarantine", "list"),
    ("sources", "list"),
    ("runs", "list"),
    ("load",),
    ("reprocess", "--dry-run"),
    ("export", "out", "--format", "jsonl"),
    ("browse", "--export", "pages"),
    ("doctor",),
    ("warehouse", "move", "copy.duckdb"),
    ("forget", "seeds/000_bca97a53f92043e2.txt", "--yes"),
)


@pytest.mark.slow
def test_every_command_works_on_a_lake(tmp_path: Path, server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desk with a lake runs, answers, exports, heals, moves and forgets; its password is in its settings alone."""
    for name, value in clean_environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert runner.invoke(app_for(["init"]), ["init", "."]).exit_code == 0
    settings = tmp_path / "copydesk.toml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    here = f'path = "{server.address("desk")}"'
    said = "\n".join(here if line.startswith('path = "warehouse') else line for line in lines)
    settings.write_text(said, encoding="utf-8")
    assert PASSWORD in said
    said = ""
    for words in _COMMANDS:
        ended = runner.invoke(app_for(words), list(words))
        assert ended.exit_code == 0, (words, ended.output, ended.exception)
        said += ended.output
        if words[0] == "sql":
            assert json.loads(ended.output) == [{"articles": 5}]
    assert PASSWORD not in said
    refused = runner.invoke(app_for(["export"]), ["export", "warehouse/lake/main"])
    assert "which the desk needs" in str(refused.exception)
    holders = [p for p in tmp_path.rglob("*") if p.is_file() and PASSWORD.encode() in p.read_bytes()]
    assert holders == [settings]

    # Forgotten means: no data file on disk has the rows any more, whatever snapshot named it.
    left = duckdb.sql(
        f"select count(distinct revision_id) from read_parquet('{tmp_path}/warehouse/lake/main/paragraphs/*')"
    )
    assert left.fetchall() == [(4,)]
