"""Search: words find articles in their language, fresh after each load, with or without the extension."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.store.conftest import Desk, Page

from copydesk.store.read import search as searching
from copydesk.store.read.search import Matches, SearchQuery, index_path, refresh_index, search
from copydesk.store.read.search_index import NOT_A_WORD, extension, index_after_load, open_index
from copydesk.store.warehouse.engine import connect

FERRY = Page(uri="ferry", title="Ferry sails again", paragraphs=("The ferries were repaired in spring.",))
BRIDGE = Page(uri="bridge", title="Bridge closes", paragraphs=("Drivers must take the tunnel.",))
GERMAN = Page(uri="haus", title="Neue Häuser", paragraphs=("Die Stadt baut Häuser am Hafen.",), language="de")
CHINESE = Page(uri="zh", title="渡轮", paragraphs=("渡轮今天恢复运行。",), language="zh")
ARABIC = Page(uri="ar", title="العبارة تبحر", paragraphs=("عادت العبارة إلى الميناء اليوم.",), language="ar")


def test_words_are_found_by_their_stem(desk: Desk) -> None:
    """A singular finds its plural, in English and in German; other articles are not found."""
    desk.load(FERRY, BRIDGE, GERMAN)

    found = search(desk.warehouse, "repairing ferry")
    assert found.ranked
    assert [h.uri for h in found.hits] == ["ferry"]
    assert "ferries" in found.hits[0].excerpt
    assert [h.uri for h in search(desk.warehouse, "haus").hits] == ["haus"]


@pytest.mark.parametrize(("words", "uri"), [("渡轮", "zh"), ("العبارة", "ar")])
def test_every_script_can_be_searched(desk: Desk, words: str, uri: str) -> None:
    """Words outside of a to z are found."""
    desk.load(FERRY, CHINESE, ARABIC)
    assert [h.uri for h in search(desk.warehouse, words).hits] == [uri]


def test_the_index_follows_the_loads(desk: Desk) -> None:
    """After a load the new text is found and the old one is not; without a change the index stays as it is."""
    desk.load(FERRY)
    assert search(desk.warehouse, "spring").hits
    assert not refresh_index(desk.warehouse)
    desk.load(replace(FERRY, paragraphs=("Sunk in autumn.",), at=FERRY.at + timedelta(days=1)))

    assert not search(desk.warehouse, "spring").hits
    assert search(desk.warehouse, "autumn").hits


def test_a_damaged_index_is_made_anew(desk: Desk) -> None:
    """What lies at the index's place is no authority: a broken file is replaced."""
    desk.load(FERRY)
    index_path(desk.warehouse.path).write_bytes(b"broken")
    assert [h.uri for h in search(desk.warehouse, "ferry").hits] == ["ferry"]


def test_without_the_extension_words_are_looked_for_as_they_stand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every word must occur; the answer says that it is not ranked."""
    desk.load(FERRY, BRIDGE)
    monkeypatch.setattr(searching, "_extension", lambda: None)

    found = search(desk.warehouse, "Drivers tunnel")
    assert not found.ranked
    assert [h.uri for h in found.hits] == ["bridge"]
    assert not search(desk.warehouse, "drivers ferry").hits


def test_a_search_can_be_narrowed(desk: Desk) -> None:
    """Only the publisher or the language that was asked for."""
    desk.load(FERRY, replace(FERRY, uri="other", publisher="other.example"))
    assert [h.uri for h in search(desk.warehouse, "ferry", publisher="other.example").hits] == ["other"]
    assert not search(desk.warehouse, "ferry", language="de").hits


@pytest.mark.parametrize("words", ["'; drop table x; --", '"', "*", "%", "\\", "", "   "])
def test_odd_words_are_only_words(desk: Desk, words: str) -> None:
    """Quotes, signs and nothing at all are asked for as they are and break nothing."""
    desk.load(FERRY)
    assert search(desk.warehouse, words).hits == ()


def test_what_stands_in_quotes_occurs_word_for_word(desk: Desk) -> None:
    """A phrase is found across punctuation and case, not with other words between, and not as parts of words."""
    near = Page(uri="near", title="Harbour", paragraphs=("The old, grey Tunnel of the port opens.",))
    far = Page(uri="far", title="Port", paragraphs=("The old bridge is as grey as any tunnel.",))
    part = Page(uri="part", title="Port", paragraphs=("A bold, grey tunnel; old grey tunnels.",))
    desk.load(near, far, part)

    assert [h.uri for h in search(desk.warehouse, '"old grey tunnel"').hits] == ["near"]
    assert {h.uri for h in search(desk.warehouse, "old grey tunnel").hits} == {"near", "far", "part"}


def test_a_phrase_of_words_that_no_index_holds_is_found(desk: Desk) -> None:
    """Stop words are not in the index; a phrase made of them is looked for in the texts."""
    desk.load(Page(uri="a", title="Prince", paragraphs=("To be or not to be, he said.",)), BRIDGE)
    assert [h.uri for h in search(desk.warehouse, '"to be or not to be"').hits] == ["a"]


def test_a_phrase_of_a_script_without_spaces_is_found(desk: Desk) -> None:
    """Characters in this order are found; the same characters in another order are not."""
    other = replace(CHINESE, uri="zh2", title="船", paragraphs=("今天恢复的是桥。行运",))
    desk.load(CHINESE, other)
    assert [h.uri for h in search(desk.warehouse, '"恢复运行"').hits] == ["zh"]


def test_every_filter_narrows_and_all_hold_together(desk: Desk) -> None:
    """Source, author, section and days each leave one of two articles; the last day counts whole."""
    other = replace(
        FERRY, uri="b", source="wire", publisher="b.example", authors=("Bo Lund", "Ada Byron"), sections=("Sport",),
        at=FERRY.at + timedelta(days=3),
    )  # fmt: skip
    desk.load(FERRY, other)
    day = FERRY.at.date()

    assert [h.uri for h in search(desk.warehouse, "ferry", source="wire").hits] == ["b"]
    assert [h.uri for h in search(desk.warehouse, "ferry", author="bo lund").hits] == ["b"]
    assert [h.uri for h in search(desk.warehouse, "ferry", section="harbour").hits] == ["ferry"]
    assert [h.uri for h in search(desk.warehouse, "ferry", since=day + timedelta(days=1)).hits] == ["b"]
    assert [h.uri for h in search(desk.warehouse, "ferry", until=day).hits] == ["ferry"]
    assert [h.uri for h in search(desk.warehouse, "", since=day, until=day + timedelta(days=3)).hits] == ["b", "ferry"]
    assert not search(desk.warehouse, "ferry", source="wire", section="harbour").hits


def test_hits_are_counted_and_paged(desk: Desk) -> None:
    """The total is of all hits, whatever page is shown, also of a page beyond the last; pages do not overlap."""
    desk.load(*(replace(FERRY, uri=f"f{n}", at=FERRY.at + timedelta(hours=n), salt=str(n)) for n in range(7)))

    first = search(desk.warehouse, "ferry", newest=True, limit=3)
    second = search(desk.warehouse, "ferry", newest=True, limit=3, offset=3)
    assert (first.total, first.more, second.total) == (7, False, 7)
    assert [h.uri for h in (*first, *second)] == ["f6", "f5", "f4", "f3", "f2", "f1"]
    assert search(desk.warehouse, "ferry", limit=3, offset=30).total == 7


def test_the_count_ends_where_it_says(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the maximum the answer says that there are more, and no larger number."""
    desk.load(*(replace(FERRY, uri=f"f{n}", salt=str(n)) for n in range(7)))
    monkeypatch.setattr(searching, "MAX_TOTAL", 5)
    found = search(desk.warehouse, "ferry", limit=2)
    assert (found.total, found.more) == (5, True)


def test_a_search_says_who_and_when(desk: Desk) -> None:
    """Hits are told apart by publisher, language and day."""
    desk.load(FERRY, replace(FERRY, uri="o", publisher="o.example", at=FERRY.at + timedelta(days=1), salt="o"), GERMAN)
    refresh_index(desk.warehouse)
    query = SearchQuery(words="ferry haus")
    with open_index(index_path(desk.warehouse.path)) as index, desk.warehouse.open_for_reading() as connection:
        matches = Matches(connection, index, query)
        counted, days = matches.facets(), matches.days()

    assert counted["language"] == [("en", 2), ("de", 1)]
    assert counted["publisher"] == [("paper.example", 2), ("o.example", 1)]
    day = FERRY.at.date()
    assert days == [(day, "paper.example", 2), (day + timedelta(days=1), "o.example", 1)]


def test_counts_name_the_most_frequent(desk: Desk) -> None:
    """Of a search the first so many of each facet are named; publishers beyond are one line a day; ties by name."""
    numbers = {"c.example": 3, "a.example": 1, "b.example": 1}
    desk.load(
        *(
            replace(FERRY, uri=f"{name}{n}", publisher=name, at=FERRY.at + timedelta(days=n), salt=f"{name}{n}")
            for name, many in numbers.items()
            for n in range(many)
        )
    )
    refresh_index(desk.warehouse)
    with open_index(index_path(desk.warehouse.path)) as index, desk.warehouse.open_for_reading() as connection:
        matches = Matches(connection, index, SearchQuery())
        counted, days = matches.facets(limit=2), matches.days(publishers=1)

    assert counted["publisher"] == [("c.example", 3), ("a.example", 1)]
    assert [sum(n for _, n in counted[facet]) for facet in ("language", "source")] == [5, 5]
    day = FERRY.at.date()
    later = [(day + timedelta(days=n), "c.example", 1) for n in (1, 2)]
    assert days == [(day, "c.example", 1), (day, "others", 2), *later]


def test_the_rank_is_that_of_the_extension(desk: Desk) -> None:
    """Scores are those of DuckDB's own `match_bm25` over the same texts."""
    texts = ("Ferry ferry sails", "The ferry sails to a far, far island with wine", "Wine and bread")
    desk.load(*(Page(uri=f"t{n}", title=f"T{n}", paragraphs=(text,), salt=str(n)) for n, text in enumerate(texts)))
    ours = {h.uri: h.score for h in search(desk.warehouse, "ferry wine").hits}
    with connect() as raw:
        quoted = str(extension()).replace("'", "''")
        raw.execute(f"load '{quoted}'")
        raw.execute("create table docs (id varchar, title varchar, text varchar)")
        raw.executemany("insert into docs values (?, ?, ?)", [(f"t{n}", f"T{n}", text) for n, text in enumerate(texts)])
        raw.execute(
            f"pragma create_fts_index('docs', 'id', 'title', 'text', stemmer = 'english', ignore = '{NOT_A_WORD}')"
        )
        theirs = dict(raw.execute("select id, fts_main_docs.match_bm25(id, 'ferry wine') from docs").fetchall())

    assert ours == pytest.approx(theirs)


HEBREW = Page(uri="he", title="תחנה חדשה", paragraphs=("והספרייה נפתחה אתמול ליד הגשר.",), language="he")
HEBREW_BARE = Page(uri="he2", title="ידיעה", paragraphs=("ספרייה ישנה נסגרה בעיר.",), language="he")
ARABIC_AND = Page(uri="ar2", title="خبر", paragraphs=("أغلق الجسر والمكتبة أمس.",), language="ar")
AMHARIC = Page(uri="am", title="ዜና", paragraphs=("የመጽሐፍት ቤት ተከፈተ።",), language="am")


@pytest.mark.parametrize(
    ("words", "uris"),
    [
        ("ספרייה", ["he", "he2"]),
        ("גשר", ["he"]),
        ("שבספרייה", ["he2"]),
        ("مكتبة", ["ar2"]),
        ("المكتبة", ["ar2"]),
        ("መጽሐፍት", ["am"]),
    ],
)
def test_a_word_is_found_with_the_letters_before_it(desk: Desk, words: str, uris: list[str]) -> None:
    """Articles, conjunctions and prepositions are written together with the word; a longer word is not that word."""
    desk.load(FERRY, BRIDGE, HEBREW, HEBREW_BARE, ARABIC_AND, AMHARIC)
    assert sorted(h.uri for h in search(desk.warehouse, words).hits) == uris


def test_a_word_within_another_word_is_not_found(desk: Desk) -> None:
    """Only letters that are such prefixes may stand before the word."""
    desk.load(HEBREW, HEBREW_BARE, ARABIC_AND)
    assert not search(desk.warehouse, "פרייה").hits
    assert not search(desk.warehouse, "כתבة").hits


def test_a_large_load_makes_the_index_where_that_is_cheap(desk: Desk) -> None:
    """After a long run the index is made at once; after a short one it is said who makes it; a few articles wait."""
    desk.load(FERRY, BRIDGE)
    warehouse = desk.warehouse
    index_path(warehouse.path).unlink(missing_ok=True)
    assert index_after_load(warehouse, loaded=5, seconds=1000) == ""
    assert not index_path(warehouse.path).exists()
    assert "the next search (about 0 s)" in index_after_load(warehouse, loaded=500, seconds=1)
    assert not index_path(warehouse.path).exists()
    assert index_after_load(warehouse, loaded=500, seconds=1000) == ""
    assert index_path(warehouse.path).exists()
    made: list[int] = []
    index_path(warehouse.path).unlink()
    search(warehouse, "ferry", making=made.append)
    search(warehouse, "ferry", making=made.append)
    assert made == [2]
