"""Features of each block by itself: length, links, punctuation, function words, first and last characters.

A Chinese, Japanese or Korean character counts as 2.5 in lengths.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import chain
from string import ascii_uppercase, digits
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.rules_file import package_rules
from copydesk.text.html.dom.css_names import categories_of
from copydesk.text.html.dom.html_page import Page, PageBlock, Place
from copydesk.text.html.features.columns import Array, Columns
from copydesk.text.html.metadata.head import Hints
from copydesk.text.tokens.word_key import words_of

__all__ = [
    "CONTAINER_TAGS",
    "PARAGRAPH_TAG",
    "Shape",
    "WordLists",
    "block_sizes",
    "measure_shape",
    "word_lists",
]

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_WEIGHT = 2.5
_MIN_GOOD_CHARS = 40
"""Shorter blocks do not count as running text."""
_DIGITS = re.compile(r"\d")
_CLASSES = bytes.maketrans(
    digits.encode() + ascii_uppercase.encode() + b"; \t\n\r\v\f\x1c\x1d\x1e\x1f",
    b"0" * 10 + b"A" * 26 + b"," + b" " * 10,
)
"""Class of each ASCII character: counting bytes is ten times faster than testing characters."""
_DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b(?:19|20)\d\d[-/.年]\d{1,2}|\b\d{1,2}:\d\d\b"
    r"|\b\d{1,2}\.? \w{3,12}\.? (?:19|20)\d\d\b|\b\w{3,9}\.? \d{1,2}(?:st|nd|rd|th)?, (?:19|20)\d\d\b"
    r"|\d (?:min|h|hour|day|week)\w* ago\b",
)
_STOPS, _COMMAS = ".!?。！？।؟…", ",;،、，"
_OPENERS, _CLOSERS, _BRACKETS = "\"“«„「'‘", "\"'”’»)]」』", ")]）】"
_MAX_SHORT_CHARS, _MAX_WORD_CHECK_CHARS, _MAX_KEY_WORDS = 160, 600, 60
_MAX_COMPARED_CHARS, _MIN_BODY_CHARS, _MAX_BODY_BLOCKS = 400, 200, 3_000
_NAMES = """words links density bold ends_stop ends_colon stops commas digits upper starts_upper starts_lower
starts_digit starts_quote function copies by date rights credit pitch is_title title_overlap told starts_more consent
link_tail ends_paren address capitals"""
_COLUMNS = _NAMES.split()
_AT = {name: n for n, name in enumerate(_COLUMNS)}
PARAGRAPH_TAG, _CONTAINER, _OTHER, _HEADING = 0, 2, 9, 10
CONTAINER_TAGS = (_CONTAINER, _OTHER)
"""Element classes whose bare text counts for the element itself."""
_TAGS = {
    "p": 0,
    "li": 1,
    "div": 2,
    "section": 2,
    "article": 2,
    "main": 2,
    "body": 2,
    "td": 3,
    "tr": 3,
    "th": 3,
    "pre": 4,
}
_TAGS |= {"blockquote": 5, "figcaption": 6, "dd": 7, "dt": 7, "button": 8}
_PLACE_BITS = (
    ("hidden", Place.HIDDEN),
    ("in_link", Place.LINK),
    ("in_quote", Place.QUOTE),
    ("in_table", Place.TABLE),
    ("in_figure", Place.FIGURE),
    ("in_nav", Place.NAV),
    ("in_header", Place.HEADER),
    ("in_footer", Place.FOOTER),
    ("in_aside", Place.ASIDE),
    ("in_form", Place.FORM),
    ("in_article", Place.ARTICLE),
    ("in_main", Place.MAIN),
)


class Shape(NamedTuple):
    """Features of single blocks that later features reuse.

    Attributes:
        density: Share of characters inside links.
        good: Characters that count as running text.
        tag, level: Class of the element as a number; heading level.
        own: Categories (bits) of its class names and those of its first inline element.
        pitch: Whether it has a word of menus, newsletters or share bars.
        more: Whether it asks the reader to do something: read on, sign up, consent.
        colon: Whether it ends in a colon.
        h1: Index of the headline, -1 without one.
    """

    density: Array
    good: Array
    tag: NDArray[np.int64]
    level: NDArray[np.int64]
    own: NDArray[np.int64]
    pitch: NDArray[np.bool_]
    more: Array
    colon: Array
    h1: int


class WordLists(NamedTuple):
    """Lower-case words by category, from `rules/html_words.toml`.

    `more` holds first words of a block, `more_starts` their first two letters; `marked` is the union of rights, credit,
    pitch and consent.
    """

    by: frozenset[str]
    rights: frozenset[str]
    credit: frozenset[str]
    pitch: frozenset[str]
    consent: frozenset[str]
    function: frozenset[str]
    more: tuple[str, ...]
    more_starts: frozenset[str]
    marked: frozenset[str]


@cache
def word_lists() -> WordLists:
    """Read the lists once per process."""
    lists = package_rules("html_words.toml")
    words = {name: frozenset(lists[name]["words"]) for name in WordLists._fields if name in lists and name != "more"}
    marked = words["rights"] | words["credit"] | words["pitch"] | words["consent"]
    more = tuple(lists["more"]["openings"])
    return WordLists(**words, more=more, more_starts=frozenset(opening[:2] for opening in more), marked=marked)


class _HeadKeys(NamedTuple):
    """Texts of the head as word keys."""

    titles: frozenset[str]
    words: frozenset[str]
    descriptions: tuple[str, ...]
    body: str


def block_sizes(page: Page) -> Array:
    """Return the characters per block; a Chinese, Japanese or Korean one counts as 2.5."""
    sizes = np.array([len(b.text) for b in page.blocks], np.float32)
    for n, block in enumerate(page.blocks):
        if not block.text.isascii():
            cjk = len(_CJK.findall(block.text))
            if cjk:
                sizes[n] += (_CJK_WEIGHT - 1) * cjk
    return sizes


def measure_shape(page: Page, hints: Hints, size: Array, columns: Columns) -> Shape:
    """Add the columns of single blocks."""
    blocks, elements = page.blocks, page.elements
    seen = Counter(b.text for b in blocks)
    head = _head_keys(page, hints)
    lists = word_lists()
    numbers = chain.from_iterable([_row(b, seen[b.text], head, lists) for b in blocks])
    rows = np.fromiter(numbers, np.float32, len(blocks) * len(_COLUMNS)).reshape(len(blocks), len(_COLUMNS))
    columns.add("repeats", np.array(_repeats(page)))
    for name, n in _AT.items():
        columns.add(name, rows[:, n])
    tag = np.array([_HEADING if b.level else _TAGS.get(b.tag, _OTHER) for b in blocks])
    level = np.array([b.level for b in blocks])
    place = np.array([b.place for b in blocks])
    columns.add("size", size)
    columns.add("word_chars", size / np.maximum(1, rows[:, 0]))
    columns.add("breaks", np.array([b.breaks for b in blocks]))
    columns.add("list_depth", np.array([b.list_depth for b in blocks]))
    columns.add("level", level)
    columns.add("tag", tag)
    for name, bit in _PLACE_BITS:
        columns.add(name, (place & bit) > 0)
    own = [elements[b.element].kinds | (categories_of(b.names) if b.names else 0) for b in blocks]
    pitch = rows[:, _AT["pitch"]]
    return Shape(
        density=rows[:, _AT["density"]],
        good=_good(rows, size, place),
        tag=tag,
        level=level,
        own=np.array(own, np.int64),
        pitch=pitch > 0,
        more=np.maximum(rows[:, _AT["starts_more"]], rows[:, _AT["consent"]]) + 0.5 * pitch,
        colon=rows[:, _AT["ends_colon"]],
        h1=_headline(level, rows[:, _AT["is_title"]] > 0, rows[:, _AT["title_overlap"]]),
    )


def _good(rows: Array, size: Array, place: NDArray[np.int64]) -> Array:
    """Return characters of running text: long blocks with few links and full stops, outside menus and footers."""
    prose = np.where(rows[:, _AT["ends_stop"]] + rows[:, _AT["stops"]] > 0, 1.0, 0.6)
    good = np.where(size >= _MIN_GOOD_CHARS, size * (1 - rows[:, _AT["density"]]) ** 2 * prose, 0).astype(np.float32)
    good[(place & (Place.HIDDEN | Place.NAV | Place.FOOTER | Place.BUTTON)) > 0] *= 0.3
    return good


def _repeats(page: Page) -> list[int]:
    """Return, per block, the number of earlier blocks with the same text (pages with a mobile and a desktop copy)."""
    seen: Counter[str] = Counter()
    found = []
    for block in page.blocks:
        found.append(seen[block.text])
        seen[block.text] += 1
    return found


def _head_keys(page: Page, hints: Hints) -> _HeadKeys:
    titles = frozenset(_key(t) for t in hints.titles)
    body = _key(hints.body) if len(hints.body) >= _MIN_BODY_CHARS and len(page.blocks) <= _MAX_BODY_BLOCKS else ""
    return _HeadKeys(
        titles=titles,
        words=frozenset(w for t in titles for w in t.split()),
        descriptions=tuple(_key(d) for d in hints.descriptions if len(d) >= _MIN_GOOD_CHARS),
        body=body,
    )


def _row(b: PageBlock, copies: int, page: _HeadKeys, lists: WordLists) -> tuple[float, ...]:
    """Return the features of one block in the order of `_COLUMNS`."""
    text, length = b.text, len(b.text)
    lower = text.lower()
    words = lower.split()
    count = len(words)
    key = words_of(lower) if count <= _MAX_KEY_WORDS or page.body or length < _MAX_COMPARED_CHARS else ""
    keys = key.split() if key and count <= _MAX_KEY_WORDS else ()
    short, head, first, last = length <= _MAX_SHORT_CHARS, text[:_MAX_SHORT_CHARS], text[0], text[-1]
    has = words if length <= _MAX_WORD_CHECK_CHARS else words[:_MAX_KEY_WORDS]
    marked = not lists.marked.isdisjoint(has)
    figures, capitals, commas, starts = _letters(head, short=short)
    tail = b.links[-1].text if b.links else ""
    return (
        count,
        len(b.links),
        b.link_chars / length,
        b.bold_chars / length,
        (text.rstrip(_CLOSERS)[-1:] or first) in _STOPS,
        last == ":",
        text.count(". ") if text.isascii() else text.count(". ") + text.count("。"),
        commas / len(head),
        figures / len(head),
        capitals / len(head) if short else 0.0,
        first.isupper(),
        first.islower(),
        first.isdigit(),
        first in _OPENERS,
        sum(map(lists.function.__contains__, words)) / max(1, count),
        copies,
        short and count > 0 and words[0].rstrip(":") in lists.by,
        short and figures > 0 and _DATE.search(text) is not None,
        "©" in text or (marked and not lists.rights.isdisjoint(has)),
        short and marked and not lists.credit.isdisjoint(has),
        marked and not lists.pitch.isdisjoint(has),
        key != "" and key in page.titles,
        0.0 if page.words.isdisjoint(keys) else len(page.words.intersection(keys)) / len(keys),
        _head_match(key, page) if page.body or len(key) >= _MIN_GOOD_CHARS else 0.0,
        short and lower[:2] in lists.more_starts and lower.startswith(lists.more),
        marked and not lists.consent.isdisjoint(has),
        tail != "" and text.endswith(tail),
        last in _BRACKETS,
        "@" in head or "http" in head or "www." in head,
        starts / count if short and count else 0.0,
    )


def _letters(head: str, *, short: bool) -> tuple[int, int, int, int]:
    """Count digits, capitals, commas and words with an initial capital; capitals in short blocks only."""
    if head.isascii():
        classes = head.encode().translate(_CLASSES)
        starts = (b" " + classes).count(b" A") if short else 0
        return classes.count(b"0"), classes.count(b"A"), classes.count(b","), starts
    figures, commas = len(_DIGITS.findall(head)), sum(map(head.count, _COMMAS))
    if not short:
        return figures, 0, commas, 0
    return figures, sum(map(str.isupper, head)), commas, sum([w[0].isupper() for w in head.split()])


def _key(text: str) -> str:
    """Return the lower-case words of a text, for comparison without quotes and dashes."""
    return words_of(text.lower())


def _head_match(key: str, head: _HeadKeys) -> float:
    """Return 3 for a text in `articleBody`, 2 outside of it, 1 in a description, 0 where neither is known."""
    if not key:
        return 0.0
    if head.body:
        return 3.0 if key in head.body else 2.0
    return 1.0 if len(key) >= _MIN_GOOD_CHARS and any(key in d or d in key for d in head.descriptions) else 0.0


def _headline(level: NDArray[np.int64], title: NDArray[np.bool_], overlap: Array) -> int:
    """Return the index of the most likely headline, -1 without one."""
    ones = np.flatnonzero((level == 1) & title)
    if not len(ones):
        ones = np.flatnonzero((level == 1) & (overlap >= 0.5))
    if not len(ones):
        ones = np.flatnonzero(title & (level > 0))
    if not len(ones):
        ones = np.flatnonzero(level == 1)
    if not len(ones):
        ones = np.flatnonzero(title)
    return int(ones[0]) if len(ones) else -1
