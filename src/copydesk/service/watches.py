"""Watches: new stories that meet the conditions of a `[[watch]]`, sent to the channels of `[notify]`.

    run --find--> watch_stories --due?--> one digest per channel --taken?--> watch_sent

A channel that is down keeps its stories until the next time; the others are not sent anything again. A process killed
between a channel's answer and its record sends that one digest again, under the same id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from copydesk.errors import CopydeskError
from copydesk.keys import key
from copydesk.logs import log
from copydesk.service.notifiers import Digest, send
from copydesk.settings import DeskFolder, NotifySettings, Watch
from copydesk.store.curate.watch_state import (
    WatchStory,
    find_stories,
    last_sent,
    mark_delivered,
    mark_sent,
    pending,
)
from copydesk.store.warehouse.connection import open_warehouse
from copydesk.wording import counted

__all__ = ["Delivery", "channels_of", "digest_of", "run_watches", "send_digest"]

_PERIODS = {"run": timedelta(0), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_SLACK = timedelta(minutes=1)
"""A run that starts some seconds earlier than yesterday's still sends today's digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of one digest.

    Attributes:
        watch: Name of the watch.
        channel: The channel.
        stories: How many stories it has.
        error: Why the channel did not take it, "" when it did.
    """

    watch: str
    channel: str
    stories: int
    error: str


def run_watches(desk: DeskFolder, run: str, started_at: datetime, *, now: datetime | None = None) -> list[Delivery]:
    """Find and send what a run brought for each watch; a failure is logged and never ends the run.

    Args:
        desk: The desk.
        run: The run's id.
        started_at: When it started (UTC).
        now: When this is (UTC).
    """
    deliveries: list[Delivery] = []
    for watch in desk.settings.watch:
        if not watch.enabled:
            continue
        try:
            deliveries += _run_watch(desk, watch, run, started_at, now or datetime.now(UTC))
        except CopydeskError as error:
            log.warning("watch failed; the next run tries again", watch=watch.name, why=str(error))
    for one in deliveries:
        if one.error:
            log.warning("watch not delivered", watch=one.watch, channel=one.channel, why=one.error)
        else:
            log.info("watch delivered", watch=one.watch, channel=one.channel, stories=one.stories)
    return deliveries


def _run_watch(desk: DeskFolder, watch: Watch, run: str, started_at: datetime, now: datetime) -> list[Delivery]:
    channels = channels_of(desk)
    with open_warehouse(desk).open_for_writing() as connection:
        find_stories(connection, watch, channels, run=run, started_at=started_at)
        before = last_sent(connection, watch.name)
        if before is not None and now - before < _PERIODS[watch.every] - _SLACK:
            return []
        waiting = {channel: pending(connection, watch.name, channel) for channel in channels}
    deliveries = []
    for channel, stories in waiting.items():  # the warehouse is free while channels are waited for
        if not stories:
            continue
        error = send_digest(channels[channel], digest_of(desk, watch, stories, run=run, now=now))
        deliveries.append(Delivery(watch=watch.name, channel=channel, stories=len(stories), error=error))
        if not error:
            with open_warehouse(desk).open_for_writing() as connection:
                mark_sent(connection, watch.name, channel, stories, now)
    if deliveries and not any(one.error for one in deliveries):
        with open_warehouse(desk).open_for_writing() as connection:
            mark_delivered(connection, watch.name, now)
    return deliveries


def send_digest(desk: DeskFolder, digest: Digest) -> str:
    """Send a digest to the one channel of a desk; return why it was not taken, "" when it was."""
    answers = list(send(digest, desk))
    if not answers:
        return "nothing took it: is the package of this channel installed?"
    return "; ".join(error for _, error in answers if error)


def channels_of(desk: DeskFolder) -> dict[str, DeskFolder]:
    """Return channel -> the desk with this channel alone, in the order of the settings."""
    return {
        name: DeskFolder(root=desk.root, settings=desk.settings.model_copy(update={"notify": only}))
        for name, only in _each(desk.settings.notify)
    }


def _each(notify: NotifySettings) -> Iterator[tuple[str, NotifySettings]]:
    for url in notify.urls:
        yield f"{url.partition(':')[0]} {_digest(url)}", NotifySettings(urls=(url,))
    if notify.webhook:
        yield f"webhook {_digest(notify.webhook)}", NotifySettings(webhook=notify.webhook)
    if notify.command:
        yield f"command {_digest(*notify.command)}", NotifySettings(command=notify.command)
    if notify.smtp and notify.mail_to:
        to = NotifySettings(smtp=notify.smtp, mail_from=notify.mail_from, mail_to=notify.mail_to)
        yield f"mail {_digest(*notify.mail_to)}", to
    for name, options in notify.options.items():
        yield f"{name} {_digest(repr(sorted(options.items())))}", NotifySettings(options={name: options})


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:8]


def digest_of(desk: DeskFolder, watch: Watch, stories: Sequence[WatchStory], *, run: str, now: datetime) -> Digest:
    """Return the message of a watch: one line a story, the latest first, and an id that the same stories have again."""
    number = f"{counted(len(stories), 'new story')}"
    return Digest(
        desk=str(desk.root),
        source=watch.name,
        state="watch",
        was="",
        detail=number,
        run=run,
        at=now.isoformat(timespec="seconds"),
        key=key("digest", watch.name, *sorted(s.article_id for s in stories)),
        lines=tuple(_line(story) for story in reversed(stories)),
    )


def _line(story: WatchStory) -> str:
    title = " ".join((story.title or "(no title)").split())
    return f"{story.printed_at:%Y-%m-%d %H:%M}  {story.publisher}: {title}  {story.address}"
