"""Imported by the process that workers are forked from when they will read HTML: model, trafilatura, its stop words.

A worker needs a quarter of a second to import them itself. As in `ready`, nothing may start a thread.
"""

from __future__ import annotations

from copydesk.records import Document
from copydesk.text.documents import ExtractOptions, extract_documents

__all__: list[str] = []

_PAGE = b"""<html><head><title>The ferry sails again</title></head><body><ul><li><a href="/">Home</a></ul>
<h1>The ferry sails again</h1><p>By Ada Nilsen</p><p>Tickets cost four crowns, the harbour office said on Monday.</p>
<p>It will stay so until the autumn, when the council looks at the price of oil and of the crew again.</p>
</body></html>"""

for _extractor in ("auto", "trafilatura"):
    extract_documents(
        [Document(document_id="", content=_PAGE, media_type="text/html", url="https://news.example.org/ferry")],
        options=ExtractOptions(extractor=_extractor),
    )
