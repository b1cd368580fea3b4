"""Channels of notifications, found by the entry point group `copydesk.notifiers`.

    [notify] urls, webhook       --> AppriseNotifier
    [notify] command             --> CommandNotifier
    [notify] smtp                --> MailNotifier
    [notify.options.NAME]        --> the class that another package names in its entry points

Channels follow no redirect, so that nobody else can choose where a message goes, and have a deadline.
"""

from __future__ import annotations

import json
import logging
import smtplib
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from urllib.parse import urlsplit

from copydesk.keys import key
from copydesk.plugins import NOTIFIERS, is_own, load, names
from copydesk.settings import DeskFolder, NotifySettings

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = [
    "AppriseNotifier",
    "CommandNotifier",
    "Digest",
    "MailNotifier",
    "Message",
    "Notifier",
    "apprise_channels",
    "send",
]

_DEADLINE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One notification.

    Attributes:
        desk: The desk's folder.
        source: The source (or flow) it is about.
        state: The trouble that began: `failing`, `failed`, `held`, `quarantined` or `silent`; `ok` when it is over.
        was: The trouble that is over; "" when one began.
        detail: The cause or the numbers, in one line.
        run: The run's name, "" without one.
        at: When (UTC, ISO 8601).
        owner: Who looks after the rule that is broken; "" for nobody.
        dimension: What suffers, as `quality.rule_files.DIMENSIONS`; "" when it is not of a rule.
        tags: Tags of the rule.
    """

    desk: str
    source: str
    state: str
    was: str
    detail: str
    run: str
    at: str
    owner: str = ""
    dimension: str = ""
    tags: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """One line for a subject or a chat."""
        return f"copydesk: {self.source} " + (f"recovered from {self.was}" if self.state == "ok" else self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(Message):
    """New stories of a watch: `source` is its name, `state` is `watch`, `detail` says how many.

    Attributes:
        key: The same for the same stories of the same watch; a receiver that has it already may drop the digest.
        lines: One per story: date, publisher, headline, address.
    """

    key: str
    lines: tuple[str, ...]

    @property
    def headline(self) -> str:
        """One line for a subject or a chat."""
        return f"copydesk watch {self.source}: {self.detail}"


class Notifier(Protocol):
    """A kind of channel. Its class takes no arguments and is registered in `copydesk.notifiers`.

    Attributes:
        settings: Model of `[notify.options.NAME]`, without which the channel is not used; None takes none.
    """

    settings: ClassVar[type[BaseModel] | None]

    def send(self, message: Message, desk: DeskFolder) -> Iterable[tuple[str, str]]:
        """Send a message to every configured channel of this kind.

        Returns:
            (channel, error) of each, "" where it was delivered; nothing when none is configured.
        """
        ...


def send(message: Message, desk: DeskFolder) -> Iterator[tuple[str, str]]:
    """Send a message on every channel of its routes; yield (channel, error). Failures are yielded, never raised.

    A message whose owner, dimension, tag or source has a route goes there, and to `[notify]` when there is none.
    """
    for where in _routed(message, desk):
        yield from _send(message, where)


def _routed(message: Message, desk: DeskFolder) -> Iterator[DeskFolder]:
    """Yield the desk with the channels of each route that fits, or as it is."""
    notify = desk.settings.notify
    names_ = dict.fromkeys((message.owner, message.dimension, *message.tags, message.source))
    routes = [notify.routes[name] for name in names_ if name in notify.routes]
    for route in routes:
        settings = notify.model_copy(update=dict(route))
        yield replace(desk, settings=desk.settings.model_copy(update={"notify": settings}))
    if not routes:
        yield desk


def _send(message: Message, desk: DeskFolder) -> Iterator[tuple[str, str]]:
    options = desk.settings.notify.options
    for name in names(NOTIFIERS):
        if not is_own(NOTIFIERS, name) and name not in options:
            continue
        try:
            notifier: Notifier = load(NOTIFIERS, name)()
            yield from notifier.send(message, desk)
        except Exception as error:  # noqa: BLE001 (a foreign package must not end the run)
            yield name, f"{type(error).__name__}: {error}"[:200]


class CommandNotifier:
    """Runs `[notify] command` in the desk's folder, with the message as JSON on standard input."""

    settings = None

    def send(self, message: Message, desk: DeskFolder) -> Iterator[tuple[str, str]]:
        """See `Notifier.send`."""
        command = desk.settings.notify.command
        if command:
            yield "command", _run(command, json.dumps(_content(message), ensure_ascii=False).encode(), desk)


class MailNotifier:
    """Sends by `[notify] smtp`, with STARTTLS if the server offers it, which Apprise must be told beforehand."""

    settings = None

    def send(self, message: Message, desk: DeskFolder) -> Iterator[tuple[str, str]]:
        """See `Notifier.send`."""
        settings = desk.settings.notify
        if settings.smtp and settings.mail_to:
            yield "mail", _mail(settings, message)


class AppriseNotifier:
    """Sends to `[notify] urls` by Apprise, and to `webhook` as one of its JSON channels."""

    settings = None

    def send(self, message: Message, desk: DeskFolder) -> Iterator[tuple[str, str]]:
        """See `Notifier.send`."""
        channels = apprise_channels(desk.settings.notify, message)
        if not channels:
            return
        import apprise

        # Apprise only logs why a delivery failed
        asset = apprise.AppriseAsset(http_redirects=False, app_id="copydesk", async_mode=False, secure_logging=True)
        for channel, url in channels:
            client = apprise.Apprise.instantiate(url, asset=asset)
            if client is None:
                yield channel, "it is no address that Apprise can read"
                continue
            yield channel, _within_deadline(client, message)


def apprise_channels(settings: NotifySettings, message: Message) -> list[tuple[str, Any]]:
    """Return (channel, Apprise URL or arguments); the channel's name holds no secret."""
    found: list[tuple[str, Any]] = [(url.partition(":")[0], url) for url in settings.urls]
    if settings.webhook:
        found.append(("webhook", _webhook(settings.webhook, message)))
    return found


def _webhook(address: str, message: Message) -> dict[str, Any] | str:
    """Return an Apprise JSON channel that posts only the message's own fields."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return address
    dropped = dict.fromkeys(("version", "title", "message", "attachments", "type"), "")
    return {
        "schema": "jsons" if parts.scheme == "https" else "json",
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "fullpath": (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        "payload": {**dropped, **_content(message)},
    }


def _mail(settings: NotifySettings, message: Message) -> str:
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.headline.split())
    mail["From"] = settings.mail_from or "copydesk@localhost"
    mail["To"] = ", ".join(settings.mail_to)
    mail["Date"] = format_datetime(datetime.fromisoformat(message.at))
    mail["Message-ID"] = f"<{_message_key(message)}@copydesk>"
    mail.set_content(_as_text(message) + "\n")
    host, _, port = str(settings.smtp).rpartition(":")
    try:
        with smtplib.SMTP(host or str(settings.smtp), int(port) if host else 25, timeout=_DEADLINE_S) as server:
            if server.ehlo()[0] == 250 and server.has_extn("starttls"):
                server.starttls()
            server.send_message(mail)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _within_deadline(client: Any, message: Message) -> str:
    """Send; return why it failed. On a timeout the thread is abandoned."""
    said = _LastLine()
    logger = logging.getLogger("apprise")
    sent: list[bool] = []

    def work() -> None:
        try:
            sent.append(bool(client.notify(title=" ".join(message.headline.split()), body=_as_text(message))))
        except Exception as error:  # noqa: BLE001 (whatever a plugin of Apprise raises is a failed delivery)
            said.line = f"{type(error).__name__}: {error}"

    logger.addHandler(said)
    try:
        thread = Thread(target=work, daemon=True)
        thread.start()
        thread.join(_DEADLINE_S)
    finally:
        logger.removeHandler(said)
    if thread.is_alive():
        return f"no answer within {_DEADLINE_S:g} s"
    return "" if sent == [True] else said.line or "it was not delivered"


class _LastLine(logging.Handler):
    """Keeps the last warning of Apprise."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.line = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.line = record.getMessage()[:200]


def _message_key(message: Message) -> str:
    """Return what makes a message the same when it is sent again."""
    if isinstance(message, Digest):
        return message.key
    return key("message", message.desk, message.source, message.state, message.was, message.at)


def _as_text(message: Message) -> str:
    if isinstance(message, Digest):
        return "\n".join((message.headline, "", *message.lines))
    return "\n".join(f"{k}: {v}" for k, v in asdict(message).items() if v)


def _content(message: Message) -> dict[str, Any]:
    """Return the message for machines; `text` is what chat services show."""
    if isinstance(message, Digest):
        return {"text": _as_text(message), **asdict(message)}
    return {"text": f"{message.headline}: {message.detail}", **asdict(message)}


def _run(command: tuple[str, ...], content: bytes, desk: DeskFolder) -> str:
    try:
        done = subprocess.run(
            list(command), input=content, capture_output=True, timeout=_DEADLINE_S, cwd=desk.root, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stderr.decode(errors="replace")[-200:]
    return "" if done.returncode == 0 else f"ended with {done.returncode}: {said}"
