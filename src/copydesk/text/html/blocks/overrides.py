"""Where a plain fact overrules the model: consent layers, and text that the page holds twice.

Both look like an article to any model: a consent layer holds a whole policy, a page built for telephones and for desks
holds its story twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.records import Label
from copydesk.text.html.blocks.labelling import Named
from copydesk.text.html.dom.css_names import categories, verdict
from copydesk.text.html.dom.page import Page
from copydesk.text.html.features.columns import Array

__all__ = ["overrule"]

_REPEATED_CHARS = 60
"""Shorter lines recur rightly: refrains, answers, cells."""
_LAYER_SHARE = 0.6
"""An element with more of the page's text is the page, and only says that there is a layer."""


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
