"""Files are whole, locks exclude other processes, and what killed processes leave is told from what is in use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from copydesk.errors import RunBusyError
from copydesk.filesystem import lock, replacing, stale_files, temporary_name, write_json, write_whole

DEAD_PID = 999_999_999  # above any kernel's limit (2**22)
HOLDER = """
import sys
from pathlib import Path
from copydesk.filesystem import lock
with lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_names_its_holder_and_ends_with_it(tmp_path: Path) -> None:
    """A second process is refused with the holder's number; when the holder is killed, the lock is free at once."""
    path = tmp_path / "made" / "press"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(RunBusyError, match=f"press is being worked on by process {holder.pid}"), lock(path):
            pass
        holder.kill()
        with lock(path, timeout_s=10):
            assert path.read_text() == str(os.getpid())


def test_a_lock_that_must_not_be_made(tmp_path: Path) -> None:
    """Asked not to create the file, a lock on a missing one is an error and leaves nothing behind."""
    with pytest.raises(FileNotFoundError), lock(tmp_path / "gone" / "lock", make=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_half_a_file_is_never_seen(tmp_path: Path) -> None:
    """A write that fails half way leaves the old content and no temporary file, for files and for folders."""
    path = tmp_path / "note.json"
    write_json(path, {"b": 1, "a": Path("x")})
    assert path.read_text() == '{"a": "x", "b": 1}'
    for target in (path, tmp_path / "folder"):
        with pytest.raises(FileExistsError):
            _fail_half_way(target)
    assert path.read_text() == '{"a": "x", "b": 1}'
    assert [p.name for p in tmp_path.iterdir()] == ["note.json"]


def _fail_half_way(target: Path) -> None:
    with replacing(target) as temporary:
        if target.suffix:
            temporary.write_text("half")
        else:
            (temporary / "inner").mkdir(parents=True)
        temporary.mkdir()


def test_a_link_keeps_pointing_to_its_file(tmp_path: Path) -> None:
    """Writing to a symbolic link replaces the file it points to, so no old content stays under another name."""
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "file", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    write_whole(link, "new", durable=True)
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert [p.name for p in real.parent.iterdir()] == ["file"]


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    """A folder written under a temporary name, flushed file by file, takes its place with all its files."""
    with replacing(tmp_path / "export", durable=True) as temporary:
        temporary.mkdir()
        (temporary / "a").write_text("1")
        assert not (tmp_path / "export").exists()
    assert (tmp_path / "export" / "a").read_text() == "1"


def test_only_what_a_dead_process_left_is_stale(tmp_path: Path) -> None:
    """A temporary name is stale when its process is gone; those of living processes and other files are not."""
    own = temporary_name(tmp_path / "copydesk.duckdb")
    own.touch()
    left = [tmp_path / f".copydesk.duckdb.{DEAD_PID}.tmp", tmp_path / f".copydesk.duckdb.{DEAD_PID}.tmp.wal"]
    other = tmp_path / f".notes.{DEAD_PID}.tmp"
    for path in (*left, other, tmp_path / "report.tmp", tmp_path / ".user.tmp"):
        path.touch()
    assert list(stale_files(tmp_path)) == [*left, other]
    assert list(stale_files(tmp_path, "copydesk*")) == left
    assert list(stale_files(tmp_path / "missing")) == []
