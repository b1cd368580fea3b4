"""Build the parts of the article from the selected blocks: labelled blocks, paragraphs, captions, links."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

import numpy as np

from copydesk.records import KEPT_LABELS, Block, BlockEvidence, Caption, Label, Link, Paragraph, ParagraphKind
from copydesk.text.fast_records import block as new_block
from copydesk.text.html.blocks.certainty import ASIDE_POINTS, certainties
from copydesk.text.html.blocks.labelling import is_caption, label_cut_block
from copydesk.text.html.blocks.select_blocks import BlockSelection
from copydesk.text.html.dom.html_page import Page, PageBlock, Place
from copydesk.text.phrases.rules import Match
from copydesk.text.tokens.word_key import word_key

__all__ = ["captions_of", "label_blocks", "links_of", "paragraphs_of"]

_TITLE_SLACK = 20
_MAX_HEADING_CHARS = 300


def label_blocks(
    page: Page,
    selection: BlockSelection,
    title: str | None,
    phrases: dict[int, tuple[Match, ...]],
    evidence: list[tuple[BlockEvidence, ...]] | None,
) -> tuple[Block, ...]:
    """Return every block of the page with its label, rule and the certainty of what was decided."""
    wanted = word_key(title or "")
    limit = 2 * len(title or "") + _TITLE_SLACK
    same = [bool(wanted) and len(b.text) <= limit and _equals_title(b.text, wanted) for b in page.blocks]
    headline = _headline(page, same)
    by_site_rule = selection.extractor.startswith("site_rule:")
    found = []
    for n, (block, keep, decided) in enumerate(
        zip(page.blocks, selection.keep.tolist(), certainties(selection), strict=True)
    ):
        if same[n]:
            label, rule, kept = (Label.TITLE if n == headline else Label.TITLE_DUPLICATE), "html.title", False
        elif n in selection.overrides and keep == (selection.overrides[n].label in KEPT_LABELS):
            (label, rule), kept = selection.overrides[n], keep
        elif keep and not by_site_rule and is_caption(page, block):
            label, rule, kept = Label.CAPTION, "html.caption", False
        elif keep:
            heading = block.level and len(block.text) <= _MAX_HEADING_CHARS
            label, rule, kept = (Label.HEADING if heading else Label.BODY), _keep_rule(selection, n), True
        else:
            label, rule = label_cut_block(page, block, phrases.get(block.number, ()), selection.inside.get(n))
            kept = False
        place = page.where(block)
        sure = 1.0 if keep and not kept else decided
        why = evidence[n] if evidence is not None else ()
        if keep and not kept and evidence is not None:
            why = (_aside(label, rule), *why)
        found.append(new_block(block.number, block.text, "", label, kept, rule, sure, evidence=why, place=place))
    return tuple(found)


def _aside(label: Label, rule: str) -> BlockEvidence:
    """Return the evidence of what makes a block that would be kept the title or a caption."""
    detail = "the title and captions are no part of the text: they have fields of their own"
    return BlockEvidence(name="fact", rule=rule, points=-ASIDE_POINTS, label=label, detail=detail)


def _equals_title(text: str, wanted: str) -> bool:
    """Return whether a text has the words of the title; one that begins otherwise or is shorter cannot."""
    first = text[0]
    if (first.isalnum() and first.casefold()[0] != wanted[0]) or (text.isascii() and len(text) < len(wanted)):
        return False
    return word_key(text) == wanted


def _headline(page: Page, same: Sequence[bool]) -> int:
    """Return the index of the headline among the blocks with the title's words: the first heading, else the first."""
    places = [n for n, one in enumerate(same) if one]
    shown = [n for n in places if not page.blocks[n].place & (Place.HIDDEN | Place.NAV)]
    return next((n for n in shown if page.blocks[n].level), (shown or places or [-1])[0])


def _keep_rule(selection: BlockSelection, n: int) -> str:
    """Return the id of the rule that kept a block."""
    if selection.priors is not None and selection.priors.pins[n] > 0:
        return "pin.keep"
    return selection.extractor if selection.extractor.startswith("site_rule:") else f"html.{selection.stage}.keep"


def paragraphs_of(page: Page, blocks: Sequence[Block]) -> tuple[Paragraph, ...]:
    """Return the kept blocks as paragraphs of the kind their markup gives."""
    return tuple(_paragraph(page.blocks[b.number - 1], b) for b in blocks if b.kept)


def _paragraph(source: PageBlock, block: Block) -> Paragraph:
    kind, level = ParagraphKind.PARAGRAPH, 0
    if block.label is Label.HEADING:
        kind, level = ParagraphKind.HEADING, source.level
    elif source.place & Place.PRE:
        kind = ParagraphKind.CODE
    elif source.tag in ("tr", "td", "th"):
        kind = ParagraphKind.TABLE if source.tag != "td" else ParagraphKind.PARAGRAPH
    elif source.tag in ("li", "dd", "dt") or (source.list_depth and source.tag == "p"):
        kind, level = ParagraphKind.LIST_ITEM, max(1, source.list_depth)
    elif source.place & Place.QUOTE:
        kind = ParagraphKind.QUOTE
    return Paragraph(kind=kind, text=block.text, block=block.number, level=level)


def captions_of(page: Page, blocks: Sequence[Block], url: str | None) -> tuple[Caption, ...]:
    """Return the captions, each with the URL of the last picture before it."""
    before = np.array([image.before for image in page.images], np.int64)
    found = []
    for block in blocks:
        if block.label is Label.CAPTION:
            at = int(np.searchsorted(before, block.number - 1, side="right")) - 1
            image = page.images[at].url if at >= 0 else None
            found.append(Caption(text=block.text, image_url=_absolute(image, url), block=block.number))
    return tuple(found)


def links_of(page: Page, blocks: Sequence[Block], url: str | None) -> tuple[Link, ...]:
    """Return the links inside kept blocks, with absolute URLs."""
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
