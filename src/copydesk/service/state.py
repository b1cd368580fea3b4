"""State that the scheduler and the commands share through the desk's folder.

warehouse/serve.lock        held (flock) while `copydesk serve` runs
warehouse/serve.json        its process id, the address of its Prefect server, its start
warehouse/paused/<source>   an empty file: the source's schedule is paused
warehouse/schedule.json     source -> the last time its schedule was served
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from copydesk.errors import RunBusyError
from copydesk.filesystem import lock, write_json
from copydesk.schedule.calendar import Calendar, read_schedule
from copydesk.settings import DeskFolder, Source

__all__ = [
    "Service",
    "announce",
    "calendar_of",
    "is_paused",
    "is_starting",
    "pause",
    "paused",
    "read_served",
    "resume",
    "running_service",
    "serving",
    "write_served",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running scheduler.

    Attributes:
        pid: Its process id.
        api_url: Address of the Prefect API it works with.
        since: When it was ready (UTC, ISO 8601).
    """

    pid: int
    api_url: str
    since: str

    @property
    def ui_url(self) -> str:
        """Address of Prefect's UI."""
        return self.api_url.removesuffix("/api")


@contextmanager
def serving(desk: DeskFolder) -> Iterator[None]:
    """Hold the desk's scheduler lock.

    Raises:
        RunBusyError: Another scheduler holds it; the message names its process and address.
    """
    folder = desk.warehouse.parent
    running = running_service(desk)
    with ExitStack() as held:
        try:
            held.enter_context(lock(folder / "serve.lock"))
        except RunBusyError as error:
            where = f" (process {running.pid}, {running.ui_url})" if running else ""
            raise RunBusyError(
                f"a scheduler runs for {desk.root} already{where}. Use that one, or stop it before you start another."
            ) from error
        try:
            yield
        finally:
            (folder / "serve.json").unlink(missing_ok=True)


def announce(desk: DeskFolder, service: Service) -> None:
    """Publish the scheduler's address."""
    write_json(desk.warehouse.parent / "serve.json", asdict(service))


def is_starting(desk: DeskFolder) -> bool:
    """Return whether a scheduler runs that is not ready yet."""
    folder = desk.warehouse.parent
    if not (folder / "serve.lock").exists() or running_service(desk):
        return False
    try:
        with lock(folder / "serve.lock"):
            return False
    except RunBusyError:
        return True


def running_service(desk: DeskFolder) -> Service | None:
    """Return the desk's scheduler, None when none is running (or it is only just starting)."""
    folder = desk.warehouse.parent
    try:
        note = json.loads((folder / "serve.json").read_text(encoding="utf-8"))
        service = Service(pid=int(note["pid"]), api_url=str(note["api_url"]), since=str(note["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        with lock(folder / "serve.lock"):
            return None  # not held: the note is a killed scheduler's
    except RunBusyError:
        return service


def calendar_of(source: Source) -> Calendar | None:
    """Return a source's calendar, None without a schedule.

    Raises:
        SettingsError: Its schedule cannot be read.
    """
    if not source.schedule:
        return None
    return read_schedule(source.schedule, timezone=source.timezone, jitter_s=source.jitter_s, name=source.name)


def paused(desk: DeskFolder) -> Path:
    """Return the folder of the pause marks."""
    return desk.warehouse.parent / "paused"


def is_paused(desk: DeskFolder, name: str) -> bool:
    """Return whether a source's schedule is paused by hand."""
    return (paused(desk) / name).exists()


def pause(desk: DeskFolder, name: str) -> bool:
    """Pause a source's schedule; return whether it was running. A running scheduler follows at once."""
    mark = paused(desk) / name
    mark.parent.mkdir(parents=True, exist_ok=True)
    changed = not mark.exists()
    mark.touch()
    return changed


def resume(desk: DeskFolder, name: str) -> bool:
    """Resume a source's schedule; return whether it was paused. Missed runs are not made up."""
    mark = paused(desk) / name
    changed = mark.exists()
    mark.unlink(missing_ok=True)
    return changed


def read_served(desk: DeskFolder) -> dict[str, datetime]:
    """Return source -> its last served time (UTC)."""
    try:
        note = json.loads((desk.warehouse.parent / "schedule.json").read_text(encoding="utf-8"))
        return {name: datetime.fromisoformat(at).astimezone(UTC) for name, at in note.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def write_served(desk: DeskFolder, served: dict[str, datetime]) -> None:
    """Write the last served times."""
    write_json(desk.warehouse.parent / "schedule.json", {name: at.isoformat() for name, at in served.items()})
