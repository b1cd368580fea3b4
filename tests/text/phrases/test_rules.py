"""Phrase rules: the lists themselves, and the code that finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.errors import SettingsError
from copydesk.records import Document
from copydesk.text.documents import ExtractOptions, extract_documents
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
    "el",
}


def _finds(rule: PhraseRule, text: str) -> bool:
    return any(match.rule == rule for match in match_texts([text])[0])


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Σχόλια", "comment"),
        ("Απάντηση", "comment_form"),
        ("ΔΙΑΒΑΣΤΕ ΕΠΙΣΗΣ", "related"),
        ("Ακολουθήστε μας", "share"),
        ("Εγγραφείτε στο newsletter", "newsletter"),
    ],
)
def test_greek_headings_are_found_with_accents_and_in_capitals(line: str, label: str) -> None:
    """The first rule that a line matches gives its label; Greek capitals bear no accents."""
    assert match_texts([line])[0][0].rule.label.value == label


def test_words_in_latin_letters_are_no_greek_rules() -> None:
    """A line "Newsletter" of an English page is not called Greek: the lists are searched in order of their names."""
    assert [p for rule in RULES if rule.language == "el" for p in rule.phrases if p.isascii()] == []


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


OWN = """[[rule]]
name = "paywall"
label = "newsletter"
because = "This paper asks for a subscription in the middle of its stories."
phrases = ["feed the beavers now"]
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]\n", r"xx\.toml is not TOML: .*line 1.*Mend that place"),
        ("[rule]\nname = 'a'\n", r"xx\.toml is not a list of phrase rules.*\[\[rule\]\]"),
        (OWN + "[[rules]]\nname = 'a'\n", r"xx\.toml is not a list of phrase rules"),
        (OWN.replace('label = "newsletter"\n', ""), r"xx\.toml, rule paywall: label is missing.*Add a line label"),
        (OWN.replace('name = "paywall"\n', ""), r"xx\.toml, rule 1: name is missing"),
        (OWN.replace("because", "reason"), r"rule paywall: unknown field 'reason'\. Known fields: because"),
        (OWN.replace("newsletter", "furniture", 1), r"rule paywall: no label 'furniture'\. Use one of title"),
        (OWN + "where = 'middle'\n", r"rule paywall: where = 'middle' is unknown\. Use one of any"),
        (OWN.replace('["feed the beavers now"]', '"support"'), r"rule paywall: phrases is not a list of texts"),
        (OWN.replace('["feed the beavers now"]', "[]"), r"rule paywall: no phrases\. Add words"),
        (OWN.replace("feed the beavers now", "***"), r"rule paywall: the phrase '\*\*\*' has no word"),
        (OWN + "extra = true\n", r"rule paywall: extra = True is not a number"),
        (OWN + "opens = 1\n", r"rule paywall: opens = 1 is neither true nor false"),
        (OWN + OWN, r"xx\.toml has two rules newsletter\.xx\.paywall"),
    ],
)
def test_a_malformed_rule_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    """A malformed file of the user's stops with the file, the entry and what to do, not with a traceback."""
    (tmp_path / "xx.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        load_rules((tmp_path,))


def test_a_file_in_another_charset_is_named(tmp_path: Path) -> None:
    """A rule file that is not UTF-8 is refused by name."""
    (tmp_path / "xx.toml").write_bytes(OWN.encode() + b"# caf\xe9\n")
    with pytest.raises(SettingsError, match=r"xx\.toml is not UTF-8.*Save it as UTF-8"):
        load_rules((tmp_path,))


def test_rules_of_further_folders_come_after_the_package_and_replace_by_id(tmp_path: Path) -> None:
    """A user's rule is added; one with the id of a package's rule takes its place; a missing folder has none."""
    (tmp_path / "en.toml").write_text(OWN + OWN.replace("paywall", "box"), encoding="utf-8")
    found = load_rules((tmp_path / "none", tmp_path))
    ids = [rule.id for rule in found]
    assert len(ids) == len(set(ids))
    assert "newsletter.en.paywall" in ids
    assert {rule.id for rule in RULES} <= set(ids)
    own = next(rule for rule in found if rule.id == "newsletter.en.paywall")
    assert (own.where, own.extra, own.opens, own.phrases) == ("line", 0, False, ("feed the beavers now",))
    same = next(rule for rule in RULES if rule.label == "newsletter" and rule.language == "en")
    (tmp_path / "en.toml").write_text(OWN.replace("paywall", same.id.split(".")[2]), encoding="utf-8")
    replaced = [rule for rule in load_rules((tmp_path, tmp_path / "none")) if rule.id == same.id]
    assert [rule.phrases for rule in replaced] == [("feed the beavers now",)]


@pytest.mark.parametrize("media_type", ["text/plain", "text/html"])
def test_a_users_phrase_names_a_cut_line(tmp_path: Path, media_type: str) -> None:
    """With the user's folder in the options a line of text and a block of a page get the user's label and rule."""
    (tmp_path / "en.toml").write_text(OWN, encoding="utf-8")
    story = "The town council voted on Tuesday evening to close the old bridge over the river until next spring. "
    lines = ["Bridge closed until spring", story * 2, story, "Feed the beavers now!"]
    text = "\n\n".join(lines)
    if media_type == "text/html":
        story_html = f"<article><h1>{lines[0]}</h1><p>{lines[1]}</p><p>{lines[2]}</p></article>"
        text = f"<html><body>{story_html}<footer><p>{lines[3]}</p></footer></body></html>"
    document = Document(document_id="a", content=text.encode(), media_type=media_type, language="en")
    rules = []
    for folders in ((), (tmp_path,)):
        found = extract_documents([document], options=ExtractOptions(phrase_rules=folders))[0]
        rules.append(next(block.rule for block in found.blocks if block.text == lines[3]))
    assert rules[0] != "newsletter.en.paywall"
    assert rules[1] == "newsletter.en.paywall"
