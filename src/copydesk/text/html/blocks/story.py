"""What the block model kept, as later rules ask about it: its paragraphs, its element, its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from copydesk.text.html.blocks.override_rules import has_words
from copydesk.text.html.dom.html_page import Element, Page, Place
from copydesk.text.html.features.measure_blocks import Array
from copydesk.text.refusals import fold_sentence
from copydesk.text.tokens.stems import SearchText, search_text

__all__ = ["Story", "content_words"]

_MIN_PROSE_CHARS = 60
"""Length from which a kept block is a paragraph of the story."""
_MIN_SHARE = 0.75
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{5,}")
_STEM_CHARS = 6
_MAX_CHARS = 20_000


@dataclass(frozen=True, kw_only=True)
class Story:
    """The kept blocks of a page.

    Attributes:
        page: The page.
        keep: Per block, whether it is kept.
        size: Characters per block.
        headline: Index of the block with the page's title, -1 without one.
    """

    page: Page
    keep: NDArray[np.bool_]
    size: Array
    headline: int

    def holds_headline(self, element: Element) -> bool:
        """Return whether an element has the headline inside."""
        return element.first <= self.headline < element.last

    def kept_in(self, element: Element) -> list[int]:
        """Return the indexes of the kept blocks of an element."""
        return (np.flatnonzero(self.keep[element.first : element.last]) + element.first).tolist()

    def prose_outside(self, first: int, last: int) -> float:
        """Return the characters of visible kept paragraphs outside of a range of blocks."""
        return sum(float(self.size[n]) for n in self.prose if not first <= n < last)

    @cached_property
    def kept(self) -> tuple[int, ...]:
        """Indexes of the kept blocks."""
        return tuple(np.flatnonzero(self.keep).tolist())

    @cached_property
    def lowered(self) -> dict[int, str]:
        """Index -> text of each kept block in lower case."""
        return {n: self.page.blocks[n].text.lower() for n in self.kept}

    @cached_property
    def text(self) -> SearchText:
        """The kept blocks in lower case, one a line."""
        return search_text("\n".join(self.lowered.values()))

    @cached_property
    def _folds(self) -> dict[int, str]:
        return {}

    def folded(self, n: int) -> str:
        """Return the text of a block as rules are written (`refusals.fold_sentence`)."""
        if n not in self._folds:
            self._folds[n] = fold_sentence(self.page.blocks[n].text)
        return self._folds[n]

    @cached_property
    def _said(self) -> dict[tuple[str, str, int], bool]:
        return {}

    def has_words(self, table: str, name: str, n: int) -> bool:
        """Return whether a block has one of the words of a list; elements in each other ask of the same blocks."""
        key = (table, name, n)
        if key not in self._said:
            self._said[key] = has_words(table, name, self.folded(n))
        return self._said[key]

    @cached_property
    def prose(self) -> tuple[int, ...]:
        """Indexes of the kept paragraphs that are neither hidden nor in a layer."""
        found = []
        for n in np.flatnonzero(self.keep & (self.size >= _MIN_PROSE_CHARS)).tolist():
            block = self.page.blocks[n]
            if not block.place & Place.LAYER and (not block.place & Place.HIDDEN or self._is_covered(block.element)):
                found.append(n)
        return tuple(found)

    def _is_covered(self, index: int) -> bool:
        """Return whether a hidden element holds the headline: an open dialog hides the article from screen readers."""
        elements = self.page.elements
        while elements[index].parent >= 0 and elements[elements[index].parent].place & Place.HIDDEN:
            index = elements[index].parent
        return self.holds_headline(elements[index])

    @cached_property
    def element(self) -> int:
        """Index of the innermost element with three quarters of the kept paragraphs, by length."""
        total = sum(float(self.size[n]) for n in self.prose)
        best = 0
        for index in self._chain():
            element = self.page.elements[index]
            held = sum(float(self.size[n]) for n in self.prose if element.first <= n < element.last)
            if held < _MIN_SHARE * total:
                break
            best = index
        return best

    def _chain(self) -> list[int]:
        """Return the elements from the root to the middle paragraph's."""
        if not self.prose:
            return [0]
        at, chain = self.page.blocks[self.prose[len(self.prose) // 2]].element, []
        while at >= 0:
            chain.append(at)
            at = self.page.elements[at].parent
        return chain[::-1]

    def is_inside(self, index: int) -> bool:
        """Return whether an element lies inside the story's element."""
        at = self.page.elements[index].parent
        while at >= 0:
            if at == self.element:
                return True
            at = self.page.elements[at].parent
        return False

    @cached_property
    def words(self) -> frozenset[str]:
        """Content words of the kept paragraphs and the headline."""
        texts = [self.page.blocks[n].text for n in self.prose]
        if self.headline >= 0:
            texts.append(self.page.blocks[self.headline].text)
        return content_words(" ".join(texts))


def content_words(text: str) -> frozenset[str]:
    """Return the first six letters of each long word, and the pairs of East Asian letters."""
    found: set[str] = set()
    for match in _TOKEN.finditer(text[:_MAX_CHARS].lower()):
        run = match[0]
        if "\u3040" <= run[0] <= "\ud7af":
            found.update(run[k : k + 2] for k in range(len(run) - 1))
        else:
            found.add(run[:_STEM_CHARS])
    return frozenset(found)
