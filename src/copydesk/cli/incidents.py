"""`copydesk incidents`: troubles of sources from their begin to their end, and times that are no yardstick."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, Because, DeskOption, console, print_json, print_table

if TYPE_CHECKING:
    from copydesk.store.curate.incidents import Incident, MarkedTime

__all__ = ["print_incidents", "register"]

_Number = Annotated[int, typer.Argument(min=1, help="Number of the incident, as `copydesk incidents` shows it.")]
_Source = Annotated[
    str | None, typer.Option("--source", "-s", autocompletion=source_names, help="Only this source; default: all.")
]
_CLOSED_DAYS = 36_500
_SPAN = re.compile(r"(\d+)\s*([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def register(app: typer.Typer) -> None:
    """Add the group of commands to the app."""
    group = typer.Typer(help="Show, acknowledge and mute what is wrong; mark holidays.")
    group.callback(invoke_without_command=True)(incidents)
    for command in (show, ack, mute, unmute, mark, marks, unmark):
        group.command()(command)
    app.add_typer(group, name="incidents")


def incidents(
    context: typer.Context,
    source: _Source = None,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Closed ones, too.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """List the open incidents, the latest first.

    An incident opens when a run finds a source failing, held or breaking a batch rule, and closes by itself when a
    later run does not. Exit code 1 when one is open that nobody has acknowledged.
    Example: `copydesk incidents --all`
    """
    if context.invoked_subcommand is not None:
        return
    from copydesk import open_desk

    found = open_desk(desk).incidents(source=source, closed_days=_CLOSED_DAYS if everything else 0)
    if as_json:
        print_json([one.as_dict() for one in found])
    elif found:
        print_incidents(found)
    else:
        console().print("No incident." if everything else "No open incident.")
    raise typer.Exit(int(any(one.state == "open" for one in found)))


def show(number: _Number, desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Show one incident with all that is known of it.

    Example: `copydesk incidents show 3`
    """
    from copydesk import open_desk

    _print_one(open_desk(desk).incident(number), as_json=as_json)


def ack(
    number: _Number,
    note: Annotated[str, typer.Option("--note", "-n", help="What is known of it; a later note replaces it.")] = "",
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Acknowledge an incident: somebody looks after it.

    Example: `copydesk incidents ack 3 --note "wrote to the publisher"`
    """
    from copydesk import open_desk

    _print_one(open_desk(desk).acknowledge(number, note), as_json=as_json)


def mute(
    number: _Number,
    until: Annotated[str, typer.Argument(help="A day, a time (UTC), or a span: 12h, 3d, 2w.")],
    because: Because = "",
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Send no notification of this trouble of the source before a moment, also when it ends and comes back.

    Example: `copydesk incidents mute 3 2d --because "the site moves"`
    """
    from copydesk import open_desk

    _print_one(open_desk(desk).mute(number, _moment(until), because=because), as_json=as_json)


def unmute(number: _Number, because: Because = "", desk: DeskOption = None, as_json: AsJson = False) -> None:
    """Send notifications of this trouble again.

    Example: `copydesk incidents unmute 3`
    """
    from copydesk import open_desk

    _print_one(open_desk(desk).mute(number, None, because=because), as_json=as_json)


def mark(
    start: Annotated[str, typer.Argument(help="Day, or time (UTC).")],
    end: Annotated[str | None, typer.Argument(help="Last day, or time (UTC); default: that day alone.")] = None,
    source: _Source = None,
    because: Because = "",
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Mark a time, such as a holiday: its runs leave the history, and few captures in it are no trouble.

    Example: `copydesk incidents mark 2026-12-25 2026-12-26 --because Christmas`
    """
    from copydesk import open_desk

    first = _moment(start)
    last = _moment(end or start)
    last += timedelta(days=1) if re.fullmatch(r"\d{4}-\d\d-\d\d", end or start) else timedelta()
    _print_marks([open_desk(desk).mark_time(first, last, source=source, because=because)], as_json=as_json)


def marks(desk: DeskOption = None, as_json: AsJson = False) -> None:
    """List the marked times, the latest first.

    Example: `copydesk incidents marks`
    """
    from copydesk import open_desk

    _print_marks(open_desk(desk).marked_times(), as_json=as_json)


def unmark(
    number: Annotated[int, typer.Argument(min=1, help="Number of the marked time.")],
    because: Because = "",
    desk: DeskOption = None,
) -> None:
    """Take a marked time back.

    Example: `copydesk incidents unmark 1`
    """
    from copydesk import open_desk

    open_desk(desk).unmark_time(number, because=because)
    console().print(f"Marked time {number} counts again.")


def print_incidents(found: Sequence[Incident], title: str = "incidents") -> None:
    """Print incidents as a table."""
    now = datetime.now(UTC)
    rows = [
        (
            one.number,
            one.source,
            one.trouble,
            one.severity,
            _state(one, now),
            _minute(one.opened_at),
            _minute(one.closed_at),
            one.owner or "",
            one.detail or "",
        )
        for one in found
    ]
    columns = ("no", "source", "trouble", "severity", "state", "opened", "closed", "owner", "detail")
    print_table(title, columns, rows, right={"no": True})


def _state(one: Incident, now: datetime) -> str:
    by = f" by {one.acknowledged_by}" if one.state == "acknowledged" else ""
    return f"{one.state}{by}" + (f", muted until {_minute(one.muted_until)}" if one.is_muted(now) else "")


def _print_one(one: Incident, *, as_json: bool) -> None:
    if as_json:
        print_json(one.as_dict())
        return
    out = console()
    out.print(f"incident {one.number}: {one.source} {one.trouble}, {_state(one, datetime.now(UTC))}", markup=False)
    seen = f"{_minute(one.seen_at)}, in {one.observations} {'run' if one.observations == 1 else 'runs'}"
    lines = {
        "severity": one.severity,
        "dimension": one.dimension,
        "owner": one.owner,
        "tags": ", ".join(one.tags),
        "detail": one.detail,
        "opened": f"{_minute(one.opened_at)}{f' by run {one.opened_run}' if one.opened_run else ''}",
        "last seen": seen,
        "acknowledged": one.acknowledged_at and f"{_minute(one.acknowledged_at)} by {one.acknowledged_by}",
        "note": one.note,
        "muted until": one.muted_until and _minute(one.muted_until),
        "closed": one.closed_at and f"{_minute(one.closed_at)}{f' by run {one.closed_run}' if one.closed_run else ''}",
    }
    for name, value in lines.items():
        if value:
            out.print(f"  {name:<13}{value}", markup=False, highlight=False, soft_wrap=True)


def _print_marks(found: Sequence[MarkedTime], *, as_json: bool) -> None:
    if as_json:
        print_json([one.as_dict() for one in found])
        return
    rows = [
        (
            one.number,
            one.source or "all",
            _minute(one.starts_at),
            _minute(one.ends_at),
            one.marked_by,
            one.because or "",
        )
        for one in found
    ]
    print_table("marked times", ("no", "source", "from", "to", "by", "because"), rows, right={"no": True})


def _minute(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""


def _moment(text: str) -> datetime:
    """Return a moment given as a day, a time or a span from now.

    Raises:
        UsageError: It is none of them.
    """
    from copydesk.errors import UsageError

    if span := _SPAN.fullmatch(text.strip()):
        return datetime.now(UTC) + int(span[1]) * _UNITS[span[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time: write 2026-12-25, 2026-12-25T18:00 or a span such as 3d.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
