"""Single sources of evidence: class names, features, trafilatura's vote, facts that override the model."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.records import Document, Label
from copydesk.text.html import extract_html
from copydesk.text.html.blocks.model import load_block_model
from copydesk.text.html.blocks.priors import find_overrides
from copydesk.text.html.blocks.trafilatura_vote import ask_trafilatura, may_be_thread
from copydesk.text.html.dom.css_names import categories, categories_of
from copydesk.text.html.dom.read_page import read_page
from copydesk.text.html.dom.text_alignment import share_kept
from copydesk.text.html.features.blend_features import COLUMNS, blend_rows
from copydesk.text.html.features.context_features import context_rows
from copydesk.text.html.features.measure_blocks import FEATURES, measure_blocks
from copydesk.text.html.features.shape import _letters, word_lists
from copydesk.text.html.metadata.head import Hints
from copydesk.text.tokens.word_key import words_of

STORY = (
    "The council of the small harbour town decided on Tuesday to rebuild the old pier, which a storm had torn away. "
)
NO_HINTS = Hints((), (), "")


def said(names: str) -> set[str]:
    """Return the categories of class names."""
    bits = categories_of(names)
    return {c.id for c in categories() if bits >> c.number & 1}


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ("td-post-content entry", "body"),
        ("js-share-buttons", "share"),
        ("c-articlebody__text", "body"),
        ("sidebar-widget_area", "side"),
        ("ad-slot_2", "advert"),
        ("wp-caption-text", "caption"),
        ("onetrust-banner-sdk", "consent"),
        ("newsletterbox", "newsletter"),
    ],
)
def test_class_names_give_their_categories(names: str, wanted: str) -> None:
    """Runs of letters, stems and pairs are found in any spelling of a class."""
    assert wanted in said(names)


@pytest.mark.parametrize("names", ["shadow", "download-header-x9", "css-1q2w3e", "", "broad", "madrid"])
def test_similar_class_names_are_no_adverts(names: str) -> None:
    """A run of letters that merely holds "ad" is no advert."""
    assert "advert" not in said(names)


@given(st.text(st.characters(codec="ascii"), min_size=1) | st.text(min_size=1))
def test_ascii_is_split_as_any_other_text(text: str) -> None:
    """The quick way over bytes finds the words that the slow way finds."""
    assert words_of(text) == " ".join(re.findall(r"\w+", text))


@given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=160), min_size=1))
def test_letters_of_many_texts_are_counted_as_of_each(texts: list[str]) -> None:
    """One look-up for a page's letters finds the digits, commas and capitals that Python finds in each text."""
    wanted = [
        (
            len(re.findall(r"\d", text)),
            sum(map(text.count, ",;،、，")),
            sum(map(str.isupper, text)),
            sum(word[0].isupper() for word in text.split()),
        )
        for text in texts
    ]
    assert _letters(texts).T.tolist() == [list(counts) for counts in wanted]


def test_every_stem_is_found_anywhere_in_a_name() -> None:
    """Stems are looked up by their first letters, so each has as many."""
    for category in categories():
        for stem in category.stems:
            assert (
                categories_of(stem)
                & categories_of(f"q{stem}")
                & categories_of(f"{stem}q")
                & categories_of(f"{'q' * 26}{stem}"[-30:])
                & (1 << category.number)
            )


def test_every_word_list_is_lower_case() -> None:
    """Words are compared with lower-case text, so an upper-case one would never be found."""
    for words in word_lists():
        assert all(w == w.lower() and w for w in words)


@pytest.mark.parametrize(
    "html", [b"<p>w", b"<p>.", "<p>字".encode(), b"<li><li>a<td>b", b"<h1>a</h1>" * 9, b"<p>x</p>" * 4000]
)
def test_features_are_finite_whatever_the_page(html: bytes) -> None:
    """No page gives a hole or an infinity, and every page the same columns."""
    page = read_page(html)
    measured = measure_blocks(page, NO_HINTS)
    assert measured.rows.shape == (len(page.blocks), len(FEATURES))
    assert np.isfinite(measured.rows).all()
    p = load_block_model()["blocks"].probability(measured.rows)
    context, _ = context_rows(page, measured, p)
    rows = blend_rows(context, measured, p, np.zeros(len(p), np.float32))
    assert rows.shape == (len(page.blocks), len(COLUMNS))
    assert len(set(COLUMNS)) == len(COLUMNS)
    assert np.isfinite(rows).all()


def test_another_tools_text_is_led_back_to_the_blocks() -> None:
    """Long blocks by their trigrams, short ones by their place between them."""
    page = read_page(
        f"<p>Menu</p><p>{STORY}</p><h2>More</h2><p>{STORY.replace('pier', 'wall')}</p><p>More</p>".encode()
    )
    share = share_kept(page, f"{STORY}\nMore\n{STORY.replace('pier', 'wall')}")
    assert (share >= 0.5).tolist() == [False, True, True, True, False]


def test_trafilatura_does_not_run_where_it_would_take_seconds() -> None:
    """Deep nests and huge pages are not put to it."""
    assert ask_trafilatura(read_page(b"<div>" * 300 + STORY.encode() * 3)) is None
    assert ask_trafilatura(read_page(b"<p>word</p>" * 6_000)) is None


@pytest.mark.parametrize(
    ("html", "thread"),
    [
        (f'<script type="application/ld+json">{{"@type":"DiscussionForumPosting"}}</script><p>{STORY}</p>', True),
        (f'<div id="ThreadView-4"><p>{STORY}</p></div>', True),
        (f"<div class=story><p>{STORY} The thread broke.</p></div>", False),
    ],
)
def test_threads_are_told_by_data_and_names(html: str, thread: bool) -> None:
    """By them it is decided how trafilatura is asked; a word in the text says nothing."""
    assert may_be_thread(read_page(html.encode())) is thread


def test_consent_layers_and_repeated_text_are_cut() -> None:
    """Facts that no model can see."""
    layer = f"<div id=onetrust-consent-sdk><p>{STORY}We value your privacy.</p></div>"
    page = read_page(f"<p>{STORY}</p><p>{STORY}</p><p>{STORY} Again.</p><p>Yes.</p><p>Yes.</p>{layer}".encode())
    size = np.array([len(b.text) for b in page.blocks], np.float32)
    found = find_overrides(page, np.ones(len(page.blocks), np.bool_), size)
    assert {n: named.rule for n, named in found.items()} == {1: "html.repeated", 5: "html.names.consent"}


def test_a_page_that_is_called_after_its_consent_layer_is_not_cut() -> None:
    """A wrapper of nearly everything is the page."""
    page = read_page(f"<div class=cookie-banner-open><p>{STORY}</p><p>{STORY}2</p></div><p>x</p>".encode())
    size = np.array([len(b.text) for b in page.blocks], np.float32)
    assert find_overrides(page, np.ones(len(page.blocks), np.bool_), size) == {}


def test_cut_blocks_bear_the_names_around_them() -> None:
    """A reader of the ledger sees what each cut block was."""
    html = (
        "<title>Pier</title><nav class=menu><a href=/a>Home</a></nav><article><h1>Pier</h1>"
        + "".join(f"<p>{STORY}{n}</p>" for n in range(5))
        + "<div class=comments-area><p>I like it.</p></div>"
        + "<div class=share-bar><span>Post it there</span></div></article>"
    )
    found = extract_html(Document(document_id="d", content=html.encode(), media_type="text/html"))
    labels = {b.text: b.label for b in found.blocks}
    assert labels["Home"] is Label.NAV
    assert labels["I like it."] is Label.COMMENT
    assert labels["Post it there"] is Label.SHARE
