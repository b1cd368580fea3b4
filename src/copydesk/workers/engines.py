"""Where batches are processed: in processes of this machine, or by the workers of a Dask cluster.

    local    `pool.Workers`        one process per core
    dask     `dask_pool.DaskPool`  batches to a scheduler; each Dask worker has a pool of processes of its own

Both find a document that hangs or kills its process, skip it alone, and hold the same limits of time and memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from copydesk.workers.pool import Batch, Watchdog, Workers, worker_count

if TYPE_CHECKING:
    from copydesk.settings import RunSettings

__all__ = ["Pool", "check_engine", "open_pool"]

P = TypeVar("P")
R = TypeVar("R")


class Pool(Protocol):
    """Processes batches; the one method that an engine must have."""

    def each(
        self, function: Callable[[Batch[P], Watchdog], R], batches: Iterable[Batch[P]]
    ) -> Iterator[tuple[Batch[P], R]]:
        """Process every batch; yield the results as they come."""
        ...


def open_pool(settings: RunSettings, folder: Path, *, parts: int) -> AbstractContextManager[Pool]:
    """Return the pool of the engine that the settings name; use it as a context manager.

    Args:
        settings: `[run]` of the desk.
        folder: The run's folder, which every worker must see under this path.
        parts: Number of batches; a local pool starts no more processes.

    Raises:
        UsageError: The engine is not installed.
        ClusterError: On entry: the scheduler does not answer.
    """
    if settings.engine == "dask":
        from copydesk.workers.dask_pool import DaskPool

        return DaskPool(settings, folder)
    number = max(1, min(worker_count(settings.workers), parts))
    return Workers(number, limit_s=settings.document_timeout_s, memory_mb=settings.memory_limit_mb)


def check_engine(settings: RunSettings) -> None:
    """Check that the engine is installed, its scheduler answers, and its workers have the same release.

    Raises:
        UsageError: The engine is not installed.
        ClusterError: The scheduler does not answer, or a worker differs.
    """
    if settings.engine == "dask":
        from copydesk.workers.dask_pool import check_cluster

        check_cluster(settings)
