"""Segments of a page: the main container, what stands beside it, and what repeats."""

from __future__ import annotations

import numpy as np

from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.features.context_features import CONTEXT_COLUMNS, context_rows
from copydesk.text.html.features.measure_blocks import BlockMeasures, measure_blocks
from copydesk.text.html.features.segments import Segments, find_segments, shape_of
from copydesk.text.html.metadata.head import Hints

STORY = "The harbour council agreed on Monday to dredge the northern channel before the herring season begins. "
PAGE = (
    "<div id=site><div id=left><p>Menu of the day</p></div><div id=mid><h1>Channel</h1>"
    f"<div id=text>{''.join(f'<p>{STORY}{n}</p>' for n in range(6))}</div></div>"
    "<div id=right><ul>"
    + "".join(f"<li class=card-{n}><b>Story {n}</b><p>Short and linked</p></li>" for n in range(4))
    + "</ul></div></div>"
)


def measured() -> tuple[list[str], BlockMeasures, Segments]:
    """Return names of the elements, the features and the segments of the page, its long blocks kept."""
    page = read_page(PAGE.encode())
    found = measure_blocks(page, Hints((), (), ""))
    kept = np.where(found.size > 80, found.size, 0)
    return [e.names for e in page.elements], found, find_segments(page, found.ranges, kept)


def test_the_main_container_is_the_deepest_around_most_of_the_kept_text() -> None:
    """Neither the site's wrapper nor a single paragraph, but what holds the paragraphs."""
    names, _, segments = measured()
    assert names[segments.main] == "text"


def test_a_branch_is_the_outermost_element_beside_the_line() -> None:
    """Everything in the side column has the column as its branch; a paragraph of the story is its own."""
    names, found, segments = measured()
    branches = [names[b] for b in segments.branch[found.element].tolist()]
    assert branches[0] == "left"
    assert set(branches[-8:]) == {"right"}
    assert segments.branch[found.element[3]] == found.element[3]


def test_an_item_is_what_repeats_in_one_shape() -> None:
    """Cards with a number in their class are one shape; a lone element is no item."""
    names, found, segments = measured()
    items = segments.item[found.element]
    assert items[0] == -1
    assert [names[n] for n in items[-8:].tolist()] == [f"card-{n}" for n in range(4) for _ in range(2)]
    assert len(set(segments.shape[items[-8:]].tolist())) == 1


def test_every_block_has_a_row_whatever_is_kept() -> None:
    """A page of which the first model keeps nothing, or everything, has finite rows of all columns."""
    page = read_page(PAGE.encode())
    found = measure_blocks(page, Hints((), (), ""))
    for p in (0.0, 0.2, 1.0):
        rows, _ = context_rows(page, found, np.full(len(page.blocks), p, np.float32))
        assert rows.shape == (len(page.blocks), len(CONTEXT_COLUMNS))
        assert np.isfinite(rows).all()


def test_names_lose_their_numbers_in_any_script() -> None:
    """Two comments have one shape though each carries its number, in ASCII names and in others."""
    assert shape_of("comment-17 depth-2") == shape_of("comment-4 depth-1") == "comment- depth-"
    assert shape_of("kommentár-17 ١") == "kommentár- ١"
