"""Fit the maps of a page's confidence and measure them on sites that they were not fitted on.

    python bench/html_score.py ../shared/bench/html --folds FOLDS --raw-confidence --save html.jsonl
    python bench/text_score.py ../shared/bench/text --work W --raw-confidence --save text.jsonl
    python bench/calibration.py --html html.jsonl --folds FOLDS/folds.json --text text.jsonl

The pages' own scores are out of fold (the models were made without their site), and each is judged here by a map that
was fitted on the other four folds. Target is the page's word F1; the expected calibration error is the mean distance
between confidence and F1 over 15 bins of equal size (Naeini et al. 2015, with F1 in place of hits). The fit is isotonic
(pool adjacent violators, Barlow et al. 1972) over the means of 26 bins. Writes rules/confidence.toml and
bench/results/calibration.md, draws docs/images/calibration.svg. A model whose pages are not given keeps what stands
there.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from copydesk.text.calibration import interpolate

ROOT = Path(__file__).parent.parent
MAPS = ROOT / "src" / "copydesk" / "rules" / "confidence.toml"
RESULT = ROOT / "bench" / "results" / "calibration.md"
BINS, FOLDS = 15, 5
DRAWING = ROOT / "docs" / "images" / "calibration.svg"
QUANTILES = (0.01, 0.02, *np.arange(1, 24) / 24)
"""Where the bins of the fit end: finer at the low end, by which pages are offered for a look."""
Knots = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one model: certainty, word F1 and fold of each."""

    certainty: np.ndarray
    f1: np.ndarray
    fold: np.ndarray


def html_pages(path: Path, folds: Path) -> Pages:
    """Read what `html_score.py --save` wrote: the articles that have a gold text."""
    of = json.loads(folds.read_text(encoding="utf-8"))
    rows = [row for row in _rows(path) if row.get("f1") is not None and row["page_type"] == "article"]
    return _pages([(row["confidence"], row["f1"], of.get(row["id"], 0)) for row in rows])


def text_pages(path: Path) -> Pages:
    """Read what `text_score.py --save` wrote."""
    return _pages([(row["confidence"], row["f1"], row["fold"]) for row in _rows(path)])


def _rows(path: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _pages(rows: Sequence[tuple[float, float, int]]) -> Pages:
    certainty, f1, fold = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    return Pages(certainty, f1, fold)


def bins(certainty: np.ndarray, number: int) -> np.ndarray:
    """Return the bin of each page, by rank; equal values share a bin."""
    edges = np.quantile(certainty, np.linspace(0, 1, number + 1)[1:-1])
    return np.searchsorted(edges, certainty, "right")


def fit(certainty: np.ndarray, f1: np.ndarray) -> Knots:
    """Return the knots of the isotonic map."""
    of = np.searchsorted(np.quantile(certainty, QUANTILES), certainty, "right")
    blocks: list[list[float]] = []  # sum of certainty, sum of F1, pages
    for k in np.unique(of):
        some = of == k
        blocks.append([certainty[some].sum(), f1[some].sum(), some.sum()])
        while len(blocks) > 1 and round(blocks[-2][1] / blocks[-2][2], 4) >= round(blocks[-1][1] / blocks[-1][2], 4):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    return [(round(x / n, 4), round(y / n, 4)) for x, y, n in blocks]


def mapped(knots: Knots, certainty: np.ndarray) -> np.ndarray:
    """Return the confidence of pages."""
    return np.array([interpolate(knots, value) for value in certainty])


def out_of_fold(pages: Pages) -> np.ndarray:
    """Return each page's confidence by the map that was fitted on the other folds."""
    out = np.zeros_like(pages.certainty)
    for k in range(FOLDS):
        own = pages.fold == k
        out[own] = mapped(fit(pages.certainty[~own], pages.f1[~own]), pages.certainty[own])
    return out


def curve(confidence: np.ndarray, f1: np.ndarray) -> list[tuple[float, float, int]]:
    """Return (mean confidence, mean F1, pages) of each bin."""
    of = bins(confidence, BINS)
    return [(confidence[of == k].mean(), f1[of == k].mean(), int((of == k).sum())) for k in np.unique(of)]


def error(points: Sequence[tuple[float, float, int]]) -> float:
    """Return the expected calibration error of a curve."""
    return sum(n * abs(x - y) for x, y, n in points) / sum(n for _, _, n in points)


COLOURS = {
    "html, certainty": "#bbb",
    "html, confidence": "#2f6fc4",
    "text, certainty": "#d9b38c",
    "text, confidence": "#b07412",
}
"""Curve of the drawing -> its colour, in the order of the legend."""


def place(x: float, y: float) -> str:
    """Return the place of a point in the drawing: both axes run from .4 to 1."""
    return f"{50 + (max(x, 0.4) - 0.4) / 0.6 * 330:.1f},{350 - (max(y, 0.4) - 0.4) / 0.6 * 330:.1f}"


def drawn_curve(name: str, points: Sequence[tuple[float, float, int]]) -> list[str]:
    """Return a curve and its line of the legend as SVG, a line each."""
    path = " ".join(place(x, y) for x, y, _ in points)
    style, top = f'fill="none" stroke="{COLOURS[name]}" stroke-width="2"', 280 + 16 * list(COLOURS).index(name)
    return [
        f'<polyline points="{path}" {style}><title>{name}</title></polyline>',
        f'<text x="230" y="{top}" fill="{COLOURS[name]}">{name}</text>',
    ]


def drawing(curves: Sequence[str]) -> str:
    """Return the reliability curves as SVG: confidence to the right, word F1 upwards, both from .4 to 1."""
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 390" font-family="sans-serif" font-size="11">',
        "<title>Confidence against word F1, out of fold</title>",
        '<rect width="400" height="390" fill="#fff"/>',
        f'<polyline points="{place(0.4, 0.4)} {place(1, 1)}" stroke="#999" stroke-dasharray="4 4" fill="none"/>',
    ]
    for tick in (0.4, 0.6, 0.8, 1.0):
        x, y = place(tick, 0.4).split(",")[0], place(0.4, tick).split(",")[1]
        lines.append(f'<text x="{x}" y="366" text-anchor="middle">{tick:g}</text>')
        lines.append(f'<text x="42" y="{y}" text-anchor="end">{tick:g}</text>')
    lines += curves
    lines.append('<text x="215" y="384" text-anchor="middle">confidence</text><text x="8" y="14">word F1</text></svg>')
    return "\n".join(lines) + "\n"


def main() -> None:
    """Fit, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--html", type=Path)
    parser.add_argument("--folds", type=Path, help="folds.json, with --html")
    parser.add_argument("--text", type=Path)
    args = parser.parse_args()
    if (args.html is None) != (args.folds is None):
        parser.error("--html and --folds go together")
    models = {
        "html": html_pages(args.html, args.folds) if args.html else None,
        "text": text_pages(args.text) if args.text else None,
    }
    maps, result, drawn = (path.read_text(encoding="utf-8") for path in (MAPS, RESULT, DRAWING))
    toml = [
        "# Certainty of a model's decisions -> word F1 to expect of the text; linear between knots, flat beyond.",
        "# Fitted by bench/calibration.py on pages that the models were made without; bench/results/calibration.md.",
    ]
    table = [
        "# Calibration of confidence",
        "",
        "Out of fold: neither the model nor the map has seen the page's site. `python bench/calibration.py`.",
        "",
        "| model | pages | error of the certainty | error of the confidence |",
        "|---|---:|---:|---:|",
    ]
    sections: list[str] = []
    lines: list[str] = []
    for name, pages in models.items():
        if pages is None:
            kept = tomllib.loads(maps)[name]
            toml += ["", f"[{name}]", f"pages = {kept['pages']}", f"knots = {json.dumps(kept['knots'])}"]
            table.append(next(line for line in result.splitlines() if line.startswith(f"| {name} |")))
            sections += [f"## {name}", *result.split(f"## {name}\n")[1].partition("## ")[0].rstrip().splitlines(), ""]
            lines += [line for line in drawn.splitlines() if f">{name}, " in line]
            continue
        curves: dict[str, list[tuple[float, float, int]]] = {}
        knots = fit(pages.certainty, pages.f1)
        toml += ["", f"[{name}]", f"pages = {len(pages.f1)}", f"knots = {json.dumps(knots)}"]
        curves[f"{name}, certainty"] = curve(pages.certainty, pages.f1)
        curves[f"{name}, confidence"] = curve(out_of_fold(pages), pages.f1)
        before, after = (error(curves[f"{name}, {what}"]) for what in ("certainty", "confidence"))
        table.append(f"| {name} | {len(pages.f1):,} | {before:.4f} | **{after:.4f}** |")
        sections += [f"## {name}", "", "| confidence | word F1 | pages |", "|---:|---:|---:|"]
        sections += [f"| {x:.3f} | {y:.3f} | {n} |" for x, y, n in curves[f"{name}, confidence"]] + [""]
        lines += [line for one in curves.items() for line in drawn_curve(*one)]
    table += ["", "![reliability](../../docs/images/calibration.svg)", "", *sections]
    MAPS.write_text("\n".join(toml) + "\n", encoding="utf-8")
    RESULT.write_text("\n".join(table), encoding="utf-8")
    DRAWING.write_text(drawing(lines), encoding="utf-8")
    print("\n".join(table[:8]))


if __name__ == "__main__":
    main()
