"""The story's span: chances per page, the best pair of lines, and what is said about it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.records import Document, Extraction
from copydesk.text.plain import extract_texts
from copydesk.text.plain.features.bins import FEATURE_GROUPS, LINE_BINS
from copydesk.text.plain.long_pages import MAX_PIECE_LINES
from copydesk.text.plain.model.span import log_share, select_spans

SIZES = st.lists(st.integers(0, 12), min_size=1, max_size=5)

STORY = """Home | News | Sport | Weather
Harbour wall to be rebuilt before winter
Posted on 4 March by the newsroom
The port authority said on Monday that the old harbour wall would be taken down and built anew before autumn.
Engineers found cracks along a third of its length after the floods of last year, and the road on top is closed.
"We cannot wait for another winter," said the head of the authority, Maren Holt, who expects costs of nine million.
The fishing boats will move to the northern basin in May, and the ferry will leave from a temporary pier until November.
Share this article
2 comments
Leave a Reply
Name
Email
About us | Contact | Privacy policy"""


def _starts(sizes: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.repeat(np.arange(len(sizes)), sizes), np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 2**32 - 1))
def test_the_chances_of_a_page_s_lines_add_up_to_one(sizes: list[int], seed: int) -> None:
    """Whatever the points, the chances of each page's lines are positive and add up to one, to the precision kept."""
    page, page_start = _starts(sizes)
    share = log_share(np.random.default_rng(seed).normal(0, 8, len(page)), page_start)
    total = np.bincount(page, weights=np.exp(share), minlength=len(sizes))
    assert np.allclose(total[np.array(sizes) > 0], 1, atol=0.01)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 2**32 - 1))
def test_the_span_is_the_best_of_all_pairs(sizes: list[int], seed: int) -> None:
    """The span of each page has the highest total of all pairs of a first and a last line, tried one by one."""
    page, page_start = _starts(sizes)
    rng = np.random.default_rng(seed)
    odds, start, end = (rng.normal(0, 3, len(page)) for _ in range(3))
    found = select_spans(page, page_start, odds, start, end, weight=0.25, lift=0.2)
    gain = np.rint(0.25 * (np.clip(odds, -4, 4) + 0.2) * 1024) / 1024
    for number, (low, past) in enumerate(pairwise(page_start)):
        pairs = {(s, e): found.start[s] + found.end[e] + gain[s : e + 1].sum()
                 for s in range(low, past) for e in range(s, past)}  # fmt: skip
        if pairs:
            assert np.isclose(pairs[found.first[number], found.last[number]], max(pairs.values()))
            assert found.inside[found.first[number] : found.last[number] + 1].all()
        else:
            assert found.last[number] == -1


def _extract(text: str) -> Extraction:
    return extract_texts([Document(document_id="x", content=text.encode(), media_type="text/plain")], explain=True)[0]


def test_an_extraction_says_where_the_story_runs() -> None:
    """The span covers the story's four paragraphs and not the comment form, with chances and the next best lines."""
    story = _extract(STORY).story
    assert story is not None
    assert story.first <= 4
    assert story.last == 7
    assert 0.5 < story.end <= 1
    assert story.next_last not in (None, story.last)
    assert story.next_end <= story.end
    assert story.probability == round(story.start * story.end, 4)


def test_blanking_out_a_group_of_features_is_the_why() -> None:
    """Explained, a span has its chances without each group of features; on a page of one line they change nothing."""
    story = _extract(STORY).story
    assert story is not None
    assert [reason.group for reason in story.reasons] == list(FEATURE_GROUPS)
    assert sorted(k for columns in FEATURE_GROUPS.values() for k in columns) == list(range(len(LINE_BINS)))
    assert any(abs(reason.end - story.end) > 0.01 for reason in story.reasons)
    single = _extract("The port authority said on Monday that the old harbour wall would be built anew.").story
    assert single is not None
    assert {(reason.start, reason.end) for reason in single.reasons} == {(1.0, 1.0)}
    assert single.next_last is None


def test_a_page_without_lines_has_no_span() -> None:
    """An empty text, and one of blank lines, has no story span."""
    assert _extract("").story is None
    assert _extract("\n \n").story is None


def test_a_page_measured_in_pieces_is_explained() -> None:
    """A page of more lines than are measured at once has blocks with evidence and a span with reasons, as any other."""
    lines = [f"{line} It was said on day {n} of the talks." for n, line in enumerate(STORY.splitlines() * 400)]
    assert len(lines) > MAX_PIECE_LINES
    found = _extract("\n".join(lines))
    assert len(found.blocks) == len(lines)
    assert all(block.evidence for block in found.blocks)
    assert found.story is not None
    assert {reason.group for reason in found.story.reasons} == set(FEATURE_GROUPS)
