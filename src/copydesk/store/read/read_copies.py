"""Read copies of the warehouse: whoever reads for hours never holds the file, and never waits for a load.

    copydesk.duckdb --copied while nobody writes--> copydesk.browse/<state>.duckdb --one locked connection--> cursors
    copydesk.browse/<state>.search.duckdb    the search index of that copy

No lock is taken: the file is copied as it is, and the copy counts only if the file (and its journal) had the same size
and time after as before. A load that writes meanwhile makes the copy void; it is tried again, and readers go on with
the copy they have. A new copy is made in the background when somebody reads and the warehouse has changed.
Where the file system can, a copy shares its blocks with the original (reflink) and takes no room and no time.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Self

import duckdb

from copydesk.errors import CopydeskError, WarehouseBusyError, WarehouseVersionError
from copydesk.filesystem import process_start, write_error
from copydesk.store.read.search_index import extension, index_path, index_stamp, load_extension, refresh_index
from copydesk.store.read.user_sql import LOCKED_OPTIONS
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.engine import connect

__all__ = ["ReadCopies", "ReadCopy", "State", "copies_folder", "read_copies"]

_QUIET_NS = 50_000_000
"""A file is copied when its last change is older than this: times of files are coarse (a tick of the kernel)."""
_FICLONE = 0x40049409
"""ioctl of Linux that makes a file share the blocks of another (ioctl_ficlone(2))."""
_LAST_S = 5.0
"""How long the end waits for an index that is being made."""
_CHECK_S = 1.0
"""How often a reader looks whether the warehouse has changed."""

State = tuple[tuple[int, int, int], tuple[int, int, int] | None]
"""(inode, size, mtime) of the warehouse and of its journal."""


def copies_folder(warehouse: Path) -> Path:
    """Return where the read copies of a warehouse lie; all of it can be removed at any time."""
    return warehouse.with_suffix(".browse")


@dataclass(slots=True)
class ReadCopy:
    """One copy of the warehouse, open for as long as somebody reads it.

    Attributes:
        state: Of the warehouse when it was copied.
        path: The copy.
        copied_at: When (UTC).
        connection: To the copy; locked as for SQL by a user. Read with a cursor of it.
        index: To its search index; None until it is made.
        cache: What readers computed from this copy, which never changes.
    """

    state: State
    path: Path
    copied_at: datetime
    connection: Connection
    index: duckdb.DuckDBPyConnection | None = None
    stack: ExitStack = field(default_factory=ExitStack)
    cache: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    readers: int = 0
    retired: bool = False

    @property
    def fingerprint(self) -> str:
        """A short name of the state it is a copy of."""
        return sha256(repr(self.state).encode()).hexdigest()[:12]


class ReadCopies:
    """Keeps one current read copy of a warehouse; safe to use from many threads.

    Use as a context manager; its end removes what it has made.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._folder = copies_folder(warehouse.path)
        self._lock, self._refreshing = Lock(), Lock()
        self._current: ReadCopy | None = None
        self._looked_at = 0.0
        self._prefix = f"{os.getpid()}-{secrets.token_hex(3)}"
        self._indexing: Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with self._refreshing, self._lock:
            if self._current is not None:
                self._current.retired = True
                self._close(self._current)
                self._current = None
        if self._indexing is not None:
            self._indexing.join(_LAST_S)
        for path in self._folder.glob(f"{self._prefix}-*"):
            _remove(path)
        with suppress(OSError):
            self._folder.rmdir()

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, duckdb.DuckDBPyConnection | None, ReadCopy]]:
        """Yield a cursor of the current copy, one of its search index, and the copy, for as long as the block takes.

        Raises:
            WarehouseVersionError: There is no warehouse, or not one that this code can read.
            WarehouseBusyError: It is being written since before the first copy could be made.
        """
        copy = self._borrow()
        try:
            with copy.connection.another() as connection:
                index = copy.index.cursor() if copy.index is not None else None
                try:
                    yield connection, index, copy
                finally:
                    if index is not None:
                        index.close()
        finally:
            self._return(copy)

    def refresh(self) -> None:
        """Make a copy of today's warehouse, and wait for it; what a person decided is then seen at once."""
        with self._refreshing:
            self._renew()

    def wait_for_index(self) -> None:
        """Wait until the current copy has its search index, or none can be made."""
        with self.reading():
            pass
        if self._indexing is not None:
            self._indexing.join()

    def _borrow(self) -> ReadCopy:
        with self._lock:
            due = time.monotonic() - self._looked_at > _CHECK_S
            have = self._current is not None and self._current.path.exists()
        if not have:  # or `copydesk forget` has removed it: nobody may read that copy any more
            with self._refreshing:
                self._renew()
        elif due:
            self._looked_at = time.monotonic()
            if self._current is not None and self._state() != self._current.state:
                Thread(target=self._renew_quietly, daemon=True).start()
        with self._lock:
            copy = self._current
            if copy is None:
                raise WarehouseVersionError(f"{self._warehouse.path} does not exist. Run `copydesk run` to make it.")
            copy.readers += 1
            return copy

    def _return(self, copy: ReadCopy) -> None:
        with self._lock:
            copy.readers -= 1
            if copy.retired and not copy.readers:
                self._close(copy)

    def _renew_quietly(self) -> None:
        if self._refreshing.acquire(blocking=False):
            try:
                with suppress(CopydeskError):  # readers go on with the copy they have
                    self._renew()
            finally:
                self._refreshing.release()

    def _renew(self) -> None:
        """Copy the warehouse if it has changed, and put the copy in the place of the current one."""
        self._looked_at = time.monotonic()
        current = self._current
        if current is not None and current.path.exists() and self._state() == current.state:
            return
        made = self._copied()
        with self._lock:
            former, self._current = self._current, made
            if former is not None:
                former.retired = True
                if not former.readers:
                    self._close(former)
        self._indexing = Thread(target=self._index, args=(made,), daemon=True)
        self._indexing.start()

    def _state(self) -> State:
        """Return what changes whenever the warehouse does."""
        return _state(self._warehouse.path)

    def _copied(self) -> ReadCopy:
        path = self._warehouse.path
        if self._current is None and path.exists():  # an older warehouse is brought up to date once, not each copy
            with suppress(WarehouseBusyError), Warehouse(path, lock_timeout_s=0).open_for_reading():
                pass
        if not path.exists():
            raise WarehouseVersionError(f"{path} does not exist. Run `copydesk run` to make it.")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _remove_stale(self._folder)
            target = self._folder / f"{self._prefix}-{secrets.token_hex(3)}.duckdb"
            state = self._copy_quiet(path, target)
        except OSError as error:
            raise write_error(self._folder, error, then="browse again") from error
        stack = ExitStack()
        stack.callback(_remove, target)
        try:
            if target.with_name(f"{target.name}.wal").exists():  # committed, not yet in the file
                with connect(target) as raw:
                    raw.execute("checkpoint")
            warehouse = Warehouse(target, lock_timeout_s=5)
            connection = stack.enter_context(warehouse.open_for_reading(locked_options=LOCKED_OPTIONS))
            _remove_backups(target)
        except BaseException:
            stack.close()
            raise
        return ReadCopy(state=state, path=target, copied_at=datetime.now(UTC), connection=connection, stack=stack)

    def _copy_quiet(self, path: Path, target: Path) -> State:
        """Copy the file while nobody writes to it; return the state it was copied in."""
        deadline = time.monotonic() + self._warehouse.lock_timeout_s
        wal, wal_target = (p.with_name(f"{p.name}.wal") for p in (path, target))
        while True:
            before = _state(path)
            if time.time_ns() - max(part[2] for part in before if part) > _QUIET_NS:
                _clone(path, target)
                if before[1] is not None:
                    with suppress(FileNotFoundError):
                        _clone(wal, wal_target)
                if _state(path) == before:
                    return before
                _remove(target)
            if time.monotonic() > deadline:
                raise WarehouseBusyError(
                    f"{path} is being written all the time (waited {self._warehouse.lock_timeout_s:g} s). "
                    "Browse again when the load is over."
                )
            time.sleep(0.1)

    def _index(self, copy: ReadCopy) -> None:
        """Open the search index of a copy, made anew where that of the warehouse is of other articles."""
        if extension() is None:
            return
        target = copy.path.with_name(f"{copy.path.stem}.search.duckdb")
        again = copy.path.with_name(f"{copy.path.stem}.texts.duckdb")  # under another name: with other options
        try:
            common = index_path(self._warehouse.path)
            if common.exists():
                _link(common, target)
            _link(copy.path, again)
            refresh_index(Warehouse(again, lock_timeout_s=5), target)
            if index_stamp(common) != index_stamp(target) and self._state() == copy.state:
                _share(target, common)
            with self._lock:
                if copy.retired:
                    return
                raw = copy.stack.enter_context(connect(target, read_only=True))
                load_extension(raw)
                copy.index = raw
        except (CopydeskError, OSError, duckdb.Error):
            return  # searches say that there is no index
        finally:
            _remove(again)
            if copy.retired:
                _remove(target)
            else:
                copy.stack.callback(_remove, target)

    def _close(self, copy: ReadCopy) -> None:
        with suppress(duckdb.Error, OSError):
            copy.stack.close()


def read_copies(warehouse: Warehouse) -> ReadCopies:
    """Return what keeps a current read copy of a warehouse: of a lake, a pinned snapshot."""
    if warehouse.lake is None:
        return ReadCopies(warehouse)
    from copydesk.store.read.lake_copies import LakeCopies

    return LakeCopies(warehouse)


def _state(path: Path) -> State:
    def of(one: Path) -> tuple[int, int, int] | None:
        try:
            found = one.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    return of(path) or (0, 0, 0), of(path.with_name(f"{path.name}.wal"))


def _clone(path: Path, target: Path) -> None:
    """Copy a file, by reference where the file system can."""
    with path.open("rb") as source, target.open("wb") as sink:
        try:
            fcntl.ioctl(sink.fileno(), _FICLONE, source.fileno())
        except OSError:
            size = source.seek(0, os.SEEK_END)
            source.seek(0)
            try:
                while os.copy_file_range(source.fileno(), sink.fileno(), size):
                    pass
            except (AttributeError, OSError):
                source.seek(0)
                sink.seek(0)
                shutil.copyfileobj(source, sink, 1 << 20)


def _link(path: Path, target: Path) -> None:
    """Give a file that is only ever replaced a second name; a copy where that cannot be had."""
    try:
        os.link(path, target)
    except OSError:
        _clone(path, target)


def _share(made: Path, common: Path) -> None:
    """Put an index in the place of the warehouse's own, for everybody."""
    temporary = made.with_suffix(".shared")
    with suppress(OSError):
        _link(made, temporary)
        temporary.replace(common)


def _remove_backups(path: Path) -> None:
    """Remove what was kept when a copy of an older warehouse was brought up to date."""
    for backup in path.parent.glob(f"{path.name}.before-*"):
        _remove(backup)


def _remove(path: Path) -> None:
    for one in (path, path.with_name(f"{path.name}.wal")):
        with suppress(OSError):
            one.unlink()


def _remove_stale(folder: Path) -> None:
    """Remove the copies of processes that are gone."""
    for path in folder.iterdir():
        owner = path.name.partition("-")[0]
        if owner.isdecimal() and process_start(int(owner)) is None:
            with suppress(OSError):
                path.unlink()
