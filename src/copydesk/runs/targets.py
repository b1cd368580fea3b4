"""Targets of a run: names of sources, files and folders, turned into sources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from copydesk.errors import UsageError
from copydesk.records import AD_HOC
from copydesk.settings import DeskFolder, Source
from copydesk.store.warehouse.connection import Warehouse

__all__ = ["check_source", "choose_sources", "source_of_path"]


def choose_sources(desk: DeskFolder, targets: Sequence[str]) -> list[Source]:
    """Return the sources of some targets; without targets, all enabled sources.

    A target is the name of a source or of a collection (its enabled sources), or a path. A path inside a declared
    source's folder belongs to that source, so that it keeps its key; all other paths make one source named `paths`.

    Raises:
        UsageError: No such source or path, or the desk has no source to run.
    """
    if not targets:
        sources = [s for s in desk.settings.source if s.enabled]
        if not sources:
            path = desk.root / "copydesk.toml"
            raise UsageError(f"{path} declares no source. Add a [[source]] or name files: `copydesk run PATH`.")
        return sources
    chosen: dict[str, Source] = {}
    names = {s.name for s in desk.settings.source}
    for target in targets:
        for source in _named(desk, target, names):
            known = chosen.get(source.name)
            chosen[source.name] = _joined(known, source) if known else source
    return list(chosen.values())


def _named(desk: DeskFolder, target: str, names: set[str]) -> list[Source]:
    """Return the sources of one target; a source's name comes before a collection's, a collection's before a path."""
    if target in names:
        return [desk.source(target)]
    group = [s for s in desk.settings.source if target in s.collections]
    if not group:
        return [source_of_path(desk, target)]
    enabled = [s for s in group if s.enabled]
    if not enabled:
        raise UsageError(f"all sources of collection {target!r} are disabled. Set enabled = true for one of them.")
    return enabled


def check_source(desk: DeskFolder, name: str | None) -> None:
    """Refuse the name of a source that is neither declared nor in the warehouse; None stands for all sources.

    Raises:
        UsageError: There is no such source.
    """
    if name is None or any(source.name == name for source in desk.settings.source):
        return
    if desk.warehouse.exists():
        warehouse = Warehouse(desk.warehouse, lock_timeout_s=desk.settings.warehouse.lock_timeout_s)
        with warehouse.open_for_reading() as connection:
            if connection.rows("select 1 from audit.captures where source = $1 limit 1", [name]):
                return
    known = ", ".join(s.name for s in desk.settings.source) or "none"
    raise UsageError(f"no source is called {name!r}, and the warehouse has nothing of it. Declared sources: {known}.")


def source_of_path(desk: DeskFolder, target: str) -> Source:
    """Return the source that a file or folder belongs to, with that path alone; `paths` where it belongs to none.

    Raises:
        UsageError: There is no such path.
    """
    path = Path(target).expanduser()
    if not path.exists() and not path.is_symlink():
        known = ", ".join(s.name for s in desk.settings.source) or "none"
        raise UsageError(f"no file, folder, source or collection is called {target!r}. Declared sources: {known}.")
    path = path.absolute()
    for source in desk.settings.source:
        roots = [(desk.root / p).resolve() for p in source.paths] if not source.fetches else []
        if any(path.resolve().is_relative_to(root) for root in roots):
            return source.model_copy(update={"paths": (str(path),)})
    return Source(name=AD_HOC, kind="files", paths=(str(path),))


def _joined(one: Source, other: Source) -> Source:
    return one.model_copy(update={"paths": tuple(dict.fromkeys((*one.paths, *other.paths)))})
