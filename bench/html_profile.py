"""Where the time of an HTML extraction goes: CPU milliseconds a page of every step, in one process.

    python bench/html_profile.py SHARED [--pages 250] [--markdown bench/results/speed.md] [--against CHECKOUT]

The pages are the first articles of the shared benchmark, as in `bench/speed.py`. Each step is measured by itself: what
another step in the table takes inside of it is taken off. The clock costs a microsecond a call, so steps are few.
With `--against`, the same is measured of another checkout's `src`, page by page in turns, so that both share the
minutes of a busy machine; of each page the faster of two rounds counts.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import itertools
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

STEPS = {
    "decode": "dom.read_page:read_source",
    "parse (lexbor)": "dom.read_page:LexborHTMLParser",
    "walk: elements and blocks": "dom.read_page:walk",
    "head, JSON-LD": "article:read_head",
    "features of single blocks": "features.measure_blocks:measure_shape",
    "features of containers": "features.measure_blocks:measure_containers",
    "features of position": "features.measure_blocks:measure_order",
    "features in context": "blocks.select_blocks:context_rows",
    "trafilatura (pages in doubt)": "blocks.select_blocks:ask_trafilatura",
    "comments, further stories": "blocks.select_blocks:find_other_texts",
    "layers, notices, restored blocks": "blocks.select_blocks:decide_by_facts",
    "other choice of blocks": "article:select_blocks",
    "language": "article:_language",
    "dates": "metadata.read_metadata:read_dates",
    "authors": "metadata.read_metadata:read_authors",
    "title": "metadata.read_metadata:read_title",
    "other metadata": "article:read_metadata",
    "phrases": "article:phrases_in",
    "labels": "article:label_blocks",
    "page kind": "article:_classify",
    "truncation, further pages": "article:_truncation",
}
"""Step -> the name in `copydesk.text.html` that calls it."""
FORESTS = "both models (trees)"
REST = "the rest"


class Clock:
    """CPU seconds by step, each without the steps inside."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inside: list[float] = []

    def timed(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, measured under the name of a step."""

        @wraps(function)
        def measured(*args: Any, **named: Any) -> Any:
            start = time.process_time()
            self._inside.append(0.0)
            try:
                return function(*args, **named)
            finally:
                whole = time.process_time() - start
                self.seconds[step] += whole - self._inside.pop()
                if self._inside:
                    self._inside[-1] += whole

        return measured


def documents(shared: Path, number: int) -> list[Any]:
    """Return the first pages of the benchmark as documents."""
    from bench.speed import html_pages

    from copydesk.records import Document

    pages = itertools.islice(html_pages(shared), number)
    return [Document(document_id=str(n), content=page, media_type="text/html") for n, page in enumerate(pages)]


def settle() -> None:
    """Load models and word lists, and collect garbage as the workers of a run do."""
    from copydesk.workers import preload_html

    del preload_html
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def profile(shared: Path, number: int) -> dict[str, float]:
    """Return step -> CPU milliseconds a page."""
    from copydesk.text import tree_ensemble
    from copydesk.text.html import article

    pages = documents(shared, number)
    settle()
    clock = Clock()
    for step, place in STEPS.items():
        module, name = place.split(":")
        caller = importlib.import_module(f"copydesk.text.html.{module}")
        setattr(caller, name, clock.timed(step, getattr(caller, name)))
    trees: Any = tree_ensemble.TreeEnsemble
    trees.log_odds = clock.timed(FORESTS, trees.log_odds)
    extract = clock.timed(REST, article.extract_html)
    for page in pages:
        extract(page)
    return {step: 1000 * seconds / number for step, seconds in clock.seconds.items()}


def serve(shared: Path, number: int) -> None:
    """Extract the page whose number stands on a line of the input; answer with its CPU seconds."""
    from copydesk.text.html import extract_html

    pages = documents(shared, number)
    settle()
    for line in sys.stdin:
        start = time.process_time()
        extract_html(pages[int(line)])
        print(time.process_time() - start, flush=True)


def compare(shared: Path, number: int, checkouts: list[Path]) -> list[float]:
    """Return the CPU milliseconds a page of each checkout, measured in turns."""
    call = [sys.executable, __file__, str(shared), "--pages", str(number), "--serve"]
    servers = [
        subprocess.Popen(
            call,
            env={**os.environ, "PYTHONPATH": str(checkout / "src")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for checkout in checkouts
    ]
    best = [[float("inf")] * number for _ in servers]
    for _, page in itertools.product(range(2), range(number)):
        for server, seconds in zip(servers, best, strict=True):
            assert server.stdin is not None
            assert server.stdout is not None
            server.stdin.write(f"{page}\n")
            server.stdin.flush()
            seconds[page] = min(seconds[page], float(server.stdout.readline()))
    for server in servers:
        server.communicate()
    return [1000 * sum(seconds) / number for seconds in best]


def report(steps: dict[str, float], number: int, kilobytes: float, against: list[float]) -> str:
    """Return the table as Markdown."""
    lines = [
        "# CPU of an HTML extraction",
        "",
        f"Written by `bench/html_profile.py`: {number} pages of {kilobytes:.0f} kB, one process.",
        "Shares travel from machine to machine, milliseconds do not.",
        "",
        "| step | ms a page | share |",
        "|---|---|---|",
    ]
    total = sum(steps.values())
    ranked = sorted(steps.items(), key=lambda one: -one[1])
    lines += [f"| {step} | {ms:.2f} | {100 * ms / total:.0f} % |" for step, ms in ranked]
    lines.append(f"| `extract_html` | {total:.2f} | |")
    if against:
        before, after = against
        lines += [
            "",
            f"In turns with the older checkout: {before:.2f} ms before, {after:.2f} ms after ({after / before:.2f}).",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="folder that holds bench/html")
    parser.add_argument("--pages", type=int, default=250)
    parser.add_argument("--markdown", type=Path, help="write the table here, too")
    parser.add_argument("--against", type=Path, help="an older checkout, measured in turns with this one")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.shared, args.pages)
        return
    against = compare(args.shared, args.pages, [args.against, ROOT]) if args.against else []
    size = sum(len(page.content) for page in documents(args.shared, args.pages)) / args.pages / 1000
    table = report(profile(args.shared, args.pages), args.pages, size, against)
    print(table, end="")
    if args.markdown:
        old = args.markdown.read_text(encoding="utf-8") if args.markdown.exists() else ""
        _, mark, notes = old.partition("\n## ")  # what people added stays
        args.markdown.write_text(table + mark + notes, encoding="utf-8")


if __name__ == "__main__":
    main()
