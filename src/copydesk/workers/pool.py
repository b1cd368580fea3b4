"""A process pool that survives documents that crash, hang or exhaust memory.

Threads cannot be stopped, and a standard library pool breaks with its first dead worker. Here a dead worker is replaced
and its batch is retried without the document that killed it:

    first try      the worker records which documents it processes; a death at a single one identifies the document
    second try     after a death at several at once, each is processed alone, so that the next death identifies it
    then           the document is skipped and its result is the cause: time_limit, crashed, memory_limit

The watchdog is `faulthandler`'s: a C thread that needs no interpreter lock, so it also ends a loop inside a C library.
"""

from __future__ import annotations

import atexit
import ctypes
import faulthandler
import gc
import logging
import math
import os
import signal
import struct
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing import forkserver, get_context
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from copydesk.filesystem import scratch_folder

__all__ = ["Batch", "Watchdog", "Workers", "chunks", "trim_memory", "warm_up", "worker_count"]

P = TypeVar("P")
R = TypeVar("R")

_NOTE = struct.Struct("<qq")
_PRELOAD = (
    "copydesk.workers.env",
    "copydesk.stages.extract_parts",
    "copydesk.workers.preload_text",
    "copydesk.workers.processes",
)
_PRELOAD_HTML = ("copydesk.workers.preload_html",)
_GARBAGE = (50_000, 20, 100)
_SPARE = 0.25
"""Share of the time limit by which the alarm may be late."""
_WORKER_LIFE = 200
"""Batches after which a worker is replaced, since HTML parsers leak in long runs (trafilatura issue 216)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Generic[P]):
    """Unit of work of one worker.

    Attributes:
        payload: Argument of the function; must pickle.
        size: Number of documents in it.
        skip: Index of a document -> why it is skipped.
        isolate: Whether each document is processed alone.
    """

    payload: P
    size: int
    skip: Mapping[int, str] = field(default_factory=dict)
    isolate: bool = False


class Watchdog:
    """A worker's record of the documents it processes, and the alarm that ends it when they take too long."""

    def __init__(self, note: Path | None, limit_s: float) -> None:
        self._file = os.open(note, os.O_WRONLY) if note is not None else -1
        self._sink = open(os.devnull, "w") if note is not None else None  # noqa: SIM115, PTH123 (lives as long as the watch)
        self._limit_s = limit_s
        self._armed_at = -math.inf

    def at(self, first: int, count: int = 1) -> None:
        """Record that documents `first` to `first + count - 1` are being processed; start their time limit.

        Arming the alarm ends one thread and starts another (1.4 ms of a page's 60 on a busy machine), so an alarm set
        only recently is kept: documents get the limit and at most a quarter more.
        """
        if self._sink is not None:
            os.pwrite(self._file, _NOTE.pack(first, count), 0)
            now, spare = time.monotonic(), self._limit_s * _SPARE
            if now > self._armed_at + spare:
                faulthandler.dump_traceback_later(self._limit_s + spare, exit=True, file=self._sink)
                self._armed_at = now

    def rest(self) -> None:
        """Disarm the alarm until `at` is called again: the worker waits for something other than a document."""
        if self._sink is not None:
            faulthandler.cancel_dump_traceback_later()
            self._armed_at = -math.inf

    def close(self) -> None:
        """Disarm the alarm."""
        if self._sink is not None:
            faulthandler.cancel_dump_traceback_later()
            os.close(self._file)
            self._sink.close()


def chunks(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Split a list of numbers into pieces of at most `size`, in order."""
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def trim_memory() -> None:
    """Return freed memory to the system where the C library can; else it keeps what a very large document needed."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def worker_count(wanted: int) -> int:
    """Return the number of worker processes: as wanted, or one per usable core."""
    return wanted or max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def warm_up(*, html: bool = False) -> None:
    """Start the fork server, which imports what workers need while this process continues.

    Args:
        html: Whether they will read HTML; without it each worker imports the HTML modules itself.
    """
    scratch_folder()  # the sockets of multiprocessing lie there, so that what a kill leaves is found and removed
    get_context("forkserver").set_forkserver_preload([*_PRELOAD, *(_PRELOAD_HTML if html else ())])
    forkserver.ensure_running()  # one that is running continues with its imports
    atexit.register(_end_fork_server)


def _end_fork_server() -> None:
    """Stop the fork server with this process; one that is still importing would outlive it by seconds."""
    server = getattr(forkserver, "_forkserver", None)
    pid = getattr(server, "_forkserver_pid", None)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class Workers:
    """The pool. Create one per run: a worker's imports take longer than many batches."""

    def __init__(self, number: int, *, limit_s: float, memory_mb: int) -> None:
        """Prepare a pool; no process starts before there is work.

        Args:
            number: Processes.
            limit_s: Seconds a document (or documents recorded together) may take.
            memory_mb: Address space a worker may take beyond what it has after its imports.
        """
        self._number, self._limit_s, self._memory_mb = number, limit_s, memory_mb

    def __enter__(self) -> Self:
        from pebble import ProcessPool

        from copydesk.workers.processes import WorkerContext

        logging.getLogger("pebble").setLevel(logging.CRITICAL)
        warm_up()
        self._notes = tempfile.TemporaryDirectory(dir=scratch_folder())
        self._pool: Any = ProcessPool(
            max_workers=self._number,
            max_tasks=_WORKER_LIFE,
            initializer=_settle,
            initargs=(self._memory_mb, dict(os.environ)),
            context=WorkerContext(),
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        end = self._pool.close if kind is None else self._pool.stop
        end()
        self._pool.join()
        self._notes.cleanup()

    def each(
        self, function: Callable[[Batch[P], Watchdog], R], batches: Iterable[Batch[P]]
    ) -> Iterator[tuple[Batch[P], R]]:
        """Process every batch; yield the results as they come.

        Args:
            function: Importable; called as `function(batch, watch)` in a worker.
            batches: Consumed only as fast as they are processed, so that memory stays flat.
        """
        with tempfile.TemporaryDirectory(dir=self._notes.name, ignore_cleanup_errors=True) as notes:
            todo = _Flight(self._pool, function, Path(notes), self._limit_s)
            for batch in batches:
                todo.start(batch)
                if len(todo) >= 2 * self._number:
                    yield from todo.landed()
            while todo:
                yield from todo.landed()


class _Flight(Generic[P, R]):
    """The batches that are being processed."""

    def __init__(self, pool: Any, function: Callable[[Batch[P], Watchdog], R], notes: Path, limit_s: float) -> None:
        self._pool, self._function, self._notes, self._limit_s = pool, function, notes, limit_s
        self._futures: dict[Future[R], tuple[Batch[P], Path]] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._futures)

    def start(self, batch: Batch[P]) -> None:
        self._number += 1
        note = self._notes / str(self._number)
        note.write_bytes(_NOTE.pack(-1, 0))
        future = self._pool.schedule(_work, args=(self._function, batch, str(note), self._limit_s))
        self._futures[future] = (batch, note)

    def landed(self) -> Iterator[tuple[Batch[P], R]]:
        """Wait for at least one batch; yield the finished ones and restart those whose worker died."""
        from pebble import ProcessExpired

        for future in wait(self._futures, return_when=FIRST_COMPLETED).done:
            batch, note = self._futures.pop(future)
            try:
                answer = future.result()
            except ProcessExpired as death:
                self.start(_skip_document(batch, note, death.exitcode))
            else:
                note.unlink(missing_ok=True)
                yield batch, answer


def _skip_document(batch: Batch[P], note: Path, exit_code: int) -> Batch[P]:
    """Return the batch to retry after its worker died."""
    first, count = _NOTE.unpack(note.read_bytes())
    note.unlink()
    if count == 1 or (batch.isolate and first >= 0):
        return replace(batch, skip={**batch.skip, first: _cause(exit_code)}, isolate=True)
    if batch.isolate:  # died outside of any document, twice: the cause becomes the result of every remaining document
        return replace(batch, skip={**{i: _cause(exit_code) for i in range(batch.size)}, **batch.skip})
    return replace(batch, isolate=True)


def _cause(exit_code: int) -> str:
    """Map a worker's exit code to a cause: 1 is the watchdog's exit, -9 the kernel's out-of-memory kill."""
    return {1: "time_limit", -signal.SIGKILL: "memory_limit"}.get(exit_code, "crashed")


def _settle(memory_mb: int, environment: Mapping[str, str]) -> None:
    """Prepare a worker: interrupts ignored (the parent handles them), memory limited, one thread.

    The fork server has the environment of the process's first run; what was set since (the key of a store) comes along.
    """
    import resource

    from copydesk.workers.env import use_one_thread

    os.environ.update(environment)
    use_one_thread()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()  # imported modules are never garbage; scanning them took a tenth of the time
    gc.set_threshold(*_GARBAGE)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = used + memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _work(function: Callable[[Batch[P], Watchdog], R], batch: Batch[P], note: str, limit_s: float) -> R:
    watch = Watchdog(Path(note), limit_s)
    try:
        return function(batch, watch)
    finally:
        watch.close()
