"""Train the points per sign that separate articles from other pages, and write them to rules/kind_points.toml.

    PYTHONPATH=src:. python -m bench.kind_train FOLDER_OF_BENCH_HTML [--write]

A logistic regression over yes/no signs (`copydesk.text.html.page_kind.signs`), five folds by registered domain. The
limit is set on pages that the points had not seen, so that at most REFUSED of the articles are refused. Deterministic.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from bench.pages import document, fold_of, golds, read_gold_page

from copydesk.resources import RULES
from copydesk.text.html.metadata.page_urls import page_url
from copydesk.text.html.metadata.read_metadata import read_metadata
from copydesk.text.html.page_kind.signs import head_signs, text_signs

FOLDS = 5
REFUSED = 0.0046
MIN_PAGES = 8  # pages with a sign, for it to get points
RIDGE = 10.0


def main() -> None:
    """Train, print the share of other pages caught per share of articles refused, and write the table if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help="write rules/kind_points.toml")
    args = parser.parse_args()
    pages = list(read(args.folder))
    signs = [s for _, s in pages]
    other = np.array([g["page_type"] != "article" for g, _ in pages], dtype=float)
    folds = np.array([fold_of(g["domain"], FOLDS) for g, _ in pages])
    seen = Counter(sign for s in signs for sign in s)
    names = sorted(sign for sign, count in seen.items() if count >= MIN_PAGES)
    table = np.array([[name in s for name in names] for s in signs], dtype=float)
    scores = np.zeros(len(pages))
    for fold in range(FOLDS):
        here = folds == fold
        weights, intercept = fit(table[~here], other[~here])
        scores[here] = table[here] @ weights + intercept
    limit = report(scores, other, pages)
    weights, intercept = fit(table, other)
    if args.write:
        write(names, weights, limit - intercept)


def read(folder: Path) -> Any:
    """Yield (gold, signs) of every page that can be parsed."""
    for gold in golds(folder):
        page = read_gold_page(folder, gold)
        if page.tree is not None:
            metadata = read_metadata(page, url=gold["url"], language=gold["language"] or "und", document=document(gold))
            yield gold, head_signs(metadata, page_url(gold["url"])) | text_signs(page)


def fit(table: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, float]:
    """Return weights and intercept of a ridge logistic regression, by Newton's method."""
    design = np.hstack([table, np.ones((len(table), 1))])
    ridge = np.full(design.shape[1], RIDGE)
    ridge[-1] = 1e-3
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (chance - target) + ridge * weights
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights[:-1], float(weights[-1])


def report(scores: np.ndarray, other: np.ndarray, pages: list[Any]) -> float:
    """Print the share of others caught at some shares of articles refused; returns the limit for REFUSED."""
    articles = np.sort(scores[other == 0])[::-1]
    limit = 0.0
    for share in (0.002, REFUSED, 0.005, 0.01, 0.02):
        at = float(articles[int(share * len(articles))])
        print(f"articles refused {100 * share:.2f} %: others caught {100 * (scores[other == 1] > at).mean():.1f} %")
        limit = at if share == REFUSED else limit
    for kind in sorted({g["page_type"] for g, _ in pages} - {"article"}):
        here = np.array([g["page_type"] == kind for g, _ in pages])
        print(f"  {kind}: {int((scores[here] > limit).sum())} of {int(here.sum())}")
    print(
        "refused articles:",
        [g["url"] for (g, _), s, o in zip(pages, scores, other, strict=True) if s > limit and not o],
    )
    return limit


def write(names: list[str], weights: np.ndarray, limit: float) -> None:
    """Write the table of points, strongest first."""
    lines = [
        "# Points towards 'this page is no article', learnt by bench/kind_train.py from the pages of bench/html: WCXB",
        "# (CC-BY-4.0), Fundus' test pages (MIT), trafilatura's evaluation set (Apache-2.0); see NOTICE.",
        "# What the signs are: text/html/page_kind/signs.py. A page whose points sum to more than the limit is none;",
        f"# the limit refused {100 * REFUSED:.2f} % of the articles out of fold.",
        "",
        f"limit = {limit:.3f}",
        "",
        "[points]",
    ]
    order = sorted(range(len(names)), key=lambda i: (-round(float(weights[i]), 3), names[i]))
    lines += [f'"{names[i]}" = {weights[i]:.3f}' for i in order if abs(weights[i]) >= 0.005]
    (RULES / "kind_points.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
