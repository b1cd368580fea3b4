"""Bytes to text."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from copydesk.text.decode import decode, is_binary
from copydesk.text.mojibake import has_signs

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
    assume(not has_signs(text))
    assert decode(text.encode(), None).text == text


WIDE = {
    "ru": RUSSIAN,
    "fa": "رئیس جمهور روز دوشنبه درباره پل تازه سخن گفت، که سال آینده ساخته می\u200cشود.\n" * 3,
    "zh": "总统星期一谈到了明年将重建的大桥，并表示费用由国家承担。\n" * 3,
    "ja": "大統領は月曜日に橋について話した。来年また建てられるという。\n" * 3,
}


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", sorted(WIDE))
def test_declared_wide_text_without_a_mark(language: str, charset: str) -> None:
    """UTF-16 that only its declaration betrays is read as declared, is not binary, and `utf-16` finds its order."""
    content = WIDE[language].encode(charset)
    assert not is_binary(content, charset)
    for declared in (charset, "utf-16"):
        found = decode(content, declared)
        assert (found.text, found.charset, found.findings) == (WIDE[language], charset, ())


@pytest.mark.parametrize("content", [STORY.encode(), b"plain words, nothing else. " * 9, RUSSIAN.encode("cp1251") * 3])
def test_a_declared_width_that_lies_is_seen_through(content: bytes) -> None:
    """Narrow text that declares itself UTF-16 is not read as Chinese."""
    assert not decode(content, "utf-16-le").charset.startswith("utf-16")


@pytest.mark.parametrize("declared", ["utf-16-le", None])
def test_a_declaration_does_not_turn_bytes_into_text(declared: str | None) -> None:
    """Control bytes stay binary whatever width is declared."""
    assert is_binary(bytes(range(256)) * 20, declared)


@pytest.mark.parametrize("padding", [b"\0" * 5000, b"\0" * 100_001])
@pytest.mark.parametrize("text", [STORY.encode(), STORY.encode("utf-16-le"), STORY.encode("utf-16-be")])
def test_padding_with_nul_is_not_binary(text: bytes, padding: bytes) -> None:
    """Text between, before or behind thousands of NULs is text."""
    assert not is_binary(text + padding)
    assert not is_binary(padding[: len(padding) // 4 * 4] + text)
    assert decode(text + padding, None).text.strip("\ufffd \n") == STORY.strip()


def test_nothing_but_nul_is_binary() -> None:
    """A file of NULs holds no text."""
    assert is_binary(b"\0" * 5000)


@pytest.mark.parametrize("declared", ["iso-2022-jp", None, "utf-8"])
def test_iso_2022_jp(declared: str | None) -> None:
    """Japanese in seven bits is told by its escapes, declared or not."""
    found = decode(WIDE["ja"].encode("iso2022_jp"), declared)
    assert (found.text, found.charset) == (WIDE["ja"], "iso2022_jp")
