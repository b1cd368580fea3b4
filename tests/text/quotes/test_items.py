"""Words with their places, and the look ahead for cues: quick ways that change no answer."""

from __future__ import annotations

import pytest

from copydesk.records import Paragraph, ParagraphKind, Quote
from copydesk.text.quotes import find_quotes as module
from copydesk.text.quotes.find_quotes import find_quotes
from copydesk.text.quotes.items import items_of, may_have_cue
from copydesk.text.quotes.words import cue_languages, language_words

TEXTS = (
    "Anna Berg, mayor of Oslo (Norway), said:  it's late\u2014very late; \u201cwe\u201d don't go.",
    "A tab\tand a\u00a0blank that does not break,\nand a line: www.example.org/a-b.html",
    "a" * 40 + "," + "b" * 40 + " \u05d0\u05b8\u05d1 \u0928\u092e\u0938\u094d\u0924\u0947, O'Neill-Berg's U.S.",
    " ", "", "...", " leading and trailing ",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "de", "zh"])
@pytest.mark.parametrize("text", TEXTS)
def test_every_letter_and_mark_has_its_place(text: str, language: str) -> None:
    """The items of a paragraph are all its characters but white space, in order, also when words are known already."""
    words = language_words(language)
    first, again = (items_of(text, (), words, text) for _ in range(2))
    assert "".join(first.words(k, k + 1) for k in range(len(first.low))) == "".join(text.split())
    assert (first.start, first.end, first.low, first.what) == (again.start, again.end, again.low, again.what)
    assert [first.words(k, k + 1).lower() for k in range(len(first.low))] == first.low


def _quotes(text: str, language: str) -> tuple[Quote, ...]:
    return find_quotes([Paragraph(kind=ParagraphKind.PARAGRAPH, text=text, block=1)], language)


@pytest.mark.parametrize("language", cue_languages())
def test_no_cue_is_overlooked(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skipping paragraphs that cannot hold a cue loses no quote of the cues' examples, also without their marks."""
    examples = [text for rule in language_words(language).rules for text, _ in rule.examples]
    texts = [text for one in examples for text in (one, one.upper(), one.replace("\u201c", "").replace("\u201d", ""))]
    quick = [_quotes(text, language) for text in texts]
    monkeypatch.setattr(module, "may_have_cue", lambda *_: True)
    assert quick == [_quotes(text, language) for text in texts]


def test_a_cue_behind_a_bracket_is_read_with_another() -> None:
    """A cue is found where a sign stands right before it, too."""
    text = "In Oslo the town built less (estimated 1%), the mayor (said Anna Berg) in May, that no bridge opens."
    assert may_have_cue(text, language_words("en"))
    assert not may_have_cue("In Oslo, in May, as ever, the town built a bridge.", language_words("en"))
