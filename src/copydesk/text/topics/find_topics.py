"""Tell the media topics of an article.

    sections, tags --labels--> declared topics, each with the section or tag
    nothing declared: words of title and text --word lists--> inferred topics, each with its words

The two are never mixed: where the page declares a topic, no word is counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from copydesk.records import Extraction, Topic
from copydesk.text.topics.topic_words import SPACELESS, LanguageTopics, label_topics, language_topics

__all__ = ["declared_topics", "find_topics", "inferred_topics"]

_MAX_DECLARED = 3
_MAX_TAGS = 30
_TITLE_WEIGHT = 3
_MIN_HITS = 5
"""Words of topics, the title's counted three times, below which nothing is inferred."""
_MIN_DISTINCT = 3
"""Different words that tell a topic: one that returns often is a name or a phrase."""
_MIN_SHARE, _MIN_SECOND_SHARE = 0.4, 0.3
_MAX_CHARS = 60_000
_MAX_SEEN, _MAX_SEEN_CHARS = 60_000, 40
"""Stretches without blanks of a language that a process remembers, and the length of the longest: 6 MB."""
_PARTS = re.compile(r"\s*(?:[/&|,;>»·+]|\band\b|\bund\b|\bet\b|\by\b|\be\b|\bi\b|\bog\b|\boch\b|\ben\b)\s*")
_WORD = re.compile(r"[\w\u0900-\u0dff'’״\u200c-]+")
_ALIASES = {"nb": "no", "nn": "no", "sk": "cs", "ms": "id"}


def find_topics(found: Extraction, texts: Sequence[str]) -> tuple[Topic, ...]:
    """Return the topics of an extraction, the surest first; empty where nothing tells one.

    Args:
        found: Its sections, tags, title and language are read.
        texts: The kept paragraphs.
    """
    declared = declared_topics(found.section_path, found.tags)
    return declared or inferred_topics(found.title, texts, found.language)


def declared_topics(sections: Sequence[str], tags: Sequence[str]) -> tuple[Topic, ...]:
    """Return the topics that a page's sections and tags declare, at most three; the innermost section comes first."""
    topics: dict[str, str] = {}
    named = [*((f"section {name}", name) for name in reversed(sections)), *((f"tag {t}", t) for t in tags[:_MAX_TAGS])]
    for evidence, name in named:
        for topic in _of_label(name):
            topics.setdefault(topic, evidence)
    return tuple(
        Topic(topic=topic, declared=True, score=1.0, evidence=evidence)
        for topic, evidence in list(topics.items())[:_MAX_DECLARED]
    )


def _of_label(name: str) -> Iterable[str]:
    labels = label_topics()
    folded = " ".join(name.casefold().split())
    whole = labels.get(folded)
    if whole is not None:
        return (whole,)
    parts = _PARTS.split(folded)
    return dict.fromkeys(labels[p] for p in parts if p in labels) if 1 < len(parts) <= 4 else ()


def inferred_topics(title: str | None, texts: Sequence[str], language: str) -> tuple[Topic, ...]:
    """Return one or two topics that the words of a text tell; empty where they tell none or too many."""
    known = language_topics(_ALIASES.get(language, language))
    if known is None:
        return ()
    body = "\n".join(texts)[:_MAX_CHARS].casefold()
    count = _count_strings if language in SPACELESS else _count_words
    hits: dict[str, Counter[str]] = {}
    for text, weight in ((body, 1), ((title or "").casefold(), _TITLE_WEIGHT)):
        for word, (topic, number) in count(text, known).items():
            hits.setdefault(topic, Counter())[word] += weight * number
    total = sum(sum(words.values()) for words in hits.values())
    ranked = sorted(hits, key=lambda t: (-sum(hits[t].values()), t))
    chosen: list[Topic] = []
    for topic in ranked[:2]:
        number = sum(hits[topic].values())
        share = number / total
        least = _MIN_SECOND_SHARE if chosen else _MIN_SHARE
        if number < _MIN_HITS or len(hits[topic]) < _MIN_DISTINCT or share < least:
            break
        chosen.append(Topic(topic=topic, declared=False, score=round(share, 3), evidence=_evidence(hits[topic])))
    return tuple(chosen)


def _count_words(text: str, known: LanguageTopics) -> dict[str, tuple[str, int]]:
    """Return word of the text -> topic and number.

    Stretches without blanks are remembered with the words in them that tell a topic, since the articles of a run share
    most of them; few do, and these are found by an intersection.
    """
    chunks, seen, telling = Counter(text.split()), known.seen, known.telling
    if len(seen) + len(chunks) > _MAX_SEEN:
        seen.clear()
        telling.clear()
    counted: dict[str, tuple[str, int]] = {}
    for chunk in set(chunks).difference(seen):
        words = (chunk,) if chunk.isalnum() else _WORD.findall(chunk)
        found = tuple((word, topic) for word in words if (topic := _topic_of(known, word)) is not None)
        if len(chunk) <= _MAX_SEEN_CHARS:
            seen.add(chunk)
            if found:
                telling[chunk] = found
        else:
            _add(counted, found, chunks[chunk])
    for chunk in chunks.keys() & telling.keys():
        _add(counted, telling[chunk], chunks[chunk])
    return counted


def _add(counted: dict[str, tuple[str, int]], words: Iterable[tuple[str, str]], number: int) -> None:
    for word, topic in words:
        counted[word] = topic, number + (counted[word][1] if word in counted else 0)


def _topic_of(known: LanguageTopics, word: str) -> str | None:
    if (topic := known.words.get(word)) is not None:
        return topic
    if not known.lengths or word[: known.lengths[-1]] not in known.heads:  # most words
        return None
    size, stems = len(word), known.stems
    for length in known.lengths:
        if length <= size and (topic := stems.get(word[:length])) is not None:
            return topic
    return None


def _count_strings(text: str, known: LanguageTopics) -> dict[str, tuple[str, int]]:
    return {word: (topic, number) for word, topic in known.words.items() if (number := text.count(word))}


def _evidence(words: Mapping[str, int]) -> str:
    """Return the most frequent words with their numbers, "minister 4, vote 2"."""
    ranked = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{word} {number}" for word, number in ranked[:5])
