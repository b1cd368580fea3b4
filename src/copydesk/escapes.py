r"""Control characters in output: escaped where people or terminals read it, so that no text of a page can steer them.

    shown("a\x1b[2Jb")   the text a\x1b[2Jb, with the backslash written out

Escaped are C0, DEL and C1 controls except newline and tab, line and paragraph separators, marks that override the
direction of what follows, tag characters and surrogates. Joiners, soft hyphens and the marks that Arabic and Hebrew
need stay. Tables, Markdown, the console and CSV use `shown`; JSON uses `json_text`, which loses nothing. Parquet and
JSON Lines exports hold the text as it is.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["json_text", "shown"]

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_IN_JSON = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]")


def shown(text: str) -> str:
    """Return text with control characters as visible escapes; line ends become newlines."""
    if text.isprintable():
        return text
    return _UNSAFE.sub(_escape, text.replace("\r\n", "\n"))


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """Return a value as JSON that prints safely: with ISO 8601 times and controls as JSON escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return _IN_JSON.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
