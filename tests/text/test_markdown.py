"""Markdown shows the article's shape and nothing that the article did not say."""

from __future__ import annotations

from copydesk.records import Extraction, Link, PageKind, Paragraph, ParagraphKind
from copydesk.text.markdown import to_markdown


def rendered(*paragraphs: Paragraph, links: tuple[Link, ...] = (), title: str | None = None) -> str:
    """The Markdown of an article of these paragraphs."""
    return to_markdown(
        Extraction(
            document_id="x",
            kind=PageKind.ARTICLE,
            extractor="blocks",
            charset="utf-8",
            paragraphs=paragraphs,
            links=links,
            title=title,
        )
    )


def p(text: str, kind: ParagraphKind = ParagraphKind.PARAGRAPH, level: int = 0, block: int = 1) -> Paragraph:
    """One paragraph."""
    return Paragraph(kind=kind, text=text, block=block, level=level)


def test_every_shape_is_rendered() -> None:
    """Headings, lists, quotes, tables and code come out as such."""
    text = rendered(
        p("Part", ParagraphKind.HEADING, 2),
        p("one", ParagraphKind.LIST_ITEM, 1),
        p("inner", ParagraphKind.LIST_ITEM, 2),
        p("said", ParagraphKind.QUOTE),
        p("a | b", ParagraphKind.TABLE),
        p("1 | 2", ParagraphKind.TABLE),
        p("x = `1`", ParagraphKind.CODE),
        title="Title",
    )
    assert text == (
        "# Title\n\n## Part\n\n- one\n  - inner\n\n> said\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\nx = `1`\n```\n"
    )


def test_links_are_put_back_where_their_words_stand() -> None:
    """The anchor text becomes the link, in order, even when the same words stand twice."""
    links = (Link(url="https://e.org/a (1)", text="here", block=1), Link(url="https://e.org/b", text="here", block=1))
    assert (
        rendered(p("here and here"), links=links) == "[here](https://e.org/a%20%281%29) and [here](https://e.org/b)\n"
    )


def test_text_cannot_become_markup() -> None:
    """Stars, brackets and a leading number of the text stay text."""
    assert rendered(p("1. *not* a [list]")) == "1\\. \\*not\\* a \\[list\\]\n"


def test_nothing_gives_nothing() -> None:
    """An empty article is an empty document."""
    assert rendered() == ""
