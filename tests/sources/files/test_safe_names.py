"""Names that can be printed, stored and turned back."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.sources.files.safe_names import original, printable


@given(st.binary(max_size=30))
def test_any_name_on_disk_comes_back_byte_for_byte(raw: bytes) -> None:
    """Whatever bytes a name is made of, its printable form leads back to them."""
    name = os.fsdecode(raw)
    assert os.fsencode(original(printable(name))) == raw


@given(st.binary(max_size=30))
def test_a_printable_name_can_be_stored_and_shown(raw: bytes) -> None:
    """No lone surrogate, control character or line break survives, so Parquet takes it and a terminal is safe."""
    text = printable(os.fsdecode(raw))
    text.encode("utf-8")
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in text)
    assert "#" not in text
    assert "!/" not in text


@pytest.mark.parametrize("name", ["a b.txt", "-rf", "خبر‌ها.html", "100%.txt", "新聞.txt", "a!b.txt"])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    """Spaces, dashes and every script are no reason for escapes."""
    assert printable(name) == name
