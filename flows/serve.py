"""The scheduler of a desk, as `copydesk serve` starts it: `python flows/serve.py --desk DESK [--port N]`.

    settings -> environment -> Prefect server -> deployments -> dispatcher, until SIGINT or SIGTERM

The first Ctrl-C stops the runs and the server within ten seconds, whatever Prefect waits for; the second at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from scheduler.environment import CHILDREN, serving_environment

from copydesk.errors import CopydeskError, StoreError
from copydesk.health import describe
from copydesk.logs import log, log_folder, start_logs
from copydesk.service.source_view import source_standings
from copydesk.service.state import Service, announce, serving
from copydesk.settings import DeskFolder, find_desk_folder
from copydesk.wording import counted

if TYPE_CHECKING:
    from scheduler.server import Server

_TICK_S = 1.0
_RUNS_GRACE_S = 4.0
_SERVER_GRACE_S = 2.0
_STOP_TIMEOUT_S = 9.0
"""Seconds after the first signal at which all remaining processes are killed."""


class Stop:
    """Signal handler: the first signal stops the scheduler, the second (or a timeout) kills it.

    Attributes:
        asked: Set in the event loop by the first signal.
    """

    def __init__(self) -> None:
        self.asked: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._first = True
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, self._handle)

    def attach(self) -> asyncio.Event:
        """Return the event that the first signal sets; call it in the event loop."""
        self._loop, self.asked = asyncio.get_running_loop(), asyncio.Event()
        return self.asked

    def _handle(self, _sign: int, _frame: FrameType | None) -> None:
        if not self._first:
            _end("stopped at once")
        self._first = False
        if self._loop is None or self.asked is None:  # nothing has been started
            _end("stopped")
        print("copydesk: stopping; Ctrl-C again stops at once", file=sys.stderr, flush=True)
        timer = threading.Timer(_STOP_TIMEOUT_S, _end, ["stopped without waiting any longer"])
        timer.daemon = True
        timer.start()
        self._loop.call_soon_threadsafe(self.asked.set)


def _end(how: str) -> NoReturn:
    """Kill every child process and exit."""
    for group in list(CHILDREN):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    print(f"copydesk: {how}", file=sys.stderr, flush=True)
    os._exit(0)


def main() -> int:
    """Serve until asked to stop; return the exit code."""
    parser = ArgumentParser(prog="flows/serve.py", description="The scheduler of a desk.")
    parser.add_argument("--desk", type=Path)
    parser.add_argument("--port", type=int)
    arguments, stop = parser.parse_args(), Stop()
    try:
        return _serve(arguments, stop)
    except CopydeskError as error:
        print(f"copydesk: {error}", file=sys.stderr)
        return error.exit_code


def _serve(arguments: Namespace, stop: Stop) -> int:
    desk = find_desk_folder(arguments.desk)
    port = arguments.port or desk.settings.schedule.port
    with serving(desk):
        start_logs(log_folder(desk.warehouse), console=True)
        own_server = serving_environment(desk, port=port)
        log_file = log_folder(desk.warehouse) / "prefect-server.log"
        where = os.environ["PREFECT_API_URL"].removesuffix("/api")
        how = f"starting a Prefect server at {where} (log: {log_file})" if own_server else f"using Prefect at {where}"
        print(
            f"copydesk: {how} for {counted(len(desk.settings.source), 'source')} of {desk.root}",
            file=sys.stderr,
            flush=True,
        )
        from scheduler.deployments import jobs_of
        from scheduler.server import Server, port_is_free

        jobs_of(desk)  # an invalid schedule is refused before anything is started
        server = None
        if own_server:
            host = desk.settings.schedule.host
            if not port_is_free(host, port):
                raise CopydeskError(
                    f"port {port} of {host} is taken. Name another with --port or [schedule] port, or set "
                    "PREFECT_API_URL to use the Prefect server that listens there."
                )
            server = Server(host=host, port=port, log_file=log_file)
        return asyncio.run(_run(desk, server, stop))


async def _run(desk: DeskFolder, server: Server | None, stop: Stop) -> int:
    asked = stop.attach()
    started = time.monotonic()
    if server:
        await server.start()
    try:
        if server and not await _unless(asked, server.wait()):
            return 0
        await _schedule(desk, server, asked, started)
    finally:
        if server:
            await server.stop(_SERVER_GRACE_S)
    log.info("stopped")
    return 0


async def _schedule(desk: DeskFolder, server: Server | None, asked: asyncio.Event, started: float) -> None:
    from scheduler.service import Scheduler

    scheduler = Scheduler.of(desk)
    if not await _unless(asked, scheduler.start()):
        return
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        service = Service(pid=os.getpid(), api_url=os.environ["PREFECT_API_URL"], since=since)
        announce(desk, service)
        seconds = round(time.monotonic() - started, 1)
        log.info("serving", sources=scheduler.count, seconds=seconds, ui=service.ui_url)
        _log_troubles(desk)
        while not asked.is_set():
            if not (server and await server.keep_alive()):
                await _unless(asked, scheduler.tick())
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), _TICK_S)
        log.info("stopping")
    finally:
        await scheduler.stop(_RUNS_GRACE_S)


def _log_troubles(desk: DeskFolder) -> None:
    """Log one line per source that is not ok; a warehouse that is busy or missing says nothing."""
    with suppress(StoreError):
        for one in source_standings(desk, lock_timeout_s=1):
            if one.state not in ("ok", "never_run"):
                log.log(30 if one.alarm else 20, one.state, source=one.source, why=describe(one))


async def _unless(asked: asyncio.Event, work: Coroutine[Any, Any, object]) -> bool:
    """Do `work` until it is done or `asked` is set, whichever comes first; return whether it was done."""
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(asked.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    done = task.done()
    for one in (task, stopped):
        one.cancel()
    if done:
        await task
    return done


if __name__ == "__main__":
    sys.exit(main())
