"""Incidents of a desk: what is wrong, who looks after it, and which times are no yardstick."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from copydesk.desk.opening import OpeningDesk

if TYPE_CHECKING:
    from copydesk.store.curate.incidents import Incident, MarkedTime

__all__ = ["IncidentsDesk"]


class IncidentsDesk(OpeningDesk):
    """Methods for incidents."""

    __slots__ = ()

    def incidents(self, *, source: str | None = None, closed_days: int = 0) -> list[Incident]:
        """Return the open incidents, the latest first.

        Args:
            source: Only of this source.
            closed_days: Also those that were closed in so many days.

        >>> open_desk().incidents()
        []
        """
        from copydesk.store.curate.incidents import read_incidents

        since = datetime.now(UTC) - timedelta(days=closed_days) if closed_days else None
        with self.open_warehouse().open_for_reading() as connection:
            return read_incidents(connection, source=source, closed_since=since)

    def incident(self, number: int) -> Incident:
        """Return one incident, open or closed.

        Raises:
            UsageError: There is none of that number.
        """
        from copydesk.errors import UsageError
        from copydesk.store.curate.incidents import read_incidents

        with self.open_warehouse().open_for_reading() as connection:
            found = read_incidents(connection, number=number)
        if not found:
            raise UsageError(f"there is no incident {number}. `copydesk incidents --all` lists them.")
        return found[0]

    def acknowledge(self, number: int, note: str = "", *, by: str | None = None) -> Incident:
        """Note that somebody looks after an incident; return it.

        Args:
            number: The incident.
            note: What is known of it; a later note replaces it.
            by: Who; None for the account that runs this.

        Raises:
            UsageError: There is none of that number.
        """
        from copydesk.store.curate.incidents import acknowledge

        with self.open_warehouse().open_for_writing() as connection, connection.transaction():
            return acknowledge(connection, number, note, by=by)

    def mute(self, number: int, until: datetime | None, *, because: str = "", by: str | None = None) -> Incident:
        """Send no notification of this trouble of the source before a moment; None unmutes it.

        Args:
            number: The incident.
            until: The moment (UTC).
            because: Why, for the record of decisions.
            by: Who; None for the account that runs this.

        Raises:
            UsageError: There is none of that number.
        """
        from copydesk.store.curate.incidents import mute

        with self.open_warehouse().open_for_writing() as connection, connection.transaction():
            return mute(connection, number, until, because, by=by)

    def marked_times(self) -> list[MarkedTime]:
        """Return the times that are no yardstick, the latest first."""
        from copydesk.store.curate.incidents import marked_times

        with self.open_warehouse().open_for_reading() as connection:
            return marked_times(connection)

    def mark_time(
        self,
        starts_at: datetime,
        ends_at: datetime,
        *,
        source: str | None = None,
        because: str = "",
        by: str | None = None,
    ) -> MarkedTime:
        """Leave the runs of a time, such as a holiday, out of history, and do not judge their volume.

        Args:
            starts_at: Begin (UTC).
            ends_at: End (UTC), not included.
            source: Only this source; None: all.
            because: Why, for the record of decisions.
            by: Who; None for the account that runs this.

        Raises:
            UsageError: It ends before it begins, or there is no such source.
        """
        from copydesk.runs.targets import check_source
        from copydesk.store.curate.incidents import mark_time

        check_source(self, source)
        with self.open_warehouse().open_for_writing() as connection, connection.transaction():
            return mark_time(connection, starts_at, ends_at, source=source, because=because, by=by)

    def unmark_time(self, number: int, *, because: str = "", by: str | None = None) -> None:
        """Take a marked time back.

        Raises:
            UsageError: There is none of that number.
        """
        from copydesk.store.curate.incidents import unmark_time

        with self.open_warehouse().open_for_writing() as connection, connection.transaction():
            unmark_time(connection, number, because=because, by=by)
