"""Extract any document: the media type selects plain text or HTML; both return an `Extraction`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.errors import SettingsError
from copydesk.plugins import EXTRACTORS, is_own, load
from copydesk.records import Document, Extraction, Finding, PageKind, Rejection, Severity
from copydesk.text.clean_fields import clean_extraction
from copydesk.text.cut_off import text_cut_off
from copydesk.text.media_types import is_html
from copydesk.text.record_fields import with_record_fields
from copydesk.text.refusals import find_refusal

if TYPE_CHECKING:
    from copydesk.text.boilerplate import Boilerplate
    from copydesk.text.html.site_rules.load_site_rules import SiteRules

__all__ = ["ExtractOptions", "admit", "check_rules", "extract_documents", "extract_safely", "rejected"]

TEXT_BATCH = 50
"""Pages per batch: single pages are seven times slower, larger batches exceed the cache."""
_MAX_REFUSAL_PARAGRAPHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractOptions:
    """Options of an extraction.

    Attributes:
        extractor: `auto`, `trafilatura` or `blocks`, for HTML; or one that another package adds, for all documents.
        explain: Fill in `Block.evidence`.
        site_rules: Folder of the user's site rules, or None.
        phrase_rules: Folders of the user's phrase rules, read after the package's own.
        quotes: Find the quotes and their speakers.
        admitted: Page kinds and rules of `refusals.toml` that do not refuse a page.
    """

    extractor: str = "auto"
    explain: bool = False
    site_rules: Path | None = None
    phrase_rules: tuple[Path, ...] = ()
    quotes: bool = True
    admitted: frozenset[str] = frozenset()


def extract_documents(
    documents: Sequence[Document], *, options: ExtractOptions, boilerplate: Boilerplate | None = None
) -> list[Extraction]:
    """Extract a batch; results are in the order of the documents and independent of each other.

    Raises:
        SettingsError: One of the user's phrase rules or site rules is malformed.
    """
    if not is_own(EXTRACTORS, options.extractor):
        extract_one = load(EXTRACTORS, options.extractor)
        return [_finish(extract_one(document), document, options) for document in documents]
    from copydesk.text.phrases.rules import phrase_table
    from copydesk.text.plain import extract_texts

    phrases = phrase_table(options.phrase_rules)

    answers: dict[int, Extraction] = {}
    texts = [i for i, d in enumerate(documents) if not is_html(d.media_type)]
    for start in range(0, len(texts), TEXT_BATCH):
        some = texts[start : start + TEXT_BATCH]
        batch = [documents[i] for i in some]
        found = extract_texts(batch, boilerplate=boilerplate, explain=options.explain, phrases=phrases)
        answers.update(zip(some, map(_finish_text, found), strict=True))
    pages = [i for i, d in enumerate(documents) if is_html(d.media_type)]
    if pages:
        from copydesk.text.html import extract_html

        rules = _site_rules(options.site_rules)
        for i in pages:
            answers[i] = extract_html(
                documents[i],
                extractor=options.extractor,
                boilerplate=boilerplate,
                explain=options.explain,
                site_rules=rules,
                phrases=phrases,
            )
    return [_finish(answers[i], documents[i], options) for i in range(len(documents))]


def _finish(found: Extraction, document: Document, options: ExtractOptions) -> Extraction:
    """Let in what the options admit, take the fields of the record, clean all fields, and find the quotes."""
    cleaned = admit(clean_extraction(with_record_fields(found, document)), options.admitted)
    if not options.quotes:
        return cleaned
    from copydesk.text.quotes.find_quotes import with_quotes  # who only starts workers goes without

    return with_quotes(cleaned)


def admit(found: Extraction, rules: frozenset[str]) -> Extraction:
    """Return the article of a page that was refused by one of these rules, with a finding in place of the rejection.

    Args:
        found: What extract returned.
        rules: Page kinds and rules of `refusals.toml` that do not refuse a page.
    """
    why = found.rejection
    if why is None or not (chosen := [rule for rule in (why.rule, why.reason) if rule in rules]):
        return found
    if not found.paragraphs:
        detail = f"{why.reason} is let in, but no line of the page looks like an article's text"
        return replace(found, rejection=replace(why, reason="no_text", detail=detail, rule=""))
    finding = Finding(rule=chosen[0], severity=Severity.WARN, detail=why.detail)
    return replace(found, rejection=None, findings=(*found.findings, finding))


def check_rules(options: ExtractOptions, *, gazetteers: Sequence[Path] = ()) -> None:
    """Read the user's rules, so that a malformed file is named before any document is extracted.

    The package's own are left to who extracts: reading them takes a second, and a desk without rules asks for nothing.

    Raises:
        SettingsError: One of the user's phrase rules, site rules or gazetteers is malformed.
    """
    if any(True for folder in options.phrase_rules for _ in folder.glob("*.toml")):
        from copydesk.text.phrases.rules import check_phrase_rules

        check_phrase_rules(options.phrase_rules)
    if gazetteers:
        from copydesk.text.entities.gazetteers import check_gazetteers

        check_gazetteers(gazetteers)
    _site_rules(options.site_rules)


def extract_safely(
    documents: Sequence[Document], *, options: ExtractOptions, boilerplate: Boilerplate | None = None
) -> list[Extraction]:
    """Extract a batch; a document that raises an exception is rejected with the error, the others are not."""
    try:
        return extract_documents(documents, options=options, boilerplate=boilerplate)
    except SettingsError:  # the user's rules are malformed, not the document
        raise
    except MemoryError:
        reason, detail = "memory_limit", "it needs more memory than a worker may use"
    except Exception as error:  # noqa: BLE001  one page must not end a run over a million others
        reason, detail = "extract_failed", f"{type(error).__name__}: {error}"[:300]
    if len(documents) == 1:
        return [rejected(documents[0].document_id, reason, detail)]
    return [answer for d in documents for answer in extract_safely([d], options=options, boilerplate=boilerplate)]


def _finish_text(found: Extraction) -> Extraction:
    """Reject a plain text that is a refusal of its site, such as a geo block, and flag one that was cut off."""
    if found.rejection and found.rejection.reason != "no_body":
        return found
    if len(found.paragraphs) <= _MAX_REFUSAL_PARAGRAPHS:
        refusal = find_refusal(found.title, (b.text for b in found.blocks), [p.text for p in found.paragraphs])
        if refusal is not None:
            rejection = Rejection(stage="extract", reason=refusal.kind.value, detail=refusal.reason, rule=refusal.rule)
            return replace(found, kind=refusal.kind, rejection=rejection)
    reason = text_cut_off(found.blocks)
    if not reason:
        return found
    finding = Finding(rule="truncated", severity=Severity.WARN, detail=reason)
    return replace(found, truncated=True, findings=(*found.findings, finding))


def rejected(document_id: str, reason: str, detail: str) -> Extraction:
    """Return the extraction of a document that could not be extracted."""
    return Extraction(
        document_id=document_id,
        kind=PageKind.OTHER,
        extractor="none",
        charset="",
        rejection=Rejection(stage="extract", reason=reason, detail=detail),
    )


_LOADED: dict[Path, SiteRules] = {}


def _site_rules(folder: Path | None) -> SiteRules | None:
    """Read a folder of site rules once per process."""
    if folder is None:
        return None
    if folder not in _LOADED:
        from copydesk.text.html.site_rules.load_site_rules import load_site_rules

        _LOADED[folder] = load_site_rules(folder)
    return _LOADED[folder]
