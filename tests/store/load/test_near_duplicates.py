"""Stories: the same and much the same texts, whoever prints them, in whatever order they come."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.conftest import DAY_ONE, Desk, Page

from copydesk.store.parts.minhash import minhashes
from copydesk.store.warehouse.connection import Warehouse

_WORDS = [f"word{n}" for n in range(3000)]


def _text(seed: int, paragraphs: int = 6, words: int = 40) -> tuple[str, ...]:
    rng = random.Random(seed)
    return tuple(" ".join(rng.choices(_WORDS, k=words)) for _ in range(paragraphs))


def _printed(uri: str, publisher: str, paragraphs: tuple[str, ...], hours: int) -> Page:
    return Page(
        uri=uri,
        source=publisher,
        publisher=publisher,
        paragraphs=paragraphs,
        title=f"Title of {uri}",
        at=DAY_ONE + timedelta(hours=hours),
    )


WIRE = _text(1)
ORIGINAL = _printed("wire", "agency", WIRE, 0)
COPY = _printed("copy", "paper", WIRE, 5)
EDITED = _printed("edited", "herald", (*WIRE[:4], _text(2)[0]), 9)
OTHER = _printed("other", "paper", _text(3), 1)


def test_copies_and_edits_are_one_story_named_after_the_first(desk: Desk) -> None:
    """A wire text, its copy and an edited version are one story in the order of printing; another text is not in it."""
    desk.load(EDITED, COPY, OTHER, ORIGINAL)

    spread = desk.rows(
        "select position, publisher, first_publisher, hours_later, similarity from story_spread order by 1"
    )
    assert [(p, who, first, late) for p, who, first, late, _ in spread] == [
        (1, "agency", "agency", 0.0),
        (2, "paper", "agency", 5.0),
        (3, "herald", "agency", 9.0),
    ]
    assert [s for *_, s in spread][:2] == [1.0, 1.0]
    assert 0.5 <= spread[2][4] < 1.0
    assert desk.rows("select same_text from story_pairs where similarity = 1") == [(True,)]


def test_stories_do_not_depend_on_the_order_of_loads(make_desk) -> None:
    """Stories found load by load, latest first, are those found at once."""
    at_once, one_by_one = make_desk("at-once"), make_desk("one-by-one")
    pages = [ORIGINAL, COPY, EDITED, OTHER, _printed("late", "echo", WIRE, 20)]
    at_once.load(*pages)
    for page in reversed(pages):
        one_by_one.load(page)
    assert one_by_one.dump() == at_once.dump()


def test_a_crowd_of_near_copies_does_not_depend_on_the_order_of_loads(make_desk) -> None:
    """Twenty near copies are one story, loaded at once or in four turns, also when two of them have left it."""
    at_once, by_turns = make_desk("at-once"), make_desk("by-turns")
    copies = [_printed(f"copy-{n:02}", f"paper-{n}", (*WIRE[:5], *_text(100 + n, 1, 20)), n) for n in range(20)]
    gone = [replace(p, paragraphs=_text(200 + n), at=p.at + timedelta(days=1)) for n, p in enumerate(copies[:2])]
    at_once.load(*copies)
    for some in (copies[12:], copies[:5], copies[5:11], copies[11:12]):
        by_turns.load(*some)
    assert at_once.rows("select article_count from stories") == [(20,)]
    assert at_once.rows("select count(*) < 20 * 19 / 2 from story_pairs") == [(True,)]
    assert by_turns.dump() == at_once.dump()

    at_once.load(*gone)
    for page in gone:
        by_turns.load(page)
    assert at_once.rows("select article_count from stories") == [(18,)]
    assert by_turns.dump() == at_once.dump()


_CROWD = [
    # Each takes most of a template, so that hashes have more than four texts; some are printed twice, word for word.
    (*_text(300 + n % 3, 4, 30)[: 2 + n % 3], _text(400 + n % 12, 1, 25)[0])
    for n in range(24)
]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 15), st.integers(-1, len(_CROWD) - 1)), min_size=1, max_size=40), st.data())
def test_pairs_are_those_of_the_rule_whatever_came_when(seen: list[tuple[int, int]], data: st.DataObject) -> None:
    """Loaded in any turns, with texts that change, come back and go, pairs are those that the texts at the end have."""
    pages = []
    for hour, (article, text) in enumerate(seen):
        page = _printed(f"{article:02}", f"paper-{article}", _CROWD[text], hour)
        pages.append(replace(page, verdict="quarantined") if text == -1 else page)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(pages)), max_size=5)) | {len(pages)})
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(root=Path(folder), warehouse=Warehouse(Path(folder) / "copydesk.duckdb"))
        for start, end in zip([0, *cuts], cuts, strict=False):
            desk.load(*pages[start:end])
        rows = desk.rows("select article_id::varchar, body_sha256, shingle_count, hashes from main.sketches")
        pairs = desk.rows("select article_id::varchar, other_article_id::varchar, same_text from main.story_pairs")
    assert sorted(pairs) == sorted(_expected_pairs(rows))


def _expected_pairs(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The rule, told once more without any thought of speed."""
    printed: dict[str, list[str]] = defaultdict(list)
    hashes: dict[str, set[int]] = {}
    for article, body, shingles, some in sorted(rows):
        printed[body].append(article)
        hashes[body] = set(some) if shingles >= 8 else set()
    pairs: list[tuple[object, ...]] = [(some[0], other, True) for some in printed.values() for other in some[1:]]
    first = {h: sorted(body for body in hashes if h in hashes[body])[:4] for h in set().union(*hashes.values())}
    for one, other in combinations(sorted(hashes), 2):
        common = [h for h in hashes[one] & hashes[other] if one in first[h] or other in first[h]]
        smallest = sorted(hashes[one] | hashes[other])[:32]
        alike = len(hashes[one] & hashes[other] & set(smallest)) / max(1, len(smallest))
        if len(common) >= 4 and alike >= 0.5:
            pairs.append((*sorted((printed[one][0], printed[other][0])), False))
    return pairs


def test_a_story_ends_when_its_text_changes(desk: Desk) -> None:
    """When the only copy is rewritten, there is no story any more and no pair."""
    desk.load(ORIGINAL, COPY)
    desk.load(replace(COPY, paragraphs=_text(9), at=COPY.at + timedelta(days=1)))

    assert desk.rows("select count(*) from stories") == [(0,)]
    assert desk.rows("select count(*) from story_articles") == [(0,)]
    assert desk.rows("select count(*) from story_pairs") == [(0,)]


def test_a_story_loses_a_member_that_is_quarantined(desk: Desk) -> None:
    """An article that newer rules take out leaves the story, which is then named after its next member."""
    desk.load(ORIGINAL, COPY, EDITED)
    desk.load(replace(ORIGINAL, verdict="quarantined"))

    assert desk.rows("select publisher, position from story_spread order by position") == [("paper", 1), ("herald", 2)]


def test_the_date_on_the_page_says_who_was_first(desk: Desk) -> None:
    """An article that was seen later but gives an earlier day of publication printed it first."""
    earlier = replace(COPY, published=datetime(2026, 4, 28, tzinfo=UTC))
    desk.load(ORIGINAL, earlier)
    assert desk.rows("select publisher from story_spread order by position") == [("paper",), ("agency",)]


def test_short_texts_need_to_be_the_same(desk: Desk) -> None:
    """Two different lines of six words that share five are no story; the same line twice is one."""
    one, other = "Storm warning for the whole coast", "Storm warning for the whole valley"
    desk.load(_printed("a", "a", (one,), 0), _printed("b", "b", (other,), 1), _printed("c", "c", (one,), 2))
    assert desk.rows("select publisher from story_spread order by position") == [("a",), ("c",)]


def test_sketches_see_no_case_and_no_punctuation() -> None:
    """A text in capitals or with other punctuation has the same sketch; a text without words has none."""
    found = minhashes(pl.Series(["The ferry, again: sails on Monday!", "the FERRY again sails on monday", "...", None]))
    assert found["hashes"][0].to_list() == found["hashes"][1].to_list()
    assert found["shingle_count"].to_list() == [2, 2, 0, 0]


def test_unspaced_scripts_have_runs_of_characters() -> None:
    """A Chinese sentence is compared character by character."""
    found = minhashes(pl.Series(["渡轮今天恢复运行"]))
    assert found["shingle_count"].to_list() == [4]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=8))
def test_a_sketch_depends_on_its_text_alone(texts: list[str]) -> None:
    """Sketches of the same texts in another order, or one by one, are the same, ascending and without repeats."""
    whole = minhashes(pl.Series(texts, dtype=pl.String)).rows()
    alone = [minhashes(pl.Series([t], dtype=pl.String)).rows()[0] for t in texts]
    assert whole == alone
    for _, hashes in whole:
        assert hashes == sorted(set(hashes))


def test_similarity_is_near_the_share_of_common_runs() -> None:
    """Over many pairs the estimate is right on average, and no single one is off by more than 0.3."""
    errors = []
    for seed in range(40):
        words = " ".join(_text(seed, 5, 60)).split()
        keep = 30 + 6 * seed
        other = [*words[:keep], *" ".join(_text(seed + 1000, 5, 60)).split()[keep:]]
        found = minhashes(pl.Series([" ".join(words), " ".join(other)]))["hashes"]
        a, b = set(found[0]), set(found[1])
        smallest = sorted(a | b)[:32]
        estimate = len([h for h in smallest if h in a and h in b]) / 32
        one, two = _runs(words), _runs(other)
        errors.append(estimate - len(one & two) / len(one | two))
    assert abs(sum(errors) / len(errors)) < 0.05
    assert max(map(abs, errors)) < 0.3


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}
