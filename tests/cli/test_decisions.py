"""Decisions of people: a line put back stays, a pinned line is cut, a change is seen before it is made."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from tests.conftest import Command

PAGE = "seeds/000_bca97a53f92043e2.txt"


def _body(desk: Path) -> list[str]:
    query = (
        "select p.text from main.paragraphs p join main.articles a on a.current_revision_id = p.revision_id "
        "where a.uri = ? order by p.position"
    )
    with duckdb.connect(str(desk / "warehouse" / "copydesk.duckdb"), read_only=True) as connection:
        return [text for (text,) in connection.execute(query, [PAGE]).fetchall()]


@pytest.mark.usefixtures("loaded")
def test_a_line_that_was_put_back_stays(desk: Path, command: Command) -> None:
    """`restore` makes a revision with the line in its place; a reprocess under the same rules keeps it."""
    before = _body(desk)
    shown = command("restore", PAGE, cwd=desk).out
    assert "Source: Fars News" in shown
    assert command("restore", PAGE, "28", cwd=desk).code == 0
    assert _body(desk) == [*before, "Source: Fars News"]
    again = command("reprocess", "--yes", "--json", cwd=desk)
    assert (again.json["same"], again.json["changes"]) == (5, [])


@pytest.mark.usefixtures("loaded")
def test_a_line_that_was_not_cut_cannot_be_put_back(desk: Path, command: Command) -> None:
    """A wrong line number or article ends with exit code 2 and a hint."""
    for words in (("restore", PAGE, "999"), ("restore", "no-such-article", "1")):
        ended = command(*words, cwd=desk)
        assert (ended.code, "Traceback" in ended.err) == (2, False)


@pytest.mark.usefixtures("loaded")
def test_a_pin_decides(desk: Path, command: Command) -> None:
    """A line pinned as cut leaves at the next reprocess; --dry-run only says so; forgotten, it comes back."""
    before = _body(desk)
    line = before[3]
    assert command("boilerplate", "pin", "seeds", line, "--cut", cwd=desk).code == 0
    dry = command("reprocess", "--dry-run", "--json", cwd=desk).json
    assert [(c["what"], c["uri"]) for c in dry["changes"]] == [("changes", PAGE)]
    assert _body(desk) == before
    assert command("reprocess", "--yes", cwd=desk).code == 0
    assert _body(desk) == [t for t in before if t != line]
    former = command("memory", "list", "--json", cwd=desk)
    assert [r["verdict"] for r in former.json if r["verdict"]] == ["cut"]
    assert "is now `copydesk boilerplate`" in former.err
    assert command("boilerplate", "forget", "seeds", line, cwd=desk).code == 0
    assert command("reprocess", "--yes", cwd=desk).code == 0
    assert _body(desk) == before


@pytest.mark.usefixtures("loaded")
def test_what_was_forgotten_stays_out(desk: Path, command: Command) -> None:
    """A forgotten page leaves the tables, and a later run over the same file skips it with that reason."""
    assert command("forget", PAGE, "--yes", cwd=desk).code == 0
    assert _body(desk) == []
    again = command("run", "--json", cwd=desk)
    assert (again.json["loaded"], again.json["reasons"].get("forgotten")) == (0, 1)
    assert _body(desk) == []
