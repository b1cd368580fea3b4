"""Entities, mentions and topics: loaded, replaced and deleted with their revision, the same whatever the order."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from tests.store.conftest import DAY_ONE, Desk, Page

from copydesk.records import EntityKind
from copydesk.store.curate import forget
from copydesk.text.entities.find_mentions import entity_key

QUAY = Page(
    uri="quay.txt",
    title="Solberg opens the quay",
    authors=("Ada Byron",),
    sections=("Politics",),
    paragraphs=("Minister Karin Solberg opened the quay in Bergen. Solberg thanked Norway.",),
)
FERRY = Page(
    uri="ferry.txt",
    title="The ferry sails",
    authors=(),
    sections=("News",),
    paragraphs=("Minister KARIN SOLBERG sailed to Oslo, said mayor Tom Ellis.",),
)
SHIP = replace(FERRY, uri="ship.txt", paragraphs=("Minister Karin Solberg left Oslo. The ship sank.",))


def _names(desk: Desk, kind: str = "person") -> list[str]:
    return [name for (name,) in desk.rows("select name from entities where kind = ? order by name", [kind])]


def test_mentions_point_to_their_entity_and_their_words(desk: Desk) -> None:
    """Each row names the entity, the paragraph and the characters; a family name points to the full name's entity."""
    desk.load(QUAY)
    rows = desk.rows(
        "select e.name, m.field, m.paragraph, substr(p.text, m.start_char + 1, m.end_char - m.start_char), "
        "m.full_name, m.role from mentions as m join entities as e using (entity_id) "
        "left join paragraphs as p on p.revision_id = m.revision_id and p.position = m.paragraph and m.field = 'body' "
        "where e.kind = 'person' order by m.position"
    )
    assert rows == [
        ("Karin Solberg", "title", None, None, False, None),
        ("Ada Byron", "byline", None, None, True, None),
        ("Karin Solberg", "body", 1, "Karin Solberg", True, "Minister"),
        ("Karin Solberg", "body", 1, "Solberg", False, None),
    ]
    assert desk.rows("select entity_id::varchar from entities where name = 'Karin Solberg'") == [
        (entity_key(EntityKind.PERSON, "Karin Solberg"),)
    ]


def test_a_quote_knows_its_person(desk: Desk) -> None:
    """Speaker and "she" are the person that the mentions name; an organisation that speaks is none."""
    texts = (
        "“The quay is ready for all ships,” said Minister Karin Solberg. She added: “Nobody has to wait any longer.”",
        "“We know nothing about a new quay,” the ministry said.",
    )
    desk.load(replace(QUAY, paragraphs=texts))
    rows = desk.rows(
        "select q.speaker, e.name from quotes as q left join entities as e on e.entity_id = q.person_id "
        "order by q.position"
    )
    assert [name for _, name in rows] == ["Karin Solberg", "Karin Solberg", None]


def test_the_same_inputs_in_any_order_give_the_same_entities(make_desk: Callable[[str], Desk]) -> None:
    """Three articles write one name in two ways; whichever comes first, the name most of them write stays."""
    pages = [replace(p, at=DAY_ONE + timedelta(hours=n)) for n, p in enumerate((QUAY, FERRY, SHIP))]
    dumps = []
    for order in itertools.permutations(pages):
        desk = make_desk("-".join(p.uri for p in order))
        for page in order:
            desk.load(page)
        dumps.append({t: desk.dump()[t] for t in ("entities", "mentions", "revision_topics")})
    assert all(dump == dumps[0] for dump in dumps)
    assert "Karin Solberg" in [row[2] for row in dumps[0]["entities"]]


def test_entities_without_a_mention_go(desk: Desk) -> None:
    """When newer rules stop a page, who only stood in it is gone, and the others keep their name."""
    desk.load(QUAY, FERRY)
    assert _names(desk) == ["Ada Byron", "Karin Solberg", "Tom Ellis"]
    desk.load(replace(FERRY, verdict="quarantined"))
    assert _names(desk) == ["Ada Byron", "Karin Solberg"]
    assert "Oslo" in _names(desk, "place")  # the dateline of the other page


def test_forgotten_pages_take_their_entities_with_them(desk: Desk) -> None:
    """Forget leaves no mention, no topic and no entity of the page behind."""
    desk.load(QUAY, FERRY)
    forget.forget(desk.warehouse, desk.root, "ferry.txt", archive=desk.root / "archive")
    assert _names(desk) == ["Ada Byron", "Karin Solberg"]
    assert desk.rows("select count(*) from mentions where revision_id not in (select revision_id from revisions)") == [
        (0,)
    ]
    forget.forget(desk.warehouse, desk.root, "quay.txt", archive=desk.root / "archive")
    assert desk.rows("select (select count(*) from entities), (select count(*) from revision_topics)") == [(0, 0)]


def test_declared_and_inferred_topics_are_told_apart(desk: Desk) -> None:
    """A section declares a topic; without one the words tell it, and both say what they follow from."""
    words = "The striker scored two goals in the match. The coach praised his players and the goalkeeper."
    desk.load(QUAY, replace(FERRY, paragraphs=(words,)))
    rows = desk.rows("select topic, origin, evidence from revision_topics order by topic")
    assert rows[0] == ("politics", "declared", "section Politics")
    assert rows[1][:2] == ("sport", "inferred")
    assert "match 1" in rows[1][2]


def test_a_warehouse_has_the_seventeen_topics(desk: Desk) -> None:
    """The table of topics is complete, and has the codes of the IPTC."""
    desk.load(QUAY)
    rows = desk.rows("select topic, qcode from topics order by qcode")
    assert [code for _, code in rows] == [f"medtop:{n:02}000000" for n in range(1, 18)]
