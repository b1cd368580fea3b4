"""Score plain-text extraction out of fold, on domains that it was not trained on, or with the package's tables.

    python bench/text_score.py ../shared/bench/text --result FILE      out-of-fold scores written by text_train.py
    --save
    python bench/text_score.py ../shared/bench/text --package          the package's tables (trained on these
    pages, so too high)

The metric is the benchmark's score.py in both cases.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from copydesk.text.plain.model.span import INSIDE, OUTSIDE, select_spans

TITLES = {"all": None, "rsp_main": "rsp_main"}


def answers(
    result: dict, inside: float = INSIDE, outside: float = OUTSIDE, weight: float = 0.3, lift: float = 0.2
) -> dict[str, str]:
    """Return the kept lines of every page, joined."""
    out = {}
    bars = [np.log(p / (1 - p)) for p in (inside, outside)]
    for b, odds, start, end in zip(result["data"], result["odds"], result["start"], result["end"], strict=True):
        spans = select_spans(b.scan, odds, start, end, weight, lift)
        keep = odds >= np.where(spans.inside, bars[0], bars[1])
        at = 0
        for r in b.rows:
            n = len(r["units"])
            out[r["id"]] = "\n".join(u[0] for u, k in zip(r["units"], keep[at : at + n], strict=True) if k)
            at += n
    return out


def package(rows: list[dict]) -> dict[str, str]:
    """Return the package's answers."""
    from copydesk.records import Document
    from copydesk.text.plain import extract_texts

    documents = [
        Document(document_id=r["id"], content="\n".join(r["lines"]).encode(), media_type="text/plain") for r in rows
    ]
    return {x.document_id: "\n".join(p.text for p in x.paragraphs) for x in extract_texts(documents)}


def table(folder: Path, rows: list[dict], out: dict[str, str], languages: dict[str, str], worst: int = 0) -> list[dict]:
    """Print the score tables: per source and renderer, all, rsp_main, other languages than English."""
    sys.path.insert(0, str(folder))
    score = importlib.import_module("score")
    with ProcessPoolExecutor(2) as pool:
        scores = list(pool.map(score.score, [(r, out.get(r["id"], "")) for r in rows], chunksize=16))
    print(f"{'':22}pages  wordP  wordR wordF1   lineP  lineR lineF1  exact   lost   leak")
    for source in ("wcxb", "fundus"):
        for renderer in ("rsp_main", "reader", "rsp_all", "inscriptis"):
            some = [s for s in scores if (s["source"], s["renderer"]) == (source, renderer)]
            if some:
                score.show(f"{source} {renderer}", some)
    score.show("rsp_main", [s for s in scores if s["renderer"] == "rsp_main"])
    other = [s for s in scores if languages.get(s["id"], "en") not in ("en", "und")]
    score.show("not English", other)
    score.show("not English rsp_main", [s for s in other if s["renderer"] == "rsp_main"])
    score.show("all", scores)
    for s in sorted(scores, key=lambda s: -(s["fp"] + s["fn"]))[:worst]:
        print(f"{s['id']:60} F1 {s['f1']:.3f} lost {s['fn']} leaked {s['fp']}")
    return scores


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder", type=Path)
    ap.add_argument("--result", type=Path)
    ap.add_argument("--package", action="store_true")
    ap.add_argument("--worst", type=int, default=0)
    args = ap.parse_args()
    sys.path[:0] = [str(args.folder), str(Path(__file__).parent)]
    score = importlib.import_module("score")
    rows = score.pages(["rsp_main", "reader", "rsp_all", "inscriptis"], ["wcxb", "fundus"])
    if args.result:
        train = importlib.import_module("text_train")
        for name in ("Batch", "Counts"):
            setattr(sys.modules["__main__"], name, getattr(train, name))
        result = pickle.loads(args.result.read_bytes())  # noqa: S301 - our own file
        out = answers(result)
    else:
        out = package(rows)
    with contextlib.redirect_stderr(io.StringIO()):
        table(args.folder, rows, out, {r["id"]: r["lang"] for r in rows}, args.worst)


if __name__ == "__main__":
    main()
