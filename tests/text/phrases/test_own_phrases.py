"""A desk's own phrases decide: what matches is cut in texts and pages, however much it looks like the story."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.errors import SettingsError
from copydesk.records import Document, Extraction
from copydesk.text.documents import ExtractOptions, check_rules, extract_documents
from copydesk.text.phrases.rules import load_rules

STORY = [
    "The council of Arden decided on Monday to repair the old bridge before the winter comes to the valley.",
    "The work will cost two million crowns and take four months, the mayor said after the meeting.",
    "The Courier is free for all. Our members pay for it, from four crowns a month, and read without advertising.",
    "During the work a ferry will run between the two banks from six in the morning until ten at night.",
]
RULE = """
[[rule]]
label = "advert"
name = "members"
where = "start"
extra = 200
because = "The Courier asks for members in the middle of its stories."
phrases = ["the courier is free for all"]
"""


def _extracted(folder: Path, kind: str, rule: str) -> Extraction:
    if rule:
        folder.mkdir()
        (folder / "en.toml").write_text(rule, encoding="utf-8")
    text = "\n\n".join(["Old bridge to be repaired", *STORY])
    page = f"<html lang=en><body><article><h1>Old bridge to be repaired</h1>{''.join(f'<p>{p}</p>' for p in STORY)}"
    document = Document(document_id="d", content=(page if kind == "text/html" else text).encode(), media_type=kind)
    options = ExtractOptions(explain=True, phrase_rules=(folder,))
    return extract_documents([document], options=options)[0]


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_phrase_of_the_desk_cuts_what_looks_like_story(tmp_path: Path, kind: str) -> None:
    """Without the rule the line is kept; with it, it is cut under the rule's id and label, and the evidence says so."""
    before = _extracted(tmp_path / "none", kind, "")
    after = _extracted(tmp_path / "own", kind, RULE)
    (block,) = [b for b in after.blocks if b.text.strip().startswith("The Courier")]

    assert [p.text for p in before.paragraphs] == STORY
    assert [p.text for p in after.paragraphs] == [STORY[0], STORY[1], STORY[3]]
    assert (block.kept, block.label, block.rule) == (False, "advert", "advert.en.members")
    assert any(e.name == "pin" and "own rules" in e.detail for e in block.evidence)


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_phrase_may_be_evidence_only(tmp_path: Path, kind: str) -> None:
    """With `decides = false` a desk's phrase weighs as one of the package's does: the story's own line stays."""
    found = _extracted(tmp_path / "own", kind, RULE + "decides = false\n")
    assert [p.text for p in found.paragraphs] == STORY


def test_the_desks_rules_are_checked_without_the_packages(tmp_path: Path) -> None:
    """A wrong phrase of the desk is named; a good one passes, and stands beside the package's when they are loaded."""
    path, options = tmp_path / "en.toml", ExtractOptions(phrase_rules=(tmp_path,))
    check_rules(options)
    path.write_text(RULE.replace('["the courier', '["", "the courier'), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"en\.toml.*has no word"):
        check_rules(options)
    path.write_text(RULE, encoding="utf-8")
    check_rules(options)
    assert [rule.id for rule in load_rules((tmp_path,))[-1:]] == ["advert.en.members"]
    assert len(load_rules((tmp_path,))) == len(load_rules()) + 1
