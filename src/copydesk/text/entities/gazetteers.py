"""Gazetteers: known persons, organisations and places, from the package and from a desk's `rules/gazetteers/*.csv`.

    rules/gazetteers/places.tsv         kind, country, name, other names; more_places.tsv likewise
    rules/gazetteers/organisations.tsv  name, kind, country, other names
    rules/gazetteers/leaders.tsv        name, country, office, other names
    a desk's CSV                        kind, name, country, detail, names     (kind: person, organisation, place)

Other names are separated by "|". The desk's entries win over the package's.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from copydesk.errors import SettingsError
from copydesk.records import EntityKind
from copydesk.resources import RULES
from copydesk.rules_file import reading_rules
from copydesk.table_cache import kept
from copydesk.text.entities.entity_words import entity_words
from copydesk.text.entities.inflection import stem
from copydesk.text.entities.name_keys import family_name, name_key, plain

__all__ = ["MAX_WORDS", "Entry", "Gazetteers", "check_gazetteers", "gazetteers"]

MAX_WORDS = 7
"""Longest name in words: "Collective Security Treaty Organization", "Organisation mondiale de la Santé"."""
_FOLDER = RULES / "gazetteers"
_COLUMNS = ("kind", "name", "country", "detail", "names")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A known person, organisation or place.

    Attributes:
        kind: What it is.
        name: The name it goes by in the warehouse.
        country: ISO 3166 code, or EU, UN; "" for none.
        detail: Office of a person, kind of an organisation (agency, body, party, ...) or of a place (country, city).
        family: Family name of a person as `plain` writes it.
    """

    kind: EntityKind
    name: str
    country: str = ""
    detail: str = ""
    family: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Gazetteers:
    """All entries, indexed for the search in text.

    Attributes:
        names: Name as `plain` writes it (an acronym as it is written) -> entry, for scripts with words.
        starts: First word of names of two words or more -> number of words of the longest of them.
        spaceless: First two characters -> names in scripts without spaces, longest first, each with its entry.
        families: Family name -> known persons.
        given: Given names as written.
        stems: Stem of a name -> entry, for texts with case endings; a stem of two entries is left out.
        given_stems: Stems of the given names.
    """

    names: Mapping[str, Entry]
    starts: Mapping[str, int]
    spaceless: Mapping[str, tuple[tuple[str, Entry], ...]]
    families: Mapping[str, tuple[Entry, ...]]
    given: frozenset[str]
    stems: Mapping[str, Entry]
    given_stems: frozenset[str]


@lru_cache(maxsize=4)
def gazetteers(folders: tuple[Path, ...]) -> Gazetteers:
    """Return the gazetteers of the package and of the given folders, read once per process.

    The folders have no default: for the cache `gazetteers()` and `gazetteers(())` would be two tables.

    Raises:
        SettingsError: A CSV cannot be read, or a row of it has no name or no known kind; names file and line.
    """
    return kept("gazetteers", lambda: _indexed(folders), folders)


def _indexed(folders: tuple[Path, ...]) -> Gazetteers:
    names: dict[str, Entry] = {}
    spaceless: dict[str, Entry] = {}
    families: dict[str, dict[str, Entry]] = {}
    for entry, others, own in (*_of_desk(folders), *_of_package()):
        if entry.family:
            families.setdefault(entry.family, {}).setdefault(entry.name, entry)
        for name in (entry.name, *others):
            if _is_spaceless(name):
                spaceless.setdefault(name, entry)
            elif _is_usable(name, entry) or own:
                names.setdefault(_key(name), entry)
                if entry.family:
                    names.setdefault(name_key(name), entry)
    starts: dict[str, int] = {}
    for name in names:
        first, *rest = name.split()
        if rest:
            starts[first] = max(starts.get(first, 0), len(rest) + 1)
    by_start: dict[str, list[tuple[str, Entry]]] = {}
    for name in sorted(spaceless, key=lambda n: (-len(n), n)):
        by_start.setdefault(name[:2], []).append((name, spaceless[name]))
    given = _given_names()
    return Gazetteers(
        names=names,
        starts=starts,
        spaceless={start: tuple(found) for start, found in by_start.items()},
        families={family: tuple(people[n] for n in sorted(people)) for family, people in families.items()},
        given=given,
        stems=_stems(names),
        given_stems=frozenset(stem(plain(name)) for name in given),
    )


def _stems(names: Mapping[str, Entry]) -> dict[str, Entry]:
    found: dict[str, Entry | None] = {}
    for name, entry in names.items():
        if len(name) > 4 and not name.isupper() and (entry.kind is not EntityKind.ORGANISATION or " " in name):
            key = stem(name)
            found[key] = entry if found.get(key, entry) == entry else None
    return {key: entry for key, entry in found.items() if entry is not None}


def check_gazetteers(folders: Iterable[Path]) -> None:
    """Read the CSV files of a desk without the package's own entries.

    Raises:
        SettingsError: As `gazetteers`.
    """
    for _ in _of_desk(folders):
        pass


def _key(name: str) -> str:
    """Return an acronym as it is written, so that "WHO" is not "who"; any other name as `plain` writes it."""
    bare = name.replace(".", "")
    return bare if bare.isupper() and bare.isalpha() and len(bare) <= 5 else plain(name)


def _of_package() -> Iterator[tuple[Entry, tuple[str, ...], bool]]:
    """Yield entries of the package; those under their own names first, so that no other name hides them."""
    found = []
    for name, country, office, others in _rows("leaders.tsv"):
        found.append((_person(name, country, office), _split(others)))
    for name, kind, country, others in _rows("organisations.tsv"):
        found.append((Entry(kind=EntityKind.ORGANISATION, name=name, country=country, detail=kind), _split(others)))
    for kind, country, name, others in (*_rows("more_places.tsv"), *_rows("places.tsv")):
        found.append((Entry(kind=EntityKind.PLACE, name=name, country=country, detail=kind), _split(others)))
    yield from ((entry, (), False) for entry, _ in found)
    yield from ((entry, others, False) for entry, others in found)


def _rows(file: str) -> Iterator[list[str]]:
    for line in (_FOLDER / file).read_text(encoding="utf-8").splitlines():
        if line:
            yield line.split("\t")


def _split(names: str) -> tuple[str, ...]:
    return tuple(n for n in names.split("|") if n)


def _person(name: str, country: str, office: str) -> Entry:
    return Entry(kind=EntityKind.PERSON, name=name, country=country, detail=office, family=family_name(name, country))


def _of_desk(folders: Iterable[Path]) -> Iterator[tuple[Entry, tuple[str, ...], bool]]:
    for path in sorted(p for folder in folders for p in folder.glob("*.csv")):
        for entry, others in _read_csv(path):
            yield entry, others, True


def _read_csv(path: Path) -> list[tuple[Entry, tuple[str, ...]]]:
    try:
        with reading_rules(path, "CSV in UTF-8"), path.open(encoding="utf-8-sig", newline="") as file:
            return [
                _entry_of(path, number, row) for number, row in enumerate(csv.DictReader(file), 2) if any(row.values())
            ]
    except csv.Error as error:
        raise SettingsError(
            f"{path} is no CSV: {error}. Its first line names the columns: {','.join(_COLUMNS)}."
        ) from error


def _entry_of(
    path: Path, number: int, row: Mapping[str | None, str | list[str] | None]
) -> tuple[Entry, tuple[str, ...]]:
    values = {str(k).strip().casefold(): v.strip() for k, v in row.items() if k and isinstance(v, str)}
    kind, name = values.get("kind", ""), values.get("name", "")
    if None in row or not name or kind not in set(EntityKind):
        raise SettingsError(
            f"{path}, line {number}: expected kind (person, organisation or place) and name; the columns are "
            f"{','.join(_COLUMNS)}, other names separated by |."
        )
    country, detail = values.get("country", "").upper(), values.get("detail", "")
    others = _split(values.get("names", ""))
    if kind == EntityKind.PERSON:
        return _person(name, country, detail), others
    return Entry(kind=EntityKind(kind), name=name, country=country, detail=detail), others


def _is_usable(name: str, entry: Entry) -> bool:
    """Return whether a name of the package is no common word and long enough to mean one thing."""
    if entry.kind is EntityKind.PLACE and name != entry.name:
        folded = name.casefold()
        words = entity_words()
        least = 3 if name.isascii() or name[0] < "\u0500" else 2
        if len(name) <= least and not name.replace(".", "").isupper():
            return False
        return folded not in words.common and folded not in words.roles and folded not in words.never_places
    return len(name) > 1


def _is_spaceless(name: str) -> bool:
    return any("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" or "\u0e00" <= c <= "\u0e7f" for c in name)


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    words = entity_words()
    listed = (_FOLDER / "given_names.tsv").read_text(encoding="utf-8").split()
    return (frozenset(listed) | words.given_also) - words.given_never
