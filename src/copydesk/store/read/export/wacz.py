"""Replayable export: the archived pages of the chosen articles as one WACZ 1.1.1 file.

    articles.wacz (zip, stored)
        archive/data.warc.gz          the pages as they were fetched, a gzip member each
        indexes/index.cdxj            address and time -> offset in it, sorted
        pages/pages.jsonl             the articles: address, title, time
        datapackage.json, datapackage-digest.json

https://specs.webrecorder.net/wacz/1.1.1/. Replay viewers open it as it is; articles read from files have no archived
page and are left out, which the report counts.
"""

from __future__ import annotations

import gzip
import io
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecordType

from copydesk.store.archive.warc_archive import read_member
from copydesk.store.read.export.formats import plain_value
from copydesk.store.warehouse.connection import Connection

__all__ = ["WaczReport", "write_wacz"]

_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaczReport:
    """Pages written, and chosen articles without an archived page."""

    pages: int
    left_out: int


def write_wacz(connection: Connection, path: Path, root: Path) -> WaczReport:
    """Write the archived pages of the articles in the table `chosen`; the same articles give the same bytes.

    Args:
        connection: Has the temporary table `chosen`.
        path: The file to write.
        root: The desk's folder, to which places in the archive are relative.
    """
    index: list[str] = []
    pages: list[str] = [json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "Articles"})]
    total = 0
    with TemporaryDirectory(dir=path.parent) as folder:
        records = Path(folder) / "data.warc.gz"
        with records.open("wb") as file:
            for row in _captures(connection):
                total += 1
                member = _member(root, row)
                line = _index_line(member, row["url"], file.tell()) if member else None
                if member and line:
                    index.append(line)
                    pages.append(_page(row))
                    file.write(member)
        texts = {
            "indexes/index.cdxj": "".join(f"{line}\n" for line in sorted(index)),
            "pages/pages.jsonl": "".join(f"{line}\n" for line in pages),
        }
        _zip(path, records, {name: text.encode() for name, text in texts.items()})
    return WaczReport(pages=len(index), left_out=total - len(index))


def _captures(connection: Connection) -> Iterator[dict[str, Any]]:
    cursor = connection.raw.execute(
        'select c.article_id, c.title, k.url, k.captured_at, k.path, k.carrier, k."offset", k.length '
        "from chosen as c join main.revisions as r on r.revision_id = c.revision_id::uuid "
        "left join audit.captures as k on k.capture_id = r.capture_id order by c.publisher, c.article_id"
    )
    names = [column[0] for column in cursor.description or ()]
    while batch := cursor.fetchmany(500):
        for row in batch:
            yield dict(zip(names, row, strict=True))


def _member(root: Path, row: Mapping[str, Any]) -> bytes | None:
    """Return the page's WARC record as a gzip member; None where it has none that can be read."""
    if row["carrier"] != "warc" or not row["url"] or not row["length"]:
        return None
    try:
        member = read_member(root, row["path"], row["offset"], row["length"])
    except OSError:
        return None
    if len(member) < row["length"]:
        return None
    return member if member.startswith(_GZIP) else gzip.compress(member, 6, mtime=0)


def _index_line(member: bytes, url: str, offset: int) -> str | None:
    for record in ArchiveIterator(io.BytesIO(member), record_types=WarcRecordType.response, parse_http=True):
        when = record.record_date or _EPOCH
        media = (record.http_headers.get("Content-Type") or "text/html").partition(";")[0].strip()
        body = record.reader.read()
        fields = {
            "url": url,
            "mime": media,
            "status": str(record.http_headers.status_code or 200),
            "digest": f"sha256:{sha256(body).hexdigest()}",
            "length": str(len(member)),
            "offset": str(offset),
            "filename": "data.warc.gz",
        }
        return f"{surt(url)} {when.astimezone(UTC):%Y%m%d%H%M%S} {json.dumps(fields)}"
    return None


def surt(url: str) -> str:
    """Return the sort-friendly form of an address: `https://www.a.org/B?c` -> `org,a)/b?c`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port and parts.port not in (80, 443) else ""
    query = f"?{'&'.join(sorted(parts.query.split('&')))}" if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}{port}){parts.path or '/'}{query}".lower()


def _page(row: Mapping[str, Any]) -> str:
    page = {"id": row["article_id"], "url": row["url"], "title": row["title"], "ts": plain_value(row["captured_at"])}
    return json.dumps(page, ensure_ascii=False)


def _zip(path: Path, records: Path, texts: Mapping[str, bytes]) -> None:
    """Write the parts, the package that lists them with their hashes, and the hash of that package."""
    with records.open("rb") as file:
        resources = [_resource("archive/data.warc.gz", file_digest(file, "sha256").hexdigest(), records.stat().st_size)]
    resources += [_resource(name, sha256(data).hexdigest(), len(data)) for name, data in texts.items()]
    package = {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": "Articles",
        "software": "copydesk",
        "created": plain_value(_EPOCH),  # not the clock's: the same articles give the same bytes
        "resources": resources,
    }
    described = json.dumps(package, ensure_ascii=False, indent=2).encode()
    digest = {"path": "datapackage.json", "hash": f"sha256:{sha256(described).hexdigest()}"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        with records.open("rb") as file, archive.open(_entry("archive/data.warc.gz"), "w", force_zip64=True) as member:
            shutil.copyfileobj(file, member)
        for name, data in texts.items():
            archive.writestr(_entry(name), data)
        archive.writestr(_entry("datapackage.json"), described)
        archive.writestr(_entry("datapackage-digest.json"), json.dumps(digest).encode())


def _resource(name: str, digest: str, size: int) -> dict[str, Any]:
    return {"name": name.rpartition("/")[2], "path": name, "hash": f"sha256:{digest}", "bytes": size}


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
