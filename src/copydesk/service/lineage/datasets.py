"""What a run reads and writes, as datasets, out of its folder.

run.json                     its sources           -> inputs of acquire and of the run
acquire/part-*/captures      where the bytes lie   -> WARC files: outputs of acquire, inputs of extract
check/part-*/findings        which rules broke     -> assertions
written.json                 what publish wrote    -> outputs of publish and of the run: rows, columns
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from copydesk.object_store import is_remote
from copydesk.runs.folder import Run
from copydesk.service.lineage.events import (
    Assertion,
    Dataset,
    assertions_facet,
    schema_facet,
    statistics_facet,
)
from copydesk.settings import DeskFolder, Source
from copydesk.store.parts.part_files import part_paths
from copydesk.wording import counted

if TYPE_CHECKING:
    from copydesk.quality.rules import Registry

__all__ = ["assertions_of", "checked_tables", "source_datasets", "warc_datasets", "written_tables"]

Assertions = Mapping[str, Sequence[Assertion]]
"""Table -> which rules of it held."""

_MAX_NAMED = 1000
"""Datasets of one kind in an event."""

_JUDGED = {"articles": "main.revisions", "authors": "main.revision_authors", "evidence": "audit.evidence"}
_BATCH = "main.articles"
"""Rules of the batch as a whole, of history and of extract are about the articles it brings."""
_SAME_NAME = frozenset({"paragraphs", "captions", "links", "quotes"})


def source_datasets(desk: DeskFolder, sources: Iterable[Source]) -> list[Dataset]:
    """Return the sources: files and folders under `file`, web addresses under their host."""
    found: list[Dataset] = []
    for source in sources:
        urls = [source.url] if source.url else [source.urls] if isinstance(source.urls, str) else list(source.urls)
        found += [_web(url) for url in urls if url and "://" in url]
        found += [_file(desk, path) for path in source.paths]
        found += [_file(desk, url) for url in urls if url and "://" not in url]
        if not urls and not source.paths:
            found.append(Dataset(namespace="copydesk", name=f"sources/{source.name}"))
    return list({(one.namespace, one.name): one for one in found}.values())[:_MAX_NAMED]


def warc_datasets(run: Run, *, written: bool) -> list[Dataset]:
    """Return the WARC files that the run's captures lie in; with the number of pages, where this run wrote them."""
    parts = [part / "captures.parquet" for part in part_paths(run.stage_folder("acquire"))]
    parts = [captures for captures in parts if captures.exists()]
    if not parts:
        return []
    import polars as pl  # which a run without news does not need

    pages: Counter[str] = Counter()
    for captures in parts:
        places = pl.read_parquet(captures, columns=["carrier", "path"]).filter(pl.col("carrier") == "warc")
        pages.update(places["path"].to_list())
    found = []
    for path, number in sorted(pages.items())[:_MAX_NAMED]:
        facets = {"outputStatistics": statistics_facet(number)} if written else {}
        one = _file(run.desk, path)
        found.append(Dataset(namespace=one.namespace, name=one.name, output_facets=facets))
    return found


def assertions_of(run: Run, registry: Registry) -> dict[str, list[Assertion]]:
    """Return table -> which rules of it held, of those that are not off."""
    import polars as pl

    from copydesk.quality.rules import OFF

    broken: Counter[str] = Counter()
    parts = part_paths(run.stage_folder("check"))
    for part in parts:
        for name, column in (("findings", "rule"), ("quarantine", "rules")):
            path = part / f"{name}.parquet"
            if path.exists():
                rules = pl.read_parquet(path, columns=[column])[column]
                broken.update((rules.explode() if name == "quarantine" else rules).drop_nulls().to_list())
    found: dict[str, list[Assertion]] = {}
    for rule in registry:
        if rule.severity == OFF:
            continue
        table = f"main.{rule.table}" if rule.table in _SAME_NAME else _JUDGED.get(rule.table, _BATCH)
        number = broken[rule.id]
        one = Assertion(
            rule=rule.id,
            success=not number,
            severity=rule.severity,
            because=rule.because,
            actual=f"broken {counted(number, 'time')}" if number else "",
        )
        found.setdefault(table, []).append(one)
    return found


def checked_tables(run: Run, assertions: Assertions) -> list[Dataset]:
    """Return the tables that check judged rows of, with the rules that held."""
    return [
        Dataset(
            namespace=_warehouse(run.desk), name=table, input_facets={"dataQualityAssertions": assertions_facet(found)}
        )
        for table, found in sorted(assertions.items())
    ]


def written_tables(run: Run, assertions: Assertions) -> list[Dataset]:
    """Return the tables that publish wrote to, with rows, columns and the rules that held."""
    path = run.folder / "written.json"
    if not path.exists():
        return []
    written = json.loads(path.read_text(encoding="utf-8"))
    found = []
    for table, content in sorted(written.items()):
        facets = {"schema": schema_facet((name, kind) for name, kind in content["columns"])}
        if table in assertions:
            facets["dataQualityAssertions"] = assertions_facet(assertions[table])
        found.append(
            Dataset(
                namespace=_warehouse(run.desk),
                name=table,
                facets=facets,
                output_facets={"outputStatistics": statistics_facet(content["rows"])},
            )
        )
    return found


def _warehouse(desk: DeskFolder) -> str:
    return f"duckdb://{desk.warehouse.resolve().as_posix()}"


def _web(url: str) -> Dataset:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""  # without a user's name and password
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return Dataset(namespace="web", name=url)
    query = f"?{parts.query}" if parts.query else ""
    return Dataset(namespace=f"{parts.scheme}://{host}{port}", name=(parts.path or "/") + query)


def _file(desk: DeskFolder, path: str) -> Dataset:
    if is_remote(path):
        return _web(path)
    return Dataset(namespace="file", name=Path(desk.root / path).resolve().as_posix())
