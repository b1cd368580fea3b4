"""Kinds of sources: each is a class that names what a source has, files or addresses.

kind.enumerate(source, lists) --Path-->    sources.files     every file and archive below it
--address--> sources.crawl     asked for politely, when it is due
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from copydesk.errors import CopydeskError, SettingsError
from copydesk.object_store import is_remote
from copydesk.plugins import SOURCES, is_own, load
from copydesk.settings import Source

if TYPE_CHECKING:
    from pydantic import BaseModel

    from copydesk.sources.crawl.results import UrlItem
    from copydesk.web.responses import Response

__all__ = ["FilesKind", "Lists", "SourceKind", "WarcKind", "desk_lists", "naming_errors", "paths_of", "source_kind"]


class Lists(Protocol):
    """What a kind may use while it names what a source has.

    Attributes:
        root: The desk's folder; paths in the settings are relative to it.
    """

    root: Path

    async def ask(self, url: str) -> Response:
        """Fetch one address politely (robots.txt, delay, size limit); kinds of `fetches = False` cannot."""
        ...


class SourceKind(Protocol):
    """Entry point of group `copydesk.sources`: a class, made without arguments.

    Attributes:
        fetches: True: `enumerate` gives addresses. False: it gives paths of files and folders.
        settings: Model of `options` in `[[source]]`; None takes none.
    """

    fetches: ClassVar[bool]
    settings: ClassVar[type[BaseModel] | None]

    def enumerate(
        self, source: Source, lists: Lists, /
    ) -> Iterable[str | Path | UrlItem] | AsyncIterator[str | UrlItem]:
        """Name what the source has, a generator as a rule: addresses (with title and date as `UrlItem`) or paths.

        All of them each time; what is known and unchanged is left out later. A method `check(source, lists)` that
        returns a `SourceCheck` is called by `copydesk sources check`, where the class has one.

        Raises:
            CopydeskError: The source cannot be read; the message names it and says what to do.
        """
        ...


class FilesKind:
    """Files and folders on disk, in object stores, on web servers."""

    fetches = False
    settings = None

    def enumerate(self, source: Source, lists: Lists, /) -> Iterator[str | Path]:
        """Yield the paths of the settings; addresses (`s3://`, `https://`) as they are."""
        for path in source.paths:
            yield path if is_remote(path) else lists.root / path


class WarcKind(FilesKind):
    """WARC files; their pages are found as in any other archive."""


class _Desk:
    """The `Lists` of a kind that fetches nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root

    async def ask(self, url: str) -> Response:
        raise SettingsError(f"{url}: only kinds of sources with `fetches = True` may fetch.")


def source_kind(name: str) -> Any:
    """Return the kind of that name, a `SourceKind`.

    Raises:
        UsageError: No installed package offers it.
    """
    return load(SOURCES, name)()


def paths_of(source: Source, root: Path) -> list[Path | str]:
    """Return the files and folders that a source of files names; an address is a string."""
    with naming_errors(source):
        named = [str(path) for path in source_kind(source.kind).enumerate(source, desk_lists(root))]
        return [path if is_remote(path) else root / path for path in named]


@contextmanager
def naming_errors(source: Source) -> Iterator[None]:
    """Turn what a kind of another package raises into one message that names the source.

    Raises:
        SettingsError: It raised something that is no `CopydeskError`.
    """
    try:
        yield
    except CopydeskError:
        raise
    except Exception as error:
        if is_own(SOURCES, source.kind):
            raise
        why = f"{type(error).__name__}: {error}"
        raise SettingsError(f"source {source.name}: kind {source.kind!r} broke ({why}). Mend its options.") from error


def desk_lists(root: Path) -> Lists:
    """Return the `Lists` of a kind that fetches nothing."""
    return _Desk(root)
