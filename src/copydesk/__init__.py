"""Copydesk: news pages in, clean and checked articles in a DuckDB warehouse out, every decision explained.

The first five lines, in the folder that `copydesk init` makes:

>>> import copydesk
>>> article = copydesk.extract_file("seeds/001_f99d47caf96a5657.txt")
>>> article.title, [author.name for author in article.authors], len(article.paragraphs)
('Putin: Russia will keep providing military assistance to Syria', ['Manar al-Freih', 'Hazem Sabbagh'], 10)
>>> desk = copydesk.open_desk()
>>> desk.run().loaded
5
>>> desk.sql("select language, count(*) as articles, sum(body_words) as words from latest_articles group by all").rows()
[('en', 5, 1971)]

`extract`, `extract_file` and `extract_many` work in memory and store nothing. A `Desk` is a folder with
`copydesk.toml`; its methods are the commands of the command line. Errors are subclasses of `CopydeskError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copydesk._version import __version__ as __version__

if TYPE_CHECKING:
    from copydesk.desk import Desk as Desk
    from copydesk.desk import Replay as Replay
    from copydesk.desk import open_desk as open_desk
    from copydesk.errors import CopydeskError as CopydeskError
    from copydesk.errors import RunBusyError as RunBusyError
    from copydesk.errors import SettingsError as SettingsError
    from copydesk.errors import StoreError as StoreError
    from copydesk.errors import UsageError as UsageError
    from copydesk.errors import WarehouseBusyError as WarehouseBusyError
    from copydesk.errors import WarehouseVersionError as WarehouseVersionError
    from copydesk.extraction.article import Article as Article
    from copydesk.extraction.pages import extract as extract
    from copydesk.extraction.pages import extract_file as extract_file
    from copydesk.extraction.pages import extract_many as extract_many
    from copydesk.records import Author as Author
    from copydesk.records import Block as Block
    from copydesk.records import Capture as Capture
    from copydesk.records import Document as Document
    from copydesk.records import Evidence as Evidence
    from copydesk.records import Finding as Finding
    from copydesk.records import Quote as Quote

_HOMES = {
    "copydesk.desk": ("Desk", "Replay", "open_desk"),
    "copydesk.errors": (
        *("CopydeskError", "RunBusyError", "SettingsError", "StoreError", "UsageError"),
        *("WarehouseBusyError", "WarehouseVersionError"),
    ),
    "copydesk.extraction.article": ("Article",),
    "copydesk.extraction.pages": ("extract", "extract_file", "extract_many"),
    "copydesk.records": ("Author", "Block", "Capture", "Document", "Evidence", "Finding", "Quote"),
}
"""Module -> public names; imported when one of them is asked for, since all of them take half a second."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Article",
    "Author",
    "Block",
    "Capture",
    "CopydeskError",
    "Desk",
    "Document",
    "Evidence",
    "Finding",
    "Quote",
    "Replay",
    "RunBusyError",
    "SettingsError",
    "StoreError",
    "UsageError",
    "WarehouseBusyError",
    "WarehouseVersionError",
    "__version__",
    "extract",
    "extract_file",
    "extract_many",
    "open_desk",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for (PEP 562)."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'copydesk' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
