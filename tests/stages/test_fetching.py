"""From a feed on a real server to rows in a real warehouse, twice."""

from __future__ import annotations

from pathlib import Path

from copydesk.pipeline import run_desk
from copydesk.project import SEEDS
from copydesk.settings import open_desk
from copydesk.store.warehouse import Warehouse
from tests.servers import Site, conditional, page

TEXT = "text/plain; charset=utf-8"


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
    with Warehouse(open_desk(root).warehouse).open_for_reading() as connection:
        return list(connection.rows(query))


def test_a_feed_reaches_the_warehouse_with_its_state(tmp_path: Path) -> None:
    """Pages, sightings, the log and both states are loaded together; the second run asks conditionally, adds nothing."""
    seeds = sorted(SEEDS.glob("*.txt"))[:4]
    routes = {f"/{n}": page(seed.read_bytes(), kind=TEXT) for n, seed in enumerate(seeds)}
    with Site(dict(routes)) as site:
        items = "".join(f"<item><title>T{n}</title><link>{site.url(f'/{n}')}</link></item>" for n in range(len(seeds)))
        site.routes["/feed"] = conditional(f"<rss version='2.0'><channel>{items}</channel></rss>", '"f"', "text/xml")
        _desk(tmp_path, site)
        first = run_desk(open_desk(tmp_path))
        state = _rows(
            tmp_path, "select count(*), count(url), count(due_at) from ops.address_state where purpose = 'page'"
        )
        asked = len(site.log)
        second = run_desk(open_desk(tmp_path))
        again = [(call.path, call.headers.get("if-none-match")) for call in site.log[asked:]]
    assert (first.count("acquire", "captured"), first.count("acquire", "failed")) == (4, 1)
    assert second.count("acquire", "captured") == 0
    assert ("/feed", '"f"') in again
    assert not [path for path, _ in again if path in routes]
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
