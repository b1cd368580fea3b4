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
from copydesk.text.html.dom.html_page import Element, Page
from copydesk.text.html.features.columns import Array, Columns, sums
from copydesk.text.html.features.containers import ElementRanges
from copydesk.text.html.features.measure_blocks import BlockMeasures

__all__ = ["BRANCH_NAMES", "Segments", "find_segments", "measure_segments", "shape_of"]

_MAIN_SHARE = 0.6
_MIN_ALIKE = 3
_LONG_CHARS = 80
_MAX_GAP = 50
BRANCH_NAMES = ("comment", "related", "nav", "share", "advert", "newsletter", "side", "byline")
_DIGITS = b"0123456789"


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
    shape, alike = _shapes(page.elements, above, (last > first).tolist())
    repeated = (alike[shape] >= _MIN_ALIKE) & (last > first)
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


def _shapes(
    elements: Sequence[Element], up: list[int], filled: list[bool]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the shapes (parent, tag, names without digits) of elements with text; 0 is that of all others."""
    numbers: dict[tuple[int, str, str], int] = {}
    shape = [
        numbers.setdefault((parent, e.tag, shape_of(e.names) if e.names else ""), len(numbers) + 1) if full else 0
        for e, parent, full in zip(elements, up, filled, strict=True)
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
    columns.add("main_depth", np.full(len(size), depth[main]))
    columns.add("main_blocks", np.full(len(size), ranges.last[main] - ranges.first[main]))
    columns.add("main_share", np.full(len(size), totals.kept_share(ranges.first[main], ranges.last[main])))
    columns.add("in_main", (index >= ranges.first[main]) & (index < ranges.last[main]))
    columns.add("branch_up", depth[main] - depth[ranges.up[branch]])
    columns.add("branch_down", depth[at] - depth[branch])
    first, last = ranges.first[branch], ranges.last[branch]
    bare = found.branch[ranges.up[branch]] == branch  # text of the line itself: its own block is the branch
    first, last = np.where(bare, index, first), np.where(bare, index + 1, last)
    totals.add("branch", first, last, columns)
    columns.add("branch_gap", _gap(first, last, start, end))
    columns.add("branch_from", np.minimum(index - first, _MAX_GAP))
    columns.add("branch_to", np.minimum(last - index, _MAX_GAP))
    _names(page, found, at, columns)
    _alike("branch", measured, found, branch, p, columns)
    item = found.item[at]
    none = item < 0
    item = np.where(none, at, item)
    totals.add("item", ranges.first[item], ranges.last[item], columns)
    columns.add("item_from", np.minimum(index - ranges.first[item], _MAX_GAP))
    _alike("item", measured, found, item, p, columns)
    _sections(measured, totals, start, end, columns)
    return found


class _Totals(NamedTuple):
    """Running sums over blocks."""

    size: NDArray[np.float64]
    p: NDArray[np.float64]
    kept: NDArray[np.float64]
    linked: NDArray[np.float64]
    good: NDArray[np.float64]
    dates: NDArray[np.float64]
    heads: NDArray[np.float64]
    names: NDArray[np.float64]
    stops: NDArray[np.float64]

    @classmethod
    def of(cls, measured: BlockMeasures, p: Array, kept: Array) -> _Totals:
        size, column = measured.size, measured.column
        short = (column("words") <= 4) & (column("capitals") >= 0.5) & (column("ends_stop") == 0)
        long = (column("ends_stop") > 0) & (column("words") >= 5)
        return cls(
            sums(size),
            sums(size * p),
            sums(kept),
            sums(size * column("density")),
            sums((column("ends_stop") + column("stops") > 0) * size),
            sums(column("date")),
            sums(column("level") > 0),
            sums(short),
            sums(long),
        )

    def kept_share(self, first: NDArray[np.int32], last: NDArray[np.int32]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = (self.kept[last] - self.kept[first]) / max(1.0, float(self.kept[-1]))
        return found

    def add(self, name: str, first: NDArray[np.int32], last: NDArray[np.int32], columns: Columns) -> None:
        """Add the columns of each block's range."""
        size = np.maximum(1, self.size[last] - self.size[first])
        count = np.maximum(1, last - first)
        columns.add(f"{name}_blocks", last - first)
        columns.add(f"{name}_share", size / max(1.0, float(self.size[-1])))
        columns.add(f"{name}_p", (self.p[last] - self.p[first]) / size)
        columns.add(f"{name}_kept", self.kept_share(first, last))
        columns.add(f"{name}_linked", (self.linked[last] - self.linked[first]) / size)
        columns.add(f"{name}_prose", (self.good[last] - self.good[first]) / size)
        columns.add(f"{name}_dates", (self.dates[last] - self.dates[first]) / count)
        columns.add(f"{name}_heads", (self.heads[last] - self.heads[first]) / count)
        columns.add(f"{name}_short_names", (self.names[last] - self.names[first]) / count)
        columns.add(f"{name}_sentences", (self.stops[last] - self.stops[first]) / count)


def _gap(first: NDArray[np.int32], last: NDArray[np.int32], start: int, end: int) -> NDArray[np.int32]:
    """Return the distance in blocks of ranges to the kept text: negative before it, positive after it."""
    found: NDArray[np.int32] = np.where(last <= start, last - 1 - start, np.where(first > end, first - end, 0))
    return np.clip(found, -_MAX_GAP, _MAX_GAP)


def _names(page: Page, found: Segments, at: NDArray[np.int32], columns: Columns) -> None:
    """Add whether the names between a block and its branch, itself included, are of some kinds."""
    inside: list[int] = []
    for n, (e, branch) in enumerate(zip(page.elements, found.branch.tolist(), strict=True)):
        inside.append(e.kinds if branch == n else e.kinds | inside[e.parent])
    bits = np.array(inside, np.int64)[at]
    for name, bit in _bits():
        columns.add(f"branch_is_{name}", (bits & bit) > 0)


@cache
def _bits() -> tuple[tuple[str, int], ...]:
    return tuple((c.id, 1 << c.number) for name in BRANCH_NAMES for c in categories() if c.id == name)


def _alike(
    name: str, measured: BlockMeasures, found: Segments, segment: NDArray[np.int64], p: Array, columns: Columns
) -> None:
    """Add the columns of the elements of a segment's shape: how many, their mean p, how many have dates."""
    first, last = measured.ranges.first, measured.ranges.last
    shape = found.shape
    size, mass, dates = sums(measured.size), sums(measured.size * p), sums(measured.column("date"))
    many = len(found.alike)
    text = np.bincount(shape, size[last] - size[first], many)
    whole = np.bincount(shape, mass[last] - mass[first], many)
    dated = np.bincount(shape, dates[last] > dates[first], many)
    mine = shape[segment]
    columns.add(f"{name}_alike", np.minimum(found.alike[mine], 100))
    columns.add(f"{name}_alike_p", (whole / np.maximum(1, text))[mine])
    columns.add(f"{name}_alike_dated", (dated / np.maximum(1, found.alike))[mine])
    columns.add(f"{name}_alike_size", (text / np.maximum(1, found.alike))[mine])


def _sections(measured: BlockMeasures, totals: _Totals, start: int, end: int, columns: Columns) -> None:
    """Add the columns of the blocks from one heading to the next, and of what is still to come."""
    n = len(measured.size)
    index = np.arange(n)
    heads = np.flatnonzero(measured.column("level") > 0)
    edges = np.concatenate([[0], heads, [n]])
    place = np.searchsorted(heads, index, side="right")
    first, last = edges[place], edges[place + 1]
    last = np.maximum(last, first + 1)
    totals.add("section", first, last, columns)
    columns.add("section_gap", _gap(first, last, start, end))
    overlap = measured.column("title_overlap")
    headed = place > 0
    columns.add("head_title", np.where(headed, overlap[first], -1))
    p = np.diff(totals.p) / np.maximum(1, np.diff(totals.size))
    columns.add("head_p", np.where(headed, p[first], -1))
    kept, size = totals.kept, totals.size
    whole = max(1.0, float(kept[-1]))
    columns.add("kept_after", (kept[-1] - kept[1:]) / whole)
    columns.add("kept_after_section", (kept[-1] - kept[last]) / whole)
    columns.add("p_after", (totals.p[-1] - totals.p[:-1]) / np.maximum(1, size[-1] - size[:-1]))
    first_level = measured.column("level") == 1
    titles = np.cumsum(first_level)
    columns.add("h1_before", np.minimum(titles, 5))
    columns.add("h1_after", np.minimum(titles[-1] - titles, 5))
    cut = np.cumsum(np.where(np.diff(kept) > 0, 0, measured.size))
    long = np.flatnonzero((np.diff(kept) > 0) & (measured.size >= _LONG_CHARS))
    before = np.searchsorted(long, index, side="right") - 1
    columns.add("cut_since", np.where(before >= 0, cut - cut[long[before]] if len(long) else -1, -1))
    after = np.searchsorted(long, index)
    known = after < len(long)
    columns.add(
        "cut_until", np.where(known, cut[long[np.minimum(after, len(long) - 1)]] - cut if len(long) else -1, -1)
    )
