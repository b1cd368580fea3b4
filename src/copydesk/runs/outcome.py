"""Outcome of a run: a word, a line and an exit code, the same for command line, scheduler and notifications.

ok            0    every input is loaded, or was known
findings      1    loaded, but more warnings than `[quality] warn_on` allows
failing       1    a source of the run does not deliver: unreadable, or refusals in place of articles
held          3    a batch waits for a decision
quarantined   3    more was quarantined than `[quality] max_quarantined` allows
failed        1/2  the run stopped with an error; what was fetched is kept
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from copydesk.errors import CopydeskError
from copydesk.health import describe
from copydesk.rules_file import package_rules
from copydesk.runs.folder import Run
from copydesk.runs.held import HeldBatch
from copydesk.runs.pending import PendingRun
from copydesk.runs.summary import RunSummary
from copydesk.settings import QualitySettings
from copydesk.wording import counted

__all__ = [
    "RunOutcome",
    "alarm_minimum",
    "failed_outcome",
    "held_line",
    "resuming_line",
    "run_outcome",
    "unfinished_line",
]

_MAX_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended.

    Attributes:
        name: In one word.
        line: In one line: the numbers, or the cause.
        exit_code: Exit code of the command.
    """

    name: Literal["ok", "findings", "failing", "silent", "held", "quarantined", "failed"]
    line: str
    exit_code: int


def run_outcome(summary: RunSummary, quality: QualitySettings) -> RunOutcome:
    """Return the outcome of a completed run."""
    numbers = summary.line
    bad = summary.count("check", "quarantined")
    judged = summary.count("check", "accepted") + bad
    waiting = summary.waiting or [HeldBatch(run_id=summary.run_id, source=source) for source in summary.held]
    if waiting:
        line = held_line(waiting)
        return RunOutcome(name="held", line=line, exit_code=3)
    enough = judged >= alarm_minimum()
    if enough and bad / judged > quality.max_quarantined:
        most = f"{quality.max_quarantined:.0%}"
        line = f"{bad} of {judged} quarantined, more than {most}; `copydesk quarantine list` says why"
        return RunOutcome(name="quarantined", line=line, exit_code=3)
    broken = [before for before in summary.resumed if before.error]
    if broken:
        return RunOutcome(name="failed", line=str(broken[0].error), exit_code=1)
    failing = [one for one in summary.health if one.state == "failing"]
    if failing:
        causes = "; ".join(f"{one.source}: {describe(one)}" for one in failing[:_MAX_NAMED])
        more = f"; {len(failing) - _MAX_NAMED} more" if len(failing) > _MAX_NAMED else ""
        return RunOutcome(name="failing", line=causes + more + f" ({numbers})", exit_code=1)
    if enough and summary.count("check", "warned") / judged > quality.warn_on:
        return RunOutcome(
            name="findings", line=f"{numbers}; {summary.count('check', 'warned')} with warnings", exit_code=1
        )
    return RunOutcome(name="ok", line=numbers, exit_code=0)


def alarm_minimum() -> int:
    """Return the number of records a run needs before its share of refused or warned ones counts."""
    return int(package_rules("alarms.toml")["alarms"]["min_records"])


def held_line(batches: Sequence[HeldBatch]) -> str:
    """Return a line that names the held batches and what to do."""
    names = ", ".join(
        f"{b.source} of run {b.run_id}" + (f" ({counted(b.captures, 'capture')})" if b.captures else "")
        for b in batches
    )
    return f"held: {names}; `copydesk quality` says why, `copydesk quality release RUN` or `drop RUN` decides"


def resuming_line(run: Run) -> str:
    """Return a line that names an interrupted run that goes on now, and how to call it off."""
    return (
        f"Continuing run {run.run_id} of {run.inputs}, which was interrupted. To call it off, press Ctrl-C, then "
        f"`copydesk runs drop {run.run_id}`."
    )


def unfinished_line(runs: Sequence[PendingRun]) -> str:
    """Return a line about the interrupted and the damaged runs among these; "" without any."""
    cut = [run for run in runs if run.state in ("interrupted", "damaged")]
    if len(cut) > 1:
        return f"{len(cut)} runs are interrupted or damaged: `copydesk runs list` shows them."
    for run in cut:
        what = f"run {run.run_id} of {run.inputs or 'unknown sources'} is {run.state}"
        drop = f"`copydesk runs drop {run.run_id}` calls it off"
        return f"{what}: {drop if run.state == 'damaged' else f'`copydesk load` finishes it, {drop}'}."
    return ""


def failed_outcome(error: CopydeskError) -> RunOutcome:
    """Return the outcome of a run that raised an error."""
    return RunOutcome(name="failed", line=str(error), exit_code=error.exit_code)
