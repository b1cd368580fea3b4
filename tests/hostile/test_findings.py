"""What the search of `bench/fuzz.py` and hand-made kin of it found, each as small as it came: every law holds."""

from __future__ import annotations

import gzip

import pytest
from tests.hostile.carriers import Page, as_warc
from tests.hostile.laws import CHARSETS, LAWS, NAMES


def charset(name: str | None) -> bytes:
    """Return the byte that declares a charset."""
    return bytes([CHARSETS.index(name)])


def named(name: str) -> bytes:
    """Return the byte that gives a file its name."""
    return bytes([NAMES.index(name)])


_RECORDS = as_warc(
    [Page(f"http://example.org/{n}", b"<!doctype html><p>Words %d." % n) for n in range(3)], packed=False
)
_LD = b'<script type="application/ld+json">{"@type": "NewsArticle", "headline": "%b"}</script><p>Words of the page.'

FINDINGS = {
    "a codec of host names, which knows no replacement": ("decode", charset("idna") + b"\xb8"),
    "a codec that takes ASCII only, replacement or not": ("text", charset("punycode") + b"/<\xff\xff\xdc"),
    "a codec that raises always": ("decode", charset("undefined") + b"\xe9"),
    "half a surrogate pair as a reference in a feed": ("feeds", b'<fc> href&#xD800;=" ty\x81'),
    "the same in decimal": (
        "feeds",
        b"<rss><channel><item><title>&#55357;</title><link>/1</link></item></channel></rss>",
    ),
    "half a surrogate pair in JSON-LD": ("html", charset(None) + _LD % rb"\ud800 Harbour"),
    "a low half behind a whole pair": ("html", charset(None) + _LD % rb"\ud83d\ude00\ude00 Harbour"),
    "records that share a gzip member behind a broken one": (
        "carriers",
        named("a.warc.gz") + b"\x1f\x8b\x08\0" + b"\xa5" * 300 + gzip.compress(_RECORDS, mtime=0),
    ),
    "a member's name with blanks of other kinds": (
        "carriers",
        named("a.zip") + b"PK\x03\x04\x14\0\0\x08ContentLeng\0\x08\0\x08\0\0\0!\0\0 \0l\xff\xff",
    ),
    "a date beyond all numbers": ("carriers", named("a.jsonl") + b'{"text": "Words.", "date": 1%b}' % (b"0" * 400)),
    "a charset in pieces that do not fit": (
        "carriers",
        named("a.mhtml")
        + b"MIME-Version: 1.0\r\nContent-Type: text/html; charset*0=a; charset*=x'y'%ff\r\n\r\n<p>Words.",
    ),
    "one line of prose longer than what is looked at": (
        "text",
        charset(None) + b"The council voted to open the pier. " * 200,
    ),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_what_was_found_stays_mended(name: str) -> None:
    """The law that these bytes broke holds for them."""
    law, content = FINDINGS[name]
    LAWS[law](content)


@pytest.mark.parametrize("law", LAWS)
def test_every_law_holds_for_nothing_at_all(law: str) -> None:
    """Empty and nearly empty input ends as any other."""
    for content in (b"", b"\0", b"\n", b"\xff", b"<", b"{"):
        LAWS[law](content)
