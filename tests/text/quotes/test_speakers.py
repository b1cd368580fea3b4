"""Speakers: before, after, around and inside; carried over; pronouns, roles and organisations; reported speech."""

from __future__ import annotations

import pytest

from copydesk.records import Paragraph, ParagraphKind, Quote, QuoteKind
from copydesk.text.quotes.find_quotes import find_quotes


def _quotes(*texts: str, language: str = "en", kind: ParagraphKind = ParagraphKind.PARAGRAPH) -> tuple[Quote, ...]:
    return find_quotes([Paragraph(kind=kind, text=text, block=n) for n, text in enumerate(texts, 1)], language)


def _speakers(*texts: str, language: str = "en") -> list[str | None]:
    return [q.speaker_name for q in _quotes(*texts, language=language) if q.kind is not QuoteKind.INDIRECT]


@pytest.mark.parametrize(
    ("text", "speaker", "rule"),
    [
        ("“We open the bridge in May,” said Anna Berg, the mayor.", "Anna Berg", "after.inverted"),
        ("“We open the bridge in May,” Anna Berg, the mayor of Oslo, later said.", "Anna Berg", "after.subject"),
        ("Anna Berg, who has led the town since May, said: “We open the bridge.”", "Anna Berg", "before.subject"),
        ("“We open it,” Anna Berg said, “and we do so in May.”", "Anna Berg", "after.subject"),
        (
            "“As good as a new one” for the price, the engineer Anna Berg said.",
            "the engineer Anna Berg",
            "after.trailing",
        ),
        ("In a letter to the council, Anna Berg called it “a gift to all builders”.", "Anna Berg", "before.subject"),
        ("After the vote Bo Ek lost, Anna Berg said “we open the bridge”.", "Anna Berg", "before.subject"),
        ("The bridge is “as good as a new one,” according to the ministry.", "the ministry", "after.according"),
        ("Police said the bridge was “in a state of great danger”.", "Police", "before.subject"),
        ("A spokeswoman for the bank said it was “a very good year”.", "A spokeswoman", "before.subject"),
        ("“Is the bridge open?” Anna Berg asked.", "Anna Berg", "after.subject"),
        ("Anna Berg left on Monday, saying the town “has no money at all”.", "Anna Berg", "before.subject"),
    ],
)
def test_where_a_speaker_stands(text: str, speaker: str, rule: str) -> None:
    """The speaker as written, and the rule that found it, wherever it stands in the sentence."""
    quote = _quotes(text)[0]
    assert (quote.speaker, quote.rule) == (speaker, rule)


def test_the_full_name_is_given_wherever_only_the_last_one_stands() -> None:
    """A family name, a pronoun and a role become the fullest name that the article gives."""
    assert _speakers(
        "Norwegian President Anna Berg opened the bridge, and Bo Ek watched.",
        "“It is a good bridge,” Berg said.",
        "“It is a very good bridge,” she said.",
        "“It is too expensive,” the Norwegian president said.",
        "“It is not mine at all,” said Ek. He called it “a gift to the builders”.",
    ) == ["Anna Berg", "Anna Berg", "Anna Berg", "Bo Ek", "Bo Ek"]


def test_he_is_not_a_woman() -> None:
    """A pronoun takes the last speaker whose sex fits, by title or first name."""
    assert _speakers(
        "“It is a good bridge,” said Mr. Peter Ek.", "“It is mine,” said Mrs. Anna Berg.", "“It is not,” he said again."
    ) == ["Peter Ek", "Anna Berg", "Peter Ek"]


def test_a_speaker_is_carried_over_sentences_and_paragraphs() -> None:
    """Sentences that stand alone behind a quote, and paragraphs that a quote runs through, are the same speaker's."""
    assert (
        _speakers(
            "“It is a good bridge,” said Anna Berg. “It is the best of all.",
            "“It will stand for a hundred years.”",
            "Rain fell on the town.",
        )
        == ["Anna Berg"] * 3
    )


def test_datelines_captions_and_days_do_not_speak() -> None:
    """What stands before a quote but names a day or a place is no speaker."""
    for text in ("On Monday: “It is a good bridge for the town.”", "“It is a good bridge,” said Monday's paper."):
        assert "Monday" not in [q.speaker for q in _quotes(text)]


@pytest.mark.parametrize(
    "text",
    [
        "The film “The Long Nights of the North” opens on Friday.",
        "He is a so-called “expert” in these things.",
        "She lives in “Little Italy”.",
        '<a href="one two three four five">A link</a> is here.',
    ],
)
def test_titles_names_and_doubted_words_are_no_quotes(text: str) -> None:
    """Only words of somebody are quotes."""
    assert _quotes(text) == ()


def test_headings_tables_and_code_are_not_read() -> None:
    """A headline repeats the text's words, and code has marks of its own."""
    for kind in (ParagraphKind.HEADING, ParagraphKind.TABLE, ParagraphKind.CODE):
        assert _quotes("“It is a good bridge,” said Anna Berg.", kind=kind) == ()


@pytest.mark.parametrize(
    ("before", "words", "after", "speaker", "rule", "language"),
    [
        ("Anna Berg said on Monday that ", "the bridge would open in May", ".", "Anna Berg", "that", "en"),
        ("The ministry said ", "the bridge would open in May", ".", "The ministry", "plain", "en"),
        ("", "The bridge would open in May this year", ", Anna Berg said.", "Anna Berg", "trailing", "en"),
        ("According to the police, ", "nobody was on the bridge", ".", "the police", "according", "en"),
        ("Anna Berg erklärte, dass ", "die Brücke im Mai eröffnet werde", ".", "Anna Berg", "that", "de"),
        ("Anna Berg a déclaré que ", "le pont ouvrirait au mois de mai", ".", "Anna Berg", "that", "fr"),
        ("Анна Берг заявила, что ", "мост откроют уже в мае", ".", "Анна Берг", "that", "ru"),
    ],
)
def test_reported_speech(before: str, words: str, after: str, speaker: str, rule: str, language: str) -> None:
    """A clause that reports what somebody said, without marks, in the writer's words."""
    (quote,) = _quotes(before + words + after, language=language)
    assert (quote.text, quote.speaker, quote.rule) == (words, speaker, f"indirect.{rule}")
    assert quote.kind is QuoteKind.INDIRECT


def test_what_is_denied_was_not_said() -> None:
    """The clause behind "denied that" is no speech of the one who denies it."""
    assert _quotes("Anna Berg denied that the bridge would open in May.") == ()


def test_direct_and_mixed() -> None:
    """Whole sentences are direct, words inside a sentence of the writer are mixed."""
    kinds = [q.kind.value for q in _quotes("“It is late,” Anna Berg said. Bo Ek called it “a sign of the times”.")]
    assert kinds == ["direct", "mixed"]


def test_a_language_without_cues_is_read_by_its_marks() -> None:
    """A whole sentence between marks is a quote in any language; nobody is named that is not found."""
    (quote,) = _quotes("“Hidhi hijau iku apik banget.” Rame.", language="jv")
    assert quote.text == "Hidhi hijau iku apik banget."


def test_a_hostile_page_has_bounds() -> None:
    """Marks, cues and names by the ten thousand, and only so much of a very long text, are read."""
    for text in ("“" * 20_000, '"a b c d" ' * 2_000, "said Anna Berg, " * 3_000, "«" * 9_000 + "»" * 9_000):
        for quote in _quotes(text):
            assert text[quote.start : quote.end] == quote.text
    assert _quotes("x " * 90_000, "“It is late,” said Anna Berg.") == ()


def test_a_paragraph_that_only_names_its_source_is_no_quote() -> None:
    """A line that a page breaks after the name has no clause that could be hers."""
    paragraphs = [Paragraph(kind=ParagraphKind.PARAGRAPH, text="According to Anna Berg,", block=0)]
    assert find_quotes(paragraphs, "en") == ()


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“We open it in May,” Rep. Anna Berg (D-Md.) said.", "Rep. Anna Berg"),
        ("“We open it in May,” Mayor Anna Berg, R-Ky., said on Tuesday.", "Mayor Anna Berg"),
        ("Anna Berg said on Friday that she thinks the bridge is “a gift to all the builders”.", "Anna Berg"),
        ("Another said the bridge was “a gift to all the builders”.", "Another"),
        ("“We open it in May,” the governor riffed at the party.", "the governor"),
        ("The Courier quoted Anna Berg as saying “we open it in May”.", "Anna Berg"),
        ("Anna Berg was quoted as saying “we open it in May”.", "Anna Berg"),
    ],
)
def test_who_speaks_in_longer_sentences(text: str, speaker: str) -> None:
    """A full stop in brackets ends no sentence; of two verbs of saying the outer one counts; who is quoted speaks."""
    assert _quotes(text)[0].speaker == speaker


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Der Courier zitierte einen Augenzeugen mit den Worten: „Die Brücke ist gefallen.“", "einen Augenzeugen"),
        ("Am Montag kam Anna an. Anna hatte das Angebot mit den Worten verworfen: „Wir bauen keine Brücke.“", "Anna"),
        ("Der 58-Jährige schrieb dazu, er wolle „nie mehr über diese Brücke“.", "Der 58-Jährige"),
    ],
)
def test_who_speaks_in_longer_german_sentences(text: str, speaker: str) -> None:
    """Who is quoted by a paper speaks, an age can be a person, and so can a name that opens a sentence."""
    assert _quotes(text, language="de")[0].speaker == speaker


def test_a_title_with_its_full_stop_inside_the_marks_is_no_quote() -> None:
    """American papers put the full stop of the sentence inside the marks of a title, too."""
    assert _quotes("Anna Berg repeated it on the radio show “Morning of the North.”") == ()


def test_a_guessed_speaker_does_not_speak_on() -> None:
    """The subject of a sentence without a verb of saying is not carried into the next paragraph."""
    assert (
        _speakers("The bridge is for Oslo “a gift to all the builders”.", "“It is late. We must open it now.”")[1]
        is None
    )
