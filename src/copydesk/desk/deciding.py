"""Decisions of people: quarantined records.

>>> open_desk().run().loaded
5
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

from copydesk.desk.opening import OpeningDesk

if TYPE_CHECKING:
    from copydesk.quality.quarantine import QuarantinedRecord
    from copydesk.reprocess import Preview

__all__ = ["DecidingDesk", "Replay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What became of replayed records.

    Attributes:
        chosen: Records that were asked for.
        replayed: Those of them whose bytes could be read again.
        loaded: Those that are articles now.
        quarantined: Those that are still refused.
    """

    chosen: int
    replayed: int = 0
    loaded: int = 0
    quarantined: int = 0


class DecidingDesk(OpeningDesk):
    """Methods by which a person decides."""

    __slots__ = ()

    def quarantine(
        self,
        *,
        source: str | None = None,
        rule: str | None = None,
        stage: str | None = None,
        record: str | None = None,
        resolved: bool = False,
        limit: int = 1_000_000,
    ) -> list[QuarantinedRecord]:
        """Return the quarantined records, latest first.

        Args:
            source: Only records of this source.
            rule: Only records with this rule or reason.
            stage: Only those that `acquire`, `extract` or `check` stopped.
            record: Only those whose id begins so, or whose address contains this.
            resolved: Also those that were loaded or dropped since.
            limit: At most so many.

        Raises:
            UsageError: The source is neither declared nor in the warehouse.

        >>> open_desk().quarantine()
        []
        """
        from copydesk.quality.quarantine import read_quarantine
        from copydesk.runs.targets import check_source

        check_source(self, source)
        with self.open_warehouse().open_for_reading() as connection:
            return read_quarantine(
                connection, source=source, rule=rule, stage=stage, record=record, resolved=resolved, limit=limit
            )

    @overload
    def replay(
        self,
        *records: str,
        source: str | None = None,
        rule: str | None = None,
        stage: str | None = None,
        dry_run: Literal[False] = False,
    ) -> Replay: ...

    @overload
    def replay(
        self,
        *records: str,
        source: str | None = None,
        rule: str | None = None,
        stage: str | None = None,
        dry_run: Literal[True],
    ) -> Preview: ...

    def replay(
        self,
        *records: str,
        source: str | None = None,
        rule: str | None = None,
        stage: str | None = None,
        dry_run: bool = False,
    ) -> Replay | Preview:
        """Run quarantined records again under today's rules, from stored bytes; harmless to repeat.

        Args:
            records: Ids or their beginnings; none: all that match the rest.
            source: Only records of this source.
            rule: Only records with this rule or reason.
            stage: Only those that this stage stopped.
            dry_run: Change nothing; return what would change, as a `Preview`.

        Raises:
            UsageError: There is no such source, or a name fits no open record or more than one.

        >>> open_desk().replay(rule="too_short")
        Replay(chosen=0, replayed=0, loaded=0, quarantined=0)
        """
        from copydesk.reprocess import preview_captures, reprocess_captures
        from copydesk.store.read.lookups import captures_to_reprocess

        ids = self._ids(records, source, rule, stage)
        captures = captures_to_reprocess(
            self.warehouse, outcomes=("quarantined",), capture_ids=ids, lock_timeout_s=self._lock_timeout_s
        )
        if dry_run:
            return preview_captures(self, captures)
        if not captures:
            return Replay(chosen=len(ids))
        summary = reprocess_captures(self, captures, trigger="replay")
        return Replay(
            chosen=len(ids),
            replayed=len(captures),
            loaded=summary.count("publish", "loaded"),
            quarantined=summary.count("publish", "quarantined"),
        )

    def drop_quarantined(
        self, *records: str, source: str | None = None, rule: str | None = None, stage: str | None = None
    ) -> int:
        """Resolve quarantined records as dropped: they stay on record and wait no more. Return how many.

        Raises:
            UsageError: There is no such source, or a name fits no open record or more than one.
        """
        from copydesk.quality.decisions import drop_quarantined

        ids = self._ids(records, source, rule, stage)
        with self.open_warehouse().open_for_writing() as connection:
            return drop_quarantined(connection, ids)

    def _ids(self, records: Iterable[str], source: str | None, rule: str | None, stage: str | None) -> list[str]:
        from copydesk.quality.quarantine import ids_of
        from copydesk.runs.targets import check_source

        check_source(self, source)
        with self.open_warehouse().open_for_reading() as connection:
            return ids_of(connection, list(records), source=source, rule=rule, stage=stage)
