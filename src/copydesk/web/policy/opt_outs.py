"""Opt-outs of pages and sites from indexing, AI training, and text and data mining.

    X-Robots-Tag: noai, noindex                       response header, with or without a robot's name before it
    <meta name="robots" content="noindex, noai">      the page itself ("copydesk" in place of "robots" as well)
    tdm-reservation: 1                                header or meta: text and data mining is reserved
    /.well-known/tdmrep.json                          the same for parts of a site, by path pattern

The results are `noai`, `noindex` and `tdm`. The policy is a setting (`OptOut`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import urlsplit

from copydesk.web.limits import OptOut, WebLimits

__all__ = ["TdmRules", "honoured", "in_headers", "in_page", "reserved", "tdm_rules"]

_HEAD_BYTES = 65_536  # the robots meta element is in the head
_META = re.compile(rb"<meta\s[^<>]{1,2000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z-]{1,30})\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_NO_AI = frozenset({"noai", "noimageai", "noml"})
_VALUED = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})  # not robots
_NO_INDEX = frozenset({"noindex", "none"})

TdmRules = tuple[tuple[str, bool], ...]
"""Path pattern -> reserved, in the file's order; the first that matches decides (TDMRep, 2024)."""


def in_headers(headers: Iterable[tuple[str, str]], robot: str) -> frozenset[str]:
    """Return the opt-outs in response headers for all robots or for this one."""
    found: set[str] = set()
    for name, value in headers:
        if name.lower() == "x-robots-tag":
            who, colon, rules = value.partition(":")
            if not colon or "," in who or who.strip().lower() in _VALUED:
                found |= _directives(value)
            elif who.strip().lower() in ("*", robot.lower()):
                found |= _directives(rules)
        elif name.lower() == "tdm-reservation" and value.strip() == "1":
            found.add("tdm")
    return frozenset(found)


def in_page(content: bytes, robot: str) -> frozenset[str]:
    """Return the opt-outs in the meta elements of an HTML page's first 64 KiB."""
    found: set[str] = set()
    names = (b"robots", b"tdm-reservation", robot.lower().encode())
    for match in _META.finditer(content[:_HEAD_BYTES]):
        tag = match.group().lower()
        if not any(name in tag for name in names):
            continue
        attributes = _attributes(match.group().decode("utf-8", "replace"))
        name = attributes.get("name", "").lower()
        if name in ("robots", robot.lower()):
            found |= _directives(attributes.get("content", ""))
        elif name == "tdm-reservation" and attributes.get("content", "").strip() == "1":
            found.add("tdm")
    return frozenset(found)


def tdm_rules(content: bytes) -> TdmRules:
    """Parse `/.well-known/tdmrep.json`; no rules from an invalid file."""
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(entries, list):
        return ()
    return tuple(
        (str(entry.get("location", "")), str(entry.get("tdm-reservation", "")) == "1")
        for entry in entries
        if isinstance(entry, dict)
    )


def reserved(rules: TdmRules, url: str) -> bool:
    """Return whether text and data mining is reserved for a URL: the first matching pattern decides."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return next((is_reserved for pattern, is_reserved in rules if _matches(pattern, path)), False)


def honoured(opt_outs: Iterable[str], limits: WebLimits) -> str:
    """Return the first opt-out that the policy honours, "" without one."""
    policy = {"noai": limits.noai, "noindex": limits.noindex, "tdm": limits.tdm}
    return next((name for name in sorted(opt_outs) if policy.get(name) is OptOut.HONOUR), "")


def _directives(text: str) -> set[str]:
    words = {word.strip().lower() for word in text.split(",")}
    found = {"noai"} if words & _NO_AI else set()
    return found | {"noindex"} if words & _NO_INDEX else found


def _attributes(tag: str) -> dict[str, str]:
    return {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(tag)}


def _matches(pattern: str, path: str) -> bool:
    """Match as robots.txt does: a prefix, `*` for anything, `$` for the end; in linear time."""
    anchored = pattern.endswith("$")
    pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(pieces[0]):
        return False
    position = len(pieces[0])
    for piece in pieces[1:]:
        found = path.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return not anchored or position == len(path) or (len(pieces) > 1 and path.endswith(pieces[-1]))
