"""Worker processes that do not import the program that started the run.

`multiprocessing` makes each new process import the caller's script, so that functions of it can be called there. Ours
only call functions of this package, and a script without `if __name__ == "__main__"` would start a run in each worker.
"""

from __future__ import annotations

import threading
from multiprocessing import current_process, popen_forkserver, spawn
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import Any

__all__ = ["WorkerContext"]

_starting = threading.local()
_one_at_a_time = threading.Lock()
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
    def start(self) -> None:
        """Start it, also from a daemonic process, as the workers of a Dask nanny are.

        multiprocessing refuses that, since such a process may be ended without a chance to end its children. Ours are
        children of the fork server and end when the pipe to the pool closes.
        """
        config: dict[str, Any] = current_process()._config  # type: ignore[attr-defined]
        with _one_at_a_time:
            daemonic = config.pop("daemon", None)
            try:
                super().start()
            finally:
                if daemonic is not None:
                    config["daemon"] = daemonic

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 (the name that multiprocessing calls)
        return _Popen(process_obj)


class WorkerContext(ForkServerContext):
    """The forkserver context, with workers as its processes."""

    Process = _Worker
