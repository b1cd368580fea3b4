"""Cues: every rule of every language, on its own examples."""

from __future__ import annotations

import pytest

from copydesk.records import Paragraph, ParagraphKind, Quote
from copydesk.resources import RULES
from copydesk.text.quotes.find_quotes import find_quotes
from copydesk.text.quotes.words import CueRule, cue_languages, language_words

_RULES = [rule for code in cue_languages() for rule in language_words(code).rules]


def _quotes(text: str, language: str) -> tuple[Quote, ...]:
    return find_quotes([Paragraph(kind=ParagraphKind.PARAGRAPH, text=text, block=1)], language)


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_examples_have_their_speaker(rule: CueRule) -> None:
    """Each example has a quote by the speaker that the rule names, found through a cue of that rule or a sentence."""
    language = rule.id.split(".")[0]
    for text, speaker in rule.examples:
        found = _quotes(text, language)
        assert [q.speaker for q in found][:1] == [speaker], (text, found)
        assert found[0].speaker_start is not None
        assert text[found[0].speaker_start : found[0].speaker_end] == speaker


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_counter_examples_have_no_quote_with_a_speaker(rule: CueRule) -> None:
    """Titles, names and doubted words are nobody's words."""
    language = rule.id.split(".")[0]
    for text in rule.counter_examples:
        assert [q for q in _quotes(text, language) if q.speaker] == [], text


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.id)
def test_each_rule_says_why(rule: CueRule) -> None:
    """A rule has a reason, an example and a counter-example."""
    assert rule.because
    assert rule.examples
    assert rule.counter_examples


def test_each_language_with_phrases_has_cues() -> None:
    """Where boilerplate is known in a language, speech is, too."""
    assert {path.stem for path in (RULES / "phrases").glob("*.toml")} <= set(cue_languages())
