"""`copydesk sources`: list, add, check, import, export."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from copydesk.cli.completion import source_names
from copydesk.cli.options import AsJson, DeskOption, console, echo, print_json, print_table
from copydesk.wording import counted

if TYPE_CHECKING:
    from copydesk.settings import DeskFolder, Source
    from copydesk.sources.crawl.discovery import Discovery
    from copydesk.sources.toml_entries import Entry

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
        (s.name, s.kind, _place(s), s.schedule or "by hand", "enabled" if s.enabled else "disabled", *_groups(s))
        for s in where.sources
    ]
    grouped = ("collections",) if any(s.collections for s in where.sources) else ()
    print_table(
        str(where.root),
        ("source", "kind", "where", "schedule", "state", *grouped),
        [row[: 5 + len(grouped)] for row in rows],
    )


@_group.command()
def coverage(
    source: Annotated[
        str | None, typer.Argument(autocompletion=source_names, help="Only this source; default: all.")
    ] = None,
    days: Annotated[int, typer.Option("--days", "-d", min=1, help="Days to look back.")] = 28,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Show per source and day what was announced and what became of it, and name the holes.

    `copydesk backfill SOURCE --since DAY` fills them.

    Example: `copydesk sources coverage example-feed --days 90`
    """
    from datetime import UTC, datetime, timedelta

    from copydesk import open_desk

    found = open_desk(desk).coverage(source, since=datetime.now(UTC).date() - timedelta(days=days))
    if as_json:
        print_json(found.as_dict())
        return
    counts = ("announced", "captured", "loaded", "held", "quarantined", "refused", "failed", "never_asked")
    rows = [(one.source, str(one.day), *(getattr(one, name) for name in counts)) for one in found.days]
    print_table("coverage", ("source", "day", *counts), rows, right=dict.fromkeys(counts, True))
    for hole in found.holes:
        echo(f"{hole.source}: hole {hole.line}")


@_group.command()
def add(
    targets: Annotated[list[str], typer.Argument(help="URLs of sites, feeds or sitemaps; or files and folders.")],
    name: Annotated[str | None, typer.Option("--name", help="Name of the source; default: from its title.")] = None,
    publisher: Annotated[str | None, typer.Option("--publisher", help="Who publishes it, e.g. bbc.co.uk.")] = None,
    collection: Annotated[
        list[str] | None, typer.Option("--collection", help="Group it belongs to; may be given several times.")
    ] = None,
    schedule: Annotated[
        str | None, typer.Option("--schedule", help='Schedule, for example "every 15 minutes".')
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the entry; write nothing.")] = False,
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Add sources to copydesk.toml: the feed or sitemap of each URL, files and folders together as one.

    Example: `copydesk sources add example.org --schedule "every 15 minutes"`, `copydesk sources add ~/pages more.zip`
    """
    from copydesk.errors import UsageError
    from copydesk.settings import find_desk_folder
    from copydesk.sources.toml_entries import append_entries

    where = find_desk_folder(desk)
    urls, paths = _split_targets(targets)
    if name and len(urls) + bool(paths) > 1:
        raise UsageError("--name names one source, and these make several. Add them one by one.")
    taken = {source.name for source in where.settings.source}
    found = _discovered(where, urls, taken)
    entries = [discovery.entry for discovery in found]
    if paths:
        entries.append(_path_entry(where, paths, taken | {entry.name for entry in entries}))
    groups = tuple(collection or ())
    given: dict[str, Any] = {"name": name, "publisher": publisher, "schedule": schedule, "collections": groups}
    entries = [replace(entry, **{key: value for key, value in given.items() if value}) for entry in entries]
    if not dry_run:
        append_entries(where.root / _FILE, entries)
    if as_json:
        described = [asdict(replace(d, entry=e)) for d, e in zip(found, entries, strict=False)]
        described += [{"entry": asdict(entry)} for entry in entries[len(found) :]]
        records = [{**one, "written": not dry_run} for one in described]
        print_json(records[0] if len(records) == 1 else records)
        return
    for discovery in found:
        _show(discovery)
    echo("\n".join(entry.toml.strip() for entry in entries))
    names = " ".join(entry.name for entry in entries)
    echo(f"\n{'Nothing was written.' if dry_run else f'Added to {where.root / _FILE}. Next: copydesk run {names}'}")


def _split_targets(targets: list[str]) -> tuple[list[str], list[Path]]:
    """Return the URLs and the files and folders among what was named; what exists is a path."""
    from copydesk.errors import UsageError

    urls, paths = [], []
    for target in targets:
        path = Path(target).expanduser()
        if path.exists():
            paths.append(path)
        elif "://" not in target and ("/" in target.split(".", 1)[0] or target.startswith((".", "~"))):
            raise UsageError(f"there is no file or folder {target!r}.")
        else:
            urls.append(target)
    return urls, paths


def _discovered(where: DeskFolder, urls: list[str], taken: set[str]) -> list[Discovery]:
    """Find the feed or sitemap of each URL; names are free ones."""
    from copydesk.sources.crawl.discovery import discover
    from copydesk.web.limits import WebLimits

    limits = WebLimits.from_settings(where.settings.web, document_bytes=where.settings.run.document_bytes)
    found: list[Discovery] = []
    for url in urls:
        _refuse_twice(where, url)
        discovery = discover(url, limits, taken=taken | {d.entry.name for d in found})
        _refuse_twice(where, discovery.entry.url)
        if all(discovery.entry.url != d.entry.url for d in found):
            found.append(discovery)
    return found


def _path_entry(where: DeskFolder, paths: list[Path], taken: set[str]) -> Entry:
    """Return the entry of files and folders: relative to the desk's folder where they lie inside it."""
    from copydesk.errors import UsageError
    from copydesk.sources.toml_entries import Entry, source_name

    root = where.root.resolve()
    whole = [path.resolve() for path in paths]
    shown = tuple(p.relative_to(root).as_posix() if p.is_relative_to(root) else str(p) for p in whole)
    for source in where.settings.source:
        if not source.fetches and {(where.root / p).resolve() for p in source.paths} & set(whole):
            raise UsageError(f"source {source.name} reads {', '.join(source.paths)} already.")
    warcs = all(path.is_file() and path.name.endswith((".warc", ".warc.gz")) for path in whole)
    named = whole[0].name.split(".")[0] if whole[0].is_file() else whole[0].name
    return Entry(name=source_name(named, taken), kind="warc" if warcs else "files", paths=shown)


@_group.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(autocompletion=source_names, help="Names of sources; default: all.")
    ] = None,
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
    echo(f"{counted(len(entries), 'feed')} added to {where.root / _FILE}.")


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
            f"{candidate.kind}{title}: {candidate.url} ({counted(candidate.items, 'page')}; {candidate.found})",
            markup=False,
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


def _groups(source: Source) -> tuple[str]:
    return (", ".join(source.collections),)


def _place(source: Source) -> str:
    if source.url:
        return source.url
    if isinstance(source.urls, str):
        return source.urls
    return counted(len(source.urls), "address") if source.urls else ", ".join(source.paths)
