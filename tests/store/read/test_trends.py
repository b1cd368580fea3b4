"""People, trends of names and words against a publisher's own past, and what rises."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.store.conftest import DAY_ONE, Desk, Page

from copydesk.errors import UsageError
from copydesk.store.read.people import read_people
from copydesk.store.read.trends import read_rising, read_trend

QUIET = ("The ferry sails at noon.",)
LOUD = ("Minister Karin Solberg promised a new quay. “The quay will be ready in spring,” Solberg said.",)


@pytest.fixture
def news(desk: Desk) -> Desk:
    """Ten quiet days of two stories each, one of them loud on day 5; on the last day all three stories are loud."""
    pages = []
    for day in range(11):
        for number in range(3 if day == 10 else 2):
            loud = day == 10 or (day == 5 and number == 0)
            pages.append(
                Page(
                    uri=f"{day}-{number}.txt",
                    title=f"{'Quay promised' if loud else 'Timetable'} {day} {number}",
                    paragraphs=(*(LOUD if loud else QUIET), f"Number {day} {number}."),
                    sections=("Politics",) if loud else ("Sport",),
                    authors=(),
                    at=DAY_ONE + timedelta(days=day),
                    published=DAY_ONE + timedelta(days=day),
                )
            )
    desk.load(*pages)
    return desk


def test_a_person_is_counted_against_the_publishers_past(news: Desk) -> None:
    """On the last day three of three articles name her, in the days before one of twenty: twenty times as much."""
    with news.warehouse.open_for_reading() as connection:
        trend = read_trend(connection, "karin solberg")
        word = read_trend(connection, "QUAY")
        topic = read_trend(connection, "politics")
    assert (trend.kind, trend.name) == ("person", "Karin Solberg")
    last, before = trend.days
    assert (last.articles, last.all_articles, last.share, last.usual_share) == (3, 3, 1.0, 0.05)
    assert last.ratio == pytest.approx(20)
    assert (before.articles, before.usual_share, before.ratio) == (1, 0.0, None)
    assert [(d.day, d.articles, d.ratio) for d in word.days] == [(d.day, d.articles, d.ratio) for d in trend.days]
    assert (word.kind, topic.kind) == ("word", "topic")
    assert [d.articles for d in topic.days] == [3, 1]


def test_a_word_is_found_whole(news: Desk) -> None:
    """Parts of words are no words; what stands nowhere has no days, and a name of another kind is an error."""
    with news.warehouse.open_for_reading() as connection:
        assert read_trend(connection, "qua").days == ()
        assert read_trend(connection, "time.*", kind="word").days == ()
        with pytest.raises(UsageError, match="no person"):
            read_trend(connection, "quay", kind="person")


def test_what_rises_is_what_was_rare(news: Desk) -> None:
    """The words, the person and the topic of the last day rise; what is written every day does not."""
    with news.warehouse.open_for_reading() as connection:
        rising = {(r.kind, r.name) for r in read_rising(connection, days=1)}
    assert {("person", "Karin Solberg"), ("topic", "politics"), ("word", "quay"), ("word", "promised")} <= rising
    assert ("topic", "sport") not in rising
    assert ("word", "timetable") not in rising


def test_people_are_listed_with_quotes_and_topics(news: Desk) -> None:
    """Who is quoted most comes first, with role, topics and publishers; filters are by words, topic and publisher."""
    with news.warehouse.open_for_reading() as connection:
        (person,) = read_people(connection, "solberg", topic="politics", publisher="paper.example", quoted=True)
        assert read_people(connection, topic="sport", name="Solberg") == []
        assert read_people(connection, "solberg nobody") == []
    assert (person.name, person.role, person.articles, person.quotes) == ("Karin Solberg", "Minister", 4, 4)
    assert (person.publishers, person.topics) == (("paper.example",), ("politics",))
