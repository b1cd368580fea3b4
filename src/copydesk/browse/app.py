"""The application: which address is which view, and in which format it is answered.

/article/3f2a91c0          HTML
/article/3f2a91c0.json     the same page as JSON
/article/3f2a91c0.csv      its rows as CSV
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from copydesk.browse import decisions, downloads
from copydesk.browse.guard import Guard, Token
from copydesk.browse.pages import Ask, NotFoundError, Page, Reading, View
from copydesk.browse.render import as_csv, as_html, as_json, link
from copydesk.browse.views import VIEWS
from copydesk.errors import CopydeskError, UsageError, WarehouseBusyError
from copydesk.quality.rules import desk_registry
from copydesk.store.read.read_copies import ReadCopies

if TYPE_CHECKING:
    from copydesk.desk import Desk

__all__ = ["Browser", "make_app"]

_log = logging.getLogger("copydesk.browse")

_STATIC = Path(__file__).parent / "static"
_FILES = {"browse.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What the pages are served from.

    Attributes:
        desk: The desk.
        copies: Read copies of its warehouse.
        token: The secret of this process.
        writable: Whether decisions can be taken.
    """

    desk: Desk
    copies: ReadCopies
    token: Token
    writable: bool = False

    @contextlib.contextmanager
    def reading(self) -> Any:
        """Yield a look at the desk for one request."""
        registry = desk_registry(self.desk).for_sources(self.desk.sources)
        with self.copies.reading() as (connection, index, copy):
            yield Reading(desk=self.desk, registry=registry, connection=connection, index=index, copy=copy)


def make_app(browser: Browser, *, hosts: frozenset[str], token_needed: bool, any_address: bool = False) -> Starlette:
    """Return the application.

    Args:
        browser: What it serves.
        hosts: Names in the Host header that it answers to.
        token_needed: Whether reading needs the token, too.
        any_address: Whether it answers to IP addresses, too.
    """
    routes: list[BaseRoute] = [Route("/static/{name}", _static)]
    routes += downloads.routes(browser)
    if browser.writable:
        routes += decisions.routes(browser)
    for path, view in VIEWS.items():
        routes.append(Route(path, _answering(browser, view, "html")))
        if path != "/":
            routes += [Route(f"{path}.{form}", _answering(browser, view, form)) for form in ("json", "csv")]
    routes.sort(key=lambda route: getattr(route, "path", "").endswith("}"))  # /article/{id}.json before /article/{id}

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield

    guard = Middleware(Guard, hosts=hosts, token=browser.token, token_needed=token_needed, any_address=any_address)
    return Starlette(
        routes=routes,
        middleware=[guard],
        lifespan=lifespan,
        exception_handlers={404: _not_found(browser)},
    )


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        return PlainTextResponse("No such file.\n", 404)
    return FileResponse(_STATIC / name, media_type=_FILES[name], headers={"cache-control": "max-age=3600"})


def _nothing(_reading: Reading, _ask: Ask) -> Page:
    raise NotFoundError


def ask_of(browser: Browser, request: Request) -> Ask:
    """Return the parameters of a request, and what its sender may do."""
    site = request.headers.get("sec-fetch-site", "none")
    writing = browser.writable and browser.token.knows(request.headers)
    values = {**request.query_params, **request.path_params}
    return Ask(
        values, trusted=site in {"none", "same-origin"}, writing=writing, csrf=browser.token.csrf if writing else ""
    )


def _answering(browser: Browser, view: View, form: str) -> Callable[..., Any]:
    async def endpoint(request: Request, _error: Exception | None = None) -> Response:
        return await run_in_threadpool(answer, browser, view, form, request)

    return endpoint


def _not_found(browser: Browser) -> Callable[..., Any]:
    """Return what answers where there is no page: in the format that was asked for."""
    answers = {form: _answering(browser, _nothing, form) for form in ("html", "json", "csv")}

    async def endpoint(request: Request, error: Exception) -> Response:
        form = request.url.path.rpartition(".")[2]
        return await answers.get(form, answers["html"])(request, error)  # type: ignore[no-any-return]

    return endpoint


def answer(browser: Browser, view: View, form: str, request: Request) -> Response:
    """Answer one request with a page in one format; whatever fails is a page, too."""
    ask = ask_of(browser, request)
    try:
        with browser.reading() as reading:
            page = view(reading, ask)
            if form == "html":
                return _html(page, browser, ask, request, reading)
    except NotFoundError:
        page = _error_page(404, "Not found", "There is no such page, or the warehouse does not hold it (any more).")
    except UsageError as error:
        page = _error_page(400, "This cannot be shown", str(error))
    except WarehouseBusyError as error:
        page = _error_page(503, "Being written", str(error))
    except CopydeskError as error:
        page = _error_page(500, "The warehouse cannot be read", str(error))
    except Exception as error:  # noqa: BLE001 one page must not end the others; the terminal has the whole of it
        _log.exception("%s failed", request.url.path)
        page = _error_page(
            500, "This page failed", f"{type(error).__name__}; the terminal of `copydesk browse` says more."
        )
    if form == "json":
        return Response(as_json(page), page.status, media_type="application/json")
    if form == "csv" and page.table is not None:
        return Response(as_csv(page.table), page.status, media_type="text/csv; charset=utf-8")
    if form == "csv":
        return PlainTextResponse(
            f"{page.title}: no table to write as CSV.\n", page.status if page.status >= 400 else 404
        )
    return _html(page, browser, ask, request, None)


def _html(page: Page, browser: Browser, ask: Ask, request: Request, reading: Reading | None) -> Response:
    path, query = request.url.path, request.url.query
    formats = {}
    if page.section == "sql" and page.table is None:
        pass  # nothing was asked
    elif page.status < 400 and path != "/":
        formats = {
            f: path + f".{f}" + (f"?{query}" if query else "") for f in ("json", "csv") if f == "json" or page.table
        }
    elif page.status < 400:
        formats = {f: f"/search.{f}" + (f"?{query}" if query else "") for f in ("json", "csv")}
    text = as_html(
        page,
        link,
        ask=ask,
        formats=formats,
        desk_name=browser.desk.root.resolve().name,
        root="/",
        here=path + (f"?{query}" if query else ""),
        copied_at=reading.copy.copied_at if reading and reading.copy else None,
        static=False,
        feeds=True,
    )
    return Response(text, page.status, media_type="text/html; charset=utf-8")


def _error_page(status: int, title: str, message: str) -> Page:
    return Page(template="error.html.j2", title=title, data={"error": message}, status=status)
