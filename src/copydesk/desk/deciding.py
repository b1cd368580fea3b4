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
    import polars as pl

    from copydesk.quality.quarantine import QuarantinedRecord
    from copydesk.reprocess import Preview
    from copydesk.runs.folder import Resuming
    from copydesk.runs.summary import RunSummary
    from copydesk.store.curate.curation import CutLine
    from copydesk.store.curate.forget import ForgetReport

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

    def quarantined(self, name: str) -> QuarantinedRecord:
        """Return one quarantined record, also one that was loaded or dropped since.

        Args:
            name: As for `explain`.

        Raises:
            UsageError: No such record, or several.
        """
        from copydesk.quality.quarantine import read_quarantine
        from copydesk.store.read.resolve import find_page

        with self.open_warehouse().open_for_reading() as connection:
            page = find_page(connection, name, wanted="quarantined")
            return read_quarantine(connection, record=page.capture_id, resolved=True)[0]

    @overload
    def replay(
        self,
        *records: str,
        source: str | None = None,
        rule: str | None = None,
        stage: str | None = None,
        dry_run: Literal[False] = False,
        resuming: Resuming | None = None,
    ) -> Replay: ...

    @overload
    def replay(
        self,
        *records: str,
        source: str | None = None,
        rule: str | None = None,
        stage: str | None = None,
        dry_run: Literal[True],
        resuming: Resuming | None = None,
    ) -> Preview: ...

    def replay(
        self,
        *records: str,
        source: str | None = None,
        rule: str | None = None,
        stage: str | None = None,
        dry_run: bool = False,
        resuming: Resuming | None = None,
    ) -> Replay | Preview:
        """Run quarantined records again under today's rules, from stored bytes; harmless to repeat.

        Args:
            records: Ids or their beginnings; none: all that match the rest.
            source: Only records of this source.
            rule: Only records with this rule or reason.
            stage: Only those that this stage stopped.
            dry_run: Change nothing; return what would change, as a `Preview`.
            resuming: Called with each interrupted run before the work on it goes on.

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
        summary = reprocess_captures(self, captures, trigger="replay", resuming=resuming)
        return Replay(
            chosen=len(ids),
            replayed=len(captures),
            loaded=summary.count("publish", "loaded"),
            quarantined=summary.count("publish", "quarantined"),
        )

    def drop_quarantined(
        self,
        *records: str,
        source: str | None = None,
        rule: str | None = None,
        stage: str | None = None,
        because: str = "",
        by: str | None = None,
    ) -> int:
        """Resolve quarantined records as dropped: they stay on record and wait no more. Return how many.

        Args:
            records: Ids or their beginnings; none: all that match the rest.
            source: Only records of this source.
            rule: Only records with this rule or reason.
            stage: Only those that this stage stopped.
            because: Why, for the record of decisions.
            by: Who decides; None for the account that runs this.

        Raises:
            UsageError: There is no such source, or a name fits no open record or more than one.
        """
        from copydesk.quality.decisions import drop_quarantined

        ids = self._ids(records, source, rule, stage)
        with self.open_warehouse().open_for_writing() as connection, connection.transaction():
            return drop_quarantined(connection, ids, because=because, by=by)

    def _ids(self, records: Iterable[str], source: str | None, rule: str | None, stage: str | None) -> list[str]:
        from copydesk.quality.quarantine import ids_of
        from copydesk.runs.targets import check_source

        check_source(self, source)
        with self.open_warehouse().open_for_reading() as connection:
            return ids_of(connection, list(records), source=source, rule=rule, stage=stage)

    def accept(
        self,
        name: str,
        *,
        undo: bool = False,
        because: str = "",
        by: str | None = None,
        resuming: Resuming | None = None,
    ) -> list[str]:
        """Let one quarantined page in although it broke rules, now and in later versions; return those rules.

        Another rule that a later version breaks refuses it all the same.

        Args:
            name: As for `explain`, of a record that waits in quarantine.
            undo: Take back that the page was let in: the rules decide again.
            because: Why, for the record of decisions.
            by: Who decides; None for the account that runs this.
            resuming: Called with each interrupted run before the work on it goes on.

        Raises:
            UsageError: No such record, or there is no article to let in; with `undo`, the page was not let in.
        """
        from copydesk.decisions import accept, unaccept

        return (unaccept if undo else accept)(self, name, because=because, by=by, resuming=resuming)

    # Lines

    def cut_lines(self, name: str) -> list[CutLine]:
        """Return (number, label, text) of the lines that were cut from an article, or from a refused page.

        Args:
            name: As for `explain`.

        Raises:
            UsageError: No such page, or several.
        """
        from copydesk.decisions import lines_cut_from

        return lines_cut_from(self, name)[1]

    def restore(
        self,
        name: str,
        *lines: int,
        undo: bool = False,
        because: str = "",
        by: str | None = None,
        resuming: Resuming | None = None,
    ) -> list[str]:
        """Put cut lines of a page back, now and in later runs, as a new text of its article; return the lines.

        Args:
            name: As for `explain`.
            lines: Numbers of cut lines; with `undo`, of restored ones, none meaning all.
            undo: Take back that they were restored: the rules decide again.
            because: Why, for the record of decisions.
            by: Who decides; None for the account that runs this.
            resuming: Called with each interrupted run before the work on it goes on.

        Raises:
            UsageError: No such page, or one of the lines was not cut, or not restored.

        >>> desk = open_desk()
        >>> desk.restore("seeds/000_bca97a53f92043e2.txt", 28, because="credits the agency")
        ['Source: Fars News']
        >>> desk.restore("seeds/000_bca97a53f92043e2.txt", undo=True)
        ['Source: Fars News']
        """
        from copydesk.decisions import restore, unrestore

        change = unrestore if undo else restore
        return change(self, name, lines, because=because, by=by, resuming=resuming)

    def boilerplate(self, site: str | None = None, *, min_pages: int = 3, limit: int = 1_000_000) -> pl.DataFrame:
        """Return the lines that recur on a site's pages, most frequent first, and pinned ones.

        Columns: site, line_key, text, label, pages, of_pages, first_seen_at, last_seen_at, verdict.

        Args:
            site: Domain of a publisher, or name of a source; None: all.
            min_pages: Only lines on at least so many pages, and pinned lines.
            limit: At most so many.
        """
        from copydesk.store.curate.curation import boilerplate_lines

        return boilerplate_lines(
            self.warehouse, site=site, min_pages=min_pages, limit=limit, lock_timeout_s=self._lock_timeout_s
        )

    def pin(
        self, site: str, line: str, verdict: Literal["keep", "cut"], *, because: str = "", by: str | None = None
    ) -> None:
        """Keep or cut a line of a site from now on, whatever the model says; `reprocess` applies it to loaded articles.

        Args:
            site: Domain of a publisher, or name of a source.
            line: The line, as it reads on the page.
            verdict: What becomes of it.
            because: Why, for the record of decisions.
            by: Who decides; None for the account that runs this.
        """
        from copydesk.store.curate.curation import pin_line
        from copydesk.text.boilerplate import line_key

        pin_line(
            self.warehouse, site, line_key(line), line, verdict,
            because=because, by=by, lock_timeout_s=self._lock_timeout_s,
        )  # fmt: skip

    def unpin(self, site: str, *lines: str, because: str = "", by: str | None = None) -> int:
        """Forget lines of a site, pins and counts alike, or all its lines; return how many were known.

        Args:
            site: Domain of a publisher, or name of a source.
            lines: As they read on the page; none: all.
            because: Why, for the record of decisions.
            by: Who decides; None for the account that runs this.
        """
        from copydesk.store.curate.curation import forget_line
        from copydesk.text.boilerplate import line_key

        keys = [line_key(line) for line in lines] or None
        return forget_line(self.warehouse, site, keys, because=because, by=by, lock_timeout_s=self._lock_timeout_s)

    # Pages for good

    def forget(self, what: str, *, reason: str | None = None, dry_run: bool = False) -> ForgetReport:
        """Delete an article or a publisher everywhere and block it from returning; this cannot be undone.

        Args:
            what: A publisher's domain, an address, a path, or an article's id. An address that was never seen is
                kept out from now on.
            reason: Kept with the tombstone.
            dry_run: Delete nothing; return what would be deleted.

        Raises:
            UsageError: No such publisher, address, path or article.
            StoreError: The disk refused; forgetting again finishes the work.
        """
        from copydesk.store.curate.forget import forget

        return forget(
            self.open_warehouse(),
            self.root,
            what,
            archive=self.archive,
            store=self.settings.warehouse.archive_path,
            reason=reason,
            dry_run=dry_run,
        )

    # Held batches

    def release(
        self,
        run_id: str,
        *sources: str,
        because: str = "",
        by: str | None = None,
        resuming: Resuming | None = None,
    ) -> tuple[tuple[str, ...], RunSummary]:
        """Release held batches of a run and load them; return their sources and the run's summary.

        Args:
            run_id: The run that holds them.
            sources: Held sources; none: all of the run.
            because: Why, for the record of decisions.
            by: Who decides; None for the account that runs this.
            resuming: Called with each other interrupted run before the work on it goes on.

        Raises:
            UsageError: No such run holds a batch, or not one of that source.
            StoreError: The run could not be finished; the decision stands.
        """
        from copydesk.decisions import settle

        return settle(self, run_id, sources, "released", because=because, by=by, resuming=resuming)

    def drop_held(
        self,
        run_id: str,
        *sources: str,
        because: str = "",
        by: str | None = None,
        resuming: Resuming | None = None,
    ) -> tuple[tuple[str, ...], RunSummary]:
        """Drop held batches of a run into quarantine, from where they can be replayed; otherwise as `release`."""
        from copydesk.decisions import settle

        return settle(self, run_id, sources, "dropped", because=because, by=by, resuming=resuming)

    def mark_incident(self, run_id: str, source: str | None = None, *, because: str = "", by: str | None = None) -> int:
        """Leave a run's statistics out of the history that batches are judged by; return how many sources that is.

        Args:
            run_id: The run.
            source: Only this source; None: all of the run.
            because: Why, for the record of decisions.
            by: Who decides; None for the account that runs this.

        Raises:
            UsageError: The run has no statistics for that source.
        """
        from copydesk.quality.decisions import mark_incident

        with self.open_warehouse().open_for_writing() as connection, connection.transaction():
            return mark_incident(connection, run_id, source, because, by=by)
