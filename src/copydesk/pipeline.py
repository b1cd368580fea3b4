"""The whole story: a run takes its sources through four stages that meet in the run's folder.

    acquire   asks each source what is new             -> captures
    extract   labels the blocks, builds the articles   -> articles, cut blocks, evidence
    check     checks each record and the batch         -> accepted, quarantine, findings
    publish   loads what was accepted                  -> the warehouse, in one transaction

A stage that is done leaves a mark, so a run that was interrupted continues where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from copydesk.errors import (
    CopydeskError,
    RunBusyError,
    RunDamagedError,
    SettingsError,
    UsageError,
    WarehouseBusyError,
    WarehouseVersionError,
)
from copydesk.filesystem import lock, write_error
from copydesk.records import AD_HOC, StageCounts
from copydesk.runs.folder import (
    PREVIEW,
    STORED_TRIGGERS,
    Progress,
    Resuming,
    Run,
    interrupted_runs,
    new_run,
    open_run,
    staged_runs,
)
from copydesk.runs.held import held_batches, held_sources
from copydesk.runs.summary import RunSummary, StageCost
from copydesk.runs.targets import choose_sources
from copydesk.runs.verify import verify_run
from copydesk.service.lineage import Trace, tracing
from copydesk.settings import DeskFolder, Source
from copydesk.stages.acquire import acquire
from copydesk.stages.observations import read_health
from copydesk.stages.publish import publish, recording_failure
from copydesk.stages.stage_counts import cost_of
from copydesk.store.parts.part_files import part_paths, read_tally
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.stale_files import remove_stale_files
from copydesk.workers.engines import check_engine

__all__ = [
    "STAGES",
    "Execute",
    "Stage",
    "check_warehouse",
    "finish_interrupted",
    "run_desk",
    "run_inline",
    "run_stage",
    "run_stages",
    "starting_run",
]

Stage = Callable[[Run], StageCounts]
Execute = Callable[[Stage, Run], StageCounts]
"""How one stage is carried out: `step(stage, run)`; a scheduler makes a task of it."""


def extract(run: Run) -> StageCounts:
    """Label the blocks of the captures and build the articles."""
    if not _has_captures(run):
        return StageCounts(stage="extract")
    from copydesk.stages.extract import extract as extract_parts  # the text models and Polars

    return extract_parts(run)


def check(run: Run) -> StageCounts:
    """Check each record and the batch as a whole."""
    if not _has_captures(run):
        return StageCounts(stage="check")
    from copydesk.stages.check import check as check_parts

    return check_parts(run)


def _has_captures(run: Run) -> bool:
    """Return whether acquire brought anything; without, two stages have nothing to do and are not even imported."""
    return any(read_tally(part)["counts"].get("captured") for part in part_paths(run.stage_folder("acquire")))


@contextmanager
def _warming_up(run: Run) -> Iterator[None]:
    """Warm up check and publish while the block waits for the workers of extract."""
    from copydesk.stages.check import warming_up

    with warming_up(run):
        yield


STAGES: tuple[Stage, ...] = (acquire, extract, check, publish)


def run_inline(stage: Stage, run: Run) -> StageCounts:
    """Carry a stage out in this process."""
    return stage(run)


def run_desk(
    desk: DeskFolder,
    targets: Sequence[str] = (),
    *,
    trigger: str = "cli",
    progress: Progress | None = None,
    lock_timeout_s: float = 60,
    step: Execute = run_inline,
    resuming: Resuming | None = None,
    sources: Sequence[Source] | None = None,
) -> RunSummary:
    """Run sources of a desk; interrupted runs are finished first.

    A run of named sources leaves interrupted runs of ad-hoc paths alone: nobody asked for those paths again.

    Args:
        desk: The desk.
        targets: Names of sources, or files and folders; none means every enabled source.
        trigger: What started it, for `ops.runs`.
        progress: Called after every batch.
        lock_timeout_s: Seconds to wait for another run of the same source.
        step: How each stage is carried out.
        resuming: Called with each interrupted run before the work on it goes on.
        sources: Sources in place of those that the targets name: the same, with other limits.

    Raises:
        UsageError: A target is neither a source nor an existing path, or the trigger is one of `STORED_TRIGGERS`.
        RunBusyError: Another run of the same source is at work past `lock_timeout_s`.
        StoreError: The disk or the warehouse refused; what was done is kept.
    """
    with starting_run(
        desk,
        targets,
        trigger=trigger,
        progress=progress,
        lock_timeout_s=lock_timeout_s,
        step=step,
        resuming=resuming,
        sources=sources,
    ) as (run, resumed):
        summary = run_stages(run, step=step)
    names = {s.name for s in run.sources}
    return replace(summary, resumed=tuple(resumed), waiting=tuple(held_batches(desk, names)))


@contextmanager
def starting_run(
    desk: DeskFolder,
    targets: Sequence[str],
    *,
    trigger: str,
    progress: Progress | None = None,
    lock_timeout_s: float = 60,
    step: Execute = run_inline,
    resuming: Resuming | None = None,
    sources: Sequence[Source] | None = None,
) -> Iterator[tuple[Run, list[RunSummary]]]:
    """Make a new run and hold its locks during the block; interrupted runs of its sources are finished first.

    Args and errors are those of `run_desk`.
    """
    if trigger in STORED_TRIGGERS:
        raise UsageError(f"trigger {trigger!r} names runs that take stored captures; choose another word.")
    sources = choose_sources(desk, targets) if sources is None else sources
    _check_first(desk, sources)
    names = {s.name for s in sources}
    with ExitStack() as locks:
        for name in sorted(names):
            try:
                locks.enter_context(lock(desk.runs / "locks" / name, timeout_s=lock_timeout_s))
            except OSError as error:
                raise write_error(desk.runs, error, misplaced=SettingsError) from error
        _refuse_staged(desk, names)
        resumed = finish_interrupted(
            desk, progress=progress, step=step, held=names, ad_hoc=not targets, resuming=resuming
        )
        run = locks.enter_context(new_run(desk, sources, trigger=trigger, named=bool(targets), progress=progress))
        yield run, resumed


def _refuse_staged(desk: DeskFolder, names: Collection[str]) -> None:
    """Refuse to take the inputs of a run that waits for its next stage once more."""
    for folder in staged_runs(desk):
        twice = sorted(s.name for s in open_run(desk, folder).sources if s.name in names)
        if twice:
            raise RunBusyError(
                f"{twice[0]} is in run {folder.name}, which is taken on by stages. `copydesk stage load {folder.name}` "
                f"finishes that run, `copydesk runs drop {folder.name}` gives it up."
            )


def finish_interrupted(
    desk: DeskFolder,
    *,
    progress: Progress | None = None,
    step: Execute = run_inline,
    held: Collection[str] = (),
    ad_hoc: bool = True,
    resuming: Resuming | None = None,
) -> list[RunSummary]:
    """Finish every run whose process is gone; a run that cannot be finished does not stop the others.

    Skip runs whose source is locked by another process: two runs that do not see each other's captures would both
    count their lines.

    Args:
        desk: The desk.
        progress: Called after every batch.
        step: Executes each stage.
        held: Names of the sources whose locks the caller holds.
        ad_hoc: Finish runs of ad-hoc paths too; without it only those that share a source with `held`.
        resuming: Called with each run before the work on it goes on.

    Returns:
        A summary for each run, with `error` where it could not be finished.

    Raises:
        WarehouseBusyError, WarehouseVersionError: No run could be loaded.
        CopydeskError: A run of a source that the caller holds could not be finished, and is not damaged.
    """
    finished = []
    remove_stale_files(desk.warehouse)
    for folder in interrupted_runs(desk):
        run = None
        try:
            with suppress(RunBusyError), ExitStack() as locks:
                run = open_run(desk, folder, progress=progress)
                names = {s.name for s in run.sources}
                if AD_HOC in names and not ad_hoc and names.isdisjoint(held):
                    continue
                for name in sorted(names - set(held)):
                    locks.enter_context(lock(desk.runs / "locks" / name))
                if run.trigger == PREVIEW or (run.trigger in STORED_TRIGGERS and not run.is_done("acquire")):
                    run.remove()  # nothing of it is loaded, and its captures are in the warehouse
                    continue
                verify_run(run)
                if resuming:
                    resuming(run)
                finished.append(run_stages(run, step=step))
        except (WarehouseBusyError, WarehouseVersionError):
            raise
        except CopydeskError as error:
            if run is not None and any(s.name in held for s in run.sources) and not isinstance(error, RunDamagedError):
                raise  # a new run of that source would fetch again what waits in this one
            finished.append(RunSummary(run_id=folder.name, error=str(error)))
    return finished


def run_stages(run: Run, *, step: Execute = run_inline) -> RunSummary:
    """Take one run through the stages that are not done; its folder is removed when its rows are in the warehouse."""
    with tracing(run) as trace:
        tallies, costs = _stages(run, step, trace)
    held, health = held_sources(run), read_health(run)
    if not held:
        run.remove()
    if run.desk.settings.watch:
        from copydesk.service.watches import run_watches  # smtplib and the like, which few desks need

        run_watches(run.desk, run.run_id, run.started_at)
    seconds = {name: cost.seconds for name, cost in costs.items()}
    return RunSummary(run_id=run.run_id, tallies=tallies, seconds=seconds, costs=costs, held=held, health=health)


def _stages(run: Run, step: Execute, trace: Trace) -> tuple[dict[str, StageCounts], dict[str, StageCost]]:
    """Carry out the stages that are not done; return stage -> its counts, and the cost of those carried out."""
    tallies: dict[str, StageCounts] = {}
    costs: dict[str, StageCost] = {}
    for stage in STAGES:
        name = stage.__name__
        if run.is_done(name):
            tallies[name] = StageCounts(**run.note(name)["tally"])
            continue
        waits = stage is extract and tallies["acquire"].counts.get("captured")
        with trace.stage(name), _warming_up(run) if waits else nullcontext():
            tallies[name], costs[name] = run_stage(run, stage, step=step)
    return tallies, costs


def run_stage(run: Run, stage: Stage, *, step: Execute = run_inline) -> tuple[StageCounts, StageCost]:
    """Take a run through one stage, and leave the mark that it is done."""
    name = stage.__name__
    run.progress(name, 0, None)
    started, clock = datetime.now(UTC), time.monotonic()
    with recording_failure(run, name):
        tally = step(stage, run)
        cost = cost_of(run, tally, time.monotonic() - clock)
        run.mark_done(name, {"tally": asdict(tally), "started_at": started.isoformat(), **asdict(cost)})
    return tally, cost


def _check_first(desk: DeskFolder, sources: Sequence[Source]) -> None:
    """Refuse wrong rules, an engine that does not answer, and a corrupt, foreign or newer warehouse.

    All of it before anything is fetched; a busy warehouse can wait.
    """
    changed = desk.contract or desk.settings.quality.rules or any(source.rules for source in sources)
    if changed or _hold_files(desk.own_rules):
        from copydesk.logs import notice
        from copydesk.quality.expectations import validate_checks
        from copydesk.quality.rules import desk_registry

        registry = desk_registry(desk).for_sources(sources)
        validate_checks(registry)
        if registry.not_asked and desk.contract:
            number = len(registry.not_asked)
            notice(f"{desk.contract.name}: {number} of its entries are not asked; `copydesk quality rules` names them.")
    if _hold_files((*filter(None, [desk.site_rules]), *desk.phrase_rules, *desk.gazetteers)):
        from copydesk.text.documents import ExtractOptions, check_rules

        options = ExtractOptions(site_rules=desk.site_rules, phrase_rules=desk.phrase_rules)
        check_rules(options, gazetteers=desk.gazetteers)
    check_engine(desk.settings.run)
    check_warehouse(desk)


def _hold_files(folders: Iterable[Path]) -> bool:
    """Return whether there is a file in some folders; `copydesk init` makes them empty."""
    return any(path.is_file() for folder in folders for path in folder.rglob("*"))


def check_warehouse(desk: DeskFolder) -> None:
    """Open the warehouse, if there is one; a busy one can wait.

    Raises:
        WarehouseVersionError: It is damaged, foreign or newer.
    """
    if desk.warehouse.exists():
        with suppress(WarehouseBusyError), Warehouse(desk.warehouse, lock_timeout_s=0).open_for_reading():
            pass
