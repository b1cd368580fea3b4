"""Split a byline: remove by-words, cut at credits of others, split at the words that join names.

text --tidy--> lines --segments (| • ; newline)--> groups (and, und, و, /) --> pieces (,)
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from copydesk.text.dates.date_words import date_words, fold
from copydesk.text.people.name_words import NameWords, name_words
from copydesk.text.people.names import CJK, EDGE, is_house_sign, is_organisation, is_rank, is_role, looks_like_name

__all__ = ["groups", "pieces", "segments", "strip_byword", "tidy", "until_stop"]

_MAX_CHARS = 2_000
"""Maximum number of characters read of a byline; the author list of a physics paper is longer."""
_SEGMENT = re.compile(r"[\n\t|•;；｜、▪●►»›]| [-–—·] | // ")
_GROUP = re.compile(r" *[/／＋] *")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）|<[^<>]*>|【[^【】]*】")
_NUMBER = re.compile(
    r"\d{1,4}(?:[./:\-h年月日]\d{0,4}){0,5}(?:st|nd|rd|th|am|pm|年|月|日|년|월|일)?[.,]?", re.IGNORECASE
)
_KANA = re.compile(r"[\u3040-\u30ff]")
_CJK_ONLY = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]{2,4}")
_INVISIBLE = dict.fromkeys((0x200B, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0xFEFF, 0xAD, 0x2060))
_SIGNS = str.maketrans({"®": "", "™": "", "©": "", "\r": "\n", "\u00a0": " ", "\u2009": " ", "\u202f": " "})


def strip_byword(text: str, language: str = "und") -> str:
    """Return the text without leading by-words ("Written by: Jane" gives "Jane")."""
    for _ in range(3):
        cut = _byword_length(text, language)
        if not cut:
            break
        text = text[cut:].lstrip(EDGE)
    return text


def tidy(text: str) -> str:
    """Return the text without brackets, addresses, invisible characters and extra white space; keep line endings."""
    text = unicodedata.normalize("NFC", text[:_MAX_CHARS]).translate(_INVISIBLE).translate(_SIGNS).strip()
    if len(text) > 2 and text[0] in "([（" and text[-1] in ")]）":
        text = text[1:-1]
    text = _BRACKETS.sub(" ", text)
    lines = (" ".join(w for w in line.split() if not _is_address(w)) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def segments(text: str) -> list[str]:
    """Split at lines, bars, bullets and dashes."""
    return [s for s in (part.strip(EDGE) for part in _SEGMENT.split(text)) if s]


def until_stop(segment: str, words: NameWords) -> str:
    """Return the segment up to the first photographer, editor, date or sentence."""
    folded = segment.casefold()
    if len(folded) == len(segment):
        for stop in _stops_in(folded, words):
            at = folded.find(stop)
            if at < 0 or (at and folded[at - 1].isalpha() and not CJK.match(stop)):
                continue
            if folded[at + len(stop) : at + len(stop) + 1].isalpha() and stop[-1].isalpha() and not CJK.match(stop):
                continue
            segment, folded = segment[:at], folded[:at]
    parts = segment.split()
    for i, part in enumerate(parts):
        if part.casefold() in words.date_stops and i and _is_date_part(parts[i + 1 : i + 2]):
            return " ".join(_without_month(parts[:i]))
        if _NUMBER.fullmatch(part) and (i or len(parts) > 1):
            return " ".join(_without_month(parts[:i]))
    return segment


def _is_date_part(after: list[str]) -> bool:
    """Return whether the next word begins a date: a number, a weekday or a month."""
    if not after:
        return False
    dates, folded = date_words(), fold(after[0]).strip(".,")
    return folded[:1].isdigit() or folded in dates.months or folded in dates.weekdays


def _stops_in(folded: str, words: NameWords) -> list[str]:
    """Return the stops whose first two letters occur in the segment, in their order."""
    starts = {folded[k : k + 2] for k in range(len(folded))} | set(folded)
    return [stop for _, stop in sorted(item for start in starts for item in words.stop_starts.get(start, ()))]


def groups(segment: str, language: str, words: NameWords) -> list[str]:
    """Split at the words and characters that join names."""
    if " " not in segment and "/" in segment and len(segment) <= 12:
        return [segment]  # "dpa/lno", "APA/AP": one signature of several agencies
    found: list[str] = []
    for part in _GROUP.split(segment):
        tokens = part.split()
        start = 0
        for i in range(1, len(tokens) - 1):
            if _joins(tokens, start, i, words):
                found.append(" ".join(tokens[start:i]))
                start = i + 1
        found.append(" ".join(tokens[start:]))
    found = [_without_place(g, words) for g in found]
    return [name for g in found for name in _cjk_groups(g.strip(EDGE), language)]


def pieces(group: str, listed: bool, words: NameWords) -> list[str]:
    """Split at commas, but keep "Smith, John" and "King, Jr." together."""
    parts = [p for p in (part.strip() for part in re.split(r"[,，،]", group)) if p]
    if len(parts) > 1:
        parts = [p for i, p in enumerate(parts) if not (i and (is_rank(p, words) or is_role(p, words)))]
    if len(parts) > 1 and parts[1].casefold() in words.suffixes:
        return [f"{parts[0]} {parts[1]}", *parts[2:]]
    if len(parts) % 2 == 0 and parts and all(_is_initials(p) for p in parts[1::2]):
        return [f"{first} {last}" for last, first in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) == 2 and not listed and _is_inverted(parts[0], parts[1], words):
        return [f"{parts[1]} {parts[0]}"]
    # A single word after a full name is a town or the newspaper's short name, unless it is an agency.
    many = [p for p in parts if len(p.split()) > 1]
    if many and len(many) < len(parts):
        return [p for p in parts if p in many or is_house_sign(p, words) or CJK.search(p)]
    return parts


def _byword_length(text: str, language: str) -> int:
    folded = text.casefold()
    if len(folded) != len(text):  # casefolding changed the length ("ß"), so offsets would be wrong
        folded = text.lower()
    starts, known = _bywords().get(folded[:1], ((), ()))
    if not folded.startswith(starts):
        return 0
    words = name_words()
    for word, languages in known:
        if not folded.startswith(word):
            continue
        after = folded[len(word) : len(word) + 1]
        if after.isalpha() and not (len(word) > 1 and CJK.match(word)) and not _glued(text, word, words):
            continue
        rest = text[len(word) :].strip(EDGE).split()
        if not rest:
            return len(text)
        if (
            (word in words.particles or word in words.also_given)
            and after not in ":："
            and not _is_preposition(word, languages, language, rest, words)
        ):
            continue
        return len(word)
    return 0


def _glued(text: str, word: str, words: NameWords) -> bool:
    """Return whether a by-word lacks its space ("ByTrevor Jones"), unlike "Byron" and "DeNiro"."""
    at = len(word)
    return at > 1 and word not in words.particles and text[at].isupper() and text[at - 1].islower()


def _is_preposition(word: str, languages: frozenset[str], language: str, rest: list[str], words: NameWords) -> bool:
    """Return whether a by-word is a preposition ("von Anna Schmidt") and not part of a name ("von der Leyen")."""
    if (rest[0] in words.particles and rest[0].islower()) or len(rest) < 2:
        return False
    return language in languages or (word == "von" and language in ("und", "en"))


@lru_cache(maxsize=1)
def _bywords() -> dict[str, tuple[tuple[str, ...], tuple[tuple[str, frozenset[str]], ...]]]:
    """Return the by-words by their first letter, and each with its languages, in the order of the rules."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for item in name_words().by.items():
        found.setdefault(item[0][0], []).append(item)
    return {letter: (tuple(word for word, _ in items), tuple(items)) for letter, items in found.items()}


def _is_address(word: str) -> bool:
    return "@" in word or "://" in word or word.startswith(("www.", "#")) or "\\" in word


def _without_month(parts: list[str]) -> list[str]:
    """Return the parts without a date's words before a number: "Jane Doe on Monday, March" gives "Jane Doe"."""
    dates = date_words()
    while parts and (fold := parts[-1].casefold().strip(".,")) and (fold in dates.months or fold in dates.fillers):
        parts = parts[:-1]
    return parts


def _without_place(group: str, words: NameWords) -> str:
    tokens = group.split()
    at = next((i for i in range(2, len(tokens)) if tokens[i].casefold() in words.away), len(tokens))
    if len(tokens) > 2 and tokens[1] == "in" and tokens[0][:1].isupper():  # "Anna in Culture"
        at = 1
    before = " ".join(tokens[:at])
    return group if at == len(tokens) or (is_organisation(group, words) and not looks_like_name(before)) else before


def _joins(tokens: list[str], start: int, i: int, words: NameWords) -> bool:
    token = tokens[i].casefold()
    left, right = tokens[start:i], tokens[i + 1 :]
    if token in words.joiners_sure:
        # "Arts and Culture Desk" is one desk.
        return not (len(left) == 1 and right[-1].casefold() in words.organisations and "," not in " ".join(right))
    if token not in words.joiners_unsure:
        return False
    if any(t.endswith(",") for t in left):  # "Jan, Piet en Klaas": the last of a list
        return True
    return len(left) >= 2 and len(right) >= 2 and right[0][:1].isupper() and right[1][:1].isupper()


def _cjk_groups(text: str, language: str) -> list[str]:
    """Split names of two to four characters at spaces, except Japanese, whose names contain a space."""
    tokens = [t for t in text.split() if t not in name_words().roles]
    if language == "ja" or len(tokens) < 2 or _KANA.search(text):
        return [text]
    return tokens if all(_CJK_ONLY.fullmatch(t) for t in tokens) else [text]


def _is_initials(part: str) -> bool:
    return (
        len(part) <= 6 and all(len(t.strip(".")) <= 1 for t in re.split(r"[ .\-]+", part) if t) and part[:1].isupper()
    )


def _is_inverted(last: str, first: str, words: NameWords) -> bool:
    family = [t for t in last.split() if t.casefold() not in words.particles] or last.split()
    if len(family) != 1 or not 1 <= len(first.split()) <= 2 or CJK.search(last + first):
        return False
    if is_organisation(last, words) or is_organisation(first, words):
        return False
    return last[:1].isalpha() and first[:1].isupper() and not any(c.isdigit() for c in first)
