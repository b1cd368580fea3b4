"""Phrase rules: the lists themselves, and the code that finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.errors import SettingsError
from copydesk.text.phrases.rules import PhraseRule, load_rules, match_texts

RULES = load_rules()
LANGUAGES = {
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "ru",
    "uk",
    "ar",
    "fa",
    "tr",
    "he",
    "hi",
    "zh",
    "ja",
    "ko",
    "pl",
    "sv",
    "da",
    "no",
    "fi",
    "cs",
    "ro",
    "id",
}


def _finds(rule: PhraseRule, text: str) -> bool:
    return any(match.rule is rule for match in match_texts([text])[0])


def test_every_language_of_the_desk_has_rules() -> None:
    """The languages promised are there, and each names comment forms, shares, related boxes, bylines and dates."""
    labels = {language: {rule.label for rule in RULES if rule.language == language} for language in LANGUAGES}
    needed = {
        "comment_form",
        "share",
        "related",
        "newsletter",
        "site_notice",
        "nav",
        "advert",
        "byline",
        "date",
        "source_credit",
        "caption",
    }
    assert {language: needed - found for language, found in labels.items() if needed - found} == {}


def test_ids_are_unique() -> None:
    """A rule id names one rule."""
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples_match_and_counter_examples_do_not(rule: PhraseRule) -> None:
    """Each rule says why, finds its examples and leaves its counter-examples alone."""
    assert rule.because
    assert rule.examples
    assert rule.counter_examples
    assert [text for text in rule.examples if not _finds(rule, text)] == []
    assert [text for text in rule.counter_examples if _finds(rule, text)] == []


@pytest.mark.parametrize("line", ["Leave a Reply", "LEAVE A REPLY »", "  leave a reply:", "— Leave a reply —"])
def test_case_and_punctuation_do_not_count(line: str) -> None:
    """A phrase is its words."""
    assert match_texts([line])[0][0].rule.label == "comment_form"


def test_numbers_stand_for_each_other() -> None:
    """A phrase with "#" finds any number."""
    assert {match_texts([f"{n} comments"])[0][0].rule.id for n in (1, 23, 4567)} == {"comment_count.en.count"}


def test_a_phrase_inside_a_sentence_is_not_a_line() -> None:
    """A sentence that mentions a button is not the button."""
    found = match_texts(
        ["The site removed its leave a reply box after the vote, and readers were furious about it for weeks on end."]
    )[0]
    assert [match.rule.id for match in found if match.where == "line"] == []


def test_a_broken_rule_file_is_named(tmp_path: Path) -> None:
    """A rule without its fields stops with the file's name, not with a traceback of parsing."""
    (tmp_path / "xx.toml").write_text('[[rule]]\nlabel = "share"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"xx\.toml"):
        load_rules(tmp_path)
