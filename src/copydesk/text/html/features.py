"""What is measured on each block before anything is decided: one row of numbers per block.

    blocks  -> own shape (length, links, punctuation, function words, tag, place, names)
    elements-> containers' scores: how much good text lies under a block's parent, grandparent and great-grandparent,
               as a share of the best container on the page (Readability's idea; the strongest single signal here)
    order   -> neighbours, distance to the headline, to the last heading and to the best container

Lengths are in Latin characters: a Chinese, Japanese or Korean letter counts as 2.5.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.hints import Hints
from copydesk.text.html.names import categories, verdict
from copydesk.text.html.page import Page, Place

__all__ = ["FEATURES", "Measured", "measure"]

Array = NDArray[np.float32]

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_WEIGHT = 2.5
_GOOD_CHARS = 40
"""Blocks of fewer characters say nothing about where the text lies."""
_WORD = re.compile(r"\w+")
_STOPS = ".!?。！？।؟…"
_CLOSERS = "\"'”’»)]」』"
_COMMAS = ",;،、，"
_DIGITS = re.compile(r"\d")
_BY = frozenset("by von por par di door av af text autor auteur от автор written posted author".split())
_DATE = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b(?:19|20)\d\d[-/.年]\d{1,2}|\b\d{1,2}:\d\d\b|\b\d{1,2}\.? \w{3,12}\.? (?:19|20)\d\d\b"
    r"|\b\w{3,9}\.? \d{1,2}(?:st|nd|rd|th)?, (?:19|20)\d\d\b|\d (?:min|h|hour|day|week)\w* ago\b",
)
_RIGHTS = frozenset("copyright reserved rechte derechos droits reservados diritti".split())
_CREDIT = frozenset(
    """photo photograph image picture credit foto bild imagen source quelle getty reuters shutterstock afp istock
    unsplash photo: image: credit: foto: source: quelle: ap fuente: fonte: crédit picture: via""".split()
)
_PITCH = frozenset(
    """newsletter newsletters subscribe subscriber subscription sign signup login follow click read related download
    abonnieren abonnez registrieren anmelden lesen lesen: lire leggi leia lea puede siga síguenos cookie cookies comment
    comments kommentar kommentare comentarios commentaires trending advertisement anzeige publicidad publicité loading
    whatsapp telegram facebook twitter instagram share email subscribe! newsletter. read: also: more: watch see: recommended
    related: topics tags: tags privacy join app""".split()
)
# The commonest function words of 14 languages: text has them, menus and lists of links do not.
_FUNCTION = frozenset(
    """the of and to in that is for was on with as at by it from he his be are this have not or had but they which you an
    der die das und ist nicht ein eine zu den mit von im auf dem sich des auch für es wie
    de la le les et des en un une du que est dans pour qui sur par pas au plus ne se ce il
    el los las y una del con por para se su como más al lo pero sus
    e o a os as um uma do da em não com dos das ao na no
    il di che è per non una sono del della con gli i si più
    het een van ik te dat niet zijn op aan met voor er maar om ook
    och att det som på är av för med inte den till ett om har
    og i er til på af for med ikke den det som en har
    i w na z że się nie do jest to o jak po za
    и в на не что с по как это к из у за от для
    ve bir bu da de için ile çok olarak daha
    dan yang di untuk dengan ini itu dari pada tidak
    ja on ei se että oli hän mutta""".split()
)
_SHAPE = (
    "words links density bold ends_stop ends_colon stops commas digits upper starts_upper starts_lower starts_digit "
    "starts_quote function copies by date rights credit pitch is_title title_overlap told"
).split()
_OPENERS = "\"“«„「'‘"
_SHORT, _LONG, _KEY_WORDS, _TOLD_CHARS = 160, 600, 60, 400
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
    "blockquote": 5,
    "figcaption": 6,
    "dd": 7,
    "dt": 7,
    "button": 8,
}
_TAG_OTHER, _TAG_HEADING = 9, 10
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
_FURNITURE = "share related comment nav breadcrumb side footer header advert newsletter wall tags player hidden".split()
_NEAR = 1_000_000


class Measured(NamedTuple):
    """Rows of features, and what later steps need again.

    Attributes:
        rows: Float32, one row per block, columns as in `FEATURES`.
        size: Characters per block in Latin measure.
        element: Per block, index of its element.
        parents: Per block, indexes of its container, the one above and the one above that.
        signature: Per block, a small number that blocks of the same tag and names share.
    """

    rows: Array
    size: Array
    element: NDArray[np.int32]
    parents: NDArray[np.int32]
    signature: NDArray[np.int32]


class _Columns:
    """Columns gathered under their names, in order."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.values: list[NDArray[np.generic]] = []

    def add(self, name: str, values: NDArray[np.generic]) -> None:
        self.names.append(name)
        self.values.append(values)


def measure(page: Page, hints: Hints) -> Measured:
    """Measure every block of a page that has at least one."""
    columns = _Columns()
    size = _sizes(page)
    shape = _shape(page, hints, size, columns)
    parents, signature = _containers(page, size, shape, columns)
    _order(page, size, shape, columns)
    _page(page, size, shape, hints, columns)
    rows = np.column_stack(columns.values).astype(np.float32)
    element = np.array([b.element for b in page.blocks], np.int32)
    return Measured(rows, size, element, parents, signature)


def _sizes(page: Page) -> Array:
    lengths = [len(b.text) for b in page.blocks]
    sizes = np.array(lengths, np.float32)
    for n, block in enumerate(page.blocks):
        if not block.text.isascii():
            cjk = len(_CJK.findall(block.text))
            if cjk:
                sizes[n] += (_CJK_WEIGHT - 1) * cjk
    return sizes


class _Shape(NamedTuple):
    density: Array  # share of the block's characters that are links
    good: Array  # characters that look like running text
    tag: NDArray[np.int64]
    level: NDArray[np.int64]
    own: NDArray[np.int64]  # bits of the element's and the inline element's own names
    pitch: NDArray[np.int64]
    title: NDArray[np.bool_]
    h1: int


def _shape(page: Page, hints: Hints, size: Array, columns: _Columns) -> _Shape:
    blocks = page.blocks
    seen = Counter(b.text for b in blocks)
    titles = {_key(t) for t in hints.titles}
    title_words = set().union(*(k.split() for k in titles)) if titles else set()
    descriptions = [_key(d) for d in hints.descriptions if len(d) >= _GOOD_CHARS]
    body = _key(hints.body) if len(hints.body) >= 200 else ""
    own, tag, table = [], [], []
    elements = page.elements
    for b in blocks:
        text = b.text
        length = len(text)
        names = elements[b.element].names
        own.append((verdict(names) if names else 0) | (verdict(b.names) if b.names else 0))
        tag.append(_TAG_HEADING if b.level else _TAGS.get(b.tag, _TAG_OTHER))
        lower = text.lower()
        words = lower.split()
        count = len(words)
        key = " ".join(_WORD.findall(lower)) if count <= _KEY_WORDS or body or length < _TOLD_CHARS else ""
        keys = key.split() if key and count <= _KEY_WORDS else ()
        short = length <= _SHORT
        head = text[:_SHORT]
        first = text[0]
        has = set(words) if length <= _LONG else set(words[:60])
        digits = len(_DIGITS.findall(head))
        table.append(
            (
                count,
                len(b.links),
                b.link_chars / length,
                b.bold_chars / length,
                (text.rstrip(_CLOSERS)[-1:] or first) in _STOPS,
                text[-1] == ":",
                text.count(". ") + text.count("。"),
                sum(map(head.count, _COMMAS)) / len(head),
                digits / len(head),
                sum(map(str.isupper, head)) / len(head) if short else 0.0,
                first.isupper(),
                first.islower(),
                first.isdigit(),
                first in _OPENERS,
                len([w for w in words if w in _FUNCTION]) / max(1, count),
                seen[text],
                short and words[:1] != [] and words[0].rstrip(":") in _BY,
                short and digits > 0 and _DATE.search(text) is not None,
                "©" in text or not _RIGHTS.isdisjoint(has),
                short and not _CREDIT.isdisjoint(has),
                not _PITCH.isdisjoint(has),
                key != "" and key in titles,
                len(title_words.intersection(keys)) / len(keys) if keys else 0.0,
                _told(key, descriptions, body),
            )
        )
    rows = np.array(table, np.float32)
    for k, name in enumerate(_SHAPE):
        columns.add(name, rows[:, k])
    columns.add("size", size)
    columns.add("word_chars", size / np.maximum(1, rows[:, 0]))
    columns.add("breaks", np.array([b.breaks for b in blocks]))
    columns.add("list_depth", np.array([b.list_depth for b in blocks]))
    level = np.array([b.level for b in blocks])
    columns.add("level", level)
    columns.add("tag", np.array(tag))
    place = np.array([b.place for b in blocks])
    for name, bit in _PLACE_BITS:
        columns.add(name, (place & bit) > 0)
    density = rows[:, 2]
    prose = np.where(rows[:, 4] + rows[:, 6] > 0, 1.0, 0.6)
    good = np.where(size >= _GOOD_CHARS, size * (1 - density) ** 2 * prose, 0).astype(np.float32)
    good[(place & (Place.HIDDEN | Place.NAV | Place.FOOTER | Place.BUTTON)) > 0] *= 0.3
    title = rows[:, 21] > 0
    return _Shape(
        density,
        good,
        np.array(tag),
        level,
        np.array(own, np.int64),
        rows[:, 20].astype(np.int64),
        title,
        _headline(level, title, rows[:, 22]),
    )


def _key(text: str) -> str:
    """Letters and digits only, lower case, so that quotes and dashes cannot hide sameness."""
    return " ".join(_WORD.findall(text.lower()))


def _told(key: str, descriptions: list[str], body: str) -> float:
    """3 in JSON-LD's body, 2 not in it though there is one, 1 in a description, 0 nothing known."""
    if not key:
        return 0.0
    if body:
        return 3.0 if key in body else 2.0
    return 1.0 if len(key) >= _GOOD_CHARS and any(key in d or d in key for d in descriptions) else 0.0


def _headline(level: NDArray[np.int64], title: NDArray[np.bool_], overlap: Array) -> int:
    """Index of the block that is most likely the headline, -1 where none is."""
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


def _containers(
    page: Page, size: Array, shape: _Shape, columns: _Columns
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    elements = page.elements
    count = len(elements)
    up = np.array([e.parent for e in elements], np.int32)
    up[0] = 0
    depth = np.array([e.depth for e in elements], np.int32)
    first = np.array([e.first for e in elements], np.int32)
    last = np.array([e.last for e in elements], np.int32)
    at = np.array([b.element for b in page.blocks], np.int32)
    # Bare text of a container is its own child; the text of a <p> is its parent's.
    c1 = np.where((shape.tag == 2) | (shape.tag == _TAG_OTHER), at, up[at])
    c2 = up[c1]
    c3 = up[c2]
    good = shape.good
    score = np.zeros(count, np.float32)
    np.add.at(score, c1, good)
    np.add.at(score, c2, good / 2)
    np.add.at(score, c3, good / 3)
    plain = _sums(size * (1 - shape.density))
    whole = _sums(size)
    goods = _sums(good)
    paragraphs = _sums((shape.tag == 0).astype(np.float32) * size)
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
        columns.add(f"{name}_mean", text[c] / np.maximum(1, number[c]))
    meet = _meeting(up, depth, best)
    columns.add("best_up", depth[best] - depth[meet[at]])
    columns.add("best_down", depth[at] - depth[meet[at]])
    columns.add("best_gap", np.clip(_gap(np.arange(len(at)), int(first[best]), int(last[best])), -60, 60))
    columns.add("depth", depth[at])
    columns.add("own_text", text[at] / total)
    _names_around(page, shape, up, at, columns)
    _articles(page, at, up, text, total, columns)
    signature = _signatures(page, size, shape, columns)
    return np.stack([c1, c2, c3], axis=1).astype(np.int32), signature


def _sums(values: Array) -> Array:
    """Running sums with a leading zero: the sum over blocks a to b is sums[b] - sums[a]."""
    return np.concatenate([np.zeros(1), np.cumsum(values, dtype=np.float64)])


def _gap(index: NDArray[np.int64], first: int, last: int) -> NDArray[np.int64]:
    """Blocks before (-) or after (+) a range, 0 inside it."""
    return np.where(index < first, index - first, np.where(index >= last, index - last + 1, 0))


def _meeting(up: NDArray[np.int32], depth: NDArray[np.int32], best: int) -> NDArray[np.int32]:
    """Per element, the deepest ancestor it shares with the best container. One pass: parents come first."""
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


def _names_around(page: Page, shape: _Shape, up: NDArray[np.int32], at: NDArray[np.int32], columns: _Columns) -> None:
    ids = [c.id for c in categories()]
    bit = {name: 1 << n for n, name in enumerate(ids)}
    furniture = sum(bit[name] for name in _FURNITURE)
    good_bit = bit["body"]
    near_bad: list[int] = []
    near_good: list[int] = []
    above: list[int] = []
    for element, parent in zip(page.elements, up.tolist(), strict=True):
        bits = verdict(element.names) if element.names and element.tag not in ("html", "body") else 0
        if not near_bad:
            near_bad.append(_NEAR)
            near_good.append(_NEAR)
            above.append(0)
            continue
        near_bad.append(0 if bits & furniture else near_bad[parent] + 1)
        near_good.append(0 if bits & good_bit else near_good[parent] + 1)
        above.append(above[parent] | bits)
    columns.add("furniture_near", np.minimum(np.array(near_bad)[at], 30))
    columns.add("body_near", np.minimum(np.array(near_good)[at], 30))
    around = np.array(above, np.int64)[at]
    columns.add("own_furniture", (shape.own & furniture) > 0)
    columns.add("own_body", (shape.own & good_bit) > 0)
    for name in ids:
        columns.add(f"names_{name}", ((around | shape.own) & bit[name]) > 0)
    columns.add("own_byline", (shape.own & (bit["byline"] | bit["date"])) > 0)
    columns.add("own_caption", (shape.own & bit["caption"]) > 0)
    columns.add("own_dek", (shape.own & (bit["dek"] | bit["title"])) > 0)


def _articles(
    page: Page, at: NDArray[np.int32], up: NDArray[np.int32], text: Array, total: float, columns: _Columns
) -> None:
    """The <article> around a block: how many there are, which it is, its share of the page's text."""
    which: list[int] = []
    order = 0
    share: list[float] = [0.0]
    for index, element in enumerate(page.elements):
        if element.tag == "article":
            order += 1
            share.append(float(text[index]) / total)
            which.append(order)
        else:
            which.append(which[up[index]] if index else 0)
    mine = np.array(which)[at]
    columns.add("article_order", np.minimum(mine, 20))
    columns.add("article_share", np.array(share)[mine])
    columns.add("articles", np.full(len(at), min(order, 20)))


def _signatures(page: Page, size: Array, shape: _Shape, columns: _Columns) -> NDArray[np.int32]:
    """Blocks of the same tag, names and parent's names: how many, how long, how linked."""
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


def _order(page: Page, size: Array, shape: _Shape, columns: _Columns) -> None:
    n = len(size)
    index = np.arange(n)
    total = max(1.0, float(size.sum()))
    columns.add("rank", index / n)
    columns.add("read", (np.cumsum(size) - size) / total)
    columns.add("after_headline", np.clip(index - shape.h1, -50, 200) if shape.h1 >= 0 else np.full(n, -99))
    density, good = shape.density, shape.good
    for step in (-2, -1, 1, 2):
        name = f"{'next' if step > 0 else 'prev'}{abs(step)}"
        columns.add(f"{name}_size", _shift(size, step))
        columns.add(f"{name}_density", _shift(density, step))
        columns.add(f"{name}_tag", _shift(shape.tag.astype(np.float32), step, -1))
    for width in (3, 8):
        columns.add(f"near{width}_size", _window(size, width))
        columns.add(f"near{width}_good", _window(good, width))
        columns.add(f"near{width}_density", _window(size * density, width) / np.maximum(1, _window(size, width)))
    goods = np.cumsum(good) - good
    columns.add("good_before", goods / max(1.0, float(good.sum())))
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


def _shift(values: Array, step: int, missing: float = 0.0) -> Array:
    """The value of the block `step` further on."""
    out = np.full(len(values), missing, np.float32)
    if step > 0:
        out[:-step] = values[step:]
    else:
        out[-step:] = values[:step]
    return out


def _window(values: Array, width: int) -> Array:
    """Mean over the blocks up to `width` before and after."""
    sums = _sums(values)
    index = np.arange(len(values))
    low, high = np.maximum(0, index - width), np.minimum(len(values), index + width + 1)
    return (sums[high] - sums[low]) / (high - low)


def _headings(shape: _Shape, index: NDArray[np.int64], columns: _Columns) -> None:
    """The last heading before a block: its level, how far back, whether it sells or announces other things."""
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
    columns.add("head_pitch", known & (shape.pitch[head] > 0))


def _images(page: Page, index: NDArray[np.int64], columns: _Columns) -> None:
    """Blocks since the last picture: a caption follows it at once."""
    before = np.unique(np.array([image.before for image in page.images], np.int64))
    back = np.full(len(index), 30)
    if len(before):
        last = np.searchsorted(before, index, side="right") - 1
        back = np.where(last >= 0, index - before[np.maximum(last, 0)], 30)
    columns.add("image_back", np.minimum(back, 30))


def _page(page: Page, size: Array, shape: _Shape, hints: Hints, columns: _Columns) -> None:
    n = len(size)
    total = max(1.0, float(size.sum()))
    for name, value in (
        ("page_blocks", float(n)),
        ("page_size", total),
        ("page_good", float(shape.good.sum()) / total),
        ("page_paragraphs", float(size[shape.tag == 0].sum()) / total),
        ("page_linked", float((size * shape.density).sum()) / total),
        ("page_told", float(len(hints.body) >= 200)),
    ):
        columns.add(name, np.full(n, value))


def _columns_of_nothing() -> tuple[str, ...]:
    """Column names, read off the measurement of a page of one word, so that they cannot drift from the code."""
    from copydesk.text.html.page import read_page

    page = read_page(b"<p>Word</p>")
    columns = _Columns()
    size = _sizes(page)
    hints = Hints((), (), "")
    shape = _shape(page, hints, size, columns)
    _containers(page, size, shape, columns)
    _order(page, size, shape, columns)
    _page(page, size, shape, hints, columns)
    return tuple(columns.names)


FEATURES = _columns_of_nothing()
