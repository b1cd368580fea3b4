"""A page as HTML, JSON or CSV: autoescape, links that know what is served, cells that are no formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from copydesk.browse.pages import MAX_COUNT, Page, Table
from copydesk.escapes import json_text, shown
from copydesk.store.read.user_sql import safe_cell
from copydesk.wording import counted

__all__ = ["Links", "as_csv", "as_html", "as_json", "environment", "link"]

NAVIGATION = (
    ("search", "Articles", "/"),
    ("stories", "Stories", "/stories"),
    ("people", "People", "/people"),
    ("trends", "Trends", "/trends"),
    ("sources", "Sources", "/sources"),
    ("quarantine", "Quarantine", "/quarantine"),
    ("quality", "Quality", "/quality"),
    ("runs", "Runs", "/runs"),
    ("sql", "SQL", "/sql"),
    ("schema", "Schema", "/schema"),
)

Links = Callable[..., str | None]
"""(path, **parameters) -> address, or None where that page is not served (a static export)."""


def link(path: str, **parameters: Any) -> str:
    """Return the address of a page of the server; empty parameters are left out."""
    query = urlencode([(name, value) for name, value in parameters.items() if value not in (None, "", False)])
    return quote(path) + ("?" + query if query else "")


@cache
def environment() -> Environment:
    """Return the Jinja environment of the pages: autoescape on, undefined names are errors."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "n": _number,
        "counted": counted,
        "day": _day,
        "moment": _moment,
        "ago": _ago,
        "percent": _percent,
        "short": lambda value: str(value)[:8],
        "size": _size,
        "seconds": _seconds,
        "clean": lambda value: shown(str(value)),
        "web": web_address,
        "marked": marked,
        "many": many,
    }
    made.globals["navigation"] = NAVIGATION
    return made


def as_html(page: Page, links: Links, **more: Any) -> str:
    """Render the HTML of a page."""
    template = environment().get_template(page.template)
    return template.render({**page.data, **page.extra, **more, "page": page, "link": links})


def as_json(page: Page) -> str:
    """Render the JSON of a page; times in ISO 8601, control characters escaped."""
    return json_text({"title": page.title, **page.data}) + "\n"


def as_csv(table: Table) -> str:
    """Render the CSV of a page (RFC 4180); no cell begins like a formula."""
    return "".join(csv_lines(table.columns, [table.rows]))


def csv_lines(columns: Iterable[str], batches: Iterable[Iterable[Iterable[Any]]]) -> Iterable[str]:
    """Yield CSV, the heading first, a batch of rows at a time."""

    def text(rows: Iterable[Iterable[Any]]) -> str:
        lines = io.StringIO()
        csv.writer(lines, lineterminator="\r\n").writerows([[safe_cell(_cell(v)) for v in row] for row in rows])
        return lines.getvalue()

    yield text([columns])
    for batch in batches:
        yield text(batch)


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(str(v) for v in value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value.tzinfo else value.isoformat()
    return value


def web_address(value: object) -> str | None:
    """Return an http(s) address; None for anything else, so that nothing else becomes a link."""
    text = str(value or "")
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.netloc and text.isprintable() else None


def marked(text: str, words: str) -> Markup:
    """Escape a text and set <mark> around the words that were looked for, by their first five letters."""
    wanted = sorted({w[:5] for w in re.findall(r"\w+", words.lower()) if len(w) > 1}, key=len, reverse=True)
    if not wanted:
        return escape(shown(text))
    pattern = re.compile(r"(?<!\w)((?:" + "|".join(map(re.escape, wanted)) + r")\w*)", re.IGNORECASE)
    parts = pattern.split(shown(text))
    return Markup("").join(  # every second part is a match
        Markup("<mark>{}</mark>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def many(value: int, more: bool | None = None) -> str:
    """Say a count that may have been cut: 12, or "more than 1,000"."""
    cut = value > MAX_COUNT if more is None else more
    return f"more than {min(value, MAX_COUNT):,}" if cut else f"{value:,}"


def _number(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _day(value: date | datetime | None) -> str:
    return f"{value:%d %b %Y}".lstrip("0") if value else ""


def _moment(value: datetime | None) -> str:
    if not value:
        return ""
    value = value.astimezone(UTC) if value.tzinfo else value
    return f"{value:%d %b %Y %H:%M}".lstrip("0")


def _ago(value: datetime | None, now: datetime) -> str:
    if not value:
        return ""
    seconds = (now - value).total_seconds()
    if seconds < 0:
        return f"in {_span(-seconds)}"
    return f"{_span(seconds)} ago"


def _span(seconds: float) -> str:
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h"), (1e9, 86_400, "d")):
        if seconds < limit:
            return f"{seconds // unit:.0f} {name}"
    return ""


def _percent(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0%}" if value >= 0.1 or value == 0 else f"{value:.1%}"


def _size(value: float | None) -> str:
    if value is None:
        return ""
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return ""


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f} s" if value >= 100 else f"{value:.2f} s" if value < 10 else f"{value:.1f} s"
