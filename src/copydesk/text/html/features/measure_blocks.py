"""What is measured on each block before anything is decided: one row of numbers per block.

shape.py       the block by itself: length, links, punctuation, function words, tag, landmarks
containers.py  what it stands in: the score of its containers, the names around it, its <article>, its like
order.py       where it stands: neighbours, headline, last heading, pictures; and the page as a whole
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.features.columns import Array, Columns
from copydesk.text.html.features.containers import measure_containers
from copydesk.text.html.features.order import measure_order, measure_page
from copydesk.text.html.features.shape import block_sizes, measure_shape
from copydesk.text.html.metadata.head import Hints

__all__ = ["FEATURES", "Array", "BlockMeasures", "measure_blocks"]


class BlockMeasures(NamedTuple):
    """Rows of features, and what later steps need again.

    Attributes:
        rows: Float32, one row per block, columns as in `FEATURES`.
        size: Characters per block in Latin measure.
        element: Per block, index of its element.
        parents: Per block, indexes of its container, the one above and the one above that.
        signature: Per block, a small number that blocks of the same tag and names share.
    """

    rows: Array
    size: Array
    element: NDArray[np.int32]
    parents: NDArray[np.int32]
    signature: NDArray[np.int32]


def measure_blocks(page: Page, hints: Hints) -> BlockMeasures:
    """Measure every block of a page that has at least one."""
    columns, size, parents, signature = _measure(page, hints)
    element = np.array([b.element for b in page.blocks], np.int32)
    return BlockMeasures(columns.rows(), size, element, parents, signature)


def _measure(page: Page, hints: Hints) -> tuple[Columns, Array, NDArray[np.int32], NDArray[np.int32]]:
    columns = Columns()
    size = block_sizes(page)
    shape = measure_shape(page, hints, size, columns)
    parents, signature = measure_containers(page, size, shape, columns)
    measure_order(page, size, shape, columns)
    measure_page(page, size, shape, hints, columns)
    return columns, size, parents, signature


# Column names are read off the measurement of a page of one word, so that they cannot drift from the code.
FEATURES = tuple(_measure(read_page(b"<p>Word</p>"), Hints((), (), ""))[0].names)
