"""Parse a page's JSON-LD, repair it, and select the node of its article.

    <script type="application/ld+json"> --json--> nodes --select--> the node of this article (or none)

It is often malformed (raw line breaks, trailing commas, HTML entities, CDATA) and often about something else (the site,
the breadcrumb, every teaser of a list), so the article's node is selected by type, URL and headline.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from copydesk.text.tokens.word_key import word_key

__all__ = ["JsonLd", "names", "read_json_ld", "text_of", "texts"]

_MAX_SCRIPT_CHARS = 2_000_000  # of one script; listings may have megabytes
_MAX_NODES = 400
_MAX_DEPTH = 8
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_COMMENT = re.compile(
    r"^\s*(?:<!--|//<!\[CDATA\[|/\*<!\[CDATA\[\*/|<!\[CDATA\[)|(?:-->|//\]\]>|/\*\]\]>\*/|\]\]>)\s*;?\s*$"
)

_LONE_SURROGATE = re.compile(
    r"\\u(?:d[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab][0-9a-f]{2}\\u)d[c-f][0-9a-f]{2})", re.IGNORECASE
)
"""JSON can escape a lone surrogate, which no valid text contains."""
_CONTROL_ESCAPE = re.compile(r"\\u00(?:0[0-8bce-f]|1[0-9a-f]|7f|[89][0-9a-f])", re.IGNORECASE)

_ARTICLE_TYPES = """article newsarticle blogposting reportagenewsarticle opinionnewsarticle analysisnewsarticle report
    backgroundnewsarticle reviewnewsarticle liveblogposting scholarlyarticle techarticle satiricalarticle posting
    advertisercontentarticle medicalscholarlyarticle socialmediaposting askpublicnewsarticle"""
ARTICLE_TYPES = frozenset(_ARTICLE_TYPES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLd:
    """A page's JSON-LD.

    Attributes:
        article: The node of this page's article, {} without one.
        is_article: Whether that node has an article's type (else it is a WebPage or the like).
        types: Types of all nodes, lower case.
        article_count: Number of article nodes; a listing has one per teaser.
        breadcrumb: Names of the first BreadcrumbList, outermost first.
        nodes: Every node with a type, in page order.
        by_id: `@id` -> node, for references.
    """

    article: dict[str, Any]
    is_article: bool
    types: frozenset[str]
    article_count: int
    breadcrumb: tuple[str, ...]
    nodes: tuple[dict[str, Any], ...]
    by_id: dict[str, dict[str, Any]]


def read_json_ld(scripts: Iterable[str], *, url: str | None = None, titles: Iterable[str] = ()) -> JsonLd:
    """Parse the page's JSON-LD scripts; skip those that cannot be repaired.

    Args:
        scripts: Contents of the script elements.
        url: URL of the page, to tell its own node from those of teasers.
        titles: Declared titles of the page, for the same purpose.
    """
    nodes = [node for script in scripts for node in _nodes(_parse(script), 0)][:_MAX_NODES]
    by_id: dict[str, dict[str, Any]] = {}
    for node in nodes:
        key = node.get("@id")
        if isinstance(key, str) and len(node) > 2:
            by_id.setdefault(key, node)
    typed = [(node, _types(node)) for node in nodes]
    articles = [node for node, types in typed if types & ARTICLE_TYPES]
    article = _select_article(articles, url, titles)
    fallback = next(
        (n for n, t in typed if t & {"webpage", "itempage", "recipe", "videoobject", "howto"} and "datePublished" in n),
        {},
    )
    return JsonLd(
        article=article or fallback,
        is_article=bool(article),
        types=frozenset(t for _, types in typed for t in types),
        article_count=len(articles),
        breadcrumb=_breadcrumb(typed),
        nodes=tuple(nodes),
        by_id=by_id,
    )


def text_of(value: Any, depth: int = 0) -> str:
    """Return the text of a JSON-LD value: a string, a number, the first of a list, or a node's name."""
    if isinstance(value, str):
        return " ".join(html.unescape(value).split())
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(value, list):
        return next((t for t in (text_of(v, depth + 1) for v in value[:20]) if t), "")
    if isinstance(value, dict):
        return text_of(value.get("@value") or value.get("name") or value.get("headline") or "", depth + 1)
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def texts(value: Any, depth: int = 0) -> list[str]:
    """Return all texts of a value or list; a comma-separated string is not split."""
    if isinstance(value, list):
        return [t for item in value[:100] for t in texts(item, depth + 1)] if depth <= _MAX_DEPTH else []
    text = text_of(value, depth)
    return [text] if text else []


def names(value: Any, data: JsonLd, depth: int = 0) -> list[tuple[str, str]]:
    """Return (name, type in lower case or "") of persons and organisations, references followed once."""
    if isinstance(value, list):
        return [n for item in value[:60] for n in names(item, data, depth + 1)] if depth <= _MAX_DEPTH else []
    if isinstance(value, dict):
        return _node_names(value, data)
    text = text_of(value)
    return [(text, "")] if text else []


def _node_names(node: dict[str, Any], data: JsonLd) -> list[tuple[str, str]]:
    if "name" not in node and isinstance(node.get("@id"), str):
        node = data.by_id.get(node["@id"], node)
    kind = min(_types(node), default="")
    if isinstance(node.get("name"), list):
        return [(t, kind) for t in texts(node["name"])]
    parts = (text_of(node.get("givenName")), text_of(node.get("familyName")))
    text = text_of(node.get("name")) or " ".join(t for t in parts if t)
    return [(text, kind)] if text else []


def _parse(script: str) -> Any:
    script = script.strip()
    if not script or len(script) > _MAX_SCRIPT_CHARS:
        return None
    if "\\u" in script:
        script = _CONTROL_ESCAPE.sub(" ", _LONE_SURROGATE.sub(r"\\ufffd", script))
    for repaired in (_as_is, _without_wrapping, _without_commas, html.unescape):
        script = repaired(script)
        try:
            return json.loads(script, strict=False)
        except (ValueError, RecursionError):
            continue
    return _first_object(script)


def _as_is(script: str) -> str:
    return script


def _without_wrapping(script: str) -> str:
    return _COMMENT.sub("", script).strip().rstrip(";")


def _without_commas(script: str) -> str:
    return _TRAILING_COMMA.sub(r"\1", script)


def _first_object(script: str) -> Any:
    """Parse the first complete object (of two in one script, or before other text)."""
    try:
        return json.JSONDecoder(strict=False).raw_decode(script[script.index("{") :])[0]
    except (ValueError, RecursionError):
        return None


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value or "@id" in value:
            yield value
        for key, item in value.items():
            if isinstance(item, (dict, list)) and key not in ("articleBody", "comment"):
                yield from _nodes(item, depth + 1)


def _types(node: dict[str, Any]) -> frozenset[str]:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return frozenset(k.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower() for k in kinds if isinstance(k, str))


def _select_article(articles: list[dict[str, Any]], url: str | None, titles: Iterable[str]) -> dict[str, Any]:
    """Select the node of this page among article nodes: by URL, headline, and number of filled fields."""
    if len(articles) <= 1:
        return articles[0] if articles else {}
    path = _path(url or "")
    known = {word_key(t) for t in titles if t}

    def score_of(item: tuple[int, dict[str, Any]]) -> tuple[float, int]:
        place, node = item
        score = 0.0
        if len(path) > 1 and any(_path(a) == path for a in _addresses(node)):
            score += 2
        headline = word_key(text_of(node.get("headline") or node.get("name")))
        if headline and any(headline in k or k in headline for k in known if k):
            score += 2
        score += 0.5 * ("datePublished" in node) + 0.5 * ("author" in node) + 0.25 * ("articleBody" in node)
        return score, -place

    return max(enumerate(articles), key=score_of)[1]


def _addresses(node: dict[str, Any]) -> list[str]:
    found = [node.get("url"), node.get("@id"), node.get("mainEntityOfPage")]
    found += [f.get("@id") or f.get("url") for f in found if isinstance(f, dict)]
    return [f for f in found if isinstance(f, str)]


def _path(url: str) -> str:
    bare_url = url.partition("#")[0].partition("?")[0].rpartition("://")[2]
    return bare_url.partition("/")[2].strip("/").lower()


def _breadcrumb(typed: list[tuple[dict[str, Any], frozenset[str]]]) -> tuple[str, ...]:
    node = next((n for n, t in typed if "breadcrumblist" in t), {})
    items = node.get("itemListElement")
    items = items if isinstance(items, list) else [items]
    found: list[tuple[float, str]] = []
    for place, item in enumerate(items[:12]):
        if isinstance(item, dict):
            name = text_of(item.get("name")) or text_of(item.get("item") if isinstance(item.get("item"), dict) else "")
            position = item.get("position")
            try:
                at = float(position) if position is not None else float(place)
            except (TypeError, ValueError):
                at = float(place)
            if name:
                found.append((at, name))
    return tuple(name for _, name in sorted(found, key=lambda f: f[0]))
