"""The publisher of a page: declared, by address, by what the page says, by where it lay."""

from __future__ import annotations

import pytest

from copydesk.records import AD_HOC, Extraction, PageKind
from copydesk.settings import Source
from copydesk.sources.files.saved_pages import saved_url
from copydesk.sources.publishers import article_publisher


def _found(**fields: str) -> Extraction:
    return Extraction(document_id="d", kind=PageKind.ARTICLE, extractor="blocks", charset="utf-8", **fields)


@pytest.mark.parametrize(
    ("declared", "name", "url", "canonical", "site", "publisher"),
    [
        ("bbc.co.uk", "mine", "https://other.example/a", None, "Other", "bbc.co.uk"),
        (None, "mine", "https://www.bbc.co.uk/a", "https://else.example/a", "BBC", "bbc.co.uk"),
        (None, "mine", None, "https://www.courier.org/a", "Courier", "courier.org"),
        (None, "mine", None, None, "Arden  Courier", "Arden Courier"),
        (None, "mine", None, None, "www.Courier.co.uk", "courier.co.uk"),
        (None, "mine", None, None, None, "mine"),
        (None, AD_HOC, None, None, None, "arden"),
        (None, AD_HOC, None, None, "x" * 200, "arden"),
    ],
)
def test_the_first_that_is_known_names_the_publisher(
    declared: str | None, name: str, url: str | None, canonical: str | None, site: str | None, publisher: str
) -> None:
    """Declared, the page's address, its canonical address, its site's name, the source, the folder: in this order."""
    source = Source(name=name, paths=("p",), publisher=declared)
    found = _found(canonical_url=canonical, publisher=site)  # type: ignore[arg-type]
    assert article_publisher(source.facts, url, "pages/arden/a.html", found) == publisher


@pytest.mark.parametrize(
    ("head", "url"),
    [
        ("<!DOCTYPE html>\n<!-- saved from url=(0026)https://example.org/s1 --><html>", "https://example.org/s1"),
        ("<!DOCTYPE html> <html><!--\n Page saved with SingleFile\n url: https://example.org/b?c=1\n saved date: x-->",
         "https://example.org/b?c=1"),
        ("<html>\n<!-- Mirrored from www.example.org/c.html by HTTrack Copier/3.x -->", "http://www.example.org/c.html"),
        ("<html><!-- saved from url=(0014)about:internet -->", None),
        ("<html><p>saved from url=(0026)https://example.org/story-1</p>", None),
    ],
)  # fmt: skip
def test_saved_pages_name_their_address(head: str, url: str | None) -> None:
    """Browsers, SingleFile and HTTrack leave the address in a comment; the same words in the text are no address."""
    assert saved_url(head.encode()) == url
