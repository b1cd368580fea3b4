"""Magic numbers and file name extensions: the tables of `sniff`."""

from __future__ import annotations

__all__ = [
    "LETTER",
    "LINES",
    "MAGIC",
    "MAGIC_STARTS",
    "NEVER_TEXT",
    "OTHER_TEXT",
    "PAGE",
    "PLAIN",
    "TABLES",
    "ZIPPED_TYPES",
]

MAGIC: tuple[tuple[bytes, str, str], ...] = (  # first bytes, kind, media type; sources: the formats' own documents
    (b"\x1f\x8b", "gzip", "application/gzip"),
    (b"PK\x03\x04", "zip", "application/zip"),
    (b"PK\x05\x06", "zip", "application/zip"),
    (b"PK00PK\x03\x04", "zip", "application/zip"),
    (b"WARC/", "warc", "application/warc"),
    (b"%PDF-", "refused", "application/pdf"),
    (b"%!PS", "refused", "application/postscript"),
    (b"{\\rtf", "refused", "application/rtf"),
    (b"\x89PNG\r\n\x1a\n", "refused", "image/png"),
    (b"\xff\xd8\xff", "refused", "image/jpeg"),
    (b"GIF87a", "refused", "image/gif"),
    (b"GIF89a", "refused", "image/gif"),
    (b"II*\x00", "refused", "image/tiff"),
    (b"MM\x00*", "refused", "image/tiff"),
    (b"\x00\x00\x01\x00", "refused", "image/x-icon"),
    (b"ID3", "refused", "audio/mpeg"),
    (b"OggS", "refused", "application/ogg"),
    (b"fLaC", "refused", "audio/flac"),
    (b"\x1aE\xdf\xa3", "refused", "video/webm"),
    (b"7z\xbc\xaf'\x1c", "refused", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "refused", "application/vnd.rar"),
    (b"\xfd7zXZ\x00", "refused", "application/x-xz"),
    (b"BZh", "refused", "application/x-bzip2"),
    (b"(\xb5/\xfd", "refused", "application/zstd"),
    (b'\x04"M\x18', "refused", "application/x-lz4"),
    (b"\x7fELF", "refused", "application/x-elf"),
    (b"\xca\xfe\xba\xbe", "refused", "application/java-vm"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "refused", "application/x-ole-storage"),
    (b"SQLite format 3\x00", "refused", "application/vnd.sqlite3"),
    (b"PAR1", "parquet", "application/vnd.apache.parquet"),
    (b"PARE", "refused", "application/vnd.apache.parquet (encrypted)"),
    (b"wOFF", "refused", "font/woff"),
    (b"wOF2", "refused", "font/woff2"),
    (b"\x00asm", "refused", "application/wasm"),
)
MAGIC_STARTS = frozenset(magic[:1] for magic, _, _ in MAGIC)

PLAIN = frozenset({"txt", "text", "md", "markdown", "asc", "article", "story"})
PAGE = frozenset({"htm", "html", "xhtml", "xht", "shtml", "shtm", "php", "asp", "aspx", "jsp", "cfm", "do"})
LINES = frozenset({"jsonl", "ndjson", "jsonlines"})
TABLES = {"csv": "text/csv", "tsv": "text/tab-separated-values"}
LETTER = frozenset({"eml", "mht", "mhtml"})
OTHER_TEXT = {
    "css": "text/css",
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
NEVER_TEXT = {  # extensions whose files have magic numbers: text under them is damaged
    "zip": "application/zip",
    "tar": "application/x-tar",
    "tgz": "application/gzip",
    "gz": "application/gzip",
    "warc": "application/warc",
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "parquet": "application/vnd.apache.parquet",
}
ZIPPED_TYPES = {
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
