"""Compute the feature matrix of a page: one row per block, input of the block model.

shape.py       the block by itself: length, links, punctuation, function words, tag, landmarks
containers.py  its containers: their text score, class names, its <article>, blocks of the same markup
order.py       its position: neighbours, headline, last heading, pictures; and features of the whole page
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.features.columns import Array, Columns
from copydesk.text.html.features.containers import ElementRanges, measure_containers
from copydesk.text.html.features.order import measure_order, measure_page
from copydesk.text.html.features.shape import block_sizes, measure_shape
from copydesk.text.html.metadata.head import Hints

__all__ = ["FEATURES", "Array", "BlockMeasures", "measure_blocks"]


class BlockMeasures(NamedTuple):
    """The feature matrix of a page, and values that later steps reuse.

    Attributes:
        rows: Float32, one row per block, columns as in `FEATURES`.
        size: Characters per block; a Chinese, Japanese or Korean one counts as 2.5.
        element: Per block, index of its element.
        parents: (blocks, 3) indexes of its container, that one's parent and grandparent.
        signature: Per block, a number shared by blocks with the same tag and class names.
        ranges: The elements as arrays.
        headline: Index of the most likely headline, -1 without one.
    """

    rows: Array
    size: Array
    element: NDArray[np.int32]
    parents: NDArray[np.int32]
    signature: NDArray[np.int32]
    ranges: ElementRanges
    headline: int

    def column(self, name: str) -> Array:
        """Return one column of the features, by name."""
        return self.rows[:, _COLUMN_OF[name]]


def measure_blocks(page: Page, hints: Hints) -> BlockMeasures:
    """Compute the features of a page with at least one block."""
    columns, size, (parents, signature, ranges), headline = _measure(page, hints)
    element = np.array([b.element for b in page.blocks], np.int32)
    return BlockMeasures(columns.rows(), size, element, parents, signature, ranges, headline)


def _measure(
    page: Page, hints: Hints
) -> tuple[Columns, Array, tuple[NDArray[np.int32], NDArray[np.int32], ElementRanges], int]:
    columns = Columns()
    size = block_sizes(page)
    shape = measure_shape(page, hints, size, columns)
    containers = measure_containers(page, size, shape, columns)
    measure_order(page, size, shape, columns)
    measure_page(page, size, shape, hints, columns)
    return columns, size, containers, shape.h1


# Taken from the features of a one-word page, so that names and code cannot differ.
FEATURES = tuple(_measure(read_page(b"<p>Word</p>"), Hints((), (), ""))[0].names)
_COLUMN_OF = {name: n for n, name in enumerate(FEATURES)}
