"""Out of the warehouse: SQL, search, articles, exports.

>>> open_desk().run().loaded
5
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copydesk.desk.opening import OpeningDesk
from copydesk.settings import output_path

if TYPE_CHECKING:
    from copydesk.extraction.article import Article
    from copydesk.quality.profile import Profile
    from copydesk.service.status import DeskStatus
    from copydesk.store.doctor import Examined
    from copydesk.store.read.article_view import TextChange
    from copydesk.store.read.coverage import Coverage
    from copydesk.store.read.export import ExportReport
    from copydesk.store.read.feed import Feed
    from copydesk.store.read.people import StoredPerson
    from copydesk.store.read.quotes import StoredQuote
    from copydesk.store.read.search import SearchResult
    from copydesk.store.read.stories import Story
    from copydesk.store.read.trends import Rising, Trend
    from copydesk.store.read.user_query import UserQuery

__all__ = ["ReadingDesk"]


class ReadingDesk(OpeningDesk):
    """Methods that read the warehouse."""

    __slots__ = ()

    def coverage(self, source: str | None = None, *, since: date | None = None) -> Coverage:
        """Return what the sources announced a day, what became of it, and the holes.

        Args:
            source: Only this source.
            since: From this day on; None: 28 days back.

        Raises:
            WarehouseBusyError: A load holds the warehouse for too long.
        """
        from copydesk.store.read.coverage import read_coverage

        return read_coverage(self.open_warehouse(), source=source, since=since)

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
        making: Callable[[int], None] | None = None,
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
            making: Called with the number of articles before an index of them is made.

        >>> [hit.title for hit in open_desk().search("military assistance", limit=1).hits]
        ['Putin: Russia will keep providing military assistance to Syria']
        >>> open_desk().search('"military assistance"', language="en").total
        2
        """
        from copydesk.store.read.search import search

        return search(
            self.open_warehouse(), words, language=language, publisher=publisher, source=source, kind=kind,
            author=author, section=section, since=since, until=until, newest=newest, limit=limit, offset=offset,
            making=making,
        )  # fmt: skip

    def article(self, name: str) -> Article:
        """Return a stored article: its current text, evidence and revisions.

        Args:
            name: Its id or the start of one, its address, its path in the desk, or a part of one.

        Raises:
            UsageError: No such article, or several.

        >>> article = open_desk().article("001_f99d47caf96a5657.txt")
        >>> [(block.label.value, block.text) for block in article.cut][1:3]
        [('byline', 'Manar al-Freih / Hazem Sabbagh'), ('related', 'Check Also')]
        """
        from copydesk.extraction.article import stored_article
        from copydesk.store.read.article_view import read_article, read_authors, read_blocks
        from copydesk.store.read.resolve import find_page

        with self.open_warehouse().open_for_reading() as connection:
            article_id = str(find_page(connection, name, wanted="article").article_id)
            return stored_article(
                read_article(connection, article_id),
                read_blocks(connection, article_id),
                read_authors(connection, article_id),
            )

    def people(
        self,
        name: str | None = None,
        *,
        publisher: str | None = None,
        topic: str | None = None,
        quoted: bool = False,
        limit: int = 50,
    ) -> list[StoredPerson]:
        """Return who is named and quoted in the current texts: those quoted most first, then those named most.

        Args:
            name: Only people whose name has these words, case and accents apart.
            publisher: Only people that this publisher names.
            topic: Only people named in articles of this topic.
            quoted: Only people that are quoted.
            limit: At most so many.

        >>> person = open_desk().people("Velayati")[0]
        >>> person.name, person.country, person.topics
        ('Ali Akbar Velayati', 'IR', ('conflict', 'politics'))
        """
        from copydesk.store.read.people import read_people

        with self.open_warehouse().open_for_reading() as connection:
            return read_people(connection, name, publisher=publisher, topic=topic, quoted=quoted, limit=limit)

    def trend(self, words: str, *, kind: str | None = None, publisher: str | None = None, limit: int = 60) -> Trend:
        """Return articles a day of a topic, name or word, per publisher, against its own four weeks before.

        Args:
            words: A topic's short name, a name, or any word.
            kind: Take it for a `word`, `person`, `organisation`, `place` or `topic` only.
            publisher: Only articles of this publisher.
            limit: At most so many rows, the latest.

        Raises:
            UsageError: There is no such name of that kind, or no word to look for.

        >>> open_desk().trend("Hezbollah").kind
        'organisation'
        """
        from copydesk.store.read.trends import read_trend

        with self.open_warehouse().open_for_reading() as connection:
            return read_trend(connection, words, kind=kind, publisher=publisher, limit=limit)

    def rising(self, *, days: int = 7, publisher: str | None = None, least: int = 3, limit: int = 30) -> list[Rising]:
        """Return what articles of the last days name more often than those of the four weeks before.

        Args:
            days: How many days are the last ones, counted back from the latest article.
            publisher: Only articles of this publisher.
            least: Articles of the last days that must name it.
            limit: At most so many.
        """
        from copydesk.store.read.trends import read_rising

        with self.open_warehouse().open_for_reading() as connection:
            return read_rising(connection, days=days, publisher=publisher, least=least, limit=limit)

    def quotes(self, person: str | None = None, *, publisher: str | None = None, limit: int = 50) -> list[StoredQuote]:
        """Return who said what in the current texts, the latest first.

        Args:
            person: Only speakers whose name has these words, case and accents apart.
            publisher: Only as printed by this publisher.
            limit: At most so many.

        >>> quote = open_desk().quotes("Velayati")[0]
        >>> quote.text, quote.cue, quote.speaker
        ('backbone of resistance', 'According to', 'Velayati')
        """
        from copydesk.store.read.quotes import read_quotes

        with self.open_warehouse().open_for_reading() as connection:
            return read_quotes(connection, person=person, publisher=publisher, limit=limit)

    def explain(self, name: str, *, url: str | None = None, extractor: str | None = None) -> Article:
        """Return a page as this desk decides it today: each block kept or cut, with all evidence for its label.

        Settings of the page's source, its site's boilerplate and pins, and restored lines count, as in a run.

        Args:
            name: A file, or a stored page by the id of an article or a quarantined record, its address, its path,
                or a part of one.
            url: The page's web address, where it is not known.
            extractor: As for `extract`; None is the source's own.

        Raises:
            UsageError: No such file or page, or several; or its bytes are gone.

        >>> [block.text for block in open_desk().explain("001_f99d47caf96a5657").cut][2:3]
        ['Check Also']
        """
        from copydesk.extraction.explain import explain

        return explain(self, name, url=url, extractor=extractor)

    def story(self, name: str) -> Story:
        """Return who printed the story of an article, in the order in which they did.

        Args:
            name: As for `article`.

        Raises:
            UsageError: No such article, or several.

        >>> [article.publisher for article in open_desk().story("001_f99d47caf96a5657.txt").articles]
        ['seeds']
        """
        from copydesk.store.read.resolve import find_page
        from copydesk.store.read.stories import read_story

        with self.open_warehouse().open_for_reading() as connection:
            return read_story(connection, str(find_page(connection, name, wanted="article").article_id))

    def feed(
        self,
        words: str = "",
        *,
        language: str | None = None,
        publisher: str | None = None,
        source: str | None = None,
        kind: str | None = None,
        author: str | None = None,
        section: str | None = None,
        since: date | None = None,
        until: date | None = None,
        limit: int = 50,
    ) -> Feed:
        """Return what a search finds as a feed: one item per story, the latest first; near copies share an item.

        `copydesk.store.read.feed_formats` writes it as Atom or as JSON Feed.

        Args:
            words: As for `search`; without words and filters, all articles.
            language: As for `search`.
            publisher: As for `search`.
            source: As for `search`.
            kind: As for `search`.
            author: As for `search`.
            section: As for `search`.
            since: As for `search`.
            until: As for `search`.
            limit: At most so many items, up to 500.

        >>> feed = open_desk().feed("military assistance", language="en", limit=1)
        >>> feed.title, len(feed.items)
        ('Copydesk: military assistance, language en', 1)
        """
        from copydesk.keys import key as key_of
        from copydesk.store.read.feed import MAX_ITEMS, newest_articles, read_feed
        from copydesk.store.read.search import MAX_TOTAL, search

        filters = {
            "language": language, "publisher": publisher, "source": source, "kind": kind, "author": author,
            "section": section, "since": since, "until": until,
        }  # fmt: skip
        asked = [words.strip(), *(f"{name} {value}" for name, value in filters.items() if value)]
        title = f"Copydesk: {', '.join(part for part in asked if part) or 'all articles'}"
        warehouse = self.open_warehouse()
        found = search(
            warehouse, words, language=language, publisher=publisher, source=source, kind=kind, author=author,
            section=section, since=since, until=until, newest=True, limit=MAX_TOTAL,
        )  # fmt: skip
        with warehouse.open_for_reading() as connection:
            everything = not any(asked)
            articles = newest_articles(connection, MAX_TOTAL) if everything else [hit.article_id for hit in found]
            return read_feed(connection, articles, title=title, key=key_of("feed", title), limit=min(limit, MAX_ITEMS))

    def changes(self, name: str, *, old: int | None = None, new: int | None = None) -> list[TextChange]:
        """Return what changed between two texts of an article, paragraph by paragraph.

        Args:
            name: As for `article`.
            old: Number of the older text, 1 being the first; the one before `new` when left out.
            new: Number of the newer text; the last when left out.

        Raises:
            UsageError: There is no such article, or no such text of it.
        """
        from copydesk.store.read.article_view import numbered_changes
        from copydesk.store.read.resolve import find_page

        with self.open_warehouse().open_for_reading() as connection:
            article_id = str(find_page(connection, name, wanted="article").article_id)
            return numbered_changes(connection, article_id, old=old, new=new)

    def findings(
        self,
        *,
        rule: str | None = None,
        source: str | None = None,
        severity: str | None = None,
        owner: str | None = None,
        dimension: str | None = None,
        tag: str | None = None,
        limit: int = 50,
    ) -> list[dict[str, Any]]:
        """Return the pages that broke a rule, latest first: rule, severity, value, detail, article, source, title, uri.

        Args:
            rule: Only this rule.
            source: Only this source.
            severity: Only `error`, `hold`, `warn` or `info`.
            owner: Only rules of this owner.
            dimension: Only rules of this dimension, such as `completeness`.
            tag: Only rules with this tag.
            limit: At most so many.

        >>> open_desk().findings(rule="truncated")
        []
        """
        from copydesk.quality.rules import desk_registry
        from copydesk.store.read.findings import read_findings

        rules = None if rule is None else [rule]
        if owner is not None or dimension is not None or tag is not None:
            chosen = desk_registry(self).chosen(owner=owner, dimension=dimension, tag=tag)
            rules = [name for name in chosen if rule in (None, name)]
        with self.open_warehouse().open_for_reading() as connection:
            return read_findings(connection, rules=rules, source=source, severity=severity, limit=limit)

    def profile(self, source: str | None = None, *, weeks: int = 12) -> Profile:
        """Return what the columns of a source are like by week, how far that drifted, and changes of its template.

        Args:
            source: Its name; None: all sources.
            weeks: How far back.

        Raises:
            UsageError: The source is neither declared nor in the warehouse.
        """
        from copydesk.quality.profile import read_profile
        from copydesk.runs.targets import check_source

        check_source(self, source)
        with self.open_warehouse().open_for_reading() as connection:
            return read_profile(connection, now=datetime.now(UTC), source=source, weeks=weeks)

    def suggest_gold(self, *, source: str | None = None, limit: int = 5) -> list[dict[str, Any]]:
        """Return the pages whose text is least certain, by source, without those that are in `gold/`.

        Columns: source, article_id, capture_id, confidence (word F1 to expect), chars, title, uri.

        Args:
            source: Only this source; None: all.
            limit: At most so many of each source.

        Raises:
            UsageError: The source is neither declared nor in the warehouse.
        """
        from copydesk.runs.targets import check_source
        from copydesk.store.read.findings import read_least_certain

        check_source(self, source)
        known = [path.stem for path in (self.root / "gold").glob("*.page")]
        with self.open_warehouse().open_for_reading() as connection:
            return read_least_certain(connection, source=source, known=known, limit=limit)

    def export(
        self,
        folder: str | Path,
        *,
        format: str = "parquet",  # noqa: A002 the word users know
        where: str | None = None,
        timeout_s: float = 60,
        as_of: datetime | None = None,
        license: str = "unknown: the texts belong to their publishers",  # noqa: A002 the field's name
        wacz: bool = False,
    ) -> ExportReport:
        """Write the articles as a folder for others to use; the same articles give the same bytes.

        Args:
            folder: A new folder, or that of a former export, which is replaced.
            format: `parquet`, `jsonl` (Dolma's fields), `csv`, `text` or `tei` (a file per article).
            where: An SQL condition over the columns of `latest_articles`.
            timeout_s: Seconds the condition may take; 0 is no limit.
            as_of: The corpus as it had been seen by this moment (UTC where it has no zone); None is now.
            license: Goes into the manifest and the card.
            wacz: Whether the archived pages go along, as `articles.wacz`.

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
            wacz=self.root if wacz else None,
        )

    # The desk itself

    def status(self) -> DeskStatus:
        """Return the state of each source, of the scheduler, and what waits for a decision.

        Raises:
            WarehouseVersionError: The warehouse is damaged, foreign or newer.

        >>> [(line.source, line.loaded, line.health.state) for line in open_desk().status().sources]
        [('seeds', 5, 'ok')]
        """
        from copydesk.service.status import read_status

        return read_status(self)

    def doctor(self) -> list[Examined]:
        """Verify the warehouse and return what was found, with what to do; nothing is changed.

        >>> {found.ok for found in open_desk().doctor()}
        {True}
        """
        from copydesk.store.doctor import examine

        return examine(self.open_warehouse(), self.runs, self.own_views)
