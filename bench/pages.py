"""The benchmark's pages and golds, read from the folder of `bench/html` (its README.md tells where they come from)."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from copydesk.records import Document
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.read_page import read_page

__all__ = ["document", "fold_of", "golds", "read_gold_page"]


def golds(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the golds: id, set, domain, url, page_type, language, title, authors, date."""
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_gold_page(folder: Path, gold: dict[str, Any]) -> Page:
    """Read the page of a gold."""
    content = gzip.decompress((folder / "pages" / f"{gold['id']}.html.gz").read_bytes())
    return read_page(content, gold["encoding"])


def document(gold: dict[str, Any]) -> Document:
    """Return the document of a gold; its bytes are not in it."""
    return Document(document_id=gold["id"], content=b"", media_type="text/html", url=gold["url"])


def fold_of(domain: str, folds: int) -> int:
    """Return the fold of a registered domain, the same on every machine."""
    return zlib.crc32(domain.encode()) % folds
