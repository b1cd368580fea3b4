"""Batches to a Dask scheduler (`[run] engine = "dask"`).

Results are files in the run's folder, and futures return their paths alone: a worker that dies takes nothing with it
that was finished. A batch may run twice, when its worker is lost at the end; its part is written once.

    a worker dies            the scheduler gives its batches to others
    a batch kills 4 workers  Dask gives up (KilledWorker); it is submitted again, as neighbours are blamed, too
    the scheduler dies       batches are submitted again when it is back in time; else ClusterError, and the next run
                             goes on with the parts that are missing
"""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Generic, Self, TypeVar
from uuid import uuid4

from copydesk.errors import ClusterError, CopydeskError, UsageError
from copydesk.logs import notice
from copydesk.settings import RunSettings
from copydesk.workers.dask_worker import Limits, Release, close_pools, own_release, run_batch
from copydesk.workers.pool import Batch, Watchdog, worker_count

__all__ = ["DaskPool", "check_cluster"]

P = TypeVar("P")
R = TypeVar("R")

_CONNECT_S = 15
_REFRESH_S = 5.0
_AWAY = (
    "the Dask scheduler went away and did not come back. Start it again; `copydesk load` goes on with the parts that "
    "are missing."
)
_MAX_TRIES = 3
_WINDOW = 2
"""Batches in flight per thread of the cluster: one at work, one waiting."""


class DaskPool:
    """A pool whose processes are those of a Dask cluster."""

    def __init__(self, settings: RunSettings, folder: Path) -> None:
        """Prepare a pool; the scheduler is asked on entry.

        Args:
            settings: `[run]` of the desk; without `dask_scheduler` a cluster inside this process is used.
            folder: The run's folder, which every worker must see under this path.

        Raises:
            UsageError: `distributed` is not installed.
        """
        _require_distributed()
        self._settings, self._folder = settings, folder
        self._threads_at, self._threads = -_REFRESH_S, 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._client = stack.enter_context(_connected(self._settings))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def each(
        self, function: Callable[[Batch[P], Watchdog], R], batches: Iterable[Batch[P]]
    ) -> Iterator[tuple[Batch[P], R]]:
        """Process every batch; yield the results as they come.

        Args:
            function: Importable; called as `function(batch, watch)` in a process of a worker's pool.
            batches: Consumed only as fast as they are processed.

        Raises:
            ClusterError: The scheduler is gone, a worker has another release or does not see the run's folder.
        """
        flight: _Flight[P, R] = _Flight(self._client, function, self._limits(), self._folder)
        try:
            for batch in batches:
                flight.start(batch)
                if len(flight) >= _WINDOW * self._total_threads():
                    yield from flight.landed()
            while flight:
                yield from flight.landed()
        finally:
            flight.cancel()

    def _limits(self) -> Limits:
        return Limits(document_timeout_s=self._settings.document_timeout_s, memory_mb=self._settings.memory_limit_mb)

    def _total_threads(self) -> int:
        """Return the threads of all workers, at least 1; workers may come and go."""
        if time.monotonic() - self._threads_at >= _REFRESH_S:
            before = self._threads
            with suppress(OSError):  # the scheduler is away: `landed` finds out whether it comes back
                self._threads = sum(self._client.nthreads().values())
            if not self._threads and (before or self._threads_at < 0):
                notice("the Dask scheduler has no worker; the run waits until one is there.")
            self._threads_at = time.monotonic()
        return max(1, self._threads)


class _Flight(Generic[P, R]):
    """The batches that are at the scheduler."""

    def __init__(self, client: Any, function: Callable[[Batch[P], Watchdog], R], limits: Limits, folder: Path) -> None:
        from distributed import as_completed

        self._client, self._function, self._limits, self._folder = client, function, limits, folder
        self._name = f"{function.__name__}-{uuid4().hex}"
        self._done = as_completed(loop=client.loop)
        self._batches: dict[Any, tuple[Batch[P], int]] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._batches)

    def start(self, batch: Batch[P], tries: int = 1) -> None:
        self._number += 1
        task = pickle.dumps((self._function, batch))
        key = f"{self._name}-{self._number}"
        future = self._client.submit(run_batch, task, self._limits, own_release(), self._folder, key=key, pure=False)
        self._batches[future] = (batch, tries)
        self._done.add(future)

    def landed(self) -> Iterator[tuple[Batch[P], R]]:
        """Wait for at least one batch; yield the finished ones and submit again those that were lost."""
        for future in self._done.next_batch():
            batch, tries = self._batches.pop(future)
            if future.status == "finished":
                yield batch, self._result(future)
            else:
                self._again(batch, tries, future)

    def _result(self, future: Any) -> R:
        """Return what a finished batch gave; the scheduler may go away while it is asked for it.

        Raises:
            ClusterError: It did.
        """
        from distributed import CancelledError

        try:
            result: R = future.result()
        except (OSError, CancelledError) as error:  # distributed's CommClosedError is the former
            raise ClusterError(_AWAY) from error
        return result

    def _again(self, batch: Batch[P], tries: int, future: Any) -> None:
        """Submit a batch again, unless that is hopeless.

        Raises:
            ClusterError, or what the function raised.
        """
        from distributed.scheduler import KilledWorker

        error = future.exception() if future.status == "error" else None
        if error is not None and not isinstance(error, KilledWorker):
            raise _explained(error)
        if self._client.status in ("closed", "closing"):
            raise ClusterError(_AWAY)
        if error is not None and tries >= _MAX_TRIES:
            raise ClusterError(
                f"a part of {batch.size} documents was given up {tries} times because the Dask workers that took it "
                f"ended ({error.last_worker.address} was the last). Look into their logs; `copydesk load` goes on."
            )
        self.start(batch, tries + (error is not None))

    def cancel(self) -> None:
        """Withdraw what nobody waits for any more."""
        with suppress(Exception):  # the scheduler is gone, and with it what was submitted
            if self._batches:
                self._client.cancel(list(self._batches))
        self._batches.clear()


def _explained(error: BaseException) -> BaseException:
    """Return an error in this package's words where it comes from an installation that differs."""
    if isinstance(error, ImportError):
        return ClusterError(f"the Dask cluster cannot import a module: {error}. Install the same on all machines.")
    return error


@contextmanager
def _connected(settings: RunSettings) -> Iterator[Any]:
    """Yield a client of the scheduler, or of a cluster inside this process when none is named.

    Raises:
        ClusterError: The scheduler does not answer.
    """
    from distributed import Client, LocalCluster

    _silence()
    address = settings.dask_scheduler
    with ExitStack() as stack:
        if address is None:
            stack.callback(close_pools)
            cluster = LocalCluster(
                n_workers=1,
                threads_per_worker=worker_count(settings.workers),
                processes=False,  # the documents are in processes of the worker's pool
                memory_limit=0,
                dashboard_address=None,
            )
            where: Any = stack.enter_context(cluster)
        else:
            where = address
        try:
            client = stack.enter_context(Client(where, timeout=_CONNECT_S, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(
                f"the Dask scheduler at {address} does not answer ({type(error).__name__}). Start it with "
                "`dask scheduler`, or correct [run] dask_scheduler."
            ) from error
        yield client


def _silence() -> None:
    """Silence Dask's own log lines; each of its loggers has a level of its own. What goes wrong is in our messages."""
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.split(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)


def check_cluster(settings: RunSettings) -> None:
    """Check that the scheduler answers, and that its workers have this release.

    Raises:
        UsageError: `distributed` is not installed.
        ClusterError: The scheduler does not answer, or a worker differs.
    """
    _require_distributed()
    if settings.dask_scheduler is None:
        return
    with _connected(settings) as client:
        try:
            found: dict[str, Release] = client.run(own_release)
        except CopydeskError:
            raise
        except Exception as error:
            raise ClusterError(
                f"the workers at {settings.dask_scheduler} cannot run Copydesk ({type(error).__name__}: {error}). "
                "Install the same release on all machines."
            ) from error
    for worker, release in sorted(found.items()):
        difference = own_release().difference(release)
        if difference:
            raise ClusterError(
                f"the Dask worker {worker} has another release ({difference}). Install the same on all machines."
            )


def _require_distributed() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise UsageError(
            'engine = "dask" needs a package that is not installed. `pip install "copydesk[cluster]"` installs it.'
        ) from error
