"""A desk in Python: the commands that run, query and export are methods.

desk.run("press-tv")                        copydesk run press-tv
desk.sql("select count(*) from articles")   copydesk sql "select count(*) from articles"

>>> desk = open_desk()
>>> [source.name for source in desk.sources]
['seeds']
>>> desk.run("seeds").numbers["loaded"]
5

The methods stand by theme: `loading`, `deciding`, `reading`, `watching`, `incidents`, `extracting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from copydesk.desk.deciding import DecidingDesk
from copydesk.desk.extracting import ExtractingDesk
from copydesk.desk.incidents import IncidentsDesk
from copydesk.desk.loading import LoadingDesk
from copydesk.desk.reading import ReadingDesk
from copydesk.desk.watching import WatchingDesk
from copydesk.settings import find_desk_folder

__all__ = ["Desk", "open_desk"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Desk(LoadingDesk, DecidingDesk, ReadingDesk, WatchingDesk, IncidentsDesk, ExtractingDesk):
    """A folder with `copydesk.toml`, and all that can be done with it.

    A method opens the warehouse when it is called and closes it before it returns, so a desk holds no file open.

    Attributes:
        root: The folder.
        settings: What `copydesk.toml` and the environment say.
    """

    def __repr__(self) -> str:
        """Name the folder."""
        return f"<Desk {str(self.root)!r}>"


def open_desk(folder: str | Path | None = None, *, required: bool = True) -> Desk:
    """Return the desk in a folder, or the nearest one from the current folder upwards.

    Args:
        folder: Where to look; None looks upwards from the current folder.
        required: Without a `copydesk.toml`, raise; else use the current folder with default settings.

    Raises:
        UsageError: There is no desk and one is required.
        SettingsError: `copydesk.toml` says something that cannot be done.
    """
    found = find_desk_folder(Path(folder) if folder is not None else None, required=required)
    return Desk(root=found.root, settings=found.settings)
