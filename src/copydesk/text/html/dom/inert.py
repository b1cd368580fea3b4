"""A page that can be looked at without it doing anything: no scripts, frames, forms, links or addresses to load from.

What shows it also forbids all of that (a policy and a sandbox, `browse/guard.py`); this takes out what no policy stops,
such as a preconnect or the prefetch of a name.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from copydesk.text.html.dom.charset import decode_html
from copydesk.text.html.dom.read_page import MAX_BYTES, read_page

__all__ = ["inert_html"]

_GONE = "script, link, base, meta, iframe, frame, object, embed, applet, portal, audio, video, source, track"
_LOADING = ("src", "srcset", "poster", "background", "ping", "action", "formaction", "data", "href", "xlink:href")


def inert_html(content: bytes, charset: str | None = None) -> str | None:
    """Return the HTML of a page without what loads, runs or leads elsewhere; None for what cannot be parsed safely.

    Args:
        content: The bytes of the page.
        charset: Charset declared outside the page, or None.
    """
    if len(content) > MAX_BYTES or read_page(content, charset).rejection is not None:
        return None
    tree = LexborHTMLParser(decode_html(content, charset).text)
    for node in tree.css(_GONE):
        node.decompose()
    for name in _LOADING:
        for node in tree.css(f"[{name.replace(':', chr(92) + ':')}]"):
            del node.attrs[name]
    for node in tree.css("input, button, textarea, select"):
        node.attrs["disabled"] = ""
    return f"<!doctype html><meta charset=utf-8>{tree.html or ''}"
