"""`copydesk sources`: list, add, check, import, export."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption, console, echo, print_json, print_table

if TYPE_CHECKING:
    from copydesk.settings import DeskFolder, Source
    from copydesk.sources.crawl.discovery import Discovery

__all__ = ["register"]

_FILE = "copydesk.toml"

_group = typer.Typer(help="List, add, check, import and export sources.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.add_typer(_group, name="sources")


@_group.command("list")
def list_sources(desk: DeskOption = None, as_json: AsJson = False) -> None:
    """List the sources of copydesk.toml.

    Example: `copydesk sources list`
    """
    from copydesk import open_desk

    where = open_desk(desk)
    if as_json:
        print_json([source.model_dump(mode="json", exclude_defaults=True) for source in where.sources])
        return
    rows = [
        (s.name, s.kind, _place(s), s.schedule or "by hand", "enabled" if s.enabled else "disabled")
        for s in where.sources
    ]
    print_table(str(where.root), ("source", "kind", "where", "schedule", "state"), rows)


@_group.command()
def add(
    url: Annotated[str, typer.Argument(help="URL of a site, a feed or a sitemap.")],
    name: Annotated[str | None, typer.Option("--name", help="Name of the source; default: from its title.")] = None,
    schedule: Annotated[
        str | None, typer.Option("--schedule", help='Schedule, for example "every 15 minutes".')
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the entry; write nothing.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Find the feed or sitemap of a URL and add it to copydesk.toml.

    Example: `copydesk sources add example.org --schedule "every 15 minutes"`
    """
    from copydesk.settings import find_desk_folder
    from copydesk.sources.crawl.discovery import discover
    from copydesk.sources.toml_entries import append_entries
    from copydesk.web.limits import WebLimits

    where = find_desk_folder(desk)
    _refuse_twice(where, url)
    taken = {source.name for source in where.settings.source}
    found = discover(
        url, WebLimits.from_settings(where.settings.web, document_bytes=where.settings.run.document_bytes), taken=taken
    )
    _refuse_twice(where, found.entry.url)
    entry = replace(found.entry, schedule=schedule, name=name or found.entry.name)
    if not dry_run:
        append_entries(where.root / _FILE, [entry])
    if as_json:
        print_json({**asdict(replace(found, entry=entry)), "written": not dry_run})
        return
    _show(found)
    echo(entry.toml.strip())
    end = "Nothing was written." if dry_run else f"Added to {where.root / _FILE}. Next: copydesk run {entry.name}"
    echo(f"\n{end}")


@_group.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Names of sources; default: all.")] = None,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Check that sources respond and list URLs; fetches no pages.

    Example: `copydesk sources check`

    Exit code 1 when one of them is not in order.
    """
    from copydesk import open_desk

    where = open_desk(desk)
    found = where.check_sources(*(names or ()))
    if as_json:
        print_json([asdict(checked) for checked in found])
    else:
        rows = [(c.source, c.kind, "ok" if c.good else "failed", c.items, c.detail) for c in found]
        print_table(str(where.root), ("source", "kind", "state", "names", "detail"), rows, right={"names": True})
    raise typer.Exit(int(not all(checked.good for checked in found)))


@_group.command("import")
def import_opml(
    file: Annotated[Path, typer.Argument(help="OPML file, as feed readers export it.")],
    schedule: Annotated[str | None, typer.Option("--schedule", help="Schedule of all imported sources.")] = None,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Import feeds from an OPML file; feeds that are declared already are skipped.

    Example: `copydesk sources import subscriptions.opml`
    """
    from copydesk.errors import UsageError
    from copydesk.settings import find_desk_folder
    from copydesk.sources.crawl.opml import read_opml
    from copydesk.sources.toml_entries import append_entries

    where = find_desk_folder(desk)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}.") from error
    declared = where.settings.source
    entries = read_opml(content, taken=[s.name for s in declared], known=[s.url for s in declared if s.url])
    entries = [replace(entry, schedule=schedule) for entry in entries]
    if entries:
        append_entries(where.root / _FILE, entries)
    if as_json:
        print_json([asdict(entry) for entry in entries])
        return
    print_table("", ("source", "feed"), [(entry.name, entry.url) for entry in entries])
    echo(f"{len(entries)} feeds added to {where.root / _FILE}.")


@_group.command("export")
def export_opml(
    file: Annotated[Path | None, typer.Argument(help="File to write; default: standard output.")] = None,
    desk: DeskOption = None,
) -> None:
    """Export the feeds of the desk as OPML.

    Example: `copydesk sources export feeds.opml`
    """
    from copydesk.filesystem import write_error, write_whole
    from copydesk.settings import find_desk_folder, is_stream, output_path
    from copydesk.sources.crawl.opml import write_opml

    where = find_desk_folder(desk)
    content = write_opml(where.settings.source)
    if file is None:
        sys.stdout.write(content.decode("utf-8"))
        return
    try:
        if is_stream(file):
            file.write_bytes(content)
        else:
            write_whole(output_path(where, file), content)
    except OSError as error:
        raise write_error(file, error, then="export again") from error


def _show(found: Discovery) -> None:
    out = console()
    for candidate in found.candidates:
        title = f" “{candidate.title}”" if candidate.title else ""
        out.print(
            f"{candidate.kind}{title}: {candidate.url} ({candidate.items} pages; {candidate.found})", markup=False
        )
    for title in found.candidates[0].titles:
        out.print(f"  - {title}", markup=False)
    for note in found.notes:
        out.print(note, markup=False, style="dim")


def _refuse_twice(desk: DeskFolder, url: str) -> None:
    from copydesk.errors import UsageError

    for source in desk.settings.source:
        if source.url == url:
            raise UsageError(f"source {source.name} follows {url} already. `copydesk run {source.name}` takes it.")


def _place(source: Source) -> str:
    if source.url:
        return source.url
    if isinstance(source.urls, str):
        return source.urls
    return f"{len(source.urls)} addresses" if source.urls else ", ".join(source.paths)
