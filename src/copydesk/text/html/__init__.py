"""HTML: visible blocks of the DOM in, labelled blocks and an article out."""

from __future__ import annotations

from copydesk.text.html.article import extract_html

__all__ = ["extract_html"]
