"""Worker processes that do not import the program that started the run.

`multiprocessing` makes each new process import the caller's script, so that functions of it can be called there. Ours
only call functions of this package, and a script without `if __name__ == "__main__"` would start a run in each worker.
"""

from __future__ import annotations

import threading
from multiprocessing import popen_forkserver, spawn
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any

__all__ = ["WorkerContext"]

_starting = threading.local()
_with_main = spawn.get_preparation_data


def _preparation_data(name: str) -> dict[str, Any]:
    """Return what a new process is told of this one; without the caller's script when the process is a worker."""
    data: dict[str, Any] = _with_main(name)
    if getattr(_starting, "worker", False):
        data.pop("init_main_from_path", None)
        data.pop("init_main_from_name", None)
    return data


spawn.get_preparation_data = _preparation_data


class _Popen(popen_forkserver.Popen):
    def _launch(self, process_obj: Any) -> None:
        _starting.worker = True
        try:
            super()._launch(process_obj)  # type: ignore[misc]
        finally:
            _starting.worker = False


class _Worker(ForkServerProcess):
    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 (the name that multiprocessing calls)
        return _Popen(process_obj)


class WorkerContext(ForkServerContext):
    """The forkserver context, with workers as its processes."""

    Process = _Worker
