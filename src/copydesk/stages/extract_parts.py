"""What workers do in the extract stage: count the lines of a part, turn an acquire part into an extract part.

Workers import this module and what it needs, but neither settings nor the warehouse's engine: a quarter of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING, Any

from copydesk.filesystem import lock, machine
from copydesk.quality.admission import read_accepted
from copydesk.records import Capture, Document, Extraction, Finding, Mention, Severity, SourceFacts
from copydesk.sources.addresses import article_address
from copydesk.sources.documents import read_capture
from copydesk.sources.files.byte_reader import Reader
from copydesk.sources.files.found import ReadError
from copydesk.sources.publishers import article_publisher
from copydesk.stages.count_boilerplate import counted, read_boilerplate, read_restored, read_unread
from copydesk.store.parts.parquet import read_frame
from copydesk.store.parts.part_files import write_frame, write_part
from copydesk.store.parts.rows import Origin, captures_of, extraction_tables
from copydesk.text.documents import TEXT_BATCH, ExtractOptions, extract_safely, rejected
from copydesk.text.measures import body_words
from copydesk.text.media_types import is_html
from copydesk.text.pins import with_restored
from copydesk.text.topics.find_topics import find_topics
from copydesk.workers.pool import Batch, Watchdog, chunks, trim_memory

if TYPE_CHECKING:
    import polars as pl

__all__ = ["PartTask", "count_part", "extract_part"]

_MANY_BLOCKS = 100_000
"""Blocks, at 0.4 kB each, after which a worker converts its rows to columns: a hostile page of 0.5 MB has as many."""
_HEAVY_PAGE, _HEAVY_TEXT = 1_000_000, 300_000
"""Bytes from which a document may need 600 MB (200,000 lines do); two at once would exceed the limit of 1 GB."""
_NOT_COUNTED = "its bytes could not be read when the lines of its part were counted; the next run takes it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTask:
    """Task of a worker: one acquire part into one extract part. Paths and settings, no data.

    Attributes:
        part: The acquire part.
        target: The extract part to write.
        desk: The desk's folder, which locations are relative to.
        boilerplate: The run's boilerplate, or None.
        line_counts: The part's line counts, or None.
        restored: Lines restored by users when the run began, or None.
        site_rules: Folder of the user's site rules, or None.
        phrase_rules: Folders of the user's phrase rules.
        gazetteers: Folders of the user's gazetteers.
        accepted: Pages let in by users when the run began, or None.
        admitted: Source -> page kinds and refusals that do not refuse a page.
        sources: What the run's sources declare of their pages, by name.
        document_bytes: Size above which a document is refused.
        rules_version: Digest of the rules in force.
    """

    part: Path
    target: Path
    desk: Path
    boilerplate: Path | None
    line_counts: Path | None
    restored: Path | None
    site_rules: Path | None
    phrase_rules: tuple[Path, ...]
    gazetteers: tuple[Path, ...]
    accepted: Path | None
    admitted: Mapping[str, frozenset[str]]
    sources: Mapping[str, SourceFacts]
    document_bytes: int
    rules_version: str


def count_part(batch: Batch[PartTask], watch: Watchdog) -> Path:
    """Count the lines of one acquire part's texts and pages. Runs in a worker process."""
    task = batch.payload
    if task.target.exists():
        return task.target
    work = _Part(batch, captures_of(read_frame(task.part, "captures")), watch)
    write_frame(task.target, counted(work.documents()))
    return task.target


def extract_part(batch: Batch[PartTask], watch: Watchdog) -> Path:
    """Turn one acquire part into one extract part. Runs in a worker process."""
    task = batch.payload
    if task.target.exists():
        return task.target
    captures = captures_of(read_frame(task.part, "captures"))
    work = _Part(batch, captures, watch)
    made = []
    for some, extractions in work.extractions():
        origins = [work.origin(c, e) for c, e in zip(some, extractions, strict=True)]
        made.append(_tables(some, extractions, origins, task.rules_version))
        if len(made) > 1:
            trim_memory()
    tables, tally = _joined(made)
    tally["peak_memory_bytes"] = (
        getrusage(RUSAGE_SELF).ru_maxrss * 1024
    )  # of this worker; other processes cannot read it
    return write_part(task.target, tables, tally, durable=False)


def _joined(made: Sequence[tuple[dict[str, pl.DataFrame], dict[str, Any]]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the tables and the tally of a part that was made in several pieces."""
    if len(made) == 1:
        return made[0]
    import polars as pl

    tables = {name: pl.concat([tables[name] for tables, _ in made]) for name in made[0][0]}
    tallies: dict[str, Counter[str]] = {what: Counter() for what in made[0][1]}
    for _, tally in made:
        for what, counts in tally.items():
            tallies[what].update(counts)
    return tables, tallies


def _tables(
    captures: Sequence[Capture], extractions: Sequence[Extraction], origins: Sequence[Origin], version: str
) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Return the part's tables; reject only the extractions that do not fit the schema."""
    try:
        return extraction_tables(captures, extractions, origins, rules_version=version)
    except Exception:  # noqa: BLE001  each extraction is then tried alone
        sound = [_holdable(*one, version) for one in zip(captures, extractions, origins, strict=True)]
        return extraction_tables(captures, sound, origins, rules_version=version)


def _holdable(capture: Capture, found: Extraction, origin: Origin, version: str) -> Extraction:
    try:
        extraction_tables([capture], [found], [origin], rules_version=version)
    except Exception as error:  # noqa: BLE001  as in `extract_safely`
        return _rejected(capture, "extract_failed", f"{type(error).__name__}: {error}"[:300])
    return found


class _Part:
    """Extraction of one part: plain text in batches, since its labeller is vectorised; HTML page by page."""

    def __init__(self, batch: Batch[PartTask], captures: Sequence[Capture], watch: Watchdog) -> None:
        self._task, self._batch, self._captures, self._watch = batch.payload, batch, captures, watch
        self._boilerplate = read_boilerplate(self._task.boilerplate)
        self._restored = read_restored(self._task.restored)
        self._accepted = read_accepted(self._task.accepted)
        self._unread = read_unread(self._task.line_counts)
        self._answers: dict[int, Extraction] = {}
        self._step = 1 if batch.isolate else TEXT_BATCH

    def extractions(self) -> Iterator[tuple[list[Capture], list[Extraction]]]:
        """Yield captures with one extraction each, in the order of the part; large parts come in several pieces."""
        for i, why in self._batch.skip.items():
            self._answers[i] = _rejected(self._captures[i], why, "the worker crashed or timed out on this document")
        todo = [i for i in range(len(self._captures)) if i not in self._batch.skip]
        texts = [i for i in todo if not is_html(self._captures[i].media_type)]
        pages = [i for i in todo if is_html(self._captures[i].media_type)]
        with Reader(self._task.desk, max_bytes=self._task.document_bytes) as reader:
            for some in (*chunks(texts, self._step), *chunks(pages, 1)):
                with self._one_at_a_time(some):
                    self._watch.at(some[0], len(some))
                    self._answer(some, reader)
                if sum(len(found.blocks) for found in self._answers.values()) > _MANY_BLOCKS:
                    yield self._take_answers()
        yield self._take_answers()

    @contextmanager
    def _one_at_a_time(self, numbers: Sequence[int]) -> Iterator[None]:
        """Process a very large document in one worker of a machine at a time; when a worker dies, the lock is free."""
        captures = [self._captures[i] for i in numbers]
        if not any(c.size_bytes > (_HEAVY_PAGE if is_html(c.media_type) else _HEAVY_TEXT) for c in captures):
            yield
            return
        self._watch.rest()
        with lock(self._task.target.parent.parent / f"heavy-{machine()}.lock", timeout_s=None):
            yield
            trim_memory()

    def _take_answers(self) -> tuple[list[Capture], list[Extraction]]:
        numbers = sorted(self._answers)
        return [self._captures[i] for i in numbers], [self._answers.pop(i) for i in numbers]

    def documents(self) -> Iterator[tuple[int, Document | None]]:
        """Yield (place, document) for counting, None for one that cannot be read; not those that ended a worker."""
        with Reader(self._task.desk, max_bytes=self._task.document_bytes) as reader:
            for i, capture in enumerate(self._captures):
                if i % self._step == 0:
                    self._watch.at(i, self._step)
                if i not in self._batch.skip:
                    document = None
                    with suppress(ReadError):
                        document = self._document(capture, reader)
                    yield i, document

    def _answer(self, numbers: Sequence[int], reader: Reader) -> None:
        """Extract documents of one media type, as one batch of the labeller."""
        documents = {}
        for i in numbers:
            try:
                documents[i] = self._document(self._captures[i], reader)
            except ReadError as error:
                self._answers[i] = _rejected(self._captures[i], error.reason, error.detail)
        for i in self._unread & documents.keys():
            del documents[i]
            self._answers[i] = _rejected(self._captures[i], "unreadable", _NOT_COUNTED)
        for options, some in self._by_options(documents):
            found = extract_safely([documents[i] for i in some], options=options, boilerplate=self._boilerplate)
            self._answers.update((i, self._with_restored(i, e)) for i, e in zip(some, found, strict=True))

    def _with_restored(self, number: int, found: Extraction) -> Extraction:
        capture = self._captures[number]
        keys = self._restored.get((capture.source, capture.uri))
        return _marked(with_restored(found, keys) if keys else found, capture.truncation)

    def _document(self, capture: Capture, reader: Reader) -> Document:
        """Read a capture's bytes again.

        Raises:
            ReadError: They are gone, too large, or have changed since the capture.
        """
        return read_capture(capture, reader, self._task.sources[capture.source])

    def _by_options(self, documents: Mapping[int, Document]) -> Iterator[tuple[ExtractOptions, list[int]]]:
        """Group documents by the settings of their source."""
        groups: dict[ExtractOptions, list[int]] = {}
        for i in documents:
            capture = self._captures[i]
            source = self._task.sources[capture.source]
            accepted = self._accepted.get((capture.source, capture.uri), frozenset())
            options = ExtractOptions(
                extractor=source.extractor,
                site_rules=self._task.site_rules,
                phrase_rules=self._task.phrase_rules,
                admitted=self._task.admitted[source.name] | accepted if accepted else self._task.admitted[source.name],
            )
            groups.setdefault(options, []).append(i)
        yield from groups.items()

    def origin(self, capture: Capture, found: Extraction) -> Origin:
        """Return an extraction with the fields of its source and the measures."""
        source = self._task.sources[capture.source]
        texts = [p.text for p in found.paragraphs] if found.rejection is None else []
        return Origin(
            publisher=article_publisher(source, capture.url, capture.uri, found),
            address=article_address(capture.url, found.canonical_url) if capture.url else found.canonical_url,
            body_words=body_words([p.text for p in found.paragraphs]),
            mentions=self._mentions(found, texts) if texts else (),
            topics=find_topics(found, texts) if texts else (),
        )

    def _mentions(self, found: Extraction, texts: Sequence[str]) -> tuple[Mention, ...]:
        from copydesk.text.entities.find_mentions import find_mentions  # of workers: this process need not import it
        from copydesk.text.entities.gazetteers import gazetteers

        return find_mentions(
            found.title,
            texts,
            [c.text for c in found.captions],
            language=found.language,
            authors=found.authors,
            dateline=found.dateline,
            agency=found.agency,
            known=gazetteers(self._task.gazetteers),
        )


def _marked(found: Extraction, truncation: str | None) -> Extraction:
    """Flag the article of a truncated page."""
    if truncation is None or found.truncated:
        return found
    finding = Finding(rule="truncated", severity=Severity.WARN, detail=truncation)
    return replace(found, truncated=True, findings=(*found.findings, finding))


def _rejected(capture: Capture, reason: str, detail: str) -> Extraction:
    return rejected(capture.capture_id, reason, detail)
