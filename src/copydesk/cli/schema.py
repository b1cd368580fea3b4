"""`copydesk schema`: the data dictionary and the entity diagram."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from copydesk.cli.options import AsJson, DeskOption

if TYPE_CHECKING:
    from copydesk.store.read.data_dictionary import Relation

__all__ = ["register"]

_SCHEMAS = ("main", "audit", "ops")


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(schema)


def schema(
    names: Annotated[
        list[str] | None, typer.Argument(help="Tables, views or schemas (main, audit, ops); default: all.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", "-f", help="Output format: text, markdown, json, mermaid, dbt or odcs.")
    ] = "text",
    desk: DeskOption = None,
    as_json: AsJson = False,
) -> None:
    """Describe tables, views and columns; needs no warehouse.

    `--format odcs` writes a data contract (Open Data Contract Standard 3.1) of one schema, `main` unless named: types,
    keys, relationships, the rules in force and the freshness that sources promise. Only this format looks at the desk.

    Example: `copydesk schema articles revisions` or `copydesk schema --format odcs > warehouse.odcs.yaml`
    """
    from copydesk.errors import UsageError
    from copydesk.store.read import data_dictionary as dictionary

    form = "json" if as_json else form
    forms = {
        "text": dictionary.as_text,
        "markdown": dictionary.as_markdown,
        "json": dictionary.as_json,
        "mermaid": dictionary.as_mermaid,
        "dbt": dictionary.as_dbt,
    }
    if form not in (*forms, "odcs"):
        raise UsageError(f"--format {form!r} is none of {', '.join(forms)}, odcs.")
    relations = dictionary.read_dictionary()
    if names:
        wanted = set(names)
        relations = [r for r in relations if {r.schema, r.name, r.full_name, r.name.partition("(")[0]} & wanted]
        if not relations:
            raise UsageError(f"no table or view is called {' or '.join(names)}. `copydesk schema` lists all.")
    text = _contract(relations, desk, named=bool(names)) if form == "odcs" else forms[form](relations)
    sys.stdout.write(text.rstrip("\n") + "\n")


def _contract(relations: list[Relation], desk: Path | None, *, named: bool) -> str:
    from copydesk.errors import UsageError
    from copydesk.quality.contracts.write_contract import as_odcs
    from copydesk.quality.rules import desk_registry
    from copydesk.settings import find_desk_folder

    schemas = [s for s in _SCHEMAS if any(r.schema == s for r in relations)] if named else ["main"]
    if len(schemas) != 1:
        raise UsageError(f"a contract is of one schema, these relations are of {' and '.join(schemas)}. Write two.")
    where = find_desk_folder(desk, required=False)
    return as_odcs(
        relations,
        schema=schemas[0],
        registry=desk_registry(where),
        sources=where.settings.source,
        database=where.settings.warehouse.path,
    )
