"""Detect documents that were cut off: HTML that stops before its end tags, plain text that stops inside a word.

Both answer with the reason in words, "" for a complete document. The article loads, with the flag `truncated` and a
finding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from copydesk.records import Block

__all__ = ["html_cut_off", "text_cut_off"]

_MAX_TAIL_CHARS = 20_000
"""Characters at the end in which the end tags are searched; scripts and comments may follow them."""
_START_TAG = re.compile(r"<(?:html|body)[\s>]", re.IGNORECASE)
_END_TAG = re.compile(r"</(?:html|body)\b", re.IGNORECASE)
_OPEN_TAG = re.compile(r"</?[a-zA-Z][^<>]*$|<!--(?:(?!-->).)*$", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_LAST_WORD = re.compile(r"(?<![\w./@:-])[^\W\d_]{3,}$")
"""Three letters or more at the end that are no part of an address or a compound."""
_MIN_LINE_CHARS = 40
"""Length from which the last line of a text is prose; shorter ones (names, captions) end without a full stop."""


def html_cut_off(html: str) -> str:
    """Return where an HTML page was cut off; "" for one with end tags and for a fragment without <html> or <body>."""
    tail = html[-_MAX_TAIL_CHARS:]
    if _END_TAG.search(tail) or not _START_TAG.search(html[:_MAX_TAIL_CHARS]):
        return ""
    if _OPEN_TAG.search(tail):
        return "the page ends inside a tag, without </body> or </html>"
    lower = tail.lower()
    if lower.rfind("<script") > lower.rfind("</script"):
        return "the page ends inside a script, without </body> or </html>"
    if tail[-1:].isalnum():
        return "the page ends inside a word, without </body> or </html>"
    return ""


def text_cut_off(blocks: Sequence[Block]) -> str:
    """Return where a plain text was cut off; "" for a complete one.

    The last line has no line ending, is prose of the body, and ends in the first letters of a word that the text has
    elsewhere ("... said the gover", "the government"), or in an incomplete character.
    """
    last = blocks[-1] if blocks else None
    if last is None or last.ending or not last.kept or len(last.text) < _MIN_LINE_CHARS:
        return ""
    if last.text[-1] == "\ufffd":
        return "the text ends inside a character, without a line ending"
    word = _LAST_WORD.search(last.text)
    if word is None:
        return ""
    cut = word[0].casefold()
    words = set(_WORD.findall(" ".join([*(b.text for b in blocks[:-1]), last.text[: word.start()]]).casefold()))
    if cut not in words and any(w.startswith(cut) for w in words):
        return f'the text ends inside a word ("{word[0]}"), without a line ending'
    return ""
