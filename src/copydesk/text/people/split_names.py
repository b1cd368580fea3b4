"""Bylines: from "By JANE DOE, MD, and Reuters | 3 May" to Jane Doe (person) and Reuters (organisation).

Which words open a byline, join names, or name nobody stands in `rules/people.toml`, by language; how a byline is taken
apart in `bylines`, what a single name is in `names`.
"""

from __future__ import annotations

from functools import lru_cache

from copydesk.records import Author, AuthorKind
from copydesk.text.people.byline_parts import groups, pieces, segments, strip_byword, tidy, until_stop
from copydesk.text.people.name_words import name_words
from copydesk.text.people.names import is_house, looks_like_name, read_name

__all__ = ["looks_like_name", "split_names", "strip_byword"]


_SHORT = 200
"""Characters of a byline that is worth remembering."""


def split_names(text: str, language: str = "und") -> tuple[Author, ...]:
    """Return the authors that a byline's text names, cleaned and in order, each once.

    Args:
        text: A byline, or one author of a page's metadata: "Von Anna Schmidt und Peter Maier, dpa".
        language: ISO 639-1 code; some by-words ("di", "de") are only by-words in their own language.

    Returns:
        Persons and organisations; empty when the text names nobody ("admin", an address, a date).
    """
    return _split(text, language) if len(text) <= _SHORT else _split.__wrapped__(text, language)


@lru_cache(maxsize=2048)
def _split(text: str, language: str) -> tuple[Author, ...]:
    """The same few sign most of a site's pages."""
    words = name_words()
    found: dict[str, Author] = {}
    first_kind: AuthorKind | None = None
    for number, written in enumerate(segments(tidy(text))):
        segment = until_stop(strip_byword(written, language), words)
        parts = groups(segment, language, words)
        # "Jan, Piet en Klaas": in a list of single names "Jan, Piet" is no inverted name.
        listed = len(parts) > 1 and any(" " not in p for p in parts)
        for group in parts:
            for piece in pieces(group, listed, words):
                author = read_name(strip_byword(piece, language), language, words)
                if author is None:
                    continue
                # "Jane Doe | The Daily News": what follows a person behind a bar is the paper's name.
                if number and first_kind is AuthorKind.PERSON and is_house(author, words):
                    continue
                first_kind = first_kind or author.kind
                found.setdefault(author.name.casefold(), author)
    return tuple(found.values())
