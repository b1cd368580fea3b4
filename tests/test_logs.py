from __future__ import annotations

import json
import logging
import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copydesk import logs
from copydesk.errors import UsageError
from copydesk.logs import find_log, log, log_with, prune_logs, read_log, start_logs


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder that is logged to, and let the logger forget it afterwards."""
    start_logs(tmp_path / "logs", console=False)
    yield tmp_path / "logs"
    for handler in list(logging.getLogger("copydesk").handlers):
        logging.getLogger("copydesk").removeHandler(handler)
        handler.close()


def test_a_line_is_one_json_object_with_its_fields(folder: Path) -> None:
    """What is logged can be read back, bound fields included, in the order it was said."""
    with log_with(run="r1", source="wire"):
        log.info("stage done", stage="acquire", seconds=1.5)
        log.warning("odd", why="x")
    first, second = list(read_log(folder))
    assert (first["event"], first["stage"], first["run"], first["level"]) == ("stage done", "acquire", "r1", "info")
    assert (second["event"], second["level"]) == ("odd", "warning")
    assert datetime.fromisoformat(first["at"]) <= datetime.fromisoformat(second["at"])


def test_what_pages_say_cannot_forge_a_line(folder: Path) -> None:
    """Line ends and terminal commands in a value stay inside their line, escaped, and are read back as they were."""
    nasty = 'a\r\n{"event": "forged"}\x1b[2J\x9b31m\u2028b'
    log.info("seen", title=nasty, name="args stay args")
    raw = b"".join(p.read_bytes() for p in folder.iterdir())
    assert raw.count(b"\n") == 1
    assert b"\x1b" not in raw
    assert "\x9b" not in raw.decode()
    assert [line["title"] for line in read_log(folder)] == [nasty]


def test_the_console_shows_no_control_characters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line on the console is one line, whatever a page is called."""
    start_logs(tmp_path, console=True)
    log.warning("bad page", source="wire", uri="x\n\x1b[31mred")
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "\x1b" not in shown
    assert "wire  WARNING  bad page  uri=x" in shown


def test_a_full_day_goes_on_in_another_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file grows beyond its size by more than a line, and the order of the lines is kept."""
    monkeypatch.setattr(logs, "MAX_BYTES", 300)
    for i in range(20):
        log.info("line", number=i)
    sizes = [p.stat().st_size for p in folder.iterdir()]
    assert len(sizes) > 2
    assert max(sizes) < 500
    assert [line["number"] for line in read_log(folder)] == list(range(20))


def _shout(folder: Path, name: str) -> None:
    start_logs(folder, console=False)
    for i in range(300):
        log.info("x" * 200, run=name, number=i)


def test_processes_do_not_tear_each_others_lines(tmp_path: Path) -> None:
    """Two processes that write at once leave every line whole."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_shout, args=(tmp_path, name)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = [json.loads(text) for p in tmp_path.iterdir() for text in p.read_text().splitlines()]
    assert len(lines) == 600
    assert [line["number"] for line in read_log(tmp_path, "a")] == list(range(300))


def test_a_run_is_found_by_the_start_of_its_name(folder: Path) -> None:
    """`last`, a whole name and an unmistakable start name a run; anything else says what to do."""
    for name in ("20261121T1800-a", "20261121T1800-b", "20261122T0600-c"):
        log.info("said", run=name)
    assert find_log(folder, "last") == "20261122T0600-c"
    assert find_log(folder, "20261122") == "20261122T0600-c"
    with pytest.raises(UsageError, match="2 runs begin with"):
        find_log(folder, "20261121")
    with pytest.raises(UsageError, match="no run 'x'"):
        find_log(folder, "x")


def test_a_torn_last_line_is_left_out(folder: Path) -> None:
    """A line that a crash cut short does not hide the others."""
    log.info("whole", run="r")
    path = next(folder.iterdir())
    path.write_bytes(path.read_bytes() + b'{"at": "2026-11-21T18:0')
    assert [line["event"] for line in read_log(folder, "r")] == ["whole"]


def test_old_days_are_removed(tmp_path: Path) -> None:
    """Only whole days beyond the limit go."""
    for day in ("2026-10-01", "2026-10-21.1", "2026-10-22", "2026-11-21"):
        (tmp_path / f"{day}.jsonl").touch()
    assert prune_logs(tmp_path, keep_days=30, today=datetime(2026, 11, 21, tzinfo=UTC)) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2026-10-22.jsonl", "2026-11-21.jsonl"]
