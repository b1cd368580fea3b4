"""What a Dask worker does with a batch: it hands it to a pool of processes of its own, and returns the answer.

So a document that crashes, hangs or exhausts memory ends a process of that pool and never the Dask worker; the pool
finds the document and skips it alone, as on one machine. The pool is started by the first batch, has a process per
thread of the Dask worker, and ends when no batch has come for a minute.

The scheduler imports this module too (it unpickles every task), so imports stay light; batches travel as bytes.
"""

from __future__ import annotations

import pickle
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from copydesk._version import __version__
from copydesk.errors import ClusterError
from copydesk.resources import rules_version
from copydesk.workers.pool import Workers

__all__ = ["Limits", "Release", "close_pools", "own_release", "run_batch"]

_IDLE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a document.

    Attributes:
        document_timeout_s: Seconds.
        memory_mb: Address space of a process beyond what it has after its imports.
    """

    document_timeout_s: float
    memory_mb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What must be the same on every machine, so that a row does not depend on where it was made.

    Attributes:
        copydesk: Version of Copydesk.
        rules: Digest of the rules and models that ship with it.
        python: Major and minor version.
    """

    copydesk: str
    rules: str
    python: str

    def difference(self, other: Release) -> str:
        """Return what differs, in words: `python 3.11 here, 3.12 there`; "" if nothing does."""
        pairs = ((what, mine, getattr(other, what)) for what, mine in asdict(self).items())
        return ", ".join(f"{what} {mine} here, {theirs} there" for what, mine, theirs in pairs if mine != theirs)


@cache
def own_release() -> Release:
    """Return the release of this process."""
    major, minor, _ = platform.python_version_tuple()
    return Release(copydesk=__version__, rules=rules_version(), python=f"{major}.{minor}")


@dataclass(slots=True)
class _Shared:
    workers: Workers
    users: int = 0
    end: threading.Timer | None = None


_pools: dict[Limits, _Shared] = {}
_lock = threading.Lock()


def run_batch(task: bytes, limits: Limits, release: Release, folder: Path, threads: int = 0) -> Any:
    """Process one batch; called by Dask in a thread of a worker.

    Args:
        task: A function and its batch, pickled.
        limits: Limits of a document.
        release: The release of the process that asks.
        folder: The run's folder.
        threads: Processes of the pool; 0 takes as many as the Dask worker has threads.

    Raises:
        ClusterError: The release differs, or the folder is not there: the message names this machine.
    """
    place = f"the Dask worker on {platform.node()}"
    difference = release.difference(own_release())
    if difference:
        raise ClusterError(f"{place} has another release ({difference}). Install the same on all machines.")
    if not folder.is_dir():
        raise ClusterError(
            f"{place} does not see {folder}. Put the desk on a disk that all machines share, under the same path."
        )
    try:
        function, batch = pickle.loads(task)  # noqa: S301 (from the client that Dask let in)
    except (ImportError, AttributeError) as error:
        raise ClusterError(f"{place}: {error}. Install the same packages on all machines.") from error
    with _shared(limits, threads or _own_threads()) as workers:
        for _, answer in workers.each(function, [batch]):
            return answer
    raise ClusterError(f"{place} gave no answer. Run again.")


def _own_threads() -> int:
    from distributed import get_worker

    return int(get_worker().state.nthreads)


@contextmanager
def _shared(limits: Limits, number: int) -> Iterator[Workers]:
    """Use this process's pool; start it if there is none."""
    with _lock:
        shared = _pools.get(limits)
        if shared is None:
            workers = Workers(number, limit_s=limits.document_timeout_s, memory_mb=limits.memory_mb)
            shared = _pools[limits] = _Shared(workers.__enter__())
        shared.users += 1
        if shared.end is not None:
            shared.end.cancel()
    try:
        yield shared.workers
    finally:
        with _lock:
            shared.users -= 1
            if not shared.users:
                shared.end = threading.Timer(_IDLE_S, _close, [limits])
                shared.end.daemon = True
                shared.end.start()


def _close(limits: Limits) -> None:
    """End a pool that nobody uses."""
    with _lock:
        shared = _pools.get(limits)
        if shared is None or shared.users:
            return
        del _pools[limits]
    if shared.end is not None:
        shared.end.cancel()
    shared.workers.__exit__(None, None, None)


def close_pools() -> None:
    """End the pools of this process; for a cluster inside it."""
    for limits in list(_pools):
        _close(limits)
