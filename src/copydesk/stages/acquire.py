"""Acquire: find what is new in each source and write captures; known content ends here as unchanged.

A part is complete at a number of documents or bytes, whichever comes first, so that parts take about equal time. The
first parts are small and grow: a short run occupies all workers, and extract, which takes the largest first, ends with
small ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.errors import StoreError
from copydesk.health import Observation
from copydesk.keys import capture_key
from copydesk.records import Capture, Rejection, StageCounts
from copydesk.runs.folder import Run
from copydesk.settings import DeskFolder, Source
from copydesk.sources.addresses import former_canonical
from copydesk.sources.files.captures import capture_file, find_files
from copydesk.sources.files.file_states import FileStates
from copydesk.sources.files.found import FileState, FoundFile, JsonFields, Limits, Skipped, Unchanged
from copydesk.sources.files.progress import FilesProgress
from copydesk.sources.files.remote import find_remote
from copydesk.sources.kinds import paths_of
from copydesk.sources.publishers import publisher_of
from copydesk.stages.observations import write_observations
from copydesk.stages.stage_counts import added_up
from copydesk.store.parts.part_files import part_paths, read_tally, write_part
from copydesk.store.read.known_files import RemovedKeys, known_files, uri_key
from copydesk.text.media_types import is_html
from copydesk.workers.pool import warm_up

if TYPE_CHECKING:
    import polars as pl

    from copydesk.sources.crawl.results import FetchBatch

__all__ = ["acquire"]

_LOOKUP_BATCH = 1000
"""Files whose states are read together."""
_FIRST_DOCUMENTS, _FIRST_BYTES = 32, 500_000
"""At which a run's first part closes, unless the settings say less; every second part is twice as large."""


def acquire(run: Run) -> StageCounts:
    """Write the new documents of every source as parts; return the number of inputs by outcome."""
    parts = _Parts(run)
    seen: dict[str, Observation] = {}
    web = [s for s in run.sources if s.fetches]
    for batch in _fetched(run, web) if web else ():
        parts.write(batch)
        seen.update(batch.observations)
    of_files = [s for s in run.sources if not s.fetches]
    kept_out, seen_before = known_files(run.desk.warehouse, [s.name for s in of_files])
    for source in of_files:
        before, passed = parts.uris[source.name], parts.unchanged[source.name]
        watch = FilesProgress(source, paths_of(source, run.desk.root))
        for item in _files(run, source, FileStates(seen_before.pop(source.name), _held_states(run, source))):
            watch.add(item)
            if before[item.uri]:
                before[item.uri] -= 1
            elif passed and isinstance(item, Unchanged):
                passed -= 1
            else:
                parts.add(source, _unless_forgotten(item, source, kept_out) if kept_out else item)
        seen[source.name] = watch.observation()
    parts.close()
    write_observations(run, seen.values())
    return parts.tally()


def _fetched(run: Run, sources: Sequence[Source]) -> Iterator[FetchBatch]:
    from copydesk.stages.fetch import fetch  # imports an HTTP client and a feed parser, which files do not need

    return fetch(run, sources)


def _held_states(run: Run, source: Source) -> dict[int, FileState]:
    """Return the file states of a source by uri key, of batches that are held: they are in no warehouse yet."""
    states: dict[int, FileState] = {}
    for held in sorted(run.desk.runs.glob("*-*/held")):
        from copydesk.store.parts.parquet import read_frame

        for part in part_paths(held.parent / "acquire"):
            try:
                table = read_frame(part, "captures")
            except StoreError:  # `copydesk runs list` names it; its files are taken again
                continue
            own = table.filter(table["source"] == source.name)
            for uri, digest, size, modified in own.select("uri", "sha256", "size_bytes", "modified_ns").iter_rows():
                states[uri_key(uri)] = FileState(sha256=digest, size_bytes=size or -1, modified_ns=modified or 0)
    return states


def _files(run: Run, source: Source, seen: FileStates) -> Iterator[Capture | Unchanged | Skipped]:
    """Read the files of a source; a file's uri is its path relative to the desk, or absolute outside of it."""
    root = run.desk.root
    limits = Limits(document_bytes=run.desk.settings.run.document_bytes)
    named = paths_of(source, root)
    here = find_files(
        [path for path in named if isinstance(path, Path)],
        include=source.include,
        exclude=source.exclude,
        desk=root,
        own=_own_folders(run.desk),
        archive=run.desk.archive,
    )
    elsewhere = [path for path in named if isinstance(path, str)]
    every = chain(here, find_remote(elsewhere, include=source.include, exclude=source.exclude))
    while some := list(islice(every, _LOOKUP_BATCH)):
        files = [found for found in some if isinstance(found, FoundFile)]
        known = dict(zip(map(id, files), seen.untouched(files, [file.desk_path for file in files]), strict=True))
        for found in some:
            if isinstance(found, Skipped):
                yield found
            elif (was := known[id(found)]) is not None:
                yield Unchanged(
                    uri=found.desk_path, sha256=was.sha256, size_bytes=was.size_bytes, modified_ns=was.modified_ns
                )
            else:
                yield from capture_file(
                    replace(found, uri=found.desk_path),
                    source=source.name,
                    charset=source.charset,
                    limits=limits,
                    known=seen,
                    fields=_fields(source),
                )


def _own_folders(desk: DeskFolder) -> Sequence[Path]:
    """Return the paths that Copydesk writes and never reads as a source."""
    folder, root = desk.warehouse.parent, desk.root.resolve()
    if folder.resolve() != root and folder.resolve().is_relative_to(root):
        return (folder,)
    return (desk.runs, desk.archive, folder / "logs", folder / "lineage", desk.warehouse)


def _unless_forgotten(
    item: Capture | Unchanged | Skipped, source: Source, kept_out: RemovedKeys
) -> Capture | Unchanged | Skipped:
    """Skip documents removed on request (`copydesk forget`)."""
    if not isinstance(item, Capture):
        return item
    publisher = publisher_of(source.facts, item.url)
    addresses = {item.url, former_canonical(item.url)} if item.url else {None}
    if not any(
        kept_out.holds(source=source.name, uri=item.uri, address=address, publisher=publisher) for address in addresses
    ):
        return item
    return Skipped(uri=item.uri, reason="forgotten", detail="it was taken out with `copydesk forget`")


def _fields(source: Source) -> JsonFields:
    named = [("text", source.text_field), ("html", source.html_field), *source.record_fields.items()]
    return replace(JsonFields(), **{hint: (field,) for hint, field in named if field})


def _inputs_of(parts: Sequence[Path]) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """Return what the complete parts of a run hold that was interrupted during acquire.

    Returns:
        Source -> uri -> how often it occurs, as an archive may hold several members of one name, and the run goes on
        behind as many; and source -> number of files that were unchanged.
    """
    uris: dict[str, Counter[str]] = defaultdict(Counter)
    unchanged: Counter[str] = Counter()
    for part in parts:
        from copydesk.store.parts.parquet import read_frame

        unchanged.update(read_tally(part).get("unchanged", {}))
        for name in ("captures", "rejections"):
            for source, uri in read_frame(part, name).select("source", "uri").iter_rows():
                uris[source][uri] += 1
    return uris, unchanged


class _Parts:
    """Writer of a run's acquire parts, one after the other; memory does not grow with the number of inputs."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._folder = run.stage_folder("acquire")
        self._limits = run.desk.settings.run
        complete = part_paths(self._folder)
        self._number = len(complete)
        self.uris, self.unchanged = _inputs_of(complete)
        self._seen = 0
        self._open()

    def _open(self) -> None:
        self._captures: list[Capture] = []
        self._ids: set[str] = set()
        self._rejected: list[tuple[str, str, str, Rejection, str]] = []
        self._bytes = 0
        self._counts: Counter[str] = Counter()
        self._unchanged: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

    def add(self, source: Source, item: Capture | Unchanged | Skipped) -> None:
        """Add one result; close the part when it is full."""
        self._seen += 1
        if isinstance(item, Capture) and item.capture_id in self._ids:  # twice in an archive or a file of lines
            item = Skipped(uri=item.uri, reason="repeated", detail="the same bytes stand under this name before it")
        if isinstance(item, Capture):
            self._ids.add(item.capture_id)
            if not self._counts["captured"]:
                warm_up(html=is_html(item.media_type))
            self._counts["captured"] += 1
            self._captures.append(item)
            self._bytes += item.size_bytes
        elif isinstance(item, Unchanged):
            self._counts["unchanged"] += 1
            self._unchanged[source.name] += 1
        else:
            self._counts["skipped"] += item.count
            self._reasons[item.reason] += item.count
            why = Rejection(stage="acquire", reason=item.reason, detail=item.detail)
            self._rejected.append((capture_key(source.name, item.uri, item.reason), source.name, item.uri, why, ""))
        full = len(self._captures) >= self._grown(_FIRST_DOCUMENTS, self._limits.part_documents)
        full = full or self._bytes >= self._grown(_FIRST_BYTES, self._limits.part_bytes)
        if full or len(self._rejected) >= self._limits.part_documents:
            self.close()
        if self._seen % 100 == 0:
            self._run.progress("acquire", self._seen, None)

    def _grown(self, first: int, limit: int) -> int:
        """Return at what the part that is open closes."""
        return min(limit, first << min(self._number // 2, 30))

    def write(self, batch: FetchBatch) -> None:
        """Write a fetched batch as a part of its own."""
        size = sum(item.capture.size_bytes for item in batch.items if item.capture is not None)
        tally = {
            "counts": batch.counts,
            "reasons": batch.reasons,
            "reasons_by_outcome": batch.reasons_by_outcome,
            "cut": {},
            "bytes": size,
        }
        write_part(self._folder / f"part-{self._number:05}", batch.tables(), tally)
        self._number += 1
        self._seen += sum(batch.counts.values())
        self._run.progress("acquire", self._seen, None)

    def close(self) -> None:
        """Write the results since the last part, if there are any."""
        if self._counts:
            write_part(
                self._folder / f"part-{self._number:05}",
                self._tables(),
                {
                    "counts": self._counts,
                    "reasons": self._reasons,
                    "reasons_by_outcome": {"skipped": self._reasons} if self._reasons else {},
                    "cut": {},
                    "bytes": self._bytes,
                    "unchanged": self._unchanged,
                },
            )
            self._number += 1
            self._open()

    def _tables(self) -> dict[str, pl.DataFrame]:
        """Return the part's tables; a part in which nothing is new holds none."""
        if not (self._captures or self._rejected):
            return {}
        from copydesk.store.parts.rows import capture_frame, rejection_frame

        return {"captures": capture_frame(self._captures), "rejections": rejection_frame(self._rejected)}

    def tally(self) -> StageCounts:
        """Return the counts of all parts."""
        return added_up("acquire", self._folder)
