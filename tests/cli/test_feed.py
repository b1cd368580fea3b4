"""`copydesk feed`: a feed on standard output or in a file, and mistakes in one line."""

from __future__ import annotations

import json
from pathlib import Path

import feedparser
import pytest
from tests.conftest import Command


@pytest.mark.usefixtures("loaded")
def test_a_search_is_written_as_a_feed(desk: Path, command: Command) -> None:
    """Atom and JSON Feed hold the same stories as the search finds; a file appears whole, under the name given."""
    hits = command("search", "Syria", "--json", "--limit", "50", cwd=desk).json["hits"]
    assert command("search", "Syria", "--count", "--limit", "1", cwd=desk).out.strip() == str(len(hits))
    atom = command("feed", "Syria", cwd=desk)
    parsed = feedparser.parse(atom.out)
    assert (parsed.bozo, {e.title for e in parsed.entries}) == (False, {hit["title"] for hit in hits})
    written = command("feed", "Syria", "--format", "json", "--output", "syria.json", cwd=desk)
    assert (written.code, written.out, f"{len(hits)} stories" in written.err) == (0, "", True)
    items = json.loads((desk / "syria.json").read_text(encoding="utf-8"))["items"]
    assert [item["id"] for item in items] == [entry.id for entry in parsed.entries]
    assert len(json.loads(command("feed", "-f", "json", cwd=desk).out)["items"]) == 5
    nothing = feedparser.parse(command("feed", "zzyzx", cwd=desk).out)
    assert (nothing.bozo, nothing.entries) == (False, [])


@pytest.mark.usefixtures("loaded")
def test_mistakes_are_one_line(desk: Path, command: Command) -> None:
    """An unknown format, a file of the desk and a folder that is not there end with exit code 2; nothing is written."""
    settings = (desk / "copydesk.toml").read_text()
    for words in (("--format", "rss"), ("-o", "copydesk.toml"), ("-o", "no/such/folder/x.atom"), ("--since", "soon")):
        ended = command("feed", *words, cwd=desk)
        assert (ended.code, "Traceback" in ended.err, ended.out) == (2, False, ""), (words, ended.err)
    assert (desk / "copydesk.toml").read_text() == settings
