"""Documents that were cut off in a transfer or on a disk."""

from __future__ import annotations

import pytest

from copydesk.records import Document, Extraction
from copydesk.text.cut_off import html_cut_off
from copydesk.text.documents import ExtractOptions, extract_documents

_SENTENCE = "The council met on Monday and talked about the river and the government for several hours."
_PAGE = (
    "<html><head><title>The council talked about the river</title></head><body><article>"
    "<h1>The council talked about the river</h1>" + f"<p>{_SENTENCE}</p>" * 8
)


def extract(text: str, media_type: str) -> Extraction:
    """Extract one document."""
    document = Document(document_id="x", content=text.encode(), media_type=media_type)
    return extract_documents([document], options=ExtractOptions())[0]


@pytest.mark.parametrize(
    "end", ["<p>The council met again on Tues", "<p class='te", "<script>let a = 1;\n", "<!-- begin of the foot"]
)
def test_a_cut_page_is_flagged_with_a_finding(end: str) -> None:
    """HTML that ends in a word, tag, script or comment, without end tags, loads as truncated."""
    found = extract(_PAGE + end, "text/html")
    assert found.rejection is None
    assert found.truncated
    assert [f.rule for f in found.findings] == ["truncated"]


@pytest.mark.parametrize(
    "end", ["</article></body></html>", "</article>", "<p>The end.", "</body><!-- cached: 3 -->\nx"]
)
def test_a_whole_page_is_not_flagged(end: str) -> None:
    """End tags may be missing, as HTML allows, and something may follow them."""
    assert not extract(_PAGE + end, "text/html").truncated


def test_a_fragment_is_not_cut_off() -> None:
    """A piece of HTML without <html> and <body> needs no end tags."""
    assert html_cut_off("<p>A piece of text</p>and a word") == ""


def test_a_text_that_ends_inside_a_word_is_flagged() -> None:
    """The start of a word that the text has elsewhere, at its very end, is a cut; a whole word or line is none."""
    text = "The river\n\n" + f"{_SENTENCE}\n\n" * 5
    inside = _SENTENCE.index("government") + 5
    cut = extract(text + _SENTENCE[:inside], "text/plain")
    assert (cut.truncated, [f.rule for f in cut.findings]) == (True, ["truncated"])
    assert not extract(text + _SENTENCE[:inside] + "\n", "text/plain").truncated
    assert not extract(text + _SENTENCE[: inside - 6], "text/plain").truncated
