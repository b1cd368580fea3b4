"""What earlier runs know of a source: its captures, its addresses, what is to be kept out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path

import polars as pl

from copydesk.store.warehouse import Warehouse

__all__ = ["Forgotten", "forgotten", "known_captures", "read_state"]


def known_captures(path: Path, source: str, *, wait_s: float = 30) -> Iterator[tuple[str, str, int, int]]:
    """Yield (uri, sha256, size_bytes, modified_ns) of the latest capture of each uri of a source.

    Captures that are held with their batch are left out: their batch is to be tried again.

    Raises:
        WarehouseBusyError: Somebody writes to the warehouse past `wait_s` seconds.
    """
    if not path.exists():
        return
    with Warehouse(path, wait_s=wait_s).open_for_reading() as connection:
        rows = connection.rows(
            "select uri, sha256, size_bytes, modified_ns from audit.captures where source = ? and outcome <> 'held' "
            "qualify row_number() over (partition by uri order by captured_at desc, modified_ns desc, capture_id) = 1",
            [source],
        )
    yield from rows


def read_state(path: Path, source: str, table: str, *, wait_s: float = 30) -> pl.DataFrame:
    """Return the rows of `ops.source_state` or `ops.address_state` of a source; empty without a warehouse."""
    if table not in {"source_state", "address_state"}:
        raise ValueError(f"no state table is called {table!r}")
    if not path.exists():
        from copydesk.store.parts import frame

        return frame(table, {})
    with Warehouse(path, wait_s=wait_s).open_for_reading() as connection:
        return connection.frame(f"select * from ops.{table} where source = ?", [source])


class Forgotten:
    """What was taken out on request and is to be kept out; asked before a page is fetched or read."""

    def __init__(self, hashes: Collection[str], publishers: Collection[str]) -> None:
        self._hashes = frozenset(hashes)
        self._publishers = frozenset(publishers)

    def __bool__(self) -> bool:
        return bool(self._hashes or self._publishers)

    def holds(self, *, source: str, uri: str, address: str | None = None, publisher: str | None = None) -> bool:
        """Return whether this page is to be kept out."""
        if publisher is not None and publisher in self._publishers:
            return True
        return bool(self._hashes) and any(h in self._hashes for h in address_hashes(source, uri, address))


def address_hashes(source: str, uri: str, address: str | None = None) -> list[str]:
    """Return the hashes under which a page may have been forgotten: its address, and its path within the source."""
    values = [uri, f"{source}\n{uri}", *([address] if address else [])]
    return [sha256(value.encode("utf-8", "surrogatepass")).hexdigest() for value in values]


def forgotten(path: Path, *, wait_s: float = 30) -> Forgotten:
    """Read what is to be kept out; empty without a warehouse."""
    if not path.exists():
        return Forgotten((), ())
    with Warehouse(path, wait_s=wait_s).open_for_reading() as connection:
        rows = connection.rows("select kind, value from audit.forgotten")
    return Forgotten([v for k, v in rows if k == "uri"], [v for k, v in rows if k == "publisher"])
