"""Watches of a desk: what they find, and a trial of their channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from copydesk.desk.opening import OpeningDesk
from copydesk.errors import UsageError
from copydesk.settings import Watch

if TYPE_CHECKING:
    from copydesk.store.curate.watch_state import WatchStory
    from copydesk.store.read.feed import Feed

__all__ = ["WatchStatus", "WatchingDesk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStatus:
    """How a watch stands.

    Attributes:
        name: Its name.
        conditions: What a story must meet, in words.
        every: `run`, `hour` or `day`.
        enabled: Whether it is on.
        found: Stories it has found since it is there.
        waiting: Those of them that a channel has not taken yet.
        sent_at: When all were last delivered (UTC); None before that.
        channels: Channels of `[notify]`.
    """

    name: str
    conditions: str
    every: str
    enabled: bool
    found: int
    waiting: int
    sent_at: datetime | None
    channels: tuple[str, ...]


class WatchingDesk(OpeningDesk):
    """Methods for `[[watch]]`."""

    __slots__ = ()

    def watches(self) -> list[WatchStatus]:
        """Return the watches of `copydesk.toml`, in their order."""
        from copydesk.service.watches import channels_of
        from copydesk.store.curate.watch_state import last_sent, pending

        channels = tuple(channels_of(self))
        found = []
        with self.open_warehouse().open_for_reading() as connection:
            for watch in self.settings.watch:
                waiting = {s.article_id for c in channels for s in pending(connection, watch.name, c)}
                number = connection.value(
                    "select count(*) from ops.watch_stories where watch = $1 and not old", [watch.name]
                )
                found.append(
                    WatchStatus(
                        name=watch.name,
                        conditions=_conditions(watch),
                        every=watch.every,
                        enabled=watch.enabled,
                        found=int(number),
                        waiting=len(waiting),
                        sent_at=last_sent(connection, watch.name),
                        channels=channels,
                    )
                )
        return found

    def watch_stories(self, name: str, *, limit: int = 20) -> list[WatchStory]:
        """Return the stored stories that a watch matches, the latest first, whether or not they were sent.

        Args:
            name: Name of the watch.
            limit: At most so many.

        Raises:
            UsageError: There is no such watch.
        """
        from copydesk.store.curate.watch_state import matching

        with self.open_warehouse().open_for_reading() as connection:
            first = dict(reversed(matching(connection, self._watch(name))))
        return sorted(first.values(), key=lambda s: (s.printed_at, s.article_id), reverse=True)[:limit]

    def try_watch(self, name: str, *, limit: int = 20) -> dict[str, str]:
        """Send what a watch matches to every channel as a trial; return channel -> error, "" where it was taken.

        Nothing is recorded as sent.

        Raises:
            UsageError: There is no such watch, or `[notify]` has no channel.
        """
        from copydesk.service.watches import channels_of, digest_of, send_digest

        watch, channels = self._watch(name), channels_of(self)
        if not channels:
            raise UsageError("[notify] in copydesk.toml names no channel: give urls, command, or smtp and mail_to.")
        stories = self.watch_stories(name, limit=limit)[::-1]
        digest = digest_of(self, watch, stories, run="trial", now=datetime.now(UTC))
        return {channel: send_digest(where, digest) for channel, where in channels.items()}

    def watch_feed(self, name: str, *, limit: int = 50) -> Feed:
        """Return the stories of a watch as a feed: one item per story, the latest first.

        Raises:
            UsageError: There is no such watch.
        """
        from copydesk.keys import key
        from copydesk.store.curate.watch_state import matching
        from copydesk.store.read.feed import MAX_ITEMS, read_feed

        watch = self._watch(name)
        with self.open_warehouse().open_for_reading() as connection:
            articles = [story.article_id for _, story in matching(connection, watch)][-10 * MAX_ITEMS :]
            title = f"Copydesk: {watch.name}, {_conditions(watch)}"
            return read_feed(
                connection, articles, title=title, key=key("feed", "watch", watch.name), limit=min(limit, MAX_ITEMS)
            )

    def _watch(self, name: str) -> Watch:
        for watch in self.settings.watch:
            if watch.name == name:
                return watch
        known = ", ".join(w.name for w in self.settings.watch) or "none"
        raise UsageError(f"no watch is called {name!r}. Declared in {self.root / 'copydesk.toml'}: {known}.")


def _conditions(watch: Watch) -> str:
    said = [" or ".join(repr(w) for w in watch.words)] if watch.words else []
    said += [f"{field} {getattr(watch, field)}" for field in ("person", "topic", "publisher") if getattr(watch, field)]
    return ", ".join(said)
