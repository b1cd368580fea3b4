"""Find the text of an article in a page's data, where the page shows none: what a script would have put there.

    JSON-LD articleBody
    <script type=application/json> (__NEXT_DATA__, __NUXT_DATA__, shoeboxes), window.NAME = {...}, JSON.parse("...")
    self.__next_f.push([1, "..."]) of React, data-page="{...}" of Inertia
        --walk--> lists of paragraphs and long strings --score--> the one beside the page's title, or the longest

No script is run: what a script fetches after loading, computes or decrypts is not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import escape, unescape
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from copydesk.text.html.metadata.json_ld import text_of
from copydesk.text.tokens.word_key import word_key

__all__ = ["DATA_ID", "DataText", "article_body", "page_data"]

DATA_ID = "copydesk-page-data"
"""Id of the element that holds the text once it is put into the page."""
MIN_CHARS = 400
"""Characters of text from which it can be an article; shorter strings are descriptions."""
_MAX_SCRIPT_CHARS = 5_000_000
_MAX_SCRIPTS = 200
_MAX_NODES = 200_000
_MAX_DEPTH = 40
_MIN_PARAGRAPH_CHARS = 40
_MAX_PARAGRAPHS = 2_000
_TITLE_WEIGHT, _OTHER_WEIGHT = 4.0, 0.05
_TEXT_KEYS = frozenset(
    (
        *("text", "content", "value", "body", "html", "children", "paragraph", "paragraphs", "data", "nodes", "spans"),
        *("elements", "model", "p", "richtext", "copy", "markdown", "rendered"),
    )
)
_MAX_BEFORE_TITLE = 6
"""Items of a list of paragraphs among which its headline may be."""
_MIN_SCORE = MIN_CHARS / 2
"""Score under which a text is no article: 400 characters below a title have 1,600, 4,000 of terms of use 200."""
_KINDS = ("type", "_type", "kind", "style", "nodeType", "name", "__typename", "component")
_TITLES = ("headline", "title", "name")
_AUTHORS = ("authors", "author", "byline", "writers")
_DATES = (
    "datePublished",
    "publishedAt",
    "published_at",
    "publishDate",
    "firstPublished",
    "date_published",
    "published",
)
_OTHERS = re.compile(
    r"related|recommend|comment|footer|cookie|consent|terms|privacy|i18n|locale|translation|messages|newsletter|navigation"
    r"|menu|promo|advert|sponsor|popular|trending|latest|faq|legal",
    re.IGNORECASE,
)
_NO_TEXT = re.compile(
    r"image|video|embed|advert|^ad$|gallery|related|newsletter|iframe|audio|script|button", re.IGNORECASE
)
_ASSIGNED = re.compile(r"""[\w$.\]"']\s*=\s*(?=[{\[])""")
_PARSED = re.compile(r"JSON\.parse\(\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')", re.DOTALL)
_FLIGHT = re.compile(r"__next_f\.push\(\[1,\s*(\"(?:[^\"\\]|\\.)*\")\]\)", re.DOTALL)
_FLIGHT_ROW = re.compile(r"^[0-9a-f]+:(?=[\[{\"])", re.MULTILINE)
_UNSPACED = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_TAG = re.compile(r"<[^>]{1,500}>")
_BLOCK_TAG = re.compile(r"<(?:p|div|h[1-6]|li|br|blockquote)\b", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style|iframe|form)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_SENTENCE = re.compile(r"[.!?…:;,\"”»。！？，、؟।]")
_BREAKS = re.compile(r"(?:\r?\n[ \t]*){2,}|\r?\n")
_FLIGHT_TAGS = frozenset(("p", "h2", "h3", "h4", "li", "blockquote"))


class DataText(NamedTuple):
    """The text of an article out of a page's data.

    Attributes:
        source: Where it was: `articleBody of JSON-LD`, `__NEXT_DATA__: props.pageProps.article.body`.
        html: The text as paragraphs in HTML.
        chars: Its length.
        author, published: What stands beside it, as text; "" for nothing.
        titled: Whether the page's title stands beside it.
    """

    source: str
    html: str
    chars: int
    author: str = ""
    published: str = ""
    titled: bool = True

    def element(self) -> str:
        """Return the element that is put into the page."""
        by = f'<p class="byline" itemprop="author">{escape(self.author)}</p>' if self.author else ""
        date = f'<time itemprop="datePublished" datetime="{escape(self.published)}"></time>' if self.published else ""
        return f'<article>{by}{date}<div id="{DATA_ID}">{self.html}</div></article>'


class _Candidate(NamedTuple):
    score: float
    path: str
    html: str
    chars: int
    owner: dict[str, Any]
    titled: bool


def article_body(node: dict[str, Any]) -> DataText | None:
    """Return the `articleBody` of a JSON-LD node as paragraphs, None where it is too short."""
    value = node.get("articleBody")
    text = "\n\n".join(v for v in value if isinstance(v, str)) if isinstance(value, list) else value
    if not isinstance(text, str) or _weight(text) < MIN_CHARS:
        return None
    html = _paragraphs(unescape(text) if "&lt;" in text else text)
    return DataText("articleBody of JSON-LD", html, _length(html))


def page_data(tree: LexborHTMLParser, titles: Sequence[str]) -> DataText | None:
    """Return the article's text in the page's data, None where there is none.

    Args:
        tree: The parsed page.
        titles: Declared titles of the page: the text beside one of them is the article.
    """
    keys = {key for title in titles if (key := word_key(title))}
    best: tuple[float, str, _Candidate] | None = None
    for name, data in _stores(tree):
        for found in _walk(data, keys):
            if found.score > (best[0] if best is not None else _MIN_SCORE):
                best = (found.score, name, found)
    if best is None:
        return None
    _, name, chosen = best
    author = next((a for k in _AUTHORS if (a := text_of(chosen.owner.get(k)))), "")
    date = next((d for k in _DATES if isinstance(d := chosen.owner.get(k), str)), "")
    return DataText(
        f"{name}: {chosen.path}" if chosen.path else name, chosen.html, chosen.chars, author, date, chosen.titled
    )


def _stores(tree: LexborHTMLParser) -> Iterator[tuple[str, Any]]:
    """Yield (name, parsed value) of each piece of data in the page's scripts and attributes."""
    flight: list[str] = []
    for script in tree.css("script")[:_MAX_SCRIPTS]:
        attributes = script.attributes
        kind, text = (attributes.get("type") or "").lower(), script.text(deep=True)
        if "ld+json" in kind or len(text) < MIN_CHARS or len(text) > _MAX_SCRIPT_CHARS:
            continue
        if "json" in kind or "shoebox" in kind:
            data = _parse(text)
            if data is not None:
                yield attributes.get("id") or "data of a script", data
            continue
        flight += [part for part in map(_parse, _FLIGHT.findall(text)) if isinstance(part, str)]
        yield from _assigned(text)
    if flight:
        rows = "".join(flight)
        starts = [found.end() for found in _FLIGHT_ROW.finditer(rows)]
        yield "__next_f", [row for row in (_first(rows, at) for at in starts[:_MAX_PARAGRAPHS]) if row is not None]
    for node in tree.css("[data-page]")[:3]:
        data = _parse(node.attributes.get("data-page") or "")
        if data is not None:
            yield "data-page", data


def _assigned(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the objects that a script assigns to names, and those that it parses."""
    at = 0
    while (found := _ASSIGNED.search(text, at)) is not None:
        try:
            value, at = json.JSONDecoder(strict=False).raw_decode(text, found.end())
        except (ValueError, RecursionError):
            at = found.end()
            continue
        name = re.search(r"[\w$.]{1,60}$", text[: found.start() + 1])
        yield name[0] if name else "data of a script", value
    for literal in _PARSED.findall(text)[:20]:
        inner = _parse(literal) if literal[0] == '"' else _parse(f'"{literal[1:-1]}"'.replace("\\'", "'"))
        data = _parse(inner) if isinstance(inner, str) else None
        if data is not None:
            yield "JSON.parse", data


def _parse(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _first(text: str, at: int) -> Any:
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, at)[0]
    except (ValueError, RecursionError):
        return None


def _walk(data: Any, titles: set[str]) -> Iterator[_Candidate]:
    """Yield every list of paragraphs and every long string, scored by length, title and name."""
    stack: list[tuple[Any, str, tuple[dict[str, Any], ...], int]] = [(data, "", (), 0)]
    nodes = 0
    while stack and nodes < _MAX_NODES:
        value, path, owners, depth = stack.pop()
        nodes += 1
        if depth > _MAX_DEPTH:
            continue
        if isinstance(value, str):
            html = _paragraphs(value) if len(value) >= MIN_CHARS and _is_prose(value) else ""
            if html:
                yield _scored(html, path, owners, titles)
        elif isinstance(value, list):
            html = _list(value)
            if html and _length(html) >= MIN_CHARS:
                headed = any(word_key(_leaves(item, 0)) in titles for item in value[:_MAX_BEFORE_TITLE])
                yield _scored(html, path, ({"title": next(iter(titles))}, *owners) if headed else owners, titles)
            stack += [(item, f"{path}[{n}]", owners, depth + 1) for n, item in reversed([*enumerate(value)])]
        elif isinstance(value, dict):
            around = (value, *owners[:2])
            stack += [(v, f"{path}.{k}".strip("."), around, depth + 1) for k, v in reversed([*value.items()])]


def _scored(html: str, path: str, owners: tuple[dict[str, Any], ...], titles: set[str]) -> _Candidate:
    chars, weight = _length(html), _weight(" ".join(_TAG.sub(" ", html).split()))
    score = float(weight)
    named = next((o for o in owners if any(word_key(text_of(o.get(k))) in titles for k in _TITLES if k in o)), None)
    if named is not None:
        score *= _TITLE_WEIGHT
    if _OTHERS.search(path):
        score *= _OTHER_WEIGHT
    owner = named or (owners[0] if owners else {})
    return _Candidate(score if weight >= MIN_CHARS else 0.0, path, html, chars, owner, named is not None)


def _is_prose(text: str) -> bool:
    """Return whether a string is sentences: blanks or East Asian letters, and their punctuation."""
    sample = _TAG.sub(" ", text[:4_000])
    letters = sum(c.isalpha() for c in sample)
    return letters > 0.6 * len(sample.replace(" ", "")) and len(_SENTENCE.findall(sample)) >= len(sample) // 400 + 1


def _paragraphs(text: str) -> str:
    """Return a text as paragraphs in HTML; markup in it stays, without scripts and forms."""
    if _BLOCK_TAG.search(text):
        return _SCRIPT.sub("", text)
    lines = [line.strip() for line in _BREAKS.split(_SCRIPT.sub("", text))]
    marked = bool(_TAG.search(text))
    return "".join(f"<p>{line if marked else escape(unescape(line))}</p>" for line in lines if line)


def _list(items: list[Any]) -> str:
    """Return a list of paragraphs as HTML, "" where it is none: at least two prose items, most of its text."""
    if not 2 <= len(items) <= _MAX_PARAGRAPHS:
        return ""
    if items[0] == "$":
        return ""
    found, prose, size = [], 0, 0
    for item in items:
        tag, text = _item(item)
        if not text:
            continue
        size += len(text)
        if len(text) >= _MIN_PARAGRAPH_CHARS and _is_prose(text):
            prose += len(text)
        marked = bool(_TAG.search(text))
        body = text if marked else escape(unescape(text))
        found.append(body if marked and _BLOCK_TAG.match(text.lstrip()) else f"<{tag}>{body}</{tag}>")
    return _SCRIPT.sub("", "".join(found)) if len(found) > 1 and prose > 0.6 * size else ""


def _item(item: Any) -> tuple[str, str]:
    """Return (tag, text) of one item of a list of paragraphs."""
    if isinstance(item, str):
        return "p", item.strip()
    if isinstance(item, list) and len(item) == 4 and item[0] == "$":
        tag = item[1] if isinstance(item[1], str) else ""
        return (tag, _leaves(item[3], 0).strip()) if tag in _FLIGHT_TAGS else ("p", "")
    if not isinstance(item, dict):
        return "p", ""
    kind = " ".join(str(item.get(k) or "") for k in _KINDS)
    if _NO_TEXT.search(kind):
        return "p", ""
    tag = "h2" if re.search(r"head|\bh[2-4]\b|title", kind, re.IGNORECASE) else "p"
    return tag, _leaves(item, 0).strip()


def _leaves(value: Any, depth: int) -> str:
    """Return the text of a paragraph's nodes in order: strings under keys that hold text."""
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        if len(value) == 4 and value[0] == "$":
            return _leaves(value[3], depth + 1)
        return "".join(_leaves(v, depth + 1) for v in value[:_MAX_PARAGRAPHS])
    if isinstance(value, dict):
        texts = [_leaves(v, depth + 1) for k, v in value.items() if k.lower() in _TEXT_KEYS]
        return max(texts, key=len, default="")  # the same text may stand there as text and as HTML
    return ""


def _weight(text: str) -> int:
    """Return the characters of a text; an East Asian letter says as much as three others."""
    return len(text) if text.isascii() else len(text) + 2 * len(_UNSPACED.findall(text))


def _length(html: str) -> int:
    return len(" ".join(_TAG.sub(" ", html).split()))
