"""Classify a name as a person's or an organisation's; remove ranks and capitals."""

from __future__ import annotations

import re
import unicodedata

from copydesk.records import Author, AuthorKind
from copydesk.text.dates.date_words import date_words
from copydesk.text.people.name_words import NameWords, name_words

__all__ = [
    "CJK",
    "EDGE",
    "is_account",
    "is_house",
    "is_house_sign",
    "is_organisation",
    "is_rank",
    "is_role",
    "looks_like_name",
    "read_name",
    "read_person",
]

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A character of Chinese, Japanese or Korean: names without capitals, mostly without spaces."""
EDGE = ' \u00a0,:;-–—|/\\"“”„«»*•·_~=+&>!?…#()[]{}：，、。'
"""Characters stripped from both ends of a name."""
_DOMAIN = re.compile(r"(?:[\w-]{1,40}\.){1,3}[a-z]{2,6}", re.IGNORECASE)
_HOUSES = frozenset(
    {"staff", "news", "desk", "bureau", "team", "editors", "writers", "reporters", "contributors", "sports"}
)
"""Last words of an organisation's name even if all its words are roles ("Staff Writers")."""


def looks_like_name(text: str, language: str = "und") -> bool:
    """Return whether a short line can be one person's name only. Fast: a few set look-ups."""
    text = text.strip(EDGE)
    if not 2 < len(text) <= 60 or any(map(str.isdigit, text)):
        return bool(text) and _cjk_name(text)
    parts = text.split()
    if not text.isascii() and CJK.search(text):
        return _cjk_name(text)
    if not 2 <= len(parts) <= 5:
        return False
    words = name_words()
    folded = [p.casefold().strip(".,") for p in parts]
    if language != "vi" and _has_no_name(parts, folded, words):
        return False
    whole = text.casefold()
    if not words.organisations.isdisjoint(folded) or whole in words.nobody or whole in words.agencies:
        return False
    if text.count(",") > 1:
        return False
    if not text[-1].isalpha() and text[-1] not in ".'’":
        return False
    return all(_name_word(p, f, words) for p, f in zip(parts, folded, strict=True)) and any(len(f) > 1 for f in folded)


def read_name(piece: str, language: str, words: NameWords) -> Author | None:
    """Return the author named by a part of a byline, or None."""
    name = piece.strip(EDGE).strip("'’`")
    folded = name.casefold()
    if not name or folded in words.nobody or len(name) > 80 or name.endswith(words.filed):
        return None
    if folded.strip(".") in date_words().weekdays and " " not in name:
        return None
    name = _without_agency(name, words)
    if is_organisation(name, words):
        return Author(name=name, kind=AuthorKind.ORGANISATION) if len(name.split()) <= 8 else None
    name = _without_ranks(name, words)
    if not name or name.casefold() in words.nobody or not any(c.isalpha() for c in name):
        return None
    parts = name.split()
    if _is_machine_made(name) or len(parts) > 6 or (len(name) < 2 and not CJK.match(name)):
        return None
    if len(parts) > 1 and language != "vi" and _has_no_name(parts, [p.casefold().strip(".,") for p in parts], words):
        return None
    if len(parts) > 1 and any(map(str.isdigit, name)):
        return None
    if len(parts) > 3 and not all(_name_word(p, p.casefold().strip("."), words) for p in parts):
        return None
    return Author(name=_lower_caps(parts, words))


def read_person(text: str) -> Author | None:
    """Return the person whose name this is by its markup ("Eyal Press", "An Le"), or None if it cannot be one."""
    words = name_words()
    name = _without_ranks(" ".join(text.split()).strip(EDGE), words)
    parts = name.split()
    folded = [p.casefold().strip(".,") for p in parts]
    if not 2 <= len(parts) <= 4 or len(name) > 60 or not all(p[0].isupper() for p in (parts[0], parts[-1])):
        return None
    if is_account(name) or name.casefold() in words.agencies or name.casefold() in words.nobody:
        return None
    known = words.also_given | words.also_family | words.surnames
    if any((f in words.no_names or f in words.organisations or f in words.roles) and f not in known for f in folded):
        return None
    if folded[0] in words.surnames or not all(_name_word(p, f, words) for p, f in zip(parts, folded, strict=True)):
        return None
    return Author(name=_lower_caps(parts, words))


def is_account(name: str) -> bool:
    """Return whether a name is that of an account that imports or posts stories ("Watermark feed")."""
    parts = re.split(r"[\s._-]+", name.casefold())
    return not name_words().accounts.isdisjoint((*parts, name.casefold()))


def _without_agency(name: str, words: NameWords) -> str:
    """Return "John Doe The Associated Press" without the agency, which stands there without a comma."""
    parts = name.split()
    for start in range(2, len(parts)):
        tail = " ".join(parts[start:]).casefold()
        if tail in words.agencies and len(tail) > 2 and looks_like_name(" ".join(parts[:start])):
            return " ".join(parts[:start])
    return name


def _has_no_name(parts: list[str], folded: list[str], words: NameWords) -> bool:
    """Return whether a word cannot be part of a name; "Will" and "An" can, beside a word that is only a name."""
    doubtful = [i for i, word in enumerate(folded) if word in words.no_names]
    if not doubtful:
        return False
    last = len(parts) - 1
    if last > 3 or len(doubtful) > last:
        return True
    for i in doubtful:
        known = (words.also_given if i < last else frozenset()) | (words.also_family if i else frozenset())
        if folded[i] not in known or not parts[i][0].isupper():
            return True
    sure = [w for i, w in enumerate(folded) if i not in doubtful and w not in words.particles]
    return not any(len(w) > 1 and w not in words.roles and w not in words.organisations for w in sure)


def is_organisation(name: str, words: NameWords) -> bool:
    """Return whether a name is that of an agency, desk, company or domain rather than a person."""
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
    # A role before or after a name is not an organisation: "Jane Doe, News Editor" is cut earlier.
    if all(p in words.roles or p in words.organisations for p in parts) and parts[0] in words.roles:
        return any(p in _HOUSES for p in parts)
    return any(p.strip(".") in words.organisations for p in parts if p not in words.roles) or parts[-1] in _HOUSES


def is_house_sign(name: str, words: NameWords) -> bool:
    """Return whether letters behind a name are an organisation ("AFP", "Redaktion") and not a degree ("CEPF")."""
    folded = name.casefold().strip(".")
    return folded in words.agencies or folded in words.organisations or bool(_DOMAIN.fullmatch(name)) or _slashed(name)


def is_house(author: Author, words: NameWords) -> bool:
    """Return whether an author is an organisation other than a news agency."""
    return author.kind is AuthorKind.ORGANISATION and author.name.casefold() not in words.agencies


def is_rank(part: str, words: NameWords) -> bool:
    """Return whether a part of a byline consists of degrees and roles only."""
    tokens = [t.casefold().strip(".") for t in part.split()]
    return all(
        t in words.credentials or t in words.roles or t.replace(".", "") in words.credentials for t in tokens
    ) and bool(tokens)


def is_role(part: str, words: NameWords) -> bool:
    """Return whether a later part of a byline is a job ("Chief Technology Officer", "Head of Sports")."""
    tokens = [t.casefold().strip(".") for t in part.split()]
    if len(tokens) < 2 or is_house_sign(part, words):
        return False
    if tokens[0] in words.roles and tokens[1] in words.away:
        return True
    return tokens[-1] in words.roles and tokens[-1] not in _HOUSES


def _is_machine_made(name: str) -> bool:
    """Return whether a name is a generated account name such as "mdelatorreq6vkpg2ma0ci"."""
    return len(name) > 15 and " " not in name and any(c.isdigit() for c in name) and not any(c.isupper() for c in name)


def _slashed(name: str) -> bool:
    return "/" in name and all(2 <= len(p) <= 5 for p in name.split("/"))


def _without_ranks(name: str, words: NameWords) -> str:
    """Remove honorifics and roles before the name, roles and credentials after it."""
    parts = name.split()
    while len(parts) > 2 and parts[0].casefold() in words.honorifics:
        parts = parts[1:]
    least = 1 if CJK.search(name) else 2
    back = len(parts)
    while back > least and is_rank(parts[back - 1].strip(",-–"), words):
        back -= 1
    front = 0
    while back - front > least and parts[front].casefold().strip(",:") in words.roles:
        front += 1
    parts = parts[front:back]
    if len(parts) == 1 and CJK.search(name):
        for role in sorted(words.roles, key=len, reverse=True):
            if CJK.match(role) and parts[0].endswith(role) and len(parts[0]) > len(role) + 1:
                return parts[0][: -len(role)]
    return " ".join(parts).strip(EDGE)


def _lower_caps(parts: list[str], words: NameWords) -> str:
    """Return "VÍCTOR DE LA CRUZ" as "Víctor de la Cruz", so that one person is one row; keep mixed case."""
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
    """Return whether a word can be part of a name: capital, particle, initial, or a script without capitals."""
    core = part.strip(".,'’\"")
    if not core or folded in words.particles:
        return bool(core)
    if not core.isalpha() and not all(c.isalpha() or unicodedata.combining(c) or c in "-'’.‐\u200c" for c in core):
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
