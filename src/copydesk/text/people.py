"""Bylines: from "By JANE DOE, MD, and Reuters | 3 May" to Jane Doe (person) and Reuters (organisation).

    text --tidy--> lines --segments (| • ; newline)--> groups (and, und, و, /) --> pieces (,) --> names

Which words open a byline, join names, or name nobody stands in `rules/people.toml`, by language.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from copydesk.records import Author, AuthorKind
from copydesk.text.name_words import NameWords, name_words

__all__ = ["looks_like_name", "split_names", "strip_byword"]

_LONGEST = 2_000  # characters of a byline that are looked at; the authors of a physics paper are not a byline
_SEGMENT = re.compile(r"[\n\t|•;；｜、▪●►»›]| [-–—·] | // ")
_GROUP = re.compile(r" *[/／＋] *")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）|<[^<>]*>|【[^【】]*】")
_NUMBER = re.compile(
    r"\d{1,4}(?:[./:\-h年月日]\d{0,4}){0,5}(?:st|nd|rd|th|am|pm|年|月|日|년|월|일)?[.,]?", re.IGNORECASE
)
_DOMAIN = re.compile(r"(?:[\w-]{1,40}\.){1,3}[a-z]{2,6}", re.IGNORECASE)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_CJK_ONLY = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]{2,4}")
_EDGE = ' \u00a0,:;-–—|/\\"“”„«»*•·_~=+&>!?…#()[]{}：，、。'
_INVISIBLE = dict.fromkeys((0x200B, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0xFEFF, 0xAD, 0x2060))
_SIGNS = str.maketrans({"®": "", "™": "", "©": "", "\r": "\n", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "’": "’"})


def split_names(text: str, language: str = "und") -> tuple[Author, ...]:
    """Return the authors that a byline's text names, cleaned and in order, each once.

    Args:
        text: A byline, or one author of a page's metadata: "Von Anna Schmidt und Peter Maier, dpa".
        language: ISO 639-1 code; some by-words ("di", "de") are only by-words in their own language.

    Returns:
        Persons and organisations; empty when the text names nobody ("admin", an address, a date).
    """
    words = name_words()
    found: dict[str, Author] = {}
    first_kind: AuthorKind | None = None
    for number, written in enumerate(_segments(_tidy(text))):
        segment = _until_stop(strip_byword(written, language), words)
        groups = _groups(segment, language, words)
        # "Jan, Piet en Klaas": in a list of single names "Jan, Piet" is no inverted name.
        listed = len(groups) > 1 and any(" " not in g for g in groups)
        for group in groups:
            for piece in _pieces(group, listed, words):
                author = _author(strip_byword(piece, language), language, words)
                if author is None:
                    continue
                # "Jane Doe | The Daily News": what follows a person behind a bar is the paper's name.
                if number and first_kind is AuthorKind.PERSON and _is_house(author, words):
                    continue
                first_kind = first_kind or author.kind
                found.setdefault(author.name.casefold(), author)
    return tuple(found.values())


def looks_like_name(text: str, language: str = "und") -> bool:
    """Tell whether a short line could be one person's name and nothing else. Cheap: no imports, a few set look-ups."""
    text = text.strip(_EDGE)
    if not 2 < len(text) <= 60 or any(c.isdigit() for c in text):
        return bool(text) and _cjk_name(text)
    parts = text.split()
    if _CJK.search(text):
        return _cjk_name(text)
    if not 2 <= len(parts) <= 5:
        return False
    words = name_words()
    folded = [p.casefold().strip(".,") for p in parts]
    if language != "vi" and any(_says_no_name(f, words) for f in folded):  # "An" is an article, and a Vietnamese name
        return False
    whole = text.casefold()
    if any(f in words.organisations for f in folded) or whole in words.nobody or whole in words.agencies:
        return False
    if text.count(",") > 1:
        return False
    if not text[-1].isalpha() and text[-1] not in ".'’":
        return False
    return all(_name_word(p, f, words) for p, f in zip(parts, folded, strict=True)) and any(len(f) > 1 for f in folded)


def strip_byword(text: str, language: str = "und") -> str:
    """Return the text without the by-words it opens with ("Written by: Jane" gives "Jane")."""
    for _ in range(3):
        cut = _byword_length(text, language)
        if not cut:
            break
        text = text[cut:].lstrip(_EDGE)
    return text


def _byword_length(text: str, language: str) -> int:
    folded = text.casefold()
    if len(folded) != len(text):  # casefolding moved the letters ("ß"): offsets would lie
        folded = text.lower()
    words = name_words()
    for word, languages in _bywords_from(folded[:1]):
        if not folded.startswith(word):
            continue
        after = folded[len(word) : len(word) + 1]
        if after.isalpha() and not (len(word) > 1 and _CJK.match(word)) and not _glued(text, word, words):
            continue
        rest = folded[len(word) :].strip(_EDGE).split()
        if not rest:
            return len(text)
        if (
            word in words.particles
            and after not in ":："
            and not _is_preposition(word, languages, language, rest, words)
        ):
            continue
        return len(word)
    return 0


def _glued(text: str, word: str, words: NameWords) -> bool:
    """Tell "ByTrevor Jones", as pages glue it, from "Byron" and "DeNiro"."""
    at = len(word)
    return at > 1 and word not in words.particles and text[at].isupper() and text[at - 1].islower()


def _is_preposition(word: str, languages: frozenset[str], language: str, rest: list[str], words: NameWords) -> bool:
    """Tell "von Anna Schmidt" from "von der Leyen", and "Di Mario Rossi" (Italian) from "Di Caprio"."""
    if rest[0] in words.particles or len(rest) < 2:
        return False
    return language in languages or (word == "von" and language in ("und", "en"))


@lru_cache(maxsize=512)
def _bywords_from(letter: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple(item for item in name_words().by.items() if letter and item[0].startswith(letter))


def _tidy(text: str) -> str:
    text = unicodedata.normalize("NFC", text[:_LONGEST]).translate(_INVISIBLE).translate(_SIGNS).strip()
    if len(text) > 2 and text[0] in "([（" and text[-1] in ")]）":
        text = text[1:-1]
    text = _BRACKETS.sub(" ", text)
    lines = (" ".join(w for w in line.split() if not _is_address(w)) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _is_address(word: str) -> bool:
    return "@" in word or "://" in word or word.startswith(("www.", "#")) or "\\" in word


def _segments(text: str) -> list[str]:
    return [s for s in (part.strip(_EDGE) for part in _SEGMENT.split(text)) if s]


def _until_stop(segment: str, words: NameWords) -> str:
    """Cut the segment where photographers, editors, dates or sentences begin."""
    folded = segment.casefold()
    if len(folded) == len(segment):
        for stop in words.stops:
            at = folded.find(stop)
            if at < 0 or (at and folded[at - 1].isalpha() and not _CJK.match(stop)):
                continue
            if folded[at + len(stop) : at + len(stop) + 1].isalpha() and stop[-1].isalpha() and not _CJK.match(stop):
                continue
            segment, folded = segment[:at], folded[:at]
    parts = segment.split()
    for i, part in enumerate(parts):
        if _NUMBER.fullmatch(part) and (i or len(parts) > 1):
            return " ".join(_without_month(parts[:i]))
    return segment


def _without_month(parts: list[str]) -> list[str]:
    """Drop what led up to a number: "Jane Doe on Monday, March" gives "Jane Doe"."""
    from copydesk.text.date_words import date_words

    dates = date_words()
    while parts and (fold := parts[-1].casefold().strip(".,")) and (fold in dates.months or fold in dates.fillers):
        parts = parts[:-1]
    return parts


def _groups(segment: str, language: str, words: NameWords) -> list[str]:
    """Split at the words and signs that join names."""
    if " " not in segment and "/" in segment and len(segment) <= 12:
        return [segment]  # "dpa/lno", "APA/AP": one sign for several houses
    groups: list[str] = []
    for part in _GROUP.split(segment):
        tokens = part.split()
        start = 0
        for i in range(1, len(tokens) - 1):
            if _joins(tokens, start, i, words):
                groups.append(" ".join(tokens[start:i]))
                start = i + 1
        groups.append(" ".join(tokens[start:]))
    groups = [_without_place(g, words) for g in groups]
    return [name for g in groups for name in _cjk_groups(g.strip(_EDGE), language)]


def _without_place(group: str, words: NameWords) -> str:
    tokens = group.split()
    at = next((i for i in range(2, len(tokens)) if tokens[i].casefold() in words.away), len(tokens))
    return group if at == len(tokens) or _is_organisation(group, words) else " ".join(tokens[:at])


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
    """Split names of two to four signs at the spaces between them; a Japanese name has a space inside."""
    tokens = [t for t in text.split() if t not in name_words().roles]
    if language == "ja" or len(tokens) < 2 or _KANA.search(text):
        return [text]
    return tokens if all(_CJK_ONLY.fullmatch(t) for t in tokens) else [text]


def _pieces(group: str, listed: bool, words: NameWords) -> list[str]:
    """Split at commas, and put "Smith, John" and "King, Jr." together again."""
    parts = [p for p in (part.strip() for part in re.split(r"[,，،]", group)) if p]
    parts = [p for i, p in enumerate(parts) if not (i and _is_rank(p, words))] if len(parts) > 1 else parts
    if len(parts) > 1 and parts[1].casefold() in words.suffixes:
        return [f"{parts[0]} {parts[1]}", *parts[2:]]
    if len(parts) % 2 == 0 and parts and all(_is_initials(p) for p in parts[1::2]):
        return [f"{first} {last}" for last, first in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) == 2 and not listed and _is_inverted(parts[0], parts[1], words):
        return [f"{parts[1]} {parts[0]}"]
    # A lone word after a full name is the town or the paper's short name, unless an agency signs too.
    many = [p for p in parts if len(p.split()) > 1]
    if many and len(many) < len(parts):
        return [p for p in parts if p in many or _is_house_sign(p, words) or _CJK.search(p)]
    return parts


def _is_rank(part: str, words: NameWords) -> bool:
    tokens = [t.casefold().strip(".") for t in part.split()]
    return all(
        t in words.credentials or t in words.roles or t.replace(".", "") in words.credentials for t in tokens
    ) and bool(tokens)


def _is_initials(part: str) -> bool:
    return (
        len(part) <= 6 and all(len(t.strip(".")) <= 1 for t in re.split(r"[ .\-]+", part) if t) and part[:1].isupper()
    )


def _is_inverted(last: str, first: str, words: NameWords) -> bool:
    family = [t for t in last.split() if t.casefold() not in words.particles]
    if len(family) != 1 or not 1 <= len(first.split()) <= 2 or _CJK.search(last + first):
        return False
    if _is_organisation(last, words) or _is_organisation(first, words):
        return False
    return last[:1].isalpha() and first[:1].isupper() and not any(c.isdigit() for c in first)


def _author(piece: str, language: str, words: NameWords) -> Author | None:
    name = piece.strip(_EDGE).strip("'’`")
    folded = name.casefold()
    if not name or folded in words.nobody or len(name) > 80 or name.endswith(words.filed):
        return None
    if _is_organisation(name, words):
        return Author(name=name, kind=AuthorKind.ORGANISATION) if len(name.split()) <= 8 else None
    name = _without_ranks(name, words)
    if not name or name.casefold() in words.nobody or not any(c.isalpha() for c in name):
        return None
    parts = name.split()
    if len(parts) > 6 or (len(name) < 2 and not _CJK.match(name)):
        return None
    if len(parts) > 1 and language != "vi" and any(_says_no_name(p.casefold(), words) for p in parts):
        return None
    if len(parts) > 1 and any(c.isdigit() for c in name):
        return None
    if len(parts) > 3 and not all(_name_word(p, p.casefold().strip("."), words) for p in parts):
        return None
    return Author(name=_lower_caps(parts, words))


def _says_no_name(word: str, words: NameWords) -> bool:
    return word in words.not_names and word not in words.particles


def _is_house(author: Author, words: NameWords) -> bool:
    return author.kind is AuthorKind.ORGANISATION and author.name.casefold() not in words.agencies


def _is_organisation(name: str, words: NameWords) -> bool:
    folded = name.casefold().strip(".")
    if folded in words.agencies:
        return True
    if _DOMAIN.fullmatch(name) and name.count(".") and len(name) > 4:
        return len(name.rsplit(".", 1)[0]) > 2
    parts = folded.replace("-", " ").split()
    if not parts:
        return False
    if len(parts) == 1:
        return (
            parts[0] in words.organisations
            or (name.isupper() and name.isascii() and 2 <= len(name) <= 5)
            or _slashed(name)
        )
    # A role before or after a name is no house: "Jane Doe, News Editor" is cut before this is asked.
    if all(p in words.roles or p in words.organisations for p in parts) and parts[0] in words.roles:
        return any(p in _HOUSES for p in parts)
    return any(p.strip(".") in words.organisations for p in parts if p not in words.roles) or parts[-1] in _HOUSES


_HOUSES = frozenset(
    {"staff", "news", "desk", "bureau", "team", "editors", "writers", "reporters", "contributors", "sports"}
)


def _is_house_sign(name: str, words: NameWords) -> bool:
    """Tell "AFP" and "Redaktion" behind a name from letters that may be a degree ("CEPF")."""
    folded = name.casefold().strip(".")
    return folded in words.agencies or folded in words.organisations or bool(_DOMAIN.fullmatch(name)) or _slashed(name)


def _slashed(name: str) -> bool:
    return "/" in name and all(2 <= len(p) <= 5 for p in name.split("/"))


def _without_ranks(name: str, words: NameWords) -> str:
    """Cut honorifics and roles before the name, roles and credentials after it."""
    parts = name.split()
    while len(parts) > 2 and parts[0].casefold() in words.honorifics:
        parts = parts[1:]
    least = 1 if _CJK.search(name) else 2
    back = len(parts)
    while back > least and _is_rank(parts[back - 1].strip(",-–"), words):
        back -= 1
    front = 0
    while back - front > least and parts[front].casefold().strip(",:") in words.roles:
        front += 1
    parts = parts[front:back]
    if len(parts) == 1 and _CJK.search(name):
        for role in sorted(words.roles, key=len, reverse=True):
            if _CJK.match(role) and parts[0].endswith(role) and len(parts[0]) > len(role) + 1:
                return parts[0][: -len(role)]
    return " ".join(parts).strip(_EDGE)


def _lower_caps(parts: list[str], words: NameWords) -> str:
    """Write "VÍCTOR DE LA CRUZ" as "Víctor de la Cruz", so that one person is one row; mixed case stays as signed."""
    name = " ".join(parts)
    if len(parts) < 2 or not name.isupper() or max(len(p) for p in parts) < 4:
        return name
    small = [p.casefold() if i and p.casefold() in words.particles else _capital(p) for i, p in enumerate(parts)]
    return " ".join(small)


def _capital(word: str) -> str:
    if len(word.strip(".")) <= 1 or word.count(".") > 1:
        return word
    out = "".join(c if i == 0 or word[i - 1] in "-'’." else c.lower() for i, c in enumerate(word))
    return f"Mc{out[2:].capitalize()}" if out.startswith("Mc") and len(out) > 4 else out


def _name_word(part: str, folded: str, words: NameWords) -> bool:
    """Tell whether a word can be a part of a name: capital, particle, initial, or a script without capitals."""
    core = part.strip(".,'’\"")
    if not core or folded in words.particles:
        return bool(core)
    if not all(c.isalpha() or unicodedata.combining(c) or c in "-'’.‐\u200c" for c in core):
        return False
    return (
        core[0].isupper()
        or not core[0].islower()
        or core[:2] in ("d'", "d’", "l'")
        or core.startswith(("al-", "el-", "ash-", "as-"))
    )


def _cjk_name(text: str) -> bool:
    parts = text.split()
    if not parts or len(parts) > 3:
        return False
    core = "".join(p for p in parts if p not in name_words().roles)
    return bool(re.fullmatch(r"[\u3400-\u9fff]{2,4}|[\uac00-\ud7af]{2,4}|[\u30a1-\u30ff·・]{3,14}", core))
