"""Bylines of many languages and forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copydesk.records import AuthorKind
from copydesk.text.people.split_names import looks_like_name, split_names, strip_byword

PERSON, ORGANISATION = AuthorKind.PERSON, AuthorKind.ORGANISATION

BYLINES = [
    ("By Jane Doe", "en", ["Jane Doe"]),
    ("Manar al-Freih / Hazem Sabbagh", "en", ["Manar al-Freih", "Hazem Sabbagh"]),
    ("Von Anna Schmidt und Peter Maier, dpa", "de", ["Anna Schmidt", "Peter Maier", "*dpa"]),
    ("Smith, John", "en", ["John Smith"]),
    ("Doe, J., Smith, A.", "en", ["J. Doe", "A. Smith"]),
    ("Sammy Davis, Jr.", "en", ["Sammy Davis Jr."]),
    ("By JANE DOE, MD, and Reuters | 3 May 2024", "en", ["Jane Doe", "*Reuters"]),
    ("Rebecca Lake, CEPF®", "en", ["Rebecca Lake"]),
    ("Jane Doe, Senior Political Reporter", "en", ["Jane Doe"]),
    ("Jane Doe is a staff writer", "en", ["Jane Doe"]),
    ("By Robert Booth in London and Jane Doe in Paris", "en", ["Robert Booth", "Jane Doe"]),
    ("Jane Doe | The Daily News", "en", ["Jane Doe"]),
    ("Posted by Jane Doe on March 12, 2024", "en", ["Jane Doe"]),
    ("Dr. Jane Doe", "en", ["Jane Doe"]),
    ("Dr. Allen", "en", ["Dr. Allen"]),
    ("JOHN MCDONALD", "en", ["John McDonald"]),
    ("VÍCTOR DE LA CRUZ", "es", ["Víctor de la Cruz"]),
    ("Por Ana Pérez y Luis Gómez", "es", ["Ana Pérez", "Luis Gómez"]),
    ("José Ortega y Gasset", "es", ["José Ortega y Gasset"]),
    ("Di Mario Rossi", "it", ["Mario Rossi"]),
    ("Jan, Piet en Klaas", "nl", ["Jan", "Piet", "Klaas"]),
    ("Par Jean Dupont avec AFP", "fr", ["Jean Dupont", "*AFP"]),
    ("von der Leyen", "de", ["von der Leyen"]),
    ("Автор: Иван Иванов", "ru", ["Иван Иванов"]),
    ("بقلم: محمد علي", "ar", ["محمد علي"]),
    ("撰文：王小明 编辑：李华", "zh", ["王小明"]),
    ("記者李華／台北報導", "zh", ["李華"]),
    ("文在寅", "zh", ["文在寅"]),
    ("김철수 이영희 기자", "ko", ["김철수", "이영희"]),
    ("山田 太郎", "ja", ["山田 太郎"]),
    ("Nguyễn Văn An", "vi", ["Nguyễn Văn An"]),
    ("Deutsche Presse-Agentur", "de", ["*Deutsche Presse-Agentur"]),
    ("dpa/lno", "de", ["*dpa/lno"]),
    ("Redaktion", "de", ["*Redaktion"]),
    ("Staff", "en", ["*Staff"]),
    ("TOI Lifestyle Desk", "en", ["*TOI Lifestyle Desk"]),
    ("Jane Doe jane@example.org @janedoe https://example.org/jane", "en", ["Jane Doe"]),
    ("admin", "en", []),
    ("https://example.org/author/jane", "en", []),
    ("", "en", []),
    ("12 May 2024", "en", []),
]


@pytest.mark.parametrize(("text", "language", "names"), BYLINES)
def test_a_byline_gives_its_names(text: str, language: str, names: list[str]) -> None:
    """Names come out clean, in order, and apart as persons and (starred) organisations."""
    found = [f"{'*' if a.kind is ORGANISATION else ''}{a.name}" for a in split_names(text, language)]
    assert found == names


@given(st.text(max_size=200), st.sampled_from(["und", "en", "de", "zh", "vi"]))
def test_no_text_breaks_a_law(text: str, language: str) -> None:
    """Whatever the text, names are stripped, not empty, unique and short, and are found again in their own list."""
    names = [a.name for a in split_names(text, language)]
    assert all(n and n == n.strip() and len(n) <= 80 for n in names)
    assert len({n.casefold() for n in names}) == len(names)


@pytest.mark.parametrize(
    "text", ["Hazem Sabbagh", "Manar al-Freih", "A. J. Neal", "Ludwig van Beethoven", "구현모 기자"]
)
def test_names_look_like_names(text: str) -> None:
    """A line that is one person's name is seen as one."""
    assert looks_like_name(text)


@pytest.mark.parametrize(
    "text", ["The Best of Rome", "Read more", "Reuters", "BBC News", "12 May 2024", "Comments (3)", "Politics"]
)
def test_headlines_and_menus_do_not(text: str) -> None:
    """A headline, a menu entry, a date and an agency are no person's name."""
    assert not looks_like_name(text)


def test_a_by_word_is_cut_only_as_a_word() -> None:
    """The name "Byron Smith" keeps its "By"."""
    assert strip_byword("Byron Smith", "en") == "Byron Smith"
    assert strip_byword("Written by: Byron Smith", "en") == "Byron Smith"
