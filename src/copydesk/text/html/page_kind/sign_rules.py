"""Load the phrases and marks of page kinds (`rules/kinds.toml`) and the points per sign (`rules/kind_points.toml`)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from copydesk.rules_file import package_rules
from copydesk.text.dates.date_words import fold

__all__ = ["address_marks", "class_marks", "kind_phrases", "points", "truncated_phrases"]


def _rules(table: str) -> Any:
    return package_rules("kinds.toml")[table]


@lru_cache(maxsize=1)
def address_marks() -> dict[str, tuple[str, ...]]:
    """Return kind of site -> substrings of a URL."""
    return {kind: tuple(marks) for kind, marks in _rules("address").items() if isinstance(marks, list)}


@lru_cache(maxsize=1)
def class_marks() -> dict[str, tuple[str, ...]]:
    """Return kind of page -> substrings of the class names of its outermost elements."""
    return {kind: tuple(marks) for kind, marks in _rules("classes").items() if isinstance(marks, list)}


@lru_cache(maxsize=1)
def kind_phrases() -> tuple[tuple[str, str], ...]:
    """Return (folded phrase, kind) in the order in which they are tried."""
    return tuple((fold(w), entry["kind"]) for entry in _rules("phrases") for w in entry["words"])


@lru_cache(maxsize=1)
def truncated_phrases() -> tuple[str, ...]:
    """Return the folded phrases that end the visible part of a paid article."""
    return tuple(fold(w) for entry in _rules("truncated") for w in entry["words"])


@lru_cache(maxsize=1)
def points() -> tuple[dict[str, float], float]:
    """Return sign -> points towards "no article", and the score above which a page is none."""
    found = package_rules("kind_points.toml")
    return {str(k): float(v) for k, v in found["points"].items()}, float(found["limit"])
