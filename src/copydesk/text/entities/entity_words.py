"""Word lists around names, from `rules/entities.toml`: roles, honorifics, speech verbs, heads of organisations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from copydesk.rules_file import package_rules

__all__ = ["EntityWords", "TitleRule", "entity_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRule:
    """Titles of a language whose script has no capitals.

    Attributes:
        language: ISO 639-1 code.
        before, after: Titles that stand before or behind the name, longest first.
        adjectives: Words that may stand between title and name.
        stops: Words that are in no name.
        families: Characters that begin a family name; "" where there are no such.
    """

    language: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    adjectives: frozenset[str]
    stops: frozenset[str]
    families: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EntityWords:
    """Word lists, casefolded unless said otherwise.

    Attributes:
        roles: Offices and callings.
        modifiers: Words that belong to a role.
        honorifics: "Mr", "Frau".
        said: Speech verbs.
        organisations: Words that head an organisation's name.
        connectors: What may stand between two stretches of one organisation's name.
        no_persons: Words that are in no person's name.
        never_places: Names in the gazetteer of places that are common words of some language.
        openers: Words that open a sentence.
        common: Openers and function words of all languages.
        given_also, given_never: Corrections to the given names, as written.
        titles: Language -> rule, for scripts without capitals.
    """

    roles: frozenset[str]
    modifiers: frozenset[str]
    honorifics: frozenset[str]
    said: frozenset[str]
    organisations: frozenset[str]
    connectors: frozenset[str]
    no_persons: frozenset[str]
    never_places: frozenset[str]
    openers: frozenset[str]
    common: frozenset[str]
    given_also: frozenset[str]
    given_never: frozenset[str]
    titles: dict[str, TitleRule]


@lru_cache(maxsize=1)
def entity_words() -> EntityWords:
    """Return the word lists, built on first use."""
    rules = package_rules("entities.toml")
    openers = _fold(rules["openers"]["words"])
    stops = {w for words in package_rules("stopwords.toml").values() for w in str(words).split()}
    return EntityWords(
        roles=_fold(w for entry in rules["role"] for w in entry["words"]),
        modifiers=_fold(rules["modifiers"]["words"]),
        honorifics=_fold(rules["honorifics"]["words"]),
        said=_fold(rules["said"]["words"]),
        organisations=_fold(rules["organisations"]["words"]),
        connectors=_fold(rules["connectors"]["words"]),
        no_persons=_fold(rules["no_persons"]["words"]),
        never_places=_fold(rules["never_places"]["words"]),
        openers=openers,
        common=openers | _fold(stops),
        given_also=frozenset(rules["given"]["also"]),
        given_never=frozenset(rules["given"]["never"]),
        titles={
            entry["language"]: TitleRule(
                language=entry["language"],
                before=_longest_first(entry.get("before", ())),
                after=_longest_first(entry.get("after", ())),
                adjectives=frozenset(entry.get("adjectives", ())),
                stops=frozenset(entry.get("stops", ())),
                families=frozenset(entry.get("families", "")),
            )
            for entry in rules["title"]
        },
    )


def _fold(words: Iterable[str]) -> frozenset[str]:
    return frozenset(w.casefold() for w in words)


def _longest_first(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words), key=lambda w: (-len(w), w)))
