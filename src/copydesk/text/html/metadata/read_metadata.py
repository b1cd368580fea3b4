"""Read the metadata of an article, with every candidate as evidence.

    Page --head, JSON-LD--> Head --title, dates, authors, ...--> Metadata( fields, evidence )

The page is not parsed again; expensive sources are tried only when cheap ones give nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from copydesk.records import Author, Document, Evidence, Timestamp
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.authors import read_authors
from copydesk.text.html.metadata.candidates import Candidate, to_evidence
from copydesk.text.html.metadata.date_sources import PageClock, headline_index
from copydesk.text.html.metadata.head import Head, read_head
from copydesk.text.html.metadata.json_ld import text_of, texts
from copydesk.text.html.metadata.page_urls import canonical_reason, country_of, page_url, resolve, site_words
from copydesk.text.html.metadata.publication_date import read_dates
from copydesk.text.html.metadata.sections import read_section, read_tags
from copydesk.text.html.metadata.titles import read_title
from copydesk.text.tokens.word_key import word_key

__all__ = ["Metadata", "read_metadata"]

_SITES = frozenset(("website", "organization", "newsmediaorganization"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Metadata of an article.

    Attributes:
        title: The headline without the site's name.
        authors: In byline order.
        published, modified: Dates as stated; `modified` is never before `published`.
        section_path: Outermost first, without the title.
        tags: As the page gives them, without duplicates.
        language: Declared language (ISO 639-1), or None.
        publisher: The site's name.
        canonical_url: Accepted canonical URL, absolute.
        image_url: Main picture, absolute URL.
        evidence: Candidates of all fields.
        head: The head it was read from, for those who judge the kind of page.
    """

    title: str | None
    authors: tuple[Author, ...]
    published: Timestamp | None
    modified: Timestamp | None
    section_path: tuple[str, ...]
    tags: tuple[str, ...]
    language: str | None
    publisher: str | None
    canonical_url: str | None
    image_url: str | None
    evidence: tuple[Evidence, ...]
    head: Head


def read_metadata(
    page: Page, *, url: str | None, language: str, document: Document, head: Head | None = None
) -> Metadata:
    """Read the metadata of a parsed page.

    Args:
        page: A page with a tree (a rejected page has none).
        url: URL of the page, or None.
        language: ISO 639-1 code of the text; "und": use the declared one.
        document: The document, for the capture time and the hints of the feed.
        head: The page's head, where the caller has read it already.
    """
    if page.tree is None:
        raise ValueError("read_metadata needs a parsed page; this one was rejected by read_page")
    url = page_url(url)
    head = head or read_head(page.tree, url)
    declared = list(_languages(head))
    own = next((c for c in declared if c.value), None)
    language = language if language != "und" else (own.value if own else "und")
    publishers = list(_publishers(head))
    sites = [*(c.value for c in publishers), *site_words(url)]
    title = read_title(page, head, sites, document.title_hint)
    clock = PageClock(language=language, country=country_of(url, head.language), seen=document.captured_at)
    dates = read_dates(page, head, clock, url=url, title=title.value, hint=document.published_hint)
    byline = read_authors(page, head, language, headline_index(page, title.value), sites)
    section = read_section(page, head, title.value, [c.value for c in publishers])
    tags = read_tags(page, head)
    canonicals = list(_canonicals(head, url))
    canonical = next((c for c in canonicals if c.value), None)
    images = list(_images(head, url))
    image = next((c for c in images if c.value), None)
    publisher = publishers[0] if publishers else None
    return Metadata(
        title=title.value,
        authors=byline.authors,
        published=dates.published,
        modified=dates.modified,
        section_path=section.value,
        tags=tags.value,
        language=own.value if own else None,
        publisher=publisher.value if publisher else None,
        canonical_url=canonical.value if canonical else None,
        image_url=image.value if image else None,
        evidence=(
            *title.evidence,
            *dates.evidence,
            *byline.evidence,
            *section.evidence,
            *tags.evidence,
            *to_evidence("language", declared, own, "first in search order"),
            *to_evidence("publisher", publishers, publisher, "first in search order"),
            *to_evidence("canonical", canonicals, canonical, "same site, not the home page"),
            *to_evidence("image", images, image, "first in search order"),
        ),
        head=head,
    )


def _languages(head: Head) -> Iterator[Candidate[str]]:
    if head.language:
        yield _language(head.language, "html", "lang")
    for name, content in head.values("language"):
        yield _language(content, "og" if name.startswith("og:") else "meta", name)
    if text := text_of(head.data.article.get("inLanguage")):
        yield _language(text, "json-ld", "inLanguage")


def _language(text: str, source: str, where: str) -> Candidate[str]:
    code = text.replace("_", "-").split("-")[0].split(",")[0].strip().lower()
    known = len(code) in (2, 3) and code.isascii() and code.isalpha() and code != "und"
    # One code per language: news sites declare Bokmål as "no"; "iw" and "in" are obsolete codes.
    code = {"nb": "no", "iw": "he", "in": "id"}.get(code, code)
    return Candidate(code if known else "", text[:40], source, where if known else f"{where}; not a language code")


def _publishers(head: Head) -> Iterator[Candidate[str]]:
    for name, content in head.values("publisher"):
        if name in ("og:site_name", "application-name") and _is_name(content):
            yield Candidate(content, content, "og" if name.startswith("og:") else "meta", name)
    stated = text_of(head.data.article.get("publisher") or "") or text_of(
        head.data.by_id.get(_reference(head.data.article.get("publisher")), {}).get("name")
    )
    if _is_name(stated):
        yield Candidate(stated, stated, "json-ld", "publisher")
    for node in head.data.nodes[:40]:
        kind = node.get("@type")
        if isinstance(kind, str) and kind.lower() in _SITES and _is_name(name := text_of(node.get("name"))):
            yield Candidate(name, name, "json-ld", kind)
    for name, content in head.values("publisher"):
        if name not in ("og:site_name", "application-name") and _is_name(content):
            yield Candidate(content, content, "meta", name)


def _reference(value: object) -> str:
    found = value.get("@id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _is_name(text: str) -> bool:
    return 0 < len(text) <= 60 and "//" not in text and bool(word_key(text))


def _canonicals(head: Head, url: str | None) -> Iterator[Candidate[str]]:
    given = [("link", "rel=canonical", href) for href in head.canonical]
    given += [("og", "og:url", content) for content in head.metas.get("og:url", ())]
    for source, where, address in given:
        whole = resolve(url, address)
        reason = canonical_reason(whole, url) if whole else "no http(s) URL"
        kept = "" if reason or whole is None else whole
        yield Candidate(kept, whole or address, source, f"{where}; {reason}" if reason else where)


def _images(head: Head, url: str | None) -> Iterator[Candidate[str]]:
    given = [("og" if n.startswith("og:") else "meta", n, content) for n, content in head.values("image")]
    node = head.data.article.get("image")
    for item in node if isinstance(node, list) else [node]:
        address = item.get("url") or item.get("contentUrl") if isinstance(item, dict) else item
        given += [("json-ld", "image", text) for text in texts(address)[:2]]
    given += [("link", "rel=image_src", href) for href in head.image_links]
    for source, where, address in given:
        whole = resolve(url, address)
        yield Candidate(whole or "", whole or address, source, where if whole else f"{where}; no http(s) URL")
