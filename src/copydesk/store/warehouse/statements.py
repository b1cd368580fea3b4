"""What is plain to see of a statement of our SQL: which table it changes, and whether it can change anything."""

from __future__ import annotations

import re

__all__ = ["COMMENTS", "changed_table", "needs_rows_of", "writes_rows"]

COMMENTS = re.compile(r"^(?:\s*--[^\n]*\n)*\s*")
"""What stands before a statement."""

_FROM_TEMPORARY = re.compile(
    r"delete\s+from\s+(?:main|audit|ops)\.\w+\s+where\s+\w+\s+in\s+\(select\s+\w+\s+from\s+(?P<chosen>[a-z_]+)\)\s*;?\s*$|"
    r"update\s+(?:main|audit|ops)\.\w+\s+as\s+\w+\s+set\s[^()]*?\sfrom\s+(?P<joined>[a-z_]+)\s+as\s",
    re.IGNORECASE,
)
_CHANGES_IN_PLACE = re.compile(r"(?:update|delete)\b", re.IGNORECASE)
_CHANGES = re.compile(
    r"(?:insert\s+(?:or\s+replace\s+)?into|update|delete\s+from|merge\s+into)\s+((?:main|audit|ops)\.[a-z_]+)",
    re.IGNORECASE,
)


def changed_table(statement: str) -> str | None:
    """Return the table of ours whose rows a statement inserts, updates or deletes; None when it does none of these."""
    match = _CHANGES.match(COMMENTS.sub("", statement))
    return match[1].lower() if match else None


def needs_rows_of(statement: str) -> str | None:
    """Return the temporary table without whose rows a statement changes nothing; None where that is not plain to see.

    Half of a load's statements are about texts that were renamed, replaced or written again, and most loads have none:
    asking a file costs a millisecond each, a lake 30 ms, the temporary table nothing.
    """
    match = _FROM_TEMPORARY.match(COMMENTS.sub("", statement))
    return (match["chosen"] or match["joined"]) if match else None


def writes_rows(statement: str) -> bool:
    """Return whether a statement that changes a table brings rows into it: INSERT, MERGE."""
    return not _CHANGES_IN_PLACE.match(COMMENTS.sub("", statement))
