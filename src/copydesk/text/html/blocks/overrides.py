"""Facts of the page that decide on a block against the block model, each under the id of a rule with its why.

overlays.py   dialogs, consent layers, hidden elements
notices.py    browser notices, statements, words of buttons
restored.py   listings and row labels that belong to the story
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.notices import notice_cuts
from copydesk.text.html.blocks.overlays import overlay_cuts
from copydesk.text.html.blocks.restored import restored_blocks
from copydesk.text.html.blocks.story import Story
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.features.measure_blocks import FEATURES, Array, BlockMeasures

__all__ = ["decide_by_facts"]

_IS_TITLE, _OVERLAP = FEATURES.index("is_title"), FEATURES.index("title_overlap")
_MIN_OVERLAP = 0.6


def decide_by_facts(page: Page, keep: NDArray[np.bool_], measured: BlockMeasures) -> dict[int, LabelDecision]:
    """Change `keep` in place; return index -> label and rule of the blocks that were changed."""
    if not keep.any():
        return {}
    headline = _headline(page, measured.rows)
    found: dict[int, LabelDecision] = {}
    story = Story(page=page, keep=keep, size=measured.size, headline=headline)
    for rules in (overlay_cuts, notice_cuts, restored_blocks):
        changed = rules(story)
        if changed:
            for n in changed:
                keep[n] = not keep[n]
            story = Story(page=page, keep=keep, size=measured.size, headline=headline)
        found |= changed
    return found


def _headline(page: Page, rows: Array) -> int:
    """Return the index of the block with the page's title, -1 without one: a heading before other text."""
    for wanted in (rows[:, _IS_TITLE] > 0, rows[:, _OVERLAP] >= _MIN_OVERLAP):
        places = np.flatnonzero(wanted).tolist()
        headings = [n for n in places if page.blocks[n].level]
        if headings:
            return int(headings[0])
        if places and wanted[places[0]] and rows[places[0], _IS_TITLE] > 0:
            return int(places[0])
    return -1
