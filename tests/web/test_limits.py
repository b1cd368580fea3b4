"""The limits of the web client: each can be set, and a page's size limit is the document's."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from copydesk.records import MAX_DOCUMENT_BYTES
from copydesk.settings import Settings, WebSettings, load_settings
from copydesk.sources.files.found import Limits
from copydesk.text.html.dom.read_page import MAX_BYTES
from copydesk.web.limits import WebLimits

CHANGED = """
[run]
document_bytes = 1000
[web]
contact = "desk@example.org"
agent = "paper/2"
concurrency = 3
delay_s = 7
max_wait_s = 7
connect_s = 7
deadline_s = 7
robots_s = 7
redirects = 7
header_bytes = 7
header_count = 7
feed_bytes = 7
list_bytes = 7
robots_bytes = 7
attempts = 7
backoff_s = 7
max_backoff_s = 7
breaker_failures = 7
breaker_cool_s = 7
allow_hosts = ["127.0.0.1:7"]
robots = false
robots_max_age_s = 7
opt_outs = "ignore"
ca_file = "ca.pem"
list_interval_s = [7, 8]
page_interval_s = [7, 8]
watch_s = 7
"""


def test_every_limit_can_be_set(tmp_path: Path) -> None:
    """For each field of the limits there is a key of `copydesk.toml` that changes it."""
    (tmp_path / "copydesk.toml").write_text(CHANGED, encoding="utf-8")
    settings = load_settings(tmp_path / "copydesk.toml")
    changed = WebLimits.from_settings(settings.web, document_bytes=settings.run.document_bytes)
    assert [f.name for f in fields(WebLimits) if getattr(changed, f.name) == getattr(WebLimits(), f.name)] == []


@pytest.mark.parametrize(("max_bytes", "document_bytes", "expected"), [(None, 50, 50), (70, 50, 50), (30, 50, 30)])
def test_a_page_is_no_larger_than_a_document(max_bytes: int | None, document_bytes: int, expected: int) -> None:
    """`[run] document_bytes` holds for the web too; `[web] max_bytes` can only lower it."""
    limits = WebLimits.from_settings(WebSettings(max_bytes=max_bytes), document_bytes=document_bytes)
    assert limits.page_bytes == expected


def test_the_size_of_a_document_has_one_default() -> None:
    """Files, pages of the web and the HTML parser start from the same number."""
    found = {Limits().document_bytes, WebLimits().page_bytes, MAX_BYTES, Settings().run.document_bytes}
    assert found == {MAX_DOCUMENT_BYTES}
