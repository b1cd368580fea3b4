"""A run: its folder, its lock and what it was asked to do.

    runs/<run>/run.json      what was asked: sources, paths, trigger
    runs/<run>/lock          held (flock) while a process works on it; the kernel frees it when the process is gone
    runs/<run>/<stage>/      parts
    runs/<run>/<stage>.done  the stage has written all its parts
    runs/removed/<run>/      its rows are in the warehouse; what is left of it goes with the next run

A folder whose lock is free is a run that was interrupted: the next run finishes it first.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from copydesk.errors import CopydeskError, RunBusyError, SettingsError, StoreError
from copydesk.settings import DeskFolder, Source

__all__ = ["PREVIEW", "Progress", "Run", "holding", "interrupted_runs", "new_run", "open_run", "write_error"]

PREVIEW = "preview"
"""Trigger of a run that is compared and thrown away; one that was interrupted is removed, never loaded."""

_REMOVED = "removed"
_YOUNG_S = 10

Progress = Callable[[str, int, int | None], None]
"""Called as progress(stage, documents done, documents in all or None)."""


def _silent(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of some sources.

    Attributes:
        run_id: Time of the start and a random tail; it names the run and is no part of any row's key.
        folder: Where its parts lie.
        desk: The desk it works for.
        sources: What it takes, ad-hoc paths included.
        trigger: `cli`, `schedule`, `replay`, `reprocess` or `preview`.
        started_at: UTC.
        progress: Told about every step.
    """

    run_id: str
    folder: Path
    desk: DeskFolder
    sources: tuple[Source, ...]
    trigger: str = "cli"
    started_at: datetime
    progress: Progress = field(default=_silent, compare=False)

    def stage_folder(self, stage: str) -> Path:
        """Return where a stage's parts lie."""
        return self.folder / stage

    def is_done(self, stage: str) -> bool:
        """Return whether a stage has written all its parts."""
        return (self.folder / f"{stage}.done").exists()

    def mark_done(self, stage: str, note: dict[str, Any]) -> None:
        """Say that a stage has written all its parts, with what it counted."""
        write_json(self.folder / f"{stage}.done", note)

    def note(self, stage: str) -> dict[str, Any]:
        """Return what a finished stage counted."""
        note: dict[str, Any] = json.loads((self.folder / f"{stage}.done").read_text(encoding="utf-8"))
        return note

    def remove(self) -> None:
        """Remove the folder: its rows are in the warehouse.

        It loses its place first: one that was killed half way through, or whose lock is gone before its other files,
        would look like a run that is to be finished.
        """
        bin_ = self.desk.runs / _REMOVED
        with suppress(OSError):  # it stays whole, with all its marks: the next run has only this left to do
            bin_.mkdir(exist_ok=True)
            self.folder.rename(bin_ / self.run_id)
        shutil.rmtree(bin_ / self.run_id, ignore_errors=True)
        with suppress(OSError):  # another run is on its way out, too
            bin_.rmdir()


@contextmanager
def new_run(
    desk: DeskFolder, sources: Sequence[Source], *, trigger: str, progress: Progress | None = None
) -> Iterator[Run]:
    """Make a run's folder and hold its lock as long as the block takes.

    The lock is held before `run.json` is there, so nobody takes the new run for an interrupted one.

    Raises:
        SettingsError: The folder may not be written.
        StoreError: It cannot, for want of space.
    """
    started = datetime.now(UTC)
    run_id = f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    run = Run(
        run_id=run_id,
        folder=desk.runs / run_id,
        desk=desk,
        sources=tuple(sources),
        trigger=trigger,
        started_at=started,
        progress=progress or _silent,
    )
    asked = {
        "run_id": run_id,
        "trigger": trigger,
        "started_at": started.isoformat(),
        "sources": [s.model_dump(mode="json") for s in sources],
    }
    with ExitStack() as lock:
        try:
            run.folder.mkdir(parents=True)
            lock.enter_context(holding(run.folder / "lock", wait_s=0))
            write_json(run.folder / "run.json", asked)
        except OSError as error:
            shutil.rmtree(run.folder, ignore_errors=True)
            raise write_error(run.folder, error) from error
        yield run


def write_error(path: Path, error: OSError) -> CopydeskError:
    """Say that a folder cannot be written: a mistake in the settings (exit code 2), or a system at its limits (1)."""
    why = f"cannot write {path}: {error.strerror or error}."
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.ENOENT, errno.EEXIST}:
        return SettingsError(f"{why} Make the folder writable or set [warehouse] path elsewhere.")
    return StoreError(f"{why} Free some space and run again.")


def open_run(desk: DeskFolder, folder: Path, *, progress: Progress | None = None) -> Run:
    """Open a run's folder again, with the sources as they were when it began."""
    asked = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return Run(
        run_id=asked["run_id"],
        folder=folder,
        desk=desk,
        sources=tuple(Source(**s) for s in asked["sources"]),
        trigger=asked["trigger"],
        started_at=datetime.fromisoformat(asked["started_at"]),
        progress=progress or _silent,
    )


def interrupted_runs(desk: DeskFolder) -> Iterator[Path]:
    """Yield the folders of runs whose process is gone, oldest first; each is locked while the caller looks at it."""
    shutil.rmtree(desk.runs / _REMOVED, ignore_errors=True)
    for folder in sorted(desk.runs.glob("*-*")) if desk.runs.is_dir() else ():
        if not (folder / "run.json").exists():
            _remove_unborn(folder)
            continue
        if (folder / "held").exists():  # waits for `copydesk quality release`
            continue
        try:
            with holding(folder / "lock", wait_s=0, make=False):
                if (folder / "run.json").exists():
                    yield folder
        except (RunBusyError, FileNotFoundError):  # at work, or removed since
            continue


def _remove_unborn(folder: Path) -> None:
    """Remove a run that died before it was asked anything; one that is just being made is left alone."""
    with suppress(OSError, RunBusyError):
        if abs(time.time() - folder.stat().st_mtime) > _YOUNG_S:
            with holding(folder / "lock", wait_s=0):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def holding(path: Path, *, wait_s: float, make: bool = True) -> Iterator[None]:
    """Hold a lock file; the kernel frees it when the process ends, however it ends.

    Args:
        path: The file; its stem names what is being worked on.
        wait_s: Seconds to wait for another process that holds it.
        make: Make the file when it is not there.

    Raises:
        RunBusyError: Somebody else holds it past `wait_s` seconds; names the process.
        OSError: It cannot be opened.
    """
    if make:
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if make else 0), 0o644)
    try:
        _lock(descriptor, path, wait_s)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
                raise RunBusyError(
                    f"{path.stem} is being worked on by process {holder}. Wait for it, or end it, and run again."
                ) from error
            time.sleep(0.1)
        else:
            return


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole or not at all."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(json.dumps(value, sort_keys=True, default=str), encoding="utf-8")
    temporary.rename(path)
