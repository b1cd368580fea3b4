"""The address that browsers and copiers write into a page they save, as a comment.

<!-- saved from url=(0042)https://example.org/a -->        browsers ("Mark of the Web": the length, then the address)
Page saved with SingleFile, url: https://example.org/a    SingleFile
<!-- Mirrored from example.org/a by HTTrack ... -->       HTTrack
"""

from __future__ import annotations

import re

__all__ = ["saved_url"]

_HEAD_BYTES = 4096
_COMMENT = re.compile(
    rb"<!--\s*saved from url=\(\d{4}\)(https?://[^\s>]{4,2000})"
    rb"|<!--\s*Page saved with SingleFile\s+url:\s*(https?://[^\s>]{4,2000})"
    rb"|<!--\s*Mirrored from ([^\s>]{4,2000}) by HTTrack",
    re.IGNORECASE,
)


def saved_url(content: bytes) -> str | None:
    """Return the address that a saved page's comment names, or None."""
    found = _COMMENT.search(content[:_HEAD_BYTES])
    if found is None:
        return None
    browser, single_file, httrack = (part.decode("ascii", "replace") if part else "" for part in found.groups())
    url = browser or single_file or f"http://{httrack}"
    return url if "\ufffd" not in url else None
