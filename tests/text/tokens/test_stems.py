"""Plain strings are found in a text whatever their letters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from copydesk.text.tokens.stems import Stems, search_text

TEXTS = st.text(st.sampled_from("abcé€куクッ𐐀\ud800 \n"), max_size=30)


@given(st.lists(TEXTS.filter(bool), max_size=8), TEXTS)
def test_stems_are_found_as_by_a_search_for_each(stems: list[str], text: str) -> None:
    """Leaving out strings with a letter that the text has not finds no other strings than one search for each."""
    assert sorted(Stems(stems).found(search_text(text))) == sorted(stem for stem in stems if stem in text)
