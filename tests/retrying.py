"""Try until it works: for servers that are started and answer some time later."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["retried"]


def retried(attempt: Callable[[], object], error: type[Exception], *, seconds: float, pause: float) -> None:
    """Call something again and again until it raises no such error; past the deadline its error is raised.

    Args:
        attempt: What is called.
        error: The error that means "not yet"; any other is raised at once.
        seconds: The deadline, from now.
        pause: Seconds between two calls.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            attempt()
        except error:
            if time.monotonic() > deadline:
                raise
            time.sleep(pause)
        else:
            return
