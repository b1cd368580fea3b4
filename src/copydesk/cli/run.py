"""`copydesk run`: acquire, extract, check, publish: now, here."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.first_sight import first_sight
from copydesk.cli.options import AsJson, DeskOption, console, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from copydesk.cli.progress import ProgressLine
    from copydesk.desk import Desk
    from copydesk.health import Standing
    from copydesk.runs.folder import Run
    from copydesk.runs.outcome import RunOutcome
    from copydesk.runs.summary import RunSummary

__all__ = ["register"]

_HTML_NAMES = (".html", ".htm", ".xhtml", ".mhtml", ".mht", ".warc", ".warc.gz")
_NAMES = 20


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(run)


def run(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            autocompletion=source_names, help="Sources, collections, files or folders; default: all sources."
        ),
    ] = None,
    desk: DeskOption = None,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as a Prefect flow.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Show time, memory and pages per stage.")] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Send notifications of what changed, as a scheduled run does.")
    ] = False,
    result: Annotated[
        Path | None,
        typer.Option("--result", help="Write the result for a CI: JUnit XML (.xml) or JSON (.json).", dir_okay=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; see the exit code.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the pipeline: acquire, extract, check and load articles.

    Without a copydesk.toml here or above, name the folder to write to: `copydesk run pages/ --desk FOLDER`.

    Example: `copydesk run` takes every source of copydesk.toml, `copydesk run press-tv pages/` one source and a folder.
    An interrupted run is finished first; one of files or folders waits for `copydesk load`, or a run that names no
    source. Exit code 3: more was quarantined than `[quality] max_quarantined` allows, or a batch is held. Exit code 1:
    a source of the run is failing (its line says why), or there are more warnings than `[quality] warn_on` allows.
    """
    _say_at_once(show=not (quiet or as_json))
    as_flow = prefect or bool(os.environ.get("PREFECT_API_URL"))
    wanted = targets or []
    here, said = first_sight(desk)
    if desk is None and not (here / "copydesk.toml").is_file():
        from copydesk.errors import UsageError

        raise UsageError(
            f"no copydesk.toml in {here} or above. `copydesk init` makes one, `--desk FOLDER` names the folder to "
            "write to; `copydesk extract FILE` needs no desk."
        )
    if not as_flow and _is_new(here, said):  # then there is work; otherwise acquire finds out
        from copydesk.workers.pool import warm_up

        warm_up(html=_holds_html(here, said, wanted))
    from copydesk import open_desk

    where = open_desk(desk, required=not wanted)
    if result is not None:
        from copydesk.errors import UsageError
        from copydesk.service.run_result import result_path

        if as_flow:
            raise UsageError("--result is of a run in this process: leave out --prefect, and PREFECT_API_URL.")
        result = result_path(where, result)
    if as_flow:
        from copydesk.cli.flow import run_flow

        raise typer.Exit(run_flow(where, wanted))
    from copydesk.runs.outcome import run_outcome

    started = time.monotonic()
    with _result_of_failure(where, result):
        summary = _logged(where, wanted, show=not (quiet or as_json), tell=not quiet, notify=notify)
    seconds = time.monotonic() - started
    outcome = run_outcome(summary, where.settings.quality)
    if result is not None:
        from copydesk.service.run_result import write_result

        write_result(where, result, outcome, summary)
    behind = _index(where, summary, seconds)
    if as_json:
        print_json(_as_json(summary, seconds))
    elif not quiet:
        _table(summary, seconds)
        _troubles(summary)
        if behind:
            console().print(behind, markup=False, style="dim", soft_wrap=True)
        if profile:
            _profile(summary)
    raise typer.Exit(outcome.exit_code)


def _say_at_once(*, show: bool) -> None:
    """Show on a terminal that the command has begun, before imports that take seconds; what comes next covers it."""
    if show and sys.stderr.isatty():
        sys.stderr.write("starting\r")
        sys.stderr.flush()


@contextmanager
def _result_of_failure(desk: Desk, path: Path | None) -> Iterator[None]:
    """Write the result of a run that breaks, too."""
    from copydesk.errors import CopydeskError

    try:
        yield
    except CopydeskError as error:
        if path is not None:
            from copydesk.runs.outcome import failed_outcome
            from copydesk.service.run_result import write_result

            write_result(desk, path, failed_outcome(error), None)
        raise


def _index(where: Desk, summary: RunSummary, seconds: float) -> str:
    """Bring the search index up to date where that is cheap; return what to say where it is not."""
    loaded = summary.count("publish", "loaded")
    if not loaded or not where.warehouse.exists():
        return ""
    from copydesk.errors import StoreError
    from copydesk.store.read.search_index import index_after_load
    from copydesk.store.warehouse.connection import open_warehouse

    try:
        return index_after_load(open_warehouse(where), loaded=loaded, seconds=seconds)
    except StoreError:  # the articles are loaded; the next search says what is wrong
        return ""


def _is_new(here: Path, said: dict[str, Any]) -> bool:
    """Return whether a desk has no warehouse yet."""
    try:
        path = os.environ.get("COPYDESK_WAREHOUSE__PATH") or said.get("warehouse", {}).get("path")
        return not (here / (path or "warehouse/copydesk.duckdb")).exists()
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def _holds_html(here: Path, said: dict[str, Any], targets: list[str]) -> bool:
    """Guess by some names; a guess that is wrong costs a quarter of a second."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        places = [Path(t) for t in targets] or [here / p for s in said.get("source", ()) for p in s.get("paths", ())]
        return any(name.lower().endswith(_HTML_NAMES) for place in places for name in _some_names(place))
    return False


def _some_names(place: Path) -> list[str]:
    if not place.is_dir():
        return [place.name]
    with os.scandir(place) as entries:
        return [entry.name for entry in islice(entries, _NAMES)]


def _logged(desk: Desk, targets: list[str], *, show: bool, tell: bool, notify: bool) -> RunSummary:
    """Run, and leave a line in the desk's log of how it ended; notify of it, if `notify`."""
    from copydesk.errors import StoreError
    from copydesk.logs import log, log_folder, start_logs
    from copydesk.runs.outcome import failed_outcome, run_outcome

    start_logs(log_folder(desk.warehouse), console=False)
    try:
        summary = _run(desk, targets, show=show, tell=tell)
    except StoreError as error:
        log.error("run broke", cause=failed_outcome(error).line)
        if notify:
            _notify(desk, targets, failed_outcome(error), None)
        raise
    for stage, seconds in summary.seconds.items():
        log.info("stage done", run=summary.run_id, stage=stage, seconds=seconds, counts=summary.tallies[stage].counts)
    verdict = run_outcome(summary, desk.settings.quality)
    log.info("run ended", run=summary.run_id, how=verdict.name, line=verdict.line)
    if notify:
        _notify(desk, targets, verdict, summary)
    return summary


def _notify(desk: Desk, targets: list[str], outcome: RunOutcome, summary: RunSummary | None) -> None:
    from copydesk.service.source_view import notify_outcome

    notify_outcome(desk, targets, outcome, summary)


def _run(desk: Desk, targets: list[str], *, show: bool, tell: bool) -> RunSummary:
    """Run with a line of progress, if `show` and on a terminal; name interrupted runs that go on, if `tell`."""
    from copydesk.runs.outcome import resuming_line

    screen = console(stderr=True)

    def resuming(run: Run) -> None:
        if tell:
            screen.print(resuming_line(run), markup=False, highlight=False, soft_wrap=True)

    with _progress_line(screen) if show and screen.is_terminal else nullcontext() as progress:
        return desk.run(*targets, trigger="cli", progress=progress, resuming=resuming)


def _progress_line(screen: Console) -> ProgressLine:
    from copydesk.cli.progress import ProgressLine  # rich.progress takes as long as reading the warehouse

    return ProgressLine(screen)


def _reasons(summary: RunSummary, *stages: str) -> dict[str, int]:
    """Return reason -> inputs that went no further in some stages, the most frequent first."""
    total: Counter[str] = Counter()
    for stage in stages:
        if stage in summary.tallies:
            total.update(summary.tallies[stage].reasons)
    return dict(total.most_common())


def _cut(summary: RunSummary) -> dict[str, int]:
    """Return label -> lines that were cut; titles and captions are not cut, they have a place of their own."""
    cut = summary.tallies["extract"].cut if "extract" in summary.tallies else {}
    return {label: n for label, n in cut.items() if label not in {"title", "caption"}}


def _as_json(summary: RunSummary, seconds: float) -> dict[str, Any]:
    return {
        "run_id": summary.run_id,
        **summary.numbers,
        "reasons": _reasons(summary, "acquire", "check", "publish"),
        "reasons_by_outcome": {name: found for name in summary.numbers if (found := summary.reasons(name))},
        "cut_lines": _cut(summary),
        "held_batches": [asdict(batch) for batch in summary.waiting],
        "seconds": round(seconds, 3),
        "stages": {name: round(s, 3) for name, s in summary.seconds.items()},
        "sources": [one.as_dict() for one in _standings(summary)],
        "resumed": [{"run_id": s.run_id, **s.numbers, "error": s.error} for s in summary.resumed],
    }


def _standings(summary: RunSummary) -> list[Standing]:
    from copydesk.health import standing

    held = dict.fromkeys(summary.held, f"run {summary.run_id}")
    names = {one.source: one for one in summary.health}
    return [
        standing(name, names.get(name), ran=True, held=held.get(name, "")) for name in sorted({*names, *summary.held})
    ]


def _troubles(summary: RunSummary) -> None:
    """Print one line per source that is not ok, or has something to say."""
    from rich.markup import escape

    from copydesk.health import describe

    out = console()
    for one in _standings(summary):
        line = describe(one)
        if line and one.state != "held":
            tone = "red" if one.alarm else "yellow"
            out.print(f"[{tone}]{one.source} {one.state}[/]: {escape(line)}", soft_wrap=True)


def _table(summary: RunSummary, seconds: float) -> None:
    """Print the summary: what came in, where it ended, what was cut."""
    from rich.table import Table

    table = Table(show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    always = {"new", "changed", "unchanged", "quarantined"}
    for name, number in summary.numbers.items():
        if name in {"captured", "loaded"} or not (number or name in always):
            continue
        table.add_row(name, str(number), "")
        for reason, inputs in summary.reasons(name).items():
            table.add_row("", str(inputs), reason)
    for what, inputs in _reasons(summary, "publish").items():
        table.add_row(what, str(inputs), "")
    cut = _cut(summary)
    table.add_row("cut lines", str(sum(cut.values())), "")
    for label, number in sorted(cut.items(), key=lambda item: (-item[1], item[0])):
        table.add_row("", str(number), label)
    table.add_row("seconds", f"{seconds:.2f}", "")
    out = console()
    for before in summary.resumed:
        if before.error:
            console(stderr=True).print(f"copydesk: {before.error}", markup=False, style="red")
            continue
        out.print(f"Finished run {before.run_id} first, which had been interrupted: {before.line}.")
    out.print(f"run {summary.run_id}", style="italic")
    out.print(table)
    if summary.waiting:
        from copydesk.runs.outcome import held_line

        out.print(f"{held_line(summary.waiting)}.", markup=False, style="yellow")


def _profile(summary: RunSummary) -> None:
    from copydesk.cli.options import print_table

    columns = ("stage", "seconds", "pages", "pages/s", "MB read", "peak MB")
    rows = [
        (
            name,
            f"{c.seconds:.3f}",
            c.pages,
            round(c.pages / c.seconds),
            f"{c.bytes / 1e6:.1f}",
            c.peak_memory_bytes >> 20,
        )
        for name, c in summary.costs.items()
    ]
    print_table("where the time went", columns, rows, right=dict.fromkeys(columns[1:], True))
