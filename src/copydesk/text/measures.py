"""Word counts of a text, in any script."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["body_words", "words"]

_WIDE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_HAS_WIDE = re.compile(f"[{_WIDE}]")
_ASCII = bytes(range(128))
_WORDS = re.compile(rf"[{_WIDE}]|[^\W{_WIDE}]+")


def words(text: str) -> int:
    """Return the number of words; each character of a script without spaces counts as one."""
    return len(_WORDS.findall(text)) if _has_wide(text) else len(text.split())


def _has_wide(text: str) -> bool:
    """Return whether the text has a character of such a script; only its non-ASCII bytes are searched."""
    if text.isascii():
        return False
    beyond = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    return _HAS_WIDE.search(beyond) is not None


def body_words(paragraphs: Sequence[str]) -> int:
    """Return the number of words of all paragraphs."""
    return sum(words(paragraph) for paragraph in paragraphs)
