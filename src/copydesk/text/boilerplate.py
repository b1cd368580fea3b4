"""Boilerplate counts: on how many of a site's pages each line occurs, and lines that a user pinned.

    site        line                       pages   of    pin
    sana.sy     Check Also                    48   50             lowers the line's log-odds, more with more pages
    sana.sy     Read our live blog             2   50             below MIN_PAGES: ignored
    sana.sy     Damascus, SANA-                1   50    keep     pinned by a user: overrides the model

A line counts once per page; lines of HTML pages are their short blocks outside links. From `MIN_PAGES` pages on it
lowers the log-odds of keeping the line; it never decides alone. Counts do not depend on the order of the pages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from copydesk.keys import line_key, line_keys
from copydesk.records import Document
from copydesk.text.decode import decode, is_binary
from copydesk.text.tokens.lines import split

__all__ = ["MIN_PAGES", "Boilerplate", "count_lines", "counted_keys", "line_key", "line_keys"]

MIN_PAGES = 3
"""Minimum number of pages with a line before the count is used.

Two is too low: near-identical articles share lines, and line F1 fell on the benchmark pages.
"""

_MAX_LINE_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Boilerplate:
    """Line counts and pins of each site.

    Attributes:
        pages: Site -> number of pages counted.
        lines: Site -> line key -> number of pages with that line.
        pins: Site -> line key -> "keep" or "cut", set by a user.
    """

    pages: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    pins: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def page_count(self, site: str, key: int) -> int:
        """Return the number of the site's pages that contain the line."""
        return self.lines.get(site, {}).get(key, 0)


def count_lines(documents: Iterable[Document]) -> Boilerplate:
    """Count the lines of texts and HTML pages, once per page and line.

    Pages without lines to count (see `counted_keys`) are skipped.
    """
    pages: Counter[str] = Counter()
    lines: dict[str, Counter[int]] = defaultdict(Counter)
    for document in documents:
        keys = counted_keys(document)
        if keys is not None:
            pages[document.site] += 1
            lines[document.site].update(keys)
    return Boilerplate(pages=dict(pages), lines={site: dict(counts) for site, counts in lines.items()})


def counted_keys(document: Document) -> set[int] | None:
    """Return the keys of a page's different lines; None for a refused page, a binary file, one without a site."""
    if not document.site:
        return None
    if document.media_type != "text/plain":
        from copydesk.text.html.dom.page_lines import page_lines  # its room looks lines up here

        shown = page_lines(document.content, document.charset, max_chars=_MAX_LINE_CHARS)
        return set(line_keys(sorted(shown))) if shown else None
    if is_binary(document.content, document.charset):
        return None
    text = split(decode(document.content, document.charset).text)
    different = {text.bare[row] for row in text.rows}
    return set(line_keys([line for line in different if len(line) <= _MAX_LINE_CHARS]))
