# ruff: noqa: E501 - data
"""A text that stands only in a page's data is found, kept whole, and said to come from there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from copydesk.records import Document, Extraction, PageKind, ParagraphKind
from copydesk.text.html import extract_html
from copydesk.text.html.blocks.override_rules import override_rules

TITLE = "Night train to the coast returns after eleven years"
STORY = [
    "The night train between the capital and the coast will run again from the middle of December, the railway said.",
    "It had been given up eleven years ago, when four of its six carriages failed the inspection of their brakes.",
    "A berth in a compartment of four costs as much as a seat in the day train, and bicycles travel for nothing.",
    "“We have sold nine hundred tickets since breakfast”, said Jelena Kos, who leads the line’s office at the harbour.",
    "The first train leaves at a quarter past ten in the evening and arrives in time for the ferry to the islands.",
]  # fmt: skip
OTHER = [
    f"Another story of the day, number {n}, tells of a fair where {n * 7} goats were sold to a dairy." for n in range(9)
]


def extract(body: str, head: str = "") -> Extraction:
    """The extraction of a page that shows hardly anything."""
    html = (
        f"<!doctype html><html lang=en><head><title>{TITLE} | Coast Post</title><meta property='og:title' "
        f'content="{TITLE}">{head}</head><body><header><a href=/>Coast Post</a></header><div id=app></div>{body}</body></html>'
    )
    return extract_html(
        Document(document_id="d", content=html.encode(), media_type="text/html", url="https://c.example/a")
    )


def script(value: Any, how: str = '<script type="application/json" id="__NEXT_DATA__">%s</script>') -> str:
    """A script with data."""
    return how % json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


ARTICLE: dict[str, Any] = {
    "headline": TITLE,
    "author": {"name": "Marta Lindqvist"},
    "datePublished": "2025-11-03T06:00:00Z",
}
HTML = "".join(f"<p>{p}</p>" for p in STORY)
PORTABLE = [{"_type": "block", "style": "normal", "children": [{"text": p[:40]}, {"text": p[40:]}]} for p in STORY]
MIXED = [
    {"type": "paragraph", "text": STORY[0]},
    {"type": "image", "text": "A caption that is not the text of the story, as its type says clearly."},
    *({"type": "paragraph", "text": p, "html": f"<b>{p}</b>"} for p in STORY[1:]),
]


@pytest.mark.parametrize(
    "data",
    [
        script({"props": {"pageProps": {"article": ARTICLE | {"body": STORY}}}}),
        script({"props": {"pageProps": {"article": ARTICLE | {"content": HTML}}}}),
        script({"data": [{"post": ARTICLE | {"blocks": PORTABLE}}]}, "<script>window.__NUXT__ = %s;</script>"),
        script({"story": ARTICLE | {"elements": MIXED}}, "<script>Fusion.globalContent=%s;Fusion.x={}</script>"),
        script({"a": ARTICLE | {"text": "\n\n".join(STORY)}}, "<script>var x=1; self.__STATE__ = %s</script>"),
        "<script>window.__S = JSON.parse(" + json.dumps(json.dumps(ARTICLE | {"body": HTML})) + ")</script>",
        "<script>self.__next_f.push([1," + json.dumps(
            "5:" + json.dumps([["$", "h1", None, {"children": TITLE}]] + [["$", "p", None, {"children": p}] for p in STORY]) + "\n"
        ) + "])</script>",
        "<div data-page='" + json.dumps({"props": {"post": ARTICLE | {"body": HTML}}}).replace("'", "&#39;") + "'></div>",
        script(ARTICLE | {"body": STORY}, "<script type='fastboot/shoebox' data-x>%s</script>"),
    ],
    ids=["next-list", "next-html", "nuxt-portable", "fusion-elements", "state-lines", "parse", "flight", "inertia", "shoebox"],
)  # fmt: skip
def test_the_text_is_found_in_any_kind_of_store(data: str) -> None:
    """As a list, as HTML, as text with blank lines, as nodes; the finding and the evidence name the place."""
    found = extract(data)
    text = "\n".join(p.text for p in found.paragraphs)
    assert [p for p in STORY if p not in text] == []
    assert "A caption that is not" not in text
    assert found.title == TITLE
    assert found.kind is PageKind.ARTICLE
    assert found.rejection is None
    assert found.extractor == "data"
    assert [f.rule for f in found.findings] == ["text_from_data"]
    assert [e.field for e in found.evidence if e.field == "body"] == ["body"]
    assert {b.rule for b in found.blocks if b.kept} <= set(override_rules())


def test_author_and_date_beside_the_text_are_read() -> None:
    """What the head does not say stands beside the text."""
    found = extract(script({"article": ARTICLE | {"body": STORY}}))
    assert [a.name for a in found.authors] == ["Marta Lindqvist"]
    assert found.published is not None
    assert found.published.isoformat().startswith("2025-11-03")


def test_the_text_beside_the_title_wins_over_a_longer_one() -> None:
    """A page's data often has the stories of its teasers, too."""
    data = {"related": [{"title": "Goats", "body": OTHER * 3}], "page": {"main": ARTICLE | {"body": STORY}}}
    text = "\n".join(p.text for p in extract(script(data)).paragraphs)
    assert STORY[-1] in text
    assert "goats" not in text


def json_ld(**more: Any) -> str:
    """A head with an articleBody."""
    node = {"@type": "NewsArticle", "headline": TITLE, "articleBody": "\n\n".join(STORY), **more}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def test_article_body_fills_a_page_with_a_lead_only() -> None:
    """The lead is shown, the rest loads later: the whole text is taken, the lead once."""
    found = extract(f"<main><h1>{TITLE}</h1><p>{STORY[0]}</p><p>Loading...</p></main>", json_ld())
    text = "\n".join(p.text for p in found.paragraphs)
    assert [text.count(p) for p in STORY] == [1] * len(STORY)
    assert "Loading" not in text
    assert "articleBody" in found.findings[0].detail
    assert [b.rule for b in found.blocks if b.text == STORY[0]] == ["html.data.shown", "html.data.text"]


def test_a_page_that_shows_its_text_keeps_it() -> None:
    """Data beside a whole article changes nothing."""
    shown = extract(f"<main><h1>{TITLE}</h1>{HTML}</main>", json_ld(articleBody=" ".join(STORY)))
    assert shown.extractor != "data"
    assert [p.kind for p in shown.paragraphs] == [ParagraphKind.PARAGRAPH] * len(STORY)


def test_the_text_of_a_paid_article_is_not_taken() -> None:
    """What is declared as for subscribers stays the preview that readers see, and is marked as truncated."""
    body = f"<main><h1>{TITLE}</h1><p>{STORY[0]}</p><p>Subscribe to continue reading</p></main>"
    found = extract(body, json_ld(isAccessibleForFree=False))
    assert STORY[-1] not in "\n".join(p.text for p in found.paragraphs)
    assert found.truncated


@pytest.mark.parametrize(
    "data",
    [
        "<script type='application/json'>{broken</script>",
        script({"messages": {f"key{n}": "A short word" for n in range(300)}}),
        script({"deep": [[[[[[[[[["x"] * 50]]]]]]]]]}),
        "<script>window.a = " + "[" * 5000 + "</script>",
        script({"i18n": {"terms": "These terms hold for all. " * 60}}),
    ],
)
def test_data_without_an_article_gives_none(data: str) -> None:
    """Broken, deep or full of words of the interface: nothing is made up, nothing raises."""
    found = extract(data)
    assert found.rejection is not None
    assert found.paragraphs == ()


def test_a_short_story_is_not_replaced_by_other_texts_of_its_page() -> None:
    """Lists of other stories in a script, without the page's title: the short story that is shown stays."""
    listed = (
        "<script>var list = "
        + json.dumps([f"{t} The dairy pays more than last year." for t in OTHER * 2])
        + "</script>"
    )
    found = extract(f"<main><h1>{TITLE}</h1><p>{STORY[0]}</p><p>{STORY[1]}</p></main>{listed}")
    assert found.extractor != "data"
    assert [p.text for p in found.paragraphs] == STORY[:2]


def test_a_short_text_in_chinese_letters_is_a_text() -> None:
    """Two hundred letters say as much as six hundred of an alphabet."""
    story = (
        "夜行列车将于十二月中旬恢复运行，铁路公司周一宣布。列车十一年前停运，当时六节车厢中有四节未能通过制动检查。" * 4
    )
    body = {"@type": "NewsArticle", "headline": TITLE, "articleBody": story[:200]}
    found = extract("", script(body, '<script type="application/ld+json">%s</script>'))
    assert "".join(p.text for p in found.paragraphs) == story[:200]
