"""Split bylines: "By JANE DOE, MD, and Reuters | 3 May" -> Jane Doe (person), Reuters (organisation).

The words that begin bylines, join names or are not names are in `rules/people.toml`, by language; `byline_parts` splits
a byline, `names` classifies a single name.
"""

from __future__ import annotations

from functools import lru_cache

from copydesk.records import Author, AuthorKind
from copydesk.text.people.byline_parts import groups, pieces, segments, strip_byword, tidy, until_stop
from copydesk.text.people.name_words import name_words
from copydesk.text.people.names import is_house, is_role, looks_like_name, read_name

__all__ = ["looks_like_name", "split_names", "strip_byword"]


_MAX_CACHED_CHARS = 200
"""Maximum length of a byline in the cache."""


def split_names(text: str, language: str = "und") -> tuple[Author, ...]:
    """Return the authors named in a byline, cleaned, in order and without repetition.

    Args:
        text: A byline, or an author in a page's metadata: "Von Anna Schmidt und Peter Maier, dpa".
        language: ISO 639-1 code; some by-words ("di", "de") count only in their own language.

    Returns:
        Persons and organisations; empty if the text has no name ("admin", an address, a date).
    """
    return _split(text, language) if len(text) <= _MAX_CACHED_CHARS else _split.__wrapped__(text, language)


@lru_cache(maxsize=2048)
def _split(text: str, language: str) -> tuple[Author, ...]:
    """Cached, since most pages of a site have one of a few bylines."""
    words = name_words()
    found: dict[str, Author] = {}
    first_kind: AuthorKind | None = None
    for number, written in enumerate(segments(tidy(text))):
        segment = until_stop(strip_byword(written, language), words)
        parts = groups(segment, language, words)
        # "Jan, Piet en Klaas": in a list of single names "Jan, Piet" is not an inverted name.
        listed = len(parts) > 1 and any(" " not in p for p in parts)
        for group in parts:
            if first_kind is AuthorKind.PERSON and is_role(group, words):
                continue
            for piece in pieces(group, listed, words):
                author = read_name(strip_byword(piece, language), language, words)
                if author is None:
                    continue
                # "Jane Doe | The Daily News": an organisation after a person and a bar is the newspaper.
                if number and first_kind is AuthorKind.PERSON and is_house(author, words):
                    continue
                first_kind = first_kind or author.kind
                found.setdefault(author.name.casefold(), author)
    return tuple(found.values())
