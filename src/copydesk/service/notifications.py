"""Telling people when a source changes state: once per change, however often it fails after that.

    ok ---> failed, held, quarantined, silent ---> ok again ("recovered")

What was last told is kept in the desk (`warehouse/told.json`), so a restart tells nothing twice. Being told is never
worth a run: a webhook that does not answer is logged, and the next change is told again.
"""

from __future__ import annotations

import json
import smtplib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from copydesk.filesystem import lock, write_json
from copydesk.logs import log
from copydesk.settings import DeskFolder, NotifySettings

__all__ = ["Message", "last_notified", "notify"]

_DEADLINE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is told.

    Attributes:
        desk: The desk's folder.
        source: Which source (or flow) it is about.
        state: `ok`, `findings`, `held`, `quarantined`, `failed` or `silent`.
        was: The state that was told before; "" the first time.
        detail: The cause or the numbers, in one line.
        run: The run's name, "" without one.
        at: When (UTC, ISO 8601).
    """

    desk: str
    source: str
    state: str
    was: str
    detail: str
    run: str
    at: str

    @property
    def headline(self) -> str:
        """One line for a subject or a chat."""
        state = "recovered" if self.state == "ok" else self.state
        return f"copydesk: {self.source} {state}"


def notify(desk: DeskFolder, source: str, state: str, detail: str, *, run: str = "") -> Message | None:
    """Tell whoever `[notify]` names that a source is in another state than was told before.

    Findings count as ok: they are in the report, and nobody has to get up for them.

    Returns:
        What was told, None when nothing changed.
    """
    state = "ok" if state == "findings" else state
    with _book(desk) as book:
        was = book.get(source, {}).get("state", "")
        if state == (was or "ok"):
            return None
        at = datetime.now(UTC).isoformat(timespec="seconds")
        message = Message(desk=str(desk.root), source=source, state=state, was=was, detail=detail, run=run, at=at)
        book[source] = {"state": state, "since": at}
    for way, trouble in _send(desk.settings.notify, message, desk.root):
        log.log(
            30 if trouble else 20,
            "told" if not trouble else "could not tell",
            way=way,
            source=source,
            why=trouble,
        )
    return message


def last_notified(desk: DeskFolder) -> dict[str, dict[str, str]]:
    """Return source -> the state that was last told and since when."""
    try:
        book = json.loads(_path(desk).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in book.items() if isinstance(v, dict)} if isinstance(book, dict) else {}


def _path(desk: DeskFolder) -> Path:
    return desk.warehouse.parent / "told.json"


@contextmanager
def _book(desk: DeskFolder) -> Iterator[dict[str, dict[str, str]]]:
    """Open what was told; written back when something changed. One process at a time."""
    path = _path(desk)
    with lock(path.with_suffix(".lock"), timeout_s=_DEADLINE_S):
        book = last_notified(desk)
        before = json.dumps(book, sort_keys=True)
        yield book
        if json.dumps(book, sort_keys=True) != before:
            write_json(path, book)


def _send(settings: NotifySettings, message: Message, root: Path) -> Iterator[tuple[str, str]]:
    """Use every way that is set; yield each way with its trouble, "" without."""
    ways: list[tuple[str, Callable[[], str]]] = []
    if settings.webhook:
        ways.append(("webhook", lambda: _post(str(settings.webhook), message)))
    if settings.command:
        ways.append(("command", lambda: _call(settings.command, message, root)))
    if settings.smtp and settings.mail_to:
        ways.append(("mail", lambda: _mail(settings, message)))
    for name, way in ways:
        yield name, way()


def _content(message: Message) -> dict[str, Any]:
    """Return the message for machines; `text` is what chat services show."""
    return {"text": f"{message.headline}: {message.detail}", **asdict(message)}


def _post(url: str, message: Message) -> str:
    from copydesk.web.webhook import post_json

    return post_json(url, _content(message), deadline_s=_DEADLINE_S)


def _call(command: tuple[str, ...], message: Message, root: Path) -> str:
    try:
        done = subprocess.run(
            list(command),
            input=json.dumps(_content(message), ensure_ascii=False).encode(),
            capture_output=True,
            timeout=_DEADLINE_S,
            cwd=root,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (
        "" if done.returncode == 0 else f"ended with {done.returncode}: {done.stderr.decode(errors='replace')[-200:]}"
    )


def _mail(settings: NotifySettings, message: Message) -> str:
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.headline.split())
    mail["From"] = settings.mail_from or "copydesk@localhost"
    mail["To"] = ", ".join(settings.mail_to)
    mail.set_content("\n".join(f"{k}: {v}" for k, v in asdict(message).items() if v) + "\n")
    host, _, port = str(settings.smtp).rpartition(":")
    try:
        with smtplib.SMTP(host or str(settings.smtp), int(port) if host else 25, timeout=_DEADLINE_S) as server:
            if server.ehlo()[0] == 250 and server.has_extn("starttls"):
                server.starttls()
            server.send_message(mail)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
