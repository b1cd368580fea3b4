"""The charset of an HTML page: what the bytes are, whatever anybody says they are.

The order: byte-order mark; bytes that are valid UTF-8 beyond ASCII; the page's own declaration; the carrier's; a guess.
A declared charset that cannot decode the bytes is a lie and is passed over.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from copydesk.records import Finding, Severity

__all__ = ["DecodedPage", "decode_html", "declared_charset"]

_HEAD = 4096
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([a-z0-9_:.-]{2,40})", re.I)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([a-z0-9_:.-]{2,40})", re.I)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The supersets that browsers use for these labels (WHATWG Encoding Standard, "Names and labels").
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_MAX_BROKEN = 0.005
"""Share of undecodable bytes up to which a page counts as (damaged) UTF-8."""


class DecodedPage(NamedTuple):
    """Text, the charset it was read as, and what looked wrong."""

    text: str
    charset: str
    findings: tuple[Finding, ...] = ()


def declared_charset(content: bytes) -> str | None:
    """The charset the page itself declares in its first 4 KB (`<meta charset>`, `http-equiv`, XML), or None."""
    head = content[:_HEAD]
    found = _META.search(head) or _XML.match(head)
    return _codec(found[1].decode("ascii")) if found else None


def decode_html(content: bytes, charset: str | None) -> DecodedPage:
    """Decode a page's bytes; never raises, and a page that had to be repaired carries a `charset_repaired` finding."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return DecodedPage(content[len(mark) :].decode(name, "replace"), name)
    own = declared_charset(content)
    carrier = _codec(charset)
    if content.isascii() and not (own or "").startswith(("iso2022", "hz")):
        wide = _wide_ascii(content)
        return DecodedPage(content.decode(wide or "ascii", "replace"), wide or own or carrier or "utf-8")
    text = _strict(content, "utf-8")
    if text is not None and not (own or "").startswith(("iso2022", "hz")):
        lie = own or carrier
        findings = () if lie in (None, "utf-8") else (_finding("charset_lie", f"declared {lie}, is utf-8"),)
        return DecodedPage(text, "utf-8", findings)
    return _legacy(content, own, carrier)


def _legacy(content: bytes, own: str | None, carrier: str | None) -> DecodedPage:
    damaged = content.decode("utf-8", "replace")
    broken = damaged.count("\ufffd") - content.count(b"\xef\xbf\xbd")
    # Two bytes in three of a non-UTF-8 page break; a torn or spliced UTF-8 page breaks at a few places.
    high = sum(c > "\x7f" for c in damaged)
    if broken <= _MAX_BROKEN * len(damaged) and broken * 4 <= high and "utf-8" in (own, carrier, None):
        return DecodedPage(damaged, "utf-8", (_finding("charset_repaired", f"{broken} broken characters", broken),))
    for name in (own, carrier):
        text = _strict(content, name) if name and name != "utf-8" else None
        if text is not None:
            return DecodedPage(text, name or "")
    return _guessed(content, own or carrier)


def _guessed(content: bytes, told: str | None) -> DecodedPage:
    import cchardet

    guess = _codec((cchardet.detect(content) or {}).get("encoding"))
    for name in (guess, told, "cp1252"):
        text = _strict(content, name) if name else None
        if text is not None:
            return DecodedPage(text, name or "", (_finding("charset_guessed", f"declared {told}, read as {name}"),))
    name = told or guess or "utf-8"
    text = content.decode(name, "replace")
    return DecodedPage(text, name, (_finding("charset_repaired", f"damaged {name}", text.count("\ufffd")),))


def _codec(label: str | None) -> str | None:
    """Python's name of the codec a browser would use for a label, None where there is none."""
    if not label:
        return None
    try:
        info = codecs.lookup(label.strip().strip("\"'"))
    except LookupError:
        return None
    if not info._is_text_encoding:  # rot13, hex, zlib and the like are codecs too
        return None
    return _SUPERSETS.get(info.name, info.name)


def _strict(content: bytes, name: str | None) -> str | None:
    try:
        return content.decode(name or "utf-8")
    except (UnicodeError, LookupError, ValueError):
        return None


def _wide_ascii(content: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of an ASCII page is zero."""
    start = content[:200]
    zeros = start.count(0)
    if len(start) < 20 or zeros * 3 < len(start):  # noqa: PLR2004
        return None
    return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"


def _finding(rule: str, detail: str, value: float | None = None) -> Finding:
    return Finding(rule=rule, severity=Severity.WARN, value=value, detail=detail)
