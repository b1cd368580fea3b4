"""`[warehouse] evidence`: what is stored of how a page was read, and how to get back what is not."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from tests.conftest import Command

from copydesk import Desk, open_desk

ARTICLES = (
    *("main.articles", "main.revisions", "main.paragraphs", "main.revision_authors", "main.revision_topics"),
    *("main.quotes", "main.mentions", "main.sketches", "audit.boilerplate"),
)
_OF_THE_LOAD = {"main.revisions": "exclude (captured_at)", "audit.boilerplate": "exclude (pinned_at)"}


def _keep(desk: Path, what: str) -> Desk:
    path = desk / "copydesk.toml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("evidence =")]
    lines.insert(lines.index("[warehouse]") + 1, f'evidence = "{what}"')
    path.write_text("\n".join(lines) + "\n")
    return open_desk(desk)


def _stored(desk: Path) -> tuple[dict[str, list[tuple[object, ...]]], tuple[object, ...]]:
    """Return the tables of the articles, and (candidates, of them chosen, cut lines, what captures say was kept)."""
    with duckdb.connect(str(desk / "warehouse" / "copydesk.duckdb"), read_only=True) as connection:
        tables = {
            name: connection.execute(f"select * {_OF_THE_LOAD.get(name, '')} from {name} order by all").fetchall()
            for name in ARTICLES
        }
        counts = connection.execute(
            "select (select count(*) from audit.evidence), (select count(*) from audit.evidence where chosen), "
            "(select count(*) from audit.cut_blocks), "
            "(select string_agg(distinct coalesce(evidence_kept, 'full')) from audit.captures)"
        ).fetchone()
    assert counts is not None
    return tables, counts


def test_articles_are_the_same_whatever_is_kept_of_their_evidence(desk: Path, command: Command) -> None:
    """Under `none`, `winners` and `full` the same articles are stored; `reprocess` stores what was not kept before."""
    _keep(desk, "none").run()
    bare, counts = _stored(desk)
    assert counts == (0, 0, 0, "none")

    uri = "seeds/001_f99d47caf96a5657.txt"
    shown = command("show", uri, "--evidence", cwd=desk)
    assert shown.code == 0, shown.err
    assert "Not kept: cut lines and the candidates of each field" in shown.out
    assert "copydesk reprocess --source seeds" in shown.out
    read_again = open_desk(desk).cut_lines(uri)

    _keep(desk, "winners").reprocess()
    winners, counts = _stored(desk)
    assert winners == bare
    assert counts[0] == counts[1] > 10
    assert counts[2:] == (0, "winners")

    _keep(desk, "full").reprocess()
    full, whole = _stored(desk)
    assert full == bare
    assert (whole[1], whole[3]) == (counts[1], "full")
    assert whole[0] > counts[0]
    assert whole[2] > 20
    assert open_desk(desk).cut_lines(uri) == read_again != []
    assert "Not kept" not in command("show", uri, "--evidence", cwd=desk).out


def test_a_line_is_restored_although_it_was_not_kept(desk: Path) -> None:
    """Without stored cut lines `restore` reads the page again: the line is in the article afterwards."""
    where = _keep(desk, "none")
    where.run()
    uri = "seeds/001_f99d47caf96a5657.txt"
    number, _, text = where.cut_lines(uri)[0]
    assert where.restore(uri, number) == [text]
    assert text in where.article(uri).text


def test_another_word_is_refused(desk: Path) -> None:
    """A setting that does not exist is an error that names the choices."""
    from copydesk import SettingsError

    with pytest.raises(SettingsError, match="evidence"):
        _keep(desk, "some")
