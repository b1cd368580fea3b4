"""The `<meta>` names of each field and the phrases used to read metadata, from `rules/metadata.toml`."""

from __future__ import annotations

import tomllib
from functools import lru_cache

from copydesk.resources import RULES

__all__ = ["meta_names", "words"]


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[str, ...]]:
    rules = tomllib.loads((RULES / "metadata.toml").read_text(encoding="utf-8"))
    return {field: tuple(entry["meta"]) for field, entry in rules.items()}


def meta_names(field: str) -> tuple[str, ...]:
    """Return the names for a field ("published", "author", ...), most trusted first."""
    return _rules()[field]


@lru_cache(maxsize=8)
def words(field: str) -> tuple[str, ...]:
    """Return the phrases of an entry ("changed", "events")."""
    rules = tomllib.loads((RULES / "metadata.toml").read_text(encoding="utf-8"))
    return tuple(rules[field]["words"])
