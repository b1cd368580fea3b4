"""Columns of the segments of a page: what stands beside the main container, repeats in one shape, or follows a heading.

    <div>                     line: the main container M and everything around it
      <div M> p p p </div>    main container: the deepest element with most of the text that the first model kept
      <div S> ... </div>      branch: the outermost element around a block that is not on the line
        <li T/> <li T/>       item: the outermost of at least `_MIN_ALIKE` neighbours with one tag and class
    h3 p p p h3               section: the blocks from one heading to the next

Every element's sums are differences of running sums over blocks, so a page costs one pass over its elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.dom.css_names import categories
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.features.columns import Array, Columns, flags, running_sums, sums
from copydesk.text.html.features.containers import ElementRanges
from copydesk.text.html.features.measure_blocks import BlockMeasures

__all__ = ["BRANCH_NAMES", "Segments", "find_segments", "measure_segments", "shape_of"]

Places = NDArray[np.int32] | NDArray[np.int64]
_MAIN_SHARE = 0.6
_MIN_ALIKE = 3
_LONG_CHARS = 80
_MAX_GAP = 50
BRANCH_NAMES = ("comment", "related", "nav", "share", "advert", "newsletter", "side", "byline")
_DIGITS = b"0123456789"
_OF_RANGES = ["blocks", "share", "p", "kept", "linked", "prose", "dates", "heads", "short_names", "sentences"]
_OF_BRANCHES, _OF_ITEMS, _OF_SECTIONS = (
    [f"{of}_{name}" for name in _OF_RANGES] for of in ("branch", "item", "section")
)
_OF_SHAPES = ["alike", "alike_p", "alike_dated", "alike_size"]
_BRANCHES_ALIKE, _ITEMS_ALIKE = ([f"{of}_{name}" for name in _OF_SHAPES] for of in ("branch", "item"))
_BRANCHES_ARE = [f"branch_is_{name}" for name in BRANCH_NAMES]


class Segments(NamedTuple):
    """Where the blocks and elements of a page stand.

    Attributes:
        main: Index of the main container.
        branch: Per element, the outermost element around it that is not on the line; itself on the line.
        item: Per element, the outermost repeated element around it below the line, -1 without one.
        shape: Per element, a number shared by children of one parent with the same tag and class.
        alike: Per shape, how many elements with text have it.
    """

    main: int
    branch: NDArray[np.int64]
    item: NDArray[np.int64]
    shape: NDArray[np.int64]
    alike: NDArray[np.int64]


@lru_cache(maxsize=50_000)
def shape_of(names: str) -> str:
    """Return the class and id names without digits: posts and comments carry their number in them."""
    if not names.isascii():
        return "".join([c for c in names if c not in "0123456789"])
    return names.encode().translate(None, _DIGITS).decode()


def find_segments(page: Page, ranges: ElementRanges, kept: Array) -> Segments:
    """Find the segments of a page.

    Args:
        page: The page.
        ranges: Its elements as arrays.
        kept: Characters per block that the first model kept.
    """
    up, first, last = ranges.up, ranges.first, ranges.last
    total = sums(kept)
    inside = total[last] - total[first]
    main = int(np.flatnonzero(inside >= _MAIN_SHARE * inside[0])[-1])  # nested in each other: the last is the deepest
    line, above = _line(up, main), up.tolist()
    filled = last > first
    shape, alike = _shapes(page, above, filled.tolist())
    repeated = (alike[shape] >= _MIN_ALIKE) & filled
    branch: list[int] = []
    item: list[int] = []
    for at, (parent, again) in enumerate(zip(above, repeated.tolist(), strict=True)):
        if at in line:
            branch.append(at)
            item.append(-1)
            continue
        branch.append(at if parent in line else branch[parent])
        around = item[parent]
        item.append(at if around < 0 and again else around)
    return Segments(main, np.array(branch), np.array(item), shape, alike)


def _line(up: NDArray[np.int32], main: int) -> frozenset[int]:
    """Return the main container and the elements around it."""
    found, at = {main}, main
    while at:
        at = int(up[at])
        found.add(at)
    return frozenset(found)


def _shapes(page: Page, up: list[int], filled: list[bool]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the shapes (parent, tag, names without digits) of elements with text; 0 is that of all others."""
    plain = {names: shape_of(names) for names in page.names}
    numbers: dict[tuple[int, str, str], int] = {}
    shape = [
        numbers.setdefault((parent, e.tag, plain[e.names]), len(numbers) + 1) if full else 0
        for e, parent, full in zip(page.elements, up, filled, strict=True)
    ]
    found = np.array(shape)
    alike = np.bincount(found, minlength=len(numbers) + 1)
    alike[0] = 0
    return found, alike


def measure_segments(page: Page, measured: BlockMeasures, p: Array, columns: Columns) -> Segments:
    """Add the columns of the segments; return the segments."""
    keep = p >= 0.5
    ranges, size = measured.ranges, measured.size
    kept = np.where(keep, size, 0).astype(np.float32)
    found = find_segments(page, ranges, kept if keep.any() else size * p)
    totals = _Totals.of(measured, p, kept)
    core = np.flatnonzero(keep & (size >= _LONG_CHARS))
    start, end = (int(core[0]), int(core[-1])) if len(core) else (0, len(size) - 1)
    index = np.arange(len(size))
    at = measured.element
    main, branch = found.main, found.branch[at]
    depth = ranges.depth
    opens, closes = int(ranges.first[main]), int(ranges.last[main])
    kept_in_main = (totals.kept[closes] - totals.kept[opens]) / max(1.0, float(totals.kept[-1]))
    of_main = np.array([[depth[main]], [closes - opens], [kept_in_main]])
    columns.add_all(("main_depth", "main_blocks", "main_share"), np.tile(of_main, len(size)))
    columns.add("in_main", (index >= opens) & (index < closes))
    columns.add("branch_up", depth[main] - depth[ranges.up[branch]])
    columns.add("branch_down", depth[at] - depth[branch])
    first, last = ranges.first[branch], ranges.last[branch]
    bare = found.branch[ranges.up[branch]] == branch  # text of the line itself: its own block is the branch
    first, last = np.where(bare, index, first), np.where(bare, index + 1, last)
    totals.add(_OF_BRANCHES, first, last, columns)
    columns.add("branch_gap", _gap(first, last, start, end))
    columns.add("branch_from", np.minimum(index - first, _MAX_GAP))
    columns.add("branch_to", np.minimum(last - index, _MAX_GAP))
    _names(page, found, at, columns)
    alike = _alike(measured, found, totals)
    columns.add_all(_BRANCHES_ALIKE, alike.take(found.shape[branch], axis=1))
    item = found.item[at]
    item = np.where(item < 0, at, item)
    totals.add(_OF_ITEMS, ranges.first[item], ranges.last[item], columns)
    columns.add("item_from", np.minimum(index - ranges.first[item], _MAX_GAP))
    columns.add_all(_ITEMS_ALIKE, alike.take(found.shape[item], axis=1))
    _sections(measured, totals, start, end, columns)
    return found


class _Totals(NamedTuple):
    """Running sums over blocks (9, blocks + 1), and some of them by name."""

    all: NDArray[np.float64]
    size: NDArray[np.float64]
    p: NDArray[np.float64]
    kept: NDArray[np.float64]
    dates: NDArray[np.float64]

    @classmethod
    def of(cls, measured: BlockMeasures, p: Array, kept: Array) -> _Totals:
        size, column = measured.size, measured.column
        words, ends = column("words"), column("ends_stop") > 0
        found = running_sums(
            size,
            size * p,
            kept,
            size * column("density"),
            (ends | (column("stops") > 0)) * size,
            column("date"),
            column("level") > 0,
            (words <= 4) & (column("capitals") >= 0.5) & ~ends,
            ends & (words >= 5),
        )
        return cls(found, found[0], found[1], found[2], found[5])

    def add(self, names: Sequence[str], first: Places, last: Places, columns: Columns) -> None:
        """Add the columns of each block's range."""
        inside = self.all.take(last, axis=1)
        inside -= self.all.take(first, axis=1)
        many = last - first
        size, count = np.maximum(1, inside[0]), np.maximum(1, many)
        found = np.empty((len(names), len(first)))
        found[0] = many
        found[1] = size / max(1.0, float(self.size[-1]))
        found[2] = inside[1] / size
        found[3] = inside[2] / max(1.0, float(self.kept[-1]))
        np.divide(inside[3:5], size, out=found[4:6])
        np.divide(inside[5:], count, out=found[6:])
        columns.add_all(names, found)


def _gap(first: Places, last: Places, start: int, end: int) -> Places:
    """Return the distance in blocks of ranges to the kept text: negative before it, positive after it."""
    found: Places = np.minimum(last - (start + 1), 0)  # a range ends before the text, begins behind it, or
    found += np.maximum(first - end, 0)  # touches it: one of both is 0
    return np.minimum(np.maximum(found, -_MAX_GAP), _MAX_GAP)


def _names(page: Page, found: Segments, at: NDArray[np.int32], columns: Columns) -> None:
    """Add whether the names between a block and its branch, itself included, are of some kinds."""
    inside: list[int] = []
    for n, (e, branch) in enumerate(zip(page.elements, found.branch.tolist(), strict=True)):
        inside.append(e.kinds if branch == n else e.kinds | inside[e.parent])
    columns.add_all(_BRANCHES_ARE, flags(np.array(inside, np.int64)[at], _bits()))


@cache
def _bits() -> NDArray[np.int64]:
    return np.array([1 << c.number for name in BRANCH_NAMES for c in categories() if c.id == name])


def _alike(measured: BlockMeasures, found: Segments, totals: _Totals) -> NDArray[np.float64]:
    """Return of the elements of each shape (4, shapes) how many there are, their mean p, the dated, their mean size."""
    first, last = measured.ranges.first, measured.ranges.last
    shape, many = found.shape, len(found.alike)
    text = np.bincount(shape, totals.size[last] - totals.size[first], many)
    whole = np.bincount(shape, totals.p[last] - totals.p[first], many)
    dated = np.bincount(shape, totals.dates[last] > totals.dates[first], many)
    count = np.maximum(1, found.alike)
    return np.stack([np.minimum(found.alike, 100), whole / np.maximum(1, text), dated / count, text / count])


def _sections(measured: BlockMeasures, totals: _Totals, start: int, end: int, columns: Columns) -> None:
    """Add the columns of the blocks from one heading to the next, and of what is still to come."""
    n = len(measured.size)
    index = np.arange(n)
    level, overlap = measured.column("level"), measured.column("title_overlap")
    heads = (level > 0).nonzero()[0]
    edges = np.empty(len(heads) + 2, np.int64)
    edges[0], edges[1:-1], edges[-1] = 0, heads, n
    place = heads.searchsorted(index, side="right")
    first, last = edges[place], edges[place + 1]
    last = np.maximum(last, first + 1)
    totals.add(_OF_SECTIONS, first, last, columns)
    columns.add("section_gap", _gap(first, last, start, end))
    headed = place > 0
    kept, size, mass = totals.kept, totals.size, totals.p
    p = (mass[1:] - mass[:-1]) / np.maximum(1, size[1:] - size[:-1])
    whole = max(1.0, float(kept[-1]))
    first_level = level == 1
    titles = first_level.cumsum()
    is_kept = kept[1:] > kept[:-1]
    cut = np.where(is_kept, 0, measured.size).cumsum()
    since = until = np.full(n, -1.0, np.float32)
    long = (is_kept & (measured.size >= _LONG_CHARS)).nonzero()[0]
    if len(long):
        before = long.searchsorted(index, side="right") - 1
        since = np.where(before >= 0, cut - cut[long[before]], -1)
        after = long.searchsorted(index)
        until = np.where(after < len(long), cut[long[np.minimum(after, len(long) - 1)]] - cut, -1)
    for name, values in (
        ("head_title", np.where(headed, overlap[first], -1)),
        ("head_p", np.where(headed, p[first], -1)),
        ("kept_after", (kept[-1] - kept[1:]) / whole),
        ("kept_after_section", (kept[-1] - kept[last]) / whole),
        ("p_after", (mass[-1] - mass[:-1]) / np.maximum(1, size[-1] - size[:-1])),
        ("h1_before", np.minimum(titles, 5)),
        ("h1_after", np.minimum(titles[-1] - titles, 5)),
        ("cut_since", since),
        ("cut_until", until),
    ):
        columns.add(name, values)
