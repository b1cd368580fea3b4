"""Score `extract_html` on the benchmark's pages, out of fold, with CPU beside trafilatura's in the same run.

    python bench/html_train.py DATA --folds /tmp/folds && python bench/html_score.py DATA --folds /tmp/folds

Without `--folds` the model that ships answers, which has seen these pages.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from html_gold import FOLDS, fold_of, gold_pages, metrics

from copydesk.records import Document, Extraction, PageKind
from copydesk.text.html import extract_html
from copydesk.text.html.blocks.model import load_block_model


def answer(found: Extraction) -> dict[str, Any]:
    """Return the fields that the benchmark scores."""
    date = found.published.isoformat() if found.published else None
    return {
        "text": "\n".join(p.text for p in found.paragraphs),
        "title": found.title,
        "authors": [a.name for a in found.authors],
        "date": date,
        "kind": str(found.kind),
    }


def mean(values: list[float]) -> str:
    """Return the mean with three decimals, or a dash."""
    return f"{fmean(values):.3f}" if values else "    -"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", type=Path)
    parser.add_argument("--extractor", default="auto")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--cpu", action="store_true", help="time trafilatura on the same pages")
    parser.add_argument("--save", type=Path, help="per-page scores as JSON lines")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    m = metrics(args.folder)
    forests = [load_block_model(args.folds / f"fold{k}.json") for k in range(FOLDS)] if args.folds else None
    seen = datetime.now(UTC)
    pages: list[dict[str, Any]] = []
    ours = theirs = 0.0
    for gold in gold_pages(args.folder, articles=False, limit=args.limit):
        row = gold.row
        document = Document(
            document_id=row["id"],
            content=gold.content,
            media_type="text/html",
            charset=row["encoding"],
            url=row["url"],
            captured_at=seen,
        )
        chosen = forests[fold_of(row["domain"])] if forests else None
        start = time.process_time()
        found = extract_html(document, extractor=args.extractor, forests=chosen)
        ours += time.process_time() - start
        if args.cpu:
            from trafilatura import bare_extraction

            start = time.process_time()
            bare_extraction(gold.content, with_metadata=True, url=row["url"])
            theirs += time.process_time() - start
        pages.append(score(m, row, answer(found), found))
    report(m, pages)
    cpu = f"CPU a page: {1000 * ours / len(pages):.1f} ms"
    print(cpu + (f", trafilatura {1000 * theirs / len(pages):.1f} ms, share {ours / theirs:.2f}" if theirs else ""))
    if args.save:
        args.save.write_text("".join(json.dumps(p) + "\n" for p in pages))


def score(m: Any, row: dict[str, Any], got: dict[str, Any], found: Extraction) -> dict[str, Any]:
    """Return the scores of one page."""
    out: dict[str, Any] = {k: row[k] for k in ("id", "set", "page_type", "domain")}
    out |= {"kind": got["kind"], "extractor": found.extractor, "confidence": round(found.confidence, 3)}
    if row["text"] is not None:
        out["p"], out["r"], out["f1"] = m.word_prf(row["text"], got["text"])
    if row["with"] or row["without"]:
        out["confusion"] = m.confusion(got["text"], row["with"], row["without"])
    if row["title"]:
        out["title"] = m.title_match(row["title"], got["title"])[0]
    if row["date"]:
        out["date"] = m.date_match(row["date"], got["date"])
    if row["authors"]:
        out["authors"] = m.author_scores(row["authors"], got["authors"])[2]
    elif row["authors"] is not None:
        out["false_authors"] = bool(got["authors"])
    return out


def report(m: Any, pages: list[dict[str, Any]]) -> None:
    """Print the table of the sets and the numbers of refused pages."""
    print(f"{'':14}pages    F1     P     R title  date authors false")
    for name in ("wcxb", "fundus", "trafilatura"):
        some = [p for p in pages if p["set"] == name and p["page_type"] == "article"]
        if name == "trafilatura":
            c = m.confusion_scores([p["confusion"] for p in some if "confusion" in p])
            body = [f"{c[k]:.3f}" for k in ("f1", "precision", "recall")]
        else:
            body = [mean([p[k] for p in some if k in p]) for k in ("f1", "p", "r")]
        rest = [mean([p[k] for p in some if k in p]) for k in ("title", "date", "authors", "false_authors")]
        print(f"{name:14}{len(some):5} {' '.join(body)} {' '.join(rest)}")
    articles = [p for p in pages if p["page_type"] == "article"]
    others = [p for p in pages if p["page_type"] != "article"]
    refused = sum(p["kind"] != PageKind.ARTICLE for p in articles)
    caught = sum(p["kind"] != PageKind.ARTICLE for p in others)
    print(f"articles refused {refused} of {len(articles)}, other pages caught {caught} of {len(others)}")
    asked = sum("trafilatura" in p["extractor"] for p in pages) / max(1, len(pages))
    print(f"trafilatura asked on {100 * asked:.1f} % of the pages")


if __name__ == "__main__":
    main()
