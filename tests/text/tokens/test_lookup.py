"""Hashes looked up by their highest bits, and tokens made piece by piece."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from copydesk.text.tokens.lookup import Lookup
from copydesk.text.tokens.scan import scan

HASH = st.one_of(
    st.integers(0, 40), st.integers(0, 2**64 - 1), st.integers(0, 40).map(lambda low: (0xABCDEF << 40) + low)
)


@given(st.sets(HASH, max_size=60), st.lists(HASH, max_size=60))
def test_lookup_finds_what_is_there(keys: set[int], wanted: list[int]) -> None:
    """Every wanted hash that is a key is found at its place and no other, nought and crowded buckets too."""
    table = np.array(sorted(keys), np.uint64)
    asked = np.array([*wanted, *sorted(keys)[::2]], np.uint64)
    some, at = Lookup(table).find(asked)
    assert some.tolist() == [k for k, hashed in enumerate(asked.tolist()) if hashed in keys]
    assert table[at].tolist() == asked[some].tolist()


def test_lines_are_the_same_in_any_company() -> None:
    """A line's tokens and counts do not depend on where in a long batch it stands, so pieces leave no seam."""
    line = "  «Über 1,234 Zeilen»: 日本語 ok… © @you | a, b; "
    batch = scan([[(f"{line}{'long ' * (k % 700)}{k}", 0) for k in range(600)]])
    for k in (0, 1, 58, 59, 60, 299, 598, 599):
        alone = scan([[(f"{line}{'long ' * (k % 700)}{k}", 0)]])
        tokens = slice(int(batch.first[k]), int(batch.first[k] + batch.count[k]))
        for name in ("tokens", "size", "wide", "number", "marked", "capital", "cased_token"):
            assert getattr(batch, name)[tokens].tolist() == getattr(alone, name).tolist(), name
        for name in ("letters", "upper", "digits", "cased", "symbols", "commas", "stops", "separators", "signs",
                     "quotes", "head", "tail", "words", "indent", "chars"):  # fmt: skip
            assert getattr(batch, name)[k] == getattr(alone, name)[0], name
        assert batch.begin[tokens][0] - batch.begin[int(batch.first[0])] == int((batch.chars[:k] + 1).sum())
