"""An article as its reader wants it: built in one place, from an extraction or from the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from copydesk.records import (
    Author,
    Block,
    Evidence,
    Extraction,
    Finding,
    PageKind,
    Precision,
    Quote,
    Rejection,
    Timestamp,
)

if TYPE_CHECKING:
    from copydesk.store.read.article_view import ArticleView, StoredBlocks

__all__ = ["Article", "article_of", "stored_article"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Article:
    """A page's article, and how it was decided.

    A page without an article is one, too: `rejection` says why, `blocks` what stands on the page.

    Attributes:
        url: Web address, as given or as the page declares it; None when neither is known.
        title: Headline.
        paragraphs: The body, in page order, headings included.
        authors: Names of the byline, in its order.
        published, modified: With no more precision than the page gives; `str()` is ISO 8601.
        language: ISO 639-1 code; "und" when undetermined.
        section_path: Section names, outermost first.
        publisher: As the page names it (extracted), or as the desk files it (stored).
        kind: What kind of page it is.
        blocks: Every visible block, kept or cut, with label and rule. Of a stored article's kept blocks the rule is "".
        evidence: All candidates of all fields, chosen or not.
        findings: What looked wrong on the way.
        quotes: Who said what, in the order of the text.
        rejection: Why there is no article; None when there is one.
        extraction: All that extraction recorded (captions, links, tags, ...); None for a stored article.
        stored: What the warehouse adds (id, revisions, who else prints it); None for a page that was only extracted.
    """

    url: str | None = None
    title: str | None = None
    paragraphs: tuple[str, ...] = ()
    authors: tuple[Author, ...] = ()
    published: Timestamp | None = None
    modified: Timestamp | None = None
    language: str = "und"
    section_path: tuple[str, ...] = ()
    publisher: str | None = None
    kind: PageKind = PageKind.ARTICLE
    blocks: tuple[Block, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    quotes: tuple[Quote, ...] = ()
    rejection: Rejection | None = None
    extraction: Extraction | None = field(default=None, compare=False)
    stored: ArticleView | None = field(default=None, compare=False)

    @property
    def text(self) -> str:
        """The paragraphs, joined by a blank line."""
        return "\n\n".join(self.paragraphs)

    @property
    def section(self) -> str | None:
        """The section path in one line ("World > Asia"); None without one."""
        return " > ".join(self.section_path) or None

    @property
    def rejected(self) -> bool:
        """Whether the page has no article to load."""
        return self.rejection is not None

    @property
    def reason(self) -> str | None:
        """Why there is no article (`listing`, `wall`, `no_text`, ...); None when there is one."""
        return self.rejection.reason if self.rejection is not None else None

    @property
    def cut(self) -> tuple[Block, ...]:
        """The blocks that carry text and are not part of the body."""
        return tuple(b for b in self.blocks if not b.kept and b.text.strip())

    @property
    def markdown(self) -> str:
        """Title, headings, lists, quotes, tables and links as Markdown; of a stored article title and paragraphs."""
        if self.extraction is not None:
            from copydesk.text.markdown import to_markdown

            return to_markdown(self.extraction)
        return "\n\n".join([*([f"# {self.title}"] if self.title else ()), *self.paragraphs]) + "\n"

    def __repr__(self) -> str:
        """Show one line, whatever the length of the page."""
        what = f"rejected: {self.reason}" if self.rejected else f"{len(self.paragraphs)} paragraphs"
        day = f", {self.published}" if self.published else ""
        return f"<Article {self.title!r}, {self.language}{day}, {what}>"


def article_of(found: Extraction, url: str | None = None) -> Article:
    """Return the article of an extraction.

    Args:
        found: What extract returned.
        url: Web address of the page, where known.
    """
    return Article(
        url=url or found.canonical_url,
        title=found.title,
        paragraphs=tuple([p.text for p in found.paragraphs]),
        authors=found.authors,
        published=found.published,
        modified=found.modified,
        language=found.language,
        section_path=found.section_path,
        publisher=found.publisher,
        kind=found.kind,
        blocks=found.blocks,
        evidence=found.evidence,
        findings=found.findings,
        quotes=found.quotes,
        rejection=found.rejection,
        extraction=found,
    )


def stored_article(view: ArticleView, stored: StoredBlocks, names: Sequence[Author]) -> Article:
    """Return an article of the warehouse.

    Args:
        view: Its facts.
        stored: Its blocks and findings.
        names: Its authors.
    """
    published = None
    if view.published_at is not None:
        precision = Precision(view.published_precision or Precision.DAY)
        published = Timestamp(value=view.published_at, precision=precision, zoned=stored.zoned)
    modified = None
    if stored.modified_at is not None:
        modified = Timestamp(value=stored.modified_at, precision=Precision.SECOND, zoned=True)
    return Article(
        url=view.address,
        title=view.title,
        paragraphs=view.paragraphs,
        authors=tuple(names),
        published=published,
        modified=modified,
        language=view.language,
        section_path=view.section_path,
        publisher=view.publisher,
        blocks=stored.blocks,
        evidence=tuple(
            Evidence(field=e.field, value=e.value or "", source=e.source or "", chosen=e.chosen, reason=e.reason or "")
            for e in view.evidence
        ),
        findings=stored.findings,
        quotes=stored.quotes,
        stored=view,
    )
