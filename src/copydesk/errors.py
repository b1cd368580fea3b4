"""What can go wrong with a run. A bad page is never an error: it is a `Rejection` row.

    CopydeskError                    exit code 1   something a person has to look at
    ├── UsageError                   exit code 2   what was asked for does not exist or does not fit
    │   └── SettingsError            exit code 2   copydesk.toml says something that cannot be done
    ├── StoreError                   exit code 1   the disk or the warehouse refused
    │   ├── WarehouseBusyError       exit code 1   somebody else holds the file; parts are kept
    │   └── WarehouseVersionError    exit code 2   a corrupt, foreign or newer file; nothing was written
    └── RunBusyError                 exit code 1   another run is at work on this desk

Every message is one sentence that names the thing (file, key, source) and one that says what to do.
"""

from __future__ import annotations

__all__ = [
    "CopydeskError",
    "RunBusyError",
    "SettingsError",
    "StoreError",
    "UsageError",
    "WarehouseBusyError",
    "WarehouseVersionError",
]


class CopydeskError(Exception):
    """The root of everything Copydesk raises on purpose; `exit_code` is what the command ends with."""

    exit_code = 1


class UsageError(CopydeskError):
    """What was asked for does not exist or does not fit."""

    exit_code = 2


class SettingsError(UsageError):
    """`copydesk.toml` or an environment override says something that cannot be done."""


class StoreError(CopydeskError):
    """The disk, the archive or the warehouse refused; what was fetched is still there."""


class WarehouseBusyError(StoreError):
    """Somebody else holds the warehouse file past the deadline; the parts are kept for the next run."""


class WarehouseVersionError(StoreError):
    """The file is corrupt, not ours, or written by a newer Copydesk; nothing was written to it."""

    exit_code = 2


class RunBusyError(CopydeskError):
    """Another run is at work on this desk."""
