"""Processes of `copydesk` for tests, forked from one that has imported the libraries: a tenth of a start from nothing.

    test --words, folder, environment, streams--> launcher --fork--> `python -m copydesk` --waits--> exit code --> test

A command is a process of its own as before: its folder, environment, signals, session and end are its own, and so are
its workers'. What it does not do is import polars, pandera and the text rules: .7 of the 1.3 CPU seconds of a run. The
launcher itself only imports and forks, as the fork server of a run's workers does; it opens no file of a desk.

A command with variables that Python reads when it starts gets a process from nothing, and so do the tests of what is
imported when, of terminals, and what `python -m bench.readme --check` and `make run` call.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache, partial
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parent.parent
_PRELOAD = (
    "copydesk.browse.app",
    "copydesk.cli.run",
    "copydesk.stages.extract",
    "copydesk.workers.preload_text",
    "copydesk.workers.preload_html",
    "copydesk.desk",
    "multiprocessing.forkserver",
    "pandera.polars",
    "pebble",
)
"""Modules that no environment changes. `copydesk.workers.env` is none of them: it settles the process it is in."""

_SPARE = 200
"""File number of the channel to the process that waits to become the fork server of a command's workers."""


class Launched:
    """A command that was started, as `subprocess.Popen` has it."""

    def __init__(self, words: Sequence[str], *, cwd: Path, env: Mapping[str, str], streams: Sequence[int]) -> None:
        """Start `copydesk` in a session of its own.

        Args:
            words: The words after `copydesk`.
            cwd: Its folder.
            env: Its environment.
            streams: File numbers of its standard input, output and error.
        """
        self._answers = socket.socket(socket.AF_UNIX)
        self._answers.connect(_address())
        message = json.dumps({"words": list(words), "cwd": os.fspath(cwd), "env": dict(env)}).encode()
        socket.send_fds(self._answers, [len(message).to_bytes(8, "big")], list(streams))
        self._answers.sendall(message)
        self._said = b""
        self.stdin: IO[bytes] | None = None
        self.stdout: IO[bytes] | None = None
        self.stderr: IO[bytes] | None = None
        self.pid = self._number(0, None) or 0
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal; None while it is at work."""
        return self._end(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its exit code.

        Raises:
            subprocess.TimeoutExpired: It is still at work.
        """
        code = self._end(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("copydesk", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _end(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            status = self._number(1, timeout)
            if status is not None:
                self.returncode = os.waitstatus_to_exitcode(status)
                self._answers.close()
        return self.returncode

    def _number(self, index: int, timeout: float | None) -> int | None:
        """Return the first or second number that the launcher sends; None when it does not come in time."""
        deadline = None if timeout is None or index == 0 else time.monotonic() + timeout
        while self._said.count(b"\n") <= index:
            self._answers.settimeout(None if deadline is None else max(0.0, deadline - time.monotonic()))
            try:
                more = self._answers.recv(100)
            except (TimeoutError, BlockingIOError):
                return None
            assert more, "the launcher has ended"
            self._said += more
        return int(self._said.split(b"\n")[index])

    def communicate(self, input: bytes | None = None, timeout: float | None = None) -> tuple[bytes, bytes]:  # noqa: A002
        """Write its standard input, wait for its end, and return what it printed; for one whose streams are pipes.

        Raises:
            subprocess.TimeoutExpired: It was still at work, and has been killed.
        """
        assert self.stdin is not None
        assert self.stdout is not None
        assert self.stderr is not None
        with ThreadPoolExecutor(2) as readers:
            out, err = readers.submit(self.stdout.read), readers.submit(self.stderr.read)
            with suppress(BrokenPipeError), self.stdin:
                self.stdin.write(input or b"")
            try:
                self.wait(timeout)
            except BaseException:
                os.killpg(self.pid, signal.SIGKILL)
                raise
            finally:
                said = out.result(), err.result()
                self.stdout.close()
                self.stderr.close()
        return said


def start(words: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Launched:
    """Start a command whose three streams are pipes."""
    pairs = [os.pipe(), os.pipe(), os.pipe()]
    theirs = [pairs[0][0], pairs[1][1], pairs[2][1]]
    try:
        launched = Launched(words, cwd=cwd, env=env, streams=theirs)
    finally:
        for number in theirs:
            os.close(number)
    launched.stdin, launched.stdout = os.fdopen(pairs[0][1], "wb"), os.fdopen(pairs[1][0], "rb")
    launched.stderr = os.fdopen(pairs[2][0], "rb")
    return launched


def is_plain(env: Mapping[str, str]) -> bool:
    """Return whether a process with this environment starts as the launcher did (Linux alone has what it needs)."""
    read_at_start = re.compile(r"PYTHON|LC_|LANG|TZ|LD_|MALLOC|OMP|POLARS|XDG|HOME|TMPDIR|FAULT_MIGRATIONS")
    names = {name for name in env if read_at_start.match(name)} | {n for n in os.environ if read_at_start.match(n)}
    same_package = env.get("PYTHONPATH", "").split(os.pathsep)[-1] == str(ROOT / "src")
    return (
        same_package
        and hasattr(os, "pidfd_open")
        and all(env.get(name) == os.environ.get(name) for name in names - {"PYTHONPATH"})
    )


@cache
def _address() -> str:
    """Start this process's launcher; return the address of its socket."""
    folder = tempfile.mkdtemp(prefix="launcher-")
    address = f"{folder}/socket"
    ours, theirs = socket.socketpair()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COPYDESK_", "PREFECT_", "FAULT_"))}
    environment |= {"PYTHONPATH": str(ROOT / "src"), "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, __file__, address], stdin=theirs, stdout=subprocess.DEVNULL, env=environment
    )
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait(30)
        Path(address).unlink(missing_ok=True)
        Path(folder).rmdir()

    atexit.register(end)
    assert ours.recv(1), "the launcher does not start"
    return address


# From here on: in the launcher and in its children.


def _make_ready() -> None:
    """Make what each new warehouse is copied from, once for all commands; give DuckDB one thread in each.

    Tables of some rows fill no second thread, and waking it is 40 % of a load.
    """
    from multiprocessing import current_process

    from copydesk.filesystem import scratch_folder
    from copydesk.store.warehouse import engine, migrate

    engine._OPTIONS["threads"] = "1"
    migrate.blank_warehouse()
    scratch_folder.cache_clear()  # each command has one of its own
    current_process()._config.pop("tempdir", None)  # type: ignore[attr-defined]


def _serve(address: str) -> dict[str, Any]:
    """Fork a child for each request until the tests end; returns in the children, with the request."""
    alive = socket.socket(fileno=os.dup(0))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    alive.sendall(b"1")
    waiting = selectors.DefaultSelector()
    waiting.register(alive, selectors.EVENT_READ)
    waiting.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is alive:
                sys.exit(0)
            elif key.fileobj is listener:
                asker, _ = listener.accept()
                request, streams = _request(asker)
                pid = os.fork()
                if not pid:
                    for other in [k for k in waiting.get_map().values() if k.data]:
                        os.close(other.fd)
                        other.data[1].close()
                    waiting.close()
                    for opened in (alive, listener, asker):
                        opened.close()
                    return {**request, "streams": streams}
                for number in streams:
                    os.close(number)
                asker.sendall(b"%d\n" % pid)
                waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, asker))
            else:
                pid, asker = key.data
                waiting.unregister(key.fileobj)
                os.close(key.fd)
                _, status = os.waitpid(pid, 0)
                with suppress(BrokenPipeError):  # nobody waits for it any more
                    asker.sendall(b"%d\n" % status)
                asker.close()


def _request(asker: socket.socket) -> tuple[dict[str, Any], list[int]]:
    length, streams, _, _ = socket.recv_fds(asker, 8, 3)
    size, text = int.from_bytes(length, "big"), b""
    while len(text) < size:
        text += asker.recv(size - len(text))
    return json.loads(text), streams


def _become(request: Mapping[str, Any]) -> None:
    """Make this process what `python -m copydesk` is in the first moment."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    sys.argv = ["copydesk", *request["words"]]
    for number, stream in enumerate(request["streams"]):
        os.dup2(stream, number)
        os.close(stream)
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        former = getattr(sys, name)
        raw = open(number, "wb" if number else "rb", closefd=False)  # noqa: SIM115  as long as the process
        made = TextIOWrapper(raw, former.encoding, former.errors, line_buffering=number == 2 or os.isatty(number))
        setattr(sys, name, made)
        setattr(sys, f"__{name}__", made)
    sys.path[:] = [*request["env"].get("PYTHONPATH", "").split(os.pathsep), *sys.path]
    if "FAULT_ACTION" in os.environ:
        sys.modules.pop("sitecustomize", None)
        import sitecustomize  # that of PYTHONPATH

        for name, watch in sitecustomize.WATCHED.items():
            if name in sys.modules:
                watch(sys.modules[name])
    _keep_a_spare()


def _keep_a_spare() -> None:
    """Fork a process that becomes the workers' fork server when one is started, and ends with this one otherwise."""
    from multiprocessing import util

    ours, theirs = socket.socketpair()
    spare = os.fork()
    if not spare:
        ours.close()
        os.dup2(theirs.fileno(), _SPARE)
        theirs.close()
        _wait_as_a_spare()
        return
    theirs.close()
    spawn = util.spawnv_passfds
    left = [spare]

    def spawnv_passfds(path: str, args: Sequence[str], passfds: Sequence[int]) -> int:
        if not left or "multiprocessing.forkserver" not in args[-1]:
            return int(spawn(path, args, passfds))
        numbers = [int(n) for n in passfds]
        message = json.dumps({"code": os.fsdecode(args[-1]), "numbers": numbers, "env": dict(os.environ)}).encode()
        socket.send_fds(ours, [len(message).to_bytes(8, "big")], numbers)
        ours.sendall(message)
        return left.pop()

    util.spawnv_passfds = spawnv_passfds
    atexit.register(_end_spare, ours, left)


def _end_spare(channel: socket.socket, left: Sequence[int]) -> None:
    """End the process that waits, if it waits still."""
    channel.close()
    for pid in left:
        os.waitpid(pid, 0)


def _wait_as_a_spare() -> None:
    """Wait for the fork server's program; run it in the place of the command."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = socket.socket(fileno=_SPARE)
    length, passed, _, _ = socket.recv_fds(channel, 8, 16)
    if not length:
        os._exit(0)
    size, text = int.from_bytes(length, "big"), b""
    while len(text) < size:
        text += channel.recv(size - len(text))
    told = json.loads(text)
    safe = [os.dup2(number, _SPARE + 1 + n, inheritable=False) for n, number in enumerate(passed)]
    for number in {*passed} - {*told["numbers"]}:
        os.close(number)
    for number, wanted in zip(safe, told["numbers"], strict=True):
        os.dup2(number, wanted)
        os.close(number)
    channel.close()
    os.environ.clear()
    os.environ.update(told["env"])
    sys.argv = ["-c"]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    raise _Program(told["code"])


def _end(run: Callable[[], object]) -> None:
    """Run a program and end as Python does, but without destructors of libraries: they wait for lost threads."""
    code: object = 0
    try:
        run()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001  as the interpreter does
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as the interpreter does
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


class _Program(BaseException):
    """A program to run in place of the command."""


if __name__ == "__main__":
    import gc
    import runpy
    from importlib import import_module

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path.pop(0)  # the folder of this file
    for _name in _PRELOAD:
        import_module(_name)
    _make_ready()
    gc.collect()
    gc.freeze()
    _run = partial(runpy.run_module, "copydesk", run_name="__main__", alter_sys=True)
    try:
        _become(_serve(sys.argv[1]))
    except _Program as _told:  # what multiprocessing would give to `python -c`
        _run = partial(exec, str(_told), {"__name__": "__main__"})
    _end(_run)
