"""A run that is taken on stage by stage, by processes of their own: for Slurm and cron, without a scheduler.

    prepare         acquire; the run waits        one process
    count_share     lines that recur              as many processes as wanted, each with its share of the parts
    extract_share   captures to articles          the same
    finish          what is missing, check, load  one process

The processes meet in the run's folder, on a disk that all of them share. A share may be taken again: parts that are
there stay. What a rank that died has left undone, `finish` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from copydesk.errors import UsageError
from copydesk.filesystem import lock
from copydesk.pipeline import check_warehouse, run_stage, run_stages, starting_run
from copydesk.records import StageCounts
from copydesk.runs.folder import Progress, Run, open_run, staged_runs
from copydesk.runs.summary import RunSummary
from copydesk.runs.verify import verify_run
from copydesk.settings import DeskFolder
from copydesk.stages.acquire import acquire
from copydesk.stages.extract import Share, count_share, extract_share

__all__ = ["count", "extract", "finish", "prepare"]


def prepare(
    desk: DeskFolder, targets: Sequence[str] = (), *, lock_timeout_s: float = 60, progress: Progress | None = None
) -> tuple[str, StageCounts]:
    """Acquire sources as `run_desk` does; return the id of the run, which waits for its next stage, and its counts.

    Raises:
        UsageError: A target is neither a source nor an existing path.
        RunBusyError: Another run of the same source is at work, or waits for its next stage.
        StoreError: The disk refused.
    """
    with starting_run(desk, targets, trigger="cli", progress=progress, lock_timeout_s=lock_timeout_s) as (run, _):
        tally, _ = run_stage(run, acquire)
        run.mark_staged(True)
        return run.run_id, tally


def count(desk: DeskFolder, name: str, *, rank: int = 0, of: int = 1) -> int:
    """Count the recurring lines of a share of a run's parts; return the number of parts.

    Args:
        desk: The desk.
        name: The run, or the beginning of its name; "" takes the only one there is.
        rank: Which share, from 0.
        of: Number of shares.

    Raises:
        UsageError: No such run, or no such share.
        RunBusyError: The run is being finished.
    """
    return _share(desk, name, rank, of, count_share)


def extract(desk: DeskFolder, name: str, *, rank: int = 0, of: int = 1) -> int:
    """Extract a share of a run's parts; return the number of parts. Args and errors as `count`.

    Raises:
        UsageError: Also: the lines of some parts are not counted yet.
    """
    return _share(desk, name, rank, of, extract_share)


def _share(desk: DeskFolder, name: str, rank: int, of: int, work: Callable[[Run, Share], int]) -> int:
    if not 0 <= rank < of:
        raise UsageError(f"there is no rank {rank} of {of}. Ranks count from 0 to {of - 1}.")
    with _opened(desk, name, shared=True) as run:
        return work(run, Share(rank=rank, of=of))


def finish(desk: DeskFolder, name: str, *, progress: Progress | None = None) -> RunSummary:
    """Take a run through the rest of its stages: extract what is missing, check, load.

    Raises:
        UsageError: No such run.
        RunBusyError: A rank is at work on it, or another run of one of its sources.
        StoreError: The disk or the warehouse refused; the run is finished by the next one.
    """
    check_warehouse(desk)
    with ExitStack() as locks:
        run = locks.enter_context(_opened(desk, name, shared=False, progress=progress))
        for source in sorted(s.name for s in run.sources):
            locks.enter_context(lock(desk.runs / "locks" / source))
        verify_run(run)
        run.mark_staged(False)
        return run_stages(run)


@contextmanager
def _opened(desk: DeskFolder, name: str, *, shared: bool, progress: Progress | None = None) -> Iterator[Run]:
    """Open a run by its name and hold its lock during the block."""
    folder = _find(desk, name)
    with lock(folder / "lock", shared=shared, make=False):
        yield open_run(desk, folder, progress=progress)


def _find(desk: DeskFolder, name: str) -> Path:
    found = [folder for folder in staged_runs(desk) if folder.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} runs wait for their next stage: {', '.join(f.name for f in found)}. Name one.")
    raise UsageError(
        f"no run {name + ' ' if name else ''}waits for its next stage. `copydesk stage acquire` prepares one; "
        "`copydesk runs list` shows all that are not finished."
    )
