"""What a warehouse does not have of a page's evidence, and how to get it."""

from __future__ import annotations

from copydesk.store.warehouse.connection import Connection

__all__ = ["evidence_kept", "not_kept"]

_LOST = {
    "winners": "cut lines and the candidates that were not chosen",
    "none": "cut lines and the candidates of each field",
}


def evidence_kept(connection: Connection, capture_id: str) -> str:
    """Return what is stored of a capture's evidence: `full`, `winners` or `none`."""
    return str(
        connection.value("select evidence_kept from audit.captures where capture_id = $1::uuid", [capture_id]) or "full"
    )


def not_kept(kept: str, source: str) -> str:
    """Return a sentence about what is not stored of a page, and how to get it; "" where everything is."""
    if kept == "full":
        return ""
    return (
        f"Not kept: {_LOST[kept]} ([warehouse] evidence was {kept!r}). `copydesk explain` reads the page again; "
        f'`copydesk reprocess --source {source}` with evidence = "full" stores them.'
    )
