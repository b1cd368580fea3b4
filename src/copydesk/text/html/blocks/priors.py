"""Evidence besides the model: boilerplate lines, pins, phrases, and facts that override it.

Short blocks that recur on a site get lower odds; a pin decides. Phrases give cut blocks their label. Two kinds of text
are cut against the model, since they look like an article to any model: consent layers (a whole policy) and text that
the page contains twice (a mobile and a desktop copy).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.records import Label
from copydesk.text.boilerplate import MIN_PAGES, line_keys
from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.dom.css_names import categories
from copydesk.text.html.dom.html_page import Page, PageBlock
from copydesk.text.html.features.measure_blocks import Array
from copydesk.text.phrases.rules import Match, PhraseTable, match_texts

if TYPE_CHECKING:
    from copydesk.text.boilerplate import Boilerplate

__all__ = ["BoilerplatePriors", "boilerplate_priors", "find_overrides", "phrases_in", "ruled_blocks"]

_MAX_RECURRING_CHARS = 300
_MAX_PHRASE_CHARS = 250
_MAX_POINTS = 4.0
_POINTS_A_PAGE = 0.5
_MIN_REPEATED_CHARS = 60
"""Shorter lines may repeat: refrains, answers, cells."""
_MAX_LAYER_SHARE = 0.6
"""An element with a larger share of the text is the page itself, not a layer."""
_KEPT = frozenset((Label.BODY, Label.HEADING, Label.BLANK))


class BoilerplatePriors(NamedTuple):
    """Per block, log-odds by recurrence (0 or less) and pins (1 keep, -1 cut, 0 none)."""

    points: Array
    pins: NDArray[np.int8]


def boilerplate_priors(page: Page, boilerplate: Boilerplate | None, site: str) -> BoilerplatePriors | None:
    """Look up every short block among the recurring and pinned lines of a site; None where the site has none."""
    if boilerplate is None or (site not in boilerplate.lines and site not in boilerplate.pins):
        return None
    points = np.zeros(len(page.blocks), np.float32)
    pins = np.zeros(len(page.blocks), np.int8)
    pinned = boilerplate.pins.get(site, {})
    short = [n for n, block in enumerate(page.blocks) if len(block.text) <= _MAX_RECURRING_CHARS]
    for n, key in zip(short, line_keys([page.blocks[n].text.replace("\n", " ") for n in short]), strict=True):
        pages = boilerplate.page_count(site, key)
        if pages >= MIN_PAGES:
            points[n] = -min(_MAX_POINTS, _POINTS_A_PAGE * pages)
        if key in pinned:
            pins[n] = 1 if pinned[key] == "keep" else -1
    return BoilerplatePriors(points, pins)


def ruled_blocks(blocks: Sequence[PageBlock], table: PhraseTable | None) -> dict[int, LabelDecision]:
    """Return index -> label and rule of the blocks that phrases of the user cut, whatever the model says."""
    if table is None or not table.deciding:
        return {}
    found = match_texts([block.text for block in blocks], table)
    return {
        n: LabelDecision(match.rule.label, match.rule.id)
        for n, matches in enumerate(found)
        if (match := next((m for m in matches if m.rule.id in table.deciding), None))
    }


def phrases_in(blocks: Sequence[PageBlock], table: PhraseTable | None = None) -> dict[int, tuple[Match, ...]]:
    """Return block number -> boilerplate phrases of each short block."""
    short = [b for b in blocks if len(b.text) <= _MAX_PHRASE_CHARS]
    texts = list(dict.fromkeys([b.text for b in short]))  # menus are on a page twice
    found = {
        text: kept
        for text, matches in zip(texts, match_texts(texts, table) if texts else (), strict=True)
        if matches and (kept := tuple([m for m in matches if m.rule.label not in _KEPT]))
    }
    return {b.number: found[b.text] for b in short if b.text in found}


def find_overrides(page: Page, keep: NDArray[np.bool_], size: Array) -> dict[int, LabelDecision]:
    """Return index -> label and rule of the kept blocks that are cut against the model."""
    found: dict[int, LabelDecision] = {}
    for first, last in _consent_layers(page, size):
        for n in range(first, last):
            if keep[n]:
                found[n] = LabelDecision(Label.SITE_NOTICE, "html.names.consent")
    seen: set[str] = set()
    for n in np.flatnonzero(keep).tolist():
        text = page.blocks[n].text
        if len(text) >= _MIN_REPEATED_CHARS and n not in found:
            if text in seen:
                found[n] = LabelDecision(Label.OTHER, "html.repeated")
            seen.add(text)
    return found


@cache
def _consent_bit() -> int:
    return next(1 << c.number for c in categories() if c.id == "consent")


def _consent_layers(page: Page, size: Array) -> list[tuple[int, int]]:
    """Return the block ranges of elements with class names of consent managers."""
    bit = _consent_bit()
    total = max(1.0, float(size.sum()))
    return [
        (e.first, e.last)
        for e in page.elements
        if e.kinds & bit
        and e.tag not in ("html", "body")
        and float(size[e.first : e.last].sum()) <= _MAX_LAYER_SHARE * total
    ]
