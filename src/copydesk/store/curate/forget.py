"""Forget: delete an article or a publisher everywhere, and block it from returning.

    archive -> tombstone (a hash) and tables -> the file itself, rewritten -> search index, snapshot, backups

The archive comes first, since the rows alone say where in it a page lies: what stops half way through it (a kill, a
disk that refuses) leaves the rows, and a second call finishes the work. The tombstone is written in the transaction
that deletes the rows, so a page that is gone does not come back.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from copydesk.errors import StoreError, UsageError
from copydesk.filesystem import replacing, write_error
from copydesk.store.archive.redact_warc import redact_pages, redact_stored
from copydesk.store.load.load_parts import refresh_entities
from copydesk.store.load.near_duplicates import find_near_duplicates
from copydesk.store.read.known_files import address_hashes
from copydesk.store.read.read_copies import copies_folder
from copydesk.store.read.search import index_path
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.snapshot import publish_snapshot, snapshot_path

__all__ = ["ForgetReport", "forget"]

_SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetReport:
    """What was deleted.

    Attributes:
        what: The publisher, address or path that was asked for.
        articles, captures: Rows that left the warehouse.
        archived_pages: Pages blanked in the archive.
        files: The user's own files that still hold the text; Copydesk does not touch them.
    """

    what: str
    articles: int
    captures: int
    archived_pages: int
    files: tuple[str, ...]


def forget(
    warehouse: Warehouse,
    root: Path,
    what: str,
    *,
    archive: Path,
    store: str = "",
    reason: str | None = None,
    dry_run: bool = False,
) -> ForgetReport:
    """Delete all captures of an address, a path, an article or a publisher, and block them from returning.

    Args:
        warehouse: Opened for writing.
        root: The desk's folder, which locations are relative to.
        what: A publisher's name, an address, a path, or an article's id. An address that was never seen is kept out
            from now on.
        archive: The archive's folder; only files in it are rewritten.
        store: `[warehouse] archive_path`; objects in it are rewritten as well.
        reason: Kept with the tombstone.
        dry_run: Only report what would be deleted.

    Raises:
        UsageError: No such article, source or address.
        StoreError: The disk refused; forgetting again finishes the work.
    """
    with warehouse.open_for_writing() as connection:
        kind, leaving = _find(connection, what)
        pages, stored = _archived(leaving, root, archive), _stored(leaving, store)
        own = {row[5] for row in leaving if row[5]} - stored.keys()
        report = ForgetReport(
            what=what,
            articles=int(connection.value("select count(distinct article_id) from leaving")),
            captures=len(leaving),
            archived_pages=sum(map(len, [*pages.values(), *stored.values()])),
            files=tuple(sorted(path for path in own if not _inside(root / path, archive))),
        )
        if dry_run:
            return report
        blanked = sum(redact_stored(address, offsets) for address, offsets in stored.items())
        blanked += sum(redact_pages(path, offsets) for path, offsets in pages.items() if path.exists())
        with connection.transaction():
            _tombstone(connection, kind, what, leaving, reason)
            connection.script(_SQL / "delete.sql")
            refresh_entities(connection)
            find_near_duplicates(connection)
        connection.execute("checkpoint")
        connection.purge()
    _rewrite(warehouse)
    _drop_copies(warehouse)
    return replace(report, archived_pages=blanked)


def _find(connection: Connection, what: str) -> tuple[str, list[tuple[Any, ...]]]:
    """Create the temporary table `leaving` and return its rows; the kind is `publisher` or `uri`."""
    columns = 'c.capture_id, c.article_id, c.source, c.uri, c.url, c.path, c.carrier, c."offset"'
    publisher = connection.value("select publisher_id from publishers where publisher = $1", [what])
    if publisher is not None:
        kind = "publisher"
        condition = "c.article_id in (select article_id from articles where publisher_id = (select publisher_id "
        condition += "from publishers where publisher = $1))"
    else:
        kind = "uri"
        condition = (
            "c.uri = $1 or c.url = $1 or c.article_id in "
            "(select article_id from articles where address = $1 or uri = $1 or article_id::varchar = $1)"
        )
    # Other captures of the same page, also those that never got through, leave with it.
    connection.execute(
        f"create or replace temp table leaving as with chosen as (select {columns} from audit.captures as c "  # noqa: S608
        f"where {condition}) select {columns} from audit.captures as c "
        "where (c.source, c.uri) in (select source, uri from chosen) "
        "or c.article_id in (select article_id from chosen)",
        [what],
    )
    connection.execute(  # what was stopped before it had bytes
        "insert into leaving by name select capture_id, source, uri from audit.quarantine "
        "where uri = $1 and capture_id not in (select capture_id from leaving)",
        [what],
    )
    leaving = connection.rows("from leaving")
    if not leaving and "://" not in what:
        raise UsageError(f"no publisher, address, path or article is called {what!r}. `copydesk search` finds it.")
    return kind, leaving


def _archived(leaving: Sequence[tuple[Any, ...]], root: Path, archive: Path) -> dict[Path, set[int]]:
    """Return archive file -> offsets of the pages to blank."""
    pages = _warc_pages(leaving)
    return {root / path: offsets for path, offsets in pages.items() if _inside(root / path, archive)}


def _stored(leaving: Sequence[tuple[Any, ...]], store: str) -> dict[str, set[int]]:
    """Return archive object -> offsets of the pages to blank."""
    return {path: of for path, of in _warc_pages(leaving).items() if store and path.startswith(f"{store}/")}


def _warc_pages(leaving: Sequence[tuple[Any, ...]]) -> dict[str, set[int]]:
    """Return path of a WARC file, of the archive or not -> offsets of the pages that leave."""
    pages: dict[str, set[int]] = {}
    for *_, path, carrier, offset in leaving:
        if carrier == "warc" and path:
            pages.setdefault(path, set()).add(int(offset))
    return pages


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _tombstone(
    connection: Connection, kind: str, what: str, leaving: Sequence[tuple[Any, ...]], reason: str | None
) -> None:
    """Record what is blocked: a publisher by name, pages by the hashes of their addresses and paths."""
    kinds = {what: kind} if kind == "publisher" else {}
    if "://" in what:
        kinds[address_hashes("", what)[0]] = "uri"
    for _, article_id, source, uri, url, *_ in leaving:
        address = connection.value("select address from articles where article_id = $1", [article_id])
        web = [a for a in (url, address) if a]
        # A path is only known within its source; an address is known everywhere.
        hashes = [address_hashes(source, uri)[1], *(address_hashes("", a)[0] for a in web)]
        kinds.update(dict.fromkeys(hashes, "uri"))
    now = datetime.now(UTC)
    for value, of_kind in sorted(kinds.items()):
        connection.execute(
            "insert into audit.forgotten select $1, $2, $3, $4 "
            "where not exists (from audit.forgotten where kind = $1 and value = $2)",
            [of_kind, value, now, reason],
        )


def _rewrite(warehouse: Warehouse) -> None:
    """Rewrite the file: DuckDB keeps the bytes of deleted rows in free blocks until they are reused."""
    path = warehouse.path
    if warehouse.lake is not None:  # purged with the rows
        return
    try:
        # It is renamed while the former file is locked by us: nobody reads or writes that one meanwhile.
        with warehouse.open_for_writing() as connection, replacing(path) as temporary:
            name = connection.value("select current_database()")
            connection.execute(f"attach '{str(temporary).replace(chr(39), chr(39) * 2)}' as anew")
            connection.execute(f'copy from database "{name}" to anew')
            connection.execute("detach anew")
    except (duckdb.Error, OSError) as error:
        raise StoreError(
            f"the rows are deleted from {path}, but their bytes are still in the file: "
            f"{write_error(path, error, then='forget again')}"
        ) from error


def _drop_copies(warehouse: Warehouse) -> None:
    """Remove the search index, the copies of `browse` and backups of the former file; publish the read copy again."""
    index_path(warehouse.path).unlink(missing_ok=True)
    shutil.rmtree(copies_folder(warehouse.path), ignore_errors=True)
    for backup in warehouse.path.parent.glob(f"{warehouse.path.name}.before-*"):
        backup.unlink(missing_ok=True)
    if snapshot_path(warehouse.path).exists():
        publish_snapshot(warehouse)
