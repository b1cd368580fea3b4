"""Known file states of a source as sorted arrays: a million uris take some 60 MB, looked up in batches.

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
    """File states by uri; of several rows with one uri the last one counts."""

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
        """Return the state of a uri, or None."""
        if not len(self._keys):
            return None
        key = np.uint64(uri_key(uri))
        row = int(np.searchsorted(self._keys, key))
        return self._state(row) if row < len(self._keys) and self._keys[row] == key else None

    def untouched(self, found: Sequence[FoundFile], uris: Iterable[str]) -> list[FileState | None]:
        """Return each file's known state where size and mtime are the same; else None.

        Args:
            found: Files.
            uris: The uri of each.
        """
        if not len(self._keys):
            return [None] * len(found)
        keys = np.fromiter((uri_key(uri) for uri in uris), dtype=np.uint64, count=len(found))
        times = np.fromiter((file.modified_ns for file in found), dtype=np.int64, count=len(found))
        sizes = np.fromiter((file.size_bytes for file in found), dtype=np.int64, count=len(found))
        rows = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        same = (self._keys[rows] == keys) & (self._times[rows] == times) & (times != 0) & (self._sizes[rows] == sizes)
        return [
            self._state(row) if is_same else None for row, is_same in zip(rows.tolist(), same.tolist(), strict=True)
        ]

    def _state(self, row: int) -> FileState:
        return FileState(
            sha256=self._digests[row].hex(),
            size_bytes=int(self._sizes[row]),
            modified_ns=int(self._times[row]),
        )
