"""Labels and words of the media topics, from `rules/topics.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from copydesk.rules_file import package_rules

__all__ = ["SPACELESS", "TOPICS", "LanguageTopics", "label_topics", "language_topics"]

SPACELESS = frozenset(("zh", "ja", "ko", "th", "vi"))
"""Languages whose words are searched as strings: their scripts have no spaces, or spaces inside words."""
TOPICS = (
    *("conflict", "crime", "culture", "disaster", "economy", "education", "environment", "health", "human_interest"),
    *("labour", "lifestyle", "politics", "religion", "science", "society", "sport", "weather"),
)
"""Short names of the 17 IPTC media topics, as table `topics` has them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LanguageTopics:
    """Words of one language.

    Attributes:
        words: Whole word -> topic.
        stems: Beginning of a word -> topic.
        lengths: Lengths of the stems, longest first.
        heads: The first letters of the stems, as many as the shortest has.
        seen: Stretches without blanks that were looked up before.
        telling: Those with words that tell a topic -> each word and its topic.
    """

    words: Mapping[str, str]
    stems: Mapping[str, str]
    lengths: tuple[int, ...]
    heads: frozenset[str]
    seen: set[str] = field(default_factory=set, repr=False)
    telling: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict, repr=False)


@lru_cache(maxsize=1)
def label_topics() -> Mapping[str, str]:
    """Return casefolded name of a section or tag -> topic, in all languages."""
    found: dict[str, str] = {}
    for entry in package_rules("topics.toml")["topic"]:
        for label in entry["labels"]:
            found.setdefault(label.casefold(), entry["topic"])
    return found


@lru_cache(maxsize=64)
def language_topics(language: str) -> LanguageTopics | None:
    """Return the words of a language; None where there are none."""
    words: dict[str, str] = {}
    stems: dict[str, str] = {}
    for entry in package_rules("topics.toml")["topic"]:
        for word in entry.get("words", {}).get(language, "").split():
            plain = word.rstrip("*").replace("_", " ").casefold()
            (stems if word.endswith("*") and language not in SPACELESS else words).setdefault(plain, entry["topic"])
    if not words and not stems:
        return None
    lengths = tuple(sorted({len(s) for s in stems}, reverse=True))
    heads = frozenset(s[: lengths[-1]] for s in stems)
    return LanguageTopics(words=words, stems=stems, lengths=lengths, heads=heads)
