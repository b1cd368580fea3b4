"""One request in flight per host, across processes.

    <folder>/<host>.turn     held (flock) while a request is in flight; the kernel frees it when a process dies
                             its modification time is when the next request may start

Without write access to the folder only the coordination between processes is lost.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from copydesk.filesystem import try_lock

__all__ = ["HostLock", "HostLocks"]

_POLL_S = 0.05
_MAX_WAIT_S = 86_400.0  # so that a clock that was set back cannot block a host for ever


@dataclass(slots=True)
class HostLock:
    """A host's lock while it is held.

    Attributes:
        wait_s: Seconds until the next request may start, after a request of another process.
        free_in_s: Set by the holder: seconds from release until the next request.
    """

    wait_s: float = 0.0
    free_in_s: float = 0.0


class HostLocks:
    """Host locks shared with other processes; without a folder, no locking."""

    def __init__(
        self, folder: Path | None, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._folder = folder
        self._now = now
        self._sleep = sleep

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[HostLock]:
        """Wait for the host's lock and hold it."""
        descriptor = self._open(key)
        if descriptor is None:
            yield HostLock()
            return
        try:
            while not _locked(descriptor):
                await self._sleep(_POLL_S)
            wait_s = os.fstat(descriptor).st_mtime - self._now()
            turn = HostLock(wait_s=wait_s if 0 < wait_s <= _MAX_WAIT_S else 0.0)
            try:
                yield turn
            finally:
                free_at = self._now() + turn.free_in_s
                os.utime(descriptor, (free_at, free_at))
        finally:
            os.close(descriptor)

    def _open(self, key: str) -> int | None:
        if self._folder is None:
            return None
        path = self._folder / f"{sha256(key.encode()).hexdigest()[:32]}.turn"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            is_new = not path.exists()
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            if is_new:
                os.utime(descriptor, (0, 0))
        except OSError:
            return None
        return descriptor


def _locked(descriptor: int) -> bool:
    try:
        return try_lock(descriptor)
    except OSError:
        return True  # a file system without locks
