"""Tables of scores per set, language and rendering."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from text_metric import Scores
from text_pages import RENDERERS, Row

__all__ = ["groups", "line_of", "table"]

MIN_INPUTS = 20
"""Inputs that a language needs for a row of its own."""


def groups(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Return the pages of each named group."""
    source = np.array([r["source"] for r in rows])
    language = np.array([r["lang"] for r in rows])
    renderer = np.array([r["renderer"] for r in rows])
    out = {"all": np.ones(len(rows), np.bool_), "wcxb + fundus": np.isin(source, ("wcxb", "fundus"))}
    out |= {name: source == name for name in ("wcxb", "fundus", "n4k", "gn1", "daniel")}
    out["mix"] = _mix(rows)
    out["wcxb + fundus in the mix"] = out["mix"] & out["wcxb + fundus"]
    out |= {name: renderer == name for name in RENDERERS}
    out |= {"English": language == "en", "not English": language != "en"}
    names, counts = np.unique(language, return_counts=True)
    few = names[(counts < MIN_INPUTS)]
    out |= {str(n): language == n for n, c in zip(names, counts, strict=True) if c >= MIN_INPUTS and n != "en"}
    out["other languages"] = np.isin(language, few)
    return out


def _mix(rows: Sequence[Row]) -> np.ndarray:
    """Return all inputs of rsp_main, and one other of each document, by a hash of its name."""
    others: dict[str, list[int]] = {}
    for k, r in enumerate(rows):
        if r["renderer"] != "rsp_main":
            others.setdefault(r["doc"], []).append(k)
    found = np.array([r["renderer"] == "rsp_main" for r in rows])
    found[[some[zlib.crc32(doc.encode()) % len(some)] for doc, some in others.items()]] = True
    return found


def line_of(scores: Scores, pages: np.ndarray) -> str:
    """Return word F1, line F1 and exact % of some pages."""
    word, line, exact = scores.cell(pages)
    return f"{word:.4f} {line:.4f} {100 * exact:.1f}"


def table(variants: Mapping[str, Scores], rows: Sequence[Row], only: Iterable[str] | None = None) -> str:
    """Return a Markdown table: a row per group, a column per variant."""
    some = groups(rows)
    lines = ["| pages | inputs | " + " | ".join(variants) + " |", "|---|---|" + "---|" * len(variants)]
    for name in only or some:
        cells = " | ".join(line_of(s, some[name]) for s in variants.values())
        lines.append(f"| {name} | {int(some[name].sum())} | {cells} |")
    return "\n".join(lines) + "\n"
