r"""What a file is: by what its first bytes say, and only then by what it is called.

head --magic--> a carrier to open, or a type that is refused by name
   \--bytes---> binary, or text: mail, HTML or plain, with the extension's word where the text leaves it open
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["HEAD_BYTES", "Kind", "Sniffed", "sniff"]

HEAD_BYTES = 65_536
"""How much of a file is looked at."""


class Kind:
    """What to do with the bytes."""

    DOCUMENT = "document"
    GZIP = "gzip"
    ZIP = "zip"
    TAR = "tar"
    WARC = "warc"
    JSONL = "jsonl"
    MAIL = "mail"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The answer.

    Attributes:
        kind: One of `Kind`.
        media_type: Of a document, or of what is refused.
        reason: Of a refusal.
        detail: In words.
    """

    kind: str
    media_type: str = ""
    reason: str = ""
    detail: str = ""


_TEXT = Sniffed(Kind.DOCUMENT, "text/plain")
_HTML = Sniffed(Kind.DOCUMENT, "text/html")
_XHTML = Sniffed(Kind.DOCUMENT, "application/xhtml+xml")
_MAIL = Sniffed(Kind.MAIL, "message/rfc822")

_MAGIC: tuple[tuple[bytes, str, str], ...] = (  # first bytes, kind, media type; sources: the formats' own documents
    (b"\x1f\x8b", Kind.GZIP, "application/gzip"),
    (b"PK\x03\x04", Kind.ZIP, "application/zip"),
    (b"PK\x05\x06", Kind.ZIP, "application/zip"),
    (b"PK00PK\x03\x04", Kind.ZIP, "application/zip"),
    (b"WARC/", Kind.WARC, "application/warc"),
    (b"%PDF-", Kind.REFUSED, "application/pdf"),
    (b"%!PS", Kind.REFUSED, "application/postscript"),
    (b"{\\rtf", Kind.REFUSED, "application/rtf"),
    (b"\x89PNG\r\n\x1a\n", Kind.REFUSED, "image/png"),
    (b"\xff\xd8\xff", Kind.REFUSED, "image/jpeg"),
    (b"GIF87a", Kind.REFUSED, "image/gif"),
    (b"GIF89a", Kind.REFUSED, "image/gif"),
    (b"II*\x00", Kind.REFUSED, "image/tiff"),
    (b"MM\x00*", Kind.REFUSED, "image/tiff"),
    (b"\x00\x00\x01\x00", Kind.REFUSED, "image/x-icon"),
    (b"ID3", Kind.REFUSED, "audio/mpeg"),
    (b"OggS", Kind.REFUSED, "application/ogg"),
    (b"fLaC", Kind.REFUSED, "audio/flac"),
    (b"\x1aE\xdf\xa3", Kind.REFUSED, "video/webm"),
    (b"7z\xbc\xaf'\x1c", Kind.REFUSED, "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", Kind.REFUSED, "application/vnd.rar"),
    (b"\xfd7zXZ\x00", Kind.REFUSED, "application/x-xz"),
    (b"BZh", Kind.REFUSED, "application/x-bzip2"),
    (b"(\xb5/\xfd", Kind.REFUSED, "application/zstd"),
    (b'\x04"M\x18', Kind.REFUSED, "application/x-lz4"),
    (b"\x7fELF", Kind.REFUSED, "application/x-elf"),
    (b"\xca\xfe\xba\xbe", Kind.REFUSED, "application/java-vm"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.REFUSED, "application/x-ole-storage"),
    (b"SQLite format 3\x00", Kind.REFUSED, "application/vnd.sqlite3"),
    (b"PAR1", Kind.REFUSED, "application/vnd.apache.parquet"),
    (b"wOFF", Kind.REFUSED, "font/woff"),
    (b"wOF2", Kind.REFUSED, "font/woff2"),
    (b"\x00asm", Kind.REFUSED, "application/wasm"),
)
_MAGIC_STARTS = frozenset(magic[:1] for magic, _, _ in _MAGIC)

_PLAIN = frozenset({"txt", "text", "md", "markdown", "asc", "article", "story"})
_PAGE = frozenset({"htm", "html", "xhtml", "xht", "shtml", "shtm", "php", "asp", "aspx", "jsp", "cfm", "do"})
_LINES = frozenset({"jsonl", "ndjson", "jsonlines"})
_LETTER = frozenset({"eml", "mht", "mhtml"})
_OTHER_TEXT = {
    "css": "text/css",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "js": "text/javascript",
    "mjs": "text/javascript",
    "map": "application/json",
    "json": "application/json",
    "xml": "application/xml",
    "xsl": "application/xml",
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "svg": "image/svg+xml",
    "py": "text/x-python",
    "sql": "application/sql",
    "sh": "text/x-shellscript",
    "toml": "application/toml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "ini": "text/x-ini",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
}
_NEVER_TEXT = {  # called so, but without the first bytes that make it so
    "zip": "application/zip",
    "tgz": "application/gzip",
    "gz": "application/gzip",
    "warc": "application/warc",
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_ZIPPED_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "epub": "application/epub+zip",
    "jar": "application/java-archive",
    "apk": "application/vnd.android.package-archive",
    "whl": "application/x-wheel+zip",
}

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
    """Say what a file is.

    Args:
        name: Its file name, for the extension; a ".gz" of what is already unpacked must be taken off.
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
        return _refused("binary", "its bytes are no text in any encoding")
    if len(head) < HEAD_BYTES and not text.strip():
        return _refused("empty", f"{len(head)} bytes of white space")
    return _by_text(extension, text)


def _refused(reason: str, detail: str, media_type: str = "") -> Sniffed:
    return Sniffed(Kind.REFUSED, media_type, reason, detail)


def _unsupported(media_type: str) -> Sniffed:
    return _refused("unsupported_type", media_type, media_type)


def _by_magic(extension: str, head: bytes) -> Sniffed | None:
    if head[:1] in _MAGIC_STARTS:
        for magic, kind, media_type in _MAGIC:
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
    """Tell a zip of pages from the document formats that are zips inside."""
    if head[30:38] == b"mimetype":
        return _unsupported(_ZIPPED_TYPES.get(extension, "application/epub+zip or OpenDocument"))
    if extension in _ZIPPED_TYPES or head[30:49] == b"[Content_Types].xml":
        return _unsupported(_ZIPPED_TYPES.get(extension, "an Office document"))
    return Sniffed(Kind.ZIP, "application/zip")


def _as_ascii(head: bytes) -> bytes | None:
    """Return the head as bytes in which ASCII stands for itself, or None when it is no text.

    Text has next to no control bytes; UTF-16 and UTF-32 are text whose other half is NUL, or reads as one script.
    """
    if head.startswith(_BOMS):
        return head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    controls = len(head.translate(None, _TEXT_BYTES))
    if not controls:
        return head
    body = head.rstrip(b"\x00")  # a file that was never written to its end is padded with NULs
    if not body:
        return None
    controls = len(body.translate(None, _TEXT_BYTES))
    if controls <= 2 or controls * 33 <= len(body) or (controls * 8 <= len(body) and _is_utf8(body)):
        return body
    wide = _wide_text(head)
    return wide.encode("ascii", "replace") if wide else None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return error.start > len(body) - 4  # a character cut in two at the end of the head
    return True


def _wide_text(head: bytes) -> str:
    """Return what UTF-16 or UTF-32 without a mark says; "" when neither reads as text."""
    for codec, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        try:
            text = head[: len(head) - len(head) % width].decode(codec)
        except UnicodeDecodeError as error:
            if error.end < len(head) - 4:  # anything but a pair cut in two at the end of the head
                continue
            text = head[: error.start].decode(codec)
        if text and _reads_as_text(text):
            return text
    return ""


def _reads_as_text(text: str) -> bool:
    """Wrongly paired bytes give characters from all over Unicode; real text has spaces, or stays in a few blocks."""
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
    if extension in _LINES:
        return Sniffed(Kind.JSONL, "application/jsonl")
    if extension in _LETTER or _is_mail(text):
        return _MAIL
    if extension in _NEVER_TEXT:
        return _refused("damaged", f"called .{extension}, but it does not start as {_NEVER_TEXT[extension]} does")
    root = _XML_ROOT.match(text, start)
    if root is not None and (text.lstrip().startswith(b"<?xml") or root[2] in _XML_TYPES):
        return _unsupported(_XML_TYPES.get(root[2], "application/xml"))
    if extension in _OTHER_TEXT:
        return _unsupported(_OTHER_TEXT[extension])
    if extension in _PAGE:
        return _HTML if _MARKUP.search(text) else _TEXT
    if extension not in _PLAIN and len(_PAGE_TAG.findall(text[:8192])) >= 3:
        return _HTML
    return _TEXT


def _after_prolog(text: bytes) -> int:
    """Return where the first tag stands, after white space, comments and the XML declaration."""
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
    """A block of header lines with the two that every MIME message has."""
    if not _HEADER.match(text):
        return False
    headers = re.split(rb"\r?\n\r?\n", text[:16_384], maxsplit=1)[0].lower()
    return b"\nmime-version:" in b"\n" + headers and b"\ncontent-type:" in b"\n" + headers
