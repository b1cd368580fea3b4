"""Pages become visible blocks, whatever the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copydesk.text.html.dom.html_page import Page, Place
from copydesk.text.html.dom.read_page import read_page

MARKUP = [
    *("<p>", "</p>", "<div class=a>", "</div>", "<b>", "</b>", "<a href=/x>", "</a>", "<br>", "<br><br>", "<li>"),
    *("<ul>", "</ul>", "<table>", "<tr>", "<td>", "</table>", "<pre>", "</pre>", "<h2>", "</h2>", "<img src=i.jpg>"),
    *("<figure>", "<figcaption>", "</figure>", "<script>var a</script>", "word ", "two words", " ", "&nbsp;", "&shy;"),
    *("می\u200cرود", "<template>t</template>", "<select><option>o</select>", "<noscript>n</noscript>", "<!-- c -->"),
    *("<svg><text>s</text></svg>", "<details><summary>s</summary>", "</details>", "<", "&", "\x00", "\ufeff", "<x-a>"),
]
PARTS = st.lists(st.sampled_from(MARKUP), max_size=40)


def texts(page: Page) -> list[str]:
    """The blocks' texts in order."""
    return [b.text for b in page.blocks]


def test_bare_text_of_div_and_span_is_a_block() -> None:
    """Text outside paragraphs is not lost."""
    assert texts(read_page(b"<body>bare<div>in div<p>in p</p>after</div><span>in span</span>")) == [
        "bare",
        "in div",
        "in p",
        "after",
        "in span",
    ]


def test_two_breaks_part_paragraphs_and_one_keeps_a_line() -> None:
    """A poem keeps its lines, an old page its paragraphs."""
    page = read_page(b"<div>roses<br>violets<br><br>" + b"long " * 30 + b"<br>" + b"more " * 30 + b"</div>")
    assert [t[:14] for t in texts(page)] == ["roses\nviolets", "long long long", "more more more"]


def test_joiners_survive_and_soft_hyphens_go() -> None:
    """Persian and emoji keep the joints that make them words; typesetting marks are no letters."""
    page = read_page("<p>می\u200cروم 👩\u200d🚀 Zei&shy;tung\ufeff</p>".encode())
    assert texts(page) == ["می\u200cروم 👩\u200d🚀 Zeitung"]


def test_text_deeper_than_256_elements_is_found() -> None:
    """Depth costs nothing and loses nothing."""
    assert texts(read_page(b"<div>" * 3000 + b"<p>deep</p>" + b"</div>" * 3000)) == ["deep"]


def test_elements_of_a_sites_own_making_do_not_tear_sentences() -> None:
    """Inside running text they are part of the line; around paragraphs they are containers."""
    page = read_page(b"<x-app><p>A <x-source>large study</x-source> says so.</p><x-box>Box</x-box></x-app>")
    assert texts(page) == ["A large study says so.", "Box"]


def test_what_browsers_never_show_is_no_block() -> None:
    """Scripts, templates, closed menus and drawings are not text."""
    source = (
        b"<p>seen<script>a</script><style>b</style></p><template>c</template><svg><text>d</text></svg><select><option>e"
    )
    assert texts(read_page(source)) == ["seen"]


def test_noscript_is_read_only_on_a_page_without_other_text() -> None:
    """A page that a script would have built is read as a browser without scripts shows it."""
    alone = read_page(b"<div></div><noscript><p>the story</p></noscript>")
    beside = read_page(b"<p>" + b"words " * 60 + b"</p><noscript><p>turn it on</p></noscript>")
    assert texts(alone) == ["the story"]
    assert len(beside.blocks) == 1


def test_a_row_of_short_cells_is_one_block() -> None:
    """Tables of data keep their rows; a layout table's long cells stay paragraphs."""
    data = read_page(b"<table><tr><th>Year<th>Goals</tr><tr><td>2020<td>7</tr></table>")
    layout = read_page(b"<table><tr><td>" + b"word " * 60 + b"<td>side</table>")
    assert texts(data) == ["Year | Goals", "2020 | 7"]
    assert [b.tag for b in layout.blocks] == ["td", "td"]


def test_pre_keeps_its_shape() -> None:
    """White space inside <pre> is the text's own."""
    assert texts(read_page(b"<pre>\n a\n  b\n</pre>")) == [" a\n  b"]


def test_links_levels_lists_and_places_are_recorded() -> None:
    """What later steps ask of a block is on it."""
    page = read_page(
        b"<main><h2>H <a href=/l>link</a></h2><ul><li>a<ul><li>b</ul></ul><nav><a href=x><div>n</div></a></nav>"
    )
    head, one, two, nav = page.blocks
    assert (head.level, head.links, head.link_chars) == (2, (("/l", "link"),), 4)
    assert (one.list_depth, two.list_depth) == (1, 2)
    assert nav.place & Place.NAV
    assert nav.link_chars == 1
    assert page.where(two) == "main/ul/ul/li[1]"


@pytest.mark.parametrize(
    ("content", "charset", "text", "found"),
    [
        ("<meta charset=iso-8859-1><p>Žluťoučký kůň</p>".encode(), "windows-1252", "Žluťoučký kůň", "utf-8"),
        ("<meta charset=windows-1251><p>Привет, мир</p>".encode("cp1251"), None, "Привет, мир", "cp1251"),
        ("<p>Привет, мир</p>".encode("cp1251"), "windows-1251", "Привет, мир", "cp1251"),
        ("<meta charset=shift_jis><p>日本語の文章です</p>".encode("cp932"), None, "日本語の文章です", "cp932"),
        ("\ufeff<p>été</p>".encode("utf-16-le"), None, "été", "utf-16-le"),
        ("<p>“quoted” – text</p>".encode("cp1252"), "iso-8859-1", "“quoted” – text", "cp1252"),
    ],
)
def test_charset_lies_are_seen_through(content: bytes, charset: str | None, text: str, found: str) -> None:
    """The bytes win over the charset that the page or the HTTP header declares."""
    page = read_page(content, charset)
    assert (texts(page), page.charset) == ([text], found)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<html><body></body>", "empty"),
        (b"<div id=root></div><script>render()</script>", "script_only"),
        (b"x" * 300, "too_large"),
        (b"<br>" * 60, "too_many_nodes"),
        (b"<div>" * 30_000, "too_deep"),
        (b"<div " + b" ".join(b"a%d=1" % n for n in range(30_000)) + b">x", "too_many_nodes"),
    ],
)
def test_what_cannot_be_worked_on_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    """A refusal names the defect; nothing is raised."""
    small = reason in ("too_large", "too_many_nodes") and len(content) < 1_000
    limits = {"max_bytes": 250, "max_nodes": 50} if small else {}
    page = read_page(content, **limits)
    assert page.rejection is not None
    assert page.rejection.reason == reason
    assert page.blocks == ()


@given(PARTS)
@settings(max_examples=150, deadline=None)
def test_blocks_are_numbered_and_inside_their_elements(parts: list[str]) -> None:
    """Whatever the markup: numbers count up, texts are not empty, and an element's range holds its own blocks."""
    page = read_page("".join(parts).encode("utf-8", "replace"))
    assert [b.number for b in page.blocks] == list(range(1, len(page.blocks) + 1))
    assert all(b.text.strip() for b in page.blocks)
    for block in page.blocks:
        for element in page.ancestors(block):
            assert element.first < block.number <= element.last


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "latin-1", "utf-16", "nonsense", "hex", "gb2312"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_a_page(content: bytes, charset: str | None) -> None:
    """No bytes and no declared charset raise."""
    page = read_page(content, charset)
    assert page.blocks or page.rejection is not None


def test_a_tag_of_very_many_attributes_is_refused_and_a_script_of_many_words_is_not() -> None:
    """Only attributes count; text before the first tag and inside scripts does not."""
    words = " ".join(f"a{n}=1" for n in range(12_000)).encode()
    refused = read_page(b"<body><p " + words + b">text</p>").rejection
    assert refused is not None
    assert refused.reason == "too_many_nodes"
    for page in (b"<p>text<script>x = '<p " + words + b"'</script>", words + b"<p>text</p>", b"<p>" + words):
        assert read_page(page).rejection is None


def test_a_title_that_is_never_closed_does_not_hide_the_page() -> None:
    """To a parser the rest of such a page is its title; it is closed at the line's end, or before the next tag."""
    for title in ("<title>Bridge closes\n", "<TITLE lang=en>Bridge closes"):
        page = read_page(f"<html><head>{title}<meta name=a></head><body><p>The bridge is closed.</p></body>".encode())
        assert [b.text for b in page.blocks] == ["The bridge is closed."]
        assert page.tree is not None
        assert page.tree.css_first("title").text().strip() == "Bridge closes"
    closed = read_page(b"<html><head><title>Bridge closes</title></head><body></body></html>")
    assert closed.rejection is not None
    assert closed.rejection.reason == "empty"
