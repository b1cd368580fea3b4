"""All that a page says about its article, with every candidate on record.

    Page --head, JSON-LD--> Declared --titles, published, authors, ...--> Metadata( fields, evidence )

One tree, no second parse; the expensive sources are asked only when the cheap ones gave nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from copydesk.records import Author, Document, Evidence, Timestamp
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.metadata.authors import read_authors
from copydesk.text.html.metadata.candidates import Candidate, on_record
from copydesk.text.html.metadata.date_sources import PageClock, headline_at
from copydesk.text.html.metadata.head import Declared, read_declared
from copydesk.text.html.metadata.json_ld import text_of, texts
from copydesk.text.html.metadata.page_urls import canonical_reason, country_of, page_url, resolve, site_words
from copydesk.text.html.metadata.publication_date import read_dates
from copydesk.text.html.metadata.sections import read_section, read_tags
from copydesk.text.html.metadata.titles import read_title
from copydesk.text.word_key import word_key

__all__ = ["Metadata", "read_metadata"]

_SITES = frozenset(("website", "organization", "newsmediaorganization"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page says about its article.

    Attributes:
        title: The headline without the site's name.
        authors: In byline order.
        published, modified: Dates as stated; `modified` never lies before `published`.
        section_path: Outermost first, without the title.
        tags: As the page gives them, each once.
        language: As the page declares it (ISO 639-1), or None.
        publisher: The site's name.
        canonical_url: Believed canonical address, absolute.
        image_url: The picture that stands for the article, absolute.
        evidence: Every candidate of every field.
        declared: The head it was read from, for those who judge the kind of page.
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
    declared: Declared


def read_metadata(
    page: Page, *, url: str | None, language: str, document: Document, declared: Declared | None = None
) -> Metadata:
    """Read the metadata of a parsed page.

    Args:
        page: The page, with a tree (a page with a rejection has nothing to read).
        url: Address of the page, or None.
        language: ISO 639-1 code of the text, "und" when not known; then the page's own word counts.
        document: The document, for the capture's time and the feed's hints.
        declared: The page's head, where the caller has read it already.
    """
    if page.tree is None:
        raise ValueError("read_metadata needs a parsed page; this one was refused while reading it")
    url = page_url(url)
    declared = declared or read_declared(page.tree, url)
    stated = list(_languages(declared))
    own = next((c for c in stated if c.value), None)
    language = language if language != "und" else (own.value if own else "und")
    publishers = list(_publishers(declared))
    sites = [*(c.value for c in publishers), *site_words(url)]
    title = read_title(page, declared, sites, document.title_hint)
    clock = PageClock(language=language, country=country_of(url, declared.language), seen=document.captured_at)
    dates = read_dates(page, declared, clock, url=url, title=title.value, hint=document.published_hint)
    signed = read_authors(page, declared, language, headline_at(page, title.value), sites)
    section = read_section(page, declared, title.value, [c.value for c in publishers])
    tags = read_tags(page, declared)
    canonicals = list(_canonicals(declared, url))
    canonical = next((c for c in canonicals if c.value), None)
    images = list(_images(declared, url))
    image = next((c for c in images if c.value), None)
    publisher = publishers[0] if publishers else None
    return Metadata(
        title=title.value,
        authors=signed.authors,
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
            *signed.evidence,
            *section.evidence,
            *tags.evidence,
            *on_record("language", stated, own, "the first of the order"),
            *on_record("publisher", publishers, publisher, "the first of the order"),
            *on_record("canonical", canonicals, canonical, "same site, and no home page"),
            *on_record("image", images, image, "the first of the order"),
        ),
        declared=declared,
    )


def _languages(declared: Declared) -> Iterator[Candidate[str]]:
    if declared.language:
        yield _language(declared.language, "html", "lang")
    for name, content in declared.values("language"):
        yield _language(content, "og" if name.startswith("og:") else "meta", name)
    if stated := text_of(declared.data.article.get("inLanguage")):
        yield _language(stated, "json-ld", "inLanguage")


def _language(text: str, source: str, where: str) -> Candidate[str]:
    code = text.replace("_", "-").split("-")[0].split(",")[0].strip().lower()
    known = len(code) in (2, 3) and code.isascii() and code.isalpha() and code != "und"
    # "no" is what news sites mean by Bokmål; one code for one language.
    code = {"nb": "no", "iw": "he", "in": "id"}.get(code, code)
    return Candidate(code if known else "", text[:40], source, where if known else f"{where}; no language code")


def _publishers(declared: Declared) -> Iterator[Candidate[str]]:
    for name, content in declared.values("publisher"):
        if name in ("og:site_name", "application-name") and _is_name(content):
            yield Candidate(content, content, "og" if name.startswith("og:") else "meta", name)
    stated = text_of(declared.data.article.get("publisher") or "") or text_of(
        declared.data.by_id.get(_reference(declared.data.article.get("publisher")), {}).get("name")
    )
    if _is_name(stated):
        yield Candidate(stated, stated, "json-ld", "publisher")
    for node in declared.data.nodes[:40]:
        kind = node.get("@type")
        if isinstance(kind, str) and kind.lower() in _SITES and _is_name(name := text_of(node.get("name"))):
            yield Candidate(name, name, "json-ld", kind)
    for name, content in declared.values("publisher"):
        if name not in ("og:site_name", "application-name") and _is_name(content):
            yield Candidate(content, content, "meta", name)


def _reference(value: object) -> str:
    found = value.get("@id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _is_name(text: str) -> bool:
    return 0 < len(text) <= 60 and "//" not in text and bool(word_key(text))


def _canonicals(declared: Declared, url: str | None) -> Iterator[Candidate[str]]:
    given = [("link", "rel=canonical", href) for href in declared.canonical]
    given += [("og", "og:url", content) for content in declared.metas.get("og:url", ())]
    for source, where, address in given:
        whole = resolve(url, address)
        reason = canonical_reason(whole, url) if whole else "no web address"
        kept = "" if reason or whole is None else whole
        yield Candidate(kept, whole or address, source, f"{where}; {reason}" if reason else where)


def _images(declared: Declared, url: str | None) -> Iterator[Candidate[str]]:
    given = [("og" if n.startswith("og:") else "meta", n, content) for n, content in declared.values("image")]
    node = declared.data.article.get("image")
    for item in node if isinstance(node, list) else [node]:
        address = item.get("url") or item.get("contentUrl") if isinstance(item, dict) else item
        given += [("json-ld", "image", text) for text in texts(address)[:2]]
    given += [("link", "rel=image_src", href) for href in declared.image_links]
    for source, where, address in given:
        whole = resolve(url, address)
        yield Candidate(whole or "", whole or address, source, where if whole else f"{where}; no web address")
