"""What earlier runs saw of a source, in columns: a million uris take some 60 MB, and are not asked one by one.

key of the uri (64 bits, ascending) | sha256 | size_bytes | modified_ns
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from copydesk.sources.files.found import FileState, FoundFile
from copydesk.store.read.lookups import SEEN_COLUMNS, uri_key

__all__ = ["FileStates"]


class FileStates:
    """Uris and what was seen there. Where several rows have one uri, the last one holds."""

    def __init__(self, tables: Sequence[pl.DataFrame] = ()) -> None:
        """Take tables with the columns of `store.read.lookups.SEEN_COLUMNS`."""
        table = pl.concat([pl.DataFrame(schema=SEEN_COLUMNS), *tables])
        if len(tables) > 1:
            table = table.unique("uri_key", keep="last")
        table = table.sort("uri_key")
        self._keys = table["uri_key"].to_numpy()
        self._sizes = table["size_bytes"].fill_null(-1).to_numpy()
        self._times = table["modified_ns"].fill_null(0).to_numpy()
        self._digests = table["sha256"]

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, uri: str, /) -> FileState | None:
        """Return what was seen at a uri, or None."""
        if not len(self._keys):
            return None
        key = np.uint64(uri_key(uri))
        row = int(np.searchsorted(self._keys, key))
        return self._known(row) if row < len(self._keys) and self._keys[row] == key else None

    def untouched(self, found: Sequence[FoundFile], uris: Iterable[str]) -> list[FileState | None]:
        """Say of each file what was seen under its uri, if its size and mtime are those of then; else None.

        Args:
            found: Files, as they were found.
            uris: Of each, the uri that it is known under.
        """
        if not len(self._keys):
            return [None] * len(found)
        keys = np.fromiter((uri_key(uri) for uri in uris), dtype=np.uint64, count=len(found))
        times = np.fromiter((file.modified_ns for file in found), dtype=np.int64, count=len(found))
        sizes = np.fromiter((file.size_bytes for file in found), dtype=np.int64, count=len(found))
        rows = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        same = (self._keys[rows] == keys) & (self._times[rows] == times) & (times != 0) & (self._sizes[rows] == sizes)
        return [
            self._known(row) if is_same else None for row, is_same in zip(rows.tolist(), same.tolist(), strict=True)
        ]

    def _known(self, row: int) -> FileState:
        return FileState(
            sha256=self._digests[row].hex(),
            size_bytes=int(self._sizes[row]),
            modified_ns=int(self._times[row]),
        )
