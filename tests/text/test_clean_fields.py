"""Field values: what is removed, what stays, and that nothing gets past."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.records import Document, Extraction
from copydesk.text.boilerplate import line_key
from copydesk.text.clean_fields import clean_text
from copydesk.text.documents import ExtractOptions, extract_documents
from copydesk.text.pins import with_restored

ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\u00ad]")
PROSE = "The town council voted on Tuesday evening to close the old bridge over the river until the spring. "


def strings(value: Any) -> list[str]:
    """Return every text in the fields of a record, blocks left out: they are the page as it is."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for one in value for text in strings(one)]
    if is_dataclass(value):
        return [text for f in fields(value) if f.name != "blocks" for text in strings(getattr(value, f.name))]
    return []


def extract(content: str, media_type: str) -> Extraction:
    """Return the extraction of one page."""
    document = Document(document_id="a", content=content.encode("utf-8", "replace"), media_type=media_type)
    return extract_documents([document], options=ExtractOptions())[0]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        (ENGLAND, ENGLAND),
        ("ភាសា\u200bខ្មែរ", "ភាសា\u200bខ្មែរ"),
        ("שלום\u200f!", "שלום\u200f!"),
        ("two\n\tlines", "two\n\tlines"),
        ("pass\u200bword", "password"),
        ("pass\u200dword\u2060s\ufeff", "passwords"),
        ("co\u00adop", "coop"),
        ("left\u200e to right", "left to right"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("\u2067hidden\u2069", "hidden"),
        ("hi\U000e0041\U000e0042", "hi"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[1;31mred\x1b[0m and \x9b4mlined\x9b0m", "red and lined"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;https://example.org\x1b\\a link\x1b]8;;\x1b\\", "a link"),
        ("\x1b\u200b[31mred", "red"),
        ("the list [31m] of [0m units", "the list [31m] of [0m units"),
        ("\x1b]no end", "]no end"),
        ("\x9bquoted", "quoted"),
        ("a\x85b\x9bc\u2028d", "a b c d"),
    ],
)
def test_only_what_no_script_needs_is_removed(text: str, kept: str) -> None:
    """Persian, Hindi, emoji, flags, Khmer and Hebrew keep their invisible characters; the rest goes."""
    assert clean_text(text) == kept


def test_removed_characters_are_counted_and_addresses_get_no_spaces() -> None:
    """Each removed character is counted; in an address a control character leaves nothing behind."""
    removed: Counter[str] = Counter()
    assert clean_text("https://example.org/\x1ba\u200bb", removed, address=True) == "https://example.org/ab"
    assert removed == {"\x1b": 1, "\u200b": 1}


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_text_keeps_a_forbidden_character_and_cleaning_twice_changes_nothing(text: str) -> None:
    """Law: a cleaned text has no control, override or word joiner, and is clean."""
    cleaned = clean_text(text)
    assert not FORBIDDEN.search(cleaned)
    assert clean_text(cleaned) == cleaned


_SEQUENCES = ["\x1b[31m", "\x1b[0m", "\x1b[?25l", "\x9b1;4m", "\x1b]0;a b\x07", "\x1b]8;;x:y\x1b\\"]


@given(st.lists(st.one_of(st.sampled_from(_SEQUENCES), st.text("aZ0 [];m31", max_size=8)), max_size=8))
def test_escape_sequences_go_whole_and_nothing_else(parts: list[str]) -> None:
    """Law: between any texts, also such as "[31m", sequences leave the texts as they are."""
    text = "".join(parts)
    kept = "".join(part for part in parts if part not in _SEQUENCES)
    assert clean_text(text).strip() == kept.strip()
    assert clean_text(clean_text(text)) == clean_text(text)


_REMOVED = [*"\x1b\x07\x9b\x85\u200b\u200d\u202e\u2066\u2069\u00ad\ufeff\u2028", "\U000e0041"]
_ANYWHERE = st.lists(st.sampled_from(_REMOVED), min_size=14, max_size=14)


@given(_ANYWHERE)
def test_no_field_of_a_text_has_a_forbidden_character(s: list[str]) -> None:
    """Law: wherever they stand in a plain text, no field keeps a control or override."""
    lines = [
        f"Home / Ne{s[0]}ws / Bri{s[1]}dge closed",
        f"Bri{s[1]}dge clo{s[2]}sed until spring",
        f"By Ja{s[3]}ne D{s[4]}oe",
        f"LON{s[5]}DON (Reu{s[6]}ters) - {PROSE}{s[7]}",
        PROSE + s[8] + PROSE,
        f"Source: Fa{s[9]}rs News",
        f"© 2024 The Da{s[10]}ily",
    ]
    found = extract("\n\n".join(lines), "text/plain")
    assert [text for text in strings(found) if FORBIDDEN.search(text)] == []


@given(_ANYWHERE)
def test_no_field_of_a_page_has_a_forbidden_character(s: list[str]) -> None:
    """Law: wherever they stand in a page's text, metadata and addresses, as characters or references, none is kept."""
    r = [f"&#{ord(c)};" for c in s]
    html = f"""<html><head><title>Bri{s[0]}dge cl{r[1]}osed</title>
        <meta property="og:site_name" content="The Da{s[2]}i{r[3]}ly">
        <meta name="author" content="Jane {s[4]}D{r[5]}oe">
        <meta property="article:section" content="Ne{r[6]}ws"><meta property="article:tag" content="bri{s[7]}dges">
        <link rel="canonical" href="https://example.org/a{s[8]}b">
        <meta property="og:image" content="https://example.org/i{r[9]}.jpg"></head><body><article>
        <h1>Bri{s[0]}dge closed</h1><p>{PROSE}{s[10]}{PROSE}</p>
        <p>{PROSE}<a href="https://example.org/x{s[11]}y">a l{r[12]}ink</a> {PROSE}</p>
        <figure><img src="https://example.org/p{s[13]}.jpg"><figcaption>The br{r[10]}idge</figcaption></figure>
        <p>{PROSE * 2}</p></article></body></html>"""
    found = extract(html, "text/html")
    assert [text for text in strings(found) if FORBIDDEN.search(text)] == []


def test_what_was_removed_is_a_finding() -> None:
    """Overrides and tags are a warning of their own, zero-width characters an information, with code points."""
    text = f"Bridge closed until spring\n\n{PROSE}fi\u200bve \u202egnp\n\n{PROSE * 2}\n"
    found = {f.rule: (f.severity.value, f.value, f.detail) for f in extract(text, "text/plain").findings}
    assert found["hidden_characters"] == ("warn", 1.0, "removed from fields: U+202E x 1")
    assert found["invisible_characters"] == ("info", 1.0, "removed from fields: U+200B x 1")


def test_a_clean_page_is_left_alone() -> None:
    """A page with nothing to remove has no finding, and Persian joiners stay."""
    persian = (
        "شهردار تهران روز سه‌شنبه اعلام کرد که خط تازه مترو در بهار آینده گشایش می‌یابد و مردم از آن استفاده می‌کنند."
    )
    found = extract("\n\n".join([persian] * 4), "text/plain")
    assert found.findings == ()
    assert all(p.text == persian for p in found.paragraphs)


def test_a_line_that_a_user_restores_is_cleaned() -> None:
    """A restored line becomes a paragraph without what cleaning removes."""
    line = "Subscribe to our news\u202eletter"
    found = extract(f"Bridge closed until spring\n\n{PROSE * 2}\n\n{PROSE}\n\n{line}\n", "text/plain")
    texts = [p.text for p in with_restored(found, {line_key(line)}).paragraphs]
    assert "Subscribe to our newsletter" in texts


def test_references_that_a_page_shows_are_read_and_said() -> None:
    """Encoded twice by the site's program; text on HTML and listings keep theirs."""
    said = (
        "The firm &amp;quot;Nord &amp;amp; Sons&amp;quot; won, said the mayor&amp;#8217;s office &amp;#8211; once more."
    )
    kept = (
        "Write the reference &amp;quot; in place of a mark, and &amp;lt;b&amp;gt; in place of a tag, he told the class."
    )
    title = "Nord &amp;amp; Sons win again"
    body = f"<h1>{title}</h1><p>{said}</p><p>{PROSE * 3}</p><p>{kept}</p><p>{PROSE * 2}</p>"
    html = f"<html><head><title>{title}</title></head><body><article>{body}</article></body></html>"
    document = Document(document_id="d", content=html.encode(), media_type="text/html", url="https://a.example/1")
    found = extract_documents([document], options=ExtractOptions())[0]
    assert found.title == "Nord & Sons win again"
    text = "\n".join(p.text for p in found.paragraphs)
    assert 'The firm "Nord & Sons" won, said the mayor\u2019s office \u2013 once more.' in text
    assert "reference &quot; in place of a mark, and &lt;b&gt; in place" in text
    assert "encoded_twice" in [f.rule for f in found.findings]
