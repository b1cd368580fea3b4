"""Find texts on the page that are not the story, whatever the model says: comments, forms, further stories.

Each finder returns ranges of blocks. A range that holds the headline or more than half of the kept text is left alone:
it is the story under a strange name. Why each rule holds is in `rules/html_overrides.toml`.

The ranges also tell what the model itself cut in them: a comment that it never took for the story is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.rules_file import package_rules
from copydesk.text.html.blocks.labelling import LabelDecision
from copydesk.text.html.blocks.override_rules import decision
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.features.columns import running_sums
from copydesk.text.html.features.measure_blocks import BlockMeasures
from copydesk.text.html.features.segments import Segments, shape_of
from copydesk.text.phrases.comment_headings import is_comment_heading
from copydesk.text.tokens.stems import SearchText, Stems, search_text

__all__ = ["OtherTexts", "find_other_texts"]

_RUN = re.compile(r"[a-z]+")
_MAX_NAMES = 300
_MIN_ALIKE = 3
_MIN_ALIKE_SHARE = 0.6
"""Share of neighbours of one shape that must look like contributions."""
_MIN_DATED_SHARE = 0.5
_MAX_KEPT_SHARE = 0.5
_MIN_BEFORE_CHARS = 300
"""Kept characters before comments: what opens a page is its story, and a heading above it a link to them."""
_HEADING_LEVELS = 2
_MAX_PLAIN_HEADING_CHARS = 30
"""Length of a line without a heading's tag that heads comments, where the model cut it."""
_BOX_LEVELS = 3
"""Elements around a heading of comments among which its box is: the first that holds more than the heading."""
_MIN_STORY_CHARS = 400
_OPENING_BLOCKS = 3
"""Blocks of an article among which its headline is: a kicker and a date may stand above it."""
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_MAX_SAID_CHARS = 3_000
_SIGNED = re.compile(
    r"(?:^|\n)(?:(?:comment )?(?:posted|submitted|written)(?: by\b|:)|(?:geschrieben|verfasst) von\b"
    r"|(?:ecrit|écrit|posté) par\b|(?:escrito|publicado|enviado|inviato|scritto) (?:por|da)\b"
    r"|написал\S{0,3}\b|napisał\S{0,3}\b)",
    re.IGNORECASE,
)
"""A line that signs a contribution."""
_SIGNED_STEMS = Stems(
    (
        *("osted by", "osted:", "ubmitted by", "ubmitted:", "ritten by", "ritten:", "eschrieben von", "erfasst von"),
        *(
            "crit par",
            "osté par",
            "scrito por",
            "ublicado por",
            "nviado por",
            "nviato da",
            "critto da",
            "написал",
            "napisał",
        ),
    )
)
"""One of these is in every such line."""
_TOOLTIP_STEMS, _DISCLAIMER_STEMS = Stems(("tooltip",)), Stems(("disclaim", "cta"))
_RATING_STEMS, _POST_STEMS = Stems(("rating", "assess")), Stems(("entry", "post"))
"""One of these is in all names that a rule of that kind looks for."""

_OPENERS = frozenset(("has", "with", "trigger", "icon", "toggle", "link", "button", "parent", "enabled", "wp"))
"""Runs in the names of what opens a tooltip or holds some."""
_DISCLAIMERS = frozenset(("disclaimer", "disclaimers", "cta"))
_RATINGS = frozenset(("rating", "ratings", "aggregaterating", "reviewrating", "assessment"))
_POST_INFO = re.compile(r"(?:^|\s)(?:entry|post)[-_]?(?:meta(?:[-_]?data)?|info|footer|utility)(?![a-z])")
_MAX_SMALL_CHARS = 300
"""Length of an element that only says something about the article: a longer one has text of its own."""

Range = tuple[int, int]


class _CommentWords(NamedTuple):
    """Names of comment threads, from `html_overrides.toml`.

    `stems` are the shortest strings one of which every such name holds: most pages have none of them. `alike` are parts
    of the names of single contributions.
    """

    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    stems: Stems
    alike: Stems


@cache
def _comment_words() -> _CommentWords:
    table = package_rules("html_overrides.toml")["comments"]
    pairs = frozenset((a, b) for a, _, b in (pair.partition(" ") for pair in table["pairs"]))
    every = {*table["words"], *(a for a, _ in pairs)}
    return _CommentWords(
        stems=Stems(one for one in every if not any(other in one for other in every - {one})),
        words=frozenset(table["words"]),
        pairs=pairs,
        alike=Stems(table["alike"]),
    )


class Story(NamedTuple):
    """What the finders look at.

    Attributes:
        page, measured, segments: The page, its features and segments.
        names: All names of its elements, to be searched before each.
        before: Characters kept so far before each block, and before the end.
        size, dates: The same of all characters, and of the blocks with a date.
    """

    page: Page
    measured: BlockMeasures
    segments: Segments
    names: SearchText
    before: NDArray[np.float64]
    size: NDArray[np.float64]
    dates: NDArray[np.float64]


class OtherTexts(NamedTuple):
    """Index of a block -> label and rule of the text that it belongs to.

    Attributes:
        cut: Blocks that were kept and are no part of the story.
        inside: Blocks that were cut already and stand in comments or in a further story.
    """

    cut: dict[int, LabelDecision]
    inside: dict[int, LabelDecision]


def find_other_texts(page: Page, measured: BlockMeasures, segments: Segments, keep: NDArray[np.bool_]) -> OtherTexts:
    """Return the blocks that belong to another text than the story; `keep` tells which the model kept, per block."""
    if not keep.any():
        return OtherTexts({}, {})
    kept = np.where(keep, measured.size, 0).astype(np.float32)
    total, size, dates = running_sums(kept, measured.size, measured.column("date"))
    story = Story(page, measured, segments, search_text(" ".join(page.names)), total, size, dates)
    found: dict[int, LabelDecision] = {}
    inside: dict[int, LabelDecision] = {}
    for name, find in _FINDERS:
        decided = decision(name)
        for first, last in find(story):
            whole = float(total[last] - total[first])
            if first <= measured.headline < last:
                continue
            if whole > _MAX_KEPT_SHARE * float(total[-1]) and not _is_behind_story(story, name, first, total):
                continue
            for n in np.flatnonzero(keep[first:last]).tolist():
                found.setdefault(first + n, decided)
            if name in _NAMES_WHAT_WAS_CUT:
                inside |= {n: decided for n in range(first, last) if not keep[n] and n not in inside}
    decided = decision(_HEADING_RULE)
    for first, last in _comment_boxes(story, keep):
        inside |= {n: decided for n in range(first, last) if not keep[n] and n not in inside}
    return OtherTexts(found, inside)


def _is_behind_story(story: Story, rule: str, first: int, total: NDArray[np.float64]) -> bool:
    """Return whether a range that is called comments may be longer than the story, since one stands before it."""
    headline = story.measured.headline
    if rule not in _SURE or not 0 <= headline < first:
        return False
    return float(total[first] - total[headline]) >= _MIN_BEFORE_CHARS


def _named(story: Story) -> Iterator[Range]:
    """Yield the elements whose class, id or role names a comment thread."""
    yield from _elements_named(story, _names_with(story, _comment_words().stems, _is_thread))


def _names_with(story: Story, stems: Stems, is_wanted: Callable[[str], bool]) -> set[str]:
    """Return the names of elements that hold one of some strings and are wanted."""
    return {names for names in stems.among(story.page.names, story.names) if is_wanted(names)}


def _elements_named(story: Story, told: set[str]) -> Iterator[Range]:
    """Yield the elements with one of some names."""
    if told:
        yield from ((e.first, e.last) for e in story.page.elements if e.names in told and e.last > e.first)


@lru_cache(maxsize=50_000)
def _is_thread(names: str) -> bool:
    wanted, before = _comment_words(), ""
    for run in _RUN.findall(names[:_MAX_NAMES]):
        if run in wanted.words or (before, run) in wanted.pairs:
            return True
        before = run
    return False


def _tooltips(story: Story) -> Iterator[Range]:
    """Yield the elements that are named tooltips, not what opens one (`has-tooltip`, `tooltip-trigger`)."""
    yield from _elements_named(story, _names_with(story, _TOOLTIP_STEMS, _is_tooltip))


@lru_cache(maxsize=5_000)
def _is_tooltip(names: str) -> bool:
    runs = _RUN.findall(names[:_MAX_NAMES])
    return any(run.startswith("tooltip") for run in runs) and _OPENERS.isdisjoint(runs)


def _forms(story: Story) -> Iterator[Range]:
    """Yield the forms; one around the whole page holds the headline."""
    yield from ((e.first, e.last) for e in story.page.elements if e.tag == "form" and e.last > e.first)


def _disclaimers(story: Story) -> Iterator[Range]:
    """Yield the elements that are named disclaimers or calls to action."""
    told = _names_with(story, _DISCLAIMER_STEMS, lambda names: _has_run(names, _DISCLAIMERS))
    yield from _elements_named(story, told)


@lru_cache(maxsize=5_000)
def _has_run(names: str, wanted: frozenset[str]) -> bool:
    return not wanted.isdisjoint(_RUN.findall(names[:_MAX_NAMES]))


def _ratings(story: Story) -> Iterator[Range]:
    """Yield the small elements that are named ratings; a heading may have the word in its id."""
    told = _names_with(story, _RATING_STEMS, lambda names: _has_run(names, _RATINGS))
    yield from _small_elements(story, told)


def _post_info(story: Story) -> Iterator[Range]:
    """Yield the small elements in which the systems of blogs say when and in which category a post was made."""
    yield from _small_elements(story, _names_with(story, _POST_STEMS, _is_post_info))


@lru_cache(maxsize=5_000)
def _is_post_info(names: str) -> bool:
    return _POST_INFO.search(names[:_MAX_NAMES]) is not None


def _small_elements(story: Story, told: set[str]) -> Iterator[Range]:
    """Yield the elements with one of some names that have little text and are no headings."""
    if not told:
        return
    size, headings = story.size, {e.first for e in story.page.elements if e.tag in _HEADINGS}
    for first, last in _elements_named(story, told):
        if size[last] - size[first] <= _MAX_SMALL_CHARS and (last > first + 1 or first not in headings):
            yield first, last


def _called_contributions(story: Story) -> Iterator[Range]:
    """Yield from the first to the last of neighbours of one shape with a name such as `comment`, half of them dated."""
    if not _comment_words().alike.found(story.names):
        return
    measured, segments, page = story.measured, story.segments, story.page
    first, last = measured.ranges.first, measured.ranges.last
    for shape in np.flatnonzero(segments.alike >= _MIN_ALIKE).tolist():
        members = np.flatnonzero(segments.shape == shape)
        names = page.elements[int(members[0])].names
        if not names or not _is_called_contribution(names):
            continue
        dated = float((story.dates[last[members]] > story.dates[first[members]]).mean())
        start, end = int(first[members[0]]), int(last[members[-1]])
        if dated >= _MIN_DATED_SHARE and story.before[start] >= _MIN_BEFORE_CHARS:
            yield start, end


def _signed_contributions(story: Story) -> Iterator[Range]:
    """Yield from the first to the last of three or more blocks with a line "Posted by ..."."""
    start = int(story.before.searchsorted(_MIN_BEFORE_CHARS))
    shown = search_text("\n".join([b.text for b in story.page.blocks[start:]]))
    if not _SIGNED_STEMS.found(shown):  # fast; the expression is not
        return
    signed = [n for n, b in enumerate(story.page.blocks) if len(b.text) < _MAX_SAID_CHARS and _SIGNED.search(b.text)]
    if len(signed) >= _MIN_ALIKE and story.before[signed[0]] >= _MIN_BEFORE_CHARS:
        yield signed[0], signed[-1] + 1


@lru_cache(maxsize=50_000)
def _is_called_contribution(names: str) -> bool:
    return bool(_comment_words().alike.found(search_text(names[:_MAX_NAMES])))


def _contributions(story: Story) -> Iterator[Range]:
    """Yield from the first to the last of neighbours of one shape, of which most hold a name, a date and a sentence."""
    measured, segments = story.measured, story.segments
    first, last = measured.ranges.first, measured.ranges.last
    group = segments.shape
    many = segments.alike >= _MIN_ALIKE
    if not many.any():
        return
    column = measured.column
    words, ends = column("words"), column("ends_stop") > 0
    # A table of data has names, times and sentences, too.
    others = np.array([b.tag != "tr" for b in story.page.blocks])
    total = running_sums(
        (words <= 4) & (column("capitals") >= 0.5) & ~ends & others,
        (column("date") > 0) & others,
        ends & (words >= 5) & others,
    )
    like = (total.take(last, axis=1) > total.take(first, axis=1)).all(axis=0)
    share = np.bincount(group, like, len(segments.alike)) / np.maximum(1, segments.alike)
    for shape in np.flatnonzero(many & (share >= _MIN_ALIKE_SHARE)).tolist():
        members = np.flatnonzero(group == shape)
        start, end = int(first[members[0]]), int(last[members[-1]])
        if story.before[start] >= _MIN_BEFORE_CHARS:
            yield start, end


def _announced(story: Story) -> Iterator[Range]:
    """Yield from each heading of comments to the end of the two elements around it."""
    page, ranges = story.page, story.measured.ranges
    for n in np.flatnonzero(story.measured.column("level") > 0).tolist():
        if story.before[n] < _MIN_BEFORE_CHARS or not is_comment_heading(page.blocks[n].text):
            continue
        at = page.blocks[n].element
        for _ in range(_HEADING_LEVELS):
            at = int(ranges.up[at])
            yield n, int(ranges.last[at])


def _comment_boxes(story: Story, keep: NDArray[np.bool_]) -> Iterator[Range]:
    """Yield from each heading of comments behind the story to the end of its box or to the next heading like it.

    A line without a heading's tag counts where the model cut it and it is no link. Narrower than `_announced`: what the
    model cut may be anything, a footer or a box of links below the comments.
    """
    page, ranges, headline = story.page, story.measured.ranges, story.measured.headline
    kept = keep.tolist()
    for n in np.flatnonzero(story.before[:-1] >= _MIN_BEFORE_CHARS).tolist():
        block = page.blocks[n]
        if not block.level and (len(block.text) > _MAX_PLAIN_HEADING_CHARS or kept[n] or block.link_chars):
            continue
        if n == headline or not is_comment_heading(block.text):
            continue
        at, last = block.element, n + 1
        for _ in range(_BOX_LEVELS):
            last = int(ranges.last[at])
            if last > n + 1:
                break
            at = int(ranges.up[at])
        level = block.level or len(_HEADINGS)
        yield n, next((m for m in range(n + 1, last) if 0 < page.blocks[m].level <= level), last)


def _stacked(story: Story) -> Iterator[Range]:
    """Yield the neighbours of the headline's element with its shape and a headline, a date and a text of their own.

    An <article> whose headline is of the same kind needs no date, and a dated <article> may have a headline of a lower
    level: only the first is an <h1>. Sections of one story have headings of the headline's kind in some page builders.
    """
    page, ranges, headline = story.page, story.measured.ranges, story.measured.headline
    if headline < 0 or not page.blocks[headline].level:
        return
    segments = story.segments
    at = page.blocks[headline].element
    below = [n for n in np.flatnonzero(story.measured.column("level") > 0).tolist() if n > headline]
    if not below:
        return
    kind = _headline_kind(page, headline)
    heads = [n for n in below if _headline_kind(page, n) == kind]
    while at:
        found = []
        shape = segments.shape[at]
        if segments.alike[shape] > 1:
            is_article = page.elements[at].tag == "article"
            for e in (np.flatnonzero(segments.shape[at + 1 :] == shape) + at + 1).tolist():
                a, b = int(ranges.first[e]), int(ranges.last[e])
                dated = story.dates[b] > story.dates[a]
                opened = is_article and dated and any(a <= n < a + _OPENING_BLOCKS for n in below)
                full = story.size[b] - story.size[a] >= _MIN_STORY_CHARS and (dated or is_article)
                if full and (opened or any(a <= n < b for n in heads)):
                    found.append((a, b))
        if found and story.size[ranges.last[at]] - story.size[ranges.first[at]] >= _MIN_STORY_CHARS:
            yield from found
            return
        at = int(ranges.up[at])


def _headline_kind(page: Page, n: int) -> tuple[int, str, str]:
    block = page.blocks[n]
    return block.level, block.tag, shape_of(page.elements[block.element].names)


_FINDERS: tuple[tuple[str, Callable[[Story], Iterator[Range]]], ...] = (
    ("html.comments.names", _named),
    ("html.comments.pattern", _contributions),
    ("html.comments.called", _called_contributions),
    ("html.comments.signed", _signed_contributions),
    ("html.comments.heading", _announced),
    ("html.tooltip", _tooltips),
    ("html.form", _forms),
    ("html.disclaimer", _disclaimers),
    ("html.rating", _ratings),
    ("html.post_info", _post_info),
    ("html.stories.stacked", _stacked),
)
_HEADING_RULE = "html.comments.heading"
_SURE = frozenset(("html.comments.names", "html.comments.called", "html.comments.signed"))
"""Rules whose ranges may be longer than the story: the page itself calls them comments."""
_NAMES_WHAT_WAS_CUT = _SURE | {"html.stories.stacked"}
"""Rules that also label what the model cut. Not the pattern, which lists of teasers have, too; nor the heading, around
which there may be anything: `_comment_boxes` is narrower."""
