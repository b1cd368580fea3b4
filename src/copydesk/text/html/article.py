"""An HTML document in, an Extraction out: every visible block kept or cut with a label and a rule, and the article.

Document --read_page--> Page --measure--> rows --choose--> keep? --label_blocks--> Block* --> paragraphs, links, ...
                         |
                         +--read_metadata--> title, dates, authors --classify--> kind of page
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.records import Document, Evidence, Extraction, Finding, PageKind, Paragraph, Rejection, Severity
from copydesk.text.html.blocks.block_evidence import explain_block
from copydesk.text.html.blocks.build_article import captions_of, label_blocks, links_of, paragraphs_of
from copydesk.text.html.blocks.priors import phrases_in, remember
from copydesk.text.html.blocks.select_blocks import Choice, select_blocks
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.features.measure_blocks import measure_blocks
from copydesk.text.html.metadata.head import hints_of, read_declared
from copydesk.text.html.metadata.read_metadata import Metadata, read_metadata
from copydesk.text.html.page_kind.classify import classify_page
from copydesk.text.html.page_kind.truncation import truncation_signs
from copydesk.text.html.site_rules.apply_site_rule import apply_fields
from copydesk.text.html.site_rules.match_site_rule import apply_site_rule
from copydesk.text.language import UNKNOWN, detect
from copydesk.text.tree_ensemble import TreeEnsemble

if TYPE_CHECKING:
    from copydesk.text.boilerplate import Boilerplate
    from copydesk.text.html.site_rules.load_site_rules import SiteRules

__all__ = ["extract_html"]

_TAIL = 3
_LANGUAGE_CHARS = 2_000


def extract_html(
    document: Document,
    *,
    extractor: str = "auto",
    boilerplate: Boilerplate | None = None,
    explain: bool = False,
    site_rules: SiteRules | None = None,
    detect_kind: bool = True,
    forests: dict[str, TreeEnsemble] | None = None,
) -> Extraction:
    """Extract the article of one HTML page; a page without one is an Extraction with a rejection.

    Args:
        document: The page's bytes and what is known about them.
        extractor: `auto`, `blocks` (the model alone) or `trafilatura` (its choice of blocks, where it answers).
        boilerplate: Lines that recur across the document's site, and what people pinned.
        explain: Fill `Block.evidence`.
        site_rules: The user's own rules by site.
        detect_kind: Refuse what is not an article; False keeps the kind but refuses nothing.
        forests: Another block model than the package's (for the benchmark's folds).
    """
    page = read_page(document.content, document.charset)
    if page.rejection is not None or page.tree is None:
        return _refused(document, page)
    declared = read_declared(page.tree, document.url)
    hints = hints_of(declared)
    rule = site_rules.find(document.url, document.captured_at) if site_rules is not None else None
    choice = select_blocks(
        page,
        measure_blocks(page, hints),
        extractor,
        remembered=remember(page, boilerplate, document.site),
        site=apply_site_rule(page, rule) if rule is not None else None,
        forests=forests,
    )
    language = document.language or _language(page, choice)
    metadata = read_metadata(page, url=document.url, language=language, document=document, declared=declared)
    metadata = apply_fields(metadata, choice.site, language, document)
    phrases = phrases_in([b for b, keep in zip(page.blocks, choice.keep.tolist(), strict=True) if explain or not keep])
    evidence = explain_block(page, choice, hints, phrases, forests) if explain else None
    blocks = label_blocks(page, choice, metadata.title, phrases, evidence)
    paragraphs = paragraphs_of(page, blocks)
    kind, signal, rejection = _judge(page, metadata, paragraphs, document.url, detect_kind=detect_kind)
    truncated, sign = _truncation(page, metadata, paragraphs)
    return Extraction(
        document_id=document.document_id,
        kind=kind,
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
        language=language if language != UNKNOWN else metadata.language or UNKNOWN,
        captions=captions_of(page, blocks, document.url),
        links=links_of(page, blocks, document.url),
        image_url=metadata.image_url,
        canonical_url=metadata.canonical_url,
        confidence=choice.confidence,
        truncated=truncated,
        evidence=(*metadata.evidence, Evidence(field="kind", value=kind, source="page", chosen=True, reason=signal)),
        findings=(
            *page.findings,
            *(choice.site.findings if choice.site is not None else ()),
            *((Finding(rule="truncated", severity=Severity.WARN, detail=sign),) if truncated else ()),
        ),
        rejection=rejection,
    )


def _refused(document: Document, page: Page) -> Extraction:
    shell = page.rejection is not None and page.rejection.reason == "script_only"
    return Extraction(
        document_id=document.document_id,
        kind=PageKind.SHELL if shell else PageKind.EMPTY,
        extractor="blocks",
        charset=page.charset,
        findings=page.findings,
        rejection=page.rejection,
    )


def _language(page: Page, choice: Choice) -> str:
    """The language of the kept text, of the whole page where nothing was kept."""
    kept = [b.text for b, keep in zip(page.blocks, choice.keep.tolist(), strict=True) if keep]
    text, size = [], 0
    for one in kept or [b.text for b in page.blocks]:
        text.append(one)
        size += len(one)
        if size > _LANGUAGE_CHARS:
            break
    return detect(" ".join(text))


def _judge(
    page: Page, metadata: Metadata, paragraphs: tuple[Paragraph, ...], url: str | None, *, detect_kind: bool
) -> tuple[PageKind, str, Rejection | None]:
    """The kind of page, the sign that said so, and why there is nothing to load, if there is not."""
    chars = sum(len(p.text) for p in paragraphs)
    sources = [page.blocks[p.block - 1] for p in paragraphs]
    kind, signal = classify_page(
        page,
        metadata,
        body_chars=chars,
        body_words=sum(p.text.count(" ") + 1 for p in paragraphs),
        paragraph_share=sum(len(b.text) for b in sources if b.tag == "p") / max(1, chars),
        link_density=sum(b.link_chars for b in sources) / max(1, chars),
        url=url,
    )
    if detect_kind and kind is not PageKind.ARTICLE:
        return kind, signal, Rejection(stage="extract", reason=kind.value, detail=signal)
    if not paragraphs:
        return (
            kind,
            signal,
            Rejection(stage="extract", reason="no_text", detail="no block looks like an article's text"),
        )
    return kind, signal, None


def _truncation(page: Page, metadata: Metadata, paragraphs: tuple[Paragraph, ...]) -> tuple[bool, str]:
    if not paragraphs:
        return False, ""
    last = paragraphs[-1].block
    tail = [p.text for p in paragraphs[-_TAIL:]] + [b.text for b in page.blocks[last : last + _TAIL]]
    return truncation_signs(page, metadata, body_words=sum(p.text.count(" ") + 1 for p in paragraphs), tail=tail)
