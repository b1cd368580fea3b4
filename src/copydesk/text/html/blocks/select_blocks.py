"""Select the blocks of the article: the block model, and trafilatura where its confidence is low.

    features --first model--> p --second model, in context--> p, confidence
        confidence < 0.7: trafilatura's blocks --its twin, over both--> p, the mean of both in log-odds
    then boilerplate log-odds; consent layers, comments, repeated text; the user's site rule; pins

Confidence is 1 - sum(min(p, 1 - p) * length) / kept length. Measured out of fold and dropped: following trafilatura
alone on pages of low confidence (-.002 on WCXB), the twin alone there (-.001 on the mean of six sets, -.008 on
Russian), asking it on every page (no gain over asking on 6 %); a convolutional network over all blocks beside the
second model, in its mean (+.0003 to +.0008 by seed and weight, Russian -.004 to -.011, 5 % more CPU).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.model import load_block_model
from copydesk.text.html.blocks.other_texts import find_other_texts
from copydesk.text.html.blocks.overrides import decide_by_facts
from copydesk.text.html.blocks.priors import BoilerplatePriors, find_overrides
from copydesk.text.html.blocks.trafilatura_vote import ask_trafilatura
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.features.blend_features import blend_rows
from copydesk.text.html.features.context_features import context_rows
from copydesk.text.html.features.measure_blocks import Array, BlockMeasures
from copydesk.text.html.site_rules.match_site_rule import SiteMatch
from copydesk.text.tree_ensemble import TreeEnsemble

__all__ = ["MIN_CONFIDENCE", "BlockSelection", "confidence", "select_blocks"]

MIN_CONFIDENCE = 0.7
"""Confidence below which trafilatura runs (6 % of pages).

.8 (10 %) gains .0003 on the mean body F1 for half as much time again; .6 loses .0002, of one set .001; .5 loses .0008.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockSelection:
    """The selected blocks, and what the decision rests on.

    Attributes:
        keep: Per block.
        probability: Probability of each block, after boilerplate log-odds.
        rows: Features of the model that decided.
        stage: Name of that model: `context` or `doubt`.
        trafilatura: Share of each block's words that trafilatura kept; None when it did not run.
        overrides: Index of a block decided by a fact against the model -> its label and rule.
        inside: Index of a block -> label and rule of the other text in which it stands, for those that the model cut.
        priors: Boilerplate and pins of the site; None without any.
        site: Match of the user's site rule; None without one.
        extractor: `blocks`, `trafilatura`, `blocks+trafilatura` or `site_rule:NAME`.
        confidence: 0 to 1.
    """

    keep: NDArray[np.bool_]
    probability: Array
    rows: Array
    stage: str
    trafilatura: Array | None
    overrides: dict[int, LabelDecision]
    inside: dict[int, LabelDecision]
    priors: BoilerplatePriors | None
    site: SiteMatch | None
    extractor: str
    confidence: float


def select_blocks(
    page: Page,
    measured: BlockMeasures,
    extractor: str,
    *,
    priors: BoilerplatePriors | None = None,
    site: SiteMatch | None = None,
    ruled: Mapping[int, LabelDecision] | None = None,
    forests: dict[str, TreeEnsemble] | None = None,
) -> BlockSelection:
    """Select the blocks of the article.

    Args:
        page: A page with blocks.
        measured: Its features.
        extractor: `auto`, `blocks` (never run trafilatura) or `trafilatura` (follow it wherever it finds text).
        priors: Boilerplate and pins of the site.
        site: Match of the user's site rule.
        ruled: Index of a block that a phrase of the user cuts -> its label and rule.
        forests: Another model than the package's (for the benchmark's folds).
    """
    forests = forests or load_block_model()
    first = forests["blocks"].probability(measured.rows)
    (context, segments), stage = context_rows(page, measured, first), "context"
    rows, p = context, forests[stage].probability(context)
    sure, name, votes = confidence(p, measured.size), "blocks", None
    by_site_rule = site is not None and site.keep is not None
    if not by_site_rule and (extractor == "trafilatura" or (extractor == "auto" and sure < MIN_CONFIDENCE)):
        votes = ask_trafilatura(page)
    if votes is not None and extractor == "trafilatura":
        p, name = votes, "trafilatura"
    elif votes is not None:
        rows, stage, name = blend_rows(context, measured, first, votes), "doubt", "blocks+trafilatura"
        p = _mean(forests["context"].log_odds(context), forests[stage].log_odds(rows))
    if priors is not None:  # what does not recur keeps its probability to the last bit, whatever else a site repeats
        odds = np.log(np.clip(p, 1e-6, 1 - 1e-6) / np.clip(1 - p, 1e-6, 1))
        p = np.where(priors.points == 0, p, 1 / (1 + np.exp(-odds - priors.points))).astype(np.float32)
    keep = p >= 0.5
    overrides: dict[int, LabelDecision] = {}
    inside: dict[int, LabelDecision] = {}
    if not by_site_rule and extractor != "trafilatura":
        overrides = find_overrides(page, keep, measured.size)
        keep[list(overrides)] = False
        other, inside = find_other_texts(page, measured, segments, keep)
        overrides |= other
        keep[list(overrides)] = False
        overrides |= decide_by_facts(page, keep, measured)
    if ruled:
        overrides |= ruled
        keep[list(ruled)] = False
    if site is not None:
        keep = (site.keep if site.keep is not None else keep) & ~site.strip
        name = f"site_rule:{site.rule.name}" if by_site_rule else name
    if priors is not None:
        keep = np.where(priors.pins == 0, keep, priors.pins > 0)
    return BlockSelection(
        keep=keep,
        probability=p,
        rows=rows,
        stage=stage,
        trafilatura=votes,
        overrides=overrides,
        inside=inside,
        priors=priors,
        site=site,
        extractor=name,
        confidence=1.0 if by_site_rule else sure,
    )


def _mean(one: Array, other: Array) -> Array:
    """Return the probabilities between two log-odds."""
    return (1 / (1 + np.exp(-(one + other) / 2))).astype(np.float32)


def confidence(p: Array, size: Array) -> float:
    """Return the confidence of probabilities in the text they keep, 0 to 1."""
    kept = float((size * (p >= 0.5)).sum())
    if not kept:
        return 0.0
    return max(0.0, 1 - float((np.minimum(p, 1 - p) * size).sum()) / kept)
