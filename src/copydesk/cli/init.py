"""`copydesk init`: create a desk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from copydesk.cli.options import echo

__all__ = ["register"]

_IGNORED = """# a desk's data
warehouse/
"""


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(init)


def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new desk; created if missing.")] = Path(),
) -> None:
    """Create a desk: settings to edit and five sample pages.

    Example: `copydesk init desk && cd desk && copydesk run`
    """
    import shutil

    from copydesk.errors import StoreError, UsageError
    from copydesk.resources import ROOT, SEEDS

    target = folder / "copydesk.toml"
    if target.exists():
        raise UsageError(f"{target} exists already. Edit it, or name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(SEEDS, folder / "seeds", dirs_exist_ok=True)
        for kind in ("phrases", "sites"):
            (folder / "rules" / kind).mkdir(parents=True, exist_ok=True)
        if not (folder / ".gitignore").exists():
            (folder / ".gitignore").write_text(_IGNORED, encoding="utf-8")
        shutil.copyfile(ROOT / "copydesk.toml", target)
    except OSError as error:
        raise StoreError(f"cannot create a desk in {folder}: {error.strerror}. Choose another folder.") from error
    echo(f"Created a desk in {folder.resolve()}.")
    echo("Edit copydesk.toml, then run: copydesk run")
