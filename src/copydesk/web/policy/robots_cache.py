"""Cache of robots.txt and tdmrep.json between runs: one request per host and day.

One JSON file per URL; a file that cannot be read or written costs one request.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from copydesk.filesystem import write_json
from copydesk.records import Outcome
from copydesk.web.responses import Response

__all__ = ["RobotsCache"]


class RobotsCache:
    """Caches definite answers: the rules, or that there are none."""

    def __init__(self, folder: Path, max_age_s: float) -> None:
        self._folder = folder
        self._max_age = timedelta(seconds=min(max_age_s, 86_400.0))  # RFC 9309, 2.4: at most a day

    def read(self, address: str, now: datetime) -> tuple[Response, float] | None:
        """Return the cached response of a URL and its age in seconds; None without a fresh one."""
        try:
            kept = json.loads(self._path(address).read_bytes())
            age = now - datetime.fromisoformat(kept["fetched_at"])
            if kept["address"] != address or not timedelta(0) <= age < self._max_age:
                return None
            outcome = Outcome(kept["outcome"])
            content = str(kept["text"]).encode("utf-8", "surrogatepass")
            status = kept["status"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        response = Response(
            outcome=outcome,
            reason=str(kept.get("reason", "")),
            url=address,
            status=status if isinstance(status, int) else None,
            content=content,
        )
        return response, age.total_seconds()

    def write(self, address: str, response: Response, now: datetime) -> None:
        """Cache a response; server errors and missing answers are not cached."""
        if response.outcome is not Outcome.CAPTURED and not (response.status and 400 <= response.status < 500):
            return
        kept = {
            "address": address,
            "fetched_at": now.isoformat(),
            "outcome": str(response.outcome),
            "reason": response.reason,
            "status": response.status,
            "text": response.content.decode("utf-8", "replace"),
        }
        path = self._path(address)
        with suppress(OSError, ValueError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_json(path, kept)

    def _path(self, address: str) -> Path:
        return self._folder / f"{sha256(address.encode()).hexdigest()[:32]}.json"
