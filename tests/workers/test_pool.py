"""One poison document costs only itself."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from copydesk.workers.pool import Batch, Watchdog, Workers


def shout(batch: Batch[list[str]], watch: Watchdog) -> list[str]:
    """Answer every word in capitals; some words are poison."""
    if not batch.isolate:
        watch.at(0, batch.size)
        return [_shout(word) for i, word in enumerate(batch.payload) if i not in batch.skip]
    answers = []
    for i, word in enumerate(batch.payload):
        if i in batch.skip:
            answers.append(batch.skip[i])
        else:
            watch.at(i)
            if word == "rest":
                watch.rest()
            answers.append(_shout(word))
    return answers


def _shout(word: str) -> str:
    if word == "hang":
        re.match(r"(a+)+$", "a" * 60 + "b")  # a loop inside a C library that no Python signal ends
    if word in os.environ:
        return os.environ[word]
    if word == "crash":
        ctypes.string_at(0)
    if word == "greed":
        try:
            bytearray(10**11)
        except MemoryError:
            return "memory_limit"
    return word.upper()


def _answers(*batches: list[str]) -> list[list[str]]:
    work = [Batch(payload=b, size=len(b)) for b in batches]
    with Workers(2, limit_s=1.0, memory_mb=1000) as workers:
        found = {tuple(batch.payload): answer for batch, answer in workers.each(shout, work)}
    return [found[tuple(b)] for b in batches]


def test_every_batch_is_answered_once() -> None:
    """Batches come back whole, whatever order the workers finish in."""
    batches = [[f"{n}a", f"{n}b"] for n in range(20)]
    assert _answers(*batches) == [[f"{n}A", f"{n}B"] for n in range(20)]


def test_a_hang_and_a_crash_cost_only_themselves() -> None:
    """A document that hangs in C, after a rest, and one that crashes are named by cause; neighbours are answered."""
    answers = _answers(["a", "rest", "hang", "b", "crash", "c"], ["d"])
    assert answers == [["A", "REST", "time_limit", "B", "crashed", "C"], ["D"]]


def test_what_was_set_after_the_first_run_reaches_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook names the key of a store between two runs; native libraries keep to one thread all the same."""
    assert _answers(["KEY_OF_A_STORE"]) == [["KEY_OF_A_STORE"]]
    monkeypatch.setenv("KEY_OF_A_STORE", "s")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert _answers(["KEY_OF_A_STORE", "OMP_NUM_THREADS"]) == [["s", "1"]]


def test_greed_is_refused_inside_the_worker() -> None:
    """A document that asks for more memory than a worker may have gets a MemoryError, not the machine."""
    assert _answers(["greed"]) == [["memory_limit"]]


def test_nothing_to_do_ends_at_once() -> None:
    """No batches, no answers, no workers left behind."""
    assert _answers() == []


def test_one_pool_does_one_thing_after_the_other() -> None:
    """A pool that has answered one set of batches answers the next."""
    with Workers(2, limit_s=1.0, memory_mb=1000) as workers:
        for word in ("a", "b"):
            assert [answer for _, answer in workers.each(shout, [Batch(payload=[word], size=1)])] == [[word.upper()]]


@pytest.mark.parametrize("name", ["t", "t" * 90])
def test_what_a_killed_process_leaves_is_removed_by_the_next(name: str) -> None:
    """The sockets of the fork server lie where the next process finds them, also beside a path too long for them."""
    start = """
        import os, signal
        from multiprocessing import forkserver
        from copydesk.workers.pool import warm_up
        warm_up()
        print(forkserver._forkserver._forkserver_address, flush=True)
        os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    clean = "from copydesk.filesystem import scratch_folder; scratch_folder()"
    with tempfile.TemporaryDirectory(prefix="test-", dir="/tmp") as folder:
        place = Path(folder) / name
        place.mkdir()
        environment = {**os.environ, "TMPDIR": str(place)}
        words = [sys.executable, "-c", textwrap.dedent(start)]
        killed = subprocess.run(words, env=environment, check=False, capture_output=True, text=True)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        socket = Path(killed.stdout.strip())
        assert socket.is_socket()
        assert socket.is_relative_to(place) == (len(name) == 1)
        subprocess.run([sys.executable, "-c", clean], env=environment, check=True)
        assert list(place.iterdir()) == []
        assert not socket.parent.exists()
