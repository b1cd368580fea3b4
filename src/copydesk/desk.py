"""A desk in Python: the commands that run, query and export are methods.

desk.run("press-tv")                        copydesk run press-tv
desk.sql("select count(*) from articles")   copydesk sql "select count(*) from articles"

>>> desk = open_desk()
>>> [source.name for source in desk.sources]
['seeds']
>>> desk.run("seeds").numbers["loaded"]
5
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from copydesk.settings import DeskFolder, Source, find_desk_folder, output_path

if TYPE_CHECKING:
    from copydesk.extraction.article import Article
    from copydesk.extraction.batches import Page
    from copydesk.quality.quarantine import QuarantinedRecord
    from copydesk.reprocess import Preview
    from copydesk.runs.folder import Progress, Resuming
    from copydesk.runs.summary import RunSummary
    from copydesk.sources.crawl.check_sources import SourceCheck
    from copydesk.store.read.article_view import TextChange
    from copydesk.store.read.export import ExportReport
    from copydesk.store.read.search import SearchResult
    from copydesk.store.read.user_query import UserQuery
    from copydesk.store.warehouse.connection import Warehouse

__all__ = ["Desk", "Replay", "open_desk"]


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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Desk(DeskFolder):
    """A folder with `copydesk.toml`, and all that can be done with it.

    A method opens the warehouse when it is called and closes it before it returns, so a desk holds no file open.

    Attributes:
        root: The folder.
        settings: What `copydesk.toml` and the environment say.
    """

    def __repr__(self) -> str:
        """Name the folder."""
        return f"<Desk {str(self.root)!r}>"

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources that `copydesk.toml` declares."""
        return self.settings.source

    def check_sources(self, *names: str) -> list[SourceCheck]:
        """Ask whether sources are there and what they name; no page of their lists is fetched, nothing is written.

        Args:
            names: Sources; none: all.

        Raises:
            UsageError: No such source.
        """
        from copydesk.sources.crawl.check_sources import check_sources
        from copydesk.web.limits import WebLimits

        chosen = [self.source(name) for name in names] if names else list(self.sources)
        limits = WebLimits.from_settings(self.settings.web, document_bytes=self.settings.run.document_bytes)
        return check_sources(chosen, self.root, limits)

    # Into the warehouse

    def run(
        self,
        *targets: str | Path,
        trigger: str = "api",
        progress: Progress | None = None,
        lock_timeout_s: float = 60,
        resuming: Resuming | None = None,
    ) -> RunSummary:
        """Take sources, files or folders into the warehouse; interrupted runs are finished first.

        Args:
            targets: Names of sources, files or folders; none: every enabled source.
            trigger: Who asked; stored as `ops.runs.command`. Not `replay`, `reprocess` or `preview`.
            progress: Called as `progress(stage, done, total)`; `total` is None while unknown.
            lock_timeout_s: Seconds to wait for another run of the same source.
            resuming: Called with each interrupted run before the work on it goes on.

        Raises:
            UsageError: A target is neither a source nor an existing path.
            RunBusyError: Another run of the same source is at work past `lock_timeout_s`.
            StoreError: The disk or the warehouse refused; what was done is kept.

        >>> summary = open_desk().run("seeds")
        >>> summary.numbers["captured"] + summary.numbers["unchanged"]
        5
        """
        from copydesk.pipeline import run_desk

        names = [str(t) for t in targets]
        return run_desk(
            self, names, trigger=trigger, progress=progress, lock_timeout_s=lock_timeout_s, resuming=resuming
        )

    def load(self, *, snapshot: bool = False, resuming: Resuming | None = None) -> list[RunSummary]:
        """Finish runs that were interrupted, or that could not load because somebody held the warehouse.

        Args:
            snapshot: Publish a read copy afterwards, also where the settings do not ask for one.
            resuming: Called with each run before the work on it goes on.

        Raises:
            WarehouseVersionError: The warehouse is damaged, foreign or newer, whether or not a run waits.
        """
        from copydesk.pipeline import check_warehouse, finish_interrupted
        from copydesk.store.warehouse.snapshot import publish_snapshot

        check_warehouse(self)
        summaries = finish_interrupted(self, resuming=resuming)
        if snapshot or (self.settings.warehouse.snapshot and summaries):
            publish_snapshot(self.open_warehouse())
        return summaries

    def reprocess(self, source: str | None = None, *, since: datetime | None = None, dry_run: bool = False) -> Preview:
        """Extract stored pages again under today's rules, with no network; return what changed.

        Args:
            source: Only pages of this source.
            since: Only what was seen at or after this moment (UTC where it has no zone).
            dry_run: Change nothing; return what would change.

        Raises:
            UsageError: The source is neither declared nor in the warehouse.

        >>> open_desk().reprocess("seeds", dry_run=True)
        Preview(captures=5, same=5, changes=())
        """
        from copydesk.reprocess import preview_captures, reprocess_captures
        from copydesk.runs.targets import check_source
        from copydesk.store.read.lookups import captures_to_reprocess

        check_source(self, source)
        moment = since.replace(tzinfo=UTC) if since is not None and since.tzinfo is None else since
        captures = captures_to_reprocess(
            self.warehouse, source, moment, outcomes=("loaded", "quarantined"), lock_timeout_s=self._lock_timeout_s
        )
        found = preview_captures(self, captures)
        if not dry_run and found.changes:
            changed = {c.capture_id for c in found.changes}
            reprocess_captures(self, [c for c in captures if c.capture_id in changed], trigger="reprocess")
        return found

    # Quarantine

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

    # Out of the warehouse

    def sql(self, query: str, *, allow_files: bool = False, timeout_s: float = 60) -> UserQuery:
        """Return the result of one read-only statement, as rows or as a frame.

        `.rows()` gives tuples, `.dicts()` dictionaries, `.pl()` a polars frame, `.arrow()` a pyarrow table, `.df()` a
        pandas frame. A running load is waited for; the file is open only while the result is read.

        Args:
            query: One statement that reads.
            allow_files: It may read files; it can never write any.
            timeout_s: Seconds until it is interrupted; 0 is never.

        The statement runs when its result is asked for; see `UserQuery` for what that raises.

        >>> print(open_desk().sql("select name from authors order by name").pl())
        shape: (2, 1)
        ┌────────────────┐
        │ name           │
        │ ---            │
        │ str            │
        ╞════════════════╡
        │ Hazem Sabbagh  │
        │ Manar al-Freih │
        └────────────────┘
        """
        from copydesk.store.read.user_query import UserQuery

        return UserQuery(self.open_warehouse(), query, desk=self, allow_files=allow_files, timeout_s=timeout_s)

    def search(
        self,
        words: str,
        *,
        language: str | None = None,
        publisher: str | None = None,
        source: str | None = None,
        kind: str | None = None,
        author: str | None = None,
        section: str | None = None,
        since: date | None = None,
        until: date | None = None,
        newest: bool = False,
        limit: int = 10,
        offset: int = 0,
    ) -> SearchResult:
        """Find articles by their words, stemmed in the article's language and ranked (BM25).

        Args:
            words: Any of them may occur; the more and the rarer, the better the fit. What stands in double quotes must
                occur word for word. None with a filter: all articles that meet it, latest first.
            language: Only articles in this language (ISO 639-1).
            publisher: Only articles of this publisher.
            source: Only articles of this source.
            kind: Only pages of this kind.
            author: Only articles with an author of this name.
            section: Only articles of this section.
            since: Only articles printed on this day (UTC) or later.
            until: Only articles printed on this day or earlier.
            newest: Latest first instead of best first.
            limit: At most so many hits.
            offset: So many are left out before them.

        >>> [hit.title for hit in open_desk().search("military assistance", limit=1).hits]
        ['Putin: Russia will keep providing military assistance to Syria']
        >>> open_desk().search('"military assistance"', language="en").total
        1
        """
        from copydesk.store.read.search import search

        return search(
            self.open_warehouse(), words, language=language, publisher=publisher, source=source, kind=kind,
            author=author, section=section, since=since, until=until, newest=newest, limit=limit, offset=offset,
        )  # fmt: skip

    def article(self, name: str) -> Article:
        """Return a stored article: its current text, evidence and revisions.

        Args:
            name: Its id or the start of one, its address, its path in the desk or the end of one.

        Raises:
            UsageError: No such article, or several.

        >>> article = open_desk().article("001_f99d47caf96a5657.txt")
        >>> [(block.label.value, block.text) for block in article.cut][1:3]
        [('byline', 'Manar al-Freih / Hazem Sabbagh'), ('related', 'Check Also')]
        """
        from copydesk.extraction.article import stored_article
        from copydesk.store.read.article_view import find_article, read_article, read_authors, read_blocks

        with self.open_warehouse().open_for_reading() as connection:
            article_id = find_article(connection, name)
            return stored_article(
                read_article(connection, article_id),
                read_blocks(connection, article_id),
                read_authors(connection, article_id),
            )

    def changes(self, name: str, *, old: int | None = None, new: int | None = None) -> list[TextChange]:
        """Return what changed between two texts of an article, paragraph by paragraph.

        Args:
            name: As for `article`.
            old: Number of the older text, 1 being the first; the one before `new` when left out.
            new: Number of the newer text; the last when left out.

        Raises:
            UsageError: There is no such article, or no such text of it.
        """
        from copydesk.store.read.article_view import find_article, numbered_changes

        with self.open_warehouse().open_for_reading() as connection:
            return numbered_changes(connection, find_article(connection, name), old=old, new=new)

    def export(
        self,
        folder: str | Path,
        *,
        format: str = "parquet",  # noqa: A002 the word users know
        where: str | None = None,
        timeout_s: float = 60,
        as_of: datetime | None = None,
        license: str = "unknown: the texts belong to their publishers",  # noqa: A002 the field's name
    ) -> ExportReport:
        """Write the articles as a folder for others to use; the same articles give the same bytes.

        Args:
            folder: A new folder, or that of a former export, which is replaced.
            format: `parquet` (partitioned by publisher), `jsonl` (Dolma's fields) or `csv`.
            where: An SQL condition over the columns of `latest_articles`.
            timeout_s: Seconds the condition may take; 0 is no limit.
            as_of: The corpus as it had been seen by this moment (UTC where it has no zone); None is now.
            license: Goes into the manifest and the card.

        Raises:
            UsageError: The folder holds something else or belongs to the desk, or the condition is wrong.
            StoreError: The disk refused.

        >>> open_desk().export("out", format="jsonl", where="language = 'en'").articles
        5
        """
        from copydesk.store.read.export import export_articles

        moment = as_of.replace(tzinfo=UTC) if as_of is not None and as_of.tzinfo is None else as_of
        return export_articles(
            self.open_warehouse(),
            output_path(self, folder),
            format=format,
            where=where,
            timeout_s=timeout_s,
            as_of=moment,
            license=license,
        )

    # Without the warehouse

    def extract(
        self,
        page: str | bytes,
        *,
        url: str | None = None,
        extractor: str = "auto",
        explain: bool = False,
        captured_at: datetime | None = None,
    ) -> Article:
        """Return the article of one page under this desk's rules; nothing is stored. See `copydesk.extract`."""
        from copydesk.extraction.pages import extract

        return extract(page, url=url, extractor=extractor, explain=explain, captured_at=captured_at, desk=self)

    def extract_file(
        self, path: str | Path, *, url: str | None = None, extractor: str = "auto", explain: bool = False
    ) -> Article:
        """Return the article of the page in a file under this desk's rules. See `copydesk.extract_file`."""
        from copydesk.extraction.pages import extract_file

        return extract_file(path, url=url, extractor=extractor, explain=explain, desk=self)

    def extract_many(
        self,
        pages: Iterable[Page | tuple[Page, str | None]],
        *,
        extractor: str = "auto",
        explain: bool = False,
        workers: int = 1,
    ) -> Iterator[Article]:
        """Yield the article of each page under this desk's rules. See `copydesk.extract_many`."""
        from copydesk.extraction.pages import extract_many

        return extract_many(pages, extractor=extractor, explain=explain, workers=workers, desk=self)

    def open_warehouse(self) -> Warehouse:
        """Return the warehouse, which is opened for reading or writing by a `with` block."""
        from copydesk.store.warehouse.connection import open_warehouse

        return open_warehouse(self)

    @property
    def _lock_timeout_s(self) -> float:
        return self.settings.warehouse.lock_timeout_s


def open_desk(folder: str | Path | None = None, *, required: bool = True) -> Desk:
    """Return the desk in a folder, or the nearest one from the current folder upwards.

    Args:
        folder: Where to look; None looks upwards from the current folder.
        required: Without a `copydesk.toml`, raise; else use the current folder with default settings.

    Raises:
        UsageError: There is no desk and one is required.
        SettingsError: `copydesk.toml` says something that cannot be done.
    """
    found = find_desk_folder(Path(folder) if folder is not None else None, required=required)
    return Desk(root=found.root, settings=found.settings)
