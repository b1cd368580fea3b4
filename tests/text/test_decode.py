"""Bytes to text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.text.decode import decode, is_binary

STORY = (
    "Der Präsident sprach am Montag in Zürich über die Brücke, die „neu“ gebaut wird. Größe und Höhe blieben offen.\n"
)
RUSSIAN = "Президент выступил в понедельник и говорил о мосте, который построят заново в следующем году.\n" * 3


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_unicode_in_every_width_with_and_without_mark(charset: str) -> None:
    """Text in any Unicode encoding form comes back unchanged, whether a byte order mark says so or not."""
    assert decode(STORY.encode(charset), None).text == STORY


@pytest.mark.parametrize(("charset", "text"), [("cp1252", STORY), ("cp1251", RUSSIAN), ("koi8-r", RUSSIAN)])
def test_legacy_charsets_are_detected(charset: str, text: str) -> None:
    """A legacy charset that nobody declared is found by its bytes."""
    assert decode(text.encode(charset) * 4, None).text == text * 4


def test_a_declared_charset_that_lies_is_seen_through() -> None:
    """UTF-8 that declares itself Latin-1 is read as UTF-8, with a finding that says so."""
    found = decode(STORY.encode(), "iso-8859-1")
    assert found.text == STORY
    assert [finding.rule for finding in found.findings] == ["encoding_repaired"]


def test_an_unknown_declared_charset_is_passed_over() -> None:
    """A charset that does not exist harms nothing."""
    assert decode(STORY.encode(), "utf-ocho").text == STORY


def test_nul_and_control_characters_become_spaces() -> None:
    """NUL, C0 and C1 control characters are replaced and counted; tabs and line ends stay."""
    found = decode(b"a\x00b\x07c\td\r\ne", None)
    assert found.text == "a b c\td\r\ne"
    assert [(finding.rule, finding.value) for finding in found.findings] == [("control_characters", 2.0)]


def test_lone_surrogates_do_not_survive() -> None:
    """UTF-16 with a lone surrogate gives text that UTF-8 can write."""
    found = decode("abc def ghi".encode("utf-16-le") + b"\x00\xd8" + "x".encode("utf-16-le"), "utf-16-le")
    assert found.text.encode("utf-8")


def test_joiners_stay() -> None:
    """The zero-width joiners that spell Persian and Hindi are not control characters."""
    text = "می\u200cشود क्\u200dष"
    assert decode(text.encode(), None).text == text


def test_utf8_cut_in_the_middle_of_a_character() -> None:
    """A file cut inside its last character is still UTF-8, not a guess at a legacy charset."""
    assert decode(RUSSIAN.encode()[:-2], None).charset == "utf-8"


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n%\xe2\xe3", b"PK\x03\x04rest", b"\x89PNG\r\n\x1a\n\x00\x00", bytes(range(32)) * 40]
)
def test_binary_is_told_from_text(content: bytes) -> None:
    """Known signatures and masses of control bytes are binary."""
    assert is_binary(content)


@pytest.mark.parametrize(
    "content", [b"", STORY.encode(), STORY.encode("utf-16-le"), RUSSIAN.encode("cp1251"), b"a\x00b"]
)
def test_text_is_not_binary(content: bytes) -> None:
    """Text in any charset, and text with a stray NUL, is not binary."""
    assert not is_binary(content)


@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "latin-1", "utf-16", "shift_jis", "nonsense"]))
def test_never_fails(content: bytes, charset: str | None) -> None:
    """Any bytes under any declaration give text without NUL that can be written as UTF-8."""
    text = decode(content, charset).text
    assert "\x00" not in text
    assert text.encode("utf-8").decode() == text


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff"), max_size=200))
def test_utf8_round_trip(text: str) -> None:
    """Clean text in UTF-8 is never touched."""
    assert decode(text.encode(), None).text == text
