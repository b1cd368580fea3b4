"""A desk that opens its warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copydesk.settings import DeskFolder

if TYPE_CHECKING:
    from copydesk.store.warehouse.connection import Warehouse

__all__ = ["OpeningDesk"]


class OpeningDesk(DeskFolder):
    """What every method of a desk needs: the folder, the settings and the warehouse."""

    __slots__ = ()

    def open_warehouse(self) -> Warehouse:
        """Return the warehouse, which is opened for reading or writing by a `with` block."""
        from copydesk.store.warehouse.connection import open_warehouse

        return open_warehouse(self)

    @property
    def _lock_timeout_s(self) -> float:
        return self.settings.warehouse.lock_timeout_s
