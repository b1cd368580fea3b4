"""Quotation marks of every script, and the forms in which pages get them wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.records import Paragraph, ParagraphKind
from copydesk.text.quotes.find_quotes import find_quotes
from copydesk.text.quotes.marks import find_stretches


def _inside(*texts: str, dashes: bool = False, singles: bool = False, cues: frozenset[str] = frozenset()) -> list[str]:
    found = find_stretches(texts, dashes=dashes, singles=singles, cues=cues)
    return [text[s.start : s.end] for text, some in zip(texts, found, strict=True) for s in some]


@pytest.mark.parametrize(
    "text",
    [
        "He said: “it is late today”, and left.",
        "Er sagte: „it is late today“, und ging.",
        "Powiedział: „it is late today”, i wyszedł.",
        "Han sade: ”it is late today”, och gick.",
        "Han sagde: »it is late today«, og gik.",
        "Hän sanoi: »it is late today», ja lähti.",
        "Il a dit : « it is late today », et il est parti.",
        'He said: "it is late today", and left.',
        "He said: ''it is late today'', and left.",
        "Er sagte: ,,it is late today'', und ging.",
        "Er sagte: <<it is late today>>, und ging.",
        "He said: “it is late today“, and left.",
        'He said: “it is late today", and left.',
        'He said: "it is late today”, and left.',
        "彼は「it is late today」と言った。",
        "彼は『it is late today』と言った。",
        "He said: ＂it is late today＂, and left.",
    ],
)
def test_marks_of_every_script(text: str) -> None:
    """Each pair, also a mixed one, encloses the words; spaces inside French marks are not among them."""
    assert _inside(text) == ["it is late today"]


def test_two_apostrophes_can_be_left_alone() -> None:
    """A language can do without the mark that press archives and wikis write with two apostrophes."""
    text = "He said: ''it is late today'', and left."
    assert find_stretches([text], dashes=False, singles=False, apostrophes=False) == [[]]


def test_single_marks_count_where_there_are_no_double_ones() -> None:
    """British single marks are quotes, apostrophes are none; within double marks single ones are part of the words."""
    assert _inside("‘The boys’ toys aren’t here,’ he said. It’s the ’90s.") == ["The boys’ toys aren’t here,"]
    assert _inside("'It's late today,' he said.") == ["It's late today,"]
    assert _inside("“He told me ‘it is late today’ and left,” she said.") == ["He told me ‘it is late today’ and left,"]


def test_dutch_single_marks_stand_beside_double_ones() -> None:
    """Where a language uses both, both are quotes."""
    assert _inside("‘Het is laat,’ zei hij. “Het is later,” zei zij.", singles=True) == [
        "Het is laat,",
        "Het is later,",
    ]


def test_nested_marks_of_one_kind_are_one_quote() -> None:
    """The outermost pair counts."""
    assert _inside("Он сказал: «Читайте «Правду» каждый день», и ушёл.") == ["Читайте «Правду» каждый день"]


def test_a_mark_that_is_not_closed_ends_with_its_paragraph() -> None:
    """A quote over paragraphs opens each of them and closes the last."""
    assert _inside("“It is late today.", "“It is later now,” he said.") == ["It is late today.", "It is later now,"]


def test_a_quote_goes_on_in_a_paragraph_that_only_closes_it() -> None:
    """The second paragraph has no opening mark; its words up to the closing one belong to the quote."""
    assert _inside("Er sagte: „Es ist spät.", "Es ist sehr spät.“ Dann ging er.") == [
        "Es ist spät.",
        "Es ist sehr spät.",
    ]


def test_a_paragraph_whose_opening_mark_is_lost() -> None:
    """Words before a closing mark behind a comma, from the paragraph's start, are the quote."""
    assert _inside("It will not be late today at all,” he said.") == ["It will not be late today at all,"]


def test_inches_and_apostrophes_are_no_marks() -> None:
    """A mark behind a number or between letters opens nothing."""
    assert _inside('A man of 6\'2" and a 27" screen.') == []
    assert _inside('ראש צה"ל ומנכ"ל החברה נפגשו.') == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("—No lo sé —dijo Ana—. Es muy tarde.", ["No lo sé", "Es muy tarde."]),
        ("— Это так, — dijo он. — Уже поздно.", ["Это так,", "Уже поздно."]),
        ("– Det är sent, dijo hon.", ["Det är sent,"]),
        ("– Ein Punkt der Liste", []),
        ("— Uno — dos — tres", []),
    ],
)
def test_speech_behind_a_dash(text: str, words: list[str]) -> None:
    """A cue behind a further dash or a comma makes it speech; an item of a list is none."""
    assert _inside(text, dashes=True, cues=frozenset({"dijo"})) == words


@given(
    st.lists(st.text(alphabet="ab ,.“”\"„«»'‘’—\n", max_size=60), max_size=6), st.sampled_from(["en", "de", "nl", "ru"])
)
def test_quotes_point_at_their_words_whatever_the_marks(texts: list[str], language: str) -> None:
    """Offsets lie in their paragraph, in order, without overlap, and give the quote's text."""
    paragraphs = [Paragraph(kind=ParagraphKind.PARAGRAPH, text=text, block=1) for text in texts]
    last = (0, 0)
    for quote in find_quotes(paragraphs, language):
        assert texts[quote.paragraph - 1][quote.start : quote.end] == quote.text
        assert (quote.paragraph, quote.start) >= last
        last = (quote.paragraph, quote.end)
