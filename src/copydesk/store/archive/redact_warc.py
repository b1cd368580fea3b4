"""Redact pages in WARC files without moving other records.

    ... | request | response | metadata | request | response | ...
    ... | one gzip member of the same length, with a note    | request | response | ...

The blank member is padded in its gzip header's comment field (RFC 1952), which has no limit, so other pages keep their
offsets. The file is rewritten and replaced atomically.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Collection
from pathlib import Path

from copydesk.errors import StoreError
from copydesk.filesystem import replacing
from copydesk.object_store import put_file
from copydesk.store.archive.local_copy import local_copy
from copydesk.store.archive.warc_records import warc_members

__all__ = ["redact_pages", "redact_stored"]

_NOTE = (
    b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\n"
    b"WARC-Date: 1970-01-01T00:00:00Z\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nforgotten\r\n\r\n"
)


def redact_pages(path: Path, offsets: Collection[int]) -> int:
    """Blank the pages whose response records begin at `offsets`; return how many were found.

    Raises:
        StoreError: The file cannot be read or written; it is unchanged.
    """
    spans = [(start, end) for start, response, end in _triples(path) if response in offsets]
    if not spans:
        return 0
    try:
        with replacing(path, durable=True) as temporary:
            shutil.copyfile(path, temporary)
            with temporary.open("r+b") as file:
                for start, end in spans:
                    file.seek(start)
                    file.write(_blank(end - start))
    except OSError as error:
        raise StoreError(f"cannot rewrite {path}: {error.strerror}. Nothing was removed.") from error
    return len(spans)


def redact_stored(address: str, offsets: Collection[int]) -> int:
    """Blank pages of an archive file in an object store; see `redact_pages`. An object that is gone has none.

    Raises:
        StoreError: The store refused; the object is unchanged.
    """
    try:
        with local_copy(address) as path:
            if blanked := redact_pages(path, offsets):
                put_file(address, path)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise StoreError(f"cannot rewrite {address}: {error.strerror}. Forget again when the store answers.") from error
    return blanked


def _triples(path: Path) -> list[tuple[int, int, int]]:
    """Return (start, response, end) of each page: its request, response and metadata records."""
    found: list[tuple[int, int, int]] = []
    start = response = -1
    for offset, end, kind, _, _ in warc_members(path):
        if kind == "request":
            start = offset
        elif kind == "response":
            response = offset
        elif kind == "metadata" and response >= 0:
            found.append((start if start >= 0 else response, response, end))
            start = response = -1
    return found


def _blank(length: int) -> bytes:
    """Return a gzip member of exactly `length` bytes that holds the note."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(_NOTE) + packer.flush()
    tail = zlib.crc32(_NOTE).to_bytes(4, "little") + len(_NOTE).to_bytes(4, "little")
    filler = length - 10 - 1 - len(packed) - len(tail)
    if filler < 0:
        raise StoreError(f"a page of {length} bytes is too short to blank. Remove its archive file by hand.")
    return b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x00\xff" + b" " * filler + b"\x00" + packed + tail
