"""File and member names as printable text, and back.

A name on disk is bytes: it may hold newlines, escape codes and invalid UTF-8. In a uri these become percent escapes;
ordinary names in any script are unchanged. The reverse is exact, so a `Location.path` opens.
"!" before "/" and every "#" are escaped too: they join a carrier and its member (`pages.zip!/a.html`, `a.jsonl#7`).
"""

from __future__ import annotations

import os
import re

__all__ = ["original", "printable"]

# C0, DEL and C1 controls; line and paragraph separators; marks and overrides that turn the direction of what
# follows (they make "cod.exe" read "exe.doc"); surrogates. A fixed set: keys must not change with Unicode's version.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff#]|!(?=/)|!$|%(?=[0-9A-Fa-f]{2})"
)
_ESCAPED = re.compile("((?:%[0-9A-F]{2})+)")


def printable(name: str) -> str:
    """Return a name, as `os.fsdecode` gives it, as printable text; different names stay different."""
    return _UNSAFE.sub(_escape, name) if _UNSAFE.search(name) else name


def original(text: str) -> str:
    """Return the name that `printable` made the text from, ready for `open`."""
    if "%" not in text:
        return text
    parts = _ESCAPED.split(text)
    raw = b"".join(
        bytes.fromhex(part.replace("%", "")) if number % 2 else part.encode("utf-8", "surrogateescape")
        for number, part in enumerate(parts)
    )
    return os.fsdecode(raw)


def _escape(match: re.Match[str]) -> str:
    raw = match[0].encode("utf-8", "surrogateescape" if "\udc80" <= match[0] <= "\udcff" else "surrogatepass")
    return "".join(f"%{byte:02X}" for byte in raw)
