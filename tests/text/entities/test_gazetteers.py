"""A desk's own gazetteers, and what a mistake in one says."""

from __future__ import annotations

from pathlib import Path

import pytest

from copydesk.errors import SettingsError
from copydesk.records import EntityKind
from copydesk.text.entities.find_mentions import entity_key, find_mentions
from copydesk.text.entities.gazetteers import gazetteers

HEAD = "kind,name,country,detail,names\n"


def _folder(tmp_path: Path, text: str) -> tuple[Path, ...]:
    (tmp_path / "own.csv").write_text(text, encoding="utf-8")
    return (tmp_path,)


def test_entries_of_the_desk_are_found_in_text(tmp_path: Path) -> None:
    """A person, an organisation and a place that the package has not are known, under all their names."""
    rows = (
        "person,Orla Quist,NO,harbour master,O. Quist\norganisation,Ferry Watch,,group,FWATCH\nplace,Lundøy,NO,town,\n"
    )
    known = gazetteers(_folder(tmp_path, HEAD + rows))
    text = "In Lundøy the group Ferry Watch praised Orla Quist. Quist thanked FWATCH."
    found = find_mentions(None, [text], language="en", known=known)
    assert [(m.name, m.text, m.known, m.country) for m in found] == [
        ("Lundøy", "Lundøy", True, "NO"),
        ("Ferry Watch", "Ferry Watch", True, ""),
        ("Orla Quist", "Orla Quist", True, "NO"),
        ("Orla Quist", "Quist", True, "NO"),
        ("Ferry Watch", "FWATCH", True, ""),
    ]
    assert found[2].entity_id == entity_key(EntityKind.PERSON, "Orla Quist")


def test_the_desk_wins_over_the_package(tmp_path: Path) -> None:
    """A name that both have means what the desk says."""
    known = gazetteers(_folder(tmp_path, HEAD + "organisation,Paris Mill,,factory,Paris\n"))
    (found,) = find_mentions(None, ["They met in Paris."], language="en", known=known)
    assert (found.kind, found.name) == (EntityKind.ORGANISATION, "Paris Mill")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "town,Lundøy,NO,,\n", "line 2: expected kind"),
        (HEAD + "place,Oslo,NO,,\nperson,,NO,,\n", "line 3: expected kind"),
        (HEAD + "place,Lundøy,NO,town,a,b,c\n", "line 2: expected kind"),
        ("name\nLundøy\n", "line 2: expected kind"),
    ],
)
def test_a_mistake_names_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    """A row without a kind or a name, or with too many columns, is refused with its place."""
    with pytest.raises(SettingsError, match=said) as error:
        gazetteers(_folder(tmp_path, text))
    assert str(tmp_path / "own.csv") in str(error.value)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    """Latin-1 is no UTF-8, and the message says what to do."""
    (tmp_path / "own.csv").write_bytes((HEAD + "place,Lundøy,NO,,\n").encode("latin-1"))
    with pytest.raises(SettingsError, match="Save it as CSV in UTF-8"):
        gazetteers((tmp_path,))
