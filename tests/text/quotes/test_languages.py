"""Speakers in other languages: names behind roles, insertions inside of marks, marks of other scripts."""

from __future__ import annotations

import pytest

from copydesk.records import Paragraph, ParagraphKind, QuoteKind
from copydesk.text.quotes.find_quotes import find_quotes


def _speakers(text: str, language: str) -> list[tuple[str | None, str]]:
    quotes = find_quotes([Paragraph(kind=ParagraphKind.PARAGRAPH, text=text, block=1)], language)
    return [(q.speaker_name, q.text) for q in quotes if q.kind is not QuoteKind.INDIRECT]


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("es", "“No vamos a firmar ese acuerdo”, dijo el portavoz sindical, Pablo Mena.", "Pablo Mena"),
        ("es", "“No vamos a firmar ese acuerdo”, dijo el portavoz sindical Pablo Mena.", "Pablo Mena"),
        (
            "fr",
            "« Nous n'avons rien reçu », a déploré la maire de la commune, Sophie Garnier, jeudi.",
            "Sophie Garnier",
        ),
        ("fr", "Pour le président du syndicat, Marc Lefèvre, « cette réforme est une erreur ».", "Marc Lefèvre"),
        ("it", "«Non possiamo aspettare», ha detto il sindaco di Lecco, Marco Bassi, alla fine.", "Marco Bassi"),
        ("pt", "“Não vamos recuar agora”, garantiu o ministro da Saúde, João Teles, aos jornalistas.", "João Teles"),
        ("pl", "„Nie zgodzimy się na takie warunki” – powiedział minister zdrowia Jan Kowal.", "Jan Kowal"),
        ("pl", "Zdaniem prezydent miasta Ewy Lis „remont mostu musi się zacząć jeszcze teraz”.", "Ewy Lis"),
        ("ru", "«Мы не будем повышать налоги», — заявил министр финансов Игорь Петров.", "Игорь Петров"),
        ("uk", "— Ми чекали на це десять років, — каже мешканка села Марія Гнатюк.", "Марія Гнатюк"),
        ("el", "«Δεν θα υπογράψουμε τώρα», δήλωσε ο υπουργός Παιδείας, Νίκος Δέλτα, στη Βουλή.", "Νίκος Δέλτα"),
        ("en", "“We open it in May,” said the mayor of the old town, Anna Berg.", "Anna Berg"),
        ("en", "The director, Anna Berg, said “we open it in May”.", "Anna Berg"),
    ],
)
def test_a_role_with_a_name_behind_it_is_called_by_the_name(language: str, text: str, speaker: str) -> None:
    """The name counts behind what the role is of, with a comma or without one."""
    assert _speakers(text, language)[0][0] == speaker


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("en", "“We open it in May,” said the mayor of Paris, Texas.", "the mayor"),
        ("en", "“We open it in May,” according to the mayor of Oslo, Anna Berg will open it.", "the mayor"),
    ],
)
def test_what_stands_behind_a_role_need_not_be_its_name(language: str, text: str, speaker: str) -> None:
    """A place behind a place, or the subject of the next clause, is no name of the role."""
    assert _speakers(text, language)[0][0] == speaker


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("fr", "« C'est une bonne nouvelle, se réjouit Paul Aubert, mais il reste beaucoup à faire. »", "Paul Aubert"),
        ("it", "«È tardi per tutti, ha detto Anna Riva, dobbiamo tornare a casa.»", "Anna Riva"),
    ],
)
def test_an_insertion_between_the_marks_names_the_speaker(language: str, text: str, speaker: str) -> None:
    """French and Italian papers put the speaker inside of the quotation marks."""
    assert _speakers(text, language)[0][0] == speaker


def test_somebody_quoted_by_the_speaker_is_no_insertion() -> None:
    """Inside of the marks, a clause whose subject stands before its verb does not name who speaks."""
    assert _speakers("« Mon père, qui a dit oui, est parti hier soir avec ma sœur. »", "fr")[0][0] is None


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("ar", "«نحن متعبون من الوعود الكاذبة»، تقول سعاد حداد، وهي أم لثلاثة أطفال.", "سعاد حداد"),
        ("ar", "وقال مصدر، طلب عدم نشر اسمه، لتلفزيون محلي: «السلاح من مصنع في المدينة».", "مصدر"),
        ("fa", "مریم احمدی، شهردار شهر، تاکید کرد که پل «سال آینده در بهار باز می‌شود».", "مریم احمدی"),
        ("fa", "وزیر دارایی، رضا کاظمی، گفت: «امسال هیچ مالیات تازه‌ای در کار نیست».", "رضا کاظمی"),
        ("he", 'שר האוצר, דוד לוי, אמר כי "לא יהיו מסים חדשים השנה".', "דוד לוי"),
        ("ja", "「橋は来年の春に開通する予定です」と佐藤市長は話した。", "佐藤市長"),
        ("ja", "住民の鈴木花子さん（62）は「十年も待ちました」と語る。", "住民の鈴木花子さん"),
    ],
)
def test_commas_brackets_and_particles_of_other_scripts(language: str, text: str, speaker: str) -> None:
    """Arabic commas are commas; an age in brackets is no part of a name; Japanese speakers can follow the quote."""
    assert _speakers(text, language)[0][0] == speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Als ihm das Amt angeboten worden war sagte er: „Ich werde die alte Brücke neu bauen.“", "er"),
        (
            "Der Chef der Werft in Bremen, Bo Ek, kritisierte die Absage der Stadt: „Wir haben das nie gewollt.“",
            "Bo Ek",
        ),
    ],
)
def test_who_follows_a_german_verb_may_be_its_object(text: str, speaker: str) -> None:
    """Er is a subject; what follows the verb behind "..., Bo Ek, kritisierte" is none."""
    found = find_quotes([Paragraph(kind=ParagraphKind.PARAGRAPH, text=text, block=1)], "de")[0]
    assert speaker in (found.speaker, found.speaker_name)


def test_no_quote_between_two_quotes_and_no_party_by_name() -> None:
    """What begins with a comma stands between two quotes, and a few words with a capital are a name."""
    assert [t for _, t in _speakers('Anna Berg: "Il est tard" , a-t-elle dit. "', "fr")] == ["Il est tard"]
    assert _speakers("Анна Берг сказала, что партия «Старый мост» против закона.", "ru") == []


def test_an_article_joined_to_a_noun_is_no_given_name() -> None:
    """L'elogio di Berg is no full name of Berg."""
    text = "L'elogio di Berg: Anna Berg apre il ponte. «Il ponte è molto bello», ha detto Berg."
    assert _speakers(text, "it")[0][0] == "Anna Berg"


def test_nobody_is_guessed_where_there_are_no_cues() -> None:
    """In a language without cues, the sentence's first noun phrase is not taken for who speaks."""
    assert _speakers("Berg Anna Oslo felé ment, és ott „egy nagyon régi és kicsi híd” volt.", "hu")[0][0] is None
