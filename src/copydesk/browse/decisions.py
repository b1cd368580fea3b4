"""Decisions from a page: by POST, with the token's cookie, a CSRF token and from our own pages alone.

    form --origin, cookie, CSRF--> a method of the desk --audit.decisions: who and when--> new read copy --> back

Every decision is one that a command takes, too, by the same method; who decided is the account that runs `browse`, with
"on a page" behind it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from copydesk.errors import CopydeskError, UsageError
from copydesk.store.curate.decisions import who_decides

if TYPE_CHECKING:
    from copydesk.browse.app import Browser
    from copydesk.desk import Desk

__all__ = ["routes"]

_MAX_FORM_BYTES = 20_000
Form = Mapping[str, str]


def routes(browser: Browser) -> list[BaseRoute]:
    """Return the route of decisions."""

    async def decide(request: Request) -> Response:
        refused = _refusal(browser, request)
        if refused:
            return PlainTextResponse(f"{refused}\n", 403)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MAX_FORM_BYTES:
                return PlainTextResponse("This form is too large.\n", 413)
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        if not hmac.compare_digest(form.get("csrf", "").encode(), browser.token.csrf.encode()):
            return PlainTextResponse("This form is not of this server: reload the page and decide again.\n", 403)
        return await run_in_threadpool(_decided, browser, request.path_params["what"], form)

    return [Route("/decide/{what}", decide, methods=["POST"])]


def _refusal(browser: Browser, request: Request) -> str:
    """Say why a form may not decide; empty when it may."""
    if not browser.token.knows(request.headers):
        return "Open the address that `copydesk browse --write` printed: it holds the token."
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "This form was sent by another site."
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return "This form was sent by another site."
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return "This is not a form of this server."
    return ""


def _decided(browser: Browser, what: str, form: Form) -> Response:
    decide = _DECISIONS.get(what)
    if decide is None:
        return PlainTextResponse("There is no such decision.\n", 404)
    try:
        decide(browser.desk, form, f"{who_decides()}, on a page")
        browser.copies.refresh()
    except UsageError as error:
        return PlainTextResponse(f"{error}\n", 400)
    except CopydeskError as error:
        return PlainTextResponse(f"{error}\n", 503)
    back = form.get("back", "/")
    return RedirectResponse(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/", 303)


def _restore(desk: Desk, form: Form, by: str) -> None:
    desk.restore(form.get("article", ""), _number(form), because=form.get("because", ""), by=by)


def _unrestore(desk: Desk, form: Form, by: str) -> None:
    desk.restore(form.get("article", ""), _number(form), undo=True, because=form.get("because", ""), by=by)


def _accept(desk: Desk, form: Form, by: str) -> None:
    desk.accept(form.get("capture", ""), because=form.get("because", ""), by=by)


def _replay(desk: Desk, form: Form, _by: str) -> None:
    desk.replay(_capture(form))


def _drop(desk: Desk, form: Form, by: str) -> None:
    desk.drop_quarantined(_capture(form), because=form.get("because", ""), by=by)


def _pin(desk: Desk, form: Form, by: str) -> None:
    verdict = form.get("verdict", "")
    if verdict not in ("keep", "cut"):
        raise UsageError("a line is pinned to keep or to cut.")
    if not form.get("site") or not form.get("text"):
        raise UsageError("give the site and the line.")
    desk.pin(form["site"], form["text"], "keep" if verdict == "keep" else "cut", because=form.get("because", ""), by=by)


def _release(desk: Desk, form: Form, by: str) -> None:
    desk.release(*_held(form), because=form.get("because", ""), by=by)


def _drop_held(desk: Desk, form: Form, by: str) -> None:
    desk.drop_held(*_held(form), because=form.get("because", ""), by=by)


_DECISIONS: Mapping[str, Callable[[Desk, Form, str], None]] = {
    "restore": _restore,
    "unrestore": _unrestore,
    "accept": _accept,
    "replay": _replay,
    "drop": _drop,
    "pin": _pin,
    "release": _release,
    "drop_held": _drop_held,
}


def _number(form: Form) -> int:
    text = form.get("line", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise UsageError("give the number of a line.")
    return int(text)


def _held(form: Form) -> tuple[str, str]:
    """Return run and source of one held batch: without a source, a command would take all of the run."""
    if not form.get("run") or not form.get("source"):
        raise UsageError("give the run and the source of a held batch.")
    return form["run"], form["source"]


def _capture(form: Form) -> str:
    """Return the id of one record: without one, a command would take all."""
    if not form.get("capture"):
        raise UsageError("give the id of a record.")
    return form["capture"]
