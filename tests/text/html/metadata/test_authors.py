"""Who signed: persons of the byline against publishers, desks and accounts of the head."""

from __future__ import annotations

import pytest

from copydesk.records import AuthorKind, Document
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.metadata.read_metadata import Metadata, read_metadata

URL = "https://www.kestrelpost.example/news/weir"
STORY = (
    "<p>" + "The weir above the mill was opened for an hour so that salmon could pass on their way up. " * 6 + "</p>"
)
TITLE = "<title>Weir opened for salmon - Kestrel Post</title><meta property='og:site_name' content='Kestrel Post'>"


def read(head: str, line: str, language: str = "en", tail: str = "") -> Metadata:
    """Read a page with a line between its headline and its story."""
    body = f"<body><article><h1>Weir opened for salmon</h1>{line}{STORY}{tail}</article></body>"
    html = f"<html lang='{language}'><head>{TITLE}{head}</head>{body}</html>"
    document = Document(document_id="x", content=b"", media_type="text/html")
    return read_metadata(read_page(html.encode(), "utf-8"), url=URL, language=language, document=document)


def names(found: Metadata) -> list[str]:
    """Return the names of the authors."""
    return [a.name for a in found.authors]


def ld(author: str) -> str:
    """Return a script whose article has that author, as JSON."""
    article = f'{{"@type":"NewsArticle","headline":"Weir opened for salmon","author":{author}}}'
    return f'<script type="application/ld+json">{article}</script>'


NO_PERSON = [
    ("<meta name='author' content='Kestrel Post'>", "the publisher"),
    ("<meta name='author' content='Kestrel Media Group Ltd'>", "a company"),
    ("<meta name='author' content='Web Desk'>", "a desk"),
    ("<meta name='author' content='cms_import7'>", "an account"),
    (ld('{"@type":"Person","name":"Syndication Feed"}'), "an import account with JSON-LD"),
    (ld('{"@type":"Organization","name":"Kestrel Post"}'), "the publisher with JSON-LD"),
    (ld('{"@type":"Person","name":"NightImport Bot"}'), "a robot"),
]


@pytest.mark.parametrize(("head", "what"), NO_PERSON, ids=[w for _, w in NO_PERSON])
def test_the_byline_wins_over_a_name_that_is_no_persons(head: str, what: str) -> None:
    """Whatever the head names instead of a person, the person of the byline is the author; the evidence says why."""
    found = read(head, "<p class='meta'>By Ingrid Holloway</p><p>5 March 2024</p>")
    assert names(found) == ["Ingrid Holloway"], what
    rows = [e for e in found.evidence if e.field == "author"]
    assert all(e.reason for e in rows)
    assert [e.value for e in rows if e.chosen] == ["Ingrid Holloway"]


def test_the_publisher_signs_where_the_page_says_so() -> None:
    """A byline that names the publisher keeps it, though a person stands in the text."""
    found = read(
        "<meta name='author' content='Kestrel Post'>", "<p>By Kestrel Post</p>", tail="<p>Photos by Ann Lee</p>"
    )
    assert [(a.name, a.kind) for a in found.authors] == [("Kestrel Post", AuthorKind.ORGANISATION)]


def test_the_byline_wins_over_a_person_whom_the_page_does_not_show() -> None:
    """The head names the editor who posted the story; the page shows the reporter only."""
    head = ld('{"@type":"Person","name":"Petra Lindqvist"}')
    assert names(read(head, "<p>By Ingrid Holloway</p>")) == ["Ingrid Holloway"]
    shown = "<p>By Ingrid Holloway</p><p>Petra Lindqvist edits the river pages.</p>"
    assert names(read(head, shown)) == ["Petra Lindqvist"]


def test_the_byline_adds_the_second_author() -> None:
    """The head names the first of two authors that a word joins; a desk behind a comma is no author."""
    head = ld('{"@type":"Person","name":"Ingrid Holloway"}')
    assert names(read(head, "<p>By Ingrid Holloway and Tom Abara</p>")) == ["Ingrid Holloway", "Tom Abara"]
    assert names(read(head, "<p>By Ingrid Holloway, River Matters</p>")) == ["Ingrid Holloway"]


@pytest.mark.parametrize(
    "name", ["Will Okafor", "April Sorensen", "June Baptiste", "Clara Page", "Le Thanh Huong", "An Le", "Owen Press"]
)
def test_a_person_whose_name_is_a_word_stays(name: str) -> None:
    """JSON-LD says that it is a person, and the name is one."""
    found = read(ld(f'{{"@type":"Person","name":"{name}"}}'), "")
    assert [(a.name, a.kind) for a in found.authors] == [(name, AuthorKind.PERSON)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("<div>Posted by Ingrid Holloway on 2024-03-05 in rivers</div>", "Ingrid Holloway"),
        ("<div>Written by:</div><div>Ingrid Holloway</div>", "Ingrid Holloway"),
        ("<div>by Ingrid Holloway ● March 5, 2024 ● 4 min read</div>", "Ingrid Holloway"),
        ("<div>By Ingrid | Published: 5 March 2024</div>", "Ingrid"),
        ("<div>5 March 2024</div><div>Ingrid Holloway</div>", "Ingrid Holloway"),
    ],
)
def test_forms_of_bylines(line: str, name: str) -> None:
    """The name before a date, in the next element, between bullets, of one word, and bare beside a date."""
    assert names(read("", line)) == [name]


def test_no_account_is_made_an_author() -> None:
    """Where only an import account is named, nobody is."""
    assert names(read(ld('{"@type":"Person","name":"NOC Admin"}'), "")) == []
