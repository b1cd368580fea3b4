"""Mentions: one person under one name within an article, in many languages."""

from __future__ import annotations

import random

import pytest

from copydesk.records import Author, AuthorKind, Dateline, EntityKind, Mention, MentionField
from copydesk.text.entities.find_mentions import entity_key, find_mentions
from copydesk.text.entities.gazetteers import gazetteers

PERSON, ORGANISATION, PLACE = EntityKind.PERSON, EntityKind.ORGANISATION, EntityKind.PLACE


def names(mentions: tuple[Mention, ...], kind: EntityKind) -> list[str]:
    """Return the names of a kind, each once, in order."""
    return list(dict.fromkeys(m.name for m in mentions if m.kind is kind))


# ruff: noqa: E501  one line per language
SENTENCES = [
    ("ru", "Глава завода Олег Ершов выступил в Москве. Ершов заявил, что Россия закупит станки.", "Олег Ершов", "Ершов", "Moscow"),
    ("uk", "Речниця Олена Бондар говорила у Варшаві. Бондар сказала, що Польща допоможе.", "Олена Бондар", "Бондар", "Poland"),
    ("pl", "Rzeczniczka Ewa Zając mówiła w Warszawie. Zając dodała, że Polska czeka.", "Ewa Zając", "Zając", "Warsaw"),
    ("de", "Ministerin Petra Klug reiste nach Wien. Klugs Büro bestätigte, dass Österreich zahlt.", "Petra Klug", "Klugs", "Vienna"),
    ("fr", "La ministre Claire Fontaine est arrivée à Rome. Mme Fontaine a dit que l'Italie attend.", "Claire Fontaine", "Fontaine", "Italy"),
    ("es", "La portavoz Lucía Campos habló en Berlín. Campos dijo que España espera.", "Lucía Campos", "Campos", "Berlin"),
    ("it", "Il sindaco Marco Belli è a Parigi. Belli ha detto che la Francia aspetta.", "Marco Belli", "Belli", "France"),
    ("pt", "A ministra Marta Lopes chegou a Lisboa. Lopes disse que Portugal espera.", "Marta Lopes", "Lopes", "Portugal"),
    ("nl", "Burgemeester Els Bakker sprak in Den Haag. Bakker zei dat Nederland wacht.", "Els Bakker", "Bakker", "Netherlands"),
    ("sv", "Minister Karin Lund talade i Oslo. Lund sade att Norge väntar.", "Karin Lund", "Lund", "Norway"),
    ("tr", "Bakan Ayşe Demir Ankara'da konuştu. Demir'in sözleri Türkiye'de yankılandı.", "Ayşe Demir", "Demir", "Ankara"),
    ("el", "Ο υπουργός Νίκος Παππάς μίλησε στην Αθήνα. Ο Παππάς είπε ότι η Ελλάδα περιμένει.", "Νίκος Παππάς", "Παππάς", "Greece"),
    ("id", "Menteri Sri Lestari berbicara di Jakarta. Lestari berkata Indonesia menunggu.", "Sri Lestari", "Lestari", "Jakarta"),
    ("ro", "Ministrul Radu Ionescu a vorbit la Paris. Ionescu a spus că România așteaptă.", "Radu Ionescu", "Ionescu", "Romania"),
    ("ar", "قال الوزير سامر حداد في دمشق. وأضاف حداد أن سوريا تنتظر.", "سامر حداد", "حداد", "Damascus"),
    ("he", "השר יואב ברק אמר בירושלים. ברק הוסיף כי ישראל ממתינה.", "יואב ברק", "ברק", "Israel"),
    ("hi", "मंत्री रमेश वर्मा ने दिल्ली में कहा। वर्मा ने कहा कि भारत तैयार है।", "रमेश वर्मा", "वर्मा", "India"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text", "full", "short", "place"), SENTENCES, ids=[s[0] for s in SENTENCES])
def test_a_full_name_and_the_family_name_are_one_person(
    language: str, text: str, full: str, short: str, place: str
) -> None:
    """In each language the family name alone is the person named before, and the place is the gazetteer's."""
    found = find_mentions(None, [text], language=language)
    people = [m for m in found if m.kind is PERSON]
    assert [(m.text, m.full) for m in people] == [(full, True), (short, False)]
    assert {m.name for m in people} == {full}
    assert len({m.entity_id for m in people}) == 1
    assert place in names(found, PLACE)


SPACELESS = [
    ("zh", "外交部长王小川表示，中国愿意与俄罗斯合作。", "王小川", "China"),
    ("ja", "山田太郎氏は東京で反対した。", "山田太郎", "Tokyo"),
    ("ko", "김민수 장관은 서울에서 말했다.", "김민수", "Seoul"),
    ("th", "นายสมชาย ใจดี กล่าวว่า ประเทศไทยพร้อม", "สมชาย ใจดี", "Thailand"),
]


@pytest.mark.parametrize(("language", "text", "person", "place"), SPACELESS, ids=[s[0] for s in SPACELESS])
def test_a_title_proves_a_person_in_scripts_without_spaces(language: str, text: str, person: str, place: str) -> None:
    """Chinese, Japanese, Korean and Thai have no capitals: the title beside the name tells it."""
    found = find_mentions(None, [text], language=language)
    assert names(found, PERSON) == [person]
    assert place in names(found, PLACE)


def test_offsets_are_those_of_the_text() -> None:
    """Start and end cut the very words out of the paragraph, without the possessive ending."""
    text = "The office of Ursula von der Leyen’s adviser Anna Berg opened in Brussels."
    found = find_mentions(None, [text], language="en")
    assert [text[m.start : m.end] for m in found] == [m.text for m in found]
    assert [m.text for m in found] == ["Ursula von der Leyen", "Anna Berg", "Brussels"]


def test_a_role_is_an_attribute_of_the_mention() -> None:
    """The office before the name, and the one behind a comma, are kept with the mention."""
    text = "Former Ruritanian Foreign Minister Anna Berg met Tom Ellis, a senior economist at the bank, on Monday."
    found = find_mentions(None, [text], language="en")
    assert [(m.name, m.role) for m in found if m.kind is PERSON] == [
        ("Anna Berg", "Former Ruritanian Foreign Minister"),
        ("Tom Ellis", "a senior economist at the bank"),
    ]


def test_a_name_in_the_title_is_explained_by_the_body() -> None:
    """A headline's "Berg" is Anna Berg of the text, and no place or organisation beside her is lost."""
    found = find_mentions("Berg warns Turkey", ["Minister Anna Berg warned Turkey."], language="en")
    title = [m for m in found if m.field is MentionField.TITLE]
    assert [(m.name, m.full) for m in title] == [("Anna Berg", False), ("Türkiye", True)]


def test_a_family_name_alone_is_nobody() -> None:
    """Without a full name a family name has no identity: it is never merged with another article's."""
    (found,) = find_mentions(None, ["There Mr Beyer said nothing."], language="en")
    assert (found.name, found.entity_id) == ("Beyer", None)


def test_an_office_beside_a_family_name_tells_who_it_is() -> None:
    """The gazetteer knows one president of that family name; without the office it stays unknown."""
    (found,) = find_mentions(None, ["Yesterday President Macron spoke."], language="en")
    assert (found.name, found.country) == ("Emmanuel Macron", "FR")
    assert find_mentions(None, ["Yesterday Macron spoke."], language="en") == ()


def test_two_of_one_family_are_told_apart_by_nearness() -> None:
    """Of two people with one family name the one named last is meant."""
    texts = ["Minister Anna Berg arrived. Berg smiled.", "Her brother, the pianist Paul Berg, followed. Berg waved."]
    found = [m for m in find_mentions(None, texts, language="en") if m.kind is PERSON]
    assert [m.name for m in found] == ["Anna Berg", "Anna Berg", "Paul Berg", "Paul Berg"]


def test_case_endings_make_no_further_person() -> None:
    """Russian, Polish and German forms of a known name are that name."""
    texts = ["Встреча с Владимиром Зеленским прошла в Киеве. Позиция Зеленского известна."]
    found = find_mentions(None, texts, language="ru")
    assert names(found, PERSON) == ["Volodymyr Zelenskyy"]
    assert names(find_mentions(None, ["Angela Merkels Rede und Merkels Reise."], language="de"), PERSON) == [
        "Angela Merkel"
    ]


def test_writings_of_a_name_in_all_scripts_have_one_key() -> None:
    """A known person has the same id in English, Russian, Arabic and Chinese articles."""
    texts = {"en": "Vladimir Putin", "ru": "Владимир Путин", "ar": "فلاديمير بوتين", "zh": "普京"}
    ids = {m.entity_id for code, text in texts.items() for m in find_mentions(None, [text + "."], language=code)}
    assert ids == {entity_key(PERSON, "Vladimir Putin")}


def test_articles_initials_and_capitals_change_no_key() -> None:
    """Arabic articles, a middle initial, diacritics and capitals are not part of who somebody is."""
    assert entity_key(PERSON, "Bashar al-Assad") == entity_key(PERSON, "BASHAR ASSAD")
    assert entity_key(PERSON, "John Q. Public") == entity_key(PERSON, "John Public")
    assert entity_key(PERSON, "José Núñez") == entity_key(PERSON, "Jose Nunez")
    assert entity_key(PERSON, "John Public") != entity_key(PERSON, "Jane Public")


def test_an_organisation_is_known_by_its_head_and_its_acronym() -> None:
    """The letters in brackets stand for the organisation from then on."""
    text = "The Ruritanian Institute of Marine Science (RIMS) reported losses. RIMS closed two ships."
    found = find_mentions(None, [text], language="en")
    assert [(m.name, m.text) for m in found] == [
        ("Ruritanian Institute of Marine Science", "Ruritanian Institute of Marine Science"),
        ("Ruritanian Institute of Marine Science", "RIMS"),
        ("Ruritanian Institute of Marine Science", "RIMS"),
    ]


def test_byline_and_dateline_are_mentions() -> None:
    """Who signs and where it was filed are mentions of their own place, with no offsets."""
    found = find_mentions(
        None,
        ["Nothing happened."],
        language="en",
        authors=[Author(name="Jane Doe"), Author(name="Reuters", kind=AuthorKind.ORGANISATION), Author(name="admin")],
        dateline=Dateline(text="MOSCOW, TASS -", place="Moscow", agency="TASS"),
    )
    assert [(m.name, m.field.value) for m in found] == [
        ("Jane Doe", "byline"),
        ("Reuters", "byline"),
        ("Moscow", "dateline"),
        ("TASS", "dateline"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The Washington Nationals won on Sunday.",
        "He walked along Silicon Valley and Harvey Beach.",
        "Meanwhile Caught Between Two Fires is a film.",
        "Critics said little. Later Republicans said more.",
        "A Paris Hilton sign hung there.",
        "Ende November war der Grad Celsius niedrig.",
        "us and who they are",
    ],
)
def test_capitals_alone_prove_nothing(text: str) -> None:
    """Teams, streets, titles, groups and German nouns are no persons."""
    assert names(find_mentions(None, [text], language="en"), PERSON) == []


def test_the_same_article_gives_the_same_mentions() -> None:
    """The order in which articles are read changes nothing: no state is kept between them."""
    articles = [(language, text) for language, text, *_ in SENTENCES]
    first = {text: find_mentions(None, [text], language=language) for language, text in articles}
    random.Random(7).shuffle(articles)
    assert {text: find_mentions(None, [text], language=language) for language, text in articles} == first


def test_every_role_example_names_a_person() -> None:
    """Each example of the role lists gives exactly one person with a role."""
    from copydesk.rules_file import package_rules

    for entry in package_rules("entities.toml")["role"]:
        for example in entry["examples"]:
            found = find_mentions(None, [f"{example} …"], language=entry["language"])
            people = [m for m in found if m.kind is PERSON]
            assert len(people) == 1, (example, found)


def test_gazetteer_entries_are_whole() -> None:
    """Every entry has a name and a country of two letters or none, and leaders have a family name."""
    known = gazetteers(())
    assert len(known.names) > 8_000
    for entry in known.names.values():
        assert entry.name.strip() == entry.name
        assert len(entry.country) in (0, 2)
        assert bool(entry.family) == (entry.kind is PERSON)


@pytest.mark.parametrize(
    "text",
    [
        "Anna Berg, who is the town's youngest player, left. Berg came back.",
        "Anna Berg, accompanied by the minister, left. Berg came back.",
        "Anna Berg, Peter player Nils Ek and others left. Berg came back.",
    ],
)
def test_a_clause_behind_a_name_is_no_role(text: str) -> None:
    """A role begins with an office and its adjectives, not with a clause or another person."""
    assert [m.role for m in find_mentions(None, [text], language="en") if m.name == "Anna Berg"] == ["", ""]


def test_a_family_name_may_be_either_word_of_a_name_that_may_be_asian() -> None:
    """Lee may be a given name: "Holm" is Lee Holm where he was named last, not the other Holm."""
    found = find_mentions(
        None, ["Thomas Holm came first.", "Lee Holm won on Friday.", "Holm smiled, and Lee left."], language="en"
    )
    assert [(m.text, m.name) for m in found if m.paragraph == 3] == [("Holm", "Lee Holm"), ("Lee", "Lee Holm")]


@pytest.mark.parametrize("name", ["Marie-Curie-Universität Bergen", "Meta-Data-Entry Loop", "TINE Skolen"])
def test_compounds_and_brands_are_no_persons(name: str) -> None:
    """A given name that begins a compound or stands in capitals before other words names no person."""
    found = find_mentions(None, [f"Gestern wurde bei {name} gefeiert."], language="de")
    assert [m.name for m in found if m.kind is EntityKind.PERSON] == []
