"""Several pages of one article as one document, and their extractions as one.

    <first page>
    <!--copydesk:next-page https://example.org/story?page=2-->
    <second page>

The fetcher writes such a document, so the archive holds every page byte for byte with its address, and extraction stays
a function of one document's bytes. Each page is extracted by itself; paragraphs and blocks follow each other, and what
every page repeats (title, lead) is cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from copydesk.records import Block, Evidence, Extraction, Finding, Label, Paragraph, Severity
from copydesk.text.html.page_kind.page_parts import MAX_PARTS
from copydesk.text.tokens.word_key import word_key

__all__ = ["join_content", "join_extractions", "split_content"]

_MARK = b"<!--copydesk:next-page "
_SEPARATOR = re.compile(rb"\n<!--copydesk:next-page (https?://[\x21-\x3d\x3f-\x7e]{1,2000})-->\n")
_MIN_REPEATED_CHARS = 20
"""Shorter paragraphs may occur on two pages: a subheading, an answer."""
RULE = "html.part.repeated"


def join_content(first: bytes, further: Sequence[tuple[str, bytes]]) -> bytes:
    """Return one document of an article's pages.

    Args:
        first: The first page.
        further: (address, content) of the others, in order.
    """
    return first + b"".join(b"\n" + _MARK + url.encode("ascii") + b"-->\n" + content for url, content in further)


def split_content(content: bytes) -> list[tuple[str | None, bytes]]:
    """Return (address, content) of the pages of a document; the first has no address of its own."""
    if _MARK not in content:
        return [(None, content)]
    pieces = _SEPARATOR.split(content)
    if len(pieces) > 2 * MAX_PARTS:
        return [(None, content)]
    addresses: list[str | None] = [None, *(url.decode("ascii") for url in pieces[1::2])]
    return list(zip(addresses, pieces[::2], strict=True))


def join_extractions(pages: Sequence[tuple[str | None, Extraction]]) -> Extraction:
    """Return the article of several pages: the first page's, with the text of the others behind it."""
    first = pages[0][1]
    if first.rejection is not None or len(pages) == 1:
        return first
    blocks, paragraphs = list(first.blocks), list(first.paragraphs)
    captions, links, evidence = list(first.captions), list(first.links), list(first.evidence)
    seen = {word_key(p.text) for p in paragraphs if len(p.text) >= _MIN_REPEATED_CHARS}
    for number, (url, page) in enumerate(pages[1:], start=2):
        offset = len(blocks)
        own = [_block(block, offset, number, seen) for block in page.blocks]
        kept = {block.number for block in own if block.kept}
        blocks += own
        moved = [replace(p, block=p.block + offset) for p in page.paragraphs]
        new = [p for p in moved if p.block in kept]
        paragraphs += new
        seen |= {word_key(p.text) for p in new if len(p.text) >= _MIN_REPEATED_CHARS}
        captions += [replace(c, block=c.block + offset) for c in page.captions]
        links += [replace(k, block=k.block + offset) for k in page.links if k.block + offset in kept]
        evidence.append(_evidence(url or "", number, new))
    addresses = ", ".join(url or "" for url, _ in pages[1:])
    detail = f"{len(pages)} pages of one article: behind the first {addresses}"[:1_000]
    finding = Finding(rule="joined_pages", severity=Severity.INFO, value=float(len(pages)), detail=detail)
    return replace(
        first,
        blocks=tuple(blocks),
        paragraphs=tuple(paragraphs),
        captions=tuple(captions),
        links=tuple(links),
        evidence=tuple(evidence),
        findings=(*first.findings, finding),
        confidence=min(page.confidence for _, page in pages),
    )


def _block(block: Block, offset: int, number: int, seen: set[str]) -> Block:
    """Return a block of a further page: numbered on, and cut where an earlier page has the same text."""
    moved = replace(block, number=block.number + offset, place=f"page[{number}]/{block.place or ''}")
    if moved.kept and len(moved.text) >= _MIN_REPEATED_CHARS and word_key(moved.text) in seen:
        return replace(moved, kept=False, label=Label.OTHER, rule=RULE)
    return replace(moved, label=Label.TITLE_DUPLICATE) if moved.label is Label.TITLE else moved


def _evidence(url: str, number: int, paragraphs: Sequence[Paragraph]) -> Evidence:
    chars = sum(len(p.text) for p in paragraphs)
    reason = f"page {number} of the article, joined: {len(paragraphs)} paragraphs, {chars} characters"
    return Evidence(field="body", value=url, source="page", chosen=chars > 0, reason=reason)
