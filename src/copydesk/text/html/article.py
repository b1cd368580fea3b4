"""Extract the article of an HTML page: every visible block with label and rule, the body, the metadata, the page kind.

Document --read_page--> Page --measure_blocks--> features --select_blocks--> kept blocks --label_blocks--> Block*
                         |                                                    +--> paragraphs, links, captions
                         +--read_metadata--> title, dates, authors --classify_page--> kind of page
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from copydesk.records import Document, Evidence, Extraction, Finding, PageKind, Paragraph, Rejection, Severity
from copydesk.text.calibration import calibrated
from copydesk.text.cut_off import html_cut_off
from copydesk.text.html.blocks.block_evidence import explain_block
from copydesk.text.html.blocks.build_article import captions_of, label_blocks, links_of, paragraphs_of
from copydesk.text.html.blocks.priors import boilerplate_priors, phrases_in, ruled_blocks
from copydesk.text.html.blocks.select_blocks import BlockSelection, select_blocks
from copydesk.text.html.blocks.select_data import select_data
from copydesk.text.html.dom.html_page import Page, Place
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.dom.template import template_sketch
from copydesk.text.html.features.measure_blocks import BlockMeasures, measure_blocks
from copydesk.text.html.metadata.head import Head, hints_of, read_head
from copydesk.text.html.metadata.page_data import DataText, article_body, page_data
from copydesk.text.html.metadata.read_metadata import Metadata, read_metadata
from copydesk.text.html.page_kind.classify import classify_page
from copydesk.text.html.page_kind.joined_pages import join_extractions, split_content
from copydesk.text.html.page_kind.page_parts import part_signs
from copydesk.text.html.page_kind.several_posts import several_posts
from copydesk.text.html.page_kind.truncation import is_paid, truncation_signs
from copydesk.text.html.site_rules.apply_site_rule import apply_site_rule
from copydesk.text.html.site_rules.match_site_rule import match_site_rule
from copydesk.text.language import UNKNOWN, detect
from copydesk.text.phrases.rules import PhraseTable
from copydesk.text.refusals import MAX_BODY_CHARS, Refusal, find_refusal
from copydesk.text.tree_ensemble import TreeEnsemble

if TYPE_CHECKING:
    from copydesk.text.boilerplate import Boilerplate
    from copydesk.text.html.site_rules.load_site_rules import SiteRules

__all__ = ["extract_html"]

_TAIL_BLOCKS = 3
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MAX_LANGUAGE_CHARS = 2_000
_MAX_SHOWN_CHARS = 600
"""Characters of body above which no data is searched: the page shows its article, whatever else its data holds."""
_MAX_SHOWN_SHARE = 0.4
"""Share of a text in the data above which the page counts as showing it."""
_MIN_UNTITLED_CHARS = 1_500
"""Length of a text in the data from which it is taken without the title beside it, on a page that shows nothing."""
_MAX_EVIDENCE_CHARS = 200
_MAY_HAVE_DATA = frozenset((PageKind.ARTICLE, PageKind.SHELL, PageKind.EMPTY, PageKind.OTHER, PageKind.MEDIA))
_OUTSIDE = Place.HIDDEN | Place.NAV | Place.FOOTER


def extract_html(
    document: Document,
    *,
    extractor: str = "auto",
    boilerplate: Boilerplate | None = None,
    explain: bool = False,
    site_rules: SiteRules | None = None,
    phrases: PhraseTable | None = None,
    detect_kind: bool = True,
    forests: dict[str, TreeEnsemble] | None = None,
) -> Extraction:
    """Extract the article of one HTML page; a page without one gives an Extraction with a rejection.

    Args:
        document: The bytes of the page and what is known about them.
        extractor: `auto`, `blocks` (the model alone) or `trafilatura` (its blocks, where it finds text).
        boilerplate: Recurring and pinned lines of the document's site.
        explain: Fill `Block.evidence`.
        site_rules: The user's rules by site.
        phrases: Compiled phrase rules; None for the package's.
        detect_kind: Reject pages of another kind than article; False: only report the kind.
        forests: Block models instead of the package's (for the benchmark's folds).
    """
    pages = split_content(document.content)
    joined = len(pages) > 1
    given = _Given(document, extractor, boilerplate, explain, site_rules, phrases, detect_kind, forests, joined)
    if not joined:
        return _extract_page(given)
    first, *further = ((url, replace(document, content=content, url=url or document.url)) for url, content in pages)
    found = [(first[0], _extract_page(given._replace(document=first[1])))]
    found += [(url, _extract_page(given._replace(document=one, detect_kind=False))) for url, one in further]
    return join_extractions(found)


def _extract_page(given: _Given) -> Extraction:
    """Extract one page: from its blocks, or from its data where these have the text."""
    document = given.document
    page = read_page(document.content, document.charset)
    if page.tree is None:
        return _refused(document, page)
    head = read_head(page.tree, document.url)
    found = _refused(document, page) if page.rejection is not None else _extract(given, page, head)
    data = _hidden_text(page, head, found)
    return found if data is None else _extract_data(given, page, found, data)


class _Given(NamedTuple):
    """What `extract_html` was called with; `joined`: the document is one of several pages that are joined."""

    document: Document
    extractor: str
    boilerplate: Boilerplate | None
    explain: bool
    site_rules: SiteRules | None
    phrases: PhraseTable | None
    detect_kind: bool
    forests: dict[str, TreeEnsemble] | None
    joined: bool


def _hidden_text(page: Page, head: Head, found: Extraction) -> DataText | None:
    """Return the text that stands only in the page's data, where the page shows much less; None of a paid article."""
    if found.kind not in _MAY_HAVE_DATA or page.tree is None:
        return None
    shown = sum(len(p.text) for p in found.paragraphs)
    if shown >= _MAX_SHOWN_CHARS or is_paid(head):
        return None
    data = article_body(head.data.article)
    if data is None and ("<script" in page.html or "data-page" in page.html):
        data = page_data(page.tree, hints_of(head).titles)
        if data is not None and not data.titled and (shown or data.chars < _MIN_UNTITLED_CHARS):
            return None  # of another story, most likely
    return data if data is not None and shown < _MAX_SHOWN_SHARE * data.chars else None


def _extract_data(given: _Given, page: Page, found: Extraction, data: DataText) -> Extraction:
    """Extract the page with the text of its data put behind its own, as the article."""
    end = page.html.lower().rfind("</body")
    html = page.html[:end] + data.element() + page.html[end:] if end >= 0 else page.html + data.element()
    filled = read_page(html.encode("utf-8", "replace"), "utf-8")
    if filled.tree is None or filled.rejection is not None:
        return found
    head = read_head(filled.tree, given.document.url)
    filled = replace(filled, charset=page.charset, findings=page.findings)
    again = _extract(given, filled, head, data=data)
    shown = sum(len(p.text) for p in found.paragraphs)
    detail = f"the page shows {shown} characters of the text, {data.chars} are only in its data: {data.source}"
    finding = Finding(rule="text_from_data", severity=Severity.INFO, value=float(data.chars), detail=detail)
    value = again.paragraphs[0].text[:_MAX_EVIDENCE_CHARS] if again.paragraphs else ""
    source = "json-ld" if data.source.startswith("articleBody") else "data"
    evidence = Evidence(field="body", value=value, source=source, chosen=True, reason=f"only in {data.source}")
    return replace(again, findings=(*again.findings, finding), evidence=(*again.evidence, evidence))


def _extract(given: _Given, page: Page, head: Head, *, data: DataText | None = None) -> Extraction:
    """Extract a page with blocks; with `data`, the element that holds its text is the article."""
    document, phrases, forests = given.document, given.phrases, given.forests
    hints = hints_of(head)
    rules = given.site_rules
    rule = rules.find(document.url, document.captured_at) if rules is not None else None
    measured = measure_blocks(page, hints)
    selection = select_blocks(
        page,
        measured,
        given.extractor if data is None else "blocks",
        priors=boilerplate_priors(page, given.boilerplate, document.site),
        site=match_site_rule(page, rule) if rule is not None and data is None else None,
        ruled=ruled_blocks(page.blocks, phrases),
        forests=forests,
    )
    if data is not None:
        selection = select_data(page, selection)
    language = document.language or _language(page, selection)
    metadata = read_metadata(page, url=document.url, language=language, document=document, head=head)
    metadata = apply_site_rule(metadata, selection.site, language, document)
    asked = [b for b, keep in zip(page.blocks, selection.keep.tolist(), strict=True) if given.explain or not keep]
    named = phrases_in(asked, phrases)
    evidence = explain_block(page, selection, named, forests) if given.explain else None
    blocks = label_blocks(page, selection, metadata.title, named, evidence)
    paragraphs = paragraphs_of(page, blocks)
    kind, reason, rejection = _classify(page, metadata, paragraphs, document.url, detect_kind=given.detect_kind)
    truncated, sign = _truncation(page, metadata, paragraphs, measured, document.url, joined=given.joined)
    return Extraction(
        document_id=document.document_id,
        kind=kind,
        extractor=selection.extractor,
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
        confidence=_confidence(selection),
        template=template_sketch(page),
        truncated=truncated,
        evidence=(*metadata.evidence, Evidence(field="kind", value=kind, source="page", chosen=True, reason=reason)),
        findings=(
            *page.findings,
            *(selection.site.findings if selection.site is not None else ()),
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


def _language(page: Page, selection: BlockSelection) -> str:
    """Detect the language of the kept text, of the whole page where nothing was kept."""
    kept = [b.text for b, keep in zip(page.blocks, selection.keep.tolist(), strict=True) if keep]
    text, size = [], 0
    for one in kept or [b.text for b in page.blocks]:
        text.append(one)
        size += len(one)
        if size > _MAX_LANGUAGE_CHARS:
            break
    return detect(" ".join(text))


def _classify(
    page: Page, metadata: Metadata, paragraphs: tuple[Paragraph, ...], url: str | None, *, detect_kind: bool
) -> tuple[PageKind, str, Rejection | None]:
    """Return the kind of page, the reason in words, and the rejection, if any."""
    refusal = _refusal(page, metadata, paragraphs)
    if refusal is not None:
        rejection = Rejection(stage="extract", reason=refusal.kind.value, detail=refusal.reason, rule=refusal.rule)
        return refusal.kind, refusal.reason, rejection if detect_kind or not paragraphs else None
    chars = sum(len(p.text) for p in paragraphs)
    sources = [page.blocks[p.block - 1] for p in paragraphs]
    kind, reason = classify_page(
        page,
        metadata,
        body_chars=chars,
        body_words=_word_count(paragraphs),
        paragraph_share=sum(len(b.text) for b in sources if b.tag == "p") / max(1, chars),
        link_density=sum(b.link_chars for b in sources) / max(1, chars),
        url=url,
        kept=sources,
    )
    if kind is PageKind.ARTICLE and (posts := several_posts(page, metadata, sources)) is not None:
        kind, reason = posts
    if detect_kind and kind is not PageKind.ARTICLE:
        return kind, reason, Rejection(stage="extract", reason=kind.value, detail=reason)
    if not paragraphs:
        return (
            kind,
            reason,
            Rejection(stage="extract", reason="no_text", detail="no block looks like an article's text"),
        )
    return kind, reason, None


def _refusal(page: Page, metadata: Metadata, paragraphs: tuple[Paragraph, ...]) -> Refusal | None:
    """Return the refusal that the page is, or None; a page without a body must have little visible text."""
    visible = [b.text for b in page.blocks if not b.place & _OUTSIDE]
    if not paragraphs and sum(map(len, visible)) > MAX_BODY_CHARS:
        return None
    return find_refusal(metadata.title, visible, [p.text for p in paragraphs])


def _word_count(paragraphs: tuple[Paragraph, ...]) -> int:
    """Return the words of a body; two East Asian letters count as one, since they are written without blanks."""
    letters = sum(len(_EAST_ASIAN.findall(p.text)) for p in paragraphs if not p.text.isascii())
    return sum(p.text.count(" ") + 1 for p in paragraphs) + letters // 2


def _truncation(
    page: Page,
    metadata: Metadata,
    paragraphs: tuple[Paragraph, ...],
    measured: BlockMeasures,
    url: str | None,
    *,
    joined: bool,
) -> tuple[bool, str]:
    """Return whether the page has only part of its article, and the reason in words."""
    if not paragraphs:
        return False, ""
    if reason := html_cut_off(page.html):
        return True, reason
    last = paragraphs[-1].block
    tail = [p.text for p in paragraphs[-_TAIL_BLOCKS:]] + [b.text for b in page.blocks[last : last + _TAIL_BLOCKS]]
    words = sum(p.text.count(" ") + 1 for p in paragraphs)
    truncated, reason = truncation_signs(page, metadata, body_words=words, tail=tail)
    if truncated:
        return truncated, reason
    if joined:
        return False, ""
    numbered = [page.blocks[n] for n in measured.column("digits").nonzero()[0].tolist()]
    parts = part_signs(page, url or metadata.canonical_url, numbered)
    return bool(parts.reason), parts.reason


def _confidence(selection: BlockSelection) -> float:
    """Return the word F1 to expect of the text; a rule that the user wrote for the site is taken at its word."""
    if selection.extractor.startswith("site_rule:"):
        return 1.0
    return calibrated("html", selection.confidence)
