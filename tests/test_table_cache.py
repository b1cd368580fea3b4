"""Tables kept on disk between processes."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from copydesk import table_cache
from copydesk.table_cache import kept
from copydesk.text.entities.gazetteers import gazetteers
from copydesk.text.phrases.rules import match_texts, phrase_table


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's folder of caches, empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    _forget()
    yield tmp_path / "copydesk"
    _forget()


def _forget() -> None:
    """Forget what this process knows of the folder, as a new process would."""
    table_cache.cache_folder.cache_clear()
    table_cache._folder.cache_clear()


def _built() -> list[str]:
    return ["ferry", "quay"]


def _never() -> list[str]:
    raise AssertionError("built although it is on disk")


def test_a_table_is_built_once_and_read_back(caches: Path) -> None:
    """The second process reads what the first has built; only the user may write in the folder."""
    assert kept("words", _built) == ["ferry", "quay"]
    _forget()
    assert kept("words", _never) == ["ferry", "quay"]
    (folder,) = caches.iterdir()
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("harm", [b"", b"\x80\x05garbage", pickle.dumps(_built)[:-9]])
@pytest.mark.usefixtures("caches")
def test_a_damaged_table_is_built_again(harm: bytes) -> None:
    """Whatever is wrong with a file, the table is built and the file is mended."""
    kept("words", _built)
    folder = table_cache._folder()
    assert folder is not None
    (folder / "words.pickle").write_bytes(harm)
    assert kept("words", _built) == ["ferry", "quay"]
    assert kept("words", _never) == ["ferry", "quay"]


def test_a_folder_that_others_may_write_is_not_read(caches: Path) -> None:
    """A pickle can run code when it is read: one that somebody else may have put there is left alone."""
    kept("words", _built)
    (folder,) = caches.iterdir()
    folder.chmod(0o777)
    _forget()
    assert kept("words", lambda: ["built"]) == ["built"]


def test_without_a_folder_tables_are_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be kept (here a file stands in the folder's place), everything works as before."""
    (tmp_path / "copydesk").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    _forget()
    assert kept("words", _built) == _built()
    _forget()


def test_the_users_own_rules_make_tables_of_their_own(caches: Path, tmp_path: Path) -> None:
    """A table that is made from the user's folder as well is another one, and another again when a file changes."""
    own = tmp_path / "rules"
    own.mkdir()
    csv = own / "people.csv"
    csv.write_text("kind,name\nperson,Ada Quillfeather\n", encoding="utf-8")
    gazetteers.cache_clear()
    assert "ada quillfeather" in gazetteers((own,)).names
    csv.write_text("kind,name\nperson,Bo Marrowgate\n", encoding="utf-8")
    os.utime(csv, ns=(1, 1))
    gazetteers.cache_clear()
    found = gazetteers((own,)).names
    assert "bo marrowgate" in found
    assert "ada quillfeather" not in found
    assert "ada quillfeather" not in gazetteers(()).names
    assert len(list(caches.glob("*/gazetteers*.pickle"))) == 3
    gazetteers.cache_clear()


@pytest.mark.usefixtures("caches")
def test_a_kept_table_answers_as_the_built_one() -> None:
    """The phrases found in lines are the same by the table that was built and the one that was read back."""
    lines = ["Leave a Reply", "Share this on Facebook", "The ferry sails again", "3 comments", "阅读更多"]
    phrase_table.cache_clear()
    built = match_texts(lines, phrase_table())
    phrase_table.cache_clear()
    _forget()
    assert match_texts(lines, phrase_table()) == built
    assert built[0]


def test_tables_of_old_releases_go(caches: Path) -> None:
    """A new release makes a folder of its own; the newest few of the others stay."""
    for age in range(6):
        (caches / f"old{age}").mkdir(parents=True)
        os.utime(caches / f"old{age}", (10**9 - age, 10**9 - age))
    kept("words", _built)
    assert {"old0", "old1"} <= {f.name for f in caches.iterdir()}
    assert len(list(caches.iterdir())) == 3
