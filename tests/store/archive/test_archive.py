"""The archive: what is written is read back, by us and by others, and a torn tail is found and cut."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bench import replay
from fastwarc.warc import ArchiveIterator as FastIterator
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from copydesk.errors import StoreError
from copydesk.records import Location
from copydesk.store.archive import warc_records
from copydesk.store.archive.warc_archive import Archive, read_archived, recover
from copydesk.store.archive.warc_records import Exchange

ROOT = Path(__file__).parents[3]
WHEN = datetime(2026, 11, 21, 12, 30, 1, 500, tzinfo=UTC)


def _exchange(content: bytes, number: int = 0) -> Exchange:
    return Exchange(
        url=f"https://news.example/a/{number}?q=1",
        status_line="200 OK",
        content=content,
        fetched_at=WHEN,
        request_headers=[("Host", "news.example"), ("User-Agent", "copydesk/1")],
        response_headers=[("Content-Type", "text/html"), ("Content-Encoding", "br"), ("X-Odd", "é\r\nEvil: 1")],
        address="203.0.113.9",
        notes={"source": "wire", "uri": f"a/{number}", "title_hint": "Überschrift"},
    )


def _write(root: Path, pages: list[bytes], run: str = "run-1") -> list[Location]:
    with Archive(root, root / "warehouse" / "archive", run) as archive:
        return [archive.append(_exchange(page, n)) for n, page in enumerate(pages)]


@given(st.lists(st.binary(max_size=400), min_size=1, max_size=4))
def test_every_page_comes_back_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, pages: list[bytes]) -> None:
    """Any content is read back by its location alone, and by the notes it was written with."""
    root = tmp_path_factory.mktemp("desk")
    locations = _write(root, pages)
    assert [read_archived(root, location) for location in locations] == pages
    found = list(recover(root, root / "warehouse" / "archive", "run-1"))
    assert [a.location for a in found] == locations
    assert [a.notes["uri"] for a in found] == [f"a/{n}" for n in range(len(pages))]


def _records(path: Path) -> list[tuple[str, str]]:
    """Return (type, target address) of each record but the first."""
    with path.open("rb") as file:
        return [(r.rec_type, r.rec_headers.get_header("WARC-Target-URI")) for r in WarcioIterator(file)][1:]


def test_notes_have_an_address_of_their_own(tmp_path: Path) -> None:
    """Only request and response bear the page's address, so a replay by address cannot find the note."""
    location = _write(tmp_path, [b"<p>one</p>"])[0]
    request, response, note = _records(tmp_path / location.path)
    assert request[1] == response[1] == "https://news.example/a/0?q=1"
    assert (note[0], note[1][:18]) == ("metadata", "urn:copydesk:note:")


def test_archives_with_notes_under_the_page_s_address_are_still_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive as earlier versions wrote it gives its pages and notes."""
    monkeypatch.setattr(warc_records, "_note_uri", lambda exchange, _: exchange.url)
    location = _write(tmp_path, [b"<p>one</p>"])[0]
    assert {target for _, target in _records(tmp_path / location.path)} == {"https://news.example/a/0?q=1"}
    (found,) = recover(tmp_path, tmp_path / "warehouse" / "archive", "run-1")
    assert (found.location, found.notes["uri"]) == (location, "a/0")


@pytest.mark.skipif(not os.environ.get("PYWB_BIN"), reason="pywb is not installed: PYWB_BIN names no bin folder")
def test_pywb_replays_the_page(tmp_path: Path) -> None:
    """Pywb answers the page's address with the page, byte for byte, and not with our note."""
    warc = replay.write_archive(tmp_path)
    assert replay.replayed(Path(os.environ["PYWB_BIN"]), warc, tmp_path) == replay.PAGE


def test_others_can_read_it(tmp_path: Path) -> None:
    """FastWARC and warcio see request, response and metadata with valid digests; `warcio check` finds no fault."""
    location = _write(tmp_path, [b"<p>one</p>", b"<p>two</p>"])[0]
    path = tmp_path / location.path
    assert location.path.startswith("warehouse/archive/2026/11/run-1-000")
    with path.open("rb") as file:
        records = [(str(r.record_type), r.verify_block_digest()) for r in FastIterator(file, parse_http=False)]
    assert [kind for kind, _ in records] == ["warcinfo", *["request", "response", "metadata"] * 2]
    assert all(valid for _, valid in records)
    with path.open("rb") as file:
        bodies = [r.content_stream().read() for r in WarcioIterator(file) if r.rec_type == "response"]
    assert bodies == [b"<p>one</p>", b"<p>two</p>"]
    check = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", str(path)], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout


def test_a_header_cannot_smuggle_another(tmp_path: Path) -> None:
    """Line breaks in a server's header do not become headers of the archived answer."""
    location = _write(tmp_path, [b"x"])[0]
    with (tmp_path / location.path).open("rb") as file:
        headers = next(r.http_headers for r in FastIterator(file) if r.is_http and r.http_headers.status_code)
    assert "Evil" not in headers


@pytest.mark.parametrize("run", ["20261121T231500-ab12cd", "../../etc"])
def test_a_torn_tail_is_cut_wherever_it_was_torn(tmp_path: Path, run: str) -> None:
    """Cut at any byte, the file keeps its whole pages, loses the torn one, and is readable by others again."""
    locations = _write(tmp_path, [b"one" * 40, b"two" * 40], run)
    folder = tmp_path / "warehouse" / "archive"
    path = tmp_path / locations[0].path
    whole = path.read_bytes()
    first_end = len(whole)
    for size in range(len(whole), 0, -7):
        path.write_bytes(whole[:size])
        found = list(recover(tmp_path, folder, run))
        kept = path.stat().st_size
        assert kept <= size
        assert [a.location for a in found] == locations[: len(found)]
        assert all(read_archived(tmp_path, a.location) for a in found)
        assert list(recover(tmp_path, folder, run)) == found
        first_end = min(first_end, kept) if found else first_end
    assert first_end < len(whole)


def test_a_run_that_goes_on_writes_a_new_file(tmp_path: Path) -> None:
    """What a dead process left is never appended to; both files belong to the run, other runs' files do not."""
    _write(tmp_path, [b"one"])
    _write(tmp_path, [b"two"])
    _write(tmp_path, [b"other"], run="run-2")
    folder = tmp_path / "warehouse" / "archive"
    assert [read_archived(tmp_path, a.location) for a in recover(tmp_path, folder, "run-1")] == [b"one", b"two"]


def test_a_location_that_lies_is_a_clear_error(tmp_path: Path) -> None:
    """A missing file, a cut file and an offset between records each name the file."""
    location = _write(tmp_path, [b"one"])[0]
    path = tmp_path / location.path
    off = Location(path=location.path, carrier="warc", offset=location.offset + 3, length=location.length - 3)
    with pytest.raises(StoreError, match="no whole page"):
        read_archived(tmp_path, off)
    path.write_bytes(path.read_bytes()[: location.offset + 10])
    with pytest.raises(StoreError, match="truncated"):
        read_archived(tmp_path, location)
    path.unlink()
    with pytest.raises(StoreError, match="cannot read"):
        read_archived(tmp_path, location)


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """The write that fails is a clear error and leaves no half page; what was appended before is all there."""
    script = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from copydesk.errors import StoreError\n"
        "from tests.store.archive.test_archive import Archive, _exchange\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))\n"
        "root = Path(sys.argv[1])\n"
        "with Archive(root, root / 'archive', 'run-1') as archive:\n"
        "    for n in range(1000):\n"
        "        try:\n"
        "            archive.append(_exchange(bytes(str(n), 'ascii') * 10, n))\n"
        "        except StoreError as error:\n"
        "            print(n, error)\n"
        "            break\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": "src:."}, cwd=ROOT)  # fmt: skip
    number, _, message = done.stdout.partition(" ")
    assert "File too large. Raise the limit on the size of files" in message
    (path,) = (tmp_path / "archive").rglob("*.warc.gz")
    size = path.stat().st_size
    assert len(list(recover(tmp_path, tmp_path / "archive", "run-1"))) == int(number) > 0
    assert path.stat().st_size == size
