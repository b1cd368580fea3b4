"""A static folder of the pages: any web server shows it, and a browser from the disk, without a server.

    chosen articles --crawl: articles, their changes, stories, authors; all overviews--> Page --> DIR/<page>.html, .json

Every address in a page is relative and leads to a page of the folder; what is not in it is text, no link. Names of
files come from ids and hashes, never from what a page says.
"""

from __future__ import annotations

import re
import shutil
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from copydesk.browse.pages import Ask, NotFoundError, Page, Reading
from copydesk.browse.render import as_csv, as_html, as_json, link
from copydesk.browse.views import VIEWS
from copydesk.errors import UsageError
from copydesk.filesystem import replacing, write_error
from copydesk.store.read.search import Matches, SearchQuery

if TYPE_CHECKING:
    from copydesk.browse.app import Browser

__all__ = ["ExportedPages", "export_pages"]

_STATIC = Path(__file__).parent / "static"
_MARK = ".copydesk-browse"
"""A file in the folder that says that it is ours to replace."""
_OVERVIEWS = ("/", "/stories", "/people", "/trends", "/sources", "/quarantine", "/quality", "/runs", "/schema")
_FOLLOWED = re.compile(
    r"/(article/[^/]+(/changes)?|story/[^/]+|person|source|quarantine/[^/]+|findings|run/[^/]+|schema/[^/]+)\Z"
)
"""Pages that are written when a written page links to them, as far as the limit goes."""
_MAX_PAGES = 20_000
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_SAFE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ExportedPages:
    """What was written.

    Attributes:
        folder: Where.
        pages: Number of HTML pages.
        articles: Number of articles among them.
    """

    folder: Path
    pages: int
    articles: int


def export_pages(browser: Browser, folder: Path, query: SearchQuery, *, limit: int) -> ExportedPages:
    """Write the pages of a set of articles, and what they lead to, as a folder.

    Args:
        browser: The desk and its read copies.
        folder: A new or empty folder, or that of a former export, which is replaced.
        query: Which articles; without words and filters the latest.
        limit: At most so many articles.

    Raises:
        UsageError: The folder holds something else.
        StoreError: The disk refused.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise UsageError(f"{folder} holds something else. Name a new folder, or one of a former export.")
    try:
        with replacing(folder) as temporary, browser.reading() as reading:
            temporary.mkdir(parents=True)
            reading.static = True
            chosen = _chosen(reading, query, limit)
            site = _Site(reading, temporary, frozenset(chosen), browser.desk.root.resolve().name)
            pages = site.write(chosen, query)
            if folder.exists():
                shutil.rmtree(folder)
    except OSError as error:
        raise write_error(folder, error, then="export again", misplaced=UsageError) from error
    return ExportedPages(folder, pages, len(chosen))


def _chosen(reading: Reading, query: SearchQuery, limit: int) -> list[str]:
    if reading.index is None:
        rows = reading.rows(
            "latest", publisher=query.publisher, source=query.source, language=query.language, limit=limit
        )
        return [row["article_id"] for row in rows]
    return Matches(reading.connection, reading.index, query).ids(limit)


@dataclass(slots=True)
class _Site:
    """One export in progress: which pages are known to be in it, and where each lies."""

    reading: Reading
    folder: Path
    articles: frozenset[str]
    name: str
    queue: deque[str] = field(default_factory=deque)
    known: dict[str, str] = field(default_factory=dict)

    def write(self, chosen: list[str], query: SearchQuery) -> int:
        """Write all pages; return their number."""
        first = {k: v for k in SearchQuery.__slots__ if (v := getattr(query, k)) not in (None, "", False)}
        self._add("/", first and {**{("q" if k == "words" else k): v for k, v in first.items()}, "n": 100})
        for path in _OVERVIEWS[1:]:
            self._add(path, {})
        for article in chosen:
            self._add(f"/article/{article}", {})
            self._add(f"/article/{article}", {"cut": 1})
        static = self.folder / "static"
        static.mkdir()
        for file in _STATIC.iterdir():
            shutil.copyfile(file, static / file.name)
        (self.folder / _MARK).write_text(
            "Pages of `copydesk browse --export`; an export replaces them.\n", encoding="utf-8"
        )
        written = 0
        while self.queue:
            written += self._write(self.queue.popleft())
        return written

    def _add(self, path: str, parameters: Mapping[str, Any]) -> str | None:
        """Return the file of a page that is or will be in the folder; None for one that will not."""
        address = link(path, **parameters)
        if address not in self.known:
            if len(self.known) >= _MAX_PAGES:
                return None
            self.known[address] = _file_name(path, address)
            self.queue.append(address)
        return self.known[address]

    def _write(self, address: str) -> bool:
        path, _, query = address.partition("?")
        view, values = _view(path)
        ask = Ask({**dict(parse_qsl(query)), **values})
        file = self.folder / self.known[address]
        up = "../" * self.known[address].count("/")

        def relative(to: str, **parameters: Any) -> str | None:
            given = {name: value for name, value in parameters.items() if value not in (None, "", False)}
            target = self._target(to, given)
            return None if target is None else up + target

        self.reading.link = relative
        try:
            page: Page = view(self.reading, ask)
        except (NotFoundError, UsageError):
            page = Page(template="error.html.j2", title="Not in this export", data={"error": "This page is not in it."})
        file.parent.mkdir(parents=True, exist_ok=True)
        formats = {"json": file.name.replace(".html", ".json")}
        file.with_suffix(".json").write_text(as_json(page), encoding="utf-8")
        if page.table is not None:
            file.with_suffix(".csv").write_text(as_csv(page.table), encoding="utf-8", newline="")
            formats["csv"] = file.name.replace(".html", ".csv")
        copied = self.reading.copy.copied_at if self.reading.copy else None
        html = as_html(
            page, relative, ask=ask, formats=formats, desk_name=self.name, root=up, here="", copied_at=copied,
            static=True, feeds=False,
        )  # fmt: skip
        file.write_text(html, encoding="utf-8", errors="replace")
        return True

    def _target(self, path: str, given: Mapping[str, Any]) -> str | None:
        """Return the file that a link leads to; pages that need a server, and articles not chosen, have none."""
        if path in _OVERVIEWS and not given:
            return self._known_overview(path)
        if not _FOLLOWED.match(path) or {"from", "order", "least", "window"} & given.keys():
            return None
        if path.startswith("/article/") and path.split("/")[2] not in self.articles:
            return None
        if set(given) - {"name", "rule", "cut", "old", "new"}:
            return None
        return self._add(path, given)

    def _known_overview(self, path: str) -> str:
        return "index.html" if path == "/" else f"{path[1:]}.html"


def _view(path: str) -> tuple[Any, dict[str, str]]:
    """Return the view of a path, and the values in the path."""
    for pattern, view in VIEWS.items():
        names = re.findall(r"{(\w+)}", pattern)
        found = re.fullmatch(re.sub(r"{\w+}", "([^/]+)", pattern), path)
        if found:
            return view, dict(zip(names, found.groups(), strict=True))
    raise NotFoundError


def _file_name(path: str, address: str) -> str:
    """Return where a page lies: overviews by their names, the rest by what is safe of it and a hash."""
    parts = [p for p in path.split("/") if p]
    if path == "/":
        return "index.html"
    if path in _OVERVIEWS and path == address:
        return f"{parts[0]}.html"
    if len(parts) == 2 and _ID.match(parts[1]) and path == address:
        return f"{parts[0]}/{parts[1]}.html"
    words = _SAFE.sub("-", "-".join(parts[1:]).lower()).strip("-")[:40]
    return f"{parts[0]}/{words + '-' if words else ''}{sha256(address.encode()).hexdigest()[:12]}.html"
