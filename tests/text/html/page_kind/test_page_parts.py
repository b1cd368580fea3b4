# ruff: noqa: E501 - pages
"""One page of several of an article is truncated; other numbers and other links are none of its pages."""

from __future__ import annotations

import pytest

from copydesk.records import Document, Extraction, PageKind
from copydesk.text.html import extract_html
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.page_kind.page_parts import part_links

TITLE = "The long way of a violin from Cremona to Riga"
STORY = [
    "The violin was built in Cremona in the spring of 1739, and for half a century nobody wrote down who played it.",
    "A merchant from Lübeck bought it at an auction in Venice and gave it to his daughter, who took it with her to Riga.",
    "In the great fire it lay under a staircase, wrapped in a carpet, and lost no more than its strings and its bridge.",
    "Her grandson sold it to the orchestra, whose leader of today says that it sounds best on cold and dry evenings.",
]  # fmt: skip
URL = "https://music.example/long-reads/violin.html"


def extract(extra: str, *, url: str | None = URL, head: str = "") -> Extraction:
    """The extraction of a page with something behind its story."""
    html = (
        f"<!doctype html><html><head><title>{TITLE}</title><meta property='og:type' content=article>{head}</head><body>"
        f"<header><a href=/>Music</a></header><main><article><h1>{TITLE}</h1>{''.join(f'<p>{p}</p>' for p in STORY)}"
        f"</article>{extra}</main></body></html>"
    )
    return extract_html(Document(document_id="d", content=html.encode(), media_type="text/html", url=url))


@pytest.mark.parametrize(
    "text",
    ["Page 1 of 4", "Seite 1 von 4", "Page 1 sur 4", "Página 1 de 4", "Pagina 1 di 4", "Pagina 1 van 4", "Strona 1 z 4",
     "Страница 1 из 4", "Сторінка 1 з 4", "Sida 1 av 4", "Stránka 1 ze 4", "Sayfa 1 / 4", "第1页 / 共4页", "共4页 第1页", "1/4ページ",
     "4ページ中1", "1 / 4 페이지", "صفحة 1 من 4", "صفحه 1 از 4", "עמוד 1 מתוך 4"],
)  # fmt: skip
def test_a_written_count_says_that_there_is_more(text: str) -> None:
    """In any language, without an address; the finding names number and total."""
    found = extract(f"<div class=pages><span>{text}</span></div>", url=None)
    assert found.truncated
    assert [f.detail for f in found.findings if f.rule == "truncated"] == ["page 1 of 4 of the article"]


@pytest.mark.parametrize(
    ("head", "extra"),
    [
        ("<link rel=next href='?page=2'>", ""),
        ("", "<a rel='next nofollow' href='/long-reads/violin-2.html'>Continue</a>"),
        ("", "<div class=pager>1 <a href='/long-reads/violin.html?p=2'>2</a> <a href='?p=3'>3</a></div>"),
        ("", "<ul><li>1</li><li><a href='https://music.example/long-reads/violin,2.html'>2</a></li></ul>"),
        (
            "",
            "<div class=fy><span>1</span><a href=violin_2.html>2</a><a href=violin_3.html>3</a><a href=violin_2.html>下一页</a></div>",
        ),
        ("", "<nav class=pages><b>1</b> <a href=violin/page-2.html>2</a></nav>".replace("violin/page-2", "violin/2")),
    ],
)
def test_links_to_further_pages_of_the_same_address_say_so(head: str, extra: str) -> None:
    """By rel=next or as numbers: only for addresses that are the page's own with a number more."""
    assert extract(extra, head=head).truncated


@pytest.mark.parametrize(
    ("head", "extra"),
    [
        ("<link rel=next href='/long-reads/cello.html'>", ""),  # the next story of a blog
        ("<link rel=next href='/long-reads/violin.html?cpage=2#comments'>", ""),
        (
            "",
            "<div id=comments><p>Page 1 of 9</p><a rel=next href='?page=2'>2</a></div>".replace(
                "?page=2", "?comments=2"
            ),
        ),
        ("", "<div class=photo-gallery><span>Page 1 of 12</span></div>"),
        (
            "",
            "<p>The manuscript has its signature on page 1 of 2, and the ink has faded since the librarian first wrote about it in a letter to a friend in Rome, whom nobody could name.</p>",
        ),
        (
            "",
            "<p>Read also: <a href='/long-reads/violin-2.html'>The violin, a year later</a></p>",
        ),  # a story of that name
        ("", "<a rel=next href='https://other.example/long-reads/violin.html?page=2'>2</a>"),
        ("", "<p>Score: 1 of 4</p>"),
    ],
)
def test_other_numbers_and_links_are_no_pages_of_the_article(head: str, extra: str) -> None:
    """The next story, pages of comments, pictures, a story whose address ends in a number, another host."""
    assert not extract(extra, head=head).truncated


def test_links_are_absolute_and_numbered() -> None:
    """Each number once, without the page itself."""
    page = read_page(
        b"<p>x</p><a href='?page=1'>1</a><a href='?page=2'>2</a><a href='?page=3'>3</a><a rel=next href='?page=2'>></a>"
    )
    assert page.tree is not None
    links = part_links(page.tree, "https://m.example/a/b?id=7")
    assert links == {}  # the story's own parameter is missing: another page
    links = part_links(page.tree, "https://m.example/a/b")
    assert links == {2: "https://m.example/a/b?page=2", 3: "https://m.example/a/b?page=3"}


def post(number: int, *, heading: str = "linked", by: bool = True) -> str:
    """One post of an index or a thread."""
    title = f"Post number {number} of the club"
    heads = {"linked": f"<h2><a href=/posts/{number}>{title}</a></h2>", "plain": f"<h3>{title}</h3>", "none": ""}
    author = (
        f"<a class=username href=/members/{number}>Kayaker {number}</a> <time>{number} May 2025</time>" if by else ""
    )
    return (
        f"<div class='post p-{number}'>{heads[heading]}<div class=meta>{author}</div>"
        f"<p>{STORY[number % 4]}</p><p>{STORY[(number + 1) % 4]} It was trip {number}.</p></div>"
    )


def page_of(posts: str, title: str = "The paddling club", head: str = "") -> Extraction:
    """The extraction of a page of posts."""
    html = f"<!doctype html><html><head><title>{title}</title>{head}</head><body><h1>{title}</h1><div id=list>{posts}</div></body></html>"
    return extract_html(Document(document_id="d", content=html.encode(), media_type="text/html"))


@pytest.mark.parametrize("number", [2, 3, 8])
def test_an_index_of_whole_posts_is_a_listing(number: int) -> None:
    """Headings that link to the posts; two are enough."""
    found = page_of("".join(post(n) for n in range(1, number + 1)))
    assert found.kind is PageKind.LISTING
    assert found.rejection is not None


def test_posts_under_plain_headings_with_dates_are_a_listing() -> None:
    """Three or more, each with a date."""
    assert page_of("".join(post(n, heading="plain") for n in range(1, 5))).kind is PageKind.LISTING


def test_posts_with_authors_and_dates_are_a_thread() -> None:
    """Without headings: a forum."""
    assert page_of("".join(post(n, heading="none") for n in range(1, 5))).kind is PageKind.FORUM


def test_an_article_with_sections_or_further_stories_is_an_article() -> None:
    """Its title is one of the headings; sections have neither links nor dates; a declared article is one."""
    assert page_of("".join(post(n) for n in range(1, 4)), title="Post number 1 of the club").kind is PageKind.ARTICLE
    assert page_of("".join(post(n, heading="plain", by=False) for n in range(1, 5))).kind is PageKind.ARTICLE
    declared = "<meta property=og:type content=article>"
    assert page_of("".join(post(n) for n in range(1, 4)), head=declared).kind is PageKind.ARTICLE


def test_a_list_of_things_under_linked_headings_is_an_article() -> None:
    """Neighbours with neither date nor author: the things that an article compares."""
    assert page_of("".join(post(n, by=False) for n in range(1, 6))).kind is PageKind.ARTICLE
