"""`copydesk quarantine`: list, show, replay, accept and drop quarantined records."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, Because, DeskOption, console, print_json, print_table, resuming_notice
from copydesk.wording import counted

__all__ = ["register"]

Source = Annotated[
    str | None, typer.Option("--source", "-s", autocompletion=source_names, help="Only records of this source.")
]
Rule = Annotated[str | None, typer.Option("--rule", "--reason", "-r", help="Only records with this rule or reason.")]
Stage = Annotated[str | None, typer.Option("--stage", help="Only records of this stage: acquire, extract or check.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands to the app."""
    group = typer.Typer(help="List, show, replay, accept or drop quarantined records.", no_args_is_help=True)
    for command in (list_, show, replay, accept, drop):
        group.command(command.__name__.rstrip("_"))(command)
    app.add_typer(group, name="quarantine")


def list_(
    source: Source = None,
    rule: Rule = None,
    stage: Stage = None,
    resolved: Annotated[bool, typer.Option("--all", "-a", help="Include resolved records.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Maximum number of rows.")] = 50,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """List quarantined records, the latest first.

    Example: `copydesk quarantine list --source press-tv --rule too_short`
    """
    from copydesk import open_desk

    rows = open_desk(desk).quarantine(source=source, rule=rule, stage=stage, resolved=resolved, limit=limit)
    if as_json:
        print_json([asdict(r) for r in rows])
        return
    columns = ("id", "source", "uri", "stage", "rules", "tries", "last seen", "excerpt")
    shown = [
        (
            r.capture_id[:8],
            r.source,
            r.uri,
            r.stage,
            ", ".join(r.rules or [r.reason]),
            r.attempts,
            f"{r.last_seen_at:%Y-%m-%d %H:%M}" if r.last_seen_at else "",
            " ".join((r.excerpt or "").split())[:60],
        )
        for r in rows
    ]
    print_table("quarantine", columns, shown, right={"tries": True})
    if not rows:
        console().print("No quarantined record matches." if source or rule or stage else "The quarantine is empty.")


def show(
    record: Annotated[str, typer.Argument(help="Id of a record or its beginning, its URL or path, or part of one.")],
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show one record: broken rules with their values, and the beginning of its text.

    Example: `copydesk quarantine show 3f2a91c0`
    """
    from copydesk import open_desk
    from copydesk.quality.rules import desk_registry

    where = open_desk(desk)
    rows = [where.quarantined(record)]
    if as_json:
        print_json([asdict(r) for r in rows])
        return
    rules = desk_registry(where).rules
    out = console()
    for r in rows:
        out.print(r.uri, markup=False, style="bold")
        out.print(f"  {r.capture_id}  {r.source}  {r.stage}  tried {counted(r.attempts, 'time')}", markup=False)
        for rule, value in zip(r.rules or [], r.measured or [], strict=False):
            known = rules.get(rule)
            limit = f" (limit {known.threshold:g} {known.unit})" if known and value is not None else ""
            out.print(f"  {rule}: {'' if value is None else f'{value:g}'}{limit}", markup=False)
            if known:
                out.print(f"    {known.because}", markup=False, style="dim")
        out.print(f"  {r.detail or ''}\n  | " + (r.excerpt or "").replace("\n", "\n  | "), markup=False)
        if r.resolution:
            out.print(f"  {r.resolution} {r.resolved_at:%Y-%m-%d %H:%M}", markup=False)


def replay(
    records: Annotated[
        list[str] | None, typer.Argument(help="Ids or their beginnings; default: all that match.")
    ] = None,
    source: Source = None,
    rule: Rule = None,
    stage: Stage = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would change; change nothing.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Extract and check quarantined records again under today's rules; no network.

    Example: `copydesk quarantine replay --rule too_short --preview`
    """
    from copydesk import open_desk
    from copydesk.cli.quality import print_impact

    where, names = open_desk(desk), records or []
    if preview:
        print_impact(where.replay(*names, source=source, rule=rule, stage=stage, dry_run=True), as_json=as_json)
        return
    done = where.replay(*names, source=source, rule=rule, stage=stage, resuming=resuming_notice)
    if as_json:
        print_json({"replayed": done.replayed, "loaded": done.loaded, "quarantined": done.quarantined})
        return
    out = console()
    out.print(f"Replayed {done.replayed}: {done.loaded} loaded, {done.quarantined} still quarantined.")
    if done.chosen > done.replayed:
        out.print(f"{done.chosen - done.replayed} had no stored bytes: the next run reads them again.")


def accept(
    record: Annotated[str, typer.Argument(help="Id of a record or its beginning, its URL or path, or part of one.")],
    undo: Annotated[bool, typer.Option("--undo", help="Take back that the page was let in.")] = False,
    because: Because = "",
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Let one page in although it broke rules; later runs hold to it, also for new versions of the page.

    A later version that breaks another rule is refused all the same. Who decided, when and why is on record in
    `audit.decisions`.
    Example: `copydesk quarantine accept 3f2a91c0 --because "a live blog, not a listing"`
    """
    from copydesk import open_desk

    rules = open_desk(desk).accept(record, undo=undo, because=because, resuming=resuming_notice)
    if as_json:
        print_json({"record": record, "accepted": not undo, "rules": rules})
        return
    listed = ", ".join(rules)
    console().print(
        f"{record}: {listed} refuses it again, as the rules say."
        if undo
        else f"{record} is loaded, in spite of {listed}.",
        markup=False,
    )


def drop(
    records: Annotated[
        list[str] | None, typer.Argument(help="Ids or their beginnings; default: all that match.")
    ] = None,
    source: Source = None,
    rule: Rule = None,
    stage: Stage = None,
    because: Because = "",
    yes: Yes = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Drop records: they stay stored, but no longer count as open.

    Example: `copydesk quarantine drop --source press-tv --rule too_short`
    """
    from copydesk import open_desk

    where, names = open_desk(desk), records or []
    if not yes and not as_json:
        number = len(names) or len(where.quarantine(source=source, rule=rule, stage=stage))
        if number:
            typer.confirm(f"Drop {counted(number, 'record')}?", abort=True)
    dropped = where.drop_quarantined(*names, source=source, rule=rule, stage=stage, because=because)
    if as_json:
        print_json({"dropped": dropped})
    else:
        console().print(f"Dropped {dropped}.")
