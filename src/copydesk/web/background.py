"""An event loop in a thread of its own, seen from outside as a plain iterator.

    for item in in_background(make, ahead=64):      the loop goes on while the caller works on `item`,
        ...                                          and waits when it is `ahead` items ahead

Deadlines stay true however slow the caller is, and leaving the iteration (also by Ctrl-C) cancels what is in flight.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_background"]

T = TypeVar("T")
_POLL_S = 0.01
_LOOK_UP_S = 0.25


class _Ended:
    """Marks the end, with the error that ended it."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def in_background(make: Callable[[], AsyncGenerator[T, None]], *, ahead: int, threads: int = 16) -> Iterator[T]:
    """Iterate over an asynchronous iterator that runs in a thread of its own.

    Args:
        make: Builds the iterator; called inside the loop.
        ahead: Most items that wait for the caller.
        threads: For name resolution and parsing, which block.
    """
    items: queue.Queue[T | _Ended] = queue.Queue(maxsize=ahead)
    loop = asyncio.new_event_loop()
    executor = ThreadPoolExecutor(threads, thread_name_prefix="copydesk-web")
    loop.set_default_executor(executor)
    task = loop.create_task(_pump(make, items))
    thread = threading.Thread(target=_run, args=(loop, task), name="copydesk-web", daemon=True)
    thread.start()
    try:
        while not isinstance(item := _next(items), _Ended):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        with contextlib.suppress(RuntimeError):  # the loop is closed: it came to its end by itself
            loop.call_soon_threadsafe(task.cancel)
        thread.join(30)
        executor.shutdown(wait=False, cancel_futures=True)  # a name server that hangs must not hold us


def _next(items: queue.Queue[T | _Ended]) -> T | _Ended:
    """Wait for an item, looking up now and then.

    polars takes SIGINT over with a handler that restarts system calls, so a wait without an end would not notice
    Ctrl-C before the next page came (measured: 93 s behind a silent server, polars 2.1, 2026-11).
    """
    while True:
        with contextlib.suppress(queue.Empty):
            return items.get(timeout=_LOOK_UP_S)


def _run(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(asyncio.wait([task]))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


async def _pump(make: Callable[[], AsyncGenerator[T, None]], items: queue.Queue[T | _Ended]) -> None:
    error: BaseException | None = None
    try:
        async with contextlib.aclosing(make()) as found:  # closed here, not by the garbage collector after the loop
            async for item in found:
                await _put(items, item)
    except asyncio.CancelledError:
        return  # nobody listens any more
    except BaseException as caught:  # noqa: BLE001 - it is raised again in the caller's thread
        error = caught
    await _put(items, _Ended(error))


async def _put(items: queue.Queue[T | _Ended], item: T | _Ended) -> None:
    while True:
        try:
            items.put_nowait(item)
        except queue.Full:
            await asyncio.sleep(_POLL_S)
        else:
            return
