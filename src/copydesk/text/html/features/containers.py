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
from copydesk.text.html.features.columns import Array, Columns, flags, running_sums
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


_OF_CONTAINERS = ["score", "text", "linked", "good", "paragraphs", "blocks", "asks", "mean"]
_COLUMNS_1 = [f"c1_{name}" for name in _OF_CONTAINERS]
_COLUMNS_2 = [f"c2_{name}" for name in _OF_CONTAINERS]
_FURTHER = [n for n, name in enumerate(_OF_CONTAINERS) if name != "asks"]
_COLUMNS_3 = [f"c3_{_OF_CONTAINERS[n]}" for n in _FURTHER]


class ElementRanges(NamedTuple):
    """The elements of a page as arrays: parent (the root's is itself), depth, range of blocks (end exclusive)."""

    up: NDArray[np.int32]
    depth: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]


def _ranges(page: Page) -> ElementRanges:
    elements = page.elements
    parent = np.array([e.parent for e in elements], np.int32)
    parent[0] = 0
    return ElementRanges(
        parent,
        np.array([e.depth for e in elements], np.int32),
        np.array([e.first for e in elements], np.int32),
        np.array([e.last for e in elements], np.int32),
    )


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
    plain, whole, goods, paragraphs, asks = running_sums(
        size * (1 - shape.density), size, good, (shape.tag == PARAGRAPH_TAG) * size, size * shape.more
    )
    number = last - first
    inside = np.maximum(1, number)
    text = whole[last] - whole[first]
    some = np.maximum(1, text)
    linked = 1 - (plain[last] - plain[first]) / some
    score *= 1 - linked
    best = int(np.argmax(score)) if count else 0
    total = max(1.0, float(whole[-1]))
    of_element = np.empty((len(_OF_CONTAINERS), count), np.float32)
    of_element[0] = score / max(1.0, float(score[best]))
    of_element[1] = text / total
    of_element[2] = linked
    of_element[3] = (goods[last] - goods[first]) / max(1.0, float(goods[-1]))
    of_element[4] = (paragraphs[last] - paragraphs[first]) / some
    of_element[5] = number
    of_element[6] = (asks[last] - asks[first]) / some
    of_element[7] = text / inside
    columns.add_all(_COLUMNS_1, of_element.take(c1, axis=1))
    columns.add_all(_COLUMNS_2, of_element.take(c2, axis=1))
    columns.add_all(_COLUMNS_3, of_element[_FURTHER].take(c3, axis=1))
    met = depth[_common_ancestor(up, best)[at]]
    columns.add("best_up", depth[best] - met)
    columns.add("best_down", depth[at] - met)
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


class _Bits(NamedTuple):
    """The bits of the categories: of furniture together, of a body, of each by name, and of those in `_OWN`."""

    furniture: int
    body: int
    names: list[str]
    each: NDArray[np.int64]
    own: NDArray[np.int64]


@cache
def _bits() -> _Bits:
    bit = {c.id: 1 << n for n, c in enumerate(categories())}
    own = [sum(bit[one] for one in of) for of in _OWN.values()]
    names, each = [f"names_{name}" for name in bit], np.array(list(bit.values()), np.int64)
    return _Bits(sum(bit[name] for name in _FURNITURE), bit["body"], names, each, np.array(own, np.int64))


def _names_around(page: Page, shape: Shape, ranges: ElementRanges, at: NDArray[np.int32], columns: Columns) -> None:
    bits = _bits()
    furniture, body = bits.furniture, bits.body
    # Depth of the nearest element named so, and all bits on the way to it: most elements share those of their parent.
    state: list[tuple[int, int, int]] = [(-_NEAR, -_NEAR, 0)]  # the first is <html>, whose names tell nothing
    for element in page.elements[1:]:
        above, kinds = state[element.parent], element.kinds
        if kinds and element.tag not in ("html", "body"):
            bad = element.depth if kinds & furniture else above[0]
            good = element.depth if kinds & body else above[1]
            above = (bad, good, above[2] | kinds)
        state.append(above)
    bad_depth, good_depth, around = np.array([state[n] for n in at.tolist()], np.int64).T
    own = ranges.depth[at]
    columns.add("furniture_near", np.minimum(own - bad_depth, 30))
    columns.add("body_near", np.minimum(own - good_depth, 30))
    columns.add_all(("own_furniture", "own_body"), flags(shape.own, np.array([furniture, body])))
    columns.add_all(bits.names, flags(around | shape.own, bits.each))
    columns.add_all(list(_OWN), flags(shape.own, bits.own))


def _articles(
    page: Page, at: NDArray[np.int32], up: NDArray[np.int32], text: NDArray[np.float64], total: float, columns: Columns
) -> None:
    """Add the columns of the <article> around a block: its number, its share of the text, how many there are."""
    articles = [n for n, element in enumerate(page.elements) if element.tag == "article"]
    share = np.concatenate([[0.0], text[articles] / total])
    mine = np.zeros(len(at), np.int64)
    if articles:
        which, above = [0] * len(up), up.tolist()
        number = {n: place for place, n in enumerate(articles, start=1)}
        for index in range(articles[0], len(above)):
            which[index] = number.get(index) or which[above[index]]
        mine = np.array(which)[at]
    columns.add("article_order", np.minimum(mine, 20))
    columns.add("article_share", share[mine])
    columns.add("articles", np.full(len(at), min(len(articles), 20)))


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
