"""Measure the speed of plain-text extraction on one core: pages per second, batched and single, and time per phase.

    python bench/text_speed.py [--shared ../shared] [--repeats 7]

Pages are the sample documents in `seeds/`, with modified words in every copy so that caches do not help, and the shared
benchmark's `rsp_main` pages of less than 6 kB, if present. Figures are CPU time, the best of several repeats per batch,
since other load on the machine only adds time.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import time
from collections.abc import Callable, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

from copydesk.records import Document
from copydesk.text.plain import extract_texts

ROOT = Path(__file__).parent.parent
BATCH = 50
SMALL = 6000

PHASES = (
    ("read", "copydesk.text.plain.extract", "read"),
    ("  decode", "copydesk.text.plain.input", "decode"),
    ("  split", "copydesk.text.plain.input", "split"),
    ("language", "copydesk.text.plain.extract", "languages"),
    ("select", "copydesk.text.plain.extract", "select_lines"),
    ("  scan", "copydesk.text.plain.model.select_lines", "scan"),
    ("  phrases", "copydesk.text.plain.model.select_lines", "find_phrases"),
    ("  words", "copydesk.text.plain.model.select_lines", "score_words"),
    ("  measure", "copydesk.text.plain.model.select_lines", "measure_lines"),
    ("  bins", "copydesk.text.plain.model.select_lines", "bin_values"),
    ("  span", "copydesk.text.plain.model.select_lines", "select_spans"),
    ("story", "copydesk.text.plain.extract", "story_spans"),
    ("title", "copydesk.text.plain.extract", "find_title"),
    ("labels", "copydesk.text.plain.extract", "label_lines"),
    ("article", "copydesk.text.plain.extract", "build_parts"),
    ("blocks", "copydesk.text.plain.extract", "make_blocks"),
)
"""Timed functions: name in the table, module of the caller, name there. Indented ones are part of the one above."""


def pages(folder: Path | None, number: int) -> list[Document]:
    """Return `number` pages: the benchmark's small ones, or else the seeds, each copy with modified words."""
    if folder:
        texts = [gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("*.txt.gz"))]
        texts = [text for text in texts if len(text) < SMALL]
    else:
        texts = [path.read_bytes() for path in sorted((ROOT / "seeds").glob("*.txt"))]
    endless = (_own(text, turn) if turn else text for turn in count() for text in texts)
    return [
        Document(document_id=str(k), content=text, media_type="text/plain")
        for k, text in enumerate(islice(endless, number))
    ]


def _own(text: bytes, turn: int) -> bytes:
    """Append a letter to some words: a different page of nearly the same length."""
    letter = bytes([ord("a") + turn % 26])
    return text.replace(b"e ", b"e" + letter * (1 + turn // 26) + b" ")


def best(documents: Sequence[Document], size: int, repeats: int) -> float:
    """Return CPU microseconds per page in batches of a size: the sum of each batch's best time."""
    batches = [documents[start : start + size] for start in range(0, len(documents), size)]
    least = [float("inf")] * len(batches)
    for _ in range(repeats):
        for k, batch in enumerate(batches):
            before = time.process_time()
            extract_texts(batch)
            least[k] = min(least[k], time.process_time() - before)
    return 1e6 * sum(least) / len(documents)


def phases(documents: Sequence[Document], repeats: int) -> list[tuple[str, float]]:
    """Return CPU microseconds per page and phase in batches; the clock itself takes about one."""
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            before = time.process_time()
            found = work(*args, **kwargs)
            spent[name] = spent.get(name, 0.0) + time.process_time() - before
            return found

        return run

    plain = [(importlib.import_module(module), attribute) for _, module, attribute in PHASES]
    works = [getattr(module, attribute) for module, attribute in plain]
    batches = [documents[start : start + BATCH] for start in range(0, len(documents), BATCH)]
    least: dict[tuple[str, int], float] = {}
    try:
        for (name, _, _), (module, attribute), work in zip(PHASES, plain, works, strict=True):
            setattr(module, attribute, timed(name, work))
        for _ in range(repeats):
            for k, batch in enumerate(batches):
                spent.clear()
                extract_texts(batch)
                least |= {(name, k): min(took, least.get((name, k), took)) for name, took in spent.items()}
    finally:
        for (module, attribute), work in zip(plain, works, strict=True):
            setattr(module, attribute, work)
    return [
        (name, 1e6 * sum(took for (said, _), took in least.items() if said == name) / len(documents))
        for name, _, _ in PHASES
    ]


def report(title: str, documents: Sequence[Document], repeats: int) -> None:
    """Print the table of one kind of pages."""
    size = sum(len(document.content) for document in documents) / len(documents)
    lines = sum(document.content.count(b"\n") + 1 for document in documents) / len(documents)
    extract_texts(documents[:BATCH])  # tables are loaded on first use
    many = best(documents, BATCH, repeats)
    one = best(documents[: len(documents) // 4], 1, repeats)
    print(f"\n{title}: {size:,.0f} bytes and {lines:.0f} lines a page")
    print(f"{'batches of 50':16}{1e6 / many:9,.0f} pages/s{many:9.0f} us a page{1e6 * lines / many:12,.0f} lines/s")
    print(f"{'one by one':16}{1e6 / one:9,.0f} pages/s{one:9.0f} us a page")
    for name, took in phases(documents, repeats):
        print(f"  {name:14}{took:26.1f} us")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder that holds bench/text")
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--pages", type=int, default=200)
    args = parser.parse_args()
    report("Seeds", pages(None, args.pages), args.repeats)
    folder = args.shared / "bench/text/text/rsp_main"
    if folder.is_dir():
        report("Pages of the benchmark below 6 kB", pages(folder, args.pages), args.repeats)


if __name__ == "__main__":
    main()
