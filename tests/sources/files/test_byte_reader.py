"""Reading again: in order, once through, and only what is still there."""

from __future__ import annotations

import gzip
import multiprocessing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copydesk.records import Capture, Location
from copydesk.sources.files.archives import reopen as opening
from copydesk.sources.files.byte_reader import Reader, ReadError
from copydesk.sources.files.captures import capture_file, find_files
from copydesk.sources.files.found import FoundFile
from copydesk.store.archive.warc_archive import Archive, Exchange

LINES = b"".join(b'{"text": "line %d of the file", "id": %d}\n' % (n, n) for n in range(30))


@pytest.fixture
def captures(tmp_path: Path) -> list[Capture]:
    """Thirty lines in a gzip file, which cannot seek."""
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(LINES))
    (found,) = find_files([tmp_path], desk=tmp_path)
    assert isinstance(found, FoundFile)
    return [one for one in capture_file(found, source="s", known={}) if isinstance(one, Capture)]


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often a gzip stream is begun."""
    begun: list[int] = []
    begin = opening.inflated

    def count(*arguments: object) -> object:
        begun.append(1)
        return begin(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(opening, "inflated", count)
    return begun


def read_each(folder: Path, captures: list[Capture], step: int) -> list[bytes]:
    """Read batch by batch, with a reader for each."""
    texts = []
    for start in range(0, len(captures), step):
        with Reader(folder) as reader:
            texts += [reader.read(capture.location) for capture in captures[start : start + step]]
    return texts


def test_batches_in_order_cost_one_pass(tmp_path: Path, captures: list[Capture], passes: list[int]) -> None:
    """Ten readers, one after the other, go through a packed file once and not ten times."""
    assert read_each(tmp_path, captures, 3) == [b"line %d of the file" % n for n in range(30)]
    assert len(passes) == 1


def test_an_earlier_offset_begins_again(tmp_path: Path, captures: list[Capture], passes: list[int]) -> None:
    """Order is a matter of speed, never of what is read."""
    assert read_each(tmp_path, captures[::-1], 30) == [b"line %d of the file" % n for n in reversed(range(30))]
    assert len(passes) == 30


def test_a_file_that_was_replaced_is_opened_anew(tmp_path: Path, captures: list[Capture]) -> None:
    """What the last reader left open is not used for another file under the same name."""
    read_each(tmp_path, captures[:3], 3)
    (tmp_path / "new.gz").write_bytes(gzip.compress(LINES.replace(b"of the file", b"of the new!")))
    (tmp_path / "new.gz").replace(tmp_path / "a.jsonl.gz")
    assert read_each(tmp_path, captures[3:6], 3) == [b"line %d of the new!" % n for n in (3, 4, 5)]


def _read_in_child(folder: Path, captures: list[Capture]) -> list[bytes]:
    return read_each(folder, captures, 1)


def test_forked_workers_do_not_share_an_open_stream(tmp_path: Path, captures: list[Capture]) -> None:
    """Two children forked beside an open stream each read right, as does the parent afterwards."""
    read_each(tmp_path, captures[:3], 3)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        jobs = [pool.apply_async(_read_in_child, (tmp_path, captures[3:])) for _ in range(2)]
        expected = [b"line %d of the file" % n for n in range(3, 30)]
        assert [job.get(timeout=60) for job in jobs] == [expected, expected]
    assert read_each(tmp_path, captures[3:], 5) == expected


@pytest.mark.parametrize(
    "location",
    [
        Location(path="a.jsonl.gz", carrier="tar", offset=0, length=10**9),
        Location(path="a.jsonl.gz", carrier="gzip+jsonl", member="text", offset=5, length=40),
        Location(path="a.jsonl.gz", carrier="gzip+jsonl", member="text", offset=10**6, length=40),
        Location(path="a.jsonl.gz", carrier="zip", offset=0, length=40),
        Location(path="a.jsonl.gz", carrier="warc", offset=0),
        Location(path="a.jsonl.gz", carrier="nonsense"),
        Location(path="a.jsonl.gz", carrier="zip+zip", member="no address"),
        Location(path="../gone.txt"),
        Location(path="."),
    ],
)
def test_a_place_that_is_not_there_is_a_read_error(tmp_path: Path, captures: list[Capture], location: Location) -> None:
    """A location that does not fit the file, or fits nothing, ends with a reason."""
    assert captures
    with Reader(tmp_path) as reader, pytest.raises(ReadError) as caught:
        reader.read(location)
    assert caught.value.reason


def test_the_archive_of_a_run_is_read_by_its_locations(tmp_path: Path) -> None:
    """Pages that were fetched lie in a WARC of ours; each location gives its page's decoded body, in any order."""
    moment = datetime(2024, 3, 1, tzinfo=UTC)
    with Archive(tmp_path, tmp_path / "archive", "run") as archive:
        locations = [
            archive.append(
                Exchange(
                    url=f"http://example.org/{n}",
                    status_line="200 OK",
                    content=b"<html>page %d" % n,
                    fetched_at=moment,
                    response_headers=[("Content-Type", "text/html"), ("Content-Encoding", "gzip")],
                )
            )
            for n in range(3)
        ]
    with Reader(tmp_path) as reader:
        assert [reader.read(location) for location in reversed(locations)] == [b"<html>page %d" % n for n in (2, 1, 0)]
