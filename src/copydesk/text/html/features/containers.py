"""Features of the containers of a block: their text score and their class names.

The score follows Readability: running text of the children, half that of the grandchildren, a third of the next level,
times the share that is not links. Scores are relative to the best container of the page; these are the strongest
features of the model (half of all split gain).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.dom.css_names import categories
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.features.columns import Array, Columns, sums
from copydesk.text.html.features.shape import CONTAINER_TAGS, PARAGRAPH_TAG, Shape

__all__ = ["ElementRanges", "measure_containers"]

_FURNITURE = frozenset(
    (
        *("share", "related", "comment", "nav", "breadcrumb", "side", "footer"),
        *("header", "advert", "newsletter", "wall", "tags", "player", "hidden"),
    )
)
_NEAR = 1_000_000
_OWN = {
    "own_byline": ("byline", "date"),
    "own_caption": ("caption",),
    "own_picture": ("picture",),
    "own_dek": ("dek", "title"),
}


class ElementRanges(NamedTuple):
    """The elements of a page as arrays: parent (the root's is itself), depth, range of blocks (end exclusive)."""

    up: NDArray[np.int32]
    depth: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]


def _ranges(page: Page) -> ElementRanges:
    four = np.array([(e.parent, e.depth, e.first, e.last) for e in page.elements], np.int32).T
    four[0, 0] = 0
    return ElementRanges(*four)


def measure_containers(
    page: Page, size: Array, shape: Shape, columns: Columns
) -> tuple[NDArray[np.int32], NDArray[np.int32], ElementRanges]:
    """Add the columns of the containers; return each block's three containers, its signature, and the elements."""
    ranges = _ranges(page)
    up, depth, first, last = ranges
    count = len(up)
    at = np.array([b.element for b in page.blocks], np.int32)
    # Bare text counts for its own container, the text of a <p> for the parent.
    bare, other = (shape.tag == tag for tag in CONTAINER_TAGS)
    c1 = np.where(bare | other, at, up[at])
    c2 = up[c1]
    c3 = up[c2]
    good = shape.good
    score = np.zeros(count, np.float32)
    np.add.at(score, c1, good)
    np.add.at(score, c2, good / 2)
    np.add.at(score, c3, good / 3)
    plain = sums(size * (1 - shape.density))
    whole = sums(size)
    goods = sums(good)
    paragraphs = sums((shape.tag == PARAGRAPH_TAG).astype(np.float32) * size)
    asks = sums(size * shape.more)
    number = last - first
    text = whole[last] - whole[first]
    linked = 1 - (plain[last] - plain[first]) / np.maximum(1, text)
    score *= 1 - linked
    best = int(np.argmax(score)) if count else 0
    top = max(1.0, float(score[best]))
    total = max(1.0, float(whole[-1]))
    total_good = max(1.0, float(goods[-1]))
    under = goods[last] - goods[first]
    in_p = (paragraphs[last] - paragraphs[first]) / np.maximum(1, text)
    for name, c in (("c1", c1), ("c2", c2), ("c3", c3)):
        columns.add(f"{name}_score", score[c] / top)
        columns.add(f"{name}_text", text[c] / total)
        columns.add(f"{name}_linked", linked[c])
        columns.add(f"{name}_good", under[c] / total_good)
        columns.add(f"{name}_paragraphs", in_p[c])
        columns.add(f"{name}_blocks", number[c])
        if name != "c3":
            columns.add(f"{name}_asks", (asks[last] - asks[first])[c] / np.maximum(1, text[c]))
        columns.add(f"{name}_mean", text[c] / np.maximum(1, number[c]))
    meet = _common_ancestor(up, best)
    columns.add("best_up", depth[best] - depth[meet[at]])
    columns.add("best_down", depth[at] - depth[meet[at]])
    columns.add("best_gap", np.clip(_gap(np.arange(len(at)), int(first[best]), int(last[best])), -60, 60))
    columns.add("depth", depth[at])
    columns.add("own_text", text[at] / total)
    _names_around(page, shape, ranges, at, columns)
    _articles(page, at, up, text, total, columns)
    signature = _signatures(page, size, shape, columns)
    return np.stack([c1, c2, c3], axis=1).astype(np.int32), signature, ranges


def _gap(index: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
    """Return the distance in blocks to a range: negative before it, positive after it, 0 inside."""
    return np.where(index < first, index - first, np.where(index >= last, index - last + 1, 0))


def _common_ancestor(up: NDArray[np.int32], best: int) -> NDArray[np.int32]:
    """Return, per element, the deepest ancestor shared with the best container; one pass, since parents come first."""
    line, at = set(), best
    while True:
        line.add(at)
        if at == 0:
            break
        at = int(up[at])
    meet = up.tolist()
    for index, parent in enumerate(meet):
        meet[index] = index if index in line else meet[parent]
    return np.array(meet, np.int32)


@cache
def _bits() -> tuple[dict[str, int], int]:
    """Return the bit of every category by id, and those of furniture together."""
    bit = {c.id: 1 << n for n, c in enumerate(categories())}
    return bit, sum(bit[name] for name in _FURNITURE)


def _names_around(page: Page, shape: Shape, ranges: ElementRanges, at: NDArray[np.int32], columns: Columns) -> None:
    up, depth = ranges.up, ranges.depth
    bit, furniture = _bits()
    good_bit = bit["body"]
    # Depth of the nearest element named so, and all bits on the way to it: most elements share those of their parent.
    nothing = (-_NEAR, -_NEAR, 0)
    state: list[tuple[int, int, int]] = []
    for element, parent in zip(page.elements, up.tolist(), strict=True):
        above = state[parent] if state else nothing
        bits = element.kinds
        if not bits or element.tag == "html" or element.tag == "body":
            state.append(above)
            continue
        bad = element.depth if bits & furniture else above[0]
        good = element.depth if bits & good_bit else above[1]
        state.append((bad, good, above[2] | bits))
    bad_depth, good_depth, around = np.array([state[n] for n in at.tolist()], np.int64).T
    columns.add("furniture_near", np.minimum(depth[at] - bad_depth, 30))
    columns.add("body_near", np.minimum(depth[at] - good_depth, 30))
    columns.add("own_furniture", (shape.own & furniture) > 0)
    columns.add("own_body", (shape.own & good_bit) > 0)
    near = around | shape.own
    for name, one in bit.items():
        columns.add(f"names_{name}", (near & one) > 0)
    for name, of in _OWN.items():
        columns.add(name, (shape.own & sum(bit[one] for one in of)) > 0)


def _articles(
    page: Page, at: NDArray[np.int32], up: NDArray[np.int32], text: NDArray[np.float64], total: float, columns: Columns
) -> None:
    """Add the columns of the <article> around a block: its number, its share of the text, how many there are."""
    which: list[int] = []
    share: list[float] = [0.0]
    for index, (element, parent) in enumerate(zip(page.elements, up.tolist(), strict=True)):
        if element.tag == "article":
            which.append(len(share))
            share.append(float(text[index]) / total)
        else:
            which.append(which[parent] if index else 0)
    order = len(share) - 1
    mine = np.array(which)[at]
    columns.add("article_order", np.minimum(mine, 20))
    columns.add("article_share", np.array(share)[mine])
    columns.add("articles", np.full(len(at), min(order, 20)))


def _signatures(page: Page, size: Array, shape: Shape, columns: Columns) -> NDArray[np.int32]:
    """Add the columns of blocks with the same tag, class names and parent's names: count, mean length, link density."""
    elements = page.elements
    numbers: dict[tuple[str, str, str], int] = {}
    ids = []
    for b in page.blocks:
        element = elements[b.element]
        key = (b.tag, element.names, elements[element.parent].names if element.parent >= 0 else "")
        ids.append(numbers.setdefault(key, len(numbers)))
    signature = np.array(ids, np.int32)
    count = np.bincount(signature).astype(np.float32)
    mean = np.bincount(signature, size) / count
    dense = np.bincount(signature, shape.density) / count
    columns.add("like_count", count[signature])
    columns.add("like_mean", mean[signature])
    columns.add("like_density", dense[signature])
    return signature
