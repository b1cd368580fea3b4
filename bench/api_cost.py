"""What `copydesk.extract` costs beside the batch way, page by page over the same pages, in one process.

    python bench/api_cost.py PAGES_FOLDER [--number 200] [--rounds 3]

Prints milliseconds per page: `extract_documents` with one page at a time, `copydesk.extract`, `extract_documents` in
batches of 50 (what a run does), `copydesk.extract_many`. The ways take turns; the median round counts.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import copydesk
from copydesk.records import Document
from copydesk.text.documents import TEXT_BATCH, ExtractOptions, extract_documents


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for suffix, media_type in ((".txt", "text/plain"), (".html", "text/html")):
        files = sorted(asked.folder.rglob(f"*{suffix}"))[: asked.number]
        if files:
            measure([f.read_bytes() for f in files], media_type, asked.rounds)


def measure(pages: list[bytes], media_type: str, rounds: int) -> None:
    documents = [Document(document_id="-", content=page, media_type=media_type) for page in pages]
    options = ExtractOptions()
    size = TEXT_BATCH
    ways: dict[str, Callable[[], object]] = {
        "extract_documents, one at a time": lambda: [extract_documents([d], options=options) for d in documents],
        "copydesk.extract": lambda: [copydesk.extract(page) for page in pages],
        "extract_documents, batches of 50": lambda: [
            extract_documents(documents[i : i + size], options=options) for i in range(0, len(documents), size)
        ],
        "copydesk.extract_many": lambda: list(copydesk.extract_many(pages)),
    }
    for way in ways.values():
        way()  # models and tables are read, patterns compiled
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.process_time()
            way()
            seconds[name].append(time.process_time() - started)
    print(f"{media_type}, {len(pages)} pages, CPU time")
    for name, taken in seconds.items():
        print(f"  {name:34} {1000 * statistics.median(taken) / len(pages):8.3f} ms per page")


if __name__ == "__main__":
    main()
