"""The word lists that row rules measure with, as sets and patterns that polars can use on whole columns."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from copydesk.resources import RULES

__all__ = ["organisation_names", "organisation_parts", "role_names", "truncation_endings"]


@cache
def _lists() -> dict[str, dict[str, Any]]:
    with (RULES / "quality_words.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def role_names() -> tuple[str, ...]:
    """Return the roles of all languages, in lower case: a byline may be in another language than the text."""
    lists = _lists()["author_roles"]
    return tuple(sorted({word for language, words in lists.items() if language != "because" for word in words}))


@cache
def organisation_names() -> tuple[str, ...]:
    """Return names that are wholly an organisation's, in lower case."""
    return tuple(_lists()["author_organisations"]["whole"])


@cache
def organisation_parts() -> tuple[str, ...]:
    """Return words that make any name an organisation's, in lower case."""
    return tuple(_lists()["author_organisations"]["contains"])


@cache
def truncation_endings() -> tuple[str, ...]:
    """Return the words that a cut-off text ends in, in lower case."""
    return tuple(_lists()["truncation"]["ends"])
