"""Deterministic keys from content and address, so that the same inputs in any order give the same rows.

Every key is a version-5 UUID (RFC 9562, section 5.5) of a kind and the parts that make the thing what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b, sha1
from struct import Struct
from uuid import UUID

__all__ = ["article_key", "capture_key", "key", "line_key", "line_keys", "revision_key"]

_NAMESPACE = UUID("6f3a5c9e-6c1e-5b0f-9a53-0d4c1f5e7a21").bytes
_SPACE_OR_DIGIT = re.compile(r"[\s\d]")
_ASCII = bytes(range(128))
_PLAIN = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789\t\x0b\x0c\r\x1c\x1d\x1e\x1f",
    b"abcdefghijklmnopqrstuvwxyz" + b"0" * 9 + b" " * 8,
)
_VARIANT = {c: "89ab"[int(c, 16) & 3] for c in "0123456789abcdef"}


def key(kind: str, *parts: str) -> str:
    """Return the UUID of one thing, e.g. `key("author", "Hazem Sabbagh", "person")`.

    Parts are joined with a control character that cleaned text cannot hold, so ("a", "bc") and ("ab", "c") differ.
    """
    name = "\x1f".join((kind, *parts)).encode("utf-8", "surrogatepass")
    # uuid.uuid5 spends most of its time building the UUID object; this is the same value, three times faster.
    h = sha1(_NAMESPACE + name, usedforsecurity=False).hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:32]}"


def capture_key(source: str, uri: str, sha256: str) -> str:
    """Return the key of a capture: one per source, uri and content."""
    return key("capture", source, uri, sha256)


def article_key(source: str, uri: str, address: str | None) -> str:
    """Return the key of an article: one per canonical address, or per source and relative path without one."""
    return key("article", address) if address else key("article", source, uri)


def revision_key(article_id: str, text_sha256: str) -> str:
    """Return the key of a revision: one per article and text."""
    return key("revision", article_id, text_sha256)


def line_key(text: str) -> int:
    """Return a signed 64-bit key of a line: equal for lines that differ only in case, white space and numbers."""
    return line_keys([text])[0]


def line_keys(lines: Sequence[str]) -> tuple[int, ...]:
    """Return the `line_key` of each line, in order."""
    hashes = b"".join([blake2b(plain, digest_size=8).digest() for plain in _without_case_and_numbers(lines)])
    return Struct(f">{len(lines)}q").unpack(hashes)


def _without_case_and_numbers(lines: Sequence[str]) -> list[bytes]:
    """Return lines in lower case, with single spaces and 0 for every number.

    All lines are processed as one byte string: a regular expression per line took most of the time of a key.
    """
    if not lines:
        return []
    whole = "\n".join(lines)
    if whole.count("\n") != len(lines) - 1:
        whole = "\n".join([" ".join(line.split()) if "\n" in line else line for line in lines])
    if not whole.isascii():
        whole = _with_ascii_spaces_and_digits(whole.casefold())
    plain = whole.encode("utf-8", "surrogatepass").translate(_PLAIN)
    for twice, once in ((b"  ", b" "), (b"00", b"0")):
        while twice in plain:
            plain = plain.replace(twice, once)
    return [line.strip(b" ") for line in plain.split(b"\n")]


def _with_ascii_spaces_and_digits(text: str) -> str:
    beyond = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    for c in set(_SPACE_OR_DIGIT.findall(beyond)):
        text = text.replace(c, " " if c.isspace() else "0")
    return text
