"""The load: whole or not there, once, and the same whatever the order."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.store.conftest import DAY_ONE, Desk, Page, run_row, write_check, write_run

from copydesk.errors import StoreError
from copydesk.keys import key, line_key
from copydesk.records import Document, Location
from copydesk.store.curate import forget
from copydesk.store.load.load_run import load_run
from copydesk.store.parts.part_files import LINE_COUNTS
from copydesk.store.parts.rows import Origin, extraction_tables
from copydesk.store.read.known_files import seen_captures, uri_key
from copydesk.store.read.lookups import captures_to_reprocess, decisions, known_lines
from copydesk.store.warehouse import connection as warehouse_connection
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.constraints import broken_keys
from copydesk.text.boilerplate import counted_keys
from copydesk.text.documents import ExtractOptions, extract_documents

SITE = ROOT / "docs" / "sample-site"
A = Page(paragraphs=("The ferry sails again.", "Tickets cost four crowns."))
B = replace(A, paragraphs=("The ferry sails again.", "Tickets cost five crowns."), at=DAY_ONE + timedelta(days=1))
BACK = replace(A, at=DAY_ONE + timedelta(days=2))


def test_a_load_puts_every_input_in_one_place(desk: Desk) -> None:
    """A capture ends loaded, quarantined or held, and an input without bytes ends in quarantine."""
    report = desk.load(
        Page(uri="a"), Page(uri="b", verdict="quarantined"), Page(uri="c", verdict="held"), skipped=["d"]
    )

    assert (report.loaded, report.quarantined, report.held) == (1, 2, 1)
    assert desk.rows("select uri, outcome::varchar from audit.captures order by uri") == [
        ("a", "loaded"),
        ("b", "quarantined"),
        ("c", "held"),
    ]
    assert desk.rows("select uri from audit.quarantine where resolved_at is null order by uri") == [("b",), ("d",)]


def test_a_finished_load_does_nothing_again(desk: Desk) -> None:
    """The ledger is asked first, so the same folder loaded twice adds no row to any table."""
    desk.load(Page(), Page(uri="b", verdict="quarantined"), skipped=["z"])
    before = [desk.dump(s) for s in ("main", "audit", "ops")]

    assert desk.load_again("run-000").done_before
    assert [desk.dump(s) for s in ("main", "audit", "ops")] == before


def test_the_same_inputs_in_another_run_add_nothing_to_main(desk: Desk) -> None:
    """What is known already changes no row of main, whichever run brings it."""
    pages = [Page(uri=f"{n}.txt", title=f"Story {n}") for n in range(20)]
    desk.load(*pages)
    before = desk.dump()

    assert desk.load(*pages).unchanged == 20
    assert desk.dump() == before


STORY = Page(
    uri="w",
    source="web",
    title="Quay reopens",
    address="https://www.paper.example/quay",
    paragraphs=("The eastern landing stage was closed in March. " * 6, "It opened again this week."),
)
_MARKED = replace(STORY, uri="w?from=x1", address="https://paper.example/quay?from=x1", salt="1", authors=("Bo Ek",))
_SLASH = replace(STORY, uri="w/", address="https://www.paper.example/quay/", salt="2", at=DAY_ONE + timedelta(hours=1))

_WORLD = [
    A,
    B,
    BACK,
    replace(A, uri="b.txt", title="Bridge closes", authors=("Ada Byron", "Bo Ek"), tags=("roads", "bridge")),
    replace(A, uri="b.txt", title="Bridge closes", authors=("Bo Ek",), at=DAY_ONE + timedelta(hours=3)),
    replace(A, uri="c.txt", address="https://paper.example/ferry", source="web", sections=("Harbour",)),
    replace(A, uri="d.txt", address="https://paper.example/ferry", source="mirror", sections=("News",), salt="x"),
    replace(B, uri="d.txt", address="https://paper.example/ferry", source="mirror", publisher="mirror.example"),
    replace(STORY, at=DAY_ONE + timedelta(hours=2)),
    replace(STORY, at=DAY_ONE + timedelta(hours=9), paragraphs=(*STORY.paragraphs, "Boats leave at eight.")),
    _MARKED,
    replace(_MARKED, at=DAY_ONE + timedelta(hours=5), salt="3", tags=("quay",)),
    _SLASH,
    replace(_MARKED, at=DAY_ONE + timedelta(hours=7), title="Quay closes again", salt="5"),
    replace(_SLASH, at=DAY_ONE + timedelta(hours=9), paragraphs=(*STORY.paragraphs, "Boats leave at eight."), salt="4"),
]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(seed=64, runs=4)  # a text whose publisher has no current text, first in a load of its own
@given(seed=st.integers(0, 10_000), runs=st.integers(1, 4))
def test_order_and_split_do_not_matter(seed: int, runs: int) -> None:
    """The same captures in any order, split over any number of runs, some of them twice, give the same rows of main.

    And the same counts of lines, also where some could not be read when they came first.
    """
    shuffled = [*_WORLD, *random.Random(seed).sample(_WORLD, 3)]
    random.Random(seed).shuffle(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        split = Desk(root=Path(folder) / "split", warehouse=Warehouse(Path(folder) / "split.duckdb"))
        unread = [replace(page, verdict="unread") for page in shuffled[: seed % 4]]
        for pages in ([*unread, *shuffled[::runs]], *(shuffled[n::runs] for n in range(1, runs)), shuffled[: seed % 4]):
            split.load(*pages, part_size=1 + seed % 3, count=True)
        assert (split.dump(), _line_counts(split)) == _loaded_whole()


@cache
def _loaded_whole() -> tuple[object, object]:
    """Return the rows and counts of lines of all captures loaded at once."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Desk(root=Path(folder) / "whole", warehouse=Warehouse(Path(folder) / "whole.duckdb"))
        whole.load(*_WORLD, count=True)
        return whole.dump(), _line_counts(whole)


def test_what_is_left_out_would_change_nothing(
    make_desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statements that are skipped since their temporary table is empty leave the rows that running them leaves."""
    some = make_desk("some")
    for pages in (_WORLD[::2], _WORLD[1::2]):
        some.load(*pages)
    monkeypatch.setattr(warehouse_connection, "needs_rows_of", lambda _: None)
    every = make_desk("every")
    for pages in (_WORLD[::2], _WORLD[1::2]):
        every.load(*pages)
    assert [some.dump(s) for s in ("main", "audit")] == [every.dump(s) for s in ("main", "audit")]


def _line_counts(desk: Desk) -> list[tuple[object, ...]]:
    """How many pages, and how many pages of each line; then the captures that are still to be counted."""
    return [
        *desk.rows("select site, line_key, pages from audit.boilerplate union all "
                   "select site, null, pages from audit.site_pages order by all"),
        *desk.rows("select capture_id from audit.captures where lines_pending"),
    ]  # fmt: skip


def test_one_text_under_two_addresses_of_a_page_is_one_article(desk: Desk) -> None:
    """A slash and a parameter make no second article of a text; the one that was seen first gives key and address."""
    first = desk.load(_SLASH)
    second = desk.load(replace(STORY, at=DAY_ONE + timedelta(days=1)), replace(_MARKED, at=DAY_ONE + timedelta(days=2)))
    assert (first.new_articles, second.new_articles, second.unchanged) == (1, 0, 2)
    assert desk.rows("select article_id::varchar, address, revision_count from articles") == [
        (_SLASH.article_id, _SLASH.address, 1)
    ]
    assert desk.rows("select uri from audit.captures where outcome = 'loaded' order by uri") == [
        ("w",),
        ("w/",),
        ("w?from=x1",),
    ]


def test_an_earlier_sight_takes_the_later_ones_along(desk: Desk) -> None:
    """An address that is loaded late and was seen first gives the key; the texts of both are one history."""
    other = replace(STORY, at=DAY_ONE + timedelta(days=3), title="Quay closes again")
    desk.load(replace(STORY, at=DAY_ONE + timedelta(days=1), tags=("quay",)), other)
    desk.load(_MARKED)
    assert desk.rows("select article_id::varchar, address, revision_count from articles") == [
        (_MARKED.article_id, _MARKED.address, 2)
    ]
    assert desk.rows("select number, title, seen_count from revisions order by number") == [
        (1, "Quay reopens", 2),
        (2, "Quay closes again", 1),
    ]
    assert desk.rows("select name from main.tags") == [("quay",)]


def test_a_further_address_stays_with_its_article(desk: Desk) -> None:
    """Once two addresses are one article, a text that only one of them gives is a revision of it."""
    desk.load(STORY, replace(_MARKED, at=DAY_ONE + timedelta(hours=1)))
    desk.load(replace(_MARKED, at=DAY_ONE + timedelta(days=4), title="Quay closes again"))
    assert desk.rows("select article_id::varchar, revision_count from articles") == [(STORY.article_id, 2)]
    assert desk.rows("select alias_id::varchar, article_id::varchar from article_aliases") == [
        (_MARKED.article_id, STORY.article_id)
    ]


def test_what_is_forgotten_leaves_no_further_addresses(desk: Desk) -> None:
    """An article that is taken out takes its further addresses along, and no key points to it."""
    desk.load(STORY, replace(_MARKED, at=DAY_ONE + timedelta(hours=1)))
    with desk.warehouse.open_for_writing() as connection:
        connection.execute(
            "create or replace temp table leaving as select capture_id, article_id, source, uri from audit.captures"
        )
        connection.script(Path(forget.__file__).parent / "sql" / "delete.sql")
        assert not [line for line in broken_keys(connection) if "article_aliases" in line]
    assert desk.rows("select count(*) from articles union all select count(*) from article_aliases") == [(0,), (0,)]


@pytest.mark.parametrize(
    "other",
    [
        replace(STORY, uri="w?1423", address="https://paper.example/quay?1423", title="Quay reopens again"),
        replace(STORY, uri="w2", address="https://paper.example/harbour/quay"),
        replace(STORY, uri="w3", address="https://other.example/quay"),
        replace(STORY, uri="w4", address=None),
    ],
    ids=["title", "path", "site", "file"],
)
def test_what_may_be_another_page_stays_an_article_of_its_own(desk: Desk, other: Page) -> None:
    """Another title, path or site is another article, and so is a file."""
    desk.load(STORY, other)
    assert desk.rows("select count(*) from articles") == [(2,)]


def test_short_texts_of_one_program_are_not_joined(desk: Desk) -> None:
    """A teaser or a notice that a site shows under many addresses is no proof that they are one page."""
    short = ("Subscribe to read on.",)
    desk.load(*(replace(STORY, uri=f"r?{n}", address=f"https://paper.example/r?{n}", paragraphs=short) for n in (1, 2)))
    assert desk.rows("select count(*) from articles") == [(2,)]


def test_a_large_run_takes_several_loads(
    desk: Desk, make_desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run cut into loads of a part each leaves the rows, and counts the captures, that one load does."""
    once = [page for page in _WORLD if page is not BACK]  # the same bytes twice count twice, a load each
    pages = [*once, Page(uri="bad", verdict="quarantined"), Page(uri="wait", verdict="held")]
    whole = make_desk("whole").load(*pages, part_size=2, skipped=["z"])
    monkeypatch.setattr(Connection, "max_captures", 2)
    report = desk.load(*pages, part_size=2, skipped=["z"])

    # an article that a later load joins to another one was new in its own load, and its rows are written twice
    uncounted: dict[str, Any] = {"unchanged": 0, "new_revisions": 0, "new_articles": 0, "rows": {}, "columns": {}}
    assert replace(report, **uncounted) == replace(whole, **uncounted)
    assert [desk.dump(s) for s in ("main", "audit")] == [make_desk("whole").dump(s) for s in ("main", "audit")]
    assert desk.rows("select status::varchar, count(*) from ops.runs group by all") == [("running", 1)]


def test_a_large_run_that_breaks_goes_on(
    desk: Desk, make_desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a run's first loads brought stays when a later one breaks, and the next attempt brings the rest."""
    pages = [Page(uri=f"{n}.txt", title=f"Story {n}") for n in range(4)]
    make_desk("whole").load(*pages, part_size=1)
    monkeypatch.setattr(Connection, "max_captures", 1)
    folder = write_run(desk.root / "run-000", pages, part_size=1)
    good = folder / "extract" / "part-00002" / "paragraphs.parquet"
    kept = good.read_bytes()
    pl.read_parquet(good).with_columns(pl.lit(1, dtype=pl.Int32).alias("position")).write_parquet(good)
    with pytest.raises(StoreError, match=r"main\.paragraphs"):
        desk.load_again("run-000")
    assert desk.rows("select count(*) from main.articles") == [(2,)]

    good.write_bytes(kept)
    assert desk.load_again("run-000").loaded == 2
    assert [desk.dump(s) for s in ("main", "audit")] == [make_desk("whole").dump(s) for s in ("main", "audit")]


def test_a_large_run_says_how_far_its_loads_are(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each load but the last the captures loaded so far are told, and those that are due in all."""
    monkeypatch.setattr(Connection, "max_captures", 2)
    folder = write_run(desk.root / "run-000", [Page(uri=f"{n}.txt", title=f"Story {n}") for n in range(5)], part_size=1)
    told: list[tuple[int, int]] = []
    load_run(desk.warehouse, run_row("run-000"), folder, progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 5), (4, 5)]


def test_a_changed_text_is_a_new_revision(desk: Desk) -> None:
    """The second text of a page closes the first one's validity and says what it changed."""
    desk.load(A)
    report = desk.load(B)

    assert (report.new_articles, report.new_revisions) == (0, 1)
    assert desk.rows(
        "select number, valid_from, valid_to, paragraphs_added, paragraphs_removed, paragraphs_edited, title_changed "
        "from revisions order by number"
    ) == [(1, A.at, B.at, None, None, None, None), (2, B.at, None, 0, 0, 1, False)]


def test_noise_makes_no_revision(desk: Desk) -> None:
    """Other furniture around the same text gives the same revision, seen twice."""
    desk.load(A)
    desk.load(replace(A, furniture=("Share this", "17 comments"), at=B.at))

    assert desk.rows("select count(*), max(seen_count) from revisions") == [(1, 2)]


def test_a_text_that_comes_back_is_current_again(desk: Desk) -> None:
    """A, B, A: the first text is current, the second was valid in between."""
    for page in (A, B, BACK):
        desk.load(page)

    assert desk.rows("select number, valid_from, valid_to, seen_count from revisions order by number") == [
        (1, A.at, None, 2),
        (2, B.at, BACK.at, 1),
    ]


def test_two_captures_of_one_revision_do_not_mix(desk: Desk) -> None:
    """Of two captures with the same text in one run, the later one's authors count, and only those."""
    later = replace(A, authors=("Bo Ek",), at=B.at)
    desk.load(A, later)

    assert desk.rows(
        "select position, name from revision_authors join authors using (author_id) order by position"
    ) == [(1, "Bo Ek")]
    assert desk.rows("select name from authors") == [("Bo Ek",)]


def test_quarantine_is_resolved_when_the_capture_gets_through(desk: Desk) -> None:
    """A capture stopped twice and then let through has two attempts, and its quarantine row says loaded."""
    desk.load(replace(A, verdict="quarantined"))
    desk.load(replace(A, verdict="quarantined"))
    desk.load(A)

    assert desk.rows("select attempts, resolution from audit.quarantine") == [(2, "loaded")]
    assert desk.rows("select outcome::varchar from audit.captures") == [("loaded",)]


def test_later_bytes_resolve_what_was_stopped_before(desk: Desk) -> None:
    """Once a page's later bytes are loaded, its earlier quarantine row is superseded."""
    desk.load(replace(A, verdict="quarantined"))
    desk.load(B)

    assert desk.rows("select resolution from audit.quarantine") == [("superseded",)]


def test_a_capture_that_rules_now_stop_leaves_main(desk: Desk) -> None:
    """When newer rules quarantine the only capture of an article, nothing of it stays in main."""
    desk.load(A)
    desk.load(replace(A, verdict="quarantined"))

    assert {t: len(rows) for t, rows in desk.dump().items() if rows and t != "topics"} == {}  # a list of names
    assert desk.rows("select outcome::varchar, article_id from audit.captures") == [("quarantined", None)]


def test_a_held_batch_loads_when_it_is_released(desk: Desk) -> None:
    """A part whose verdict is written anew is due again; what was loaded before stays as it is."""
    held = replace(A, verdict="held")
    desk.load(held, Page(uri="b.txt"))
    part = desk.root / "run-000" / "check" / "part-00000"
    shutil.rmtree(part)
    released = [A, Page(uri="b.txt")]
    rows = [
        {"capture_id": p.capture.capture_id, "article_id": p.article_id, "revision_id": r}
        for p, r in zip(released, _revisions(desk), strict=True)
    ]
    write_check(part, released, rows)

    assert desk.load_again("run-000").loaded == 2
    assert desk.rows("select uri, outcome::varchar from audit.captures order by uri") == [
        ("a.txt", "loaded"),
        ("b.txt", "loaded"),
    ]


def _revisions(desk: Desk) -> list[str]:
    table = pl.read_parquet(desk.root / "run-000" / "extract" / "part-00000" / "articles.parquet")
    return table["revision_id"].to_list()


def test_reprocessed_bytes_retire_the_old_text(desk: Desk) -> None:
    """The same bytes with another text under newer rules: the new revision lives, the old one says what replaced it."""
    desk.load(A)
    folder = write_run(desk.root / "again", [A])
    _rewrite_text(folder)
    desk.load_again("again")

    living = desk.rows("select revision_id, number from revisions where retired_by is null")
    retired = desk.rows("select replaced_by_revision_id, number from revisions where retired_by is not null")
    assert len(living) == 1
    assert retired == [(living[0][0], None)]
    assert desk.rows("select revision_count from articles") == [(1,)]


def _rewrite_text(folder: Path) -> None:
    """Give the run's one article another text, as other rules would."""
    new = key("revision", "other")
    for path in [*folder.glob("extract/*/*.parquet"), *folder.glob("check/*/accepted.parquet")]:
        table = pl.read_parquet(path)
        if "revision_id" in table.columns:
            table = table.with_columns(pl.lit(new).alias("revision_id"))
        if path.name == "articles.parquet":
            table = table.with_columns(pl.lit("r2").alias("rules_version"), pl.lit("0" * 64).alias("text_sha256"))
        table.write_parquet(path)


def test_sql_keys_are_python_keys(desk: Desk) -> None:
    """The SQL macro and the Python function give the same UUID, for any text."""
    names = ["Ada", "Ünal Öz", "名前", "a\tb", "", "'quoted'", "e\u0301"]
    with desk.warehouse.open_for_writing() as connection:
        for name in names:
            found = connection.value("select desk_key('author' || chr(31) || $1)", [name])
            assert str(found) == key("author", name)


def test_known_captures_are_the_latest_of_each_uri(desk: Desk) -> None:
    """Acquire is told the newest bytes of a page, also when an older text has come back."""
    for page in (A, B, BACK):
        desk.load(page)

    digest = bytes.fromhex(BACK.capture.sha256)
    seen = seen_captures(desk.warehouse.path, "paper")
    assert (list(seen.keys), bytes(seen.digests)) == ([uri_key("a.txt")], digest)
    assert (list(seen.sizes), list(seen.times)) == ([BACK.capture.size_bytes], [BACK.capture.modified_ns])


def test_captures_come_back_as_they_were(desk: Desk) -> None:
    """What reprocess is given is equal to what acquire wrote, location and all."""
    desk.load(A, Page(uri="b.txt", verdict="quarantined"))
    path = desk.warehouse.path

    assert captures_to_reprocess(path) == [A.capture]
    assert [c.uri for c in captures_to_reprocess(path, outcomes=["quarantined"], reasons=["too_short"])] == ["b.txt"]
    assert captures_to_reprocess(path, "nobody") == []
    assert captures_to_reprocess(path, since=A.at + timedelta(seconds=1)) == []


def test_decisions_say_where_each_capture_ended(desk: Desk) -> None:
    """A loaded capture shows its title, a quarantined one its reason and no revision."""
    desk.load(A, Page(uri="b.txt", verdict="quarantined"))
    rows = sorted(decisions(desk.warehouse.path).select("shown", "revision_id").rows())
    assert [shown for shown, _ in rows] == ["Ferry service resumes", "too_short"]
    assert rows[1][1] is None


def test_lines_are_counted_once(desk: Desk) -> None:
    """The run's line counts are added to the boilerplate with the load, and not again when it is loaded again."""
    folder = write_run(desk.root / "counted", [A])
    counts = pl.DataFrame(
        {
            "site": ["s", "s"],
            "line_key": [7, None],
            "pages": [2, 3],
            "verdict": pl.Series([None, None], dtype=pl.String),
        }
    )
    (folder / LINE_COUNTS).mkdir()
    counts.write_parquet(folder / LINE_COUNTS / "part-00000.parquet")
    for _ in range(2):
        desk.load_again("counted")
    assert sorted(known_lines(desk.warehouse.path).rows(), key=repr) == [("s", 7, 2, None), ("s", None, 3, None)]


def test_lines_that_recur_get_words(desk: Desk) -> None:
    """A line on three pages of a site is given its text, its label and examples from what was cut."""
    pages = [Page(uri=f"{n}.txt", title=f"Story {n}") for n in range(3)]
    folder = write_run(desk.root / "counted", pages)
    (folder / LINE_COUNTS).mkdir()
    counts = pl.DataFrame({"site": ["paper.example"], "line_key": [line_key("SHARE  this")], "pages": [3]})
    counts.write_parquet(folder / LINE_COUNTS / "part-00000.parquet")
    desk.load_again("counted")
    assert desk.rows("select text, label::varchar, len(sample_capture_ids) from audit.boilerplate") == [
        ("Share this", "share", 3)
    ]


def test_cut_lines_of_html_have_the_keys_by_which_they_are_counted() -> None:
    """The furniture of a page gets words in the boilerplate: its blocks have the keys of the count."""
    content = (SITE / "tram.html").read_bytes()
    document = Document(document_id="x", content=content, media_type="text/html", site="p")
    (found,) = extract_documents([document], options=ExtractOptions())
    tables, _ = extraction_tables([A.capture], [found], [Origin(publisher="p", address=None)], rules_version="r1")
    keys = dict(tables["cut_blocks"].select("text", "line_key").iter_rows())
    counted = counted_keys(document) or set()
    assert {text for text, key in keys.items() if key in counted} >= {"Check Also", "Leave a Reply"}


def test_a_held_capture_is_not_known(desk: Desk) -> None:
    """What waits with its batch is taken again by the next run."""
    desk.load(replace(A, verdict="held"))
    assert len(seen_captures(desk.warehouse.path, "paper")) == 0


def test_keys_that_would_not_hold_stop_the_load(desk: Desk) -> None:
    """A part with a paragraph number twice is refused whole; the warehouse stays as it was."""
    desk.load(A)
    before = desk.dump()
    folder = write_run(desk.root / "bad", [B])
    path = folder / "extract" / "part-00000" / "paragraphs.parquet"
    pl.read_parquet(path).with_columns(pl.lit(1, dtype=pl.Int32).alias("position")).write_parquet(path)

    with pytest.raises(StoreError, match=r"main\.paragraphs: one row per revision_id, position"):
        desk.load_again("bad")
    assert desk.dump() == before


def test_a_damaged_part_stops_the_load_and_says_which(desk: Desk) -> None:
    """A Parquet file cut short is a clear error, and nothing of the run is loaded."""
    desk.load(A)
    before = desk.dump("audit")
    folder = write_run(desk.root / "bad", [B])
    path = folder / "extract" / "part-00000" / "paragraphs.parquet"
    path.write_bytes(path.read_bytes()[:50])

    with pytest.raises(StoreError, match=r"paragraphs\.parquet"):
        desk.load_again("bad")
    assert desk.dump("audit") == before


def test_file_names_are_not_patterns(make_desk) -> None:
    """A desk in a folder with brackets, quotes and stars in its name loads like any other."""
    desk = make_desk("it's [odd] *")
    assert desk.load(A).loaded == 1


def test_a_run_that_waited_through_an_update_loads(desk: Desk) -> None:
    """Parts that were written before a column was added load all the same: what they lack is null."""
    folder = write_run(desk.root / "old", [A])
    path = folder / "extract" / "part-00000" / "cut_blocks.parquet"
    blocks = pl.read_parquet(path).drop("line_key")
    blocks.write_parquet(path)
    assert desk.load_again("old").loaded == 1
    assert desk.rows("select count(*) from audit.cut_blocks") == [(blocks.height,)]


def test_every_field_of_a_capture_comes_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record, part and table have the same fields: a capture with all of them set is read back as it was."""
    whole = replace(
        Page().capture,
        url="https://paper.example/a", charset="utf-8", http_status=203, etag='"e"', last_modified="Fri", modified_ns=7,
        title_hint="T", published_hint="2026", author_hint="A; B", asked_because="new in feed",
        truncation="3 of 5 bytes",
        location=Location(path="p", carrier="zip", member="m", offset=5, length=6),
    )  # fmt: skip
    for record in (whole, whole.location):
        assert [f.name for f in fields(record) if getattr(record, f.name) is None] == []
    monkeypatch.setattr(Page, "capture", whole)
    desk.load(Page())
    assert captures_to_reprocess(desk.warehouse.path) == [whole]
