"""SQL: an editor, saved queries of the desk, the first rows as a table, all rows as files, a chart of two columns."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from copydesk.browse.charts import xy_chart
from copydesk.browse.pages import Ask, Page, Reading, Table
from copydesk.errors import UsageError
from copydesk.store.read.user_sql import QueryResult, stream_rows

__all__ = ["TIMEOUT_S", "saved_queries", "sql"]

TIMEOUT_S = 20.0
"""Seconds a statement of the page may take."""
_SHOWN = 200
_MAX_SAVED, _MAX_SAVED_BYTES = 200, 50_000
_CHARTED = 2_000
_EXAMPLES = (
    (
        "Articles by publisher",
        "select publisher, count(*) as articles\nfrom latest_articles\ngroup by all\norder by articles desc\nlimit 20",
    ),
    (
        "Articles a day",
        "select published_at::date as day, count(*) as articles\nfrom latest_articles\ngroup by all\norder by day",
    ),
    (
        "What was cut, by label",
        "select label, count(*) as lines\nfrom audit.cut_blocks\ngroup by all\norder by lines desc",
    ),
)


def saved_queries(folder: Path) -> list[dict[str, str]]:
    """Return name, first comment line and text of each `*.sql` file of a folder, by name."""
    found = []
    for path in sorted(folder.glob("*.sql"))[:_MAX_SAVED]:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX_SAVED_BYTES:
            continue
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        first = text.splitlines()[0] if text else ""
        found.append({"name": path.stem, "about": first[2:].strip() if first.startswith("--") else "", "sql": text})
    return found


def sql(reading: Reading, ask: Ask) -> Page:
    """Return the result of one statement that reads, or the editor alone."""
    saved = saved_queries(reading.desk.root / "queries")
    named = next((one for one in saved if one["name"] == ask.text("saved")), None)
    text = ask.text("q") or (named["sql"] if named else "")
    result, error = None, ""
    if ask.text("saved") and not named and not text:
        error = f"there is no saved query {ask.text('saved')!r}. Saved queries are the files queries/*.sql of the desk."
    elif text and ask.trusted:
        try:
            result = _run(reading, text)
        except UsageError as failed:
            error = str(failed)
    elif text:
        error = "Another site has led here. Read the statement, and run it if you want to."
    chart = _chart(result, ask) if result else ""
    rows = [list(row) for row in result.rows] if result else []
    return Page(
        template="sql.html.j2",
        title=named["name"] if named and not ask.text("q") else "SQL",
        section="sql",
        status=400 if error and ask.trusted else 200,
        data={
            "sql": text,
            "error": error,
            "columns": list(result.columns) if result else [],
            "rows": rows,
            "cut": bool(result and result.cut),
        },
        extra={
            "saved": saved,
            "examples": _EXAMPLES,
            "is_number": list(result.is_number) if result else [],
            "chart": chart,
            "x": ask.text("x"),
            "y": ask.text("y"),
            "shape": ask.text("shape", "line"),
            "shown_rows": [[shown_cell(v) for v in row] for row in rows],
            "most": _SHOWN,
        },
        table=Table(list(result.columns), rows) if result else None,
    )


def _run(reading: Reading, text: str) -> QueryResult:
    rows: list[tuple[Any, ...]] = []
    with stream_rows(reading.connection, text, timeout_s=TIMEOUT_S) as stream:
        for batch in stream.batches:
            rows += batch
            if len(rows) > _CHARTED:
                break
        return QueryResult(
            columns=stream.columns, is_number=stream.is_number, rows=rows[:_SHOWN], cut=len(rows) > _SHOWN
        )


def _chart(result: QueryResult, ask: Ask) -> Any:
    """Return the chart of two columns, if both are there and hold something that can be drawn."""
    x, y = ask.text("x"), ask.text("y")
    if x not in result.columns or y not in result.columns:
        return ""
    across, up = list(result.columns).index(x), list(result.columns).index(y)
    return xy_chart([(row[across], row[up]) for row in result.rows], x=x, y=y, shape=ask.text("shape", "line"))


def shown_cell(value: Any) -> str:
    """Return a cell as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime | date):
        return str(value).removesuffix("+00:00")
    if isinstance(value, list | tuple):
        return ", ".join(shown_cell(v) for v in value)
    text = str(value)
    return text if len(text) <= 400 else text[:400] + " …"
