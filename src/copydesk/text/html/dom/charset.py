"""Detect the charset of an HTML page and decode it.

Bytes that are valid UTF-8 are UTF-8, whatever is declared. Otherwise the page's own declaration is tried first, then
that of the HTTP header or file, and `copydesk.text.decode` checks it against the bytes.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from copydesk.records import Finding, Severity
from copydesk.text.decode import Decoded, decode
from copydesk.text.mojibake import mend, mojibake_finding

__all__ = ["HtmlSource", "declared_charset", "decode_html", "read_source"]

_HEAD = 4096
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([a-z0-9_:.-]{2,40})", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([a-z0-9_:.-]{2,40})", re.I)
_SEVEN_BIT = ("iso2022", "hz")
"""7-bit charsets (escape sequences and ASCII): their bytes are valid UTF-8, so the declaration decides."""
_UTF8 = frozenset(("utf-8", "ascii"))


def declared_charset(content: bytes) -> str | None:
    """Return the charset the page declares in its first 4 KB (`<meta charset>`, `http-equiv`, XML), or None."""
    head = content[:_HEAD]
    found = _META.search(head) or _XML.match(head)
    return _codec(found[1].decode("ascii")) if found else None


class HtmlSource(NamedTuple):
    """A decoded page, and what a parser that reads UTF-8 should be given: the text, or its bytes where they are."""

    decoded: Decoded
    source: str | bytes


def decode_html(content: bytes, charset: str | None) -> Decoded:
    """Decode a page; never raises, whatever the bytes and the declaration."""
    return read_source(content, charset).decoded


def read_source(content: bytes, charset: str | None) -> HtmlSource:
    """Decode a page as `decode_html`; return what to parse as well, since encoding it again takes time."""
    own, outside = declared_charset(content), _codec(charset)
    seven = next((n for n in (own, outside) if n and n.startswith(_SEVEN_BIT)), None)
    if seven and content.isascii():
        text = content.decode(seven, "replace")
        return HtmlSource(Decoded(text=text, charset=seven), text)
    if b"\0" not in content[:_HEAD]:
        try:
            bare = content.removeprefix(codecs.BOM_UTF8)
            text = bare.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            mended = mend(text, bare)
            twice = mojibake_finding(mended.changes, "the page")
            wrong = _wrong_declaration(content, own or outside)
            found = Decoded(text=mended.text, charset="utf-8", findings=(*wrong, *twice))
            return HtmlSource(found, bare if mended.text is text else mended.text)
    found = decode(content, next((n for n in (own, outside) if n and _fits(content, n)), own or outside))
    return HtmlSource(found, found.text)


def _wrong_declaration(content: bytes, declared: str | None) -> tuple[Finding, ...]:
    if declared is None or declared in _UTF8 or content.isascii():
        return ()
    detail = f"declared {declared}, is utf-8"
    return (Finding(rule="encoding_repaired", severity=Severity.INFO, value=0.0, detail=detail),)


def _fits(content: bytes, name: str) -> bool:
    try:
        content.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return False
    return name != "utf-8"


def _codec(label: str | None) -> str | None:
    """Return Python's name of a text codec, or None for an unknown label."""
    if not label:
        return None
    try:
        info = codecs.lookup(label.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    return info.name if getattr(info, "_is_text_encoding", True) else None  # not rot13, hex, zlib
