"""Pages in, articles out, under a desk's rules; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from copydesk.desk.opening import OpeningDesk

if TYPE_CHECKING:
    from copydesk.extraction.article import Article
    from copydesk.extraction.batches import Page

__all__ = ["ExtractingDesk"]


class ExtractingDesk(OpeningDesk):
    """Methods that extract without the warehouse."""

    __slots__ = ()

    def extract(
        self,
        page: str | bytes,
        *,
        url: str | None = None,
        extractor: str = "auto",
        explain: bool = False,
        captured_at: datetime | None = None,
    ) -> Article:
        """Return the article of one page under this desk's rules; nothing is stored. See `copydesk.extract`."""
        from copydesk.extraction.pages import extract

        return extract(page, url=url, extractor=extractor, explain=explain, captured_at=captured_at, desk=self)

    def extract_file(
        self, path: str | Path, *, url: str | None = None, extractor: str = "auto", explain: bool = False
    ) -> Article:
        """Return the article of the page in a file under this desk's rules. See `copydesk.extract_file`."""
        from copydesk.extraction.pages import extract_file

        return extract_file(path, url=url, extractor=extractor, explain=explain, desk=self)

    def extract_many(
        self,
        pages: Iterable[Page | tuple[Page, str | None]],
        *,
        extractor: str = "auto",
        explain: bool = False,
        workers: int = 1,
    ) -> Iterator[Article]:
        """Yield the article of each page under this desk's rules. See `copydesk.extract_many`."""
        from copydesk.extraction.pages import extract_many

        return extract_many(pages, extractor=extractor, explain=explain, workers=workers, desk=self)
