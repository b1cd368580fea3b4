"""Numbers with their nouns, in messages that people read."""

from __future__ import annotations

__all__ = ["counted"]

_HISSING = ("s", "x", "ch", "sh")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 page`, `1,200 pages`, `2 batches`, `0 stories`; the last word takes the plural.

    Args:
        number: How many.
        noun: Singular, of any number of words; its plural must be regular.
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {_plural(noun)}"


def _plural(noun: str) -> str:
    if noun.endswith(_HISSING):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"
