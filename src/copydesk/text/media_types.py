"""Media types of documents."""

from __future__ import annotations

__all__ = ["is_html"]


def is_html(media_type: str) -> bool:
    """Return whether a media type is HTML or XHTML."""
    return media_type in {"text/html", "application/xhtml+xml"}
