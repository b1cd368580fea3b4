"""Numbers about a text: measured once, stored, judged elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copydesk.records import Label
from copydesk.text.phrases.rules import match_texts

__all__ = ["body_chars", "body_words", "furniture_share", "words"]

_WIDE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
_HAS_WIDE = re.compile(f"[{_WIDE}]")
_ASCII = bytes(range(128))
_WORDS = re.compile(rf"[{_WIDE}]|[^\W{_WIDE}]+")
_FURNITURE = frozenset(Label) - {
    Label.DATE,
    Label.BYLINE,
    Label.CAPTION,
    Label.SOURCE_CREDIT,
    Label.BODY,
    Label.HEADING,
    Label.TITLE,
}


def words(text: str) -> int:
    """Return the number of words; a character of a script written without spaces counts as one."""
    return len(_WORDS.findall(text)) if _has_wide(text) else len(text.split())


def _has_wide(text: str) -> bool:
    """Tell whether a character of such a script is in the text; only what is not ASCII, mostly little, is looked at."""
    if text.isascii():
        return False
    beyond = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    return _HAS_WIDE.search(beyond) is not None


def body_words(paragraphs: Sequence[str]) -> int:
    """Return the words of all paragraphs."""
    return sum(words(paragraph) for paragraph in paragraphs)


def body_chars(paragraphs: Sequence[str]) -> int:
    """Return the characters of all paragraphs, line endings not counted."""
    return sum(len(paragraph) for paragraph in paragraphs)


def furniture_share(paragraphs: Sequence[str]) -> float:
    """Return the share of paragraphs that are, word for word, a phrase of the page's furniture; 0 for no paragraphs."""
    if not paragraphs:
        return 0.0
    hits = match_texts(paragraphs)
    return sum(any(m.where == "line" and m.rule.label in _FURNITURE for m in found) for found in hits) / len(paragraphs)
