"""Score the package's plain-text extraction with the benchmark's own metric, or on sites that it was not trained on.

    python bench/text_score.py ../shared/bench/text                   every page; the package was trained on them
    python bench/text_score.py ../shared/bench/text --work FOLDER     out of fold, with labels, titles and all

With `--work` (of `text_train.py`) each fold is extracted by the forests, the network and the word tables that were made
without it, through the whole product: what a run would load.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from text_pages import RENDERERS, fold_of

from copydesk.records import Document
from copydesk.text.plain import extract as plain_extract
from copydesk.text.plain import extract_texts

SOURCES = ("wcxb", "fundus", "n4k", "gn1", "daniel")
Answers = dict[str, tuple[str, float]]
"""Page id -> the kept paragraphs, a line each, and its confidence in them."""


def extracted(rows: Iterable[dict[str, Any]]) -> Answers:
    """Return the package's answers."""
    documents = [
        Document(document_id=r["id"], content="\n".join(r["lines"]).encode(), media_type="text/plain") for r in rows
    ]
    found = extract_texts(documents)
    return {x.document_id: ("\n".join(p.text for p in x.paragraphs), x.confidence) for x in found}


def out_of_fold(rows: list[dict[str, Any]], work: Path) -> Answers:
    """Return the answers of models that were made without each page's fold."""
    from text_train import use_fold

    out: Answers = {}
    for fold in sorted({fold_of(r) for r in rows}):
        with use_fold(work, fold):
            out |= extracted([r for r in rows if fold_of(r) == fold])
        print(f"fold {fold} extracted", file=sys.stderr)
    return out


def show(score: Any, scores: list[dict[str, Any]], languages: dict[str, str]) -> None:
    """Print the tables: per source and renderer, all, rsp_main, each language with 20 inputs or more."""
    print(f"{'':22}pages  wordP  wordR wordF1   lineP  lineR lineF1  exact   lost   leak")
    for source in SOURCES:
        for renderer in RENDERERS:
            some = [s for s in scores if (s["source"], s["renderer"]) == (source, renderer)]
            if some:
                score.show(f"{source} {renderer}", some)
    for source in SOURCES:
        score.show(source, [s for s in scores if s["source"] == source])
    for language in sorted(set(languages.values())):
        some = [s for s in scores if languages[s["id"]] == language]
        if len(some) >= 20:
            score.show(f"language {language}", some)
    score.show("not English", [s for s in scores if languages[s["id"]] != "en"])
    score.show("rsp_main", [s for s in scores if s["renderer"] == "rsp_main"])
    score.show("all", scores)


def main() -> None:
    """Extract, score and print."""
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder", type=Path)
    ap.add_argument("--work", type=Path)
    ap.add_argument("--renderer", nargs="+", default=list(RENDERERS))
    ap.add_argument("--worst", type=int, default=0)
    ap.add_argument("--save", type=Path, help="per-page scores and confidence as JSON lines")
    ap.add_argument("--raw-confidence", action="store_true", help="without its calibration (for `calibration.py`)")
    args = ap.parse_args()
    if args.raw_confidence:
        plain_extract.calibrated = lambda _, certainty: certainty
    sys.path.insert(0, str(args.folder))
    score = importlib.import_module("score")
    rows = score.pages(args.renderer, SOURCES)
    out = out_of_fold(rows, args.work) if args.work else extracted(rows)
    with contextlib.redirect_stderr(io.StringIO()), ProcessPoolExecutor(2) as pool:
        scores = list(pool.map(score.score, [(r, out.get(r["id"], ("", 0.0))[0]) for r in rows], chunksize=16))
    show(score, scores, {r["id"]: r["lang"] for r in rows})
    if args.save:
        facts = [{"fold": fold_of(r), "confidence": out[r["id"]][1]} for r in rows if r["id"] in out]
        lines = (json.dumps({**s, **fact}) + "\n" for s, fact in zip(scores, facts, strict=True))
        args.save.write_text("".join(lines), encoding="utf-8")
    for s in sorted(scores, key=lambda s: -(s["fp"] + s["fn"]))[: args.worst]:
        print(f"{s['id']:60} F1 {s['f1']:.3f} lost {s['fn']} leaked {s['fp']}")


if __name__ == "__main__":
    main()
