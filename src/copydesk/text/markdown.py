"""Render an extracted article as Markdown (CommonMark with GitHub's pipe tables)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from copydesk.records import Extraction, Link, Paragraph, ParagraphKind

__all__ = ["to_markdown"]

_SPECIAL = re.compile(r"([\\`*_\[\]<])")
_LINE_START = re.compile(r"^(\s*)([#>+=-]|\d{1,9}[.)])(?=\s|$)", re.M)
_CELLS = re.compile(r" \| ")


def to_markdown(extraction: Extraction) -> str:
    """Return title, headings, lists, quotes, tables, code and links as Markdown; ends with a newline unless empty."""
    links: dict[int, list[Link]] = {}
    for link in extraction.links:
        links.setdefault(link.block, []).append(link)
    parts = [f"# {_escape(extraction.title)}"] if extraction.title else []
    top = 1 if extraction.title else 0
    for kind, group in groupby(extraction.paragraphs, key=lambda p: p.kind):
        parts.extend(_parts(kind, list(group), links, top))
    return "\n\n".join(parts) + "\n" if parts else ""


def _parts(kind: ParagraphKind, group: list[Paragraph], links: dict[int, list[Link]], top: int) -> Iterator[str]:
    if kind is ParagraphKind.LIST_ITEM:
        yield "\n".join(_item(p, _linked(p, links)) for p in group)
    elif kind is ParagraphKind.TABLE:
        yield from _tables(group)
    elif kind is ParagraphKind.QUOTE:
        yield "\n>\n".join("\n".join(f"> {line}" for line in _linked(p, links).split("\n")) for p in group)
    else:
        for p in group:
            if kind is ParagraphKind.HEADING:
                yield f"{'#' * min(6, max(top + 1, p.level))} {_linked(p, links).replace(chr(10), ' ')}"
            elif kind is ParagraphKind.CODE:
                yield _fenced(p.text)
            else:
                yield _linked(p, links).replace("\n", "  \n")


def _item(paragraph: Paragraph, text: str) -> str:
    indent = "  " * (max(1, paragraph.level) - 1)
    return f"{indent}- " + text.replace("\n", f"\n{indent}  ")


def _tables(group: list[Paragraph]) -> Iterator[str]:
    """Yield a table per run of rows with the same number of cells; its first row is the header Markdown requires."""
    for width, rows in groupby(group, key=lambda p: len(_CELLS.split(p.text))):
        cells = [[_escape(c).replace("|", "\\|") for c in _CELLS.split(p.text.replace("\n", " "))] for p in rows]
        if width == 1:
            yield "\n\n".join(row[0] for row in cells)
            continue
        lines = [f"| {' | '.join(row)} |" for row in cells]
        yield "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _linked(paragraph: Paragraph, links: dict[int, list[Link]]) -> str:
    """Return the escaped text with its links, each at the next occurrence of its anchor text."""
    text, at, out = paragraph.text, 0, []
    for link in links.get(paragraph.block, ()):
        found = text.find(link.text, at)
        if found < 0 or not link.text:
            continue
        out.append(_escape(text[at:found], start=at == 0))
        out.append(f"[{_escape(link.text)}]({_address(link.url)})")
        at = found + len(link.text)
    out.append(_escape(text[at:], start=at == 0))
    return "".join(out)


def _escape(text: str, *, start: bool = True) -> str:
    text = _SPECIAL.sub(r"\\\1", text)
    return _LINE_START.sub(_escape_start, text) if start else text


def _escape_start(match: re.Match[str]) -> str:
    indent, mark = match[1], match[2]
    return f"{indent}{mark[:-1]}\\{mark[-1]}" if mark[-1] in ".)" else f"{indent}\\{mark}"


def _address(url: str) -> str:
    """Return the URL with spaces and brackets percent-encoded, so that they do not end the link."""
    return "".join({" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\n": ""}.get(c, c) for c in url)
