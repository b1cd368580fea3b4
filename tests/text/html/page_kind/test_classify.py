"""Articles, and pages that are none."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from copydesk.records import Document, PageKind
from copydesk.text.html.dom.html_page import Page
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.metadata.read_metadata import Metadata, read_metadata
from copydesk.text.html.page_kind.classify import classify_page
from copydesk.text.html.page_kind.sign_rules import points
from copydesk.text.html.page_kind.signs import describe_sign
from copydesk.text.html.page_kind.truncation import truncation_signs

STORY = "<p>" + "The council met on Monday and talked about the river for several hours. " * 20 + "</p>"
SHARED = Path(os.environ.get("COPYDESK_SHARED", "../shared")) / "bench" / "html"


def read(html: str, url: str | None = None) -> tuple[Page, Metadata]:
    """Parse a page and read its metadata."""
    page = read_page(html.encode(), "utf-8")
    document = Document(document_id="x", content=b"", media_type="text/html")
    return page, read_metadata(page, url=url, language="en", document=document)


def kind(html: str, *, words: int, url: str | None = None, links: float = 0.0) -> tuple[PageKind, str]:
    """Classify a page with a body of so many words."""
    page, metadata = read(html, url)
    share = 1.0 if words else 0.0
    return classify_page(
        page, metadata, body_chars=6 * words, body_words=words, paragraph_share=share, link_density=links, url=url
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<title>Just a moment...</title><p>Checking your browser before accessing the site</p>", PageKind.CONSENT),
        ("<title>404 - Page not found</title><p>Sorry.</p>", PageKind.ERROR),
        ("<title>Seite nicht gefunden</title><p>Leider.</p>", PageKind.ERROR),
        ("<div>You need to enable JavaScript to run this app.</div>", PageKind.SHELL),
        ("<title>Welcome</title><p>Please log in</p><form><input type='password'></form>", PageKind.WALL),
        ("<meta property='og:type' content='video.other'><title>A clip</title><p>Watch the clip</p>", PageKind.MEDIA),
    ],
)
def test_stubs_and_walls_are_told(html: str, expected: PageKind) -> None:
    """A short page with the phrases of a wall or an error is one, and the signal names the phrase."""
    found, signal = kind(html, words=3)
    assert found is expected
    assert signal


def test_a_story_may_quote_the_phrases() -> None:
    """An article about error pages and captchas stays an article."""
    html = f"<title>Why we see 404 page not found</title><h1>Why we see 404 page not found</h1><p>captcha</p>{STORY}"
    assert kind(html, words=260)[0] is PageKind.ARTICLE


def test_a_forum_and_a_shop_are_told_by_their_signs() -> None:
    """Address, JSON-LD and shape together refuse what no article's head vouches for."""
    posts = "".join(f"<div class='post'>3 May 202{i}<br>user{i} wrote</div>" for i in range(9))
    forum = f"<html><body class='forum topic'>{posts}<pre>a</pre><pre>b</pre><pre>c</pre><pre>d</pre></body></html>"
    assert kind(forum, words=130, url="https://forum.example.org/t/x")[0] is PageKind.FORUM


def test_the_reason_is_in_plain_words() -> None:
    """The reason names the kind, score and limit; each learnt sign has a description of its own."""
    reason = kind("<h1>Shop</h1>" + "<p>Price: $ 5</p>" * 12, words=130, url="https://shop.example.org/product/5")[1]
    assert reason.startswith("product (score ")
    assert "limit " in reason
    assert "nowhere" not in reason
    signs = points()[0]
    described = {sign: describe_sign(sign) for sign in signs}
    assert len(set(described.values())) == len(signs)
    assert not [d for d in described.values() if any(w in d for w in ("nowhere", "says", "under 1 "))]
    assert describe_sign("author from nowhere") == "no author found"


def test_a_news_article_is_never_refused_for_its_shape() -> None:
    """JSON-LD, og:type and a dated address outweigh many links and a short text."""
    head = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"River rises after rain",'
        '"datePublished":"2024-05-03","author":{"@type":"Person","name":"Jane Doe"}}</script>'
        "<meta property='og:type' content='article'><title>River rises after rain</title>"
    )
    html = f"<html><head>{head}</head><body><h1>River rises after rain</h1><p>{'Short news. ' * 15}</p></body></html>"
    url = "https://www.example.org/news/2024/05/river-rises-after-long-rain"
    assert kind(html, words=30, url=url)[0] is PageKind.ARTICLE


def test_a_page_without_text_is_a_shell_or_empty() -> None:
    """Scripts and nothing else make a shell; nothing at all is empty."""
    page, metadata = read("<html><body><p>x</p></body></html>")
    bare = Page(charset="utf-8", html="", tree=page.tree)
    found = classify_page(bare, metadata, body_chars=0, body_words=0, paragraph_share=0, link_density=0)
    assert found[0] is PageKind.EMPTY


def test_paywalls_show() -> None:
    """A declared paywall with a short body, a cut word count and a notice are signs; a long free story has none."""
    paid = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>'
    assert truncation_signs(*read(paid + STORY), body_words=90)[0]
    assert not truncation_signs(*read(paid + STORY), body_words=900, tail=["The end."])[0]
    counted = '<script type="application/ld+json">{"@type":"NewsArticle","wordCount":1200}</script>'
    assert truncation_signs(*read(counted + STORY), body_words=200)[0]
    page, metadata = read(STORY)
    assert truncation_signs(page, metadata, body_words=260, tail=["Subscribe to continue reading"])[0]
    assert not truncation_signs(page, metadata, body_words=260, tail=["The council will meet again."])[0]


@pytest.mark.bench
@pytest.mark.skipif(not SHARED.is_dir(), reason="the benchmark pages are not here (COPYDESK_SHARED)")
def test_few_real_articles_are_refused() -> None:
    """Of every tenth benchmark article under one in a hundred is refused; those without an address do not count."""
    from bench.pages import golds, read_gold_page

    known = [g for g in golds(SHARED) if g["set"] != "htmldate" and urlsplit(g["url"]).path.strip("/")]
    articles = [g for g in known if g["page_type"] == "article"][::10]
    refused = 0
    for gold in articles:
        page = read_gold_page(SHARED, gold)
        if page.blocks:
            document = Document(document_id="x", content=b"", media_type="text/html")
            metadata = read_metadata(page, url=gold["url"], language=gold["language"] or "und", document=document)
            found, _ = classify_page(
                page, metadata, body_chars=3000, body_words=500, paragraph_share=0.9, link_density=0.05, url=gold["url"]
            )
            refused += found is not PageKind.ARTICLE
    assert refused <= len(articles) // 100
