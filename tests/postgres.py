"""A real PostgreSQL on a loopback port, started by the tests that need one and gone with them.

with postgres() as server:
    server.address("news")      # ducklake:postgres:... of a new database
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.retrying import retried

PASSWORD = "kept quiet"


def binaries() -> Path | None:
    """Return the folder of `initdb` and `pg_ctl`, from the PATH or where Debian puts them; None without PostgreSQL."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return places[-1].parent if places else None


@dataclass
class Postgres:
    """A server that runs."""

    folder: Path
    port: int
    bin: Path
    made: set[str] = field(default_factory=set)

    def connection(self, database: str) -> str:
        """Return the libpq connection string of a database, which is made if it is new."""
        if database not in self.made:
            self.made.add(database)
            self.psql("postgres", f"create database {database}")
        return f"host=127.0.0.1 port={self.port} user=desk dbname={database}"

    def address(self, database: str) -> str:
        """Return `[warehouse] path` of a lake whose catalogue is in a database."""
        return f"ducklake:postgres:{self.connection(database)} password='{PASSWORD}'"

    def psql(self, database: str, sql: str) -> str:
        """Run one statement; return what it printed."""
        words = ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "desk", "-d", database, "-Atc", sql]
        done = subprocess.run(
            [self.bin / "psql", *words[1:]],
            capture_output=True,
            check=True,
            env={**os.environ, "PGPASSWORD": PASSWORD},
        )
        return done.stdout.decode().strip()

    def start(self) -> None:
        """Start the server on its folder."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        start = partial(self.control, "-o", options, "-l", str(self.folder / "log"), "start")
        # Of a server that was killed the last processes may still be there.
        retried(start, subprocess.CalledProcessError, seconds=60, pause=0.2)

    def kill(self) -> None:
        """End the server and all its processes with SIGKILL."""
        main = int((self.folder / "data" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text(encoding="ascii").split()
        for pid in (main, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{main}").exists() and "State:\tZ" not in _status(main):
            time.sleep(0.05)

    def control(self, *words: str) -> None:
        """Call `pg_ctl`."""
        _run_unprivileged(self.bin / "pg_ctl", "-D", str(self.folder / "data"), "-w", *words)


def _status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return "State:\tZ"


def _run_unprivileged(*words: str | Path) -> None:
    """Run a program of PostgreSQL, which refuses to run as root, as the user that Debian makes for it, or nobody."""
    if os.getuid() != 0:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return
    who = _unprivileged()
    subprocess.run(
        words,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=who.pw_uid,
        group=who.pw_gid,
        extra_groups=[],
        cwd="/",
    )


def _unprivileged() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server of its own in a new folder; it asks for a password and writes nothing durably."""
    found = binaries()
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="postgres-of-tests-"))
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    if os.getuid() == 0:
        for path in (folder, secret):
            os.chown(path, _unprivileged().pw_uid, _unprivileged().pw_gid)
    server = Postgres(folder=folder, port=_free_port(), bin=found)
    try:
        _run_unprivileged(
            *(found / "initdb", "-D", str(folder / "data"), "-U", "desk", "-A", "scram-sha-256"),
            *(f"--pwfile={secret}", "--no-sync", "-E", "UTF8", "--no-locale"),
        )
        server.start()
        try:
            yield server
        finally:
            server.control("-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
