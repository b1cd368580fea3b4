r"""Detect a file's type: by its first bytes, then by its extension.

head --magic--> an archive to open, or a refused type
   \--bytes---> binary, or text: mail, HTML or plain; the extension decides where the text does not
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from copydesk.sources.files.magic import (
    LETTER,
    LINES,
    MAGIC,
    MAGIC_STARTS,
    NEVER_TEXT,
    OTHER_TEXT,
    PAGE,
    PLAIN,
    TABLES,
    ZIPPED_TYPES,
)

__all__ = ["HEAD_BYTES", "Kind", "Sniffed", "sniff"]

HEAD_BYTES = 65_536
"""Bytes that are examined."""


class Kind:
    """How the bytes are handled."""

    DOCUMENT = "document"
    GZIP = "gzip"
    ZIP = "zip"
    TAR = "tar"
    WARC = "warc"
    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    MAIL = "mail"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """Result of detection.

    Attributes:
        kind: One of `Kind`.
        media_type: Of a document, or of what is refused.
        reason: Of a refusal.
        detail: In words.
        charset: Of a document in UTF-16 or UTF-32 without a byte order mark; else None.
    """

    kind: str
    media_type: str = ""
    reason: str = ""
    detail: str = ""
    charset: str | None = None


_TEXT = Sniffed(Kind.DOCUMENT, "text/plain")
_HTML = Sniffed(Kind.DOCUMENT, "text/html")
_XHTML = Sniffed(Kind.DOCUMENT, "application/xhtml+xml")
_MAIL = Sniffed(Kind.MAIL, "message/rfc822")

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_TEXT_BYTES = bytes(set(range(256)) - set(range(9)) - {0x0B} - set(range(0x0E, 0x1A)) - set(range(0x1C, 0x20)) - {0x7F})
_MARKUP = re.compile(rb"<(?:/?[a-zA-Z]|!)")
_PAGE_TAG = re.compile(
    rb"</?(?:p|div|span|br|a\s+href|h[1-6]|ul|ol|li|table|img|article|section)(?=[\s/>])", re.IGNORECASE
)
_PAGE_ROOT = re.compile(
    rb"<(?:!doctype\s+html|(?:html|head|body|title|meta|link|script|style|base)(?=[\s/>]))", re.IGNORECASE
)
_XML_ROOT = re.compile(rb"<([a-zA-Z_][\w.-]*:)?([a-zA-Z_][\w.-]*)")
_XML_TYPES = {b"rss": "application/rss+xml", b"feed": "application/atom+xml", b"svg": "image/svg+xml"}
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]|From ")


def sniff(name: str, head: bytes) -> Sniffed:
    """Return the type of a file.

    Args:
        name: Its file name, for the extension; remove the ".gz" of decompressed content.
        head: Its first `HEAD_BYTES`, all of it when shorter.
    """
    extension = name[name.rfind(".") + 1 :].lower() if "." in name else ""
    if not head:
        return _refused("empty", "0 bytes")
    known = _by_magic(extension, head)
    if known is not None:
        return known
    text = _as_ascii(head)
    if text is None:
        codec, wide = _wide_text(head)
        if not wide:
            return _refused("binary", "its bytes are not text in any encoding")
        return replace(_by_text(extension, wide.encode("ascii", "replace")), charset=codec)
    if len(head) < HEAD_BYTES and not text.strip():
        return _refused("empty", f"{len(head)} bytes of white space")
    return _by_text(extension, text)


def _refused(reason: str, detail: str, media_type: str = "") -> Sniffed:
    return Sniffed(Kind.REFUSED, media_type, reason, detail)


def _unsupported(media_type: str) -> Sniffed:
    return _refused("unsupported_type", media_type, media_type)


def _by_magic(extension: str, head: bytes) -> Sniffed | None:
    if head[:1] in MAGIC_STARTS:
        for magic, kind, media_type in MAGIC:
            if head.startswith(magic):
                return _office(extension, head) if kind == Kind.ZIP else _magic_answer(kind, media_type)
    if head[257:262] == b"ustar" or (extension == "tar" and len(head) >= 512):
        return Sniffed(Kind.TAR, "application/x-tar")
    if head[4:8] == b"ftyp":
        return _unsupported("video/mp4")
    if head[:4] == b"RIFF" and head[8:12] in {b"WEBP", b"AVI ", b"WAVE"}:
        return _unsupported(
            {b"W": "audio/wav", b"A": "video/x-msvideo"}[head[8:9]] if head[8:12] != b"WEBP" else "image/webp"
        )
    if head[8:12] == b"DUCK":
        return _unsupported("application/vnd.duckdb")
    return None


def _magic_answer(kind: str, media_type: str) -> Sniffed:
    return _unsupported(media_type) if kind == Kind.REFUSED else Sniffed(kind, media_type)


def _office(extension: str, head: bytes) -> Sniffed:
    """Distinguish a zip of pages from document formats based on zip."""
    if head[30:38] == b"mimetype":
        return _unsupported(ZIPPED_TYPES.get(extension, "application/epub+zip or OpenDocument"))
    if extension in ZIPPED_TYPES or head[30:49] == b"[Content_Types].xml":
        return _unsupported(ZIPPED_TYPES.get(extension, "an Office document"))
    return Sniffed(Kind.ZIP, "application/zip")


def _as_ascii(head: bytes) -> bytes | None:
    """Return the head in an ASCII-compatible form, or None when it is not such text.

    Text has few control bytes. In UTF-16 and UTF-32 with a byte order mark the other bytes are NUL.
    """
    if head.startswith(_BOMS):
        return head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    controls = len(head.translate(None, _TEXT_BYTES))
    if not controls:
        return head
    body = head.rstrip(b"\x00")  # a file that was not written to its end is padded with NULs
    if not body:
        return None
    controls = len(body.translate(None, _TEXT_BYTES))
    if controls <= 2 or controls * 33 <= len(body) or (controls * 8 <= len(body) and _is_utf8(body)):
        return body
    return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return error.start > len(body) - 4  # a character cut in two at the end of the head
    return True


def _wide_text(head: bytes) -> tuple[str, str]:
    """Return the codec and what it makes of UTF-16 or UTF-32 without a byte order mark; "" when neither is text."""
    for codec, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        try:
            text = head[: len(head) - len(head) % width].decode(codec)
        except UnicodeDecodeError as error:
            if error.end < len(head) - 4:  # anything but a pair cut in two at the end of the head
                continue
            text = head[: error.start].decode(codec)
        if text and _reads_as_text(text):
            return codec, text
    return "", ""


def _reads_as_text(text: str) -> bool:
    """Return whether decoded text is plausible: wrong byte pairs give characters of many Unicode blocks."""
    sample = text[:2000]
    good = sum(character.isprintable() or character in "\t\n\r" for character in sample)
    blocks = {ord(character) >> 8 for character in sample}
    ideographs = sum("\u3000" <= character <= "\u9fff" for character in sample)
    few = len(blocks) <= 12 or ideographs > 0.9 * len(sample)
    plausible = any(character in " \n\u3000\u3002\uff0c" for character in sample)
    return good > 0.97 * len(sample) and few and plausible


def _by_text(extension: str, text: bytes) -> Sniffed:
    start = _after_prolog(text)
    if _PAGE_ROOT.match(text, start):
        return _XHTML if extension in {"xhtml", "xht"} else _HTML
    if extension in LINES:
        return Sniffed(Kind.JSONL, "application/jsonl")
    if extension in TABLES:
        return Sniffed(Kind.CSV, TABLES[extension])
    if extension in LETTER or _is_mail(text):
        return _MAIL
    if extension in NEVER_TEXT:
        return _refused("damaged", f"extension .{extension}, but it does not start like {NEVER_TEXT[extension]}")
    root = _XML_ROOT.match(text, start)
    if root is not None and (text.lstrip().startswith(b"<?xml") or root[2] in _XML_TYPES):
        return _unsupported(_XML_TYPES.get(root[2], "application/xml"))
    if extension in OTHER_TEXT:
        return _unsupported(OTHER_TEXT[extension])
    if extension in PAGE:
        return _HTML if _MARKUP.search(text) else _TEXT
    if extension not in PLAIN and len(_PAGE_TAG.findall(text[:8192])) >= 3:
        return _HTML
    return _TEXT


def _after_prolog(text: bytes) -> int:
    """Return the offset of the first tag, after white space, comments and the XML declaration."""
    position = 0
    while True:
        rest = text[position : position + 4096]
        position += len(rest) - len(rest.lstrip())
        if text.startswith(b"<!--", position):
            end, size = text.find(b"-->", position), 3
        elif text.startswith(b"<?", position):
            end, size = text.find(b"?>", position), 2
        else:
            return position
        if end < 0:
            return position
        position = end + size


def _is_mail(text: bytes) -> bool:
    """Return whether the text begins with header lines, among them the two of every MIME message."""
    if not _HEADER.match(text):
        return False
    headers = re.split(rb"\r?\n\r?\n", text[:16_384], maxsplit=1)[0].lower()
    return b"\nmime-version:" in b"\n" + headers and b"\ncontent-type:" in b"\n" + headers
