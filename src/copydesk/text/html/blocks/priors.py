"""Evidence besides the model: the user's site rule, boilerplate counts and pins, JSON-LD's body, phrases.

A site rule or a pin decides. Boilerplate counts lower the odds of short blocks that recur on a site. Phrases name what
was cut, and cut a short block that the model was not sure of. JSON-LD's `articleBody` is among the model's own
features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.records import Label
from copydesk.text.boilerplate import MIN_PAGES, line_key
from copydesk.text.html.blocks.labelling import Named
from copydesk.text.html.dom.css_names import categories, verdict
from copydesk.text.html.dom.html_page import Page, PageBlock
from copydesk.text.html.features.measure_blocks import Array
from copydesk.text.phrases.rules import Match, match_texts

if TYPE_CHECKING:
    from copydesk.text.boilerplate import Boilerplate

__all__ = ["Remembered", "overrule", "phrases_in", "remember"]

_MAX_REMEMBERED = 300
_MAX_PHRASE = 250
_MOST_POINTS = 4.0
_POINTS_A_PAGE = 0.5
_REPEATED_CHARS = 60
"""Shorter lines recur rightly: refrains, answers, cells."""
_LAYER_SHARE = 0.6
"""An element with more of the page's text is the page, and only says that there is a layer."""
_KEPT = frozenset((Label.BODY, Label.HEADING, Label.BLANK))


class Remembered(NamedTuple):
    """Boilerplate evidence: log-odds per block (0 or less) and pins (1 keep, -1 cut, 0 none)."""

    points: Array
    pins: NDArray[np.int8]


def remember(page: Page, boilerplate: Boilerplate | None, site: str) -> Remembered | None:
    """Look up every short block in the boilerplate counts; None where the site has neither counts nor pins."""
    if boilerplate is None or (site not in boilerplate.lines and site not in boilerplate.pins):
        return None
    points = np.zeros(len(page.blocks), np.float32)
    pins = np.zeros(len(page.blocks), np.int8)
    pinned = boilerplate.pins.get(site, {})
    for n, block in enumerate(page.blocks):
        if len(block.text) > _MAX_REMEMBERED:
            continue
        key = line_key(block.text)
        pages = boilerplate.page_count(site, key)
        if pages >= MIN_PAGES:
            points[n] = -min(_MOST_POINTS, _POINTS_A_PAGE * pages)
        if key in pinned:
            pins[n] = 1 if pinned[key] == "keep" else -1
    return Remembered(points, pins)


def phrases_in(blocks: Sequence[PageBlock]) -> dict[int, tuple[Match, ...]]:
    """The phrases of furniture in short blocks, by block number."""
    short = [b for b in blocks if len(b.text) <= _MAX_PHRASE]
    found = match_texts([b.text for b in short]) if short else []
    return {
        b.number: kept
        for b, matches in zip(short, found, strict=True)
        if (kept := tuple(m for m in matches if m.rule.label not in _KEPT))
    }


def overrule(page: Page, keep: NDArray[np.bool_], size: Array) -> dict[int, Named]:
    """Return which kept blocks (by index) are cut all the same, and by which rule."""
    found: dict[int, Named] = {}
    for first, last in _consent_layers(page, size):
        for n in range(first, last):
            if keep[n]:
                found[n] = Named(Label.SITE_NOTICE, "html.names.consent")
    seen: set[str] = set()
    for n in np.flatnonzero(keep).tolist():
        text = page.blocks[n].text
        if len(text) >= _REPEATED_CHARS and n not in found:
            if text in seen:
                found[n] = Named(Label.OTHER, "html.repeated")
            seen.add(text)
    return found


def _consent_layers(page: Page, size: Array) -> list[tuple[int, int]]:
    """Ranges of blocks inside elements that consent managers name as theirs."""
    bit = next(1 << c.number for c in categories() if c.id == "consent")
    total = max(1.0, float(size.sum()))
    return [
        (e.first, e.last)
        for e in page.elements
        if e.names
        and verdict(e.names) & bit
        and e.tag not in ("html", "body")
        and float(size[e.first : e.last].sum()) <= _LAYER_SHARE * total
    ]
