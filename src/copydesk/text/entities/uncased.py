"""Names in scripts without capital letters: known names, and names beside a title.

Arabic, Persian, Hebrew, Hindi and others write words; Chinese, Japanese, Korean and Thai are searched by characters.
"""

from __future__ import annotations

import re

from copydesk.records import EntityKind
from copydesk.text.entities.candidates import Candidate
from copydesk.text.entities.entity_words import TitleRule, entity_words
from copydesk.text.entities.gazetteers import Gazetteers
from copydesk.text.entities.name_keys import plain
from copydesk.text.entities.runs import Token

__all__ = ["has_capitals", "scan_uncased"]

_CASED = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ԯԱ-֏Ḁ-ỿ]")
_WORD = re.compile(r"[\w\u200c\u0900-\u0dff'\"״׳]+")
_PREFIXES = {"ar": "وفبلك", "he": "ובלמשהכ", "fa": "", "ur": ""}
"""Prepositions and articles that are written together with the word."""
_SPACELESS = frozenset(("zh", "ja", "ko", "th"))
_MIN_NAME = 2
_KANJI = re.compile(r"[\u3005\u3400-\u9fff]{2,5}$")
_KATAKANA = re.compile(r"[\u30a1-\u30ff・＝]{3,20}$")
_HAN_NAME = re.compile(r"[\u3400-\u9fff·]{2,4}")
_HANGUL_NAME = re.compile(r"(?<![\uac00-\ud7af])[\uac00-\ud7af]{2,4}$")
_THAI_NAME = re.compile(r" ?([\u0e00-\u0e7f]{3,20}) ([\u0e00-\u0e7f]{3,25}?)(?=[ \n]|$)")


def has_capitals(text: str) -> bool:
    """Return whether a text is in a script with capital letters, by a sample of its letters."""
    sample = text[:200]
    cased = len(_CASED.findall(sample))
    return 3 * cased > sum(map(str.isalpha, sample))


def scan_uncased(text: str, language: str, known: Gazetteers) -> tuple[list[Candidate], list[Token]]:
    """Return the candidates of a text, in order and without overlaps, and single words that may be family names."""
    rule = entity_words().titles.get(language)
    if language in _SPACELESS:
        return _spaceless(text, rule, known), []
    return _by_words(text, language, rule, known)


def _spaceless(text: str, rule: TitleRule | None, known: Gazetteers) -> list[Candidate]:
    found: list[Candidate] = []
    spaceless = known.spaceless
    at, size = 0, len(text) - 1
    while at < size:
        for name, entry in spaceless.get(text[at : at + 2], ()):
            if text.startswith(name, at):
                found.append(Candidate(at, at + len(name), entry.kind, "gazetteer", entry))
                at += len(name)
                break
        else:
            at += 1
    if rule is not None:
        taken = [(c.start, c.end) for c in found]
        found += [c for c in _titled(text, rule) if all(c.end <= s or c.start >= e for s, e in taken)]
        found.sort(key=lambda c: c.start)
    return found


def _titled(text: str, rule: TitleRule) -> list[Candidate]:
    """Return names beside a title, in a script without spaces."""
    found: dict[int, Candidate] = {}
    for title in rule.after:
        at = text.find(title)
        while at > 0:
            start = _name_before(text, at, rule)
            if start is not None:
                end = start + len(text[start:at].rstrip())
                found.setdefault(start, Candidate(start, end, EntityKind.PERSON, "title", None, title))
            at = text.find(title, at + len(title))
    for title in rule.before:
        at = text.find(title)
        while at >= 0:
            span = _name_behind(text, at + len(title), rule)
            if span is not None:
                found.setdefault(span[0], Candidate(*span, EntityKind.PERSON, "title", None, title))
            at = text.find(title, at + len(title))
    kept: list[Candidate] = []
    for start in sorted(found):
        if not kept or start >= kept[-1].end:
            kept.append(found[start])
    return kept


def _name_before(text: str, at: int, rule: TitleRule) -> int | None:
    head = text[max(0, at - 22) : at]
    if rule.language == "ko":
        name = _HANGUL_NAME.search(head.rstrip(" "))
        if name and len(name[0]) == 3 and name[0][0] in rule.families and head.endswith(" "):
            return at - len(head) + name.start()
        return None
    katakana = _KATAKANA.search(head)
    if katakana and rule.language == "ja":
        return at - len(katakana[0])
    kanji = _KANJI.search(head)
    if kanji is None:
        return None
    least = 4 if rule.language == "ja" else 2
    for length in (4, 3, 2) if rule.language == "ja" else (3, 2):
        start = at - length
        if start < 0 or length < least or length > len(kanji[0]):
            continue
        # A name begins behind a sign or a particle, or the run of characters before the title is the name.
        if text[start] in rule.families and (length == len(kanji[0])):
            return start
    return None


def _name_behind(text: str, at: int, rule: TitleRule) -> tuple[int, int] | None:
    if rule.language == "th":
        name = _THAI_NAME.match(text, at)
        return (name.start(1), name.end()) if name else None
    name = _HAN_NAME.match(text, at)
    if name is None or name[0][0] not in rule.families:
        return None
    for title in rule.after:
        end = text.find(title, at + _MIN_NAME, at + 5)
        if end > 0:
            return at, end
    return None


def _by_words(
    text: str, language: str, rule: TitleRule | None, known: Gazetteers
) -> tuple[list[Candidate], list[Token]]:
    spans = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    words = [plain(text[s:e]) for s, e in spans]
    prefixes = _PREFIXES.get(language, "")
    found: list[Candidate] = []
    loose: list[Token] = []
    titles = _titles_by_first(rule)
    at = 0
    while at < len(words):
        one, length = _known_at(words, spans, at, prefixes, known)
        if one is None and rule is not None:
            one, length = _title_at(text, words, spans, at, rule, titles, known)
        if one is None:
            if len(words[at]) > 2:
                start, end = spans[at]
                loose.append(Token(text[start:end], start, end, words[at]))
            at += 1
        else:
            found.append(one)
            at += length
    return found, loose


def _known_at(
    words: list[str], spans: list[tuple[int, int]], at: int, prefixes: str, known: Gazetteers
) -> tuple[Candidate | None, int]:
    for skipped in (0, 1) if words[at][:1] in prefixes and len(words[at]) > 3 else (0,):
        first = words[at][skipped:]
        for length in range(known.starts.get(first, 1), 0, -1):
            entry = known.names.get(" ".join((first, *words[at + 1 : at + length])))
            if entry is not None and at + length <= len(words) and not (length == 1 and len(first) < 3):
                span = spans[at][0] + skipped, spans[at + length - 1][1]
                return Candidate(*span, entry.kind, "gazetteer", entry), length
    return None, 0


def _titles_by_first(rule: TitleRule | None) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for title in rule.before if rule else ():
        parts = plain(title).split()
        found.setdefault(parts[0], []).append(parts)
    return found


def _title_at(
    text: str,
    words: list[str],
    spans: list[tuple[int, int]],
    at: int,
    rule: TitleRule,
    titles: dict[str, list[list[str]]],
    known: Gazetteers,
) -> tuple[Candidate | None, int]:
    """Return the two words behind a title as a person, unless one of them is in no name."""
    for title in titles.get(words[at], ()):
        behind = at + len(title)
        if words[at:behind] != title:
            continue
        while behind < len(words) and words[behind] in _plain_words(rule.adjectives):
            behind += 1
        name = words[behind : behind + 2]
        stops = _plain_words(rule.stops)
        if len(name) < 2 or any(w in stops or len(w) < 2 or w.isdigit() or w in known.names for w in name):
            return None, 0
        if spans[behind + 1][0] - spans[behind][1] != 1:
            return None, 0
        if words[behind] in _plain_words(rule.before):
            return None, 0
        start, end = spans[behind][0], spans[behind + 1][1]
        role = text[spans[at][0] : spans[behind - 1][1]]
        return Candidate(start, end, EntityKind.PERSON, "title", None, role), behind + 2 - at
    return None, 0


_CACHE: dict[frozenset[str] | tuple[str, ...], frozenset[str]] = {}


def _plain_words(words: frozenset[str] | tuple[str, ...]) -> frozenset[str]:
    if words not in _CACHE:
        _CACHE[words] = frozenset(plain(w) for w in words)
    return _CACHE[words]
