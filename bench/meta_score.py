"""Score titles, dates and authors on the pages of bench/html, separately for tuned and held-out domains.

    PYTHONPATH=src:. python -m bench.meta_score FOLDER_OF_BENCH_HTML [--misses title|date|authors]

Metrics are those of the folder's own metrics.py. A date is the day as the page's reader saw it, or the same instant's
in UTC. `false` is the share of pages without any author for which one was named.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from statistics import fmean
from types import ModuleType
from typing import Any

from bench.pages import document, fold_of, golds, read_gold_page

from copydesk.records import Timestamp
from copydesk.text.html.metadata.read_metadata import Metadata, read_metadata

FIELDS = ("title", "date", "authors", "false")


def main() -> None:
    """Print one row per set and half, and the CPU time of a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", choices=FIELDS, help="list what is not exact, of the tuned half")
    args = parser.parse_args()
    metrics = load_metrics(args.folder)
    scores: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    spent: list[float] = []
    for gold in (g for g in golds(args.folder) if g["page_type"] == "article"):
        page = read_gold_page(args.folder, gold)
        if page.tree is None:
            continue
        start = time.process_time()
        found = read_metadata(page, url=gold["url"], language=gold["language"] or "und", document=document(gold))
        spent.append(time.process_time() - start)
        half = "tuned" if fold_of(gold["domain"], 2) == 0 else "set aside"
        for field, value in score(gold, found, metrics).items():
            scores[gold["set"], half][field].append(value)
            scores[gold["set"], "all"][field].append(value)
            if field == args.misses and half == "tuned" and value != (field != "false"):
                print(gold["set"], gold["domain"], gold.get(field), "|", said(found, field))
    print(f"{'':24}" + "".join(f"{f:>10}" for f in FIELDS))
    for key in sorted(scores):
        cells = (f"{fmean(v):10.3f}" if (v := scores[key][f]) else f"{'-':>10}" for f in FIELDS)
        print(f"{' '.join(key):24}" + "".join(cells))
    spent.sort()
    print(f"{1000 * fmean(spent):.2f} ms CPU a page, {1000 * spent[len(spent) // 2]:.2f} median, {len(spent)} pages")


def load_metrics(folder: Path) -> ModuleType:
    """Load the metrics module beside the pages."""
    spec = importlib.util.spec_from_file_location("metrics", folder / "metrics.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def score(gold: dict[str, Any], found: Metadata, metrics: ModuleType) -> dict[str, float]:
    """Return the page's scores for the fields of its gold."""
    scores: dict[str, float] = {}
    if gold["title"]:
        scores["title"] = metrics.title_match(gold["title"], found.title)[0]
    if gold["date"]:
        scores["date"] = any(metrics.date_match(gold["date"], day) for day in days(found.published))
    if gold["authors"]:
        scores["authors"] = metrics.author_scores(gold["authors"], [a.name for a in found.authors])[2]
    elif gold["authors"] == []:
        scores["false"] = bool(found.authors)
    return scores


def days(stamp: Timestamp | None) -> list[str]:
    """Return the day as shown and the day in UTC."""
    if stamp is None:
        return []
    return [
        (stamp.value + timedelta(minutes=stamp.offset_minutes)).strftime("%Y-%m-%d"),
        stamp.value.strftime("%Y-%m-%d"),
    ]


def said(found: Metadata, field: str) -> str:
    """Return the chosen candidate of a field with its source."""
    name = {"date": "published", "authors": "author", "false": "author"}.get(field, field)
    return "; ".join(f"{e.value} [{e.source}: {e.reason}]" for e in found.evidence if e.field == name and e.chosen)


if __name__ == "__main__":
    main()
