"""What acquire asks of the warehouse before it reads a file: blocked pages, and the files it has seen.

    seen captures of a source, as sorted arrays: key of the uri (64 bits) | sha256 (32 bytes) | size | mtime

A million files take 60 MB. Neither NumPy nor Polars is imported: a run without news needs no more than this.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import md5, sha256
from pathlib import Path

from copydesk.store.warehouse.connection import Connection, Warehouse

__all__ = ["RemovedKeys", "SeenCaptures", "address_hashes", "known_files", "removed_keys", "seen_captures", "uri_key"]

_UNREAD = ("changed_while_read", "not_found", "unreadable")
"""Reasons that say nothing about the bytes: a share that was away for a minute, a file that was being written."""

_LATEST = (
    "from audit.captures as c where source = $1 and outcome <> 'held' and not exists (from audit.quarantine as q "
    "where q.capture_id = c.capture_id and q.resolved_at is null and list_contains($2, q.reason)) "
    "qualify row_number() over (partition by uri order by captured_at desc, modified_ns desc, capture_id) = 1"
)

_BATCH_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCaptures:
    """The latest capture of each uri of a source, in parallel arrays.

    Attributes:
        keys: `uri_key` of each uri, ascending.
        digests: SHA-256 of each, 32 bytes, one after the other.
        sizes: Bytes of each; -1 where unknown.
        times: Time of last change in ns; 0 where unknown.
    """

    keys: array[int] = field(default_factory=lambda: array("Q"))
    digests: bytearray = field(default_factory=bytearray)
    sizes: array[int] = field(default_factory=lambda: array("q"))
    times: array[int] = field(default_factory=lambda: array("q"))

    def __len__(self) -> int:
        return len(self.keys)


def uri_key(uri: str) -> int:
    """Return an unsigned 64-bit key of a uri, the same that `md5_number_upper` gives in SQL."""
    return int.from_bytes(md5(uri.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[:8], "little")


def known_files(
    path: Path, sources: Sequence[str], *, lock_timeout_s: float = 30
) -> tuple[RemovedKeys, dict[str, SeenCaptures]]:
    """Return the blocked pages, and source -> its seen captures, in one reading; empty without a warehouse.

    Raises:
        WarehouseBusyError: Somebody writes to the warehouse past `lock_timeout_s` seconds.
    """
    if not path.exists():
        return RemovedKeys((), ()), {source: SeenCaptures() for source in sources}
    with Warehouse(path, lock_timeout_s=lock_timeout_s).open_for_reading() as connection:
        return _removed(connection), {source: _seen(connection, source) for source in sources}


def seen_captures(path: Path, source: str, *, lock_timeout_s: float = 30) -> SeenCaptures:
    """Return the latest capture of each uri of a source.

    Captures that are held with their batch are left out, and those whose bytes were gone when they were to be read
    again: they are to be tried again.

    Raises:
        WarehouseBusyError: Somebody writes to the warehouse past `lock_timeout_s` seconds.
    """
    return known_files(path, [source], lock_timeout_s=lock_timeout_s)[1][source]


def _seen(connection: Connection, source: str) -> SeenCaptures:
    seen = SeenCaptures()
    found = connection.raw.execute(
        "select md5_number_upper(uri) as uri_key, unhex(rpad(coalesce(sha256, ''), 64, '0')), "  # noqa: S608
        f"coalesce(size_bytes, -1), coalesce(modified_ns, 0) from ({_LATEST}) order by uri_key",
        [source, list(_UNREAD)],
    )
    while rows := found.fetchmany(_BATCH_ROWS):
        keys, digests, sizes, times = zip(*rows, strict=True)
        seen.keys.extend(keys)
        seen.digests.extend(b"".join(digests))
        seen.sizes.extend(sizes)
        seen.times.extend(times)
    return seen


class RemovedKeys:
    """Pages and publishers that were forgotten; checked before a page is fetched or read."""

    def __init__(self, hashes: Collection[str], publishers: Collection[str]) -> None:
        self._hashes = frozenset(hashes)
        self._publishers = frozenset(publishers)

    def __bool__(self) -> bool:
        return bool(self._hashes or self._publishers)

    def holds(self, *, source: str, uri: str, address: str | None = None, publisher: str | None = None) -> bool:
        """Return whether this page is blocked."""
        if publisher is not None and publisher in self._publishers:
            return True
        return bool(self._hashes) and any(h in self._hashes for h in address_hashes(source, uri, address))


def _removed(connection: Connection) -> RemovedKeys:
    rows = connection.rows("select kind, value from audit.forgotten")
    return RemovedKeys([v for k, v in rows if k == "uri"], [v for k, v in rows if k == "publisher"])


def removed_keys(path: Path, *, lock_timeout_s: float = 30) -> RemovedKeys:
    """Read the blocked pages and publishers; empty without a warehouse."""
    return known_files(path, (), lock_timeout_s=lock_timeout_s)[0]


def address_hashes(source: str, uri: str, address: str | None = None) -> list[str]:
    """Return the hashes under which a page may have been forgotten: its address, and its path within the source."""
    values = [uri, f"{source}\n{uri}", *([address] if address else [])]
    return [sha256(value.encode("utf-8", "surrogatepass")).hexdigest() for value in values]
