"""What long readers of a lake read: a snapshot, pinned; nothing is copied and nobody waits.

lake --attached read-only at its current snapshot--> one locked connection --> cursors
copydesk.search.duckdb    the search index, beside the desk's other files
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import duckdb

from copydesk.errors import CopydeskError
from copydesk.store.read.read_copies import ReadCopies, ReadCopy, State
from copydesk.store.read.search_index import extension, index_path, load_extension, refresh_index
from copydesk.store.read.user_sql import LOCKED_OPTIONS
from copydesk.store.warehouse.engine import MEMORY_LIMIT_MB, connect
from copydesk.store.warehouse.lake.opening import pinned_snapshot

__all__ = ["LakeCopies"]


class LakeCopies(ReadCopies):
    """Keeps one current snapshot of a lake open; safe to use from many threads."""

    def _state(self) -> State:
        with self._warehouse.open_for_reading() as connection:
            return (0, 0, int(connection.value("select id from lake.current_snapshot()"))), None

    def _copied(self) -> ReadCopy:
        state = self._state()
        stack = ExitStack()
        lake = self._warehouse.lake
        assert lake is not None  # noqa: S101 `read_copies` makes one of a lake alone
        connection = stack.enter_context(
            pinned_snapshot(
                self._warehouse.path, lake, state[0][2], memory_limit_mb=MEMORY_LIMIT_MB, locked_options=LOCKED_OPTIONS
            )
        )
        return ReadCopy(
            state=state, path=self._warehouse.path, copied_at=datetime.now(UTC), connection=connection, stack=stack
        )

    def _index(self, copy: ReadCopy) -> None:
        """Open the search index, made anew where the articles have changed."""
        if extension() is None:
            return
        try:
            refresh_index(self._warehouse)
            with self._lock:
                if copy.retired:
                    return
                raw = copy.stack.enter_context(connect(index_path(self._warehouse.path), read_only=True))
                load_extension(raw)
                copy.index = raw
        except (CopydeskError, OSError, duckdb.Error):
            return  # searches say that there is no index

    def _close(self, copy: ReadCopy) -> None:
        with suppress(duckdb.Error, OSError):
            copy.stack.close()
