"""The charset of an HTML page: what the bytes are, whatever anybody says they are.

Bytes that are valid UTF-8 are UTF-8. For all others the page's own declaration is asked first, then the carrier's, and
`copydesk.text.decode` judges whether the bytes bear it out.
"""

from __future__ import annotations

import codecs
import re

from copydesk.records import Finding, Severity
from copydesk.text.decode import Decoded, decode

__all__ = ["declared_charset", "decode_html"]

_HEAD = 4096
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([a-z0-9_:.-]{2,40})", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([a-z0-9_:.-]{2,40})", re.I)
_SEVEN_BIT = ("iso2022", "hz")
"""Charsets that write their letters as ASCII after an escape: to bytes alone they look like UTF-8."""
_UTF8 = frozenset(("utf-8", "ascii"))


def declared_charset(content: bytes) -> str | None:
    """The charset the page itself declares in its first 4 KB (`<meta charset>`, `http-equiv`, XML), or None."""
    head = content[:_HEAD]
    found = _META.search(head) or _XML.match(head)
    return _codec(found[1].decode("ascii")) if found else None


def decode_html(content: bytes, charset: str | None) -> Decoded:
    """Decode a page's bytes; never raises, whatever the bytes and whatever is declared."""
    own, carrier = declared_charset(content), _codec(charset)
    seven = next((n for n in (own, carrier) if n and n.startswith(_SEVEN_BIT)), None)
    if seven and content.isascii():
        return Decoded(text=content.decode(seven, "replace"), charset=seven)
    if b"\0" not in content[:_HEAD]:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return Decoded(text=text.removeprefix("\ufeff"), charset="utf-8", findings=_lie(content, own or carrier))
    return decode(content, next((n for n in (own, carrier) if n and _fits(content, n)), own or carrier))


def _lie(content: bytes, told: str | None) -> tuple[Finding, ...]:
    if told is None or told in _UTF8 or content.isascii():
        return ()
    detail = f"declared {told}, is utf-8"
    return (Finding(rule="encoding_repaired", severity=Severity.INFO, value=0.0, detail=detail),)


def _fits(content: bytes, name: str) -> bool:
    try:
        content.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return False
    return name != "utf-8"


def _codec(label: str | None) -> str | None:
    """Python's name of a text codec, None where there is none of that label."""
    if not label:
        return None
    try:
        info = codecs.lookup(label.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    return info.name if getattr(info, "_is_text_encoding", True) else None  # rot13, hex and zlib are codecs too
