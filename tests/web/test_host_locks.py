"""Turns between clients that know nothing of each other but a folder, as two processes do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from tests.servers import Site, page

from copydesk.records import Outcome
from copydesk.web.client import Client
from copydesk.web.host_locks import HostLocks
from copydesk.web.limits import WebLimits
from copydesk.web.responses import FetchRequest

QUICK = WebLimits(delay_s=0, deadline_s=10, robots_s=10)


def test_two_runs_never_ask_one_host_at_once(tmp_path: Path) -> None:
    """Two clients with eight addresses each: the host sees one request at a time, and robots.txt at most twice."""
    with Site({f"/{n}": page("<p>Hello</p>") for n in range(8)}, work_s=0.01) as site:
        limits = replace(QUICK, allow_hosts=site.allow)

        async def one() -> list[Outcome]:
            async with Client(limits, hosts_folder=tmp_path / "hosts") as client:
                return [(await client.fetch(FetchRequest(url=site.url(f"/{n}")))).outcome for n in range(8)]

        async def both() -> list[list[Outcome]]:
            return list(await asyncio.gather(one(), one()))

        ends = asyncio.run(both())
    assert ends == [[Outcome.CAPTURED] * 8] * 2
    assert set(site.most_at_once.values()) == {1}
    assert site.paths().count("/robots.txt") <= 2


def test_the_next_run_keeps_the_distance_too(tmp_path: Path) -> None:
    """When the host may be asked again is handed on; a clock that was set back does not close it for ever."""
    now = [1000.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    async def run() -> list[float]:
        waits = []
        for turns in (HostLocks(tmp_path, lambda: now[0], sleep), HostLocks(tmp_path, lambda: now[0], sleep)):
            async with turns.of("news.example") as turn:
                waits.append(turn.wait_s)
                turn.free_in_s = 30.0
        now[0] -= 500_000
        async with HostLocks(tmp_path, lambda: now[0], sleep).of("news.example") as turn:
            waits.append(turn.wait_s)
        async with HostLocks(None, lambda: now[0], sleep).of("news.example") as turn:
            waits.append(turn.wait_s)
        return waits

    assert asyncio.run(run()) == [0.0, 30.0, 0.0, 0.0]


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    """A file where the folder should be: the turn is had without the others' consent."""
    (tmp_path / "hosts").write_text("in the way")

    async def run() -> float:
        async with HostLocks(tmp_path / "hosts", lambda: 0.0, asyncio.sleep).of("news.example") as turn:
            return turn.wait_s

    assert asyncio.run(run()) == 0.0
