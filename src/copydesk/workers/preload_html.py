"""Imported by the process that workers are forked from when they will read HTML: model, trafilatura.

A worker needs a quarter of a second to import them itself. As in `ready`, nothing may start a thread.
"""

from __future__ import annotations

from copydesk.records import Document
from copydesk.text.documents import ExtractOptions, extract_documents

__all__: list[str] = []

_LINES = (
    b"Tickets cost four crowns, the harbour office said on Monday, and will do so until the autumn of next year.",
    b"Then the council looks at the price of oil and of the crew again, as it has done in each of the last ten years.",
    b"The ferry was built in Halden and has room for two hundred people and forty cars, fewer when the sea is high.",
)
_PAGE = (
    b'<html><head><title>The ferry sails again</title></head><body><ul><li><a href="/">Home</a></ul>'
    b"<article><h1>The ferry sails again</h1><p>By Ada Nilsen</p><p>"
    + b"</p><p>".join(_LINES * 4)
    + b"</p></article></body></html>"
)
"""Long enough for trafilatura to be content: what it tries then (jusText and 150,000 stop words) is rare on news."""

for _extractor in ("auto", "trafilatura"):
    extract_documents(
        [Document(document_id="", content=_PAGE, media_type="text/html", url="https://news.example.org/ferry")],
        options=ExtractOptions(extractor=_extractor),
    )
