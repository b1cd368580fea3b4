"""Paths of front pages: of the whole site ("/", "/index.html") and of its editions ("/en/", "/us/en/home")."""

from __future__ import annotations

import re

__all__ = ["is_front_page"]

_FILE = re.compile(r"(?:index|default|home|main)(?:\.(?:[sx]?html?|php\d?|aspx?|jsp|cfm))?")
_EDITION = re.compile(
    r"[a-z]{2}(?:[-_](?:[a-z]{4}[-_])?[a-z]{2,4})?|english|deutsch|german|fran[cç]ais|french|espa[nñ]ol|spanish"
    r"|italiano|portugu[eê]s|russian|arabic|chinese|intl?|international"
)
_MAX_EDITIONS = 2  # country and language


def is_front_page(path: str) -> bool:
    """Return whether a path is that of a front page; some templates name it as the canonical URL of every page."""
    steps = [step for step in path.lower().split("/") if step]
    if steps and _FILE.fullmatch(steps[-1]):
        steps.pop()
    return len(steps) <= _MAX_EDITIONS and all(map(_EDITION.fullmatch, steps))
