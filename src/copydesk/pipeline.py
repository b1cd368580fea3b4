"""The whole story: a run takes its sources through four stages that meet in the run's folder.

    acquire   asks each source what is new             -> captures
    extract   labels the blocks, assembles articles    -> articles, cut blocks, evidence
    check     judges each record and the batch         -> accepted, quarantine, findings
    publish   loads what was accepted                  -> the warehouse, in one transaction

A stage that is done leaves a mark, so a run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from threading import Thread

from copydesk.errors import CopydeskError, RunBusyError, SettingsError, StoreError, UsageError, WarehouseBusyError
from copydesk.filesystem import lock, scratch_folder, write_error
from copydesk.health import SourceHealth
from copydesk.quality.expectations import validate_checks
from copydesk.quality.rules import desk_registry
from copydesk.records import Outcome, StageCounts
from copydesk.runs.folder import PREVIEW, Progress, Run, interrupted_runs, new_run, open_run
from copydesk.settings import AD_HOC, DeskFolder, Source
from copydesk.stages.acquire import acquire
from copydesk.stages.check import check
from copydesk.stages.extract import extract
from copydesk.stages.holds import held_sources
from copydesk.stages.observations import read_health
from copydesk.stages.publish import publish, record_failure
from copydesk.store.parts.parquet import part_paths, read_tally
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.stale_files import remove_stale_files
from copydesk.workers.pool import worker_count

__all__ = [
    "STAGES",
    "Execute",
    "RunSummary",
    "Stage",
    "StageCost",
    "choose_sources",
    "finish_interrupted",
    "run_desk",
    "run_inline",
    "run_stages",
]

Stage = Callable[[Run], StageCounts]
Execute = Callable[[Stage, Run], StageCounts]
"""How one stage is carried out: `step(stage, run)`; a scheduler makes a task of it."""

STAGES: tuple[Stage, ...] = (acquire, extract, check, publish)


_ENDS = {
    "acquire": frozenset(str(outcome) for outcome in Outcome),
    "extract": frozenset({"extracted", "rejected"}),
    "check": frozenset({"accepted", "quarantined", "held"}),
    "publish": frozenset({"loaded", "quarantined", "held"}),
}
"""Stage -> outcomes that count each of its inputs once."""


def run_inline(stage: Stage, run: Run) -> StageCounts:
    """Carry a stage out here and now."""
    return stage(run)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCost:
    """What a stage of a run cost.

    Attributes:
        pages: Inputs that the stage brought to an end, or to the next stage.
        bytes: Of the pages that the run has captured.
        peak_memory_bytes: The most that this process and its workers have held so far, at once or one after the other.
    """

    seconds: float
    pages: int
    bytes: int
    peak_memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RunSummary:
    """What a run did.

    Attributes:
        run_id: Its name in `ops.runs`.
        tallies: Stage -> what it counted.
        seconds: Stage -> seconds it took.
        costs: Stage -> what it cost.
        held: Sources whose batch waits for `copydesk quality release`.
        health: How the run found its sources; empty for a run that asks none.
        resumed: Runs that were interrupted before and finished by this one.
    """

    run_id: str
    tallies: dict[str, StageCounts]
    seconds: dict[str, float]
    costs: dict[str, StageCost] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    health: tuple[SourceHealth, ...] = ()
    resumed: tuple[RunSummary, ...] = ()

    def count(self, stage: str, outcome: str) -> int:
        """Return how many inputs ended so in a stage."""
        tally = self.tallies.get(stage)
        return tally.counts.get(outcome, 0) if tally else 0

    @property
    def loaded(self) -> int:
        """Number of captures that are articles in the warehouse now."""
        return self.count("publish", "loaded")

    @property
    def quarantined(self) -> int:
        """Number of captures that did not get through."""
        return self.count("check", "quarantined")

    @property
    def numbers(self) -> dict[str, int]:
        """Outcome -> number of inputs, in the order in which a run's summary shows them."""
        return {
            "captured": self.count("acquire", "captured"),
            "unchanged": self.count("acquire", "unchanged"),
            "skipped": self.count("acquire", "skipped"),
            "failed": self.count("acquire", "failed") + self.count("acquire", "refused"),
            "deferred": self.count("acquire", "deferred"),
            "loaded": self.loaded,
            "quarantined": self.quarantined,
            "held": self.count("check", "held"),
        }

    def __repr__(self) -> str:
        """Show what is not zero."""
        return f"<RunSummary {self.run_id}: {', '.join(f'{n} {what}' for what, n in self.numbers.items() if n)}>"


def run_desk(
    desk: DeskFolder,
    targets: Sequence[str] = (),
    *,
    trigger: str = "cli",
    progress: Progress | None = None,
    wait_s: float = 60,
    step: Execute = run_inline,
) -> RunSummary:
    """Run sources of a desk, here and now; runs that were interrupted are finished first.

    Args:
        desk: The desk.
        targets: Names of sources, or files and folders; none means every enabled source.
        trigger: Who asked, for `ops.runs`.
        progress: Told about every step.
        wait_s: Seconds to wait for another run of the same source.
        step: How each stage is carried out.

    Raises:
        UsageError: A target is neither a source nor an existing path.
        RunBusyError: Another run of the same source is at work past `wait_s`.
        StoreError: The disk or the warehouse refused; what was done is kept.
    """
    sources = choose_sources(desk, targets)
    _refuse_early(desk, sources)
    with ExitStack() as locks:
        for name in sorted({s.name for s in sources}):
            try:
                locks.enter_context(lock(desk.runs / "locks" / name, timeout_s=wait_s))
            except OSError as error:
                raise write_error(desk.runs, error, misplaced=SettingsError) from error
        resumed = finish_interrupted(desk, progress=progress, step=step, held={s.name for s in sources})
        run = locks.enter_context(new_run(desk, sources, trigger=trigger, progress=progress))
        return replace(run_stages(run, step=step), resumed=tuple(resumed))


def _refuse_early(desk: DeskFolder, sources: Sequence[Source]) -> None:
    """Refuse wrong rules and a corrupt, foreign or newer warehouse before anything is fetched; a busy one waits."""
    if desk.own_rules or desk.settings.quality.rules or any(source.rules for source in sources):
        validate_checks(desk_registry(desk).for_sources(sources))
    if desk.warehouse.exists():
        with suppress(WarehouseBusyError), Warehouse(desk.warehouse, wait_s=0).open_for_reading():
            pass


def finish_interrupted(
    desk: DeskFolder, *, progress: Progress | None = None, step: Execute = run_inline, held: Collection[str] = ()
) -> list[RunSummary]:
    """Take every run whose process is gone to its end.

    One of whose sources another process is at work on is left to it, or to the next: two runs that do not see each
    other's captures would both count their lines.

    Args:
        desk: The desk.
        progress: Told about every step.
        step: How each stage is carried out.
        held: Names of the sources that the caller holds.
    """
    finished = []
    remove_stale_files(desk.warehouse)
    for folder in interrupted_runs(desk):
        run = open_run(desk, folder, progress=progress)
        if run.trigger == PREVIEW:
            run.remove()
            continue
        with suppress(RunBusyError), ExitStack() as locks:
            for name in sorted({s.name for s in run.sources} - set(held)):
                locks.enter_context(lock(desk.runs / "locks" / name))
            finished.append(run_stages(run, step=step))
    return finished


def run_stages(run: Run, *, step: Execute = run_inline) -> RunSummary:
    """Take one run through the stages that are not done yet; its folder goes when its rows are in the warehouse."""
    tallies: dict[str, StageCounts] = {}
    costs: dict[str, StageCost] = {}
    for stage in STAGES:
        name = stage.__name__
        if run.is_done(name):
            tallies[name] = StageCounts(**run.note(name)["tally"])
            continue
        run.progress(name, 0, None)
        waits = stage is extract and tallies["acquire"].counts.get("captured")
        started, clock = datetime.now(UTC), time.monotonic()
        with _failing(run, name), _meanwhile(run) if waits else nullcontext():
            tallies[name] = step(stage, run)
            costs[name] = _cost(run, tallies[name], time.monotonic() - clock)
            note = {"tally": asdict(tallies[name]), "started_at": started.isoformat(), **asdict(costs[name])}
            run.mark_done(name, note)
    held = held_sources(run)
    health = read_health(run)
    if not held:
        run.remove()
    seconds = {name: cost.seconds for name, cost in costs.items()}
    return RunSummary(run_id=run.run_id, tallies=tallies, seconds=seconds, costs=costs, held=held, health=health)


@contextmanager
def _failing(run: Run, stage: str) -> Iterator[None]:
    """Leave a row of a stage that fails; what the system refused anywhere in it ends as one line, too."""
    try:
        try:
            yield
        except OSError as error:
            where = error.filename or run.folder
            raise StoreError(
                f"run {run.run_id} stopped at {stage}: {where}: {error.strerror or error}. "
                "What was done is kept: mend the cause and run again."
            ) from error
    except CopydeskError as error:
        record_failure(run, error)
        raise


@contextmanager
def _meanwhile(run: Run) -> Iterator[None]:
    """While the block waits for the workers, do in this process what check and publish would do once, first."""
    scratch_folder()  # made by one thread
    thread = Thread(target=_get_ready, args=(run,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _get_ready(run: Run) -> None:
    """Judge a made-up article, make a blank warehouse. What fails here fails again where it is needed, and is told."""
    with suppress(Exception):
        from copydesk.quality.row_checks import warm_up_checks

        warm_up_checks(desk_registry(run.desk))
    with suppress(Exception):
        Warehouse(run.desk.warehouse).get_ready()


def _cost(run: Run, tally: StageCounts, seconds: float) -> StageCost:
    """Return what a stage cost; workers are no children of this process, so their parts say what they held."""
    parts = [read_tally(part) for part in part_paths(run.stage_folder("extract"))]
    workers = min(worker_count(run.desk.settings.run.workers), len(parts))
    peak = getrusage(RUSAGE_SELF).ru_maxrss * 1024
    return StageCost(
        seconds=seconds,
        pages=sum(number for outcome, number in tally.counts.items() if outcome in _ENDS[tally.stage]),
        bytes=sum(read_tally(part).get("bytes", 0) for part in part_paths(run.stage_folder("acquire"))),
        peak_memory_bytes=peak + workers * max((part.get("peak_memory_bytes", 0) for part in parts), default=0),
    )


def choose_sources(desk: DeskFolder, targets: Sequence[str]) -> list[Source]:
    """Turn what was asked for into sources.

    A target is the name of a source, or a path. A path inside a declared source's folder belongs to that source, so
    that it keeps its key; all other paths make one source named `paths`.

    Raises:
        UsageError: A target is neither, or the desk has no source to run.
    """
    if not targets:
        sources = [s for s in desk.settings.source if s.enabled]
        if not sources:
            path = desk.root / "copydesk.toml"
            raise UsageError(f"{path} declares no source. Add a [[source]] or name files: `copydesk run PATH`.")
        return sources
    chosen: dict[str, Source] = {}
    names = {s.name for s in desk.settings.source}
    for target in targets:
        source = desk.source(target) if target in names else _source_of_path(desk, target)
        known = chosen.get(source.name)
        chosen[source.name] = _joined(known, source) if known else source
    return list(chosen.values())


def _source_of_path(desk: DeskFolder, target: str) -> Source:
    path = Path(target).expanduser()
    if not path.exists() and not path.is_symlink():
        known = ", ".join(s.name for s in desk.settings.source) or "none"
        raise UsageError(f"no file, folder or source is called {target!r}. Declared sources: {known}.")
    path = path.absolute()
    for source in desk.settings.source:
        roots = [(desk.root / p).resolve() for p in source.paths] if not source.fetches else []
        if any(path.resolve().is_relative_to(root) for root in roots):
            return source.model_copy(update={"paths": (str(path),)})
    return Source(name=AD_HOC, kind="files", paths=(str(path),))


def _joined(one: Source, other: Source) -> Source:
    return one.model_copy(update={"paths": tuple(dict.fromkeys((*one.paths, *other.paths)))})
