"""Files are whole, locks exclude other processes, and what killed processes leave is told from what is in use."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from copydesk.errors import RunBusyError, SettingsError, StoreError
from copydesk.filesystem import (
    errno_of,
    lock,
    replacing,
    stale_files,
    temporary_name,
    write_error,
    write_json,
    write_whole,
)
from tests.conftest import Command, clean_environment

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
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean_environment(),
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


def _to_a_full_disk() -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")


def _below_a_file() -> None:
    Path(__file__, "below").write_text("x", encoding="utf-8")


def _over_a_folder() -> None:
    Path(__file__).parent.write_text("x", encoding="utf-8")


def _by_duckdb() -> None:
    with duckdb.connect() as raw:
        raw.execute("copy (from range(3)) to '/dev/full' (format csv)")


def _by_polars() -> None:
    pl.DataFrame({"a": [1]}).write_parquet("/dev/full")


@pytest.mark.parametrize(
    ("write", "number", "advice", "kind"),
    [
        (_to_a_full_disk, errno.ENOSPC, "No space left on device. Free some space", StoreError),
        (_by_duckdb, errno.ENOSPC, "No space left on device. Free some space", StoreError),
        (_by_polars, errno.ENOSPC, "No space left on device. Free some space", StoreError),
        (_below_a_file, errno.ENOTDIR, "Not a directory. Something else is in its place", SettingsError),
        (_over_a_folder, errno.EISDIR, "Is a directory. Something else is in its place", SettingsError),
    ],
)
def test_advice_follows_the_systems_error(
    write: Callable[[], None], number: int, advice: str, kind: type[StoreError | SettingsError]
) -> None:
    """Real errors of Python, DuckDB and Polars give their number; space is to be freed only where it is short."""
    with pytest.raises((OSError, duckdb.Error, pl.exceptions.PolarsError)) as failed:
        write()
    assert errno_of(failed.value) == number
    told = write_error(Path("file"), failed.value, misplaced=SettingsError)
    assert type(told) is kind
    assert advice in str(told)
    assert ("Free some space" in str(told)) == (number == errno.ENOSPC)


TOO_LARGE = """
import os, resource, signal, sys
from pathlib import Path
from copydesk.filesystem import write_error, write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(Path(sys.argv[1]), "x" * 2000)
except OSError as error:
    print(write_error(Path(sys.argv[1]), error))
"""


def test_a_limit_on_the_size_of_files_is_no_full_disk(tmp_path: Path) -> None:
    """Past RLIMIT_FSIZE the limit is named, the file is as it was and nothing is left beside it."""
    path = tmp_path / "file"
    path.write_text("old")
    told = subprocess.run(
        [sys.executable, "-c", TOO_LARGE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    ).stdout
    assert "File too large. Raise the limit on the size of files (ulimit -f)" in told
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_place_that_is_taken_is_a_mistake_in_the_settings(desk: Path, command: Command) -> None:
    """A file where the runs' folder belongs, and an export below a file: one line with the cause, no talk of space."""
    (desk / "warehouse").mkdir()
    (desk / "warehouse" / "runs").write_text("")
    done = command("run", cwd=desk)
    assert (done.code, len(done.err.strip().splitlines())) == (2, 1), done
    assert "Something else is in its place" in done.err
    (desk / "warehouse" / "runs").unlink()
    assert command("run", cwd=desk).code == 0
    done = command("export", "seeds/000_bca97a53f92043e2.txt/out", cwd=desk)
    assert (done.code, len(done.err.splitlines())) == (1, 1), done
    assert "Not a directory. Something else is in its place" in done.err
