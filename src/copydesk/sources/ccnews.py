"""Common Crawl's news crawl: WARC files by month, listed at `crawl-data/CC-NEWS/YEAR/MONTH/warc.paths.gz`.

    [[source]]
    name = "cc-news"
    kind = "ccnews"
    [source.options]
    first = "2026-01"
    last = "2026-03"

Layout of the listing: https://commoncrawl.org/news-crawl. A month is some 400 files of a gigabyte.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from copydesk.errors import StoreError
from copydesk.settings import Source
from copydesk.sources.files.remote import read_remote
from copydesk.sources.kinds import Lists

__all__ = ["CcNewsKind", "CcNewsOptions"]

_MAX_LISTING_BYTES = 10_000_000
Month = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]


class CcNewsOptions(BaseModel):
    """Which months, and from where.

    Attributes:
        first, last: Months, `2026-01`; without `last` the first alone.
        base: Where the crawl lies: `https://data.commoncrawl.org`, or `s3://commoncrawl`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: Month
    last: Month | None = None
    base: Annotated[str, Field(pattern=r"^(https?|s3)://[^/]+(/.*)?$")] = "https://data.commoncrawl.org"

    @model_validator(mode="after")
    def _in_order(self) -> CcNewsOptions:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"last = {self.last!r} is before first = {self.first!r}")
        return self

    def months(self) -> Iterator[tuple[int, int]]:
        """Yield every (year, month) from the first to the last."""
        year, month = map(int, self.first.split("-"))
        end = tuple(map(int, (self.last or self.first).split("-")))
        while (year, month) <= end:
            yield year, month
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)


class CcNewsKind:
    """The WARC files of some months."""

    fetches = False
    settings = CcNewsOptions

    def enumerate(self, source: Source, lists: Lists, /) -> Iterator[str]:  # noqa: ARG002
        """Yield the addresses of the WARC files, in the order of the listings.

        Raises:
            StoreError: A month's listing cannot be read.
        """
        options = CcNewsOptions(**source.options)
        base = options.base.rstrip("/")
        for year, month in options.months():
            listing = f"{base}/crawl-data/CC-NEWS/{year}/{month:02}/warc.paths.gz"
            for line in _lines(listing):
                yield f"{base}/{line}"


def _lines(listing: str) -> list[str]:
    try:
        packed = read_remote(listing, max_bytes=_MAX_LISTING_BYTES)
        text = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed, _MAX_LISTING_BYTES).decode("ascii")
    except (OSError, zlib.error, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"cannot read {listing}: {why}. Correct the months or `base`, and run again.") from error
    return [line.strip() for line in text.splitlines() if line.strip()]
