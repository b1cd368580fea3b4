"""Answers that are no pages: all rows of a statement as CSV, JSON or Parquet, and the page as it was fetched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from copydesk.browse.guard import FETCHED_POLICY
from copydesk.browse.pages import Ask, NotFoundError
from copydesk.browse.render import csv_lines
from copydesk.browse.views.article import article_id_of
from copydesk.browse.views.search import query_of
from copydesk.browse.views.sql import TIMEOUT_S, saved_queries
from copydesk.errors import CopydeskError, UsageError, WarehouseBusyError
from copydesk.escapes import json_text
from copydesk.filesystem import scratch_folder, temporary_name
from copydesk.keys import key
from copydesk.store.read.feed import Feed, read_feed
from copydesk.store.read.feed_formats import as_atom, as_json_feed
from copydesk.store.read.lookups import read_captures
from copydesk.store.read.search import MAX_TOTAL, Matches
from copydesk.store.read.user_sql import RowStream, check_statement, interrupting, rows_to_parquet, stream_rows

if TYPE_CHECKING:
    from copydesk.browse.app import Browser

__all__ = ["routes"]

_FEED_FILTERS = ("language", "publisher", "source", "kind", "author", "section", "since", "until")
_FEED_ITEMS = 50


def routes(browser: Browser) -> list[BaseRoute]:
    """Return the routes of all downloads."""

    def answering(answer: Any) -> Any:
        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(_answer, browser, answer, request)

        return endpoint

    return [
        Route("/search.atom", answering(_atom)),
        Route("/feed.json", answering(_json_feed)),
        Route("/sql.csv", answering(_csv)),
        Route("/sql.json", answering(_json)),
        Route("/sql.parquet", answering(_parquet)),
        Route("/article/{id}/page", answering(_fetched)),
    ]


def _answer(browser: Browser, answer: Any, request: Request) -> Response:
    try:
        made: Response = answer(browser, request)
    except UsageError as error:
        return PlainTextResponse(f"{error}\n", 400)
    except NotFoundError:
        return PlainTextResponse("There is no such page.\n", 404)
    except CopydeskError as error:
        return PlainTextResponse(f"{error}\n", 503)
    return made


def _statement(browser: Browser, request: Request) -> str:
    """Return the statement that is asked for, or the saved one of that name."""
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise UsageError("another site has led here; open the SQL page and run the statement there.")
    given = request.query_params.get("q", "").strip()
    name = request.query_params.get("saved", "")
    saved = {one["name"]: one["sql"] for one in saved_queries(browser.desk.root / "queries")} if name else {}
    return given or saved.get(name, "")


def _atom(browser: Browser, request: Request) -> Response:
    feed = _feed(browser, request)
    return Response(as_atom(feed, url=str(request.url)), media_type="application/atom+xml; charset=utf-8")


def _json_feed(browser: Browser, request: Request) -> Response:
    feed = _feed(browser, request)
    return Response(as_json_feed(feed, url=str(request.url)), media_type="application/feed+json")


def _feed(browser: Browser, request: Request) -> Feed:
    """Return what a search finds, one item per story, the latest first; as `copydesk feed` has it."""
    query = query_of(Ask(request.query_params))
    named = {name: getattr(query, name) for name in _FEED_FILTERS}
    asked = [query.words.strip(), *(f"{name} {value}" for name, value in named.items() if value)]
    title = f"Copydesk: {', '.join(part for part in asked if part) or 'all articles'}"
    with browser.reading() as reading:
        if reading.index is None:
            raise WarehouseBusyError("the search index is being made; ask again in a minute.")
        ids = Matches(reading.connection, reading.index, replace(query, newest=True)).ids(MAX_TOTAL)
        return read_feed(reading.connection, ids, title=title, key=key("feed", title), limit=_FEED_ITEMS)


def _csv(browser: Browser, request: Request) -> Response:
    def lines(stream: RowStream) -> Iterator[str]:
        yield from csv_lines(stream.columns, stream.batches)

    return _streamed(browser, _statement(browser, request), lines, "text/csv; charset=utf-8", "result.csv")


def _json(browser: Browser, request: Request) -> Response:
    def lines(stream: RowStream) -> Iterator[str]:
        before = "[\n"
        for row in chain.from_iterable(stream.batches):
            yield before + json_text(dict(zip(stream.columns, row, strict=True)), indent=None)
            before = ",\n"
        yield "[]\n" if before.startswith("[") else "\n]\n"

    return _streamed(browser, _statement(browser, request), lines, "application/json", "result.json")


def _streamed(browser: Browser, sql: str, lines: Any, media_type: str, name: str) -> Response:
    """Begin a statement, so that what is wrong with it is an error, and stream its rows."""
    stack = ExitStack()
    try:
        reading = stack.enter_context(browser.reading())
        stream = stack.enter_context(stream_rows(reading.connection, sql, timeout_s=TIMEOUT_S))
        found = lines(stream)
        first = next(found)
    except BaseException:
        stack.close()
        raise

    async def body() -> AsyncIterator[str]:
        try:
            yield first
            while (more := await asyncio.to_thread(next, found, None)) is not None:
                yield more
        finally:
            await asyncio.to_thread(stack.close)

    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(body(), media_type=media_type, headers=headers)


def _parquet(browser: Browser, request: Request) -> Response:
    sql = _statement(browser, request)
    path = temporary_name(scratch_folder() / f"result-{id(request)}.parquet")
    with browser.reading() as reading, interrupting(reading.connection, TIMEOUT_S):
        check_statement(reading.connection, sql)
        rows_to_parquet(reading.connection, sql, path)
    from starlette.background import BackgroundTask

    return FileResponse(
        path,
        media_type="application/vnd.apache.parquet",
        filename="result.parquet",
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


def _fetched(browser: Browser, request: Request) -> Response:
    """Return the page as it was fetched, made inert, under a policy that lets it load nothing and run nothing."""
    from hashlib import sha256

    from copydesk.sources.files.byte_reader import Reader, ReadError
    from copydesk.text.decode import decode
    from copydesk.text.html.dom.inert import inert_html

    with browser.reading() as reading:
        article_id = article_id_of(reading, request.path_params["id"])
        (capture_id,) = reading.connection.rows(
            "select r.capture_id::varchar from articles as a "
            "join revisions as r on r.revision_id = a.current_revision_id where a.article_id = $1::uuid",
            [article_id],
        )[0]
        captures = read_captures(reading.connection, capture_ids=[capture_id])
    if not captures:
        raise UsageError("the capture of this article is not in the warehouse.")
    capture = captures[0]
    try:
        with Reader(browser.desk.root) as reader:
            content = reader.read(capture.location)
    except ReadError as error:
        raise UsageError(f"the bytes cannot be read any more: {error}.") from error
    if sha256(content).hexdigest() != capture.sha256:
        raise UsageError("the file has changed since it was read; what is there now is not what was fetched.")
    headers = {"content-security-policy": FETCHED_POLICY, "x-frame-options": "SAMEORIGIN"}
    html = inert_html(content, capture.charset) if "html" in (capture.media_type or "") else None
    if html is not None:
        return Response(html, media_type="text/html; charset=utf-8", headers=headers)
    text = decode(content, capture.charset).text
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)
