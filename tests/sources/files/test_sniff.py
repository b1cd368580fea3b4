"""What a file is, by its bytes first."""

from __future__ import annotations

import pytest

from copydesk.sources.files.sniff import Kind, sniff

CYRILLIC = "Президент заявил, что переговоры продолжатся завтра. " * 20
CHINESE = "新华社北京电，记者从有关部门获悉，会议将于明天举行。" * 20
JAPANESE = "政府は三日、新しい計画を発表した。関係者が明らかにした。" * 20


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (text, encoding)
        for text, encodings in (
            (CYRILLIC, ("utf-8", "koi8-r", "cp1251", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le")),
            (CHINESE, ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be", "utf-32-be")),
            (JAPANESE, ("shift_jis", "euc-jp", "iso2022_jp", "utf-16", "utf-16-le")),
            ("plain words, one after the other. " * 20, ("ascii", "utf-16-be", "utf-8-sig", "utf-32")),
        )
        for encoding in encodings
    ],
)
def test_text_in_any_encoding_is_text(text: str, encoding: str) -> None:
    """Legacy charsets and UTF-16 or UTF-32 with and without a mark are not taken for binary."""
    sniffed = sniff("a.txt", text.encode(encoding, "ignore"))
    assert (sniffed.kind, sniffed.media_type) == (Kind.DOCUMENT, "text/plain")
    assert sniffed.charset == (encoding if encoding.endswith(("-le", "-be")) else None)


@pytest.mark.parametrize(
    ("name", "head", "media_type"),
    [
        ("a.txt", b"\n<!DOCTYPE html><html>", "text/html"),
        ("page", b"<!-- saved --><!-- twice -->\n<HTML lang=en>", "text/html"),
        ("page.php", b"<div>words</div>", "text/html"),
        ("page.html", "<html><p>слово".encode("utf-16"), "text/html"),
        ("page.html", b"just words\nand words", "text/plain"),
        ("page.xhtml", b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">', "application/xhtml+xml"),
        ("story", b"<p>one</p><p>two</p>", "text/html"),
        ("story.txt", b"if a < b and b > c then <p> is no page", "text/plain"),
        ("story.md", b"# Title\n\nwords", "text/plain"),
        ("nul.txt", b"words\0and words, many words " * 5, "text/plain"),
        ("padded.txt", b"words and words" + b"\0" * 4000, "text/plain"),
    ],
)
def test_content_goes_before_the_extension(name: str, head: bytes, media_type: str) -> None:
    """A page called .txt is a page, words called .html are words, a stray NUL makes no binary."""
    assert sniff(name, head).media_type == media_type


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.bin", b"\x1f\x8b\x08\0", Kind.GZIP),
        ("a", b"PK\x03\x04" + b"\0" * 30, Kind.ZIP),
        ("a", b"a.txt".ljust(257, b"\0") + b"ustar", Kind.TAR),
        ("a.txt", b"WARC/1.1\r\n", Kind.WARC),
        ("a.ndjson", b'{"text": "x"}', Kind.JSONL),
        ("a.mht", b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n", Kind.MAIL),
        ("letter", b"From: a@b\nMIME-Version: 1.0\nContent-Type: text/html\n\n<p>", Kind.MAIL),
        ("letter.txt", b"From: our correspondent\n\nwords", Kind.DOCUMENT),
        ("a.docx", b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", Kind.REFUSED),
        ("a.zip", b"words, not a zip", Kind.REFUSED),
    ],
)
def test_carriers_are_told_by_their_first_bytes(name: str, head: bytes, kind: str) -> None:
    """What opens as a carrier is one under any name; what only bears the name is not."""
    assert sniff(name, head).kind == kind


def test_many_comments_before_the_first_tag_cost_linear_time() -> None:
    """A head full of comments is passed over once, with no pattern that could try all ways of grouping them."""
    assert sniff("a.txt", b"<!---->" * 9000 + b"<html>").media_type == "text/html"
