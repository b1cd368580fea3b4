"""Quotes in the warehouse: loaded, replaced and deleted with their revision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.store.conftest import DAY_ONE, Desk, Page

from copydesk.store.curate.forget import forget
from copydesk.store.read.quotes import read_quotes

PAGE = Page(
    paragraphs=(
        "“The ferry sails again on Monday,” said Ada Byron, the harbour master.",
        "She told the council that the quay was “as good as new”.",
    )
)
LATER = replace(PAGE, paragraphs=("“The ferry stays in the harbour,” said Bo Ek.",), at=DAY_ONE + timedelta(days=1))
_COLUMNS = "text, kind, cue, speaker, speaker_name, paragraph"


def test_a_quote_is_a_row_that_points_at_its_words(desk: Desk) -> None:
    """Offsets of words and speaker, applied to the stored paragraph, give the stored words and the stored speaker."""
    desk.load(PAGE)

    assert desk.rows(f"select {_COLUMNS} from main.quotes order by position") == [
        ("The ferry sails again on Monday,", "direct", "said", "Ada Byron", "Ada Byron", 1),
        ("as good as new", "mixed", "told", "She", "Ada Byron", 2),
    ]
    assert desk.rows(
        "select count(*) from main.quotes as q "
        "join main.paragraphs as p on p.revision_id = q.revision_id and p.position = q.paragraph "
        "join main.paragraphs as s on s.revision_id = q.revision_id and s.position = q.speaker_paragraph "
        "where p.text[q.start_char + 1:q.end_char] = q.text "
        "and s.text[q.speaker_start_char + 1:q.speaker_end_char] = q.speaker"
    ) == [(2,)]


def test_each_revision_has_its_own_quotes(desk: Desk) -> None:
    """A changed text adds the quotes of its own revision and leaves those of the earlier one."""
    desk.load(PAGE)
    desk.load(LATER)

    assert desk.rows(
        "select r.number, q.speaker_name from main.quotes as q join main.revisions as r using (revision_id) "
        "order by r.number, q.position"
    ) == [(1, "Ada Byron"), (1, "Ada Byron"), (2, "Bo Ek")]


def test_the_same_text_seen_again_has_its_quotes_once(desk: Desk) -> None:
    """A later capture of a known text replaces the quotes of its revision and doubles none."""
    desk.load(PAGE)
    desk.load(replace(PAGE, at=DAY_ONE + timedelta(hours=5), salt="1"))

    assert desk.rows("select count(*), count(distinct position) from main.quotes") == [(2, 2)]


def test_a_part_without_quotes_is_loaded(desk: Desk) -> None:
    """Parts that an earlier version wrote have no table of quotes; they are loaded, without any."""
    from tests.store.conftest import write_run

    folder = write_run(desk.root / "run-000", [PAGE])
    for path in folder.glob("extract/*/quotes.parquet"):
        path.unlink()

    assert desk.load_again("run-000").loaded == 1
    assert desk.rows("select count(*) from main.quotes") == [(0,)]


def test_a_forgotten_page_leaves_no_quote(desk: Desk) -> None:
    """What is forgotten leaves the quotes, too."""
    desk.load(replace(PAGE, address="https://paper.example/a"), replace(LATER, uri="b.txt"))
    forget(desk.warehouse, desk.root, "https://paper.example/a", archive=Path(desk.root) / "archive")

    assert desk.rows("select speaker_name from main.quotes") == [("Bo Ek",)]


WORDS = "“The ferry sails again on Monday and on every day of the summer,” said {}."


def test_the_first_to_print_a_quote_is_named(desk: Desk) -> None:
    """A quote in three articles has the earliest first; the same words are exact, the same beginning is near."""
    shorter = "“The ferry sails again on Monday,” said the harbour master Ada Byron."
    desk.load(
        Page(uri="b", publisher="b.example", paragraphs=(WORDS.format("Byron"),), at=DAY_ONE + timedelta(hours=2)),
        Page(uri="a", publisher="a.example", paragraphs=(WORDS.format("Ada Byron"),)),
        Page(uri="c", publisher="c.example", paragraphs=(shorter,), at=DAY_ONE + timedelta(hours=5)),
        Page(uri="d", publisher="d.example", paragraphs=("“Nobody else says these words,” said Bo Ek.",)),
    )

    assert desk.rows(
        "select position, publisher, match, first_publisher, hours_later from shared_quotes order by position"
    ) == [
        (1, "a.example", "exact", "a.example", 0.0),
        (2, "b.example", "exact", "a.example", 2.0),
        (3, "c.example", "near", "a.example", 5.0),
    ]


def test_who_is_quoted_by_one_publisher_only(desk: Desk) -> None:
    """Speakers are counted over the current texts, with the publishers that quote them."""
    desk.load(
        Page(uri="a", publisher="a.example", paragraphs=(WORDS.format("Ada Byron"),)),
        Page(uri="b", publisher="b.example", paragraphs=(WORDS.format("Ada Byron"), "“It is late again,” said Bo Ek.")),
    )

    assert desk.rows("select speaker, quotes, articles, publishers from quoted_speakers order by speaker") == [
        ("Ada Byron", 2, 2, ["a.example", "b.example"]),
        ("Bo Ek", 1, 1, ["b.example"]),
    ]
    assert desk.rows("select speaker, publisher from quoted_by_publisher where only_here") == [("Bo Ek", "b.example")]


def test_quotes_of_a_person_are_found_by_words_of_the_name(desk: Desk) -> None:
    """Case and accents do not matter, and the limit and the publisher do."""
    desk.load(Page(paragraphs=(WORDS.format("Zoë Byron"), "“It is late again,” said Bo Ek.")))
    with desk.warehouse.open_for_reading() as connection:
        assert [q.speaker_name for q in read_quotes(connection, person="zoe b")] == ["Zoë Byron"]
        assert len(read_quotes(connection)) == 2
        assert len(read_quotes(connection, limit=1)) == 1
        assert read_quotes(connection, publisher="other.example") == []
