"""Score `extract_html` on the benchmark's pages, out of fold, with CPU beside trafilatura's in the same run.

    python bench/html_train.py DATA --folds /tmp/folds
    python bench/html_score.py DATA --folds /tmp/folds --save after.jsonl --before before.jsonl --markdown TABLE.md

Without `--folds` the model that ships answers, which has seen these pages. `--before` takes the file that `--save` of
another checkout wrote, for the table of both; without it the older model's figures stay those of the table as it is.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from html_gold import FOLDS, SETS, gold_pages, metrics

from copydesk.records import Document, Extraction, PageKind
from copydesk.text.html import article as html_article
from copydesk.text.html import extract_html
from copydesk.text.html.blocks.model import load_block_model

LANGUAGES = ("en", "zh", "ru", "pl", "el")
"""Languages of the set daniel that are reported apart."""
Scores = Mapping[str, Any]


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
    parser.add_argument("--raw-confidence", action="store_true", help="without its calibration (for `calibration.py`)")
    parser.add_argument("--before", type=Path, help="per-page scores to compare with")
    parser.add_argument("--markdown", type=Path, help="write the table of both here")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    if args.raw_confidence:
        html_article.calibrated = lambda _, certainty: certainty
    m = metrics(args.folder)
    forests = [load_block_model(args.folds / f"fold{k}.json") for k in range(FOLDS)] if args.folds else None
    folds = json.loads((args.folds / "folds.json").read_text(encoding="utf-8")) if args.folds else {}
    seen = datetime.now(UTC)
    pages: list[dict[str, Any]] = []
    ours = theirs = 0.0
    for gold in gold_pages(args.folder, articles=False, limit=args.limit):
        row = gold.row
        if row["set"] not in SETS:
            continue
        document = Document(
            document_id=row["id"],
            content=gold.content,
            media_type="text/html",
            charset=row["encoding"],
            url=row["url"],
            captured_at=seen,
        )
        chosen = forests[folds.get(row["id"], 0)] if forests else None
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
    if args.markdown:
        if args.before:
            before = older(m, [json.loads(line) for line in args.before.read_text(encoding="utf-8").splitlines()])
        else:
            before = standing(args.markdown.read_text(encoding="utf-8"))
        args.markdown.write_text(markdown(m, before, pages), encoding="utf-8")


def score(m: Any, row: dict[str, Any], got: dict[str, Any], found: Extraction) -> dict[str, Any]:
    """Return the scores of one page."""
    out: dict[str, Any] = {k: row[k] for k in ("id", "set", "page_type", "domain", "language")}
    out |= {"kind": got["kind"], "extractor": found.extractor, "confidence": round(found.confidence, 3)}
    if row["text"] is not None:
        both = (row["text"], got["text"])
        out["p"], out["r"], out["f1"] = m.word_prf(*(map(m.spaced, both) if row["set"] == "daniel" else both))
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


def part(pages: Sequence[Scores], name: str, language: str | None = None) -> list[Scores]:
    """Return the articles of a set, of one language where one is given."""
    return [p for p in pages if p["set"] == name and p["page_type"] == "article" and language in (None, p["language"])]


def body(m: Any, pages: Sequence[Scores]) -> dict[str, float]:
    """Return F1, precision and recall of the body: means of the pages, or pooled over snippets."""
    if pages and "confusion" in pages[0] and "f1" not in pages[0]:
        c = m.confusion_scores([p["confusion"] for p in pages if "confusion" in p])
        return {"f1": c["f1"], "p": c["precision"], "r": c["recall"]}
    return {k: fmean([p[k] for p in pages if k in p]) for k in ("f1", "p", "r")} if pages else {}


def groups() -> list[tuple[str, str, str | None]]:
    """Return (name, set, language) of the groups of pages that are reported."""
    return [(name, name, None) for name in SETS] + [(f"daniel {code}", "daniel", code) for code in LANGUAGES]


def report(m: Any, pages: Sequence[Scores]) -> None:
    """Print the table of the sets and the numbers of refused pages."""
    print(f"{'':14}pages    F1     P     R title  date authors false")
    for name, of, language in groups():
        some = part(pages, of, language)
        numbers = " ".join(f"{v:.4f}" for v in body(m, some).values())
        rest = [mean([p[k] for p in some if k in p]) for k in ("title", "date", "authors", "false_authors")]
        print(f"{name:14}{len(some):5} {numbers} {' '.join(rest)}")
    print(f"mean of the sets {average(m, pages):.4f}")
    refused, articles, caught, others = refusals(pages)
    print(f"articles refused {refused} of {articles}, other pages caught {caught} of {others}")
    print(f"trafilatura asked on {100 * asked(pages):.1f} % of the pages")


def average(m: Any, pages: Sequence[Scores]) -> float:
    """Return the mean F1 of the sets."""
    return fmean(body(m, some)["f1"] for name in SETS if (some := part(pages, name)))


def refusals(pages: Sequence[Scores]) -> tuple[int, int, int, int]:
    """Return (articles refused, articles, other pages caught, other pages)."""
    articles = [p["kind"] != PageKind.ARTICLE for p in pages if p["page_type"] == "article"]
    others = [p["kind"] != PageKind.ARTICLE for p in pages if p["page_type"] != "article"]
    return sum(articles), len(articles), sum(others), len(others)


def asked(pages: Sequence[Scores]) -> float:
    """Return the share of pages on which trafilatura was asked."""
    return sum("trafilatura" in p["extractor"] for p in pages) / max(1, len(pages))


def older(m: Any, pages: Sequence[Scores]) -> dict[str, str]:
    """Return the older model's figures for the table: by name of the group, its mean, its line on refusals."""
    found = {name: f"{body(m, part(pages, of, language))['f1']:.4f}" for name, of, language in groups()}
    return found | {"mean of the sets": f"{average(m, pages):.4f}", "Before": summary("Before", pages)}


def standing(table: str) -> dict[str, str]:
    """Return the older model's figures from a table that was written before."""
    rows = [[cell.strip() for cell in line.split("|")] for line in table.splitlines() if line.startswith("| ")]
    return {row[1]: row[3] for row in rows} | {"Before": re.findall("^Before: .*", table, re.MULTILINE)[0]}


def summary(name: str, pages: Sequence[Scores]) -> str:
    """Return the line on refusals and on how often trafilatura was asked."""
    refused, articles, caught, others = refusals(pages)
    return (
        f"{name}: {refused} of {articles} articles refused, {caught} of {others} other pages caught, "
        f"trafilatura asked on {100 * asked(pages):.1f} %."
    )


def markdown(m: Any, before: Mapping[str, str], after: Sequence[Scores]) -> str:
    """Return the table before and after, per set and language."""
    lines = [
        "# Body of HTML pages",
        "",
        "Written by `bench/html_score.py --before --markdown`. F1 by words; trafilatura's: pooled snippets; daniel:",
        "each Chinese character a word. After: out of fold, pages of one domain or template in one fold. Before: the",
        "model that shipped until November 2026; it was trained on the first three sets (its figures there are in",
        "sample) and never saw the others. Neither learnt recurring lines. Pages without visible text count as 0.",
        "",
        "| set | pages | before | after | precision | recall |",
        "|---|---|---|---|---|---|",
    ]
    for name, of, language in groups():
        now = body(m, part(after, of, language))
        numbers = f"{before[name]} | {now['f1']:.4f} | {now['p']:.4f} | {now['r']:.4f}"
        lines.append(f"| {name} | {len(part(after, of, language))} | {numbers} |")
    lines.append(f"| mean of the sets | | {before['mean of the sets']} | {average(m, after):.4f} | | |")
    lines += ["", before["Before"], summary("After", after)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
