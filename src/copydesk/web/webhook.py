"""Telling a webhook: one JSON POST to an address that the desk's owner wrote down.

Unlike the client for pages this goes through no guard and asks no robots.txt: the owner names the address himself, and
it is often one of his own network. It follows no redirect, so that nobody else can choose where the message goes.
"""

from __future__ import annotations

import json
from typing import Any

import httpx2

from copydesk._version import __version__

__all__ = ["post_json"]


def post_json(url: str, value: dict[str, Any], *, deadline_s: float = 10) -> str:
    """Send `value`; return "" when it was taken, else why not."""
    headers = {"content-type": "application/json; charset=utf-8", "user-agent": f"copydesk/{__version__}"}
    try:
        with httpx2.Client(timeout=deadline_s, trust_env=False, follow_redirects=False) as client:
            answer = client.post(url, content=json.dumps(value, ensure_ascii=False).encode(), headers=headers)
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "" if answer.is_success else f"answered {answer.status_code}"
