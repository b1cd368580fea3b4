"""The views of a desk, made after each load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.conftest import ROOT, Command

import copydesk
from copydesk.resources import SEEDS


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A desk with the five seeds and a folder of views."""
    shutil.copytree(SEEDS, tmp_path / "seeds")
    shutil.copyfile(ROOT / "copydesk.toml", tmp_path / "copydesk.toml")
    (tmp_path / "views").mkdir()
    return tmp_path


def _write(folder: Path, **views: str) -> None:
    for name, sql in views.items():
        (folder / "views" / f"{name}.sql").write_text(sql, encoding="utf-8")


def test_views_are_made_in_the_order_they_need(here: Path) -> None:
    """A view may name another of the desk that comes after it by name, and its own comment is kept."""
    _write(
        here,
        a_long="-- Long ones.\nselect * from b_words where words > 300;",
        b_words="select uri, body_words as words from latest_articles",
    )
    desk = copydesk.open_desk(here)
    desk.run()
    assert len(desk.sql("select * from a_long").rows()) == 4
    comment = "select comment from duckdb_views() where view_name = 'a_long'"
    assert desk.sql(comment).rows() == [("A view of this desk: Long ones.",)]


def test_a_view_that_fails_stops_nothing_and_is_named(here: Path, command: Command) -> None:
    """Wrong SQL, a statement that writes and a name that is taken: the load goes through, findings and doctor tell."""
    _write(
        here,
        good="select 1 as one",
        broken="select nothing from nowhere",
        writes="drop table main.articles",
        articles="select 1",
    )
    summary = copydesk.open_desk(here).run()
    assert (summary.loaded, summary.tallies["publish"].reasons) == (5, {"view_failed": 3})
    desk = copydesk.open_desk(here)
    assert desk.sql("select one from good").rows() == [(1,)]
    findings = desk.sql("select detail from audit.findings where rule = 'view_failed' order by 1").rows()
    assert [detail.split(":")[0] for (detail,) in findings] == [
        "views/articles.sql",
        "views/broken.sql",
        "views/writes.sql",
    ]
    ended = command("doctor", "--json", cwd=here)
    (line,) = (e for e in ended.json if e["name"] == "views")
    assert (ended.code, "views/broken.sql" in line["found"]) == (1, True)


def test_a_view_goes_with_its_file_and_changes_with_its_text(here: Path) -> None:
    """After the next run a removed file has no view, a changed one has the new text, and the package's own stay."""
    _write(here, one="select 1 as n", two="select 2 as n")
    desk = copydesk.open_desk(here)
    desk.run()
    (here / "views" / "one.sql").unlink()
    _write(here, two="select 22 as n")
    desk.run()
    assert desk.sql("select n from two").rows() == [(22,)]
    with pytest.raises(copydesk.UsageError, match="one"):
        desk.sql("select n from one").rows()
    assert desk.sql("select count(*) from latest_articles").rows() == [(5,)]
