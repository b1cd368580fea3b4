"""`copydesk quality`: results of the last runs, broken rules, held batches, and the effect of rule changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.cli.completion import choices, source_names
from copydesk.cli.options import AsJson, Because, DeskOption, console, echo, print_json, print_table, resuming_notice
from copydesk.wording import counted

if TYPE_CHECKING:
    from copydesk.quality.report.overview import Overview
    from copydesk.reprocess import Preview
    from copydesk.runs.summary import RunSummary
    from copydesk.settings import DeskFolder

__all__ = ["print_impact", "register"]

Sources = Annotated[list[str] | None, typer.Argument(help="Held sources; default: all of the run.")]
RunName = Annotated[str, typer.Argument(help="Id of the run, as `copydesk quality` shows it.")]
_ROWS = 12
_SEVERITIES = ("error", "hold", "warn", "info")
_DIMENSIONS = ("accuracy", "completeness", "consistency", "timeliness", "uniqueness", "validity")


def register(app: typer.Typer) -> None:
    """Add the group of commands to the app."""
    group = typer.Typer(help="Show quality results; release or drop held batches.")
    group.callback(invoke_without_command=True)(quality)
    for command in (rules, findings, preview, release, drop, mark):
        group.command()(command)
    group.command(hidden=True)(impact)
    app.add_typer(group, name="quality")


def quality(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", "-d", min=1, help="Days to look back.")] = 7,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show the last runs, the most broken rules and held batches.

    Exit code 1: the last run had more warnings than `[quality] warn_on`. 3: a batch is held, or the last run
    quarantined more than `[quality] max_quarantined`.
    Example: `copydesk quality --days 30`
    """
    if context.invoked_subcommand is not None:
        return
    from copydesk.quality.report.overview import quality_exit_code

    where = _open(desk)
    overview = _overview(where, days)
    code = quality_exit_code(overview, where)
    if as_json:
        print_json({**overview.as_dict(), "exit_code": code})
    else:
        _print(overview)
    raise typer.Exit(code)


def rules(desk: DeskOption = None, as_json: AsJson = False) -> None:
    """List all rules with threshold, severity and reason, and the changes of this desk.

    Change one for all sources under `[quality.rules]` in copydesk.toml, for one source by `rules = {...}` in its entry,
    or in `rules/quality.toml` of the desk (docs/seams-quality.md). Page kinds (listing, forum, product,
    media, wall, consent, error, shell, unavailable, other, empty) and refusals are rules, too: `forum = "warn"` lets
    pages of a forum in with a finding. Example: `copydesk quality rules`
    """
    from dataclasses import asdict

    registry = _registry(_open(desk))
    if as_json:
        found = {"rules": [asdict(r) for r in registry], "changed": [asdict(c) for c in registry.changes]}
        print_json({**found, "not_asked": list(registry.not_asked)})
        return
    sign = {"under": "<", "over": ">"}
    rows = [
        (
            r.id,
            r.table,
            r.dimension,
            r.owner,
            r.severity,
            f"{r.measure} {sign[r.breaks]} {r.threshold:g} {r.unit}" if r.measure else "",
            r.because,
        )
        for r in registry
    ]
    print_table("rules", ("rule", "table", "dimension", "owner", "severity", "broken when", "because"), rows)
    if registry.changes:
        changed = [
            (
                c.rule,
                c.source or "all",
                c.severity or "",
                c.threshold,
                " ".join(f"{name} {text}" for name, text in (("warn", c.warn_if), ("error", c.error_if)) if text),
                c.because,
            )
            for c in registry.changes
        ]
        print_table("changed by this desk", ("rule", "source", "severity", "threshold", "if", "because"), changed)
    for line in registry.not_asked:
        console().print(f"not asked: {line}", markup=False, highlight=False, soft_wrap=True)


def findings(
    rule: Annotated[str | None, typer.Option("--rule", help="Only findings of this rule.")] = None,
    source: Annotated[
        str | None, typer.Option("--source", "-s", autocompletion=source_names, help="Only findings of this source.")
    ] = None,
    severity: Annotated[
        str | None,
        typer.Option(autocompletion=choices(_SEVERITIES), help="Only of this severity."),
    ] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only rules of this owner.")] = None,
    dimension: Annotated[
        str | None, typer.Option("--dimension", autocompletion=choices(_DIMENSIONS), help="Only this dimension.")
    ] = None,
    tag: Annotated[str | None, typer.Option("--tag", help="Only rules with this tag.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many.")] = 50,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """List the articles and pages that broke a rule, latest first, with what was measured.

    Example: `copydesk quality findings --rule too_short`
    """
    from copydesk import open_desk

    found = open_desk(desk).findings(
        rule=rule, source=source, severity=severity, owner=owner, dimension=dimension, tag=tag, limit=limit
    )
    if as_json:
        print_json(found)
        return
    columns = ("rule", "severity", "article", "source", "title", "measured", "detail")
    rows = [
        (
            r["rule"],
            r["severity"],
            (r["article_id"] or "")[:8],
            r["source"],
            r["title"] or r["uri"],
            r["value"],
            r["detail"],
        )
        for r in found
    ]
    print_table("", columns, rows, right={"measured": True})
    if len(found) == limit:
        echo(f"The first {limit}; --limit shows more.")


def preview(
    source: Annotated[str | None, typer.Option("--source", "-s", help="Only records of this source.")] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="Only quarantined records that broke this rule.")] = None,
    loaded: Annotated[
        bool, typer.Option("--loaded/--quarantined-only", help="Include loaded records, or only quarantined ones.")
    ] = True,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show which records would enter, leave or change under today's rules; changes nothing.

    Example: `copydesk quality preview --source press-tv`
    """
    from copydesk.reprocess import preview_captures as impact_of
    from copydesk.runs.targets import check_source
    from copydesk.store.read.lookups import captures_to_reprocess

    where = _open(desk)
    check_source(where, source)
    outcomes = ("quarantined",) if rule or not loaded else ("loaded", "quarantined")
    reasons = [rule] if rule else None
    captures = captures_to_reprocess(where.warehouse, source, outcomes=outcomes, reasons=reasons)
    print_impact(impact_of(where, captures), as_json=as_json)


def impact(
    source: Annotated[str | None, typer.Option("--source", "-s")] = None,
    rule: Annotated[str | None, typer.Option("--rule")] = None,
    loaded: Annotated[bool, typer.Option("--loaded/--quarantined-only")] = True,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Former name of `copydesk quality preview`."""
    echo(
        "copydesk: `copydesk quality impact` is now `copydesk quality preview`; the old name goes in the next release.",
        err=True,
    )
    preview(source, rule, loaded, desk, as_json)


def release(
    run: RunName, sources: Sources = None, because: Because = "", desk: DeskOption = None, as_json: AsJson = False
) -> None:
    """Release a held batch and load it.

    Example: `copydesk quality release 20261121T180000-abc123 press-tv --because "checked by hand"`
    """
    from copydesk import open_desk

    chosen, found = open_desk(desk).release(run, *(sources or ()), because=because, resuming=resuming_notice)
    _print_settled(run, "released", chosen, found, as_json=as_json)


def drop(
    run: RunName,
    sources: Sources = None,
    because: Because = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Drop a held batch into quarantine; its records can be replayed from there.

    Example: `copydesk quality drop 20261121T180000-abc123 press-tv --because "a login page"`
    """
    if not yes and not as_json:
        typer.confirm(f"Move the held records of {run} to quarantine?", abort=True)
    from copydesk import open_desk

    chosen, found = open_desk(desk).drop_held(run, *(sources or ()), because=because, resuming=resuming_notice)
    _print_settled(run, "dropped", chosen, found, as_json=as_json)


def mark(
    run: RunName,
    source: Annotated[str | None, typer.Argument(help="Source; default: all of the run.")] = None,
    because: Because = "",
    desk: DeskOption = None,
) -> None:
    """Mark a run as an incident, to exclude its statistics from history.

    Example: `copydesk quality mark 20261121T180000-abc123 press-tv --because "server moved"`
    """
    from copydesk import open_desk

    number = open_desk(desk).mark_incident(run, source, because=because)
    console().print(f"Excluded from history: {run}, {counted(number, 'source')}.")


def print_impact(found: Preview, *, as_json: bool) -> None:
    """Print the effect of the rules in force."""
    if as_json:
        from dataclasses import asdict

        print_json(asdict(found))
        return
    rows = [(c.what, c.source, c.uri, c.was, c.would_be) for c in found.changes]
    if rows:
        print_table("under today's rules", ("what", "source", "uri", "was", "would be"), rows)
    console().print(
        f"{counted(found.captures, 'record')} checked: {found.same} unchanged, {len(rows)} would change. "
        "Nothing was changed."
    )


def _print_settled(run: str, decision: str, sources: Sequence[str], found: RunSummary, *, as_json: bool) -> None:
    loaded, quarantined = found.count("publish", "loaded"), found.count("publish", "quarantined")
    if as_json:
        print_json({decision: list(sources), "loaded": loaded, "quarantined": quarantined})
    else:
        console().print(f"{', '.join(sources)} {decision}: {loaded} loaded, {quarantined} quarantined in run {run}.")


def _print(overview: Overview) -> None:
    frames = overview.frames
    runs = [
        (
            r["run_id"],
            r["status"],
            *(r[n] for n in ("captured", "accepted", "quarantined", "held", "warned")),
            f"{r['seconds'] or 0:.1f}",
        )
        for r in frames["runs"].head(_ROWS).iter_rows(named=True)
    ]
    right = dict.fromkeys(("captured", "accepted", "quarantined", "held", "warned", "seconds", "captures"), True)
    names = ("run", "status", "captured", "accepted", "quarantined", "held", "warned", "seconds")
    print_table(f"runs of the last {counted(overview.days, 'day')}", names, runs, right=right)
    broken = [
        (r["rule"], r["severity"], r["source"], r["captures"], (r["example"] or "")[:70])
        for r in frames["rules"].head(_ROWS).iter_rows(named=True)
    ]
    print_table("most broken rules", ("rule", "severity", "source", "captures", "for example"), broken, right=right)
    if not frames["reasons"].is_empty():
        waits = [(r["source"], r["reason"], r["captures"]) for r in frames["reasons"].head(_ROWS).iter_rows(named=True)]
        print_table("in quarantine", ("source", "reason", "captures"), waits, right=right)
    for one in overview.held:
        console().print(f"held: {one['source']} of run {one['run_id']}: {one['detail']}", markup=False, style="yellow")


def _open(desk: Any) -> DeskFolder:
    from copydesk.settings import find_desk_folder

    return find_desk_folder(desk)


def _registry(desk: DeskFolder) -> Any:
    from copydesk.quality.rules import desk_registry

    return desk_registry(desk).for_sources(desk.settings.source)


def _warehouse(desk: DeskFolder) -> Any:
    from copydesk.store.warehouse.connection import open_warehouse

    return open_warehouse(desk)


def _overview(desk: DeskFolder, days: int) -> Overview:
    from copydesk.quality.report.overview import read_overview
    from copydesk.service.source_view import source_standings

    sources = source_standings(desk, lock_timeout_s=desk.settings.warehouse.lock_timeout_s)
    with _warehouse(desk).open_for_reading() as connection:
        return read_overview(connection, desk, _registry(desk), days=days, sources=sources)
