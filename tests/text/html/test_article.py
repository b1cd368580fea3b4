"""One HTML document in, one Extraction out: nothing visible is lost, nothing hostile raises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.records import KEPT_LABELS, Document, Label, ParagraphKind
from copydesk.text.boilerplate import Boilerplate, count_lines, line_key
from copydesk.text.html import extract_html
from copydesk.text.html.dom.read_page import read_page

STORY = (
    "The council of the small harbour town decided on Tuesday to rebuild the old pier, which a storm had torn away "
    "in January, and to pay for it with a levy on moorings that will last for six years. "
)
FURNITURE = """<header><nav class=menu><a href=/>Home</a> <a href=/news>News</a> <a href=/sport>Sport</a>
</nav></header>"""
FOOT = """<div class="related"><h3>Related articles</h3>
<ul><li><a href=/1>Ferry returns to the bay after a long winter</a>
<li><a href=/2>Fishermen ask for help as prices fall again</a></ul></div>
<footer><p>© 2024 The Harbour Post. All rights reserved.</p></footer>"""


def page_of(*paragraphs: str, head: str = "", title: str = "Council votes to rebuild the pier") -> str:
    """A page of an ordinary site around the paragraphs."""
    body = "".join(paragraphs)
    return (
        f"<html lang=en><head><title>{title} - The Harbour Post</title>{head}</head><body>{FURNITURE}"
        f"<main><article><h1>{title}</h1><div class=byline>By Ada Marsh</div>{body}</article></main>"
        f"{FOOT}</body></html>"
    )


def doc(html: str | bytes, **known: str) -> Document:
    """A document of a page."""
    content = html if isinstance(html, bytes) else html.encode()
    return Document(document_id="d", content=content, media_type="text/html", url="https://example.org/a", **known)


ARTICLE = page_of(
    *(f"<p>{STORY} It was the {n}. vote.</p>" for n in ("first", "second", "third", "fourth")),
    "<h2>What comes next</h2>",
    f"<p>{STORY}Read the <a href=/plan>whole plan</a> at the town hall.</p>",
    "<blockquote><p>We have waited long enough for it, and so have the fishermen, the mayor said.</p></blockquote>",
    '<figure><img src="/pier.jpg"><figcaption>The pier in March. Photo: A. Marsh</figcaption></figure>',
)


def test_the_article_is_kept_and_the_furniture_cut() -> None:
    """The story, its heading and its quotation stay; menu, related links, caption and footer go under their labels."""
    found = extract_html(doc(ARTICLE))
    labels = {b.text: b.label for b in found.blocks}
    assert found.rejection is None
    assert [p.kind for p in found.paragraphs] == [
        *[ParagraphKind.PARAGRAPH] * 4,
        ParagraphKind.HEADING,
        ParagraphKind.PARAGRAPH,
        ParagraphKind.QUOTE,
    ]
    assert found.title == "Council votes to rebuild the pier"
    assert labels["Council votes to rebuild the pier"] is Label.TITLE
    assert labels["The pier in March. Photo: A. Marsh"] is Label.CAPTION
    assert labels["By Ada Marsh"] is Label.BYLINE
    assert found.captions[0].image_url == "https://example.org/pier.jpg"
    assert [(link.url, link.text) for link in found.links] == [("https://example.org/plan", "whole plan")]
    assert found.language == "en"


def test_every_visible_block_is_accounted_for() -> None:
    """Blocks of the page and blocks of the answer are the same, each with a label and a rule."""
    found = extract_html(doc(ARTICLE))
    assert [b.text for b in found.blocks] == [b.text for b in read_page(ARTICLE.encode()).blocks]
    assert all(b.rule for b in found.blocks)
    assert all(b.kept == (b.label in KEPT_LABELS) for b in found.blocks)
    assert [p.text for p in found.paragraphs] == [b.text for b in found.blocks if b.kept]


def test_explain_gives_the_evidence_of_every_block() -> None:
    """With explain, every block has the model's evidence; without it, none is computed."""
    told = extract_html(doc(ARTICLE), explain=True)
    assert all(any(w.name == "model" for w in b.evidence) for b in told.blocks)
    assert any(w.rule.startswith("feature.") for b in told.blocks for w in b.evidence)
    assert all(b.evidence == () for b in extract_html(doc(ARTICLE)).blocks)


@pytest.mark.parametrize("extractor", ["auto", "blocks", "trafilatura"])
def test_the_points_of_a_block_add_up(extractor: str) -> None:
    """What features, boilerplate and rules contributed adds up to the decision and to the probability that is shown."""
    boilerplate = Boilerplate(pages={"s": 9}, lines={"s": {line_key("What comes next"): 9}})
    told = extract_html(doc(ARTICLE, site="s"), explain=True, boilerplate=boilerplate, extractor=extractor)
    for block in told.blocks:
        points = sum(w.points for w in block.evidence)
        odds = np.log(block.confidence / (1 - block.confidence)) if block.confidence < 1 else np.inf
        assert abs(points) == pytest.approx(odds, abs=0.05) or (abs(points) > 5 and odds > 5)
        assert (points > 0) == block.kept
    assert any(w.name == "boilerplate" for b in told.blocks for w in b.evidence)


def test_a_cut_against_the_model_shows_the_certainty_of_the_cut() -> None:
    """A text that stands twice: its points and its probability are those of the cut, the article's confidence stays."""
    once = "".join(f"<p>{STORY} It is part {n} of the story of the pier.</p>" for n in range(5))
    twice = doc(f"<title>The pier</title><h1>The pier</h1><div>{once}</div><div>{once}</div>")
    told, plain = extract_html(twice, explain=True), extract_html(twice)
    found = [b for b in told.blocks if b.rule == "html.repeated"]
    assert len(found) == 5
    for block in found:
        points = sum(w.points for w in block.evidence)
        assert not block.kept
        assert points < 0
        assert block.confidence == pytest.approx(1 / (1 + np.exp(points)), abs=1e-4)
        model = sum(w.points for w in block.evidence if w.name == "model")
        assert model > 0, "the model would have kept it"
    assert [b.confidence for b in plain.blocks] == [b.confidence for b in told.blocks]


def test_lines_of_other_pages_change_no_number_of_a_page() -> None:
    """A site with recurring lines, none of them on this page: its confidences stay the same to the last bit."""
    links = "<ul><li><a href=/a>One</a><li><a href=/b>Two of them</a></ul>"
    pages = [
        f"<title>Pier</title><h1>The pier {'a' * n}</h1><p>{STORY * (n % 5 + 1)}</p>{links * n}" for n in range(30)
    ]
    known = Boilerplate(pages={"s": 9}, lines={"s": {line_key("A line of other pages"): 9}})
    for n, page in enumerate(pages):
        document = Document(document_id=str(n), content=page.encode(), media_type="text/html", site="s")
        assert extract_html(document, boilerplate=known).blocks == extract_html(document).blocks


def test_explaining_changes_no_decision() -> None:
    """Who asks why gets the same answer as who does not."""
    plain, told = extract_html(doc(ARTICLE)), extract_html(doc(ARTICLE), explain=True)
    assert [(b.text, b.label, b.kept, b.rule) for b in plain.blocks] == [
        (b.text, b.label, b.kept, b.rule) for b in told.blocks
    ]


@pytest.mark.parametrize("extractor", ["auto", "blocks", "trafilatura"])
def test_every_extractor_publishes_the_pages_own_text(extractor: str) -> None:
    """Whoever chooses, joiners of the page survive in what is published."""
    html = page_of(*(f"<p>{STORY} می\u200cروم 👩\u200d🚀 {n}</p>" for n in range(6)))
    found = extract_html(doc(html), extractor=extractor)
    assert sum("می\u200cروم 👩\u200d🚀" in p.text for p in found.paragraphs) == 6


def test_a_headline_repeated_in_the_text_is_cut_once_more() -> None:
    """The headline is no paragraph, however often the page repeats it."""
    html = page_of("<p>Council votes to rebuild the pier</p>", *(f"<p>{STORY}{n}</p>" for n in range(5)))
    labels = [b.label for b in extract_html(doc(html)).blocks if b.text == "Council votes to rebuild the pier"]
    assert labels == [Label.TITLE, Label.TITLE_DUPLICATE]


def test_pins_of_the_boilerplate_decide() -> None:
    """What a person pinned is kept or cut, whatever the model thinks."""
    first = f"{STORY} It was the first. vote."
    boilerplate = Boilerplate(
        pages={"example.org": 9},
        pins={"example.org": {line_key(first): "cut", line_key("Related articles"): "keep"}},
    )
    kept = [p.text for p in extract_html(doc(ARTICLE, site="example.org"), boilerplate=boilerplate).paragraphs]
    assert "Related articles" in kept


def test_short_blocks_that_recur_on_the_site_lose_odds() -> None:
    """A line the site shows on every page is less likely to be the story's."""
    html = page_of(*(f"<p>{STORY}{n}</p>" for n in range(5)), "<p>Our newsroom works for you every single day.</p>")
    boilerplate = Boilerplate(
        pages={"s": 50}, lines={"s": {line_key("Our newsroom works for you every single day."): 50}}
    )
    found = extract_html(doc(html, site="s"), boilerplate=boilerplate)
    assert "Our newsroom works for you every single day." not in [p.text for p in found.paragraphs]


def test_lines_of_earlier_pages_are_learned_in_any_order() -> None:
    """The short lines outside links of a site's pages are counted once a page, in any order, and lower their odds."""
    notice = "The Harbour Post is printed on paper from the mill upriver."
    pages = [
        doc(page_of(f"<p>{STORY}{n}</p><p>{STORY}{n}.</p><p>{notice.replace('paper', '<b>paper</b>')}</p>"), site="s")
        for n in range(4)
    ]
    counted = count_lines(pages)
    assert counted == count_lines(pages[::-1])
    assert counted.pages == {"s": 4}
    assert counted.page_count("s", line_key(notice)) == 4
    assert counted.page_count("s", line_key("Ferry returns to the bay after a long winter")) == 0
    with_memory = extract_html(pages[0], boilerplate=counted, explain=True)
    block = next(b for b in with_memory.blocks if b.text == notice)
    assert [w.points for w in block.evidence if w.name == "boilerplate"] == [-2.0]


def test_a_chinese_story_is_no_wall_behind_a_log_in_link() -> None:
    """Words are counted in scripts without blanks, too: a story of 300 letters is longer than a wall's text."""
    text = "港口委员会周一决定在鲱鱼季节开始之前疏浚北航道，渔民们为此等待了十五年，市长在会议上说。"
    body = "".join(f"<p>{text}{n}</p>" for n in range(7))
    html = page_of(body, "<p>登录后发表评论</p>", title="北航道将疏浚").replace("lang=en", "lang=zh")
    found = extract_html(doc(html))
    assert found.rejection is None
    assert len(found.paragraphs) >= 7


HOSTILE = {
    "nothing": b"",
    "binary": bytes(range(256)) * 40,
    "million breaks": b"<p>a</p>" + b"<br>" * 400_000,
    "many siblings": b"<p>word</p>" * 100_000,
    "deep": b"<div>" * 9_000 + b"text " * 50,
    "too deep": b"<div>" * 50_000,
    "frames": b"<frameset><frame src=a></frameset>",
    "cut tag": b"<p>text <a href='",
    "bad json": b'<script type=application/ld+json>{"headline": [1, {"a": </script><p>' + b"text " * 90,
    "surrogates": b"<p>\\ud800 &#xD800; &#0; &#x110000; text</p>",
    "nested tables": b"<table><tr><td>" * 500 + b"words in a cell " * 10,
}


MARKUP = [
    *("<p>", "</p>", "<div class=share>", "<h1>A b", STORY, "<li>", "<a href='//[x'>", "<td>", "<br>", "<figcaption>"),
    *("\x01", "<title>A b</title>", "<pre> x", "<article>"),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_give_an_answer(name: str) -> None:
    """An answer or a rejection with a reason; never an exception."""
    found = extract_html(doc(HOSTILE[name]))
    assert len(count_lines([doc(HOSTILE[name], site="s")]).pages) <= 1
    assert found.paragraphs or (found.rejection is not None and found.rejection.reason)


@given(st.lists(st.sampled_from(MARKUP), max_size=30), st.booleans())
@settings(max_examples=80, deadline=None)
def test_any_markup_is_answered_whole(parts: list[str], explain: bool) -> None:
    """The accounting law for any markup: blocks in, the same blocks out."""
    content = "".join(parts).encode()
    found = extract_html(doc(content), explain=explain)
    assert [b.text for b in found.blocks] == [b.text for b in read_page(content).blocks]
