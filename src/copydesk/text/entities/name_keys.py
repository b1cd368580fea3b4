"""Keys of names: what makes two writings of a name one ("Bashar al-Assad", "BASHAR ASSAD" -> "bashar assad")."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["family_name", "name_key", "plain"]

_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200b-\u200f\u2060\ufeff]")
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("’'`´ʿʾ‘ʼ״׳\"", ""),
        **dict.fromkeys("-‐‑–\u200c·・_/", " "),
        "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ё": "е",
        "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ی": "ي", "ک": "ك",
    }
)  # fmt: skip
_SMALL = frozenset({"al", "el", "as", "ash", "ar", "an", "ad", "at", "az", "ul", "ud", "аль", "аш", "эль", "ан"})
"""Articles in Arabic names, which one page writes and another leaves out."""
_RANKS = frozenset({"jr", "sr", "ii", "iii", "iv"})
_GENERATIONS = _RANKS - {"ii", "iii", "iv"}
_PARTICLES = frozenset(
    {"von", "van", "de", "der", "den", "del", "della", "di", "da", "dos", "das", "du", "la", "le", "ter", "ten", "zu"}
    | {"bin", "ibn", "ben", "bint", "abu", "af"} | _SMALL
)  # fmt: skip
_FAMILY_FIRST = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]")
_EAST_ASIAN = frozenset(
    (
        *("xi", "li", "wang", "zhang", "liu", "chen", "yang", "huang", "zhao", "wu", "zhou", "xu", "sun"),
        *("ma", "zhu", "hu", "guo", "he", "lin", "luo", "song", "tang", "han", "feng", "deng", "cao"),
        *("peng", "zeng", "xiao", "tian", "dong", "pan", "cai", "jiang", "yu", "du", "ye", "cheng", "wei"),
        *("su", "lu", "ding", "ren", "shen", "yao", "kim", "lee", "park", "choi", "jung", "kang", "cho"),
        *("yoon", "jang", "lim", "ban", "moon", "nguyen", "nguyễn", "tran", "trần", "pham", "phạm", "le"),
        *("lê", "hoang", "hoàng", "phan", "vu", "vũ", "vo", "võ", "dang", "đặng", "bui", "bùi", "do", "đỗ"),
        *("ho", "hồ", "ngo", "ngô", "duong", "dương", "to", "tô", "luong", "lương", "mao", "hun", "aung"),
        *("min", "lai", "tsai"),
    )
)


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Return a name without case, diacritics, apostrophes and hyphens, words separated by one space."""
    text = text.casefold()
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.translate(_LETTERS).replace(".", " ").replace(",", " ").split())


def name_key(name: str) -> str:
    """Return the key of a person's full name: without initials in the middle, Arabic articles and "Jr."."""
    words = plain(name).split()
    words = [w for i, w in enumerate(words) if not (w in _GENERATIONS and i)]
    kept = [
        w
        for i, w in enumerate(words)
        if not (0 < i < len(words) - 1 and (len(w) == 1 and w.isalpha())) and not (w in _SMALL and len(words) > 2)
    ]
    return " ".join(kept if len(kept) > 1 else words)


def family_name(name: str, country: str = "") -> str:
    """Return the part of a full name by which an article calls a person later, as `plain` writes it.

    The last word, behind its particles ("der leyen" of "Ursula von der Leyen" is "von der leyen"); the first where the
    family name comes first, as known by the family name itself or the country.
    """
    words = [w for w in plain(name).split() if w not in _RANKS]
    if len(words) < 2:
        return " ".join(words)
    if (country in ("CN", "TW", "KR", "KP") or _comes_first(name, words)) and words[-1] not in _EAST_ASIAN:
        return words[0]
    if country == "HU" and not name.isascii() and words[0] in ("orban", "magyar", "sulyok"):
        return words[0]
    at = len(words) - 1
    while at > 1 and words[at - 1] in _PARTICLES:
        at -= 1
    return " ".join(words[at:])


def _comes_first(name: str, words: list[str]) -> bool:
    hyphened = "-" in name.rsplit(maxsplit=1)[-1]
    return words[0] in _EAST_ASIAN and (len(name.split()) == 2 or hyphened) and not _FAMILY_FIRST.search(name)
