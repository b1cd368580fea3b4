"""Tables built from rule files, kept on disk between processes as Python keeps its compiled modules.

    rules/*.toml, *.tsv --read, check, hash, index--> table --pickle--> ~/.cache/copydesk/9f2c41d07b3a/phrases.pickle

Building all of them takes a start of a worker 1.5 CPU seconds, reading them back 0.1. What new warehouses are copied
from is kept here, too. The folder is named after the sizes and times of all modules and rule files that a table can
depend on, and after the Python version: a changed file or another release makes new tables. A table that cannot be read
or written is built; nothing depends on the folder.

The pickles are read from a folder of the user's own that only this user may write, as the compiled modules are.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar, cast

from copydesk.filesystem import write_whole

__all__ = ["cache_folder", "kept"]

T = TypeVar("T")

_PACKAGE = Path(__file__).parent
_MADE_FROM = ("text", "rules", "store/warehouse", "records.py", "rules_file.py", "table_cache.py")
_KEPT_FOLDERS = 3
"""Folders of other releases and checkouts that stay; the oldest goes when one is made."""


def kept(name: str, build: Callable[[], T], folders: Iterable[Path] = ()) -> T:
    """Return a table: from disk where it was built before from the same files, else built, and put there.

    Args:
        name: File name of the table, without an ending.
        build: Makes it; what it raises is raised.
        folders: Folders of the user's own rules that it is made from as well.
    """
    folder = _folder()
    if folder is None:
        return build()
    path = folder / f"{name}{_suffix(folders)}.pickle"
    with suppress(Exception):  # missing, cut off, of another user's making: it is built as if it had never been there
        return cast("T", pickle.loads(path.read_bytes()))  # noqa: S301  only this user can write there
    table = build()
    with suppress(Exception):  # a full or read-only disk costs time, nothing else
        write_whole(path, pickle.dumps(table, protocol=pickle.HIGHEST_PROTOCOL), durable=False)
    return table


@cache
def cache_folder() -> Path:
    """Return the folder of the user's caches for this package, whether it exists or not.

    `$XDG_CACHE_HOME/copydesk`, or where the system keeps caches: `~/Library/Caches` on macOS, else `~/.cache`
    (freedesktop.org, XDG Base Directory Specification 0.8).
    """
    given = os.environ.get("XDG_CACHE_HOME", "")
    usual = Path("~/Library/Caches" if sys.platform == "darwin" else "~/.cache").expanduser()
    return (Path(given) if Path(given).is_absolute() else usual) / "copydesk"


@cache
def _folder() -> Path | None:
    """Return the folder of the tables that these modules and rules make, or None where none can be kept."""
    digest = sha256(f"{sys.version} {_PACKAGE}".encode())
    try:
        for name, size, changed in _files(_PACKAGE / made_from for made_from in _MADE_FROM):
            digest.update(f"{name} {size} {changed}\0".encode())
        folder = cache_folder() / digest.hexdigest()[:12]
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
            _remove_oldest(folder.parent)
        owned = folder.stat()
    except (OSError, RuntimeError):  # no home, no right to write, a wheel that is imported from a zip
        return None
    return folder if owned.st_uid == os.getuid() and not owned.st_mode & 0o022 else None


def _files(roots: Iterable[Path]) -> Iterator[tuple[str, int, int]]:
    """Yield path, bytes and time of change (ns) of all files below some folders, in order; compiled modules apart."""
    for root in roots:
        if not root.is_dir():
            found = root.stat()
            yield str(root), found.st_size, found.st_mtime_ns
            continue
        with os.scandir(root) as entries:
            some = sorted((e for e in entries if e.name != "__pycache__"), key=lambda e: e.name)
        yield from _files(Path(e.path) for e in some)


def _suffix(folders: Iterable[Path]) -> str:
    """Return what tells apart tables that are made from the user's own rules as well."""
    files = [file for folder in folders if folder.is_dir() for file in _files([folder])]
    return f"-{sha256(repr(files).encode()).hexdigest()[:12]}" if files else ""


def _remove_oldest(folder: Path) -> None:
    """Remove the tables of other releases and checkouts but the newest few."""
    others = sorted((f for f in folder.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True)
    for old in others[_KEPT_FOLDERS:]:
        shutil.rmtree(old, ignore_errors=True)
