"""The schema: every table and view with its comments, and a picture of how the tables hang together."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache

from copydesk.browse.charts import schema_picture
from copydesk.browse.pages import Ask, NotFoundError, Page, Reading, Table
from copydesk.store.read.data_dictionary import Relation, as_mermaid, read_dictionary

__all__ = ["relation", "schema", "warm_up"]

_dictionary = cache(read_dictionary)


def schema(reading: Reading, _ask: Ask) -> Page:
    """Return all tables, views and macros."""
    found = _dictionary()
    counts = _row_counts(reading)
    rows = [
        {
            "name": r.full_name,
            "kind": r.kind,
            "rows": counts.get(r.full_name),
            "columns": len(r.columns),
            "comment": r.comment,
        }
        for r in found
    ]
    return Page(
        template="schema.html.j2",
        title="Schema",
        section="schema",
        data={"relations": rows, "mermaid": as_mermaid(found)},
        extra={"picture": schema_picture(found, counts, lambda name: reading.link(f"/schema/{name}") or "#main")},
        table=Table.of(rows, "name", "kind", "rows", "columns", "comment"),
    )


def relation(reading: Reading, ask: Ask) -> Page:
    """Return one table or view: its columns, and what points at it."""
    name = ask.text("name")
    found = _dictionary()
    one = next((r for r in found if r.full_name == name), None)
    if one is None:
        raise NotFoundError
    counts = _row_counts(reading)
    columns = [asdict(c) for c in one.columns]
    return Page(
        template="schema.html.j2",
        title=one.full_name,
        section="schema",
        data={
            "name": one.full_name,
            "kind": one.kind,
            "comment": one.comment,
            "rows": counts.get(one.full_name),
            "columns": columns,
            "pointed_at_by": _pointing(found, one),
        },
        extra={"sample": f"from {one.full_name} limit 100" if one.kind != "macro" else ""},
        table=Table.of(columns, "name", "type", "key", "points_at", "comment"),
    )


def _row_counts(reading: Reading) -> dict[str, int]:
    """Return table -> rows, counted once per copy: DuckDB's own estimate still counts rows that were replaced."""

    def count() -> dict[str, int]:
        names = [row["name"] for row in reading.rows("table_names")]
        sql = " union all ".join(f"select '{name}' as name, count(*) as rows from {name}" for name in names)  # noqa: S608 names of the catalogue
        return {row["name"]: row["rows"] for row in reading.query(sql)}

    return dict(reading.cached(("row counts",), count))


def warm_up() -> None:
    """Read the dictionary ahead of the first page that shows it: it takes most of a second."""
    _dictionary()


def _pointing(found: list[Relation], one: Relation) -> list[str]:
    return [f"{r.full_name}.{c.name}" for r in found for c in r.columns if c.points_at == one.full_name]
