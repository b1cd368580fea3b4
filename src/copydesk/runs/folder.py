"""A run: its folder, its lock and its task.

    runs/<run>/run.json      its task: sources, paths, trigger
    runs/<run>/lock          held (flock) while a process works on it; the kernel frees it when the process ends
    runs/<run>/<stage>/      parts
    runs/<run>/<stage>.done  the stage has written all its parts
    runs/<run>/staged        other processes take its stages on (`copydesk stage`); no run finishes it by itself
    runs/removed/<run>/      its rows are in the warehouse; the next run removes what is left

A folder whose lock is free is a run that was interrupted: the next run finishes it first.
"""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zlib import crc32

from copydesk.errors import RunBusyError, RunDamagedError, SettingsError
from copydesk.filesystem import lock, write_error, write_json
from copydesk.records import AD_HOC
from copydesk.settings import DeskFolder, Source

__all__ = [
    "BACKFILL",
    "PREVIEW",
    "STORED_TRIGGERS",
    "Progress",
    "Resuming",
    "Run",
    "inputs_of",
    "interrupted_runs",
    "new_run",
    "open_run",
    "run_lock",
    "stage_names",
    "staged_runs",
]

PREVIEW = "preview"
"""Trigger of a run that is compared and discarded; an interrupted one is removed, never loaded."""

STORED_TRIGGERS = frozenset({"replay", "reprocess", PREVIEW})
"""Triggers of runs whose captures come from the warehouse: their acquire stage is complete from the start."""

BACKFILL = "backfill"
"""Trigger of a run that asks a source for what it has published since a day; its source carries the day."""

_REMOVED = "removed"
_STAGED = "staged"
_FORMER_NAMES = {"memory": "line_counts", "memory.parquet": "boilerplate.parquet"}
"""Names of some files in the previous release; a run that it began is finished under the new names."""
_MIN_AGE_S = 10

Progress = Callable[[str, int, int | None], None]
"""Called as progress(stage, documents done, documents in all or None)."""

Resuming = Callable[["Run"], None]
"""Called with an interrupted run before the work on it goes on."""


def _silent(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of some sources.

    Attributes:
        run_id: Start time and a random suffix; never part of a row's key.
        folder: Folder of its parts.
        desk: The desk.
        sources: Its sources, ad-hoc paths included.
        trigger: `cli`, `schedule`, `api`, `replay`, `reprocess` or `preview`.
        named: Whether its sources were named, rather than all of the desk taken.
        started_at: UTC.
        progress: Called after every step.
    """

    run_id: str
    folder: Path
    desk: DeskFolder
    sources: tuple[Source, ...]
    trigger: str = "cli"
    named: bool = False
    started_at: datetime
    progress: Progress = field(default=_silent, compare=False)

    @property
    def inputs(self) -> str:
        """Names of its sources; the files and folders of the ad-hoc source in place of its name."""
        return inputs_of(self.sources)

    def stage_folder(self, stage: str) -> Path:
        """Return the folder of a stage's parts."""
        return self.folder / stage

    def is_done(self, stage: str) -> bool:
        """Return whether a stage has written all its parts."""
        return (self.folder / f"{stage}.done").exists()

    def mark_done(self, stage: str, note: dict[str, Any]) -> None:
        """Mark a stage as complete, with its counts."""
        _write_sealed(self.folder / f"{stage}.done", note)

    def note(self, stage: str) -> dict[str, Any]:
        """Return the counts of a finished stage.

        Raises:
            OSError, ValueError: The mark cannot be read, or differs from what was written.
        """
        return _read_sealed(self.folder / f"{stage}.done")

    @property
    def is_staged(self) -> bool:
        """Whether it is taken through its stages by hand (`copydesk stage`)."""
        return (self.folder / _STAGED).exists()

    def mark_staged(self, staged: bool) -> None:
        """Keep other runs from finishing it, or let them."""
        if staged:
            (self.folder / _STAGED).touch()
        else:
            (self.folder / _STAGED).unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder: its rows are in the warehouse.

        Renamed before removal: a half-removed folder would look like an interrupted run.
        """
        bin_ = self.desk.runs / _REMOVED
        with suppress(OSError):  # it stays complete, with all its marks: the next run only has to remove it
            bin_.mkdir(exist_ok=True)
            self.folder.rename(bin_ / self.run_id)
        shutil.rmtree(bin_ / self.run_id, ignore_errors=True)
        with suppress(OSError):  # another run is on its way out, too
            bin_.rmdir()


@contextmanager
def new_run(
    desk: DeskFolder,
    sources: Sequence[Source],
    *,
    trigger: str,
    named: bool = False,
    progress: Progress | None = None,
) -> Iterator[Run]:
    """Create a run's folder and hold its lock during the block.

    The lock is held before `run.json` exists, so no process takes the new run for an interrupted one.

    Raises:
        SettingsError: The folder may not be written.
        StoreError: The disk refused.
    """
    started = datetime.now(UTC)
    run_id = f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    run = Run(
        run_id=run_id,
        folder=desk.runs / run_id,
        desk=desk,
        sources=tuple(sources),
        trigger=trigger,
        named=named,
        started_at=started,
        progress=progress or _silent,
    )
    asked = {
        "run_id": run_id,
        "trigger": trigger,
        "named": named,
        "started_at": started.isoformat(),
        "sources": [s.model_dump(mode="json") for s in sources],
    }
    with ExitStack() as held:
        try:
            run.folder.mkdir(parents=True)
            held.enter_context(lock(run.folder / "lock"))
            _write_sealed(run.folder / "run.json", asked)
        except OSError as error:
            shutil.rmtree(run.folder, ignore_errors=True)
            raise write_error(run.folder, error, misplaced=SettingsError) from error
        yield run


def open_run(desk: DeskFolder, folder: Path, *, progress: Progress | None = None) -> Run:
    """Open a run's folder again, with the sources as they were when it began.

    Raises:
        RunDamagedError: `run.json` cannot be read, or names what this version does not know.
    """
    for former, name in _FORMER_NAMES.items():
        if (folder / former).exists() and not (folder / name).exists():
            (folder / former).rename(folder / name)
    try:
        asked = _read_sealed(folder / "run.json")
        return Run(
            run_id=asked["run_id"],
            folder=folder,
            desk=desk,
            sources=tuple(Source(**s) for s in asked["sources"]),
            trigger=asked["trigger"],
            named=asked.get("named", False),  # earlier versions did not write it
            started_at=datetime.fromisoformat(asked["started_at"]),
            progress=progress or _silent,
        )
    except FileNotFoundError:
        raise
    except (OSError, ValueError, LookupError, TypeError) as error:  # pydantic's errors are ValueErrors
        raise RunDamagedError(
            f"run {folder.name} cannot continue: {folder / 'run.json'}: {str(error).splitlines()[0]}. "
            f"`copydesk runs drop {folder.name}` gives the run up; the next run takes its inputs again."
        ) from error


def inputs_of(sources: Sequence[Source]) -> str:
    """Return what sources take, in words: names, and the files and folders of the ad-hoc source."""
    return ", ".join(", ".join(source.paths) if source.name == AD_HOC else source.name for source in sources)


def stage_names() -> tuple[str, ...]:
    """Return the names of the stages, in order."""
    return ("acquire", "extract", "check", "publish")


def interrupted_runs(desk: DeskFolder) -> Iterator[Path]:
    """Yield the folders of interrupted runs, oldest first; each is locked while the caller handles it."""
    shutil.rmtree(desk.runs / _REMOVED, ignore_errors=True)
    for folder in sorted(desk.runs.glob("*-*")) if desk.runs.is_dir() else ():
        if not (folder / "run.json").exists():
            _remove_incomplete(folder)
            continue
        if (folder / "held").exists() and (folder / "publish.done").exists():  # waits for `copydesk quality release`
            continue
        if (folder / _STAGED).exists():
            continue
        try:
            with run_lock(folder):
                if (folder / "run.json").exists():
                    yield folder
        except (RunBusyError, FileNotFoundError):  # running, or removed since
            continue


def run_lock(folder: Path) -> AbstractContextManager[None]:
    """Return the lock of a run's folder, also of one that was copied without its file; see `filesystem.lock`.

    A folder that is gone stays gone: entering raises FileNotFoundError.
    """
    with suppress(OSError):
        (folder / "lock").touch()
    return lock(folder / "lock", make=False)


def staged_runs(desk: DeskFolder) -> list[Path]:
    """Return the folders of runs that are taken through their stages by hand, oldest first."""
    return sorted(mark.parent for mark in desk.runs.glob(f"*-*/{_STAGED}"))


def _remove_incomplete(folder: Path) -> None:
    """Remove a run folder without run.json, unless it is being created."""
    with suppress(OSError, RunBusyError):
        if abs(time.time() - folder.stat().st_mtime) > _MIN_AGE_S:
            with lock(folder / "lock"):
                shutil.rmtree(folder, ignore_errors=True)


def _write_sealed(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON object with the CRC-32 of its content."""
    write_json(path, {**value, "checksum": _checksum(value)})


def _read_sealed(path: Path) -> dict[str, Any]:
    """Return a JSON object; those of earlier versions have no checksum.

    Raises:
        OSError, ValueError: It cannot be read, or differs from what was written.
    """
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} holds no object")
    checksum = value.pop("checksum", None)
    if checksum is not None and checksum != _checksum(value):
        raise ValueError("it differs from what was written")
    return value


def _checksum(value: dict[str, Any]) -> int:
    return crc32(json.dumps(value, sort_keys=True, default=str).encode())
