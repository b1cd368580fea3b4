"""Exports: a folder with the articles, a manifest with hashes, and a card that says what they are.

    DIR/articles/publisher=NAME/data_0.parquet     or  documents/part-00000.jsonl.gz   or  articles.csv
    DIR/manifest.json                              what, from when, under which rules, each file's hash
    DIR/README.md                                  the dataset card

The same articles give the same bytes: rows are in the order of their keys, and nothing is dated by the clock.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from copydesk.errors import UsageError
from copydesk.filesystem import replacing, write_error
from copydesk.store.read.dataset_card import dataset_card
from copydesk.store.read.user_sql import TIMEOUT_S, safe_cell, select_ids
from copydesk.store.warehouse.connection import Connection, Warehouse

__all__ = ["FORMATS", "ExportReport", "export_articles"]

_SQL = Path(__file__).parent / "sql"

FORMATS = ("parquet", "jsonl", "csv")
_PART_DOCUMENTS = 50_000
_BATCH = 2_000
_SLICE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export wrote."""

    folder: Path
    format: str
    articles: int
    files: int
    bytes: int


def export_articles(
    warehouse: Warehouse,
    folder: Path,
    *,
    format: str = "parquet",  # noqa: A002 the word users know
    where: str | None = None,
    timeout_s: float = TIMEOUT_S,
    as_of: datetime | None = None,
    license: str = "unknown: the texts belong to their publishers",  # noqa: A002 the field's name
) -> ExportReport:
    """Write articles as a folder that appears whole, or not at all; a former export in its place is replaced.

    Args:
        warehouse: Read while the export is written.
        folder: Where to; must not exist, or hold a former export.
        format: `parquet` (partitioned by publisher), `jsonl` (Dolma's fields) or `csv`.
        where: An SQL condition over the columns of `latest_articles`; it may not read files (store/read/user_sql.py).
        timeout_s: Seconds the condition may take.
        as_of: The corpus as it had been seen by this moment; None is now.
        license: Goes into the manifest and the card.

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
                {"parquet": _parquet, "jsonl": _jsonl, "csv": _csv}[format](connection, temporary)
                manifest = _manifest(connection, temporary, format, where, as_of, license)
            _write(temporary / "README.md", dataset_card(manifest))
            note = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
            _write(temporary / "manifest.json", note + "\n")
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


def _parquet(connection: Connection, folder: Path) -> None:
    quoted = str(folder / "articles").replace("'", "''")
    if not connection.value("select count(*) from chosen"):  # DuckDB writes no file for no partition
        (folder / "articles").mkdir()
        connection.execute(f"copy chosen to '{quoted}/data_0.parquet' (format parquet, compression zstd)")
        return
    connection.execute(
        f"copy (from chosen order by publisher, article_id) to '{quoted}' "
        "(format parquet, compression zstd, partition_by (publisher), write_partition_columns true)"
    )


def _rows(connection: Connection) -> Iterator[dict[str, Any]]:
    """Yield the chosen articles in order; flat memory."""
    cursor = connection.raw.execute("from chosen order by publisher, article_id")
    names = [column[0] for column in cursor.description or ()]
    while batch := cursor.fetchmany(_BATCH):
        for row in batch:
            yield dict(zip(names, row, strict=True))


def _jsonl(connection: Connection, folder: Path) -> None:
    """Write Dolma documents: id, text, source, added, created, metadata."""
    (folder / "documents").mkdir()
    file: gzip.GzipFile | None = None
    for number, row in enumerate(_rows(connection)):
        if number % _PART_DOCUMENTS == 0:
            if file:
                file.close()
            path = folder / "documents" / f"part-{number // _PART_DOCUMENTS:05}.jsonl.gz"
            file = gzip.GzipFile(path, "wb", 6, mtime=0)
        assert file is not None  # noqa: S101 opened for the first row
        file.write(json.dumps(_document(row), ensure_ascii=False, sort_keys=True).encode() + b"\n")
    if file:
        file.close()


def _document(row: dict[str, Any]) -> dict[str, Any]:
    named = {"article_id", "text", "source", "captured_at", "published_at"}
    metadata = {k: _plain(v) for k, v in row.items() if k not in named and v not in (None, [])}
    return {
        "id": row["article_id"],
        "text": row["text"],
        "source": row["source"],
        "added": _plain(row["captured_at"]),
        "created": _plain(row["published_at"]),
        "metadata": metadata,
    }


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _csv(connection: Connection, folder: Path) -> None:
    with (folder / "articles.csv").open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in _rows(connection):
            if writer is None:
                writer = csv.DictWriter(file, list(row), lineterminator="\r\n")
                writer.writeheader()
            writer.writerow({k: safe_cell(_cell(v)) for k, v in row.items()})


def _cell(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else _plain(value)


def _manifest(
    connection: Connection, folder: Path, kind: str, where: str | None, as_of: datetime | None, licence: str
) -> dict[str, Any]:
    """Say what was exported: counts, versions, and each file with its hash."""
    articles, words, first, last, through = connection.rows(
        "select count(*), coalesce(sum(body_words), 0)::bigint, min(published_at), max(published_at), max(captured_at) "
        "from chosen"
    )[0]
    return {
        "name": "copydesk export",
        "format": kind,
        "license": licence,
        "articles": articles,
        "words": words,
        "first_published": _plain(first),
        "last_published": _plain(last),
        "seen_through": _plain(through),
        "as_of": _plain(as_of),
        "where": where,
        "languages": _counts(connection, "language"),
        "publishers": _counts(connection, "publisher"),
        "code_versions": _counts(connection, "code_version"),
        "rules_versions": _counts(connection, "rules_version"),
        "columns": [{"name": n, "type": t.lower()} for n, t, *_ in connection.rows("select * from (describe chosen)")],
        "files": [_file(path, folder) for path in sorted(folder.rglob("*")) if path.is_file()],
    }


def _counts(connection: Connection, column: str) -> dict[str, int]:
    rows = connection.rows(f"select coalesce({column}, 'unknown'), count(*) from chosen group by 1 order by 1")  # noqa: S608
    return dict(rows)


def _file(path: Path, folder: Path) -> dict[str, Any]:
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(io.DEFAULT_BUFFER_SIZE * 16):
            digest.update(chunk)
    return {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
