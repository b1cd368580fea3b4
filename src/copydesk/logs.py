"""Logs: one JSON object per line, and readable lines on the console.

    <desk>/warehouse/logs/2026-11-21.jsonl      {"at": "...", "level": "info", "event": "stage done", "run": "...", ...}
    <desk>/warehouse/logs/2026-11-21.1.jsonl    when a day's file is full

Many processes write to one file: each line is one `write` to a file opened for appending, which the kernel does not
interleave, so rotation needs no renaming and no coordination. A day's first line opens its file; `prune_logs` removes
whole days.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from copydesk.errors import UsageError

__all__ = [
    "DayFile",
    "add_log_fields",
    "find_log",
    "log",
    "log_folder",
    "log_with",
    "notice",
    "prune_logs",
    "read_log",
    "start_logs",
]

MAX_BYTES = 20_000_000
"""Maximum bytes of a log file; then the day continues in the next one."""

_fields: ContextVar[Mapping[str, Any]] = ContextVar("fields", default={})  # noqa: B039 never changed, only replaced


class _Log:
    """Writes records of the standard library's logger `copydesk`, with their fields beside the message.

    The message stays text of its own, so that other handlers (Prefect's) can show it.
    """

    def log(self, level: int, message: str, /, **fields: Any) -> None:
        """Write one record; those of `log_with` and `add_log_fields` are among its fields."""
        logger = logging.getLogger("copydesk")
        if logger.isEnabledFor(level):
            logger.log(level, "%s", message, extra={"fields": {**_fields.get(), **fields}})

    def info(self, message: str, /, **fields: Any) -> None:
        """Write what happened."""
        self.log(logging.INFO, message, **fields)

    def warning(self, message: str, /, **fields: Any) -> None:
        """Write what somebody should look at."""
        self.log(logging.WARNING, message, **fields)

    def error(self, message: str, /, **fields: Any) -> None:
        """Write what stopped."""
        self.log(logging.ERROR, message, **fields)


log = _Log()
"""The logger of the package: `log.info("stage done", stage="extract", seconds=1.2)`."""


@contextmanager
def log_with(**fields: Any) -> Iterator[None]:
    """Add fields to every record of this thread or task during the block."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def add_log_fields(**fields: Any) -> None:
    """Add fields to every further record of this thread or task."""
    _fields.set({**_fields.get(), **fields})


_CONTROLS = {c: f"\\u{c:04x}" for c in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}


def log_folder(warehouse: Path) -> Path:
    """Return where the logs of a warehouse lie."""
    return warehouse.parent / "logs"


def notice(text: str) -> None:
    """Write one line that the user should read to standard error, and to the log when there is one."""
    if any(isinstance(h, _DayFile) for h in logging.getLogger("copydesk").handlers):
        log.info(text)
    print(f"copydesk: {text.translate(_CONTROLS)}", file=sys.stderr, flush=True)


def start_logs(folder: Path, *, console: bool) -> None:
    """Write log records to `folder`, and to standard error when `console`."""
    logger = logging.getLogger("copydesk")
    logger.setLevel(logging.INFO)
    logger.propagate = False  # Prefect would print it a second time
    for old in [h for h in logger.handlers if isinstance(h, (_DayFile, _Console))]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(_DayFile(folder))
    if console:
        logger.addHandler(_Console())


class DayFile:
    """Appends lines to the file of their day; each line is one write, so that processes do not interleave.

    Attributes:
        folder: Where the files lie; made with the first line.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._name = ""
        self._file = -1

    def append(self, line: bytes, at: datetime) -> None:
        """Append one line.

        Raises:
            OSError: A full disk, or a folder that may not be written.
        """
        os.write(self._open(f"{at:%Y-%m-%d}"), line + b"\n")

    def _open(self, day: str) -> int:
        if self._file >= 0 and self._name.startswith(day) and os.fstat(self._file).st_size < MAX_BYTES:
            return self._file
        self.close()
        self.folder.mkdir(parents=True, exist_ok=True)
        number = 0
        while True:
            name = f"{day}.jsonl" if number == 0 else f"{day}.{number}.jsonl"
            path = self.folder / name
            if not path.exists() or path.stat().st_size < MAX_BYTES:
                break
            number += 1
        self._name = name
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        return self._file

    def close(self) -> None:
        """Close the file; the next line opens it again."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class _DayFile(logging.Handler):
    """Appends each record as one line to the file of its day."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._lines = DayFile(folder)

    def emit(self, record: logging.LogRecord) -> None:
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        text = json.dumps(line, ensure_ascii=False, default=str)
        if not text.isprintable():
            text = text.translate(_CONTROLS)
        try:
            self._lines.append(text.encode("utf-8", "backslashreplace"), at)
        except OSError:  # a full disk or a read-only folder must not stop the run: the ledger tells what happened
            return

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the standard library's name)
        print(f"copydesk: cannot write the log in {self._lines.folder}: {record.getMessage()}", file=sys.stderr)

    def close(self) -> None:
        self._lines.close()
        super().close()


class _Console(logging.Handler):
    """Prints `18:00:05  press-tv  stage done  stage=extract seconds=1.2` to standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        fields = dict(getattr(record, "fields", {}))
        source = str(fields.pop("source", ""))
        fields.pop("run", None)
        at = datetime.fromtimestamp(record.created).astimezone()
        mark = "" if record.levelno < logging.WARNING else f"{record.levelname}  "
        rest = " ".join(f"{k}={v}" for k, v in fields.items() if v not in (None, ""))
        line = "  ".join(p for p in (f"{at:%H:%M:%S}", source, mark + record.getMessage(), rest) if p)
        print(line.translate(_CONTROLS), file=sys.stderr, flush=True)


def find_log(folder: Path, wanted: str) -> str:
    """Return the id of a run by its id, a prefix of it, or `last`.

    Raises:
        UsageError: No such run, or several.
    """
    seen: dict[str, None] = {}
    for line in read_log(folder):
        if name := line.get("run"):
            seen[str(name)] = None
    names = list(seen)
    if wanted == "last" and names:
        return names[-1]
    found = [n for n in names if n == wanted] or [n for n in names if n.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} runs begin with {wanted!r}: {', '.join(found[:5])}. Write more of the name.")
    raise UsageError(f"no run {wanted!r} in {folder}. `copydesk status` names the last ones; `last` is the latest.")


def read_log(folder: Path, run: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield log records in order, of one run or of all; a line truncated by a crash is skipped."""
    for path in sorted(folder.glob("*.jsonl"), key=_day_and_number):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for text in lines:
                if run is not None and run not in text:
                    continue
                try:
                    line = json.loads(text)
                except ValueError:
                    continue
                if isinstance(line, dict) and (run is None or line.get("run") == run):
                    yield line


def prune_logs(folder: Path, *, keep_days: int, today: datetime) -> int:
    """Remove log files older than `keep_days` days; return how many."""
    oldest = f"{today - timedelta(days=keep_days):%Y-%m-%d}"
    old = [p for p in folder.glob("*.jsonl") if p.name[:10] < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _day_and_number(path: Path) -> tuple[str, int]:
    parts = path.name.split(".")
    return parts[0], int(parts[1]) if len(parts) == 3 and parts[1].isdigit() else 0
