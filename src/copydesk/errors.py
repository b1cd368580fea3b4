"""Exceptions. A bad page is never one: it is a `Rejection` row.

    CopydeskError                    exit code 1   a person has to look at it
    ├── UsageError                   exit code 2   a request that does not exist or does not fit
    │   └── SettingsError            exit code 2   an invalid value in copydesk.toml
    ├── StoreError                   exit code 1   the disk or the warehouse failed
    │   ├── WarehouseBusyError       exit code 1   another process holds the file; parts are kept
    │   ├── RunDamagedError          exit code 1   a run's folder cannot be read; other runs continue
    │   └── WarehouseVersionError    exit code 2   a damaged, foreign or newer file; nothing was written
    ├── RunBusyError                 exit code 1   another run is in progress
    └── ClusterError                 exit code 1   a Dask scheduler or its workers; what was done is kept

Every message is one sentence that names the thing (file, key, source) and one that says what to do.
"""

from __future__ import annotations

__all__ = [
    "ClusterError",
    "CopydeskError",
    "RunBusyError",
    "RunDamagedError",
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
    """The request names something that does not exist, or options that do not fit."""

    exit_code = 2


class SettingsError(UsageError):
    """`copydesk.toml` or an environment override holds an invalid value."""


class StoreError(CopydeskError):
    """The disk, the archive or the warehouse failed; fetched pages are kept."""


class WarehouseBusyError(StoreError):
    """Another process holds the warehouse past the deadline; the parts are kept for the next run."""


class RunDamagedError(StoreError):
    """What a run captured, or what it was asked for, cannot be read any more."""


class WarehouseVersionError(StoreError):
    """The file is damaged, foreign, or written by a newer Copydesk; nothing was written to it."""

    exit_code = 2


class RunBusyError(CopydeskError):
    """Another run holds the lock of a source, a run or the scheduler."""


class ClusterError(CopydeskError):
    """The Dask scheduler does not answer, or its workers cannot do the work; what was done is kept."""
