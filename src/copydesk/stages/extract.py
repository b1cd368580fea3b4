"""Extract: captures in, articles out. A pure function of bytes, rules, settings and the run's boilerplate.

Each acquire part becomes one extract part of the same number, made by one process of the pool. On a cluster a part may
be taken twice; the one that comes second finds it written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from copydesk.errors import UsageError
from copydesk.filesystem import lock
from copydesk.quality.admission import admitted_rules
from copydesk.quality.rules import desk_registry
from copydesk.records import StageCounts
from copydesk.resources import rules_version
from copydesk.runs.folder import STORED_TRIGGERS, Run
from copydesk.stages.count_boilerplate import summed
from copydesk.stages.extract_parts import PartTask, count_part, extract_part
from copydesk.stages.stage_counts import added_up
from copydesk.store.curate.curation import accepted_pages, restored_lines
from copydesk.store.parts.parquet import read_frame
from copydesk.store.parts.part_files import LINE_COUNTS, line_counts_of, part_paths, read_tally, write_frame
from copydesk.store.read.lookups import counted_elsewhere, known_lines, lines_pending
from copydesk.text.boilerplate import MIN_PAGES
from copydesk.text.documents import ExtractOptions, check_rules
from copydesk.workers.engines import Pool, open_pool
from copydesk.workers.pool import Batch, Watchdog, trim_memory

__all__ = ["Share", "count_share", "extract", "extract_share"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The parts of one of several processes that work on a run side by side: every `of`-th from `rank` on.

    Attributes:
        rank: From 0.
        of: Number of processes.
    """

    rank: int
    of: int

    def of_parts(self, parts: Sequence[Path]) -> Sequence[Path]:
        """Return the share of a list of parts."""
        return parts[self.rank :: self.of]


def extract(run: Run) -> StageCounts:
    """Extract every acquire part that has no extract part yet; return the counts of all parts."""
    captured = _captured(run)
    todo = _missing(run, captured)
    if todo:
        with _pool(run, len(todo)) as pool:
            if not _boilerplate(run).exists():
                _count(run, captured, pool)
                _sum_counts(run)
            _in_processes(run, pool, extract_part, _tasks(run, todo, _boilerplate(run)), "extract")
    return added_up("extract", run.stage_folder("extract"))


def count_share(run: Run, share: Share) -> int:
    """Count the lines of a share of the parts; return how many parts that are."""
    parts = share.of_parts(_captured(run))
    with _pool(run, len(parts)) as pool:
        _count(run, parts, pool)
    return len(parts)


def extract_share(run: Run, share: Share) -> int:
    """Extract the parts of a share that have no extract part yet; return how many parts the share has.

    Raises:
        UsageError: The lines of some parts are not counted yet, in whichever share they are.
    """
    captured = _captured(run)
    parts = share.of_parts(captured)
    if not _boilerplate(run).exists():
        if uncounted := _uncounted(run, captured):
            raise UsageError(
                f"{len(uncounted)} of {len(captured)} parts of run {run.run_id} are not counted yet. "
                f"`copydesk stage count {run.run_id}` first, every rank of it."
            )
        with lock(run.folder / "boilerplate.lock", timeout_s=None):
            _sum_counts(run)
    todo = _missing(run, parts)
    if todo:
        with _pool(run, len(todo)) as pool:
            _in_processes(run, pool, extract_part, _tasks(run, todo, _boilerplate(run)), "extract")
    return len(parts)


def _captured(run: Run) -> list[Path]:
    """Return the acquire parts that hold captures."""
    return [p for p in part_paths(run.stage_folder("acquire")) if _captures(read_tally(p))]


def _missing(run: Run, parts: Sequence[Path]) -> list[Path]:
    """Return the acquire parts that have no extract part."""
    folder = run.stage_folder("extract")
    return [part for part in parts if not (folder / part.name).exists()]


def _pool(run: Run, parts: int) -> AbstractContextManager[Pool]:
    """Return the pool; what it would find wrong with the user's rules is found before."""
    options = ExtractOptions(site_rules=run.desk.site_rules, phrase_rules=run.desk.phrase_rules)
    check_rules(options, gazetteers=run.desk.gazetteers)
    trim_memory()
    return open_pool(run.desk.settings.run, run.folder, parts=parts)


def _in_processes(
    run: Run,
    workers: Pool,
    function: Callable[[Batch[PartTask], Watchdog], Path],
    tasks: Iterable[PartTask],
    what: str,
) -> None:
    """Run all tasks in the pool, the largest first, so that workers end at about the same time; report progress."""
    tallies = [(task, read_tally(task.part)) for task in tasks]
    tallies.sort(key=lambda one: -int(one[1].get("bytes", 0)))
    batches = [Batch(payload=task, size=_captures(tally)) for task, tally in tallies]
    total, done = sum(b.size for b in batches), 0
    for batch, _ in workers.each(function, batches):
        done += batch.size
        run.progress(what, done, total)


def _boilerplate(run: Run) -> Path:
    return run.folder / "boilerplate.parquet"


def _uncounted(run: Run, parts: Sequence[Path]) -> list[Path]:
    """Return the parts whose lines are not counted yet.

    Captures that come from the warehouse (replay, reprocess) were counted when they were loaded, but for those whose
    bytes could not be read then.
    """
    todo = [p for p in parts if not line_counts_of(p).exists()]
    if run.trigger not in STORED_TRIGGERS:
        return todo
    pending = lines_pending(run.desk.warehouse) if todo else ()
    return [p for p in todo if not pending.isdisjoint(read_frame(p, "captures")["capture_id"])] if pending else []


def _count(run: Run, parts: Sequence[Path], pool: Pool) -> None:
    """Count the lines of some parts, a file for each."""
    (run.folder / LINE_COUNTS).mkdir(exist_ok=True)
    tasks = _tasks(run, _uncounted(run, parts), None)
    _in_processes(run, pool, count_part, (replace(t, target=line_counts_of(t.part)) for t in tasks), "learn")


def _sum_counts(run: Run) -> None:
    """Write the run's boilerplate, unless it exists: the warehouse's counts plus those of this run's texts."""
    path = _boilerplate(run)
    if path.exists():
        return
    write_frame(run.folder / "restored.parquet", restored_lines(run.desk.warehouse))
    write_frame(run.folder / "accepted.parquet", accepted_pages(run.desk.warehouse))
    folder = run.folder / LINE_COUNTS
    folder.mkdir(exist_ok=True)
    known = known_lines(run.desk.warehouse, counted=folder, least=MIN_PAGES)
    taken_out = counted_elsewhere(run.desk.warehouse, part_paths(run.stage_folder("acquire")))
    write_frame(path, summed(folder, known, taken_out))


def _tasks(run: Run, parts: Sequence[Path], boilerplate: Path | None) -> Iterator[PartTask]:
    version = rules_version(run.desk.own_rules)
    registry = desk_registry(run.desk).for_sources(run.sources)
    admitted = {source.name: admitted_rules(registry, source.name) for source in run.sources}
    facts = {s.name: s.facts for s in run.sources}
    for part in parts:
        yield PartTask(
            part=part,
            target=run.stage_folder("extract") / part.name,
            desk=run.desk.root,
            boilerplate=boilerplate,
            line_counts=boilerplate and line_counts_of(part),
            restored=boilerplate and boilerplate.with_name("restored.parquet"),
            site_rules=run.desk.site_rules,
            phrase_rules=run.desk.phrase_rules,
            gazetteers=run.desk.gazetteers,
            accepted=boilerplate and boilerplate.with_name("accepted.parquet"),
            admitted=admitted,
            sources=facts,
            document_bytes=run.desk.settings.run.document_bytes,
            rules_version=version,
        )


def _captures(tally: Mapping[str, Any]) -> int:
    """Return how many captures a part holds."""
    return int(tally["counts"].get("captured", 0))
