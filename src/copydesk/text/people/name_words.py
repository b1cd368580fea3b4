"""Word lists for bylines, from `rules/people.toml`: by-words, stops, roles, agencies, particles and so on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from copydesk.rules_file import package_rules

__all__ = ["NameWords", "name_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameWords:
    """Word lists for names, all casefolded.

    Attributes:
        by: By-word -> the languages that use it, longest by-word first.
        stops: Phrases that end the authors of a line, longest first.
        stop_starts: First two letters -> stops that begin with them, each with its index.
        date_stops: Words that end the authors only before a date ("le 3 mai").
        roles, credentials, honorifics, suffixes: Single words around a name.
        nobody: Whole strings that are not names.
        agencies: Whole strings that name a news agency.
        organisations: Words in the names of organisations.
        joiners_sure, joiners_unsure: Words between two names, and such words that occur inside names, too.
        away: Words that begin a place or an organisation after a full name.
        filed: Endings of phrases that state where a story was filed.
        particles: Lower-case words inside names.
        not_names: Words that never occur in names.
        no_names: Those that are neither particles nor names.
        also_given, also_family: Words of sentences that are given or family names, too.
        surnames: Words of organisations that are family names, too.
        accounts: Words in the names of accounts.
    """

    by: dict[str, frozenset[str]]
    stops: tuple[str, ...]
    stop_starts: dict[str, list[tuple[int, str]]]
    date_stops: frozenset[str]
    roles: frozenset[str]
    credentials: frozenset[str]
    honorifics: frozenset[str]
    suffixes: frozenset[str]
    nobody: frozenset[str]
    agencies: frozenset[str]
    organisations: frozenset[str]
    joiners_sure: frozenset[str]
    joiners_unsure: frozenset[str]
    away: frozenset[str]
    filed: tuple[str, ...]
    particles: frozenset[str]
    not_names: frozenset[str]
    no_names: frozenset[str]
    also_given: frozenset[str]
    also_family: frozenset[str]
    surnames: frozenset[str]
    accounts: frozenset[str]


@lru_cache(maxsize=1)
def name_words() -> NameWords:
    """Return the word lists, built on first use."""
    rules = package_rules("people.toml")
    stops = sorted({w for entry in rules["stop"] for w in _fold(entry["words"])}, key=lambda w: (-len(w), w))
    return NameWords(
        by=_by(rules["by"]),
        stops=tuple(stops),
        stop_starts=_by_start(stops),
        date_stops=frozenset(_fold(rules["date_stops"]["words"])),
        roles=frozenset(w for entry in rules["role"] for w in _fold(entry["words"])),
        credentials=frozenset(_fold(rules["credentials"]["words"])),
        honorifics=frozenset(_fold(rules["honorifics"]["words"])),
        suffixes=frozenset(_fold(rules["suffixes"]["words"])),
        nobody=frozenset(_fold(rules["nobody"]["words"])),
        agencies=frozenset(_fold(rules["agencies"]["words"])),
        organisations=frozenset(_fold(rules["organisations"]["words"])),
        joiners_sure=frozenset(_fold(rules["joiners"]["sure"])),
        joiners_unsure=frozenset(_fold(rules["joiners"]["unsure"])),
        away=frozenset(_fold(rules["away"]["words"])),
        filed=tuple(rules["filed"]["words"]),
        particles=frozenset(_fold(rules["particles"]["words"])),
        not_names=frozenset(_fold(rules["not_names"]["words"])),
        no_names=frozenset(_fold(rules["not_names"]["words"])) - frozenset(_fold(rules["particles"]["words"])),
        also_given=frozenset(_fold(rules["also_names"]["given"])),
        also_family=frozenset(_fold(rules["also_names"]["family"])),
        surnames=frozenset(_fold(rules["also_names"]["surnames"])),
        accounts=frozenset(_fold(rules["accounts"]["words"])),
    )


def _fold(words: Iterable[str]) -> list[str]:
    return [w.casefold() for w in words]


def _by_start(words: list[str]) -> dict[str, list[tuple[int, str]]]:
    starts: dict[str, list[tuple[int, str]]] = {}
    for place, word in enumerate(words):
        starts.setdefault(word[:2], []).append((place, word))
    return starts


def _by(entries: list[dict[str, Any]]) -> dict[str, frozenset[str]]:
    languages: dict[str, set[str]] = {}
    for entry in entries:
        for word in _fold(entry["words"]):
            languages.setdefault(word.rstrip(":"), set()).add(entry["language"])
    return {w: frozenset(languages[w]) for w in sorted(languages, key=len, reverse=True)}
