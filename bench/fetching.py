"""Fetching, shown: 200 real pages on 20 loopback hosts by feed, sitemap and list; then speed over many hosts.

    python -m bench.fetching            politeness: robots first, gaps, one at a time, conditional on the second run
    python -m bench.fetching --trouble  the outcome table against a server that misbehaves
    python -m bench.fetching --speed    pages per second: 4,000 pages on 200 hosts, no delay

The server is a process of its own. Pages come from COPYDESK_SHARED/bench/html/pages.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import multiprocessing
import os
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

from tests.servers import Behaviour, Call, Site, conditional, page

from copydesk.settings import Source
from copydesk.sources.crawl.collect import PageArchives, collect
from copydesk.sources.crawl.frontier import CrawlPlan
from copydesk.sources.crawl.results import FetchBatch, FetchResult
from copydesk.sources.crawl.state import State
from copydesk.web.limits import WebLimits

SHARED = Path(os.environ.get("COPYDESK_SHARED", Path(__file__).parent.parent.parent / "shared"))


@dataclass(frozen=True)
class Served:
    """A server process: where it listens, and its log when asked."""

    port: int
    pipe: Connection

    def log(self) -> list[Call]:
        """Return what was asked for since the last time."""
        self.pipe.send("log")
        calls: list[Call] = self.pipe.recv()
        return calls


def _serve(pipe: Connection, pages: dict[str, bytes], hosts: tuple[str, ...], lists: tuple[str, str]) -> None:
    with Site({path: _page(body, f'"{len(body)}"') for path, body in pages.items()}, hosts=hosts) as site:
        feed = "".join(
            f"<item><title>Story</title><link>{site.url(p, h)}</link></item>" for p, h in _spread(pages, hosts, 0)
        )
        urls = "".join(f"<url><loc>{site.url(p, h)}</loc></url>" for p, h in _spread(pages, hosts, 1))
        site.routes[lists[0]] = conditional(f"<rss version='2.0'><channel>{feed}</channel></rss>", '"f"', "text/xml")
        site.routes[lists[1]] = conditional(f"<urlset>{urls}</urlset>", '"m"', "text/xml")
        site.routes["/robots.txt"] = page("User-agent: *\nDisallow: /private/\nCrawl-delay: 0", kind="text/plain")
        pipe.send(site.port)
        while pipe.recv() == "log":
            pipe.send(list(site.log))
            site.log.clear()


def _page(body: bytes, tag: str) -> Behaviour:
    whole = page(body, kind="text/html", headers={"ETag": tag})
    same = page("", status="304 Not Modified", headers={"ETag": tag})

    async def behave(call: Call, writer: asyncio.StreamWriter) -> None:
        writer.write(same if call.headers.get("if-none-match") == tag else whole)

    return behave


def _spread(pages: dict[str, bytes], hosts: tuple[str, ...], third: int) -> list[tuple[str, str]]:
    """Deal pages to hosts, and hosts' pages to the three kinds of source."""
    return [(p, hosts[n % len(hosts)]) for n, p in enumerate(pages) if n // len(hosts) % 3 == third]


@contextmanager
def serving(pages: dict[str, bytes], hosts: tuple[str, ...]) -> Iterator[Served]:
    """Run the server in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(theirs, pages, hosts, ("/feed", "/map.xml"))
    )
    process.start()
    try:
        yield Served(ours.recv(), ours)
    finally:
        ours.send("stop")
        process.join(10)


def real_pages(count: int) -> dict[str, bytes]:
    """Return path -> bytes of so many benchmark pages, over and over when there are fewer."""
    files = sorted((SHARED / "bench" / "html" / "pages").glob("*.html.gz"))
    bodies = [gzip.decompress(f.read_bytes()) for f in files[: min(count, 200)]]
    return {f"/p/{n}.html": bodies[n % len(bodies)] for n in range(count)}


def run(
    root: Path, name: str, sources: list[Source], state: State, limits: WebLimits
) -> tuple[list[FetchResult], State, float]:
    """Collect once; return what came, the new state and the seconds."""
    keeping = PageArchives.of(root, root / "warehouse" / "archive", root / "warehouse" / "runs" / name, name)
    started = time.monotonic()
    gathered = collect(sources, CrawlPlan(state=state), limits, keeping)
    found = [replace(item, capture=None) if item.capture else item for item in gathered]
    keeping.flush()
    seconds = time.monotonic() - started
    keeping.close()
    state = State(
        sources={**state.sources, **{g.source: g.state for g in found if g.state}},
        addresses={**state.addresses, **{(g.source, g.address.uri): g.address for g in found if g.address}},
    )
    return found, state, seconds


def sources_of(served: Served, pages: dict[str, bytes], hosts: tuple[str, ...]) -> list[Source]:
    """Return a feed, a sitemap and a list that name a third of the pages each."""
    at = f"http://{hosts[0]}:{served.port}"
    listed = tuple(f"http://{h}:{served.port}{p}" for p, h in _spread(pages, hosts, 2))
    return [
        Source(name="feed", kind="feed", url=f"{at}/feed"),
        Source(name="map", kind="sitemap", url=f"{at}/map.xml"),
        Source(name="list", kind="urls", urls=listed),
    ]


def manners(hosts_count: int, count: int, delay_s: float) -> None:
    """Fetch twice and check the server's log."""
    hosts = tuple(f"127.0.0.{n}" for n in range(1, hosts_count + 1))
    pages = real_pages(count)
    with tempfile.TemporaryDirectory() as folder, serving(pages, hosts) as served:
        limits = WebLimits(delay_s=delay_s, allow_hosts=tuple(f"{h}:{served.port}" for h in hosts))
        sources, state = sources_of(served, pages, hosts), State()
        for number in (1, 2):
            found, state, seconds = run(Path(folder), f"run-{number}", sources, state, limits)
            calls = served.log()
            by_host: dict[str, list[Call]] = defaultdict(list)
            for call in calls:
                by_host[call.host].append(call)
            gaps = [b.started - a.started for c in by_host.values() for a, b in pairwise(c)]
            first = Counter(c[0].path for c in by_host.values())
            asked = [c for c in calls if c.path.startswith("/p/")]
            print(f"run {number}: {dict(FetchBatch(items=found).counts)} in {seconds:.1f} s, {len(calls)} requests")
            print(f"  hosts {len(by_host)}; first request to each: {dict(first)}")
            print(f"  least gap between two requests to one host: {min(gaps):.3f} s (delay {delay_s} s)")
            print(f"  pages asked {len(asked)}, conditionally {sum('if-none-match' in c.headers for c in asked)};")
            lists = [c for c in calls if c.path in ("/feed", "/map.xml")]
            print(f"  lists asked {len(lists)}, conditionally {sum('if-none-match' in c.headers for c in lists)}")


def speed(hosts_count: int, count: int) -> None:
    """Fetch pages of many hosts without a delay; archive included."""
    hosts = tuple(f"127.0.{n // 250}.{n % 250 + 1}" for n in range(hosts_count))
    pages = real_pages(count)
    size = sum(map(len, pages.values()))
    with tempfile.TemporaryDirectory() as folder, serving(pages, hosts) as served:
        limits = WebLimits(delay_s=0, concurrency=64, allow_hosts=tuple(f"{h}:{served.port}" for h in hosts))
        found, _, seconds = run(Path(folder), "run", sources_of(served, pages, hosts), State(), limits)
        kept = sum(f.stat().st_size for f in Path(folder).rglob("*.warc.gz"))
    cpu = time.process_time()
    counts = dict(FetchBatch(items=found).counts)
    print(f"{counts} of {hosts_count} hosts in {seconds:.1f} s: {count / seconds:.0f} pages/s")
    print(f"{cpu:.1f} s of processor: {count / cpu:.0f} pages/s on a core that has nothing else to do")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{size / 1e6:.0f} MB fetched, {kept / 1e6:.0f} MB of WARC, peak memory {peak:.0f} MB")


def trouble() -> None:
    """Print what becomes of an address whose server misbehaves."""
    from tests.web.test_client import MISDEEDS, QUICK, fetch

    print(f"{'the server ...':26} {'outcome':9} {'reason':18} {'ms':>6}  detail")
    for name, (route, _outcome, _reason) in MISDEEDS.items():
        with Site({"/bad": route}) as site:
            response = fetch(site, "/bad", limits=replace(QUICK, page_bytes=200_000))
        print(f"{name:26} {response.outcome:9} {response.reason:18} {response.elapsed_ms:6}  {response.detail[:70]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--trouble", action="store_true")
    parser.add_argument("--hosts", type=int, default=0)
    parser.add_argument("--pages", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.5)
    given = parser.parse_args()
    if given.trouble:
        trouble()
    elif given.speed:
        speed(given.hosts or 200, given.pages or 4000)
    else:
        manners(given.hosts or 20, given.pages or 200, given.delay)
