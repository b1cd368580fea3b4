"""Reporting of a flow in Prefect: a task per stage, a progress bar, artifacts with counts and errors, a final state."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import get_client, get_run_logger, runtime, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed
from prefect.tasks import exponential_backoff

from copydesk.errors import CopydeskError, RunBusyError
from copydesk.health import describe
from copydesk.logs import add_log_fields, log, log_folder, log_with, start_logs
from copydesk.pipeline import Execute, Stage
from copydesk.records import StageCounts
from copydesk.runs.folder import Run
from copydesk.runs.outcome import RunOutcome, failed_outcome, run_outcome
from copydesk.runs.summary import RunSummary
from copydesk.service.source_view import notify_run, troubles_of
from copydesk.settings import DeskFolder, find_desk_folder

__all__ = ["BY_HAND", "EXIT_CODE", "Reporter", "as_state", "carry_out", "run_name"]

_EVERY_S = 5.0
EXIT_CODE = "copydesk.exit_code"
"""Label of a flow run: the exit code of a command that follows it."""
BY_HAND = "by-hand"
"""Tag of a flow run that a person triggered."""


def run_name() -> str:
    """Name a flow run after its target and its scheduled time: `press-tv 2026-11-21T18:00`."""
    parameters = runtime.flow_run.parameters
    targets = parameters.get("targets") or parameters.get("sources") or []
    name = targets[0] if len(targets) == 1 else runtime.flow_run.flow_name
    at = runtime.flow_run.scheduled_start_time or datetime.now(UTC)
    return f"{str(name).rsplit('/', 1)[-1]} {at.astimezone(UTC):%Y-%m-%dT%H:%M}{f':{at:%S}' if at.second else ''}"


def carry_out(desk_folder: str, name: str, work: Callable[[DeskFolder, Reporter], RunOutcome]) -> State[Any]:
    """Execute a flow: log, notify, return its Prefect state.

    Args:
        desk_folder: The desk.
        name: Name in notifications: the source, or the flow.
        work: Called with the desk and the reporter; returns the outcome.
    """
    try:
        desk = find_desk_folder(Path(desk_folder))
    except CopydeskError as error:
        return _end(failed_outcome(error))
    start_logs(log_folder(desk.warehouse), console=True)
    reporter = Reporter(name)
    with log_with(source=name, flow_run=str(runtime.flow_run.name or "")):
        try:
            verdict = work(desk, reporter)
        except RunBusyError as error:  # another process runs the source: no error, its next time follows
            log.info("skipped", why=str(error))
            return Cancelled(name="Skipped", message=str(error))
        except CopydeskError as error:
            verdict = failed_outcome(error)
        log.log(20 if verdict.exit_code == 0 else 30, verdict.name, detail=verdict.line, run=reporter.run_id)
        health = reporter.result.health if reporter.result else ()
        notify_run(desk, name, _troubles(verdict, reporter), health, run=reporter.run_id)
    return _end(verdict)


def _troubles(verdict: RunOutcome, reporter: Reporter) -> dict[str, str | None]:
    """Return the troubles of the run as a whole: trouble -> its cause, None if it is over."""
    silent = {} if reporter.silent is None else {"silent": reporter.silent or None}
    found = troubles_of(verdict, reporter.result)
    return {"failed": found.pop("failed"), **silent, **found}


def _end(verdict: RunOutcome) -> State[Any]:
    flow_run = runtime.flow_run.id
    if flow_run:
        with suppress(Exception), get_client(sync_client=True) as client:
            client.update_flow_run_labels(UUID(str(flow_run)), {EXIT_CODE: verdict.exit_code})
    return as_state(verdict)


def as_state(verdict: RunOutcome) -> State[Any]:
    """Return the final state of a flow run.

    `Completed`, `Findings` and `Silent` are completed; `Failing`, `Held`, `Quarantined` and `Failed` are failed.
    """
    if verdict.name in ("ok", "findings", "silent"):
        return Completed(name="Completed" if verdict.name == "ok" else verdict.name.capitalize(), message=verdict.line)
    return Failed(name=verdict.name.capitalize(), message=verdict.line)


class Reporter:
    """Reports a run's progress to Prefect. Errors of the Prefect API are ignored.

    Attributes:
        run_id: The run's id, "" before it has one.
        result: Summary of the run; None before its end.
        silent: How long its source has brought nothing, if too long; "" if not; None if not checked.
    """

    def __init__(self, name: str) -> None:
        self.run_id = ""
        self.result: RunSummary | None = None
        self.silent: str | None = None
        self._key = "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-") or "desk"
        self._bar: UUID | None = None
        self._shown = time.monotonic()
        self._server = True

    def step(self, desk: DeskFolder) -> Execute:
        """Return the executor of a stage: a task, retried only if it uses the network."""

        def step(stage: Stage, run: Run) -> StageCounts:
            self.run_id = run.run_id
            add_log_fields(run=run.run_id)
            asks = stage.__name__ == "acquire" and any(s.fetches for s in run.sources)
            as_task = task(
                name=stage.__name__,
                description=(stage.__doc__ or "").splitlines()[0],
                cache_policy=NO_CACHE,
                persist_result=False,
                timeout_seconds=desk.settings.schedule.stage_timeout_h * 3600,
                retries=3 if asks else 0,
                retry_delay_seconds=exponential_backoff(10) if asks else None,
                retry_jitter_factor=0.5 if asks else None,
                retry_condition_fn=_is_worth_another_try if asks else None,
                tags={"copydesk", *(s.name for s in run.sources)},
            )(lambda: _timed(stage, run))
            return as_task()

        return step

    def progress(self, stage: str, done: int, total: int | None) -> None:
        """Update the progress bar, at most every few seconds."""
        if done == 0 or time.monotonic() - self._shown < _EVERY_S:
            return
        self._shown = time.monotonic()
        share = 100.0 * done / total if total else 0.0
        text = f"{stage}: {done}" + (f" of {total}" if total else "")
        self._show(lambda: self._move(share, text))

    def _move(self, share: float, text: str) -> None:
        if self._bar is None:
            self._bar = UUID(str(create_progress_artifact(share, description=text)))
        else:
            update_progress_artifact(self._bar, progress=share, description=text)

    def summary(self, summary: RunSummary, desk: DeskFolder) -> RunOutcome:
        """Publish the run's summary; return its outcome."""
        self.result = summary
        verdict = run_outcome(summary, desk.settings.quality)
        self.table("tally", _tally(summary), verdict.line)
        story = _story(summary, verdict)
        self._show(lambda: create_markdown_artifact(story, key=f"story-{self._key}", description=verdict.line))
        return verdict

    def table(self, key: str, rows: Sequence[dict[str, Any]], description: str) -> None:
        """Show a table."""
        name = f"{key}-{self._key}"
        self._show(lambda: create_table_artifact(list(rows), key=name, description=description))

    def _show(self, show: Callable[[], object]) -> None:
        """Call the Prefect API, unless a call failed before in this run."""
        if not self._server:
            return
        try:
            show()
        except Exception as error:  # noqa: BLE001 (whatever the client raises, the run continues)
            self._server = False
            log.warning(
                "the Prefect server does not answer; the run goes on", why=f"{type(error).__name__}: {error}"[:200]
            )


def _timed(stage: Stage, run: Run) -> StageCounts:
    started = time.monotonic()
    try:
        tally = stage(run)
    except CopydeskError as error:
        log.error("stage failed", stage=stage.__name__, why=str(error))
        raise
    seconds = round(time.monotonic() - started, 3)
    counts = ", ".join(f"{n} {name}" for name, n in tally.counts.items()) or "nothing"
    log.info("stage done", stage=stage.__name__, seconds=seconds, counts=counts)
    with suppress(Exception):
        get_run_logger().info("%s: %s (%.2f s)", stage.__name__, counts, seconds)
    return tally


def _is_worth_another_try(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Errors of settings or input are not retried."""
    error = state.result(raise_on_failure=False)
    return not (isinstance(error, CopydeskError) and error.exit_code == 2) and not isinstance(error, TimeoutError)


def _tally(summary: RunSummary) -> list[dict[str, Any]]:
    return [
        {"stage": name, "outcome": outcome, "inputs": n, "seconds": round(summary.seconds.get(name, 0.0), 3)}
        for name, tally in summary.tallies.items()
        for outcome, n in (tally.counts or {"nothing": 0}).items()
    ]


def _story(summary: RunSummary, verdict: RunOutcome) -> str:
    """Return the run's summary in Markdown, the worst first."""
    reasons = [(n, name, t.stage) for t in summary.tallies.values() for name, n in t.reasons.items()]
    cut = summary.tallies["extract"].cut if "extract" in summary.tallies else {}
    lines = [f"# {verdict.name}: {verdict.line}", "", f"Run `{summary.run_id}`; `copydesk logs {summary.run_id}`.", ""]
    said = [(one, describe(one)) for one in summary.health]
    if any(line for _, line in said):
        lines += ["| source | state | why |", "|---|---|---|"]
        lines += [f"| {one.source} | {one.state} | {line.replace('|', '/')} |" for one, line in said if line]
        lines += [""]
    if reasons:
        lines += ["| inputs | why it went no further | stage |", "|---:|---|---|"]
        lines += [f"| {n} | {name.replace('|', '/')} | {stage} |" for n, name, stage in sorted(reasons, reverse=True)]
        lines += [""]
    if cut:
        lines += ["| blocks cut | label |", "|---:|---|"]
        lines += [f"| {n} | {label} |" for label, n in sorted(cut.items(), key=lambda item: -item[1])[:12]]
    return "\n".join(lines) + "\n"
