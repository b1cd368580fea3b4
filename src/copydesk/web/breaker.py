"""A circuit breaker per host: after some failures in a row nobody asks until it has cooled down.

closed --n failures in a row--> open --cool_s later--> one probe --ok--> closed
                                  ^------- failure --------+
"""

from __future__ import annotations

__all__ = ["Breaker"]


class Breaker:
    """Counts what happens to one host. Times are seconds on any clock that does not go back."""

    __slots__ = ("_cool_s", "_failures", "_open_until", "_threshold")

    def __init__(self, threshold: int, cool_s: float) -> None:
        self._threshold = threshold
        self._cool_s = cool_s
        self._failures = 0
        self._open_until: float | None = None

    def seconds_left(self, now: float) -> float:
        """Return how long the host is closed yet; 0.0 when it may be asked (a probe, when it was closed before)."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def success(self) -> None:
        """Take note that the host answered, whatever it said."""
        self._failures = 0
        self._open_until = None

    def failure(self, now: float) -> None:
        """Take note that the host did not answer. A failed probe opens the breaker again at once."""
        self._failures += 1
        if self._failures >= self._threshold:
            self._open_until = now + self._cool_s
