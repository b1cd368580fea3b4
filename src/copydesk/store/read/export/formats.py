"""The files of an export: the chosen articles as Parquet, JSON lines, CSV, plain text or TEI.

Every function writes below a folder what it finds in the temporary table `chosen`, in the order of publisher and key.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from copydesk.store.read.user_sql import safe_cell
from copydesk.store.warehouse.connection import Connection

__all__ = ["WRITERS", "plain_value"]

_PART_DOCUMENTS = 50_000
_BATCH = 2_000
_ROW_GROUP = 10_000
"""Texts are long: DuckDB's default of 122,880 rows would make row groups of half a gigabyte."""
_FILE_BYTES = "256MB"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _parquet(connection: Connection, folder: Path) -> None:
    """Write `articles/data_N.parquet`: all columns are in the files and none in the path, for any reader."""
    quoted = str(folder / "articles").replace("'", "''")
    connection.execute(
        f"copy (from chosen order by publisher, article_id) to '{quoted}' (format parquet, compression zstd, "
        f"row_group_size {_ROW_GROUP}, file_size_bytes '{_FILE_BYTES}')"
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
    metadata = {k: plain_value(v) for k, v in row.items() if k not in named and v not in (None, [])}
    return {
        "id": row["article_id"],
        "text": row["text"],
        "source": row["source"],
        "added": plain_value(row["captured_at"]),
        "created": plain_value(row["published_at"]),
        "metadata": metadata,
    }


def plain_value(value: Any) -> Any:
    """Return a value as JSON has it: times in UTC as ISO 8601."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _csv(connection: Connection, folder: Path) -> None:
    with (folder / "articles.csv").open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in _rows(connection):
            if writer is None:
                writer = csv.DictWriter(file, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow({k: safe_cell(_cell(v)) for k, v in row.items()})


def _cell(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else plain_value(value)


def _text(connection: Connection, folder: Path) -> None:
    """Write `texts/ID.txt` per article, title first, and `metadata.csv`, which corpus tools read beside them."""
    (folder / "texts").mkdir()
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for row in _rows(connection):
            name = f"{row['article_id']}.txt"
            (folder / "texts" / name).write_text(f"{row['title']}\n\n{row['text']}\n", encoding="utf-8", newline="\n")
            fields = {"file": name, **{k: v for k, v in row.items() if k != "text"}}
            if writer is None:
                writer = csv.DictWriter(file, list(fields), lineterminator="\n")
                writer.writeheader()
            writer.writerow({k: safe_cell(_cell(v)) for k, v in fields.items()})


def _tei(connection: Connection, folder: Path) -> None:
    """Write `tei/ID.xml` per article (TEI P5: teiHeader, body with a `p` per paragraph)."""
    (folder / "tei").mkdir()
    for row in _rows(connection):
        path = folder / "tei" / f"{row['article_id']}.xml"
        path.write_text(_tei_document(row), encoding="utf-8", newline="\n")


def _tei_document(row: Mapping[str, Any]) -> str:
    authors = "".join(f"<author>{_xml(name)}</author>" for name in row["authors"])
    when = plain_value(row["published_at"])
    date = f"<date when={quoteattr(when[:10])}/>" if when else "<date/>"
    link = f'<idno type="URI">{_xml(row["address"])}</idno>' if row["address"] else ""
    paragraphs = "\n".join(f"<p>{_xml(text)}</p>" for text in row["text"].split("\n\n") if text) or "<p/>"
    title, publisher = _xml(row["title"] or ""), _xml(row["publisher_name"] or row["publisher"])
    language = quoteattr(row["language"] or "und")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="a{row["article_id"]}" xml:lang={language}>\n'
        f"<teiHeader><fileDesc><titleStmt><title>{title}</title>{authors}</titleStmt>\n"
        f"<publicationStmt><publisher>{publisher}</publisher>{date}{link}</publicationStmt>\n"
        f"<sourceDesc><p>{_xml(row['address'] or row['uri'])}</p></sourceDesc></fileDesc></teiHeader>\n"
        f"<text><body><head>{title}</head>\n{paragraphs}\n</body></text>\n</TEI>\n"
    )


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


WRITERS: dict[str, Callable[[Connection, Path], None]] = {
    "parquet": _parquet,
    "jsonl": _jsonl,
    "csv": _csv,
    "text": _text,
    "tei": _tei,
}
"""Format -> what writes it."""
