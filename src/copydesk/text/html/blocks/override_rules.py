"""Load the facts that decide against the block model (`rules/html_overrides.toml`): ids, labels, whys and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from copydesk.records import Label
from copydesk.rules_file import package_rules
from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.refusals import fold_sentence
from copydesk.text.tokens.stems import Stems, search_text

__all__ = ["OverrideRule", "count_words", "decision", "has_words", "named", "override_rules", "stems"]

_RUN = re.compile(r"[^\W\d_]{2,40}")
_MAX_NAMES = 300
_PLAIN = re.compile(r"[\w ]+")
"""An entry of a list that is no expression."""


class OverrideRule(NamedTuple):
    """One rule: the label it gives, and why it holds."""

    label: Label
    because: str


@cache
def override_rules() -> dict[str, OverrideRule]:
    """Return id -> rule."""
    rows = package_rules("html_overrides.toml")["rule"]
    return {name: OverrideRule(Label(row["label"]), row["because"]) for name, row in rows.items()}


def decision(rule: str) -> LabelDecision:
    """Return the label decision of a rule."""
    return LabelDecision(override_rules()[rule].label, rule)


@cache
def stems(name: str) -> Stems:
    """Return the plain strings of a list, to be looked for before its expressions."""
    return Stems(package_rules("html_overrides.toml")["stems"][name])


class _Words(NamedTuple):
    """The words of a list: as one expression, and the plain ones apart from the others, for a faster search."""

    all: re.Pattern[str]
    plain: Stems
    others: re.Pattern[str] | None


@cache
def _words(table: str, name: str) -> _Words:
    entries = [fold_sentence(entry) for entry in package_rules("html_overrides.toml")["words"][table][name]]
    others = [entry for entry in entries if not _PLAIN.fullmatch(entry)]
    return _Words(
        re.compile("|".join(entries)),
        Stems(entry for entry in entries if _PLAIN.fullmatch(entry)),
        re.compile("|".join(others)) if others else None,
    )


def has_words(table: str, name: str, folded: str) -> bool:
    """Return whether a folded text (`refusals.fold_sentence`) has one of the words of a list."""
    words = _words(table, name)
    if words.plain.found(search_text(folded)):
        return True
    return words.others is not None and words.others.search(folded) is not None


def count_words(table: str, name: str, folded: str) -> int:
    """Return how many different words of a list a folded text has."""
    return len({found[0] for found in _words(table, name).all.finditer(folded)})


@cache
def _names(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(package_rules("html_overrides.toml")["names"][kind]))


@lru_cache(maxsize=20_000)
def named(kind: str, names: str) -> bool:
    """Return whether class names and ids hold one of a kind: `consent`, `cookie`, `layer`, `story`, `answer`."""
    return any(_names(kind).fullmatch(run) for run in _runs(names))


def _runs(names: str) -> Iterator[str]:
    return (found[0] for found in _RUN.finditer(names[:_MAX_NAMES]))
