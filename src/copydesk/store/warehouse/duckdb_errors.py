"""What a DuckDB error means, told by its type and by the exact words that DuckDB (1.5) begins it with.

DuckDB raises `IOException` for a held lock, a damaged block, a truncated file and a full disk alike, without a code.
The words are tested with real files of each kind (`tests/store/warehouse/test_damage.py`), so that an update that
changes them is noticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from copydesk.errors import WarehouseVersionError

__all__ = ["damage_error", "first_line", "foreign_error", "is_locked", "naming_damage"]

_LOCKED = "IO Error: Could not set lock on file "
_DAMAGED = "IO Error: Corrupt database file: "
_TRUNCATED = "IO Error: Could not read enough bytes from file "
_DAMAGED_JOURNAL = re.compile(r'^[A-Z][A-Za-z -]* Error: Failure while replaying WAL file "')
_MAGIC = b"DUCK"  # at byte 8, https://duckdb.org/docs/stable/internals/storage


def is_locked(error: duckdb.Error) -> bool:
    """Return whether another process holds the file."""
    return isinstance(error, duckdb.IOException) and str(error).startswith(_LOCKED)


def damage_error(path: Path, error: BaseException) -> WarehouseVersionError | None:
    """Return what to tell the user when an error means that the warehouse or its journal is damaged; else None."""
    text = str(error)
    if not isinstance(error, duckdb.Error):
        return None
    if _DAMAGED_JOURNAL.match(text):
        return WarehouseVersionError(
            f"{path}.wal is damaged ({first_line(error)}). Move it away: the warehouse opens as it was before the load "
            "that was interrupted, and `copydesk load` loads the parts that are kept."
        )
    if text.startswith((_DAMAGED, f'{_TRUNCATED}"{path}"')):
        return WarehouseVersionError(f"{path} is damaged: {first_line(error)}. {_what_to_restore(path)}")
    return None


@contextmanager
def naming_damage(path: Path) -> Iterator[None]:
    """Raise `damage_error` in place of a DuckDB error that the block raises because the warehouse is damaged."""
    try:
        yield
    except duckdb.Error as error:
        damaged = damage_error(path, error)
        if damaged is None:
            raise
        raise damaged from error


def foreign_error(path: Path) -> WarehouseVersionError | None:
    """Return what to tell the user when a file is none of DuckDB's; else None.

    DuckDB itself is not asked: of a SQLite file it says that an extension is to be installed.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(12)
    if head[8:12] == _MAGIC:
        return None
    what = "is empty" if not head else "is not a DuckDB file, or its first bytes are damaged"
    return WarehouseVersionError(
        f"{path} {what}. {_what_to_restore(path)} If it is another program's, name another file in copydesk.toml."
    )


def _what_to_restore(path: Path) -> str:
    """Name the copies beside a warehouse, newest first, and what brings back the rest."""
    copies = [*path.parent.glob(f"{path.name}.before-*"), path.with_suffix(".snapshot.duckdb")]
    there = sorted((p for p in copies if p.is_file()), key=lambda p: p.stat().st_mtime, reverse=True)
    if there:
        return (
            f"Nothing was written to it. Move it away, copy {' or '.join(p.name for p in there)} to {path.name}, "
            "and run `copydesk load` and `copydesk run`."
        )
    return (
        "Nothing was written to it, and no copy lies beside it. Restore a backup of yours; or move it away and run "
        "`copydesk run`: files are read again, and fetched pages are in the archive."
    )


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, without a full stop; its type's name when it says nothing."""
    text = str(error).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__
