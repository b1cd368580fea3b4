"""Ways to read: show and compare, user SQL, the snapshot, the dictionary, the views."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import duckdb
from tests.store.conftest import DAY_ONE, Desk, Page

from copydesk import records
from copydesk.resources import ROOT
from copydesk.store.parts.parquet import SCHEMAS
from copydesk.store.read import data_dictionary as dictionary
from copydesk.store.read.article_view import changes_between, read_article
from copydesk.store.read.user_sql import run_query
from copydesk.store.warehouse.constraints import FOREIGN_KEYS, KEYS
from copydesk.store.warehouse.snapshot import publish_snapshot

A = Page(
    uri="news/a.txt",
    address="https://paper.example/news/a",
    paragraphs=("The ferry sails again on Monday.", "Tickets cost four crowns.", "It rains."),
)
B = replace(
    A,
    title="Ferry sails on Tuesday",
    paragraphs=("The ferry sails again on Tuesday.", "Tickets cost four crowns.", "The mayor is glad."),
    at=DAY_ONE + timedelta(days=1),
)


def test_show_has_text_evidence_and_revisions(desk: Desk) -> None:
    """The view of an article holds its current text, what was cut, each candidate and each text it had."""
    desk.load(A)
    desk.load(B)
    with desk.warehouse.open_for_reading() as connection:
        view = read_article(connection, A.article_id)

    assert view.paragraphs == B.paragraphs
    assert view.cut["share"] == 1
    assert [(e.field, e.value, e.chosen) for e in view.evidence] == [("title", B.title, True)]
    assert [(r.number, r.edited, r.added, r.removed, r.title_changed) for r in view.revisions] == [
        (1, None, None, None, None),
        (2, 1, 1, 1, True),
    ]


def test_show_says_who_else_prints_it(desk: Desk) -> None:
    """An article with a copy elsewhere names its publisher and how much is alike."""
    text = tuple(" ".join(f"word{n * 9 + k}" for k in range(9)) for n in range(6))
    desk.load(replace(A, paragraphs=text), Page(uri="copy", publisher="echo.example", paragraphs=text))
    with desk.warehouse.open_for_reading() as connection:
        assert read_article(connection, A.article_id).printed_also_by == ("echo.example (100 % alike)",)


def test_a_comparison_pairs_what_was_edited(desk: Desk) -> None:
    """The headline, then: a changed word is an edit, another sentence is one removed and one added, in order."""
    desk.load(A)
    desk.load(B)
    with desk.warehouse.open_for_reading() as connection:
        ids = [r.revision_id for r in read_article(connection, A.article_id).revisions]
        changes = changes_between(connection, *ids)
    assert [(c.what, c.new or c.old) for c in changes] == [
        ("edited", "Ferry sails on Tuesday"),
        ("edited", "The ferry sails again on Tuesday."),
        ("same", "Tickets cost four crowns."),
        ("removed", "It rains."),
        ("added", "The mayor is glad."),
    ]


def test_the_corpus_as_it_was(desk: Desk) -> None:
    """article_text_at gives the text of the moment, from A over B back to A, and nothing before the first sight."""
    desk.load(A)
    desk.load(B)
    desk.load(replace(A, at=DAY_ONE + timedelta(days=2)))

    def title(hours: int) -> list[tuple[object, ...]]:
        moment = DAY_ONE + timedelta(hours=hours)
        return desk.rows("select title from article_text_at($1)", [moment])

    assert [title(h) for h in (-1, 0, 25, 49)] == [[], [(A.title,)], [(B.title,)], [(A.title,)]]
    assert desk.rows("select came_back from revision_log order by valid_from") == [(False,), (False,), (True,)]


def test_views_count_articles_not_captures(desk: Desk) -> None:
    """A page that was captured twice counts once among what was cut, and in every other view."""
    desk.load(A, Page(uri="b.txt"))
    desk.load(B)
    assert desk.rows("select pages, share_of_pages from boilerplate_by_publisher where text = 'Share this'") == [
        (2, 1.0)
    ]
    assert desk.rows("select blocks, pages from cut_summary where label = 'share'") == [(2, 2)]
    assert desk.rows("select sum(articles) from publisher_daily") == [(2,)]
    assert desk.rows("select name, articles from author_output") == [("Ada Byron", 2)]
    assert desk.rows("select place, articles from dateline_places") == [("Oslo", 2)]
    assert desk.rows("select count(*) from article_authors") == [(2,)]
    assert desk.rows("select source, loaded from source_health") == [("paper", 3)]


def test_user_sql_can_be_cut_short(desk: Desk) -> None:
    """A limit shows the first rows and says that there are more."""
    desk.load(A)
    answer = run_query(desk.warehouse, "from range(1000)", limit=10)
    assert (len(answer.rows), answer.cut, answer.columns, answer.is_number) == (10, True, ["range"], [True])
    assert not run_query(desk.warehouse, "from range(10)", limit=10).cut


def test_a_snapshot_can_be_held_open_through_a_load(desk: Desk) -> None:
    """A dashboard that keeps the read copy open keeps its state and is in no load's way; the next copy is new."""
    desk.load(A)
    copy = publish_snapshot(desk.warehouse)
    program = f"""
import duckdb, sys
connection = duckdb.connect({str(copy)!r}, read_only=True)
print("open", flush=True)
sys.stdin.readline()
print(connection.sql("select count(*) from articles").fetchone()[0], flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as dashboard:
        assert dashboard.stdout is not None
        assert dashboard.stdout.readline() == "open\n"
        assert desk.load(Page(uri="b.txt")).loaded == 1
        publish_snapshot(desk.warehouse)
        answer, _ = dashboard.communicate("go\n")
    assert answer == "1\n"
    with duckdb.connect(str(copy), read_only=True) as raw:
        assert raw.execute("select count(*) from articles").fetchone() == (2,)


def test_every_table_has_a_key_and_every_reference_a_target() -> None:
    """The list of keys covers every table that ships, and names only columns that exist."""
    relations = {r.full_name: {c.name for c in r.columns} for r in dictionary.read_dictionary() if r.kind == "table"}
    keyless = {"audit.findings", "ops.fetch_log"}  # logs: a row may stand twice
    assert set(KEYS) | keyless == set(relations)
    for table, columns in KEYS.items():
        assert set(columns) <= relations[table], table
    for k in FOREIGN_KEYS:
        assert k.column in relations[k.table], k
        assert k.target_column in relations[k.target], k


def test_records_parts_and_tables_name_things_alike() -> None:
    """Closed vocabularies are the enums of the records, and a part's columns are the table's."""
    with duckdb.connect(":memory:") as raw:
        for path in sorted((ROOT / "warehouse" / "migrations").glob("*.sql")):
            raw.execute(path.read_text(encoding="utf-8"))
        enums = dict(raw.execute("select type_name, labels from duckdb_types() where logical_type = 'ENUM'").fetchall())
        columns: dict[str, set[str]] = {}
        for table, column in raw.execute("select table_name, column_name from duckdb_columns()").fetchall():
            columns.setdefault(table, set()).add(column)
    assert enums["block_label"] == [v.value for v in records.Label]
    assert enums["paragraph_kind"] == [v.value for v in records.ParagraphKind]
    assert enums["author_kind"] == [v.value for v in records.AuthorKind]
    assert enums["precision_kind"] == [v.value for v in records.Precision]
    assert enums["severity"] == [v.value for v in records.Severity]
    for table in ("captures", "paragraphs", "captions", "links", "cut_blocks", "evidence", "findings", "sightings"):
        assert set(SCHEMAS[table]) - {"capture_id", "revision_id", "seen_at", "line_key"} <= columns[table], table
    for table in ("source_state", "address_state", "fetch_log"):
        assert set(SCHEMAS[table]) <= columns[table], table


def test_the_dictionary_says_something_about_everything() -> None:
    """Every relation and column has words, in every form, and the diagram names the tables of main."""
    relations = dictionary.read_dictionary()
    assert [r.full_name for r in relations if not r.comment] == []
    assert [(r.full_name, c.name) for r in relations for c in r.columns if not c.comment] == []
    assert "| **article_id** | `uuid` |" in dictionary.as_markdown(relations)
    assert "main.articles (table)" in dictionary.as_text(relations)
    assert "revisions }o--|| articles : article_id" in dictionary.as_mermaid(relations)


def test_the_dbt_sources_are_up_to_date() -> None:
    """warehouse/sources.yml is what `copydesk schema --format dbt` prints."""
    path = ROOT / "warehouse" / "sources.yml"
    assert path.read_text(encoding="utf-8") == dictionary.as_dbt(dictionary.read_dictionary())
