"""Known file states of a source: sorted arrays, searched by the key of the uri, and those of held batches on top."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from copydesk.sources.files.found import FileState, FoundFile
from copydesk.store.read.known_files import SeenCaptures, uri_key

__all__ = ["FileStates"]

_DIGEST_BYTES = 32


class FileStates:
    """File states by uri; where a held batch has one, it counts."""

    def __init__(self, seen: SeenCaptures | None = None, held: Mapping[int, FileState] | None = None) -> None:
        """Take what the warehouse has seen, and uri key -> state of what waits with held batches."""
        self._seen = seen or SeenCaptures()
        self._held = held or {}

    def __len__(self) -> int:
        return len(self._seen) + len(self._held)

    def get(self, uri: str, /) -> FileState | None:
        """Return the state of a uri, or None."""
        if not len(self):
            return None
        key = uri_key(uri)
        if key in self._held:
            return self._held[key]
        row = bisect_left(self._seen.keys, key)
        if row == len(self._seen.keys) or self._seen.keys[row] != key:
            return None
        start = row * _DIGEST_BYTES
        return FileState(
            sha256=self._seen.digests[start : start + _DIGEST_BYTES].hex(),
            size_bytes=self._seen.sizes[row],
            modified_ns=self._seen.times[row],
        )

    def untouched(self, found: Sequence[FoundFile], uris: Iterable[str]) -> list[FileState | None]:
        """Return each file's known state where size and mtime are the same; else None.

        Args:
            found: Files.
            uris: The uri of each.
        """
        return [self._untouched(file, uri) for file, uri in zip(found, uris, strict=True)]

    def _untouched(self, file: FoundFile, uri: str) -> FileState | None:
        was = self.get(uri)
        if was is None or not was.modified_ns:
            return None
        return was if (was.modified_ns, was.size_bytes) == (file.modified_ns, file.size_bytes) else None
