"""The commands over the warehouse, as a user types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.conftest import run_command

SOURCE = Path(__file__).parents[2] / "src"
PAGE = "Ferry sails again\n\nThe ferry that links the island with the town sails again, the harbour office said.\n"


def _copydesk(folder: Path, *words: str, code: int = 0) -> str:
    done = run_command(*words, cwd=folder)
    assert done.code == code, done.out + done.err
    assert "Traceback" not in done.err
    return done.out + done.err


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with the seeds loaded."""
    folder = tmp_path_factory.mktemp("desk") / "desk"
    _copydesk(folder.parent, "init", "desk")
    _copydesk(folder, "run", "--quiet")
    return folder


def test_sql_answers_in_every_form(desk: Path, tmp_path: Path) -> None:
    """One query as table, CSV, JSON, Markdown and Parquet; a mistake is one line and exit code 2."""
    query = "select count(*) as n from articles"
    assert json.loads(_copydesk(desk, "sql", query, "--json")) == [{"n": 5}]
    assert _copydesk(desk, "sql", query, "--format", "csv").split() == ["n", "5"]
    assert _copydesk(desk, "sql", query, "--format", "markdown").splitlines() == ["| n |", "| ---: |", "| 5 |"]
    assert "5" in _copydesk(desk, "sql", query)
    _copydesk(desk, "sql", query, "--format", "parquet", "--output", str(tmp_path / "n.parquet"))
    assert (tmp_path / "n.parquet").stat().st_size > 0
    assert "copydesk: " in _copydesk(desk, "sql", "select nonsense", code=2)
    _copydesk(desk, "sql", "delete from articles", code=2)


def test_sql_cannot_destroy_the_warehouse_in_any_form(desk: Path, tmp_path: Path) -> None:
    """COPY over the warehouse is refused in each format; a negative limit is no limit; escapes are not printed."""
    before = (desk / "warehouse/copydesk.duckdb").read_bytes()
    hostile = "copy (select 1 a) to 'warehouse/copydesk.duckdb' (format csv)"
    for form in ("table", "csv", "json", "markdown", "parquet"):
        said = _copydesk(desk, "sql", hostile, "--format", form, "--output", str(tmp_path / "x"), code=2)
        assert "COPY is not allowed. SQL may read" in said
    assert (desk / "warehouse/copydesk.duckdb").read_bytes() == before
    _copydesk(desk, "sql", "select 1", "--limit", "-5", code=2)
    for form in ("table", "csv", "json", "markdown"):
        said = _copydesk(desk, "sql", "select chr(27) || '[31mred' || chr(155) as x", "--format", form)
        assert "red" in said
        assert "\x1b" not in said
        assert "\x9b" not in said


def test_show_search_and_schema_answer(desk: Path) -> None:
    """An article is shown by its file's name, found by its words; a table is explained."""
    name = sorted((desk / "seeds").glob("*.txt"))[0].name
    shown = json.loads(_copydesk(desk, "show", name, "--json"))
    hits = json.loads(_copydesk(desk, "search", *shown["title"].split()[:4], "--json"))["hits"]
    assert hits[0]["article_id"] == shown["article_id"]
    assert "One row per" in _copydesk(desk, "schema", "articles")
    _copydesk(desk, "show", "nothing-is-called-so", code=2)
    _copydesk(desk, "show", name, "--diff", code=2)


def test_doctor_load_and_export_end_well(desk: Path, tmp_path: Path) -> None:
    """A fresh desk is in order, nothing waits, and its articles can be written out; numbers agree with their nouns."""
    _copydesk(desk, "doctor")
    assert "Nothing to load" in _copydesk(desk, "load")
    report = json.loads(_copydesk(desk, "export", str(tmp_path / "out"), "--format", "jsonl", "--json"))
    assert report["articles"] == 5
    assert "5 articles in 1 file (" in _copydesk(desk, "export", str(tmp_path / "out3"), "--format", "csv")
    _copydesk(desk, "export", str(tmp_path / "out2"), "--as-of", "yesterday", code=2)


def test_forget_asks_and_keeps_out(desk: Path) -> None:
    """Without a yes nothing goes; with one the article is gone, and stays gone."""
    name = sorted((desk / "seeds").glob("*.txt"))[-1].relative_to(desk).as_posix()
    assert "Would be deleted: 1 article, 1 capture, " in _copydesk(desk, "forget", name, "--dry-run")
    _copydesk(desk, "forget", name, code=1)
    assert "Your own file still contains it" in _copydesk(desk, "forget", name, "--yes")
    assert json.loads(_copydesk(desk, "sql", "select count(*) as n from articles", "--json")) == [{"n": 4}]


def test_a_question_without_an_answer_changes_nothing(desk: Path) -> None:
    """Without a terminal, a confirmation ends with a line that names --yes, not with an internal error."""
    said = _copydesk(desk, "quality", "drop", "20260101T000000-none", "--because", "x", code=1)
    assert "copydesk: Nothing was changed. --yes does it without asking." in said
    assert "internal error" not in said


def test_secrets_are_refused_by_name(desk: Path) -> None:
    """`duckdb_secrets()` is refused as a function, with --allow-files too, which does not help."""
    for more in ((), ("--allow-files",)):
        said = _copydesk(desk, "sql", "select * from duckdb_secrets()", *more, code=2)
        assert "the function duckdb_secrets() is not allowed" in said


def test_a_refusal_names_the_option_that_allows_more(desk: Path) -> None:
    """`copydesk sql` names --allow-files where it would help, and --timeout when time has run out."""
    assert "With --allow-files it may read files." in _copydesk(desk, "sql", "from read_text('copydesk.toml')", code=2)
    assert "With --allow-files" not in _copydesk(desk, "sql", "drop table articles", "--allow-files", code=2)
    endless = "select count(*) from range(1000000000) a, range(1000000000) b where a.range * b.range = 7"
    assert "give it more time with --timeout." in _copydesk(desk, "sql", endless, "--timeout", "0.1", code=2)


@pytest.mark.parametrize("words", [("load",), ("runs", "list"), ("doctor",)])
def test_a_damaged_warehouse_ends_every_command_with_code_2(desk: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    """`load`, `runs list` and `doctor` tell of a damaged file, with no run waiting; no backup is named that is none."""
    broken = tmp_path / "desk"
    shutil.copytree(desk, broken)
    (broken / "warehouse/copydesk.duckdb").write_bytes(b"x" * 20_000)
    said = _copydesk(broken, *words, code=2)
    assert "is not a DuckDB file, or its first bytes are damaged" in said
    assert "before-" not in said


def test_a_narrow_screen_gets_records(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where columns would be too narrow to read, each value has a line of its own; a table stays where it fits."""
    from copydesk.cli.options import print_table

    columns, row = [f"column{n}" for n in range(5)], ["north", None, "", 3, "south"]
    for width, records in ((20, True), (24, True), (80, False)):
        monkeypatch.setenv("COLUMNS", str(width))
        print_table("", columns, [row])
        lines = capsys.readouterr().out.splitlines()
        assert (lines == ["column0: north", "column3: 3", "column4: south", ""]) is records
        assert any("north" in line for line in lines)
