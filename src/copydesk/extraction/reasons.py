"""The decision on one block as a sentence: "Cut because it is the title: of the lines above the story ..."."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from copydesk.records import KEPT_LABELS, Block
from copydesk.rules_file import read_rules
from copydesk.text.html.blocks.override_rules import override_rules
from copydesk.text.phrases.rules import load_rules

__all__ = ["why"]


def why(block: Block, phrase_rules: Sequence[Path] = ()) -> str:
    """Return one sentence on why a block was kept or cut.

    Args:
        block: The block, with its evidence.
        phrase_rules: Folders of the desk's own phrase rules.
    """
    verb = "Kept" if block.kept else "Cut"
    label: str = _sentences()["label"][block.label.value]
    reason = _of_rule(block.rule, tuple(phrase_rules))
    if block.kept and block.label not in KEPT_LABELS:
        return f"{verb} for itself, because it is {label}{reason}."
    return f"{verb} because it is {label}{reason}."


def _of_rule(rule: str, folders: tuple[Path, ...]) -> str:
    """Return ": why" of a rule, "" where nothing more is known of it than its id."""
    phrases = {one.id: one.because for one in load_rules(folders)}
    known = phrases.get(rule) or (override_rules()[rule].because if rule in override_rules() else "")
    if not known:
        sentences: dict[str, str] = _sentences()["rule"]
        begun = [name for name in sentences if rule.startswith(name)]
        known = sentences[max(begun, key=len)] if begun else ""
    text = known.strip().rstrip(".")
    return f": {text[:1].lower()}{text[1:]}" if text and not text[:2].isupper() else f": {text}" if text else ""


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return read_rules(Path(__file__).with_name("reasons.toml"))
