"""Mend text that was encoded twice: UTF-8 read in another charset and saved again ("cafÃ©", "â€œ", "РџСЂРёРІРµС‚").

    text --plain strings that only such text holds--> nearly all texts end here
         --ftfy, segment by segment------------------> mended text, and a finding with samples

ftfy decides (its test for bad sequences, and its fix of encodings, no other of its fixes); it is imported only when a
text holds a sign. A closing quotation mark that lost its last byte on the way ("â€" before a blank) is mended here.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from copydesk.records import Finding, Severity
from copydesk.text.tokens.stems import beyond_ascii

__all__ = ["Mended", "has_signs", "mend", "mojibake_finding"]

RULE = "encoded_twice"
_SIGNS = (
    *("Ã©", "Ã¨", "Ã¼", "Ã¶", "Ã¤", "Ã¡", "Ã³", "Ã\xad", "Ã±", "Ã§", "Ã£", "Ãª", "Ã¢", "Ã¸"),
    *("Ã¥", "Ã¦", "ÃŸ", "Ã‰", "Ã–", "Ãœ", "Ãº", "Ã®", "Ã´", "Ã»", "Ã\xa0", "â€", "â‚¬", "â„¢"),
    *("Â«", "Â»", "Â©", "Â°", "Â£", "Â·", "Â§", "Â\xa0", "Ä±", "ÅŸ", "ÄŸ", "Å‚", "Ä…", "Ä™"),
    *("Å›", "Å¼", "Å™", "Ä\x8d", "Å¾", "Å¡", "Ä›", "Å‘", "È™", "Äƒ", "Ã½", "áº", "á»", "Æ°"),
    *("Ð°", "Ð¾", "Ðµ", "Ð¸", "Ñ€", "Ñ\x81", "Р°", "Рѕ", "Рµ", "Рё", "РЅ", "СЂ", "вЂ", "Î±"),
    *("Î¿", "Ø§", "Ù„", "×™", "×•", "ã\x81", "ã‚", "ã€", "ï¼", "ä¸", "çš", "æ˜", "ì\x9d", "ë‹"),
    *("í•", "à¤", "à¸", "â\x80", "Ă©", "Ăł", "Ă¶", "√©", "‚Äô", "‚Äú"),
)  # fmt: skip
"""Pairs of letters that UTF-8 read as another charset begins with, and that real words hardly hold."""
_SIGNS_BY_LETTER = {first: tuple(sign for sign in _SIGNS if sign[0] == first) for first in {s[0] for s in _SIGNS}}
_SEGMENT_ENDS = '<>"\n'
_SEGMENT = re.compile(f"[^{_SEGMENT_ENDS}]+")
_FOREIGN = re.compile("[^\x00-\x7f]")
"""A letter around which a run of text without markup is looked for: most runs have none. One pattern that asks for the
run and for signs in it takes quadratic time on long runs of ASCII."""
_MAX_SEGMENT_CHARS = 5_000
_LOST_QUOTE = re.compile("(?:â€|вЂ)(?=[\\s\x9d<.,;:!?)]|$)\x9d?")
"""A closing quotation mark whose last byte, 9D, no program shows and many drop."""
_MAX_SAMPLES = 5
_MAX_SAMPLE_CHARS = 12
_WORD = re.compile(r"\S*[^\x00-\x7f]\S*")


class Mended(NamedTuple):
    """A text after mending.

    Attributes:
        text: The text.
        changes: (before, after) of changed words -> how many.
    """

    text: str
    changes: Counter[tuple[str, str]]


def has_signs(text: str) -> bool:
    """Return whether a text may be encoded twice; texts in order hardly ever have such pairs of letters."""
    return not text.isascii() and _has_signs(text.encode("utf-8", "surrogatepass"))


def _has_signs(content: bytes) -> bool:
    """Return the same of a text in UTF-8."""
    letters = beyond_ascii(content)  # of most pages a few hundred bytes
    text = letters.decode("utf-8", "surrogatepass")
    for first, signs in _SIGNS_BY_LETTER.items():
        if first in text:
            for sign in signs:
                # Letters that stood apart meet there, so a sign is looked up in the text once more.
                if sign[1] in text and sign in text and sign.encode() in content:
                    return True
    return False


def mend(text: str, content: bytes | None = None) -> Mended:
    """Mend every segment of a text that was encoded twice; text without a sign is returned as it is.

    Args:
        text: The text.
        content: The same in UTF-8, where it is at hand.
    """
    changes: Counter[tuple[str, str]] = Counter()
    if not (has_signs(text) if content is None else _has_signs(content)):
        return Mended(text, changes)
    pieces: list[str] = []
    at = 0
    while (letter := _FOREIGN.search(text, at)) is not None:
        here = letter.start()
        start = max(at, *(text.rfind(mark, at, here) + 1 for mark in _SEGMENT_ENDS))
        end = _SEGMENT.match(text, here).end()  # type: ignore[union-attr]  # the letter itself matches
        pieces += (text[at:start], _segment(text[start:end], changes))
        at = end
    return Mended("".join((*pieces, text[at:])), changes)


def mojibake_finding(changes: Counter[tuple[str, str]], where: str) -> tuple[Finding, ...]:
    """Return the finding that names what was mended; none without changes.

    Args:
        changes: As in `Mended`.
        where: What was mended, in words: "the text", "fields".
    """
    if not changes:
        return ()
    some = sorted(changes.items(), key=lambda item: (-item[1], item[0]))[:_MAX_SAMPLES]
    shown = ", ".join(f"{before[:_MAX_SAMPLE_CHARS]} -> {after[:_MAX_SAMPLE_CHARS]}" for (before, after), _ in some)
    detail = f"{where} was encoded twice; mended: {shown}"
    return (Finding(rule=RULE, severity=Severity.WARN, value=float(changes.total()), detail=detail),)


def _segment(text: str, changes: Counter[tuple[str, str]]) -> str:
    """Return one segment mended; a fix that loses letters or leaves bad sequences is not taken."""
    if len(text) > _MAX_SEGMENT_CHARS:
        return "".join(_segment(piece, changes) for piece in _pieces(text))
    if not has_signs(text):
        return text
    from ftfy import fix_encoding
    from ftfy.badness import badness

    bad = badness(text)
    if not bad:
        return text
    quoted = _LOST_QUOTE.sub("\u201d", text)
    fixed = fix_encoding(quoted)
    if fixed == text or badness(fixed) >= bad or fixed.count("\ufffd") > text.count("\ufffd"):
        return text
    before, after = _WORD.findall(text), _WORD.findall(fixed)
    pairs = zip(before, after, strict=False) if len(before) == len(after) else ((text, fixed),)
    changes.update(pair for pair in pairs if pair[0] != pair[1])
    return fixed


def _pieces(text: str) -> list[str]:
    """Split a long segment at blanks."""
    pieces: list[str] = []
    at = 0
    while at < len(text):
        end = text.find(" ", at + _MAX_SEGMENT_CHARS // 2, at + _MAX_SEGMENT_CHARS)
        end = end + 1 if end >= 0 else at + _MAX_SEGMENT_CHARS
        pieces.append(text[at:end])
        at = end
    return pieces
