"""The word lists used by measures, from `rules/quality_words.toml`."""

from __future__ import annotations

from functools import cache
from typing import Any

from copydesk.rules_file import package_rules

__all__ = ["organisation_names", "organisation_parts", "role_names", "truncation_endings"]


@cache
def _lists() -> dict[str, dict[str, Any]]:
    return package_rules("quality_words.toml")


@cache
def role_names() -> tuple[str, ...]:
    """Return the role names of all languages, in lower case: a byline may be in another language than the text."""
    lists = _lists()["author_roles"]
    return tuple(sorted({word for language, words in lists.items() if language != "because" for word in words}))


@cache
def organisation_names() -> tuple[str, ...]:
    """Return full names of organisations, in lower case."""
    return tuple(_lists()["author_organisations"]["whole"])


@cache
def organisation_parts() -> tuple[str, ...]:
    """Return words that mark any name as an organisation's, in lower case."""
    return tuple(_lists()["author_organisations"]["contains"])


@cache
def truncation_endings() -> tuple[str, ...]:
    """Return the closing words of a truncated text, in lower case."""
    return tuple(_lists()["truncation"]["ends"])
