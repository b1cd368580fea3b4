"""The scheduler of a desk, as `copydesk serve` starts it: `python flows/serve.py --desk DESK [--port N]`.

settings -> environment -> Prefect server -> deployments -> dispatcher, until SIGINT or SIGTERM
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from desk_service.environment import serving_environment

from copydesk.errors import CopydeskError
from copydesk.logs import log, log_folder, start_logs
from copydesk.service.state import Service, announce, serving
from copydesk.settings import DeskFolder, open_desk

if TYPE_CHECKING:
    from desk_service.server import Server

_TICK_S = 1.0
_GRACE_S = 5.0  # for the runs, then 3 s for the server: under 10 s in all


def main() -> int:
    """Serve until asked to stop; return the exit code."""
    parser = ArgumentParser(prog="flows/serve.py", description="The scheduler of a desk.")
    parser.add_argument("--desk", type=Path)
    parser.add_argument("--port", type=int)
    try:
        return _serve(parser.parse_args())
    except CopydeskError as error:
        print(f"copydesk: {error}", file=sys.stderr)
        return error.exit_code


def _serve(asked: Namespace) -> int:
    desk = open_desk(asked.desk)
    port = asked.port or desk.settings.schedule.port
    with serving(desk):
        start_logs(log_folder(desk.warehouse), console=True)
        own_server = serving_environment(desk, port=port)
        from desk_service.deployments import jobs_of
        from desk_service.server import Server, port_is_free

        jobs_of(desk)  # a schedule that cannot be read is refused before anything is started
        server = None
        if own_server:
            host = desk.settings.schedule.host
            if not port_is_free(host, port):
                raise CopydeskError(
                    f"port {port} of {host} is taken. Name another with --port or [schedule] port, or set "
                    "PREFECT_API_URL to use the Prefect server that listens there."
                )
            server = Server(host=host, port=port, log_file=log_folder(desk.warehouse) / "prefect-server.log")
        return asyncio.run(_run(desk, server))


async def _run(desk: DeskFolder, server: Server | None) -> int:
    from desk_service.scheduler import Scheduler

    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    started = time.monotonic()
    if server:
        await server.start()
    try:
        if server and not await _unless(stop, server.wait()):
            return 0
        async with Scheduler.of(desk) as scheduler:
            since = datetime.now(UTC).isoformat(timespec="seconds")
            service = Service(pid=os.getpid(), api_url=os.environ["PREFECT_API_URL"], since=since)
            announce(desk, service)
            seconds = round(time.monotonic() - started, 1)
            log.info("serving", sources=scheduler.count, seconds=seconds, ui=service.ui_url)
            while not stop.is_set():
                if not (server and await server.keep_alive()):
                    await scheduler.tick()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _TICK_S)
            log.info("stopping")
            await scheduler.stop(_GRACE_S)
    finally:
        if server:
            await server.stop(3.0)
    log.info("stopped")
    return 0


async def _unless(stop: asyncio.Event, work: object) -> bool:
    """Wait for `work`, but not longer than until `stop`; return whether it was done."""
    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())]  # type: ignore[call-overload]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    if tasks[0] in done:
        tasks[0].result()
    return tasks[0] in done


if __name__ == "__main__":
    sys.exit(main())
