"""Locks, whole files, temporary names and the scratch folder: how Copydesk writes to disk.

    lock(path)            one process at a time; the kernel releases the lock when the process ends, however it ends
    write_whole(path)     the file has its old content or its new one, never half of it
    replacing(path)       the same for what another library writes: a Parquet file, a database, a folder
    .NAME.HOST.PID.tmp    a temporary name; stale when process PID is gone (`stale_files`)
    /tmp/copydesk-x7f3/   this process's scratch folder; removed when it ends, or by a later process when it was killed

Nothing else in the package renames into place or takes a lock by itself.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import util
from pathlib import Path
from typing import Any
from zlib import crc32

from copydesk.errors import CopydeskError, RunBusyError, SettingsError, StoreError

__all__ = [
    "errno_of",
    "flush",
    "lock",
    "machine",
    "process_start",
    "replacing",
    "scratch_folder",
    "stale_files",
    "temporary_name",
    "try_lock",
    "write_error",
    "write_json",
    "write_whole",
]

_POLL_S = 0.1
_SCRATCH_PREFIX = "copydesk-"
_MAX_SOCKET_BYTES = 100
"""Of a socket's address: 107 on Linux, 103 on macOS (sun_path in sys/un.h)."""
_SOCKET_NAME_BYTES = 32
"""What multiprocessing appends to a folder: `/pymp-xxxxxxxx/listener-xxxxxxxx`."""
_MIN_SCRATCH_AGE_S = 60
"""A scratch folder without a lock is kept this long: its process may be about to create the lock."""
_PERMISSION = "Give this user the right to write there"
_TAKEN = "Something else is in its place: move that away"
_ADVICE = {
    errno.ENOSPC: "Free some space",
    errno.EDQUOT: "Free some space, or have the quota raised",
    errno.EFBIG: "Raise the limit on the size of files (ulimit -f)",
    errno.EMFILE: "Raise the limit on open files (ulimit -n)",
    errno.ENFILE: "Close other programs",
    errno.EACCES: _PERMISSION,
    errno.EPERM: _PERMISSION,
    errno.EROFS: "Make the disk writable",
    errno.ENOTDIR: _TAKEN,
    errno.EISDIR: _TAKEN,
    errno.EEXIST: _TAKEN,
    errno.ENOTEMPTY: _TAKEN,
    errno.ENOENT: "Make its folder",
    errno.ENAMETOOLONG: "Choose a shorter name",
    errno.EIO: "Check the disk",
}
_MISPLACED = frozenset(
    {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.ENOENT, errno.EEXIST, errno.EISDIR}
)
_TEMPORARY = re.compile(r"\.(?:([0-9a-f]{8})\.)?(\d+)\.tmp(?:\.wal)?$")
_MAX_FOREIGN_AGE_S = 7 * 86_400
"""A temporary file of another machine, whose processes cannot be seen from here, is stale after a week."""


@contextmanager
def lock(path: Path, *, timeout_s: float | None = 0, make: bool = True, shared: bool = False) -> Iterator[None]:
    """Hold a lock (flock) on a file for as long as the block takes; the file holds the process number.

    Args:
        path: The lock file; its stem names what is locked.
        timeout_s: Seconds to wait for another process that holds it; None waits without limit.
        make: Create the file and its folder when they do not exist.
        shared: Other processes may hold it at the same time, if they share it too.

    Raises:
        RunBusyError: Another process holds it past `timeout_s`; names the process.
        OSError: The file cannot be opened.
    """
    if make:
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if make else 0), 0o644)
    try:
        _wait_for_lock(descriptor, path, timeout_s, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, path: Path, timeout_s: float | None, kind: int) -> None:
    if timeout_s is None:
        fcntl.flock(descriptor, kind)
        return
    deadline = time.monotonic() + timeout_s
    while not try_lock(descriptor, kind):
        if time.monotonic() >= deadline:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            name = f"run {path.parent.name}" if path.name == "lock" else path.stem
            raise RunBusyError(f"{name} is being worked on by process {holder}. Wait for it, or end it, and run again.")
        time.sleep(_POLL_S)


def try_lock(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Lock an open file without waiting; return False when another process holds the lock.

    Raises:
        OSError: The file system has no locks.
    """
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_whole(path: Path, content: str | bytes, *, durable: bool = False) -> None:
    """Write a file under a temporary name and rename it to `path`; text is UTF-8, and its folder must exist.

    Args:
        path: The file. Of a symbolic link the target is replaced.
        content: Its new content.
        durable: Flush to disk before the rename.

    Raises:
        OSError: The disk refused; the file is as it was.
    """
    data = content.encode() if isinstance(content, str) else content
    with replacing(path, durable=durable) as temporary:
        temporary.write_bytes(data)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole or not at all; keys are sorted, and what JSON does not know is written as text.

    Raises:
        OSError: The disk refused; the file is as it was.
    """
    write_whole(path, json.dumps(value, sort_keys=True, default=str))


@contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield a temporary name; what the block writes there, a file or a folder, is renamed to `path` at its end.

    When the block raises, what it wrote is removed and `path` stays as it was. A folder that is to be replaced must be
    empty or removed by the block.

    Args:
        path: Where it belongs. Of a symbolic link the target is replaced.
        durable: Flush to disk before the rename, so that the name never outlives the bytes.

    Raises:
        OSError: The disk refused.
    """
    target = Path(os.path.realpath(path))
    temporary = temporary_name(target)
    _remove(temporary)
    try:
        yield temporary
        if durable:
            flush(temporary)
        temporary.replace(target)
    finally:
        _remove(temporary)


def temporary_name(path: Path) -> Path:
    """Return `.NAME.HOST.PID.tmp` beside `path`: one name per process of all machines that share the disk.

    An orphaned worker, or one that a cluster has given up, may write the same file.
    """
    return path.with_name(f".{path.name}.{machine()}.{os.getpid()}.tmp")


@cache
def machine() -> str:
    """Return a short name of this machine: eight hex digits, from its host name."""
    return f"{crc32(platform.node().encode()):08x}"


def flush(path: Path) -> None:
    """Flush a file, or every file of a folder and then the folder, to disk.

    Raises:
        OSError: The disk refused.
    """
    for one in (*(path.iterdir() if path.is_dir() else ()), path):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(temporary: Path) -> None:
    """Remove a temporary file or folder if it is there, and the journal that DuckDB keeps beside a database."""
    for path in (temporary.with_name(f"{temporary.name}.wal"), temporary):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        elif os.path.lexists(path):
            with suppress(OSError):
                path.unlink()


def stale_files(folder: Path, name: str = "*") -> Iterator[Path]:
    """Yield the temporary files and folders in a folder whose process is gone, in order of their names.

    Args:
        folder: It need not exist.
        name: Pattern of the names that were to be written; the default takes all.
    """
    for path in sorted((*folder.glob(f".{name}.tmp"), *folder.glob(f".{name}.tmp.wal"))):
        owner = _TEMPORARY.search(path.name)
        if owner and _is_gone(path, owner[1], int(owner[2])):
            yield path


def _is_gone(path: Path, host: str | None, pid: int) -> bool:
    """Return whether the process that wrote a temporary file is gone; earlier versions did not name the machine."""
    if host in (None, machine()):
        return process_start(pid) is None
    with suppress(OSError):
        return time.time() - path.lstat().st_mtime > _MAX_FOREIGN_AGE_S
    return False


def process_start(pid: int) -> str | None:
    """Return when a process of this machine began, as the kernel counts it; None when there is no such process.

    Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold spaces, so fields are counted from its end.
    Where there is no /proc, the answer for a living process is "unknown".
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return None
    except OSError:
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "unknown"
    return "unknown"


def write_error(
    path: Path,
    error: BaseException,
    *,
    verb: str = "write",
    then: str = "run again",
    misplaced: type[CopydeskError] = StoreError,
) -> CopydeskError:
    """Return what to tell the user when a file or folder cannot be written: the system's own words and what helps.

    Args:
        path: The file or folder.
        error: An OSError, or the error of a library that reports one in its message (DuckDB, Polars).
        verb: What could not be done.
        then: What to do after the cause is removed.
        misplaced: The kind of error when the place is at fault, not the system: it may not be written or is taken.
            `SettingsError` where `[warehouse] path` names the place.
    """
    number = errno_of(error)
    cause = os.strerror(number) if number is not None else " ".join(str(error).split()) or type(error).__name__
    advice = _ADVICE.get(number or 0, "Remove the cause")
    kind = misplaced if number in _MISPLACED else StoreError
    if kind is SettingsError:
        advice += ", or set [warehouse] path elsewhere,"
    return kind(f"cannot {verb} {path}: {cause.rstrip('.')}. {advice} and {then}.")


def errno_of(error: BaseException) -> int | None:
    """Return the system's number of an error; DuckDB and Polars give it in words, as the end of a line of a message."""
    if isinstance(error, OSError):
        return error.errno
    text = str(error)
    if match := re.search(r"\(os error (\d+)\)", text):
        return int(match[1])
    ends = {line.rpartition(": ")[2] for line in text.splitlines()}
    return next((number for number in errno.errorcode if os.strerror(number) in ends), None)


@cache
def scratch_folder() -> Path:
    """Return this process's folder for short-lived files, and remove those of processes that are gone.

    It holds the workers' notes and the sockets of multiprocessing. Where its path is too long for a socket's address,
    these lie in a folder of their own in /tmp.
    """
    own = _locked_folder(Path(tempfile.gettempdir()))
    is_short = len(os.fsencode(own)) + _SOCKET_NAME_BYTES <= _MAX_SOCKET_BYTES
    sockets = own if is_short else _locked_folder(Path("/tmp"))  # noqa: S108  made by mkdtemp
    usual, tempfile.tempdir = tempfile.tempdir, str(sockets)
    try:
        util.get_temp_dir()  # multiprocessing makes its folder once, here, and removes it (priority -100) before ours
    finally:
        tempfile.tempdir = usual
    return own


def _locked_folder(place: Path) -> Path:
    """Make a folder that is removed at the end of this process; remove those of processes that are gone.

    Its file `lock` is held as long as the process lives: a process that is killed cannot remove its folder, and the
    free lock tells the next one to do so.
    """
    for folder in place.glob(f"{_SCRATCH_PREFIX}*"):
        if folder.is_dir() and _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)
    own = Path(tempfile.mkdtemp(prefix=_SCRATCH_PREFIX, dir=place))
    held = os.open(own / "lock", os.O_RDWR | os.O_CREAT, 0o600)  # never closed: open as long as the process lives
    fcntl.flock(held, fcntl.LOCK_EX)
    util.Finalize(None, shutil.rmtree, args=(own,), kwargs={"ignore_errors": True}, exitpriority=-200)
    return own


def _is_abandoned(folder: Path) -> bool:
    """Return whether nobody holds a scratch folder's lock."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR)
    except FileNotFoundError:
        with suppress(OSError):
            return time.time() - folder.stat().st_mtime > _MIN_SCRATCH_AGE_S
        return False
    except OSError:  # another user's
        return False
    try:
        return try_lock(descriptor)
    except OSError:
        return False
    finally:
        os.close(descriptor)
