"""URL lists: in `copydesk.toml`, or a file with one URL a line (`#` begins a comment)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from copydesk.errors import SettingsError
from copydesk.sources.crawl.results import UrlItem

__all__ = ["UnreadableListError", "read_url_list"]


class UnreadableListError(SettingsError):
    """The file that a source's `urls` names cannot be read; a run goes on with its other sources."""


def read_url_list(urls: tuple[str, ...] | str, root: Path) -> Iterator[UrlItem]:
    """Yield a item per address, in the list's order.

    Args:
        urls: The addresses, or the path of a file that lists them, relative to `root`.
        root: The desk's folder.

    Raises:
        UnreadableListError: The file cannot be read.
    """
    if not isinstance(urls, str):
        yield from (UrlItem(url=url.strip(), origin="copydesk.toml") for url in urls if url.strip())
        return
    path = root / urls
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as lines:
            for line in lines:
                address = line.split(" #", 1)[0].strip()
                if address and not address.startswith("#"):
                    yield UrlItem(url=address, origin=urls)
    except OSError as error:
        raise UnreadableListError(f"cannot read {path}: {error.strerror}. The source's `urls` names it.") from error
