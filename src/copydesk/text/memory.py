"""The site memory: lines that recur across a publisher's pages, learnt from the pages themselves.

    site        line                       pages   of    verdict
    sana.sy     Check Also                    48   50             soft evidence, the stronger the more pages
    sana.sy     Read our live blog             2   50             too few pages: no evidence
    sana.sy     Damascus, SANA-                1   50    keep     pinned by a person: decides

A line counts once per page. With fewer than three pages recurrence says nothing (near-identical articles recur too);
from three it
lowers a line's odds, and never decides alone. Counts do not depend on the order in which pages are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from copydesk.keys import line_key
from copydesk.records import Document
from copydesk.text.decode import decode, is_binary
from copydesk.text.lines import split

__all__ = ["LEAST_PAGES", "MemoryRow", "SiteMemory", "count_lines", "line_key", "merge"]

LEAST_PAGES = 3
"""Pages on which a line must stand before that is evidence.

With two, dropping recurring lines did more harm than good on benchmark pages.
"""

_K = TypeVar("_K")
_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryRow:
    """One row of `audit.site_memory`: a site, a line, and on how many of the site's pages it stood."""

    site: str
    line_key: int
    text: str
    pages: int
    verdict: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMemory:
    """What is known of each site's lines.

    Attributes:
        pages: Site -> pages counted.
        lines: Site -> line key -> pages with that line.
        texts: Line key -> one spelling of the line, for people.
        pins: Site -> line key -> "keep" or "cut", as a person decided.
    """

    pages: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    pins: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def seen(self, site: str, key: int) -> int:
        """Return on how many pages of the site the line stood."""
        return self.lines.get(site, {}).get(key, 0)

    def rows(self, least: int = 2) -> list[MemoryRow]:
        """Return the memory as rows, sorted by site and key: what recurs on `least` pages, and whatever is pinned."""
        out: list[MemoryRow] = []
        for site in sorted(set(self.lines) | set(self.pins)):
            pins = self.pins.get(site, {})
            counts = self.lines.get(site, {})
            wanted = [key for key in set(counts) | set(pins) if counts.get(key, 0) >= least or key in pins]
            out += [
                MemoryRow(
                    site=site,
                    line_key=key,
                    text=self.texts.get(key, ""),
                    pages=counts.get(key, 0),
                    verdict=pins.get(key),
                )
                for key in sorted(wanted)
            ]
        return out

    @classmethod
    def from_rows(cls, rows: Iterable[MemoryRow], pages: Mapping[str, int]) -> SiteMemory:
        """Return the memory that `rows` and the number of pages per site describe."""
        lines: dict[str, dict[int, int]] = {}
        pins: dict[str, dict[int, str]] = {}
        texts: dict[int, str] = {}
        for row in rows:
            if row.pages:
                lines.setdefault(row.site, {})[row.line_key] = row.pages
            if row.verdict in ("keep", "cut"):
                pins.setdefault(row.site, {})[row.line_key] = row.verdict
            texts[row.line_key] = row.text
        return cls(pages=dict(pages), lines=lines, texts=texts, pins=pins)


def count_lines(documents: Iterable[Document]) -> SiteMemory:
    """Count the lines of texts, once per page and line.

    HTML, binary files and documents without a site are passed over.
    """
    pages: dict[str, int] = {}
    lines: dict[str, dict[int, int]] = {}
    texts: dict[int, str] = {}
    for document in documents:
        if not document.site or document.media_type != "text/plain" or is_binary(document.content, document.charset):
            continue
        pages[document.site] = pages.get(document.site, 0) + 1
        counts = lines.setdefault(document.site, {})
        text = split(decode(document.content, document.charset).text)
        for line in {text.texts[row].strip() for row in text.rows}:
            if len(line) <= _LONGEST:
                key = line_key(line)
                counts[key] = counts.get(key, 0) + 1
                texts[key] = min(texts.get(key, line), line)
    return SiteMemory(pages=pages, lines=lines, texts=texts)


def merge(first: SiteMemory, second: SiteMemory) -> SiteMemory:
    """Return both memories' counts added up; where both pin a line, the second one's pin holds."""
    sites = set(first.lines) | set(second.lines)
    lines = {site: _added(first.lines.get(site, {}), second.lines.get(site, {})) for site in sites}
    pins = {
        site: {**first.pins.get(site, {}), **second.pins.get(site, {})} for site in set(first.pins) | set(second.pins)
    }
    texts = dict(first.texts)
    for key, text in second.texts.items():
        texts[key] = min(texts.get(key, text), text)
    return SiteMemory(pages=_added(first.pages, second.pages), lines=lines, texts=texts, pins=pins)


def _added(one: Mapping[_K, int], other: Mapping[_K, int]) -> dict[_K, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
