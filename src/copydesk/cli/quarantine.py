"""`copydesk quarantine`: what did not get through, why, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.cli.options import AsJson, DeskOption, console, print_json, print_table

if TYPE_CHECKING:
    from copydesk.settings import DeskFolder

__all__ = ["register"]

Source = Annotated[str | None, typer.Option("--source", "-s", help="Only records of this source.")]
Rule = Annotated[str | None, typer.Option("--rule", "--reason", "-r", help="Only records with this rule or reason.")]
Stage = Annotated[str | None, typer.Option("--stage", help="acquire, extract or check.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
_MAX_RECORDS = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the group of commands to the app."""
    group = typer.Typer(help="What did not get through: list, show, replay or drop it.", no_args_is_help=True)
    for command in (list_, show, replay, drop):
        group.command(command.__name__.rstrip("_"))(command)
    app.add_typer(group, name="quarantine")


def list_(
    source: Source = None,
    rule: Rule = None,
    stage: Stage = None,
    resolved: Annotated[bool, typer.Option("--all", "-a", help="Also what was resolved.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Rows at most.")] = 50,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """List quarantined records, the latest first.

    Example: `copydesk quarantine list --source press-tv --rule too_short`
    """
    rows = _rows(_open(desk), source=source, rule=rule, stage=stage, resolved=resolved, limit=limit)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "source", "uri", "stage", "rules", "tries", "last seen", "excerpt")
    shown = [
        (
            r["capture_id"][:8],
            r["source"],
            r["uri"],
            r["stage"],
            ", ".join(r["rules"] or [r["reason"]]),
            r["attempts"],
            f"{r['last_seen_at']:%Y-%m-%d %H:%M}" if r["last_seen_at"] else "",
            " ".join((r["excerpt"] or "").split())[:60],
        )
        for r in rows
    ]
    print_table("quarantine", columns, shown, right={"tries": True})
    if not rows:
        console().print("Nothing waits in quarantine.")


def show(
    record: Annotated[str, typer.Argument(help="A capture's id or its beginning, or a part of its address.")],
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show one record: every broken rule with what was measured, and the beginning of its text."""
    from copydesk.errors import UsageError
    from copydesk.quality.rules import load_registry

    where = _open(desk)
    rows = _rows(where, record=record, resolved=True, limit=20)
    if as_json:
        print_json(rows)
        return
    if not rows:
        raise UsageError(f"no quarantined record is called {record!r}. `copydesk quarantine list` shows them.")
    rules = load_registry(where.settings.quality.rules).rules
    out = console()
    for r in rows:
        out.print(r["uri"], markup=False, style="bold")
        out.print(f"  {r['capture_id']}  {r['source']}  {r['stage']}  tried {r['attempts']} times", markup=False)
        for rule, value in zip(r["rules"] or [], r["measured"] or [], strict=False):
            known = rules.get(rule)
            limit = f" (limit {known.threshold:g} {known.unit})" if known and value is not None else ""
            out.print(f"  {rule}: {'' if value is None else f'{value:g}'}{limit}", markup=False)
            if known:
                out.print(f"    {known.because}", markup=False, style="dim")
        out.print(f"  {r['detail'] or ''}\n  | " + (r["excerpt"] or "").replace("\n", "\n  | "), markup=False)
        if r["resolution"]:
            out.print(f"  {r['resolution']} {r['resolved_at']:%Y-%m-%d %H:%M}", markup=False)


def replay(
    records: Annotated[list[str] | None, typer.Argument(help="Ids or their beginnings; none: all that match.")] = None,
    source: Source = None,
    rule: Rule = None,
    stage: Stage = None,
    preview: Annotated[bool, typer.Option("--preview", help="Say what would change; change nothing.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Run the stored bytes of quarantined records again under today's rules; no network, harmless to repeat."""
    from copydesk.cli.quality import print_impact
    from copydesk.reprocess import preview_captures as impact_of
    from copydesk.reprocess import reprocess_captures
    from copydesk.store.read.lookups import captures_to_reprocess

    where = _open(desk)
    ids = _ids(where, records or [], source=source, rule=rule, stage=stage)
    captures = captures_to_reprocess(where.warehouse, outcomes=("quarantined",), capture_ids=ids)
    if preview:
        print_impact(impact_of(where, captures), as_json=as_json)
        return
    if not captures:
        _say({"replayed": 0, "loaded": 0, "quarantined": 0}, len(ids), as_json=as_json)
        return
    summary = reprocess_captures(where, captures, trigger="replay")
    numbers = {
        "replayed": len(captures),
        "loaded": summary.count("publish", "loaded"),
        "quarantined": summary.count("publish", "quarantined"),
    }
    _say(numbers, len(ids), as_json=as_json)


def drop(
    records: Annotated[list[str] | None, typer.Argument(help="Ids or their beginnings; none: all that match.")] = None,
    source: Source = None,
    rule: Rule = None,
    stage: Stage = None,
    yes: Yes = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Resolve records as dropped: they stay on record, but nobody is asked about them again."""
    from copydesk.quality.decisions import drop_quarantined
    from copydesk.store.warehouse.connection import Warehouse

    where = _open(desk)
    ids = _ids(where, records or [], source=source, rule=rule, stage=stage)
    if not yes and ids and not as_json:
        typer.confirm(f"Drop {len(ids)} records?", abort=True)
    with Warehouse(where.warehouse, wait_s=where.settings.warehouse.wait_s).open_for_writing() as connection:
        dropped = drop_quarantined(connection, ids)
    if as_json:
        print_json({"dropped": dropped})
    else:
        console().print(f"Dropped {dropped}.")


def _open(desk: Any) -> DeskFolder:
    from copydesk.settings import open_desk

    return open_desk(desk)


def _rows(
    desk: DeskFolder,
    *,
    source: str | None = None,
    rule: str | None = None,
    stage: str | None = None,
    record: str | None = None,
    resolved: bool = False,
    limit: int = _MAX_RECORDS,
) -> list[dict[str, Any]]:
    from copydesk.quality.report.overview import queries
    from copydesk.store.warehouse.connection import Warehouse

    with Warehouse(desk.warehouse, wait_s=desk.settings.warehouse.wait_s).open_for_reading() as connection:
        return connection.frame(queries("quarantine"), [source, rule, stage, record, resolved, limit]).to_dicts()


def _ids(desk: DeskFolder, records: list[str], *, source: str | None, rule: str | None, stage: str | None) -> list[str]:
    """Return the captures that are meant.

    Raises:
        UsageError: A name fits no open record, or more than one.
    """
    from copydesk.errors import UsageError

    if not records:
        return [r["capture_id"] for r in _rows(desk, source=source, rule=rule, stage=stage)]
    found = []
    for record in records:
        rows = _rows(desk, source=source, rule=rule, stage=stage, record=record)
        if len(rows) != 1:
            what = "no open record" if not rows else f"{len(rows)} records"
            raise UsageError(f"{record!r} is the name of {what}. `copydesk quarantine list --json` has the full ids.")
        found.append(rows[0]["capture_id"])
    return found


def _say(numbers: dict[str, int], chosen: int, *, as_json: bool) -> None:
    if as_json:
        print_json(numbers)
        return
    out = console()
    out.print(f"Replayed {numbers['replayed']}: {numbers['loaded']} loaded, {numbers['quarantined']} still refused.")
    if chosen > numbers["replayed"]:
        out.print(f"{chosen - numbers['replayed']} had no bytes to read again: they come back with the next run.")
