"""Decide kept or cut for the lines of a batch: tree ensembles, boilerplate points and the story's span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from copydesk.text.boilerplate import MIN_PAGES, Boilerplate, line_keys
from copydesk.text.phrases.rules import Hits, PhraseTable, find_phrases, phrase_table
from copydesk.text.plain.features.bins import LINE_BINS, WORD_COLUMNS, bin_values
from copydesk.text.plain.features.measure_lines import Features, measure_lines
from copydesk.text.plain.features.stopwords import salt, stop_tokens
from copydesk.text.plain.features.words import load_words, score_words
from copydesk.text.plain.long_pages import LineMeasures, drop_unused, join_pieces, split_page
from copydesk.text.plain.model.span import INSIDE, OUTSIDE, Spans, select_spans
from copydesk.text.plain.model.tables import Model, load_model
from copydesk.text.tokens.scan import Codes, Flags, Floats, Scan, scan
from copydesk.text.tree_ensemble import TreeEnsemble

__all__ = ["LineDecisions", "select_lines"]

_MAX_BOILERPLATE_CHARS = 320
_FULL_WEIGHT_PAGES = 5
"""Pages from which a site's boilerplate counts have full weight, and half of it from three.

On sites of three pages full weight lowered line F1: live tickers and near-identical articles recur, too.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDecisions:
    """Measures and decisions of a batch's lines.

    Attributes:
        lines, hits, features: The scan, the phrases found and the features.
        bins: Bins of the features of `LINE_BINS`.
        known: Whether the line's language has a word table, so that `line` scored it and not `line_any`.
        boilerplate_points: Boilerplate points, 0 for lines without.
        odds: Log-odds of belonging to the story.
        spans: The story's span per page.
        bars: Log-odds from which each line is kept; higher outside of the span.
        outside: Whether a line is cut for nothing but standing outside of the span.
        keep: The decision.
    """

    lines: Scan
    hits: Hits
    features: Features
    bins: Codes
    known: Flags
    boilerplate_points: Floats
    odds: Floats
    spans: Spans
    bars: Floats
    outside: Flags
    keep: Flags


def select_lines(
    pages: Sequence[Sequence[tuple[str, int]]],
    languages: Sequence[str],
    sites: Sequence[str],
    boilerplate: Boilerplate | None,
    strictness: float | None,
    phrases: PhraseTable | None = None,
    model: Model | None = None,
) -> LineDecisions:
    """Score the lines of a batch and decide which are kept.

    Args:
        pages: The non-blank lines of each page, with the number of blank lines before each.
        languages: Language of each page.
        sites: Site of each page, the key of its boilerplate counts.
        boilerplate: Lines that recur across the sites' pages, or None.
        strictness: Probability below which a line inside the story is cut; None for the trained balance.
        phrases: Compiled phrase rules; None for the package's.
        model: Tree ensembles and network; None for the package's.
    """
    model, phrases = model or load_model(), phrases or phrase_table()
    some = [[piece] for piece in split_page(pages[0])] if len(pages) == 1 else [pages]
    measured = (_measure(part, languages, sites, boilerplate, phrases, model) for part in some)
    whole = join_pieces([drop_unused(part) if len(some) > 1 else part for part in measured])
    lines, odds = whole.lines, whole.odds
    story = whole.story + whole.boilerplate_points[:, None]  # nor does a story start or end with a line that recurs
    spans = select_spans(lines.page, lines.page_start, story[:, 0], story[:, 1], story[:, 2])
    inside = INSIDE if strictness is None else min(max(strictness, 0.02), 0.98)
    low, high = (float(np.log(p / (1 - p))) for p in (inside, max(OUTSIDE, inside)))
    bars = np.where(spans.inside, low, high)
    keep = (lines.count > 0) & (odds >= bars)
    return LineDecisions(
        lines=lines,
        hits=whole.hits,
        features=whole.features,
        bins=whole.bins,
        known=whole.known,
        boilerplate_points=whole.boilerplate_points,
        odds=odds,
        spans=spans,
        bars=bars,
        outside=(lines.count > 0) & (odds >= low) & ~keep,
        keep=keep,
    )


def _measure(
    pages: Sequence[Sequence[tuple[str, int]]],
    languages: Sequence[str],
    sites: Sequence[str],
    boilerplate: Boilerplate | None,
    table: PhraseTable,
    model: Model,
) -> LineMeasures:
    lines = scan(pages)
    salts = np.array([salt(language) for language in languages], np.uint64)
    hits = find_phrases(lines, table)
    features = measure_lines(lines, stop_tokens(lines, salts), hits, table, score_words(lines, salts, load_words()))
    bins = bin_values(features.values, LINE_BINS)
    known = np.array([language in model.known_languages for language in languages], np.bool_)[lines.page]
    boilerplate_points = _boilerplate_points(pages, sites, boilerplate, lines.lines)
    odds = _score(model.line, model.line_any, bins, known) + boilerplate_points
    if not known.all():
        bins[(~known).nonzero()[0][:, None], WORD_COLUMNS] = 0  # as in training
    story = model.network.points(bins, lines.head, lines.tail, known, lines.page_start)
    return LineMeasures(
        lines=lines,
        hits=hits,
        features=features,
        bins=bins,
        known=known,
        boilerplate_points=boilerplate_points,
        odds=odds,
        story=story,
    )


def _score(trees: TreeEnsemble, other: TreeEnsemble, bins: Codes, known: Flags) -> Floats:
    """Score lines in languages with a word table by `trees`, all other lines by `other`."""
    if known.all():
        return trees.log_odds(bins).astype(np.float64)
    if not known.any():
        return other.log_odds(bins).astype(np.float64)
    out = np.empty(len(bins))
    out[known], out[~known] = trees.log_odds(bins[known]), other.log_odds(bins[~known])
    return out


def _boilerplate_points(
    pages: Sequence[Sequence[tuple[str, int]]], sites: Sequence[str], boilerplate: Boilerplate | None, lines: int
) -> Floats:
    """Return the points (0 or less) of lines that recur on at least `MIN_PAGES` of the site's pages.

    Of 60,000 such lines of 1,128 pages one in 80 belongs to a story. Points and weight were chosen out of fold.
    """
    out = np.zeros(lines)
    if boilerplate is None:
        return out
    first = 0
    for page, site in zip(pages, sites, strict=True):
        counts, of = boilerplate.lines.get(site), boilerplate.pages.get(site, 0)
        if counts and of >= MIN_PAGES:
            known = min(1.0, (of - 1) / (_FULL_WEIGHT_PAGES - 1))
            short = [k for k, (text, _) in enumerate(page) if len(text) <= _MAX_BOILERPLATE_CHARS]
            for k, key in zip(short, line_keys([page[k][0] for k in short]), strict=True):
                seen = counts.get(key, 0)
                if seen >= MIN_PAGES:
                    share = min(1.0, seen / of + 0.1 * (seen - MIN_PAGES))
                    out[first + k] = -known * (1.0 + 2.0 * share)
        first += len(page)
    return out
