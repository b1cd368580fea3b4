"""Persons, organisations, places and topics of the five seeds, written down by hand."""

from __future__ import annotations

import pytest

from copydesk.records import Document, EntityKind, Extraction, Mention
from copydesk.resources import SEEDS
from copydesk.text.documents import ExtractOptions, extract_documents
from copydesk.text.entities.find_mentions import find_mentions
from copydesk.text.topics.find_topics import find_topics

PERSONS = {
    "000": {"Leonid Reshetnikov", "Bashar al-Assad", "Kamal Kharrazi", "Jamal Rabe’eh", "Dmitry Peskov", "Putin"},
    "001": {"Vladimir Putin", "Bashar al-Assad", "Manar al-Freih", "Hazem Sabbagh"},
    "002": {"Masoud Pezeshkian", "Vladimir Putin", "Bashar al-Assad", "Dmitry Peskov"},
    "003": {"Ali Akbar Velayati", "Bashar al-Assad", "Vladimir Putin"},
    "004": {"Bashar al-Assad"},
}
ORGANISATIONS = {
    "000": {"Levant News", "Islamic State", "Fars News", "United Nations", "Kremlin"},
    "001": {"SANA", "Collective Security Treaty Organization", "Islamic State", "Syrian Army"},
    "002": {"Hezbollah", "Kremlin", "Hay'at Tahrir al-Sham", "Daesh"},
    "003": {"Islamic State", "Center for Strategic Research", "Expediency Council", "Al-Alam"},
    "004": {"Al-Watan News Agency", "Kremlin"},
}
PLACES = {
    "000": {"Russia", "Moscow", "Tehran", "Syria", "Caucasus", "Central Asia", "Iran", "Damascus"},
    "001": {
        *("Moscow", "Russia", "Syria", "Tajikistan", "Dushanbe", "Iraq", "Mecca", "Medina", "Jerusalem", "Europe"),
        *("Central Asia", "Southeast Asia", "Libya", "Soviet Union"),
    },
    "002": {
        *("Iran", "Russia", "Syria", "Israel", "Tehran", "Moscow", "Astana", "Türkiye", "Aleppo", "Hama"),
        "United States",
    },
    "003": {"Russia", "Iran", "Syria", "Iraq", "Israel", "Damascus"},
    "004": {"Russia", "Syria", "Moscow", "Türkiye", "Israel", "Damascus"},
}
TOPICS = {
    "000": [("conflict", True)],
    "001": [("conflict", False)],
    "002": [("politics", True)],
    "003": [("politics", False), ("conflict", False)],
    "004": [("politics", False)],
}
MISSED = {("000", "Putin"), ("002", "Daesh")}
"""A family name in a headline that no full name explains; a name before an adjective in capitals."""


def _seed(number: str) -> Extraction:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    document = Document(document_id=number, content=path.read_bytes(), media_type="text/plain")
    return extract_documents([document], options=ExtractOptions())[0]


def _mentions(found: Extraction) -> tuple[Mention, ...]:
    return find_mentions(
        found.title,
        [p.text for p in found.paragraphs],
        [c.text for c in found.captions],
        language=found.language,
        authors=found.authors,
        dateline=found.dateline,
        agency=found.agency,
    )


@pytest.mark.parametrize("number", sorted(PERSONS))
@pytest.mark.parametrize(
    ("kind", "gold"),
    [(EntityKind.PERSON, PERSONS), (EntityKind.ORGANISATION, ORGANISATIONS), (EntityKind.PLACE, PLACES)],
    ids=["persons", "organisations", "places"],
)
def test_the_seeds_name_who_and_what_a_reader_finds(number: str, kind: EntityKind, gold: dict[str, set[str]]) -> None:
    """Nothing is found that is not there, and all that is there but two names that are known to be missed."""
    found = {m.name for m in _mentions(_seed(number)) if m.kind is kind}
    assert found == {name for name in gold[number] if (number, name) not in MISSED}


@pytest.mark.parametrize("number", sorted(TOPICS))
def test_the_topics_of_the_seeds(number: str) -> None:
    """Two seeds declare their topic by a section; the words of the others tell war or politics."""
    found = _seed(number)
    assert [(t.topic, t.declared) for t in find_topics(found, [p.text for p in found.paragraphs])] == TOPICS[number]
