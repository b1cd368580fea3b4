"""How the files of a source end in a run, counted for the source's health."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from copydesk.health import Observation
from copydesk.records import Capture
from copydesk.settings import Source
from copydesk.sources.files.found import Skipped, Unchanged
from copydesk.sources.files.safe_names import printable

__all__ = ["FilesProgress"]

_NOT_ASKED_FOR = frozenset({"hidden", "own_files", "link_inside", "link_outside"})
_READ = frozenset({"forgotten", "repeated"})


class FilesProgress:
    """Counts the results of one source's files."""

    def __init__(self, source: Source, roots: Sequence[Path | str]) -> None:
        self._source = source
        self._roots = {
            printable(path if isinstance(path, str) else os.path.abspath(path)): Path(path).name  # noqa: PTH100
            for path in roots
        }
        self._read = 0
        self._problems: Counter[str] = Counter()
        self._missing: list[tuple[str, str]] = []

    def add(self, item: Capture | Unchanged | Skipped) -> None:
        """Take note of how one file, or a member of an archive, ended."""
        if not isinstance(item, Skipped) or item.reason in _READ:
            self._read += 1
        elif item.uri in self._roots or item.uri == ".":
            self._missing.append((item.reason, f"{self._roots.get(item.uri, item.uri)}: {item.detail}"))
        elif item.reason not in _NOT_ASKED_FOR:
            self._problems[item.reason] += item.count

    def observation(self) -> Observation:
        """Return what the run saw of the source."""
        return Observation(
            source=self._source.name,
            kind=self._source.kind,
            fetches=False,
            entries=self._read + sum(self._problems.values()),
            list_reason=self._missing[0][0] if self._missing else "",
            list_detail="; ".join(detail for _, detail in self._missing[:3]),
            read=self._read,
            problems=dict(self._problems),
            collections=self._source.collections,
        )
