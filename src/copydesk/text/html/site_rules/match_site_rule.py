"""Match a site rule against a page: which blocks its patterns select, and the texts of its fields.

CSS runs on the page's own tree. For XPath the tree is serialised once with the index of each block-level element as an
attribute and parsed by lxml, so that every match leads back to its blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from copydesk.records import Finding, Severity
from copydesk.text.html.dom.block_builder import fold
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.text_alignment import share_kept
from copydesk.text.html.site_rules.load_site_rules import SiteRule

__all__ = ["SiteMatch", "match_site_rule"]

_MARK = "data-copydesk-element"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMatch:
    """Matches of a rule on a page.

    Attributes:
        rule: The rule.
        keep: Per block; None where no body pattern matched.
        strip: Per block, whether the rule cuts it.
        title, author, date: Text of the first match, "" without one.
        findings: `site_rule_no_match` for each field without a matching pattern.
    """

    rule: SiteRule
    keep: NDArray[np.bool_] | None
    strip: NDArray[np.bool_]
    title: str
    author: str
    date: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Hit:
    """One matched node: indexes of the block-level elements it is or contains, and its text."""

    elements: tuple[int, ...]
    text: str


def match_site_rule(page: Page, rule: SiteRule) -> SiteMatch:
    """Match all patterns of a rule against a page."""
    search = _PatternSearch(page)
    missing: list[str] = []

    def first(patterns: tuple[str, ...], name: str) -> list[_Hit]:
        for pattern in patterns:
            hits = search.find(pattern)
            if any(h.text for h in hits):
                return hits
        if patterns:
            missing.append(name)
        return []

    body = first(rule.body, "body")
    words = {name: first(getattr(rule, name), name) for name in ("title", "author", "date")}
    strip = [hit for pattern in rule.strip for hit in search.find(pattern)]
    return SiteMatch(
        rule=rule,
        keep=_blocks(page, body) if body else None,
        strip=_blocks(page, strip),
        title=_first_text(words["title"]),
        author="; ".join(dict.fromkeys(h.text for h in words["author"] if h.text)),
        date=_first_text(words["date"]),
        findings=tuple(
            Finding(rule="site_rule_no_match", severity=Severity.WARN, detail=f"{rule.name}: {name}")
            for name in missing
        ),
    )


def _first_text(hits: list[_Hit]) -> str:
    return next((h.text for h in hits if h.text), "")


def _blocks(page: Page, hits: Iterable[_Hit]) -> NDArray[np.bool_]:
    """Return the blocks inside the matched elements; a match without one is located by its text."""
    found = np.zeros(len(page.blocks), np.bool_)
    for hit in hits:
        for index in hit.elements:
            found[page.elements[index].first : page.elements[index].last] = True
        if not hit.elements and hit.text:
            found |= share_kept(page, hit.text) >= 0.5
    return found


class _PatternSearch:
    """Find CSS and XPath patterns in a page; the page is parsed for XPath only when one is used."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._index = {e.node.mem_id: n for n, e in enumerate(page.elements)}
        self._document: Any = None

    def find(self, pattern: str) -> list[_Hit]:
        """Return the matches of a pattern; an invalid pattern matches nothing."""
        if pattern.lstrip().startswith(("/", "(", ".//")):
            return list(self._by_xpath(pattern.strip()))
        return list(self._by_css(pattern))

    def _by_css(self, pattern: str) -> Iterator[_Hit]:
        tree = self._page.tree
        if tree is None:
            return
        try:
            nodes = tree.css(pattern)
        except Exception:  # noqa: BLE001 - the parser has error types of its own for an invalid selector
            return
        for node in nodes:
            index = self._index.get(node.mem_id)
            attributes = node.attributes
            text = attributes.get("content") or fold(node.text(separator=" ")) or attributes.get("datetime") or ""
            yield _Hit(() if index is None else (index,), text)

    def _by_xpath(self, pattern: str) -> Iterator[_Hit]:
        from lxml import etree

        try:
            found = self._parsed().xpath(pattern)
        except (etree.XPathError, etree.ParserError, ValueError):
            return
        for node in found if isinstance(found, list) else [found]:
            if isinstance(node, etree._Element):
                mark = node.get(_MARK)
                inside = (mark,) if mark else tuple(node.xpath(f".//@{_MARK}"))
                text = node.get("content") or fold(" ".join(node.itertext())) or node.get("datetime") or ""
                yield _Hit(tuple(int(m) for m in inside), text)
            else:
                yield _Hit((), fold(str(node)))

    def _parsed(self) -> Any:
        if self._document is None:
            from lxml import html

            page = self._page
            for number, element in enumerate(page.elements):
                element.node.attrs[_MARK] = str(number)
            source = page.tree.html if page.tree is not None else None
            for element in page.elements:
                del element.node.attrs[_MARK]
            parser = html.HTMLParser(huge_tree=True, encoding="utf-8")
            self._document = html.document_fromstring((source or "<p>").encode(), parser=parser)
        return self._document
