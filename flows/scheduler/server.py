"""The Prefect server of a desk: a child process, stopped with this one and restarted when it exits by itself."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from copydesk.errors import CopydeskError
from copydesk.logs import log
from scheduler.environment import CHILDREN

__all__ = ["Server", "die_with_parent", "port_is_free"]

_START_S = 120.0
_AGAIN_S = 5.0
_LOG_BYTES = 5_000_000
_PR_SET_PDEATHSIG = 1


def die_with_parent(sent: signal.Signals = signal.SIGTERM) -> None:
    """Run in a child before exec: the kernel sends it a signal when its parent is killed."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, sent)


def port_is_free(host: str, port: int) -> bool:
    """Return whether no process listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class Server:
    """`prefect server start`, watched.

    Attributes:
        url: Where its API answers.
    """

    def __init__(self, *, host: str, port: int, log_file: Path) -> None:
        self.url = f"http://{host}:{port}/api"
        self._command = [sys.executable, "-m", "prefect", "server", "start", "--host", host, "--port", str(port)]
        self._log_file = log_file
        self._process: asyncio.subprocess.Process | None = None
        self._started = 0.0

    async def start(self) -> None:
        """Start the process; `is_ready` tells when it answers."""
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        keep = self._log_file.exists() and self._log_file.stat().st_size < _LOG_BYTES
        with self._log_file.open("ab" if keep else "wb") as sink:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,  # this process passes Ctrl-C on: first the runs stop, then the server
                preexec_fn=die_with_parent,
            )
        CHILDREN.add(self._process.pid)
        self._started = time.monotonic()

    async def wait(self) -> None:
        """Wait until it answers.

        Raises:
            CopydeskError: It exited or does not answer in time; the message names its log.
        """
        while not await self.is_ready():
            if self._process is not None and self._process.returncode is not None:
                raise CopydeskError(f"the Prefect server ended with {self._process.returncode}. See {self._log_file}.")
            if time.monotonic() - self._started > _START_S:
                raise CopydeskError(f"the Prefect server does not answer after {_START_S:g} s. See {self._log_file}.")
            await asyncio.sleep(0.2)

    async def is_ready(self) -> bool:
        """Ask it."""
        try:
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                return (await client.get(f"{self.url}/health")).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    async def keep_alive(self) -> bool:
        """Restart the process if it has exited; return whether it had."""
        if self._process is None or self._process.returncode is None:
            return False
        if time.monotonic() - self._started > _AGAIN_S:
            log.warning("the Prefect server ended and is started again", code=self._process.returncode)
            await self.start()
        return True

    async def stop(self, grace_s: float) -> None:
        """Stop the server: SIGINT, then SIGKILL after `grace_s`."""
        if self._process is None or self._process.returncode is not None:
            return
        for sign, wait_s in ((signal.SIGINT, grace_s), (signal.SIGKILL, 1.0)):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, sign)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), wait_s)
                return
