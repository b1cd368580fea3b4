"""Imported by the process that workers are forked from: the tables of the text rules are read once, and shared.

A worker that reads them itself needs a third of a second and 30 MB. Nothing here may start a thread (any polars
operation does): a thread does not survive a fork, and its locks stay locked.
"""

from __future__ import annotations

from copydesk.records import Document
from copydesk.text.documents import ExtractOptions, extract_documents
from copydesk.text.entities.find_mentions import find_mentions

__all__: list[str] = []

_LINES = b"The ferry sails again\n\nBy Ada Nilsen\n1 May 2026\n\nTickets cost four crowns, the harbour office said.\n"

find_mentions("The ferry sails", ["Captain Ada Nilsen said so in Oslo."], language="en")
extract_documents([Document(document_id="", content=_LINES, media_type="text/plain")], options=ExtractOptions())
