"""`copydesk stage`: one run, stage by stage, in processes of their own: for Slurm and cron."""

from __future__ import annotations

from typing import Annotated

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, DeskOption, echo, print_json
from copydesk.wording import counted

__all__ = ["register"]

RunName = Annotated[
    str, typer.Argument(help="The run's name, or the beginning of it; default: the only one that waits.")
]
Rank = Annotated[int, typer.Option("--rank", min=0, help="Which share of the parts, from 0.")]
Of = Annotated[int, typer.Option("--of", min=1, help="Number of shares.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands to the app."""
    group = typer.Typer(help="Take a run through its stages by hand, on several machines.", no_args_is_help=True)
    for command in (acquire, count, extract, load):
        group.command()(command)
    app.add_typer(group, name="stage")


def acquire(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            autocompletion=source_names, help="Sources, collections, files or folders; default: all sources."
        ),
    ] = None,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Acquire what is new, and print the name of the run, which waits for the next stage.

    Example: `copydesk stage acquire press-tv`, in a script `RUN=$(copydesk stage acquire press-tv)`
    """
    from copydesk.settings import find_desk_folder
    from copydesk.staged import prepare

    name, tally = prepare(find_desk_folder(desk), targets or ())
    if as_json:
        print_json({"run_id": name, "counts": tally.counts})
    else:
        echo(name)


def count(run: RunName = "", rank: Rank = 0, of: Of = 1, desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Count the recurring lines of a share of the run's parts; every share comes before the first `stage extract`.

    Example: `copydesk stage count $RUN --rank $SLURM_ARRAY_TASK_ID --of 64`
    """
    from copydesk.settings import find_desk_folder
    from copydesk.staged import count as count_share

    _tell("counted", count_share(find_desk_folder(desk), run, rank=rank, of=of), rank, of, as_json)


def extract(run: RunName = "", rank: Rank = 0, of: Of = 1, desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Extract a share of the run's parts; parts that are there are kept.

    Example: `copydesk stage extract $RUN --rank $SLURM_ARRAY_TASK_ID --of 64`
    """
    from copydesk.settings import find_desk_folder
    from copydesk.staged import extract as extract_share

    _tell("extracted", extract_share(find_desk_folder(desk), run, rank=rank, of=of), rank, of, as_json)


def load(run: RunName = "", desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Finish the run: extract what is missing, check, load. The exit code is that of `copydesk run`.

    Example: `copydesk stage load $RUN`
    """
    from copydesk.runs.outcome import run_outcome
    from copydesk.settings import find_desk_folder
    from copydesk.staged import finish

    where = find_desk_folder(desk)
    summary = finish(where, run)
    outcome = run_outcome(summary, where.settings.quality)
    if as_json:
        print_json({"run_id": summary.run_id, **summary.numbers, "outcome": outcome.name})
    else:
        echo(f"{summary.run_id}: {outcome.line}")
    raise typer.Exit(outcome.exit_code)


def _tell(what: str, parts: int, rank: int, of: int, as_json: bool) -> None:
    if as_json:
        print_json({"parts": parts, "rank": rank, "of": of})
    else:
        echo(f"rank {rank} of {of}: {counted(parts, 'part')} {what}")
