"""The data dictionary: every table, view and column in the words of its comment, and how they hang together.

What is printed is read from a warehouse made by the migrations and views that ship, so it cannot differ from them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from copydesk.store.warehouse import migrate
from copydesk.store.warehouse.constraints import FOREIGN_KEYS, KEYS
from copydesk.store.warehouse.engine import connect

__all__ = ["Column", "Relation", "as_dbt", "as_json", "as_markdown", "as_mermaid", "as_text", "read_dictionary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Attributes:
        name, type, comment: As in the warehouse; a type of few values is written by them.
        key: It tells rows apart, with the table's other keys.
        points_at: The table its values are of; None for others.
        required: It is never null.
        values: All values that its type has, where it is an enumeration.
    """

    name: str
    type: str
    comment: str
    key: bool = False
    points_at: str | None = None
    required: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One table, view or table macro."""

    schema: str
    name: str
    kind: str
    comment: str
    columns: tuple[Column, ...]

    @property
    def full_name(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"


def read_dictionary() -> list[Relation]:
    """Return all relations: tables by schema, in the order of `KEYS` and of making, then views, then table macros."""
    with connect() as raw:
        raw.execute(migrate.RECORD)
        migrate.bring_up_to_date(raw, Path("warehouse"), backup=False)
        return [*_relations(raw, "table"), *_relations(raw, "view"), *_macros(raw)]


def _relations(raw: duckdb.DuckDBPyConnection, kind: str) -> list[Relation]:
    names = raw.execute(
        f"select schema_name, {kind}_name, comment from duckdb_{kind}s() "  # noqa: S608 "table" or "view"
        "where not internal and schema_name in ('main', 'audit', 'ops') "
        "order by list_position(['main', 'audit', 'ops'], schema_name), "
        f"list_position($1, schema_name || '.' || {kind}_name) nulls last, {kind}_oid",
        [list(KEYS)],  # a migration that makes a table anew does not move it
    ).fetchall()
    targets = {(k.table, k.column): k.target for k in FOREIGN_KEYS}
    found = []
    for schema, name, comment in names:
        full = f"{schema}.{name}"
        rows = raw.execute(
            "select column_name, data_type, comment, not is_nullable from duckdb_columns() "
            "where schema_name = ? and table_name = ? order by column_index",
            [schema, name],
        ).fetchall()
        columns = tuple(
            Column(
                name=column,
                type=_short(kind_of_column),
                comment=said or "",
                key=column in KEYS.get(full, ()),
                points_at=targets.get((full, column)),
                required=required and kind == "table",
                values=_values(kind_of_column),
            )
            for column, kind_of_column, said, required in rows
        )
        found.append(Relation(schema=schema, name=name, kind=kind, comment=comment or "", columns=columns))
    return found


def _macros(raw: duckdb.DuckDBPyConnection) -> list[Relation]:
    rows = raw.execute(
        "select schema_name, function_name, parameters, comment from duckdb_functions() "
        "where not internal and function_type = 'table_macro' order by function_name"
    ).fetchall()
    return [
        Relation(
            schema=schema,
            name=f"{name}({', '.join(parameters)})",
            kind="macro",
            comment=comment or "",
            columns=(),
        )
        for schema, name, parameters, comment in rows
    ]


def _values(data_type: str) -> tuple[str, ...]:
    """Return the values of an enum; none for another type."""
    return tuple(data_type[5:-1].replace("'", "").split(", ")) if data_type.startswith("ENUM(") else ()


def _short(data_type: str) -> str:
    """Write an enum by its values and the rest in lower case."""
    if values := _values(data_type):
        return " | ".join(values) if len(values) <= 6 else f"enum of {len(values)}"
    return {"TIMESTAMP WITH TIME ZONE": "timestamptz"}.get(data_type, data_type.lower())


def as_text(relations: Sequence[Relation]) -> str:
    """Return the dictionary as plain text."""
    lines = []
    for r in relations:
        lines.append(f"{r.full_name} ({r.kind})")
        lines.append(f"    {r.comment}")
        width = max((len(c.name) for c in r.columns), default=0)
        kinds = max((len(c.type) for c in r.columns), default=0)
        for c in r.columns:
            mark = "*" if c.key else " "
            points = f" -> {c.points_at}" if c.points_at else ""
            lines.append(f"  {mark} {c.name:<{width}}  {c.type:<{kinds}}  {c.comment}{points}")
        lines.append("")
    return "\n".join(lines)


def as_markdown(relations: Sequence[Relation]) -> str:
    """Return the dictionary as Markdown; the columns of a row's key are in bold."""
    lines = ["# Data dictionary", ""]
    for r in relations:
        lines += [f"## {r.full_name}", "", f"{r.comment} ({r.kind})", ""]
        if not r.columns:
            continue
        lines += ["| column | type | meaning |", "|---|---|---|"]
        for c in r.columns:
            name = f"**{c.name}**" if c.key else c.name
            points = f" → `{c.points_at}`" if c.points_at else ""
            cells = (name, f"`{c.type}`", c.comment + points)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def as_json(relations: Sequence[Relation]) -> str:
    """Return the dictionary as JSON."""
    return json.dumps([asdict(r) for r in relations], ensure_ascii=False, indent=2)


def as_mermaid(relations: Sequence[Relation], schemas: Sequence[str] = ("main",)) -> str:
    """Return the entity diagram of the tables of some schemas as Mermaid."""
    tables = {r.full_name: r for r in relations if r.kind == "table" and r.schema in schemas}
    lines = ["erDiagram"]
    for k in FOREIGN_KEYS:
        if k.table in tables and k.target in tables and k.table != k.target:
            one = "|o" if (k.column,) == KEYS.get(k.table) else "}o"
            lines.append(f"    {_plain(k.table)} {one}--|| {_plain(k.target)} : {k.column}")
    for name, r in tables.items():
        lines.append(f"    {_plain(name)} {{")
        for c in r.columns:
            mark = " PK" if KEYS.get(name) == (c.name,) else " FK" if c.points_at else ""
            lines.append(f"        {_word(c.type)} {c.name}{mark}")
        lines.append("    }")
    return "\n".join(lines) + "\n"


def _plain(full_name: str) -> str:
    schema, name = full_name.split(".")
    return name if schema == "main" else f"{schema}_{name}"


def _word(kind: str) -> str:
    """Mermaid takes one word for a type."""
    return "enum" if " " in kind else kind.replace("[]", "_list")


def as_dbt(relations: Sequence[Relation]) -> str:
    """Return a dbt `sources.yml` for all tables and views, with tests for keys and what they point at.

    Their database is that of dbt's profile unless the variable `copydesk_database` names an attached one.
    """
    lines = ["version: 2", "sources:"]
    for schema in ("main", "audit", "ops"):
        database = "{{ var('copydesk_database', target.database) }}"
        lines += [f"  - name: copydesk_{schema}", f'    database: "{database}"', f"    schema: {schema}", "    tables:"]
        for r in relations:
            if r.schema != schema or r.kind == "macro":
                continue
            lines += [f"      - name: {r.name}", f"        description: {json.dumps(r.comment)}", "        columns:"]
            for c in r.columns:
                lines += [
                    f"          - name: {json.dumps(c.name)}",
                    f"            description: {json.dumps(c.comment)}",
                ]
                lines += _dbt_tests(r, c)
    return "\n".join(lines) + "\n"


def _dbt_tests(relation: Relation, column: Column) -> list[str]:
    if KEYS.get(relation.full_name) == (column.name,):
        return ["            data_tests: [unique, not_null]"]
    if not column.points_at:
        return []
    schema, name = column.points_at.split(".")
    target = next(k for k in FOREIGN_KEYS if k.table == relation.full_name and k.column == column.name)
    points = f"to: \"source('copydesk_{schema}', '{name}')\", field: {target.target_column}"
    return ["            data_tests:", f"              - relationships: {{arguments: {{{points}}}}}"]
