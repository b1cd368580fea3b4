"""Features of each block by itself: length, links, punctuation, function words, first and last characters.

A Chinese, Japanese or Korean character counts as 2.5 in lengths.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.rules_file import package_rules
from copydesk.table_cache import kept
from copydesk.text.html.dom.css_names import categories_of
from copydesk.text.html.dom.html_page import Page, PageLink, Place
from copydesk.text.html.features.columns import Array, Columns, flags
from copydesk.text.html.metadata.head import Hints
from copydesk.text.tokens.word_key import word_list, words_of

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
_DIGIT, _COMMA, _UPPER, _SPACE = 1, 1 << 8, 1 << 16, 1 << 24
"""Counters of eight bits, one for each class of characters: enough for the beginning of a block."""
_LAST_POINT = 0x1FFFF
"""Code points beyond are neither letters with cases nor digits."""
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
_SIGN_NAMES = [
    "ends_stop",
    "by",
    "date",
    "rights",
    "credit",
    "pitch",
    "is_title",
    "starts_more",
    "consent",
    "link_tail",
    "address",
]
_STOP, _BY, _DATED, _RIGHTS, _CREDIT, _PITCH, _TITLE, _MORE, _CONSENT, _TAIL, _ADDRESS = (1 << n for n in range(11))
"""Bits of what a block has or has not: most have nothing, so one number travels instead of eleven."""
_SIGN_BITS = np.array([1 << n for n in range(len(_SIGN_NAMES))])
_SIGNS_AT = [_AT[name] for name in _SIGN_NAMES]
_FIRST_NAMES = ["starts_upper", "starts_lower", "starts_digit", "starts_quote"]
_FIRST_BITS = np.array([1 << n for n in range(len(_FIRST_NAMES))])
_FIRST_AT = [_AT[name] for name in _FIRST_NAMES]
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
_PLACES = (
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


_PLACE_NAMES = [name for name, _ in _PLACES]
_PLACE_BITS = np.array([bit for _, bit in _PLACES])


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
    """Texts of the head as word keys; `first` are the first words of the titles."""

    titles: frozenset[str]
    first: frozenset[str]
    words: frozenset[str]
    descriptions: tuple[str, ...]
    body: str


_Row = tuple[int, int, int, float, float, int]
"""What is counted in a text by its words: words, stops, function words, overlap with the title, `told`, bits."""
_ROW_NUMBERS = 6


class _Fields(NamedTuple):
    """The fields of all blocks, a tuple for each field of a block."""

    number: tuple[int, ...]
    text: tuple[str, ...]
    tag: tuple[str, ...]
    element: tuple[int, ...]
    place: tuple[int, ...]
    level: tuple[int, ...]
    list_depth: tuple[int, ...]
    links: tuple[tuple[PageLink, ...], ...]
    link_chars: tuple[int, ...]
    bold_chars: tuple[int, ...]
    names: tuple[str, ...]
    breaks: tuple[int, ...]


def block_sizes(page: Page) -> Array:
    """Return the characters per block; a Chinese, Japanese or Korean one counts as 2.5."""
    texts = [b.text for b in page.blocks]
    sizes = np.array(list(map(len, texts)), np.float32)
    for n, text in enumerate(texts):
        if not text.isascii():
            cjk = len(_CJK.findall(text))
            if cjk:
                sizes[n] += (_CJK_WEIGHT - 1) * cjk
    return sizes


def measure_shape(page: Page, hints: Hints, size: Array, columns: Columns) -> Shape:
    """Add the columns of single blocks."""
    elements = page.elements
    fields = _Fields(*zip(*page.blocks, strict=True))
    seen = Counter(fields.text)
    columns.add("repeats", np.array(_repeats(fields.text, seen)))
    rows = _text_columns(page, fields, seen, hints)
    columns.add_all(_COLUMNS, rows)
    level, place = np.array(fields.level), np.array(fields.place)
    tag = np.array(
        [_HEADING if n else _TAGS.get(name, _OTHER) for n, name in zip(fields.level, fields.tag, strict=True)]
    )
    columns.add("size", size)
    columns.add("word_chars", size / np.maximum(1, rows[0]))
    columns.add("breaks", np.array(fields.breaks))
    columns.add("list_depth", np.array(fields.list_depth))
    columns.add("level", level)
    columns.add("tag", tag)
    columns.add_all(_PLACE_NAMES, flags(place, _PLACE_BITS))
    around = [elements[at].kinds for at in fields.element]
    own = [kinds | categories_of(names) if names else kinds for kinds, names in zip(around, fields.names, strict=True)]
    pitch = rows[_AT["pitch"]]
    return Shape(
        density=rows[_AT["density"]],
        good=_good(rows, size, place),
        tag=tag,
        level=level,
        own=np.array(own, np.int64),
        pitch=pitch > 0,
        more=np.maximum(rows[_AT["starts_more"]], rows[_AT["consent"]]) + 0.5 * pitch,
        colon=rows[_AT["ends_colon"]],
        h1=_headline(level, rows[_AT["is_title"]] > 0, rows[_AT["title_overlap"]]),
    )


def _text_columns(page: Page, fields: _Fields, seen: Mapping[str, int], hints: Hints) -> Array:
    """Return the columns of the texts (`_COLUMNS`, blocks); a text is searched only for what needs its words."""
    texts, many = fields.text, len(fields.text)
    head, lists = _head_keys(page, hints), word_lists()
    length = np.array(list(map(len, texts)))
    start, short = np.minimum(length, _MAX_SHORT_CHARS), length <= _MAX_SHORT_CHARS
    digits, commas, upper, starts = _letters([text[:_MAX_SHORT_CHARS] for text in texts])
    known: dict[tuple[str, str], _Row] = {}
    found = []
    for b, figures in zip(page.blocks, digits.tolist(), strict=True):
        same = (b.text, b.links[-1].text if b.links else "")
        row = known.get(same)
        if row is None:
            row = known[same] = _row(*same, figures, head, lists)
        found.append(row)
    counted = np.fromiter(chain.from_iterable(found), np.float64, many * _ROW_NUMBERS).reshape(many, -1).T
    words, stops, function, overlap, told, signs = counted
    last = [text[-1] for text in texts]
    rows = np.empty((len(_COLUMNS), many), np.float32)
    for name, values in (
        ("words", words),
        ("links", np.array(list(map(len, fields.links)))),
        ("density", np.array(fields.link_chars) / length),
        ("bold", np.array(fields.bold_chars) / length),
        ("ends_colon", np.array([one == ":" for one in last])),
        ("ends_paren", np.array([one in _BRACKETS for one in last])),
        ("stops", stops),
        ("commas", commas / start),
        ("digits", digits / start),
        ("upper", upper / start * short),
        ("function", function / np.maximum(1, words)),
        ("copies", np.array(list(map(seen.__getitem__, texts)))),
        ("title_overlap", overlap),
        ("told", told),
        ("capitals", starts / np.maximum(1, words) * short),
    ):
        rows[_AT[name]] = values
    rows[_SIGNS_AT] = flags(signs.astype(np.int64), _SIGN_BITS)
    rows[_FIRST_AT] = flags(np.array([_first_bits[text[0]] for text in texts]), _FIRST_BITS)
    return rows


def _good(rows: Array, size: Array, place: NDArray[np.int64]) -> Array:
    """Return characters of running text: long blocks with few links and full stops, outside menus and footers."""
    prose = np.where(rows[_AT["ends_stop"]] + rows[_AT["stops"]] > 0, 1.0, 0.6)
    good = np.where(size >= _MIN_GOOD_CHARS, size * (1 - rows[_AT["density"]]) ** 2 * prose, 0).astype(np.float32)
    good[(place & (Place.HIDDEN | Place.NAV | Place.FOOTER | Place.BUTTON)) > 0] *= 0.3
    return good


def _repeats(texts: Sequence[str], seen: Mapping[str, int]) -> list[int]:
    """Return, per block, the number of earlier blocks with the same text (pages with a mobile and a desktop copy)."""
    found = [0] * len(texts)
    before: dict[str, int] = {}
    for n, text in enumerate(texts):
        if seen[text] > 1:
            found[n] = before.get(text, 0)
            before[text] = found[n] + 1
    return found


def _head_keys(page: Page, hints: Hints) -> _HeadKeys:
    titles = frozenset(_key(t) for t in hints.titles)
    words = [t.split() for t in titles]
    body = _key(hints.body) if len(hints.body) >= _MIN_BODY_CHARS and len(page.blocks) <= _MAX_BODY_BLOCKS else ""
    return _HeadKeys(
        titles=titles,
        first=frozenset(some[0] for some in words if some),
        words=frozenset(chain.from_iterable(words)),
        descriptions=tuple(_key(d) for d in hints.descriptions if len(d) >= _MIN_GOOD_CHARS),
        body=body,
    )


class _FirstBits(dict[str, int]):
    """What a first character is, as bits in the order of `_FIRST_NAMES`; filled as characters occur."""

    def __missing__(self, first: str) -> int:
        signs = (first.isupper(), first.islower(), first.isdigit(), first in _OPENERS)
        bits = self[first] = sum(1 << n for n, sign in enumerate(signs) if sign)
        return bits


_first_bits = _FirstBits()


def _row(text: str, last_link: str, digits: int, page: _HeadKeys, lists: WordLists) -> _Row:
    """Return what is counted in a text, given its last link and the digits of its beginning."""
    length, lower = len(text), text.lower()
    words = lower.split()
    short = length <= _MAX_SHORT_CHARS
    signs, overlap, told = _signs_of_ends(text, last_link), 0.0, 0.0
    if len(words) <= _MAX_KEY_WORDS or page.body or length < _MAX_COMPARED_CHARS:
        keys = word_list(lower)
        if keys and keys[0] in page.first and " ".join(keys) in page.titles:
            signs |= _TITLE
        if len(words) <= _MAX_KEY_WORDS and not page.words.isdisjoint(keys):
            overlap = len(page.words.intersection(keys)) / len(keys)
        if page.body or (page.descriptions and len(lower) >= _MIN_GOOD_CHARS):
            told = _head_match(" ".join(keys), page)
    has = words if length <= _MAX_WORD_CHECK_CHARS else words[:_MAX_KEY_WORDS]
    if not lists.marked.isdisjoint(has):
        signs |= _marks(has, lists, short=short)
    if short:
        signs |= _signs_of_line(text, lower, words, digits, lists)
    function = sum(map(lists.function.__contains__, words))
    stops = text.count(". ") if text.isascii() else text.count(". ") + text.count("。")
    return len(words), stops, function, overlap, told, signs


def _signs_of_ends(text: str, last_link: str) -> int:
    """Return the bits of what a text begins and ends with, and of its copyright sign."""
    last, head = text[-1], text[:_MAX_SHORT_CHARS]
    signs = _ADDRESS if "@" in head or "http" in head or "www." in head else 0
    if (last if last not in _CLOSERS else text.rstrip(_CLOSERS)[-1:] or text[0]) in _STOPS:
        signs |= _STOP
    if last_link and text.endswith(last_link):
        signs |= _TAIL
    return signs | _RIGHTS if "©" in text else signs


def _signs_of_line(text: str, lower: str, words: Sequence[str], digits: int, lists: WordLists) -> int:
    """Return the bits of a short text that is a byline, has a date or opens with words for more to read."""
    signs = _BY if words and words[0].rstrip(":") in lists.by else 0
    if digits and _may_be_dated(text, digits) and _DATE.search(text) is not None:
        signs |= _DATED
    return signs | _MORE if lower[:2] in lists.more_starts and lower.startswith(lists.more) else signs


def _marks(words: Sequence[str], lists: WordLists, *, short: bool) -> int:
    """Return the bits of a block that has one of the marked words."""
    signs = 0 if lists.rights.isdisjoint(words) else _RIGHTS
    if short and not lists.credit.isdisjoint(words):
        signs |= _CREDIT
    if not lists.pitch.isdisjoint(words):
        signs |= _PITCH
    return signs if lists.consent.isdisjoint(words) else signs | _CONSENT


def _may_be_dated(text: str, digits: int) -> bool:
    """Return whether `_DATE` could match: a date has four digits or more, a time three, "2 hours ago" one."""
    return digits > 3 or (digits == 3 and ":" in text) or " ago" in text


def _letters(heads: Sequence[str]) -> NDArray[np.int64]:
    """Count digits, commas, capitals and words with an initial capital in texts of up to 255 characters: (4, texts)."""
    points = np.frombuffer("\0".join(("", *heads)).encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = _classes().take(np.minimum(points, _LAST_POINT))
    begin = np.cumsum([1, *[len(head) + 1 for head in heads[:-1]]])
    counts = np.add.reduceat(classes, begin)
    words = (classes[1:] & _UPPER) > 0
    words &= (classes[:-1] & _SPACE) > 0
    starts = np.add.reduceat(words.view(np.uint8), begin - 1, dtype=np.uint8)
    return np.stack([counts & 255, counts >> 8 & 255, counts >> 16 & 255, starts]).astype(np.int64)


@cache
def _classes() -> NDArray[np.uint32]:
    """Return the counters of every code point; what separates texts counts as white space."""
    return kept("html_letters", _count_classes)


def _count_classes() -> NDArray[np.uint32]:
    letters = [chr(point) for point in range(_LAST_POINT + 1)]
    found = np.zeros(len(letters), np.uint32)
    for sign, test in ((_DIGIT, str.isdecimal), (_UPPER, str.isupper), (_SPACE, str.isspace)):
        found[np.array(list(map(test, letters)))] = sign
    found[[ord(c) for c in _COMMAS]] = _COMMA
    found[0] = _SPACE
    return found


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
