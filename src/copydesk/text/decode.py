"""Decode bytes to text: the charset that fits the bytes takes precedence over the declared one.

byte order mark -> ISO 2022 by its escapes -> UTF-16/32 by their zero bytes, or as declared where that reads as text
-> UTF-8 if it is valid -> the declared charset if it fits -> detection -> what was encoded twice is mended
then: NUL and control characters become spaces, lone surrogates U+FFFD; ZWNJ and ZWJ stay (Persian and Hindi need them)
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from copydesk.records import Finding, Severity
from copydesk.text.charset_detection import detect_charset, known_charset
from copydesk.text.mojibake import mend, mojibake_finding

__all__ = ["Decoded", "decode", "is_binary"]

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNICODE = frozenset({"utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_SIGNATURES = (
    b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"\x7fELF", b"MZ\x90", b"BZh",
    b"7z\xbc\xaf", b"\xfd7zXZ", b"\xd0\xcf\x11\xe0", b"OggS", b"ID3", b"\x00\x00\x01\x00", b"SQLite format 3",
    b"\x28\xb5\x2f\xfd", b"wOFF", b"wOF2", b"PAR1",
)  # fmt: skip
_SAMPLE_BYTES = 65_536
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1c-\x1f\x7f\ud800-\udfff\x80-\x84\x86-\x9f\ufffe\uffff]")
_CONTROL_BYTES = bytes((*range(9), *range(14, 32), 127))
_CONTROL_UTF8 = re.compile(rb"\xc2[\x80-\x84\x86-\x9f]")
_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\$\([CD]|\([IJ])")
"""Escape sequences of ISO-2022-JP and its extensions."""
_SEVEN_BIT = ("iso2022", "hz")
_JAPANESE = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2")
_PADDING = re.compile(rb"\0{16,}")
_PUNCTUATION = frozenset(" \r\n\t.,:;!?\u3001\u3002\uff0c\uff0e\u3000\u060c\u061b\u06d4\u0964\u200c")
_MAX_WIDE_CHARS = 2000
_NO_TEXT_CATEGORIES = frozenset(("Cc", "Cn", "Co", "Cs"))
_BINARY_BYTES = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A decoded text.

    Attributes:
        text: Without a byte order mark, NUL, control characters other than white space, and lone surrogates.
        charset: Python's name of the charset.
        findings: `encoding_repaired` (bytes became U+FFFD or the declared charset is wrong; value: characters
            replaced), `encoded_twice` (value: words mended), `control_characters` (value: characters that became
            spaces).
    """

    text: str
    charset: str
    findings: tuple[Finding, ...] = ()


def decode(content: bytes, charset: str | None) -> Decoded:
    """Decode `content`; never raises, for any bytes and any declared charset."""
    declared = known_charset(charset)
    name, text, findings = _decode(content, declared)
    mended = mend(text.removeprefix("\ufeff"))
    text, findings = mended.text, (*findings, *mojibake_finding(mended.changes, "the text"))
    safe, controls = (text, 0) if name == "utf-8" and _is_safe_utf8(content) else _replace_controls(text)
    if controls:
        findings = (
            *findings,
            Finding(
                rule="control_characters", severity=Severity.WARN, value=float(controls), detail="replaced by spaces"
            ),
        )
    return Decoded(text=safe, charset=name, findings=findings)


def is_binary(content: bytes, charset: str | None = None) -> bool:
    """Return whether the bytes are binary: a known file signature, or many control bytes that are not UTF-16 or UTF-32.

    NUL padding does not count.

    Args:
        content: The bytes.
        charset: Declared or sniffed charset; UTF-16 without a byte order mark is often recognised only by it.
    """
    head = _sample(content)
    if not head:
        return len(content) > 8
    if any(head.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS) or _detect_wide(head):
        return False
    if head.startswith(_SIGNATURES):
        return True
    return (
        _is_control_heavy(head)
        and _is_control_heavy(_PADDING.sub(b" ", head))
        and _declared_wide(content, known_charset(charset)) is None
    )


def _is_control_heavy(head: bytes) -> bool:
    odd = len(head) - len(head.translate(None, _BINARY_BYTES))
    return odd > 8 and odd > 0.05 * len(head)


def _decode(content: bytes, declared: str | None) -> tuple[str, str, tuple[Finding, ...]]:
    for mark, name in _BYTE_ORDER_MARKS:
        if content.startswith(mark) and not (name == "utf-16-le" and content[2:4] == b"\0\0"):
            return _decode_as(content[len(mark) :], name, declared)
    wide = _detect_seven_bit(content, declared) or _detect_wide(_sample(content)) or _declared_wide(content, declared)
    if wide:
        return _decode_as(content, wide, declared)
    try:
        return "utf-8", content.decode("utf-8"), _mismatch_finding(declared, "utf-8", content)
    except UnicodeDecodeError as error:
        broken = error
    if _nearly_utf8(content, broken):
        return _decode_as(content, "utf-8", declared)
    if (
        declared
        and declared not in _UNICODE
        and not _does_not_fit(text := content.decode(declared, "replace"), content)
    ):
        return declared, text, _replacement_finding(text)
    detected = detect_charset(content)
    text = content.decode(detected, "replace")
    return detected, text, _replacement_finding(text) or _mismatch_finding(declared, detected, content)


def _sample(content: bytes) -> bytes:
    """Return the first bytes after NUL padding, which is dropped in fours so that no character is split."""
    if content[:4] == b"\0\0\0\0":
        padding = len(content) - len(content.lstrip(b"\0"))
        content = content[padding // 4 * 4 :]
    head = content[:_SAMPLE_BYTES]
    bare = head.rstrip(b"\0")
    return head[: len(bare) + -len(bare) % 4]


def _detect_seven_bit(content: bytes, declared: str | None) -> str | None:
    """Return the ISO 2022 or HZ charset of ASCII bytes with its escape sequences, or None."""
    if not content.isascii():
        return None
    if declared and declared.startswith(_SEVEN_BIT) and _decodes(content, declared):
        return declared
    if b"\x1b" not in content or not _ESCAPES.search(content):
        return None
    return next((name for name in _JAPANESE if _decodes(content, name)), None)


def _decodes(content: bytes, name: str) -> bool:
    try:
        content.decode(name)
    except UnicodeError:
        return False
    return True


def _declared_wide(content: bytes, declared: str | None) -> str | None:
    """Return the declared UTF-16 or UTF-32, or its other byte order, if the bytes are text in it and not in UTF-8."""
    if declared is None or not declared.startswith(("utf-16", "utf-32")):
        return None
    head = _sample(content)[: 4 * _MAX_WIDE_CHARS]
    if len(head) == len(head.translate(None, _BINARY_BYTES)) and _decodes(content, "utf-8"):
        return None
    other = declared[:6] + ("-le" if declared.endswith("be") else "-be")
    first = declared if declared[6:] else declared + "-le"
    found = [(_punctuation_count(head, name), name) for name in (first, other)]
    best = max(found, key=lambda one: one[0])
    return best[1] if best[0] >= 0 else None


def _punctuation_count(head: bytes, name: str) -> int:
    """Return the number of spaces and punctuation marks in `head` decoded as `name`; -1 if it is not text."""
    text = head[: len(head) // 4 * 4 or len(head) // 2 * 2].decode(name, "replace").rstrip("\0\ufffd")
    odd = sum(c == "\ufffd" or (unicodedata.category(c) in _NO_TEXT_CATEGORIES and c not in _PUNCTUATION) for c in text)
    marks = sum(c in _PUNCTUATION for c in text)
    return marks if text and odd <= 0.02 * len(text) and marks * 300 >= len(text) - 100 else -1


def _decode_as(content: bytes, name: str, declared: str | None) -> tuple[str, str, tuple[Finding, ...]]:
    text = content.decode(name, "replace")
    return name, text, _replacement_finding(text) or _mismatch_finding(declared, name, content)


def _detect_wide(head: bytes) -> str | None:
    """Return UTF-16 or UTF-32 without a byte order mark, by the positions of zero bytes, or None."""
    if len(head) < 8 or b"\0" not in head:
        return None
    head = head[: len(head) // 4 * 4]
    zeros = [head[k::4].count(0) / (len(head) // 4) for k in range(4)]
    if zeros[2] > 0.9 and zeros[3] > 0.9 and zeros[0] < 0.3:
        return "utf-32-le"
    if zeros[0] > 0.9 and zeros[1] > 0.9 and zeros[3] < 0.3:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > 0.25 and even < 0.1 * odd:
        return _if_text(head, "utf-16-le")
    if even > 0.25 and odd < 0.1 * even:
        return _if_text(head, "utf-16-be")
    return None


def _if_text(head: bytes, name: str) -> str | None:
    text = head.decode(name, "replace")
    odd = sum(c == "\ufffd" or (c < " " and c not in "\t\n\r\f") for c in text)
    return name if odd <= 2 + 0.02 * len(text) else None


def _nearly_utf8(content: bytes, error: UnicodeDecodeError) -> bool:
    """Return whether the bytes are UTF-8 with at most one invalid sequence in ten, or truncated inside a character."""
    if error.start >= len(content) - 3 and error.start > 8 and not content[: error.start].isascii():
        return True
    text = content[:_SAMPLE_BYTES].decode("utf-8", "replace")
    good = sum(c > "\x7f" and c != "\ufffd" for c in text)
    return good > 10 * text.count("\ufffd")


def _does_not_fit(text: str, content: bytes) -> bool:
    """Return whether the declared charset is wrong: undecodable bytes or C1 characters in the text."""
    holes = text.count("\ufffd") + sum("\x80" <= c <= "\x9f" for c in text[:_SAMPLE_BYTES])
    return holes > 2 + 0.005 * len(content)


def _mismatch_finding(declared: str | None, true: str, content: bytes) -> tuple[Finding, ...]:
    if declared is None or declared == true or content.isascii() or declared.split("-")[:2] == true.split("-")[:2]:
        return ()
    return (
        Finding(rule="encoding_repaired", severity=Severity.INFO, value=0.0, detail=f"declared {declared}, is {true}"),
    )


def _replacement_finding(text: str) -> tuple[Finding, ...]:
    holes = text.count("\ufffd")
    return (
        (
            Finding(
                rule="encoding_repaired",
                severity=Severity.WARN,
                value=float(holes),
                detail="bytes that fit no character",
            ),
        )
        if holes
        else ()
    )


def _is_safe_utf8(content: bytes) -> bool:
    """Return whether UTF-8 bytes have no match of `_CONTROL`; three times faster than searching the text."""
    if len(content.translate(None, _CONTROL_BYTES)) != len(content):
        return False
    if b"\xc2" in content and _CONTROL_UTF8.search(content):
        return False
    return b"\xef\xbf\xbe" not in content and b"\xef\xbf\xbf" not in content


def _replace_controls(text: str) -> tuple[str, int]:
    if text.replace("\n", "").isprintable():  # true for most texts, five times faster than the pattern
        return text, 0
    safe, controls = _CONTROL.subn(_replacement, text)
    return safe, controls


def _replacement(match: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= match[0] <= "\udfff" else " "
