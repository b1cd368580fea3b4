"""An HTML document in, an Extraction out: every visible block kept or cut with a label and a rule, and the article.

Document --read_page--> Page --measure--> rows --choose--> keep? --labels--> Block*
                         |                                            |
                         +--read_metadata--> title, dates, authors    +--> paragraphs, captions, links
"""

from __future__ import annotations

from urllib.parse import urljoin

import numpy as np

from copydesk.records import (
    Block,
    Caption,
    Document,
    Extraction,
    Label,
    Link,
    PageKind,
    Paragraph,
    ParagraphKind,
    Rejection,
)
from copydesk.text.html.choose import Choice, choose
from copydesk.text.html.declared import read_declared
from copydesk.text.html.features import measure
from copydesk.text.html.hints import hints_of
from copydesk.text.html.labelling import name_cut_block
from copydesk.text.html.metadata import Metadata, read_metadata
from copydesk.text.html.page import Page, PageBlock, Place, read_page
from copydesk.text.html.titles import bare

__all__ = ["extract_html"]


def extract_html(
    document: Document,
    *,
    extractor: str = "auto",
    memory: object = None,
    explain: bool = False,
    site_rules: object = None,
    detect_kind: bool = True,
) -> Extraction:
    """Extract the article of one HTML page; never raises, whatever the bytes.

    Args:
        document: The page's bytes and what is known about them.
        extractor: `auto`, `blocks` or `trafilatura`.
        memory: The site memory, a further witness.
        explain: Fill `Block.witnesses`.
        site_rules: The user's own rules by site.
        detect_kind: Refuse what is not an article.
    """
    page = read_page(document.content, document.charset)
    if page.rejection is not None or page.tree is None:
        return _refused(document, page)
    declared = read_declared(page.tree, document.url)
    measured = measure(page, hints_of(declared))
    choice = choose(page, measured, extractor)
    metadata = read_metadata(
        page, url=document.url, language=document.language or "und", document=document, declared=declared
    )
    blocks = _blocks(page, choice, metadata)
    paragraphs = tuple(_paragraph(page.blocks[b.number - 1], b) for b in blocks if b.kept)
    rejection = None
    if not paragraphs:
        rejection = Rejection(stage="extract", reason="no_text", detail="no block looks like an article's text")
    return Extraction(
        document_id=document.document_id,
        kind=PageKind.ARTICLE if paragraphs else PageKind.EMPTY,
        extractor=choice.extractor,
        charset=page.charset,
        blocks=blocks,
        title=metadata.title,
        paragraphs=paragraphs,
        authors=metadata.authors,
        published=metadata.published,
        modified=metadata.modified,
        section_path=metadata.section_path,
        tags=metadata.tags,
        publisher=metadata.publisher,
        language=document.language or metadata.language or "und",
        captions=_captions(page, blocks, document.url),
        links=_links(page, blocks, document.url),
        image_url=metadata.image_url,
        canonical_url=metadata.canonical_url,
        confidence=choice.confidence,
        evidence=metadata.evidence,
        findings=page.findings,
        rejection=rejection,
    )


def _refused(document: Document, page: Page) -> Extraction:
    kind = PageKind.SHELL if page.rejection and page.rejection.reason == "script_only" else PageKind.EMPTY
    return Extraction(
        document_id=document.document_id,
        kind=kind,
        extractor="blocks",
        charset=page.charset,
        findings=page.findings,
        rejection=page.rejection,
    )


def _blocks(page: Page, choice: Choice, metadata: Metadata) -> tuple[Block, ...]:
    title = bare(metadata.title or "")
    headline = next((b.number for b in page.blocks if b.level and title and bare(b.text) == title), 0)
    found = []
    for block, keep, p in zip(page.blocks, choice.keep.tolist(), choice.probability.tolist(), strict=True):
        if title and len(block.text) <= 2 * len(metadata.title or "") + 20 and bare(block.text) == title:
            first = block.number == headline or not headline
            headline = headline or block.number
            label, rule, keep = (Label.TITLE if first else Label.TITLE_DUPLICATE), "html.title", False
        elif keep:
            label, rule = (Label.HEADING if block.level else Label.BODY), "html.model.keep"
        else:
            label, rule = name_cut_block(page, block, None)
        found.append(
            Block(
                number=block.number,
                text=block.text,
                label=label,
                kept=keep,
                rule=rule,
                confidence=max(p, 1 - p),
                place=page.where(block),
            )
        )
    return tuple(found)


def _paragraph(source: PageBlock, block: Block) -> Paragraph:
    kind, level = ParagraphKind.PARAGRAPH, 0
    if source.level:
        kind, level = ParagraphKind.HEADING, source.level
    elif source.place & Place.PRE:
        kind = ParagraphKind.CODE
    elif source.place & Place.TABLE and source.tag in ("tr", "td", "th"):
        kind = ParagraphKind.TABLE
    elif source.tag in ("li", "dd", "dt") or (source.list_depth and source.tag == "p"):
        kind, level = ParagraphKind.LIST_ITEM, max(1, source.list_depth)
    elif source.place & Place.QUOTE:
        kind = ParagraphKind.QUOTE
    return Paragraph(kind=kind, text=block.text, block=block.number, level=level)


def _captions(page: Page, blocks: tuple[Block, ...], url: str | None) -> tuple[Caption, ...]:
    before = np.array([image.before for image in page.images])
    found = []
    for block in blocks:
        if block.label is Label.CAPTION:
            at = int(np.searchsorted(before, block.number - 1, side="right")) - 1
            image = page.images[at].url if at >= 0 else None
            found.append(Caption(text=block.text, image_url=_absolute(image, url), block=block.number))
    return tuple(found)


def _links(page: Page, blocks: tuple[Block, ...], url: str | None) -> tuple[Link, ...]:
    found = []
    for block in blocks:
        if block.kept:
            for link in page.blocks[block.number - 1].links:
                address = _absolute(link.href, url)
                if address is not None:
                    found.append(Link(url=address, text=link.text, block=block.number))
    return tuple(found)


def _absolute(address: str | None, url: str | None) -> str | None:
    if not address:
        return None
    try:
        whole = urljoin(url or "", address.strip())
    except ValueError:
        return None
    return whole if whole.startswith(("http://", "https://")) else None
