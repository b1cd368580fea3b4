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


SIGNED = [
    ("By 3D Workshop", ["3D Workshop"], "a channel"),
    ("by millie", ["millie"], "an account"),
    ("By the Harbour Team 2-3 minutes", ["the Harbour Team"], "a team, and how long the text takes"),
    ("March 15, 2024 · 3 min read · By Harbour Online", ["Harbour Online"], "behind other parts of the line"),
    ("By clicking you agree to our terms", [], "a sentence"),
    ("By the numbers", [], "a phrase"),
    ("by Feb", [], "a month"),
    ("Share on Facebook", [], "a button"),
]


@pytest.mark.parametrize(("line", "expected", "what"), SIGNED, ids=[w for *_, w in SIGNED])
def test_a_line_right_below_the_headline_signs(line: str, expected: list[str], what: str) -> None:
    """Behind "By" also a name that is no person's counts, but not a phrase."""
    assert names(read("", f"<p>{line}</p>")) == expected, what


def test_several_persons_below_the_headline_win_over_the_publisher() -> None:
    """A list of persons needs no by-word where the head names only the site."""
    head = ld('{"@type":"Organization","name":"Kestrel Post"}')
    line = "<p>Ingrid Holloway, Tomas Berg, Wei Zhang</p><p>5 March 2024</p>"
    assert names(read(head, line)) == ["Ingrid Holloway", "Tomas Berg", "Wei Zhang"]


def test_the_author_of_that_class_wins_over_one_word_of_the_head() -> None:
    """The head names the editor by one word, an element of class author the author; not one that begins small."""
    head = ld('{"@type":"Person","name":"Heinrich"}')
    assert names(read(head, "<div class='author-2'>Naima Zuber</div>")) == ["Naima Zuber"]
    assert names(read(head, "<div class='author-2'>von Zuber</div>")) == ["Heinrich"]


def test_a_name_alone_behind_the_story_signs() -> None:
    """In languages whose press signs below; not what is followed by more of the story."""
    head = ld('{"@type":"Organization","name":"Kestrel Post"}')
    assert names(read(head, "", "pl", "<p>Marek Zieliński</p>")) == ["Marek Zieliński"]
    assert names(read(head, "", "pl", f"<p>Marek Zieliński</p>{STORY}")) == ["Kestrel Post"]


def test_the_sites_name_signs_and_templates_do_not() -> None:
    """A declared name that is the site's is an organisation, whatever its words; an unfilled variable is nobody."""
    found = read("<meta name='author' content='kestrel post'>", "")
    assert [(a.name, a.kind) for a in found.authors] == [("kestrel post", AuthorKind.ORGANISATION)]
    assert names(read("<meta name='author' content='page.head.extra.author'>", "")) == []


def test_a_name_before_two_dates_is_found() -> None:
    """The label of the second date is not taken for the byline."""
    assert names(read("", "<div>Ingrid Holloway | 05.04.2025 - Changed : 06.04.2025</div>")) == ["Ingrid Holloway"]


def test_the_headline_is_not_the_one_in_the_menu() -> None:
    """A ticker of the menu has the headline, too: the byline is looked for below the headline itself."""
    ticker = "<nav><h3>Weir opened for salmon</h3></nav>" + "<nav><p>Sport</p></nav>" * 20
    body = f"<body>{ticker}<article><h1>Weir opened for salmon</h1><p>By Ingrid Holloway</p>{STORY}</article></body>"
    html = f"<html lang='en'><head>{TITLE}</head>{body}</html>"
    document = Document(document_id="x", content=b"", media_type="text/html")
    found = read_metadata(read_page(html.encode(), "utf-8"), url=URL, language="en", document=document)
    assert names(found) == ["Ingrid Holloway"]


@pytest.mark.parametrize(
    "head",
    ["", ld('{"@type":"Organization","name":"Kestrel Post"}'), "<meta name='author' content='admin'>"],
    ids=["nothing declared", "the publisher declared", "an account declared"],
)
@pytest.mark.parametrize("line", ["By Ingrid Holloway, Kestrel Post", "Ingrid Holloway | Kestrel Post"])
def test_the_publisher_beside_a_person_is_no_author(head: str, line: str) -> None:
    """The site's name behind the person of a byline says where she works, whatever the head declares."""
    assert names(read(head, f"<p class='byline'>{line}</p>")) == ["Ingrid Holloway"]


@pytest.mark.parametrize("name", ["kestrelpost_web", "news_desk"])
def test_an_account_of_the_house_is_no_author(name: str) -> None:
    """A declared account of the site or a desk names nobody; the page shows no person either."""
    assert read(f"<meta name='author' content='{name}'>", "").authors == ()


@pytest.mark.parametrize("name", ["bell hooks", "Ingrid Holloway", "iholloway"])
def test_a_person_in_small_letters_stays(name: str) -> None:
    """A name of two words is a person's, with capitals or without; an account may be a writer's only signature."""
    assert names(read(f"<meta name='author' content='{name}'>", "")) == [name]


def test_the_site_is_known_by_the_end_of_the_title() -> None:
    """Where nothing else names the site, what the title has behind the headline is no author beside a person."""
    title = "<title>Weir opened for salmon | Halden Posten</title>"
    body = f"<h1>Weir opened for salmon</h1><p class='byline'>By Marte Lie, Halden Posten</p>{STORY}"
    page = read_page(f"<html lang='en'><head>{title}</head><body>{body}</body></html>".encode(), "utf-8")
    document = Document(document_id="x", content=b"", media_type="text/html")
    assert names(read_metadata(page, url=URL, language="en", document=document)) == ["Marte Lie"]
