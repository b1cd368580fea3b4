"""`copydesk schema`: the data dictionary and the entity diagram."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from copydesk.cli.options import AsJson

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(schema)


def schema(
    names: Annotated[list[str] | None, typer.Argument(help="Tables or views; default: all.")] = None,
    form: Annotated[
        str, typer.Option("--format", "-f", help="Output format: text, markdown, json, mermaid or dbt.")
    ] = "text",
    as_json: AsJson = False,
) -> None:
    """Describe tables, views and columns; needs no warehouse.

    Example: `copydesk schema articles revisions` or `copydesk schema --format mermaid`
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
    if form not in forms:
        raise UsageError(f"--format {form!r} is none of {', '.join(forms)}.")
    relations = dictionary.read_dictionary()
    if names:
        wanted = set(names)
        relations = [r for r in relations if {r.name, r.full_name, r.name.partition("(")[0]} & wanted]
        if not relations:
            raise UsageError(f"no table or view is called {' or '.join(names)}. `copydesk schema` lists all.")
    sys.stdout.write(forms[form](relations).rstrip("\n") + "\n")
