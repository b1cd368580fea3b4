"""Headlines: without site and sections, in any script, and in elements that are no headings."""

from __future__ import annotations

import pytest

from copydesk.records import Document
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.metadata.read_metadata import Metadata, read_metadata
from copydesk.text.html.metadata.title_parts import runs_of, split_title, without_site


def read(head: str, body: str, url: str = "https://www.example.net/a/1") -> Metadata:
    """Read a page without further titles."""
    page = read_page(f"<html><head>{head}</head><body>{body}</body></html>".encode(), "utf-8")
    document = Document(document_id="x", content=b"", media_type="text/html")
    return read_metadata(page, url=url, language="und", document=document)


SITES = [
    ("青山市图书馆周末延长开放时间_青山新闻网", "青山市图书馆周末延长开放时间"),
    ("青山市图书馆周末延长开放时间-社会频道-青山在线", "青山市图书馆周末延长开放时间"),
    ("青山市图书馆周末延长开放时间 - 文化 - 青山網", "青山市图书馆周末延长开放时间"),
    ("青山市图书馆周末延长开放时间--本地频道", "青山市图书馆周末延长开放时间"),
    ("青山市图书馆周末延长开放时间 本地快讯 青山网", "青山市图书馆周末延长开放时间"),
    ("青山市2024-03-05起图书馆延长开放-青山晚报", "青山市2024-03-05起图书馆延长开放"),
    ("図書館、週末の開館時間を延長へ：青山新聞デジタル", "図書館、週末の開館時間を延長へ"),
    ("図書館、週末の開館時間を延長へ｜青山ニュース", "図書館、週末の開館時間を延長へ"),
    ("시립도서관 주말 개관 시간 연장 - 청산일보", "시립도서관 주말 개관 시간 연장"),
    ("시립도서관 주말 개관 시간 연장 < 사회 < 기사본문 - 청산일보", "시립도서관 주말 개관 시간 연장"),
    ("Weir opened for an hour to let salmon pass -- kestrelpost.com", "Weir opened for an hour to let salmon pass"),
    ("Weir opened to let salmon pass - kestrelpost.com - river news daily", "Weir opened to let salmon pass"),
    ("KestrelPost.com | Local | Weir opened to let salmon pass", "Weir opened to let salmon pass"),
    ("Weir opened to let salmon pass_English_Kestrel", "Weir opened to let salmon pass"),
]


@pytest.mark.parametrize(("title", "headline"), SITES, ids=[t for t, _ in SITES])
def test_site_and_sections_are_cut(title: str, headline: str) -> None:
    """No name of the site is known: its place, its ending and the separators tell it."""
    assert without_site(title, frozenset()) == headline


@pytest.mark.parametrize(
    "title",
    [
        "青山-白河铁路今日开通",
        "代表团出席青山-白河友好论坛开幕式并发表讲话",
        "Пожар в центре города Санкт-Петербург",
        "How to use MAX_VALUE in your code",
        "Spider-Man swings past 1,000 shows",
        "青山市5-12月进口增长",
    ],
)
def test_a_hyphen_of_the_headline_stays(title: str) -> None:
    """A hyphen or underscore inside a headline parts nothing from it."""
    assert without_site(title, frozenset()) == title


def test_runs_are_longest_first() -> None:
    """The whole, then its shorter runs; a colon parts, too."""
    runs = list(runs_of("Kestrel Post: Weir opened - Rivers"))
    assert runs[0] == "Kestrel Post: Weir opened - Rivers"
    assert {"Weir opened", "Kestrel Post: Weir opened", "Kestrel Post", "Rivers"} <= set(runs)
    assert [len(r) for r in runs] == sorted((len(r) for r in runs), reverse=True)
    assert [p.text for p in split_title("One | Two")] == ["One", "Two"]


STORY = "<p>" + "Salmon passed the opened weir above the mill for an hour and a crowd counted the fish. " * 6 + "</p>"


@pytest.mark.parametrize("tag", ["h3", "div", "p", "td"])
def test_a_line_of_the_page_is_the_headline(tag: str) -> None:
    """<title> is "Site: Title", and the headline stands in an element that is no h1 or h2."""
    line = f"<{tag}>Salmon pass an opened weir</{tag}>"
    body = f"<table><tr>{line}</tr></table>{STORY}" if tag == "td" else f"{line}{STORY}"
    found = read("<title>Angler’s Notebook: Salmon pass an opened weir</title>", body)
    assert found.title == "Salmon pass an opened weir"


def test_the_heading_of_the_site_is_not_the_headline() -> None:
    """The only h1 is the site's name, which ends the title."""
    body = f"<h1>Angler’s Notebook</h1><h2>Salmon pass an opened weir at last</h2>{STORY}"
    assert read("<title>Salmon pass an opened weir at last | Angler’s Notebook</title>", body).title == (
        "Salmon pass an opened weir at last"
    )


def test_a_title_of_the_site_only_leaves_the_heading() -> None:
    """<title> is the same on all pages: the heading whose words return in the story is the headline."""
    body = f"<h1>All sections</h1><h3>Salmon passed the weir above the mill</h3>{STORY}"
    assert read("<title>National Angling League</title>", body).title == "Salmon passed the weir above the mill"


def test_every_candidate_says_why() -> None:
    """The chosen title gives its reason, each other one how it differs."""
    head = "<title>Salmon pass an opened weir - Notebook</title><meta property='og:title' content='Fish on the move'>"
    rows = [e for e in read(head, f"<h1>Salmon pass an opened weir</h1>{STORY}").evidence if e.field == "title"]
    assert sum(e.chosen for e in rows) == 1
    assert all(";" in e.reason for e in rows)


def test_a_known_site_before_a_colon_is_cut() -> None:
    """Only a whole known name: a colon is more often the headline's own."""
    sites = frozenset({"kestrel valley post"})
    assert without_site("Kestrel Valley Post: Weir opened for salmon", sites) == "Weir opened for salmon"
    assert without_site("Kestrel Valley: Weir opened for salmon", sites) == "Kestrel Valley: Weir opened for salmon"


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        ("<div class='art-title'>Плотину открыли для лосося на час</div>", "Плотину открыли для лосося на час"),
        ("<h3 id=headline>Плотину открыли для лосося на час</h3>", "Плотину открыли для лосося на час"),
        ("<div class=teaser>Плотину открыли для лосося на час</div>", "Новости долины"),
        ("<div class=title>Подпишитесь на наш канал сейчас</div>", "Новости долины"),
    ],
)
def test_an_element_named_after_titles_is_one(line: str, headline: str) -> None:
    """Where the head names the site alone: a line of the story, in an element whose name says title."""
    story = (
        "<p>"
        + "На реке у старой мельницы открыли на один час плотину, чтобы пропустить лосося к верховьям. " * 4
        + "</p>"
    )
    assert read("<title>Новости долины</title>", f"{line}{story}{story}").title == headline
