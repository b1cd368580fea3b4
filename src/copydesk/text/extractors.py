"""Extractors: a document in, an extraction out. A source chooses one by name: `extractor = "name"`.

Our own work on batches (`text.documents`); they stand here, too, so that another package can call them and add to
what they find.
"""

from __future__ import annotations

from typing import Protocol

from copydesk.records import Document, Extraction
from copydesk.text.documents import ExtractOptions, extract_documents

__all__ = ["Extractor", "auto", "blocks", "trafilatura"]


class Extractor(Protocol):
    """Entry point of group `copydesk.extractors`: a function of one document.

    It runs in worker processes, under the run's limits of time and memory. What it raises is the rejection
    `extract_failed` of that document. It must depend on nothing but the document: no clock, no network.
    """

    def __call__(self, document: Document, /) -> Extraction:
        """Return the extraction; its `rejection` says why where there is no article."""
        ...


def auto(document: Document, /) -> Extraction:
    """Extract by the block model, and by trafilatura where the model is in doubt; plain text by the line model."""
    return _extract(document, "auto")


def blocks(document: Document, /) -> Extraction:
    """Extract by the block model alone."""
    return _extract(document, "blocks")


def trafilatura(document: Document, /) -> Extraction:
    """Extract the blocks that trafilatura chooses, where it chooses any."""
    return _extract(document, "trafilatura")


def _extract(document: Document, extractor: str) -> Extraction:
    return extract_documents([document], options=ExtractOptions(extractor=extractor))[0]
