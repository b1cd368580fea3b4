"""Which blocks make the article: the model over the blocks, and trafilatura where the model is in doubt.

    rows --trees--> p, confidence
        confidence < 0.7: which blocks would trafilatura keep? --trees over both--> p
    then the boilerplate points; consent layers and repeated text; the user's site rule; pins

Confidence is 1 - sum(min(p, 1 - p) * length) / kept length: what share of the kept text is beyond doubt. A second
look over the neighbours' first answers gained nothing beyond noise here (.956/.951/.949 against .956/.952/.950 out of
fold) and is left out; to follow trafilatura on doubt instead of weighing both lost .002 on WCXB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.blocks.labelling import Named
from copydesk.text.html.blocks.model import load_block_model
from copydesk.text.html.blocks.priors import Remembered, overrule
from copydesk.text.html.blocks.trafilatura_vote import ask_trafilatura
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.features.blend_features import doubt_rows
from copydesk.text.html.features.measure_blocks import Array, BlockMeasures
from copydesk.text.html.site_rules.match_site_rule import SiteMatch
from copydesk.text.tree_ensemble import TreeEnsemble

__all__ = ["DOUBT", "Choice", "confidence", "select_blocks"]

DOUBT = 0.7
"""Below this confidence trafilatura is asked, on 8 of 100 pages; at .8 it was on 14, which cost an eighth of a page's
time and gained nothing out of fold but .001 on one of three sets.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which blocks are kept, and who said so.

    Attributes:
        keep: Per block.
        probability: What the decision rests on, after all voices.
        rows: The rows that the last look of the model saw.
        stage: Name of the forest that spoke last.
        trafilatura: Share of each block's words that trafilatura kept; None when it was not asked.
        overruled: Index of a block that a plain fact cut against the model -> its label and rule.
        remembered: Boilerplate points and pins; None when the site has none.
        site: What a site rule said; None without one.
        extractor: `blocks`, `trafilatura`, `blocks+trafilatura` or `site_rule:NAME`.
        confidence: 0 to 1.
    """

    keep: NDArray[np.bool_]
    probability: Array
    rows: Array
    stage: str
    trafilatura: Array | None
    overruled: dict[int, Named]
    remembered: Remembered | None
    site: SiteMatch | None
    extractor: str
    confidence: float


def select_blocks(
    page: Page,
    measured: BlockMeasures,
    extractor: str,
    *,
    remembered: Remembered | None = None,
    site: SiteMatch | None = None,
    forests: dict[str, TreeEnsemble] | None = None,
) -> Choice:
    """Decide which blocks are the article's.

    Args:
        page: A page with blocks.
        measured: Its features.
        extractor: `auto`, `blocks` (never ask trafilatura) or `trafilatura` (follow it wherever it answers).
        remembered: Boilerplate points and pins of the page's blocks.
        site: What the user's rule for this site found.
        forests: Another model than the package's (for the benchmark's folds).
    """
    forests = forests or load_block_model()
    rows, stage = measured.rows, "blocks"
    p = forests[stage].probability(rows)
    sure, name, asked = confidence(p, measured.size), "blocks", None
    ruled = site is not None and site.keep is not None
    if not ruled and (extractor == "trafilatura" or (extractor == "auto" and sure < DOUBT)):
        asked = ask_trafilatura(page)
    if asked is not None and extractor == "trafilatura":
        p, name = asked, "trafilatura"
    elif asked is not None:
        rows, stage, name = doubt_rows(measured, p, asked), "doubt", "blocks+trafilatura"
        p = forests[stage].probability(rows)
    if remembered is not None:
        odds = np.log(np.clip(p, 1e-6, 1 - 1e-6) / np.clip(1 - p, 1e-6, 1))
        p = (1 / (1 + np.exp(-odds - remembered.points))).astype(np.float32)
    keep = p >= 0.5
    overruled = {} if ruled or extractor == "trafilatura" else overrule(page, keep, measured.size)
    keep[list(overruled)] = False
    if site is not None:
        keep = (site.keep if site.keep is not None else keep) & ~site.strip
        name = f"site_rule:{site.rule.name}" if ruled else name
    if remembered is not None:
        keep = np.where(remembered.pins == 0, keep, remembered.pins > 0)
    return Choice(
        keep=keep,
        probability=p,
        rows=rows,
        stage=stage,
        trafilatura=asked,
        overruled=overruled,
        remembered=remembered,
        site=site,
        extractor=name,
        confidence=1.0 if ruled else sure,
    )


def confidence(p: Array, size: Array) -> float:
    """How sure the probabilities are about the text they keep, 0 to 1."""
    kept = float((size * (p >= 0.5)).sum())
    if not kept:
        return 0.0
    return max(0.0, 1 - float((np.minimum(p, 1 - p) * size).sum()) / kept)
