"""What an export says of itself: counts, versions, columns, and each file with its size and hash."""

from __future__ import annotations

import io
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from copydesk.store.read.export.formats import plain_value
from copydesk.store.warehouse.connection import Connection

__all__ = ["described_file", "make_manifest"]


def make_manifest(
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
        "first_published": plain_value(first),
        "last_published": plain_value(last),
        "seen_through": plain_value(through),
        "as_of": plain_value(as_of),
        "where": where,
        "languages": _counts(connection, "language"),
        "publishers": _counts(connection, "publisher"),
        "code_versions": _counts(connection, "code_version"),
        "rules_versions": _counts(connection, "rules_version"),
        "columns": [{"name": n, "type": t.lower()} for n, t, *_ in connection.rows("select * from (describe chosen)")],
        "files": [described_file(path, folder) for path in sorted(folder.rglob("*")) if path.is_file()],
    }


def _counts(connection: Connection, column: str) -> dict[str, int]:
    rows = connection.rows(f"select coalesce({column}, 'unknown'), count(*) from chosen group by 1 order by 1")  # noqa: S608
    return dict(rows)


def described_file(path: Path, folder: Path) -> dict[str, Any]:
    """Return a file's path below a folder, its bytes and its SHA-256."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(io.DEFAULT_BUFFER_SIZE * 16):
            digest.update(chunk)
    return {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": digest.hexdigest()}
