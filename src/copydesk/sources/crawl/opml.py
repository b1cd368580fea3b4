"""OPML: import and export of subscription lists."""

from __future__ import annotations

import io
from collections.abc import Iterable
from urllib.parse import urlsplit

from lxml import etree

from copydesk.errors import UsageError
from copydesk.settings import Source
from copydesk.sources.crawl.feeds import declares_entities
from copydesk.sources.toml_entries import Entry, source_name

__all__ = ["read_opml", "write_opml"]

_MAX_OUTLINES = 10_000


def read_opml(content: bytes, *, taken: Iterable[str] = (), known: Iterable[str] = ()) -> list[Entry]:
    """Return an entry per feed of an OPML file, in its order.

    Args:
        content: The file.
        taken: Names that the desk's sources have already.
        known: Feeds the desk has already; they are skipped.

    Raises:
        UsageError: It is no OPML, names more than 10,000 new feeds, or declares entities of its own.
    """
    if declares_entities(content):
        raise UsageError("the OPML file declares entities of its own. Export it again without a document type.")
    names, met = set(taken), set(known)
    entries: list[Entry] = []
    try:
        for url, title, language in _outlines(content):
            if url in met or urlsplit(url).scheme not in ("http", "https"):
                continue
            if len(entries) == _MAX_OUTLINES:
                raise UsageError(
                    f"the OPML file names more than {_MAX_OUTLINES} new feeds. Split it and import each part."
                )
            met.add(url)
            name = source_name(title or urlsplit(url).hostname or "", names)
            names.add(name)
            entries.append(Entry(name=name, kind="feed", url=url, language=language, comment=title))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UsageError(f"the file is not OPML: {error}. Export it again from your feed reader.") from error
    return entries


def write_opml(sources: Iterable[Source], *, title: str = "Copydesk") -> bytes:
    """Return the desk's feeds as an OPML 2.0 file; it cannot hold sources of other kinds."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    for source in sources:
        if source.kind == "feed" and source.url:
            outline = etree.SubElement(body, "outline", type="rss", text=source.name, title=source.name)
            outline.set("xmlUrl", source.url)
            if source.language:
                outline.set("language", source.language)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def _outlines(content: bytes) -> Iterable[tuple[str, str, str | None]]:
    found_root = False
    for event, element in etree.iterparse(
        io.BytesIO(content), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
    ):
        if event == "start":
            if not found_root and element.tag != "opml":
                raise ValueError(f"its first element is <{str(element.tag)[:40]}>")
            found_root = True
            continue
        if element.tag == "outline":
            said = {str(k).lower(): str(v).strip() for k, v in element.attrib.items()}
            language = said.get("language", "")[:2].lower()
            known_language = language if language.isascii() and language.isalpha() and len(language) == 2 else None
            if said.get("xmlurl"):
                yield said["xmlurl"], said.get("title") or said.get("text", ""), known_language
