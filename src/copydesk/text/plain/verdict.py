"""Kept or cut: the scorecards over a batch, the site memory's word, and the span that makes one story of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.text.memory import LEAST_PAGES, SiteMemory, line_key
from copydesk.text.plain.context import CONTEXT, surroundings
from copydesk.text.plain.features import SCALES, Features, measure
from copydesk.text.scan import Scan, scan
from copydesk.text.plain.scorecard import Model, load_model, steps
from copydesk.text.plain.span import INSIDE, OUTSIDE, Spans, choose
from copydesk.text.plain.stopwords import salt, stop_tokens
from copydesk.text.plain.words import load_words, score_words
from copydesk.text.rules import Hits, find, phrase_table

__all__ = ["Verdicts", "judge"]

F = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What is known of a batch's lines.

    Attributes:
        lines, hits, features: As measured.
        codes: Steps on the scales of `SCALES` and `CONTEXT`, the latter by the first scorecard's verdicts.
        first: Log-odds by the first scorecard.
        remembered: Points of the site memory, 0 where it is silent.
        odds: Log-odds in the end.
        spans: The story's stretch per page.
        keep: The decision.
    """

    lines: Scan
    hits: Hits
    features: Features
    codes: NDArray[np.uint8]
    first: F
    remembered: F
    odds: F
    spans: Spans
    keep: NDArray[np.bool_]


def judge(
    pages: Sequence[Sequence[tuple[str, int]]],
    languages: Sequence[str],
    sites: Sequence[str],
    memory: SiteMemory | None,
    strictness: float | None,
    model: Model | None = None,
) -> Verdicts:
    """Judge the lines of a batch.

    Args:
        pages: Per page its lines that are not blank, with the blank lines before each.
        strictness: Probability below which a line inside the story is cut; None for the trained balance.
    """
    model = model or load_model()
    lines = scan(pages)
    table = phrase_table()
    salts = np.array([salt(language) for language in languages], np.uint64)
    hits = find(lines, table)
    features = measure(lines, stop_tokens(lines, salts), hits, table, score_words(lines, salts, load_words()))
    own = steps(features.values, SCALES)
    remembered = _remembered(pages, sites, memory, lines.words)
    first = model.line.score(own) + remembered
    codes = np.concatenate([own, steps(surroundings(first, lines, features), CONTEXT)], axis=1)
    odds = model.second.score(codes) + remembered
    edges = np.concatenate([own, steps(surroundings(odds, lines, features), CONTEXT)], axis=1)
    spans = choose(lines, odds, model.start.score(edges), model.end.score(edges))
    inside = INSIDE if strictness is None else min(max(strictness, 0.02), 0.98)
    bar = np.where(
        spans.inside, np.log(inside / (1 - inside)), np.log(max(OUTSIDE, inside) / (1 - max(OUTSIDE, inside)))
    )
    return Verdicts(
        lines=lines,
        hits=hits,
        features=features,
        codes=codes,
        first=first,
        remembered=remembered,
        odds=odds,
        spans=spans,
        keep=odds >= bar,
    )


def _remembered(
    pages: Sequence[Sequence[tuple[str, int]]], sites: Sequence[str], memory: SiteMemory | None, words: F
) -> F:
    """Points against lines that recur across the site's pages: at least three pages, more for short lines than for prose."""
    out = np.zeros(len(words))
    if memory is None:
        return out
    k = 0
    for page, site in zip(pages, sites, strict=True):
        counts = memory.lines.get(site)
        if not counts or memory.pages.get(site, 0) < LEAST_PAGES:
            k += len(page)
            continue
        for text, _ in page:
            seen = counts.get(line_key(text), 0) if len(text) <= 320 else 0
            if seen >= LEAST_PAGES:
                share = min(1.0, seen / memory.pages[site] + 0.1 * (seen - LEAST_PAGES))
                out[k] = -(0.75 + 1.5 * share) * (1.0 if words[k] < 14 else 0.6)
            k += 1
    return out
