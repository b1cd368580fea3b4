"""Nothing that a page or a file name holds can steer the terminal of whoever reads a command's output."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import Command

from copydesk.escapes import json_text, shown
from copydesk.store.read.user_sql import safe_cell

RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f\ud800-\udfff]")
HOSTILE = "select 'a' || chr(27) || '[2J' || chr(155) || '31m' || chr(8238) || chr(917569) || 'é‌' as said, 1 as n"


@given(st.text())
def test_shown_text_holds_no_control(text: str) -> None:
    """Whatever the text, nothing raw is left; showing it again changes nothing; JSON gives the same text back."""
    assert not RAW.search(shown(text))
    assert "\r" not in shown(text)
    assert shown(shown(text)) == shown(text)
    assert not RAW.search(json_text([text]))
    assert json.loads(json_text([text])) == [text]


def test_letters_and_joiners_stay() -> None:
    """Persian joiners, Arabic marks, soft hyphens, emoji sequences, line ends and tabs are text, not controls."""
    for text in ("می‌خواهم", "\u200f(عربي)", "Donau\u00addampf", "👩‍🚒", "a\nb\tc", ""):
        assert shown(text) == text
    assert shown("a\r\nb\rc") == "a\nb\\x0dc"
    assert safe_cell("=1+\x1b[2J") == "'=1+\\x1b[2J"


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "json"])
@pytest.mark.usefixtures("loaded")
def test_sql_prints_escapes_in_every_format(desk: Path, command: Command, tmp_path: Path, form: str) -> None:
    """A terminal sequence is printed as its escape, to the terminal and to a file; JSON gives the value back."""
    answer = command("sql", HOSTILE, "--format", form, cwd=desk)
    command("sql", HOSTILE, "--format", form, "--output", str(tmp_path / "out"), cwd=desk)
    for text in (answer.out, (tmp_path / "out").read_text(encoding="utf-8")):
        assert not RAW.search(text)
        assert "é‌" in text
        assert re.search(r"(x|u00)1b\\?\[2J", text)
    if form == "json":
        assert answer.json == [{"said": "a\x1b[2J\x9b31m\u202e\U000e0041é‌", "n": 1}]


def test_messages_and_lists_escape_file_names(desk: Path, command: Command) -> None:
    """A file's name with an escape sequence is escaped in errors, in the quarantine and in the list of files."""
    assert "\\x1b[2J" in command("run", "absent\x1b[2J", cwd=desk).err
    (desk / "seeds" / "stub\x9b2J.txt").write_text("Stub.\n", encoding="utf-8")
    ends = [
        command("run", cwd=desk),
        command("quarantine", "list", cwd=desk),
        command("explain", "seeds/stub\x9b2J.txt", cwd=desk),
        command("extract", "seeds/stub\x9b2J.txt", cwd=desk),
        command("sql", "select uri from audit.quarantine", "--format", "csv", cwd=desk),
        command("logs", cwd=desk),
    ]
    for end in ends:
        assert not RAW.search(end.out + end.err)


@pytest.mark.usefixtures("loaded")
def test_a_terminal_without_the_letter_is_no_error(desk: Path, command: Command) -> None:
    """On an ASCII terminal letters that it lacks are escaped; the command ends as it would elsewhere."""
    for words in (("sql", "select 'Köln — 東京' as city"), ("sql", "select 'Köln' as city", "--json"), ("status",)):
        end = command(*words, cwd=desk, PYTHONIOENCODING="ascii")
        assert (end.code, end.err) == (0, "")
    assert "K\\xf6ln" in command("sql", "select 'Köln' as city", cwd=desk, PYTHONIOENCODING="ascii").out
