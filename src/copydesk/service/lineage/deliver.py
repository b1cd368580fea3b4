"""Deliver events: to a file of the desk, and by HTTP where configured. Nothing here raises, and nothing holds a run up.

    event --> lineage/DAY.jsonl          written at once
          '-> queue --> one thread --> POST, each within [lineage] timeout_s

After the first request that fails the rest of the run's events stay in the file alone, so a server that hangs costs a
run one timeout at most, and that in another thread; `close` waits for what is left no longer than that.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from copydesk._version import __version__
from copydesk.logs import DayFile, log
from copydesk.settings.lineage import LineageSettings
from copydesk.wording import counted

__all__ = ["Delivery", "lineage_folder"]


def lineage_folder(warehouse: Path) -> Path:
    """Return where the events of a warehouse lie."""
    return warehouse.parent / "lineage"


class Delivery:
    """Takes the events of one run, as lines of JSON."""

    def __init__(self, settings: LineageSettings, folder: Path) -> None:
        self._settings = settings
        self._file = DayFile(folder) if settings.file else None
        self._sender = _Sender(settings.url, settings.headers, settings.timeout_s) if settings.url else None

    def send(self, line: bytes, at: datetime) -> None:
        """Write one event to the file, and hand it to the sender."""
        if self._file is not None:
            try:
                self._file.append(line, at)
            except OSError as error:  # a full disk must not stop the run
                log.warning("lineage not written", folder=str(self._file.folder), why=str(error))
                self._file = None
        if self._sender is not None:
            self._sender.put(line)

    def close(self) -> None:
        """Wait for the sender, within its time limit, and close the file."""
        if self._sender is not None and (why := self._sender.close()):
            kept = "they are in the desk's lineage folder" if self._settings.file else "they are lost"
            log.warning("lineage not delivered", url=self._settings.url, why=f"{why}; {kept}")
        if self._file is not None:
            self._file.close()


class _Sender:
    """A thread that posts lines one after the other until one fails."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout_s: float) -> None:
        agent = {"Content-Type": "application/json", "User-Agent": f"copydesk/{__version__}"}
        self._url, self._headers, self._timeout_s = url, {**agent, **headers}, timeout_s
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._failure = ""
        self._thread = Thread(target=self._work, name="lineage", daemon=True)
        self._thread.start()

    def put(self, line: bytes) -> None:
        if not self._failure:
            self._queue.put(line)

    def close(self) -> str:
        """Wait until all lines are sent, for one timeout at most; return why some were not, "" when all were."""
        self._queue.put(None)
        self._thread.join(self._timeout_s)
        left = self._left()
        if not self._failure and self._thread.is_alive():
            self._failure = f"no answer within {self._timeout_s:g} s"
        return f"{self._failure}; {counted(left, 'event')} not sent" if self._failure and left else self._failure

    def _left(self) -> int:
        """Empty the queue; return the number of events that were in it."""
        number = 0
        while True:
            try:
                number += self._queue.get_nowait() is not None
            except Empty:
                self._queue.put(None)  # the thread may still wait for its end
                return number

    def _work(self) -> None:
        while not self._failure and (line := self._queue.get()) is not None:
            request = urllib.request.Request(self._url, line, self._headers, method="POST")  # noqa: S310 http or https
            try:
                with _OPENER.open(request, timeout=self._timeout_s) as answer:
                    answer.read(1)
            except urllib.error.HTTPError as error:
                self._failure = f"answered {error.code}"
            except (OSError, ValueError, HTTPException) as error:
                self._failure = str(getattr(error, "reason", error)) or type(error).__name__


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is a failure: it would carry the configured headers to an address that nobody configured."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""


_OPENER = urllib.request.build_opener(_NoRedirects())
