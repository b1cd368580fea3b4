"""Fetch the further pages of an article and join them to the first, as politely as any page.

    first page --links to its own address with a number more--> page 2, page 3, ... --join--> one document

Only a page that extraction takes for an article has further pages. They are asked for one after the other through the
client (robots.txt, delay, opt-outs); when one is missing, the document ends before it and says why.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import NamedTuple

from copydesk.records import Document, Outcome
from copydesk.web.responses import Response

__all__ = ["MAX_FURTHER_PAGES", "JoinedResponse", "with_further_pages"]

MAX_FURTHER_PAGES = 20
"""Further pages of one article that are fetched; articles with more are truncated, and say so."""
_HTML = frozenset(("text/html", "application/xhtml+xml"))
_LIKELY = re.compile(
    rb"rel\s*=\s*[\"']?[^\"'>]{0,30}\bnext\b|>\s*(?:<(?:span|b)[^>]{0,60}>)?\s*2\s*(?:</(?:span|b)>)?\s*</a",
    re.IGNORECASE,
)
"""What a page with further pages has; of 100 other pages two or three have it, too."""


class JoinedResponse(NamedTuple):
    """A response with the further pages joined, and the responses to them."""

    response: Response
    further: tuple[Response, ...]


async def with_further_pages(
    response: Response, ask: Callable[[str], Awaitable[Response]], *, max_bytes: int
) -> JoinedResponse:
    """Return a page's response with its further pages joined; as it is for a page without any.

    Args:
        response: The response to the first page.
        ask: Fetches an address.
        max_bytes: Size of the joined document above which no page is added.
    """
    links = _links(response) if _is_likely(response) else {}
    if not links:
        return JoinedResponse(response, ())
    from copydesk.text.html.page_kind.joined_pages import join_content

    pages: list[tuple[str, bytes]] = []
    answers: list[Response] = []
    reason, number = "", 2
    while number in links and not reason:
        answer = await ask(links[number])
        answers.append(answer)
        size = len(response.content) + sum(len(content) for _, content in pages) + len(answer.content)
        reason = _trouble(response, answer, [content for _, content in pages], too_large=size > max_bytes)
        if not reason:
            pages.append((links[number], answer.content))
            links |= {n: url for n, url in _more(answer, response.url).items() if n > number and n not in links}
            number += 1
            if number in links and number > MAX_FURTHER_PAGES + 1:
                reason = f"the limit is {MAX_FURTHER_PAGES + 1} pages"
    if not reason and max(links) >= number:
        reason = "no link leads to it"
    content = join_content(response.content, pages)
    if reason:
        missing = f"page {number} of {max(links)} is missing: {reason}"
        response = replace(response, truncation=missing, etag=None, last_modified=None)
    return JoinedResponse(replace(response, content=content), tuple(answers))


def _is_likely(response: Response) -> bool:
    """Return whether a response is a whole page with a link to a next one."""
    whole = response.outcome is Outcome.CAPTURED and response.truncation is None
    return whole and response.media_type in _HTML and _LIKELY.search(response.content) is not None


def _links(response: Response) -> dict[int, str]:
    """Return number -> address of the further pages of an article; none of a page of another kind."""
    from copydesk.text.html.page_kind.page_parts import page_number

    links = _more(response, response.url)
    if not links or page_number(response.url) != 1 or 2 not in links:
        return {}
    from copydesk.text.html import extract_html

    document = Document(
        document_id="", content=response.content, media_type="text/html", charset=response.charset, url=response.url
    )
    found = extract_html(document)
    return links if found.rejection is None and found.truncated else {}


def _more(response: Response, base: str) -> dict[int, str]:
    from copydesk.text.html.dom.read_page import read_page
    from copydesk.text.html.page_kind.page_parts import part_links

    page = read_page(response.content, response.charset)
    links = part_links(page.tree, base) if page.tree is not None else {}
    return {number: url for number, url in links.items() if url.isascii() and " " not in url and ">" not in url}


def _trouble(first: Response, answer: Response, before: list[bytes], *, too_large: bool) -> str:
    """Return why an answer is no further page, "" for one that is."""
    if answer.outcome is not Outcome.CAPTURED:
        return f"{answer.reason or answer.outcome}{f' ({answer.detail})' if answer.detail else ''}"[:200]
    if answer.truncation:
        return f"it is incomplete ({answer.truncation})"
    if answer.media_type not in _HTML:
        return f"it is {answer.media_type or 'of no type'}"
    if answer.content == first.content or answer.content in before:
        return "the site sent an earlier page again"
    return "the pages together are too large" if too_large else ""
