"""Finding files: in a fixed order, inside the root, each entry accounted for."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from copydesk.errors import UsageError
from copydesk.sources.files.captures import find_files
from copydesk.sources.files.found import FoundFile, Skipped


def write(path: Path, text: str = "text\n") -> Path:
    """Put a file there, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def uris(*roots: Path, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    """Return the uris of what is found."""
    found = find_files(roots, include=include, exclude=exclude)
    return [entry.uri for entry in found if isinstance(entry, FoundFile)]


def reasons(*roots: Path) -> dict[str, str]:
    """Return uri -> reason of what is skipped."""
    return {entry.uri: entry.reason for entry in find_files(roots) if isinstance(entry, Skipped)}


def test_order_is_by_name_and_not_by_when_it_was_written(tmp_path: Path) -> None:
    """Two folders with the same content are walked alike, whatever order the disk lists them in."""
    names = ["b.txt", "a/z.txt", "c/a.txt", "a/b/c.txt", "a0.txt"]
    for name in names:
        write(tmp_path / "one" / name)
    for name in reversed(names):
        write(tmp_path / "two" / name)
    assert uris(tmp_path / "one") == uris(tmp_path / "two") == ["a/b/c.txt", "a/z.txt", "a0.txt", "b.txt", "c/a.txt"]


@pytest.mark.parametrize("name", [b"a b.txt", b"a\nb.txt", b"-rf.txt", b"caf\xe9.txt", b"\x1b[31m.txt", b"#1.txt"])
def test_odd_names_are_found_and_open(tmp_path: Path, name: bytes) -> None:
    """Newlines, dashes, escape codes, bytes that are no UTF-8: the uri prints and the file opens."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"text")
    (found,) = find_files([tmp_path])
    assert isinstance(found, FoundFile)
    assert found.uri.encode("utf-8").decode().isprintable()
    assert Path(found.path).read_bytes() == b"text"


def test_links_are_named_and_never_followed(tmp_path: Path) -> None:
    """A link out of the root, into it, to nowhere or in a circle is skipped as what it is; nothing is found twice."""
    root = tmp_path / "root"
    write(root / "a.txt")
    write(tmp_path / "secret.txt")
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (root / "in.txt").symlink_to(root / "a.txt")
    (root / "gone.txt").symlink_to(root / "nothing.txt")
    (root / "self").symlink_to("self")
    (root / "up").symlink_to(root)
    (root / "far").symlink_to(tmp_path)
    assert uris(root) == ["a.txt"]
    assert reasons(root) == {
        "far": "link_circle",
        "gone.txt": "link_broken",
        "in.txt": "link_inside",
        "out.txt": "link_outside",
        "self": "link_circle",
        "up": "link_circle",
    }


def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    """A FIFO without a writer would block for ever; it and a socket are told by stat alone."""
    os.mkfifo(tmp_path / "fifo.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.txt"))
        assert reasons(tmp_path) == {"fifo.txt": "not_a_file", "socket.txt": "not_a_file"}
    assert reasons(tmp_path / "fifo.txt") == {"fifo.txt": "not_a_file"}


def test_hidden_entries_are_skipped_and_a_hidden_folder_is_one_entry(tmp_path: Path) -> None:
    """A repository's own folder is passed over as one; a hidden file that is named as a root was asked for."""
    write(tmp_path / ".git" / "config")
    write(tmp_path / ".draft.txt")
    assert reasons(tmp_path) == {".git": "hidden", ".draft.txt": "hidden"}
    assert uris(tmp_path / ".draft.txt") == [".draft.txt"]


def test_a_root_that_is_not_there_is_skipped_and_the_rest_goes_on(tmp_path: Path) -> None:
    """A wrong path among good ones loses nothing but itself."""
    write(tmp_path / "a.txt")
    entries = list(find_files([tmp_path / "none", tmp_path / "a.txt"]))
    assert [type(entry).__name__ for entry in entries] == ["FoundFile", "Skipped"]
    assert entries[1] == Skipped(uri=str(tmp_path / "none"), reason="not_found", detail="No such file or directory")


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (("*.txt",), (), ["a.txt", "deep/er/c.txt"]),
        (("deep/*.txt",), (), []),
        (("deep/**/*.txt",), (), ["deep/er/c.txt"]),
        (("deep",), (), ["deep/b.html", "deep/er/c.txt"]),
        ((), ("er",), ["a.txt", "deep/b.html"]),
        ((), ("*.html", "a.*"), ["deep/er/c.txt"]),
        (("[ab].*",), (), ["a.txt", "deep/b.html"]),
    ],
)
def test_patterns_choose(
    tmp_path: Path, include: tuple[str, ...], exclude: tuple[str, ...], expected: list[str]
) -> None:
    """Without a slash a pattern is for names, with one for paths; what matches a folder counts for all in it."""
    for name in ("a.txt", "deep/b.html", "deep/er/c.txt"):
        write(tmp_path / name)
    assert uris(tmp_path, include=include, exclude=exclude) == expected


def test_a_pattern_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    """A broken set in a pattern is the user's to mend, before anything is walked."""
    with pytest.raises(UsageError, match="is invalid"):
        list(find_files([tmp_path], include=["[z-a].txt"]))


def test_roots_that_overlap_give_each_file_once_and_each_uri_once(tmp_path: Path) -> None:
    """A folder and a file in it are one input; two folders with equal names in them are told apart."""
    write(tmp_path / "one" / "a.txt")
    write(tmp_path / "two" / "a.txt")
    assert uris(tmp_path / "one", tmp_path / "one" / "a.txt") == ["a.txt"]
    assert uris(tmp_path / "two", tmp_path / "one") == ["a.txt", "two/a.txt"]


def test_places_inside_the_desk_are_relative_to_it(tmp_path: Path) -> None:
    """A desk that is moved still finds its files; what lies elsewhere keeps its whole path."""
    inside, outside = write(tmp_path / "desk" / "in" / "a.txt"), write(tmp_path / "b.txt")
    found = list(find_files([inside.parent, outside], desk=tmp_path / "desk"))
    assert sorted(entry.desk_path for entry in found if isinstance(entry, FoundFile)) == sorted(
        ["in/a.txt", str(outside)]
    )


@pytest.fixture
def bottomless() -> Iterator[Path]:
    """A folder 1,200 deep, in a place of its own: pytest removes folders by recursion and would fail on it."""
    root = Path(tempfile.mkdtemp())
    here = os.open(root, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("dir", dir_fd=here)
        below = os.open("dir", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    yield root
    subprocess.run(["rm", "-rf", str(root)], check=True)


def test_folders_deeper_than_the_stack_are_walked(bottomless: Path) -> None:
    """A depth beyond Python's recursion limit is no error of its own; where the path gets too long, it says so."""
    (entry,) = find_files([bottomless])
    assert isinstance(entry, Skipped)
    assert (entry.reason, entry.detail) == ("unreadable", "File name too long")


def test_what_is_skipped_in_two_folders_of_a_desk_is_told_apart(tmp_path: Path) -> None:
    """Entries of the same name under two roots have two uris: their paths in the desk."""
    for folder in ("a", "b"):
        write(tmp_path / folder / ".hidden")
    found = list(find_files([tmp_path / "a", tmp_path / "b"], desk=tmp_path))
    assert [entry.uri for entry in found] == ["a/.hidden", "b/.hidden"]


def test_the_desk_s_own_folder_is_counted_and_not_walked(tmp_path: Path) -> None:
    """One entry with the number of files; a root in the archive is read, one elsewhere in the folder is not."""
    own, archive = tmp_path / "warehouse", tmp_path / "warehouse" / "archive"
    for path in (own / "runs" / "r" / "lock", archive / "a.txt", tmp_path / "page.txt"):
        write(path)

    def found(*roots: Path) -> list[tuple[str, int]]:
        entries = find_files(roots, desk=tmp_path, own=[own], archive=archive)
        return [(entry.uri, entry.count if isinstance(entry, Skipped) else 0) for entry in entries]

    assert found(tmp_path) == [("page.txt", 0), ("warehouse", 2)]
    assert found(archive) == [("a.txt", 0)]
    assert found(own / "runs") == [("warehouse/runs", 1)]
