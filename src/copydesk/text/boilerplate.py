"""The site memory: lines that recur across a publisher's pages, learnt from the pages themselves.

    site        line                       pages   of    verdict
    sana.sy     Check Also                    48   50             soft evidence, the stronger the more pages
    sana.sy     Read our live blog             2   50             too few pages: no evidence
    sana.sy     Damascus, SANA-                1   50    keep     pinned by a person: decides

A line counts once per page. With fewer than three pages recurrence says nothing (near-identical articles recur too);
from three it lowers a line's odds, and never decides alone. Counts do not depend on the order in which pages are read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from copydesk.keys import line_key, line_keys
from copydesk.records import Document
from copydesk.text.decode import decode, is_binary
from copydesk.text.lines import split

__all__ = ["LEAST_PAGES", "Boilerplate", "count_lines", "line_key", "line_keys"]

LEAST_PAGES = 3
"""Pages on which a line must stand before that is evidence.

With two, dropping recurring lines did more harm than good on benchmark pages.
"""

_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Boilerplate:
    """What is known of each site's lines.

    Attributes:
        pages: Site -> pages counted.
        lines: Site -> line key -> pages with that line.
        pins: Site -> line key -> "keep" or "cut", as a person decided.
    """

    pages: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    pins: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def seen(self, site: str, key: int) -> int:
        """Return on how many pages of the site the line stood."""
        return self.lines.get(site, {}).get(key, 0)


def count_lines(documents: Iterable[Document]) -> Boilerplate:
    """Count the lines of texts, once per page and line.

    HTML, binary files and documents without a site are passed over.
    """
    pages: Counter[str] = Counter()
    lines: dict[str, Counter[int]] = defaultdict(Counter)
    for document in documents:
        if not document.site or document.media_type != "text/plain" or is_binary(document.content, document.charset):
            continue
        pages[document.site] += 1
        text = split(decode(document.content, document.charset).text)
        different = {text.bare[row] for row in text.rows}
        lines[document.site].update(set(line_keys([line for line in different if len(line) <= _LONGEST])))
    return Boilerplate(pages=dict(pages), lines={site: dict(counts) for site, counts in lines.items()})
