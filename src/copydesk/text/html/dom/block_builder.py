"""Collect text pieces between two block boundaries, with links, bold and line breaks, and build blocks from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import cast

from copydesk.text.html.dom.html_page import Element, Image, PageBlock, PageLink, Place

__all__ = ["BlockBuilder", "WalkResult", "fold"]

# Soft hyphens, byte-order marks and control characters; ZWNJ and ZWJ join letters and stay.
_DROPPED = dict.fromkeys((173, 65279, *range(9), 11, 12, *range(14, 32), *range(127, 160)))
# What the constructors of named tuples do, without a call of Python each.
_new_block = cast("Callable[[tuple[object, ...]], PageBlock]", partial(tuple.__new__, PageBlock))
_new_link = cast("Callable[[tuple[str, str]], PageLink]", partial(tuple.__new__, PageLink))
_MIN_PARAGRAPH_CHARS = 120
"""Minimum length of a line between two single <br> that is a paragraph, not a line of verse or an address."""


def fold(text: str) -> str:
    """Collapse white space and remove soft hyphens, byte-order marks and controls; ZWNJ and ZWJ stay."""
    text = " ".join(text.split())
    return text if text.isprintable() else text.translate(_DROPPED).strip(" \u200b")


@dataclass(slots=True)
class WalkResult:
    """Elements, blocks and pictures of a page, each in page order."""

    elements: list[Element] = field(default_factory=list)
    blocks: list[PageBlock] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


@dataclass(slots=True)
class TextRun:
    """Text pieces since the last block boundary.

    Attributes:
        pieces: Text nodes as they are in the source.
        links: (href, first piece, end piece) of each link.
        bold: (first piece, end piece) of each bold range.
        lines: Indexes of pieces that follow a single <br>.
        names: Names of the inline element the text starts with.
        broken: 1 where a <br> ended the block before.
    """

    pieces: list[str] = field(default_factory=list)
    links: list[tuple[str, int, int]] = field(default_factory=list)
    bold: list[tuple[int, int]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    names: str = ""
    broken: int = 0

    def clear(self) -> None:
        """Empty the run; reuse its lists, since most runs of a page hold white space only."""
        self.pieces.clear()
        if self.links:
            self.links.clear()
        if self.bold:
            self.bold.clear()
        if self.lines:
            self.lines.clear()
        self.names, self.broken = "", 0


class BlockBuilder:
    """State of one walk.

    Attributes:
        out: What has been built.
        run: Text since the last block boundary.
        has_text: Whether that text is more than white space.
        ranks: (parent, tag) -> number of such elements.
        at: Index of the open block-level element, -1 before the first.
        lists: Number of open lists.
        level: Level of the open heading, else 0.
        href, href_from: Open link, and the piece it starts with.
        bold, bold_from: Number of open bold elements, and the piece they start with.
    """

    def __init__(self) -> None:
        self.out = WalkResult()
        self.run = TextRun()
        self.has_text = False
        self.ranks: dict[tuple[int, str], int] = {}
        self.at = -1
        self.lists = 0
        self.level = 0
        self.href: str | None = None
        self.href_from = 0
        self.bold = 0
        self.bold_from = 0

    def flush(self, broken: int = 0) -> None:
        """End the block: build one block, or several where single <br> separate long lines."""
        run = self.run
        if self.has_text:
            self.has_text = False
            self._close_marks()
            if not run.lines:
                self._add(run, 0, len(run.pieces))
            else:
                self._add_lines(run)
            run.clear()
            self.href_from = self.bold_from = 0
        elif run.pieces:  # white space, as most runs are
            run.pieces.clear()
            if run.links or run.bold or run.lines or run.names or run.broken:
                run.clear()
            self.href_from = self.bold_from = 0
        elif run.broken or run.names:
            run.clear()
            self.href_from = self.bold_from = 0
        if broken:
            run.broken = 1

    def _close_marks(self) -> None:
        end = len(self.run.pieces)
        if self.href is not None and end > self.href_from:
            self.run.links.append((self.href, self.href_from, end))
        if self.bold and end > self.bold_from:
            self.run.bold.append((self.bold_from, end))

    def _add_lines(self, run: TextRun) -> None:
        cuts = [0, *run.lines, len(run.pieces)]
        spans = list(pairwise(cuts))
        sizes = [sum(map(len, run.pieces[a:b])) for a, b in spans]
        start, size = 0, sizes[0]
        for (a, _), here in zip(spans[1:], sizes[1:], strict=True):
            if max(size, here) >= _MIN_PARAGRAPH_CHARS:
                self._add(run, start, a)
                start, size = a, here
                run.broken = 1
            else:
                size = max(size, here)
        self._add(run, start, len(run.pieces))

    def _add(self, run: TextRun, start: int, end: int) -> None:
        element = self.out.elements[self.at]
        place = element.place
        if run.lines or place & Place.PRE:
            breaks = [n for n in run.lines if start < n < end]
            text = self._text(run.pieces, start, end, breaks, place)
        else:
            text = fold("".join(run.pieces))
        if not text:
            return
        size = len(text)
        links = self._links(run, start, end, text if not place & Place.PRE else "") if run.links else ()
        linked = size if place & Place.LINK else min(size, sum([len(link[1]) for link in links])) if links else 0
        bold = min(size, self._bold(run, start, end)) if run.bold else 0
        blocks = self.out.blocks
        blocks.append(
            _new_block(
                (
                    len(blocks) + 1,
                    text,
                    element.tag,
                    self.at,
                    place,
                    self.level,
                    self.lists,
                    links,
                    linked,
                    bold,
                    run.names,
                    run.broken,
                )
            )
        )

    def _links(self, run: TextRun, start: int, end: int, whole: str) -> tuple[PageLink, ...]:
        """Return the links of a block; `whole` is its folded text, and that of a link around all of it."""
        if whole and len(run.links) == 1 and not run.lines:
            href, first, last = run.links[0]
            if not "".join([*run.pieces[start:first], *run.pieces[last:end]]).strip():
                return (_new_link((href, whole)),)
        stretches = [(href, max(a, start), min(b, end)) for href, a, b in run.links if a < end and b > start]
        return tuple(
            [_new_link((href, words)) for href, a, b in stretches if (words := fold("".join(run.pieces[a:b])))]
        )

    def _bold(self, run: TextRun, start: int, end: int) -> int:
        stretches = [(max(a, start), min(b, end)) for a, b in run.bold if a < end and b > start]
        return sum([len("".join(run.pieces[a:b]).strip()) for a, b in stretches])

    def _text(self, pieces: list[str], start: int, end: int, breaks: list[int], place: int) -> str:
        if place & Place.PRE:
            return "".join(pieces[start:end]).translate(_DROPPED).replace("\r", "").rstrip().strip("\n")
        if not breaks:
            return fold("".join(pieces[start:end]))
        cuts = [start, *breaks, end]
        lines = (fold("".join(pieces[a:b])) for a, b in pairwise(cuts))
        return "\n".join(filter(None, lines))

    def line_break(self) -> None:
        """Handle <br>: one is a line break, two without text between them are a block boundary."""
        run = self.run
        if self.out.elements[self.at].place & Place.PRE:
            run.pieces.append("\n")
            return
        if run.lines and not "".join(run.pieces[run.lines[-1] :]).strip():
            run.lines.pop()
            self.flush(broken=1)
        elif run.pieces:
            run.lines.append(len(run.pieces))

    def open_link(self, href: str) -> None:
        """Start a link; insert a blank where it follows another link directly."""
        run = self.run
        if run.links and run.links[-1][2] == len(run.pieces):
            run.pieces.append(" ")
        self.href, self.href_from = href, len(run.pieces)

    def close_link(self) -> None:
        """End the open link."""
        if self.href is not None and len(self.run.pieces) > self.href_from:
            self.run.links.append((self.href, self.href_from, len(self.run.pieces)))
        self.href = None
