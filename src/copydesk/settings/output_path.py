"""Where a command may write: every option that names a file or folder to write goes through `output_path`."""

from __future__ import annotations

import os
from pathlib import Path

from copydesk.errors import UsageError
from copydesk.settings.desk_folder import FILE_NAME, DeskFolder
from copydesk.settings.lake_path import LakePath

__all__ = ["is_stream", "output_path"]

_OWN_FOLDERS = ("rules", "checks", "views", "gold")
"""Folders of the desk that hold what the user wrote."""
_DATA_FOLDERS = ("archive", "runs", "logs", "locks")
"""Folders beside the warehouse that Copydesk writes."""
_DATA_FILES = ("serve.json", "serve.lock", "paused", "schedule.json", "told.json", "notified.json")
"""Files beside the warehouse that the scheduler and the notifications write."""
_DUCKDB_MAGIC = slice(8, 12), b"DUCK"
"""Where a DuckDB file says what it is: after the checksum of its first block."""


def output_path(desk: DeskFolder, path: str | Path) -> Path:
    """Return the path that a command may write to, or refuse it when something of the desk would be destroyed.

    Refused are the warehouse with all that is kept beside it, `copydesk.toml`, the desk's rules, checks, views and
    gold pages, a folder that holds one of these, every other DuckDB file, and devices. Symbolic links are followed.

    Args:
        desk: The desk.
        path: A file or folder to write; it need not exist.

    Raises:
        UsageError: It may not be written; the message names it and says what to do.
    """
    wanted = Path(path)
    target = Path(os.path.realpath(wanted))
    try:
        kept = _kept(desk, target)
        what = kept or ("a DuckDB database" if _is_duckdb(target) else "")
        special = target.exists() and not (target.is_file() or target.is_dir())
    except OSError as error:
        raise UsageError(f"cannot write {wanted}: {error.strerror}. Name another place.") from error
    if what:
        raise UsageError(f"{wanted} is not written: it is {what}. Name a file that does not belong to the desk.")
    if special:
        raise UsageError(f"{wanted} is not written: it is no regular file. Name a file.")
    return wanted


def is_stream(path: Path) -> bool:
    """Return whether a path is a pipe, a terminal or another device: written to, and never replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _kept(desk: DeskFolder, target: Path) -> str:
    """Return what of the desk a resolved path is, is inside of, or holds; empty: nothing."""
    warehouse = Path(os.path.realpath(desk.warehouse))
    beside = {desk.warehouse.parent.resolve(), warehouse.parent}
    files = {desk.root / FILE_NAME: "the settings of the desk", warehouse: "the warehouse"}
    files |= {folder / name: "part of the warehouse's folder" for folder in beside for name in _DATA_FILES}
    folders = [desk.root / name for name in _OWN_FOLDERS]
    folders += [folder / name for folder in beside for name in _DATA_FOLDERS]
    if isinstance(desk.warehouse, LakePath) and (lake := desk.warehouse.lake) is not None:
        folders += [lake.data] if isinstance(lake.data, Path) else []
        files |= {Path(lake.connection): "the catalogue of the lake"} if lake.kind == "sqlite" else {}
    for file, what in files.items():
        if _same(target, file):
            return what
    for folder in folders:
        if any(_same(place, folder) for place in (target, *target.parents)):
            return f"part of {folder}, which the desk needs"
    if any(_same(target.parent, folder) for folder in beside) and _is_of_warehouse(target.name, desk.warehouse.name):
        return "a file of the warehouse"
    if any(target in Path(os.path.realpath(place)).parents for place in (*files, *folders)):
        return "a folder that holds files of the desk"
    return ""


def _is_of_warehouse(name: str, warehouse: str) -> bool:
    """Return whether a name is that of the warehouse, its journal, a backup, the index or the read copy."""
    bare = name.removeprefix(".")
    stem = Path(warehouse).stem
    return bare.startswith((warehouse, f"{stem}.search.duckdb", f"{stem}.snapshot.duckdb"))


def _same(one: Path, other: Path) -> bool:
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    return one.exists() and other.exists() and one.samefile(other)


def _is_duckdb(path: Path) -> bool:
    if not path.is_file():
        return False
    where, magic = _DUCKDB_MAGIC
    with path.open("rb") as file:
        return file.read(where.stop)[where] == magic
