"""From a feed on a real server to rows in a real warehouse, twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.servers import Call, Site, conditional, page, raw

from copydesk.pipeline import run_desk
from copydesk.resources import SEEDS
from copydesk.settings import find_desk_folder
from copydesk.sources.addresses import canonical
from copydesk.store.archive.warc_archive import recover
from copydesk.store.warehouse.connection import Warehouse

TEXT = "text/plain; charset=utf-8"
LONG = os.urandom(2000).hex()


def _desk(root: Path, site: Site) -> None:
    (root / "copydesk.toml").write_text(
        f"""
[web]
delay_s = 0
contact = "desk@example.org"
allow_hosts = ["127.0.0.1:{site.port}"]

[[source]]
name = "wire"
kind = "feed"
url = "{site.url("/feed")}"

[[source]]
name = "also"
kind = "feed"
url = "{site.url("/feed")}?again"

[[source]]
name = "listed"
kind = "urls"
urls = ["{site.url("/missing")}", "{site.url("/1?utm_campaign=x")}"]
""",
        encoding="utf-8",
    )


def _rows(root: Path, query: str) -> list[tuple[object, ...]]:
    with Warehouse(find_desk_folder(root).warehouse).open_for_reading() as connection:
        return list(connection.rows(query))


def test_a_feed_reaches_the_warehouse_with_its_state(tmp_path: Path) -> None:
    """Pages, sightings, the log and both states are loaded together; the second run asks and adds nothing new."""
    seeds = sorted(SEEDS.glob("*.txt"))[:4]
    routes = {f"/{n}": page(seed.read_bytes(), kind=TEXT) for n, seed in enumerate(seeds)}
    with Site(dict(routes)) as site:
        items = "".join(f"<item><title>T{n}</title><link>{site.url(f'/{n}')}</link></item>" for n in range(len(seeds)))
        site.routes["/feed"] = conditional(f"<rss version='2.0'><channel>{items}</channel></rss>", '"f"', "text/xml")
        _desk(tmp_path, site)
        first = run_desk(find_desk_folder(tmp_path))
        state = _rows(
            tmp_path, "select count(*), count(url), count(due_at) from ops.address_state where purpose = 'page'"
        )
        asked = len(site.log)
        second = run_desk(find_desk_folder(tmp_path))
        again = [(call.path, call.headers.get("if-none-match")) for call in site.log[asked:]]
    assert (first.count("acquire", "captured"), first.count("acquire", "failed")) == (4, 1)
    assert second.count("acquire", "captured") == 0
    assert ("/feed", '"f"') in again
    assert not [path for path, _ in again if path in routes or path == "/robots.txt"]
    assert state == [(5, 5, 4)]
    owners = _rows(tmp_path, "select uri from audit.captures order by uri")
    assert owners == [(site.url(f"/{n}"),) for n in range(4)]
    sightings = _rows(tmp_path, "select count(*), count(distinct uri), count(distinct source) from audit.sightings")
    assert sightings[0][1:] == (5, 3)
    log = _rows(tmp_path, "select reason, http_status from ops.fetch_log where outcome = 'failed' and purpose = 'page'")
    assert log == [("http_404", 404)]
    sources = _rows(tmp_path, "select source, failures_in_row from ops.source_state where last_success_at is not null")
    assert {("wire", 0), ("also", 0)} <= set(sources)
    assert not list((tmp_path / "warehouse" / "runs").glob("2*"))


@pytest.mark.parametrize("after", [3, 25])
def test_a_run_killed_while_it_fetches_goes_on_where_it_was(tmp_path: Path, after: int) -> None:
    """SIGKILL after so many pages; the next run has every page once and asks for none that is in the archive."""
    seed = sorted(SEEDS.glob("*.txt"))[0].read_text(encoding="utf-8")
    routes = {f"/{n}": page(f"{seed}\nStory number {n} of the wire.\n", kind=TEXT) for n in range(30)}
    with Site(dict(routes), work_s=0.02) as site:
        urls = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in routes)
        site.routes["/map.xml"] = page(f"<urlset>{urls}</urlset>", kind="text/xml")
        (tmp_path / "copydesk.toml").write_text(
            f"""
[web]
delay_s = 0
allow_hosts = ["127.0.0.1:{site.port}"]
[run]
part_documents = 10
[[source]]
name = "wire"
kind = "sitemap"
url = "{site.url("/map.xml")}"
""",
            encoding="utf-8",
        )
        _run_and_kill(tmp_path, site, after)
        archive = tmp_path / "warehouse" / "archive"
        kept = sum(1 for path in archive.rglob("*.warc.gz") for _ in _responses(path))
        asked = len([path for path in site.paths() if path in routes])
        run_desk(find_desk_folder(tmp_path))
        again = len([path for path in site.paths() if path in routes]) - asked
    assert again == 30 - kept
    assert kept >= asked - 20  # what was on its way to the archive
    assert _rows(tmp_path, "select count(*), count(distinct uri) from audit.captures") == [(30, 30)]
    assert _rows(
        tmp_path, "select count(*) from ops.address_state where purpose = 'page' and last_success_at is not null"
    ) == [(30,)]


def _run_and_kill(root: Path, site: Site, after: int) -> None:
    process = _start(root)
    while len(site.log) < after + 2 and process.poll() is None:
        time.sleep(0.005)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _size(archive: Path) -> int:
    return sum(path.stat().st_size for path in archive.rglob("*.warc.gz"))


def _start(root: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    return subprocess.Popen(
        [sys.executable, "-m", "copydesk", "run", "--quiet"], cwd=root, env=environment, start_new_session=True
    )


def _responses(path: Path) -> list[str]:
    """Return the pages of an archive file that are whole; a torn tail has no closing record."""
    name = path.name.rsplit("-", 1)[0]
    folder = path.parents[2]
    return [str(page.notes["uri"]) for page in recover(folder.parents[1], folder, name)]


def test_a_cut_page_is_flagged_and_what_a_limit_leaves_out_is_stored(tmp_path: Path) -> None:
    """A page that came in part loads with the flag and the finding; the limit's row is in the log, its count told."""
    text = (SEEDS / "000_bca97a53f92043e2.txt").read_bytes()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {TEXT}\r\nContent-Length: {len(text) + 5}\r\n\r\n".encode()
    with Site({"/a": raw(head + text), "/b": page(LONG, kind=TEXT)}) as site:
        web = f'[web]\ndelay_s = 0\nallow_hosts = ["127.0.0.1:{site.port}"]\n'
        urls = f'urls = ["{site.url("/a")}", "{site.url("/b")}"]\nmax_items = 1\n'
        (tmp_path / "copydesk.toml").write_text(f'{web}[[source]]\nname = "w"\nkind = "urls"\n{urls}')
        summary = run_desk(find_desk_folder(tmp_path))
    assert (summary.count("acquire", "captured"), summary.tallies["acquire"].reasons) == (1, {"max_items": 1})
    assert _rows(tmp_path, "select truncated from revisions") == [(True,)]
    assert _rows(tmp_path, "select truncation, asked_because from audit.captures") == [
        (f"{len(text)} of {len(text) + 5} bytes came", "listed")
    ]
    assert _rows(tmp_path, "select rule from audit.findings where rule = 'truncated'") == [("truncated",)]
    assert _rows(tmp_path, "select outcome from ops.fetch_log where reason = 'max_items'") == [("skipped",)]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_waits_for_a_silent_server_can_be_stopped(tmp_path: Path, number: int, code: int) -> None:
    """Ctrl-C and a termination end the run at once, with its exit code; what was fetched is kept for the next one."""
    gate = threading.Event()

    async def silent(_call: Call, _writer: asyncio.StreamWriter) -> None:
        await asyncio.get_running_loop().run_in_executor(None, gate.wait, 240)

    with Site({"/a": page(LONG, kind=TEXT), "/b": silent}) as site:
        urls = f'"{site.url("/a")}", "{site.url("/b")}"'
        web = f'[web]\ndelay_s = 0\ndeadline_s = 600\nallow_hosts = ["127.0.0.1:{site.port}"]\n'
        source = f'[[source]]\nname = "wire"\nkind = "urls"\nurls = [{urls}]\n'
        (tmp_path / "copydesk.toml").write_text(web + source, encoding="utf-8")
        process = _start(tmp_path)
        archive = tmp_path / "warehouse" / "archive"
        while process.poll() is None and ("/b" not in site.paths() or _size(archive) < 1500):  # until "/a" is kept
            time.sleep(0.01)
        process.send_signal(number)
        try:
            assert process.wait(timeout=120) == code
        finally:
            gate.set()
            process.kill()
    (archived,) = archive.rglob("*.warc.gz")
    assert _responses(archived) == [canonical(site.url("/a"))]
