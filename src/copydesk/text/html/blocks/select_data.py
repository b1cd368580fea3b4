"""Select the blocks of the element that a text out of the page's data was put into."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.override_rules import decision
from copydesk.text.html.blocks.select_blocks import BlockSelection
from copydesk.text.html.dom.html_page import Page, Place
from copydesk.text.html.metadata.page_data import DATA_ID

__all__ = ["select_data"]


def select_data(page: Page, selection: BlockSelection) -> BlockSelection:
    """Return a selection that keeps the text of the data, and nothing else: what the page shows of it is a part of it.

    Args:
        page: A page with an element of the id `DATA_ID`.
        selection: The block model's selection of it.
    """
    holder = next((e for e in reversed(page.elements) if e.names == DATA_ID), None)
    if holder is None:
        return selection
    keep = np.zeros(len(page.blocks), np.bool_)
    overrides: dict[int, LabelDecision] = dict(selection.overrides)
    for n in range(len(page.blocks)):
        if holder.first <= n < holder.last and not page.blocks[n].place & Place.BUTTON:
            keep[n] = True
            overrides[n] = decision("html.data.heading" if page.blocks[n].level else "html.data.text")
        elif selection.keep[n]:
            overrides[n] = decision("html.data.shown")
    return replace(selection, keep=keep, overrides=overrides, extractor="data")
