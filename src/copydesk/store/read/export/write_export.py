"""Exports: a folder with the articles, a manifest with hashes, and a card that says what they are.

    DIR/articles/data_0.parquet     or documents/part-00000.jsonl.gz, articles.csv, texts/ID.txt, tei/ID.xml
    DIR/articles.wacz               on demand: the pages as they were fetched, for replay viewers
    DIR/manifest.json               what, from when, under which rules, each file's hash
    DIR/datapackage.json            the same for Frictionless;  croissant.json for dataset search
    DIR/README.md                   the dataset card, with a line for each tool that reads the files

The same articles give the same bytes: rows are in the order of their keys, and nothing is dated by the clock.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from copydesk.errors import UsageError
from copydesk.filesystem import replacing, write_error
from copydesk.store.read.export.data_package import croissant, data_package
from copydesk.store.read.export.dataset_card import dataset_card
from copydesk.store.read.export.formats import WRITERS
from copydesk.store.read.export.manifest import make_manifest
from copydesk.store.read.export.wacz import WaczReport, write_wacz
from copydesk.store.read.user_sql import TIMEOUT_S, select_ids
from copydesk.store.warehouse.connection import Connection, Warehouse

__all__ = ["FORMATS", "ExportReport", "export_articles"]

_SQL = Path(__file__).parent.parent / "sql"

FORMATS = tuple(WRITERS)
_SLICE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        wacz: Pages in `articles.wacz`, and articles without an archived page; None when it was not asked for.
    """

    folder: Path
    format: str
    articles: int
    files: int
    bytes: int
    wacz: WaczReport | None = None


def export_articles(
    warehouse: Warehouse,
    folder: Path,
    *,
    format: str = "parquet",  # noqa: A002 the word users know
    where: str | None = None,
    timeout_s: float = TIMEOUT_S,
    as_of: datetime | None = None,
    license: str = "unknown: the texts belong to their publishers",  # noqa: A002 the field's name
    wacz: Path | None = None,
) -> ExportReport:
    """Write articles as a folder that appears whole, or not at all; a former export in its place is replaced.

    Args:
        warehouse: Read while the export is written.
        folder: Where to; must not exist, or hold a former export.
        format: `parquet`, `jsonl` (Dolma's fields), `csv`, `text` or `tei` (a file per article).
        where: An SQL condition over the columns of `latest_articles`; it may not read files (store/read/user_sql.py).
        timeout_s: Seconds the condition may take.
        as_of: The corpus as it had been seen by this moment; None is now.
        license: Goes into the manifest and the card.
        wacz: The desk's folder, when the archived pages are wanted, too.

    Raises:
        UsageError: The folder holds something else, or the condition is wrong.
        StoreError: The disk refused.
    """
    if format not in FORMATS:
        raise UsageError(f"no format is called {format!r}. There are: {', '.join(FORMATS)}.")
    if folder.exists() and not (folder / "manifest.json").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} holds something that is not an export. Name a folder that does not exist.")
    wanted = None if where is None else select_ids(warehouse, where, timeout_s=timeout_s)
    try:
        with replacing(folder) as temporary:
            temporary.mkdir(parents=True)
            with warehouse.open_for_reading() as connection:
                _choose(connection, wanted, as_of)
                WRITERS[format](connection, temporary)
                replay = write_wacz(connection, temporary / "articles.wacz", wacz) if wacz else None
                manifest = make_manifest(connection, temporary, format, where, as_of, license)
            _write(temporary / "README.md", dataset_card(manifest))
            _write_json(temporary / "manifest.json", manifest)
            _write_json(temporary / "datapackage.json", data_package(manifest))
            _write_json(temporary / "croissant.json", croissant(manifest))
            if folder.exists():
                shutil.rmtree(folder.resolve())
    except (OSError, duckdb.IOException) as error:
        raise write_error(folder, error, then="export again") from error
    files = manifest["files"]
    return ExportReport(
        folder=folder,
        format=format,
        articles=manifest["articles"],
        files=len(files),
        bytes=sum(f["bytes"] for f in files),
        wacz=replay,
    )


def _choose(connection: Connection, wanted: Sequence[str] | None, as_of: datetime | None) -> None:
    """Make `wanted` and `chosen` on this connection; one thread and a fixed order, so that files come out the same."""
    connection.execute("set threads = 1")
    connection.execute("set preserve_insertion_order = true")
    if as_of is None:
        connection.execute(
            "create temp table wanted as select a.article_id, a.current_revision_id as revision_id, "
            "r.captured_at from main.articles as a join main.revisions as r on r.revision_id = a.current_revision_id"
        )
    else:
        connection.execute("set variable as_of = $1", [as_of])
        connection.execute(
            "create temp table wanted as select article_id, revision_id, seen_at as captured_at "
            "from article_text_at(getvariable('as_of'))"
        )
    if wanted is not None:
        connection.execute("delete from wanted where article_id not in (select unnest($1::uuid[]))", [wanted])
    _gather(connection)


def _gather(connection: Connection) -> None:
    """Make `chosen` from `wanted`, slice by slice, since DuckDB keeps all texts it joins in memory."""
    slices = 1 + int(connection.value("select count(*) from wanted")) // _SLICE
    for number in range(slices):
        connection.execute(
            "create or replace temp table wanted_slice as from wanted where hash(article_id) % $1 = $2",
            [slices, number],
        )
        connection.script(_SQL / "export_chosen.sql")
        made = "create temp table chosen as" if number == 0 else "insert into chosen"
        connection.execute(f"{made} from chosen_slice")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_json(path: Path, content: dict[str, object]) -> None:
    _write(path, json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
