"""Features of the position of a block: neighbours, headline, last heading, pictures; and of the whole page."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.features.columns import Array, Columns, Windows, running_sums, shift
from copydesk.text.html.features.shape import PARAGRAPH_TAG, Shape
from copydesk.text.html.metadata.head import Hints

__all__ = ["measure_order", "measure_page"]


def measure_order(page: Page, size: Array, shape: Shape, columns: Columns) -> None:
    """Add the columns of a block's position among the others."""
    n = len(size)
    index = np.arange(n)
    total = max(1.0, float(size.sum()))
    columns.add("rank", index / n)
    columns.add("read", (np.cumsum(size) - size) / total)
    columns.add("after_headline", np.clip(index - shape.h1, -50, 200) if shape.h1 >= 0 else np.full(n, -99))
    density, good, tags = shape.density, shape.good, shape.tag.astype(np.float32)
    for step in (-2, -1, 1, 2):
        name = f"{'next' if step > 0 else 'prev'}{abs(step)}"
        columns.add(f"{name}_size", shift(size, step))
        columns.add(f"{name}_density", shift(density, step))
        columns.add(f"{name}_tag", shift(tags, step, -1))
    columns.add("prev1_colon", shift(shape.colon, -1))
    columns.add("prev1_asks", shift(shape.more, -1))
    columns.add("next1_asks", shift(shape.more, 1))
    whole, goods, linked = running_sums(size, good, size * density)
    for width in (3, 8):
        windows = Windows.of(n, width)
        near = windows.mean(whole)
        columns.add(f"near{width}_size", near)
        columns.add(f"near{width}_good", windows.mean(goods))
        columns.add(f"near{width}_density", windows.mean(linked) / np.maximum(1, near))
    columns.add("good_before", (np.cumsum(good) - good) / max(1.0, float(good.sum())))
    long = np.flatnonzero(good > 80)
    gap_before = np.full(n, 60)
    gap_after = np.full(n, 60)
    if len(long):
        place = np.searchsorted(long, index, side="right") - 1
        gap_before = np.where(place >= 0, index - long[np.maximum(place, 0)], 60)
        place = np.searchsorted(long, index, side="left")
        gap_after = np.where(place < len(long), long[np.minimum(place, len(long) - 1)] - index, 60)
    columns.add("since_text", np.minimum(gap_before, 60))
    columns.add("until_text", np.minimum(gap_after, 60))
    _headings(shape, index, columns)
    _images(page, index, columns)


def _headings(shape: Shape, index: NDArray[np.int64], columns: Columns) -> None:
    """Add the columns of the last heading before a block: level, distance, whether it has words of menus or offers."""
    heads = np.flatnonzero(shape.level > 0)
    if not len(heads):
        for name in ("head_level", "head_back", "head_pitch"):
            columns.add(name, np.zeros(len(index)))
        return
    last = np.searchsorted(heads, index, side="right") - 1
    known = last >= 0
    head = heads[np.maximum(last, 0)]
    columns.add("head_level", np.where(known, shape.level[head], 0))
    columns.add("head_back", np.where(known, np.minimum(index - head, 60), 60))
    columns.add("head_pitch", known & shape.pitch[head])


def _images(page: Page, index: NDArray[np.int64], columns: Columns) -> None:
    """Add the distance to the last and next picture: a caption is next to one."""
    before = np.unique(np.array([image.before for image in page.images], np.int64))
    back = np.full(len(index), 30)
    if len(before):
        last = np.searchsorted(before, index, side="right") - 1
        back = np.where(last >= 0, index - before[np.maximum(last, 0)], 30)
    columns.add("image_back", np.minimum(back, 30))
    ahead = np.full(len(index), 30)
    if len(before):
        coming = np.searchsorted(before, index, side="right")
        ahead = np.where(coming < len(before), before[np.minimum(coming, len(before) - 1)] - index, 30)
    columns.add("image_ahead", np.minimum(ahead, 30))


def measure_page(page: Page, size: Array, shape: Shape, hints: Hints, columns: Columns) -> None:
    """Add the columns that are the same for all blocks of a page."""
    n = len(size)
    total = max(1.0, float(size.sum()))
    values = {
        "page_blocks": float(n),
        "page_size": total,
        "page_good": float(shape.good.sum()) / total,
        "page_paragraphs": float(size[shape.tag == PARAGRAPH_TAG].sum()) / total,
        "page_linked": float((size * shape.density).sum()) / total,
        "page_cjk": float((size > 1.5 * np.array([len(b.text) for b in page.blocks])).mean()),
        "page_told": float(len(hints.body) >= 200),
    }
    columns.add_all(list(values), np.tile(np.array(list(values.values()))[:, None], n))
