"""The `<meta>` names of each field and the phrases used to read metadata, from `rules/metadata.toml`."""

from __future__ import annotations

from functools import lru_cache

from copydesk.rules_file import package_rules

__all__ = ["meta_names", "words"]


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[str, ...]]:
    return {field: tuple(entry["meta"]) for field, entry in package_rules("metadata.toml").items()}


def meta_names(field: str) -> tuple[str, ...]:
    """Return the names for a field ("published", "author", ...), most trusted first."""
    return _rules()[field]


@lru_cache(maxsize=8)
def words(field: str) -> tuple[str, ...]:
    """Return the phrases of an entry ("author_links", "home")."""
    return tuple(package_rules("metadata.toml")[field]["words"])
