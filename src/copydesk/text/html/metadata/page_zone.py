"""Find the time zone that a page's own data names: `"timezone":"America/New_York"` in the settings of its scripts."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["zone_offset"]

_KEYS = ("imezone", "imeZone", "ime_zone", "ime-zone")
"""Spellings of the key without its first letter, for plain searches: a pattern over a whole page takes milliseconds."""
_NAMED = re.compile(
    r"""[\w-]{0,20}\\?["']?\s{0,3}[:=]\s{0,3}(?:\{[^{}]{0,60}?[:=]\s{0,3})?\\?["']"""
    r"""((?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)\\{0,2}/[A-Za-z_+-]{2,30}(?:\\{0,2}/[A-Za-z_]{2,30})?)\\?["']"""
)
_MAX_FOUND = 60


def zone_offset(html: str, instant: datetime) -> tuple[str, int] | None:
    """Return the one time zone that a page names, and its minutes from UTC at an instant.

    Args:
        html: The page's source.
        instant: An instant with a zone.

    Returns:
        None without a name, with two, as on pages of many places or with a list to choose from, or with an unknown one.
    """
    names: set[str] = set()
    for key in _KEYS:
        at = html.find(key)
        for _ in range(_MAX_FOUND):
            if at < 0:
                break
            if found := _NAMED.match(html, at + len(key)):
                names.add(found[1].replace("\\", ""))
            at = html.find(key, at + len(key))
    if len(names) != 1:
        return None
    name = names.pop()
    try:
        offset = instant.astimezone(ZoneInfo(name)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return None if offset is None else (name, int(offset.total_seconds() // 60))
