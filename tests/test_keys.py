"""Keys depend on what a thing is, never on when it came."""

from __future__ import annotations

import re
from hashlib import blake2b
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from copydesk.keys import article_key, capture_key, key, line_key, line_keys, revision_key

words = st.text(st.characters(blacklist_characters="\x1f", blacklist_categories=["Cs"]), max_size=20)


@given(st.text(min_size=1, max_size=10), st.lists(words, min_size=1, max_size=4))
def test_a_key_is_the_version_5_uuid_of_its_parts(kind: str, parts: list[str]) -> None:
    """Our fast way gives the very value the standard library gives."""
    namespace = UUID("6f3a5c9e-6c1e-5b0f-9a53-0d4c1f5e7a21")
    try:
        expected = str(uuid5(namespace, "\x1f".join((kind, *parts))))
    except UnicodeEncodeError:
        return
    assert key(kind, *parts) == expected


@given(st.lists(words, min_size=1, max_size=3), st.lists(words, min_size=1, max_size=3))
def test_different_parts_give_different_keys(one: list[str], other: list[str]) -> None:
    """Where the parts differ the keys differ, also when their concatenation is the same."""
    assert (key("k", *one) == key("k", *other)) == (one == other)


def test_an_article_is_known_by_its_address_wherever_it_came_from() -> None:
    """Two sources that bring one address bring one article; files without an address are told apart by source."""
    assert article_key("a", "x", "https://e.org/1") == article_key("b", "y", "https://e.org/1")
    assert article_key("a", "x", None) != article_key("b", "x", None)
    assert len({capture_key("a", "x", "1"), article_key("a", "x", "1"), revision_key("a", "x")}) == 3


@given(st.lists(st.text(st.one_of(st.characters(), st.sampled_from(" \t\n\x1c\xa0\u2003019\u0663İßAa")), max_size=12)))
def test_the_key_of_a_line_is_the_hash_of_its_plain_form(lines: list[str]) -> None:
    """All lines at once have the keys that each has alone: its text with single spaces, folded, 0 for every number."""
    plain = [re.sub(r"\d+", "0", " ".join(line.split()).casefold()).encode("utf-8", "surrogatepass") for line in lines]
    expected = [int.from_bytes(blake2b(p, digest_size=8).digest(), "big", signed=True) for p in plain]
    assert list(line_keys(lines)) == expected == [line_key(line) for line in lines]
