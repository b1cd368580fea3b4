"""Shell completion of values: names of sources and collections, formats; reads copydesk.toml and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from copydesk.cli.first_sight import first_sight

__all__ = ["choices", "source_names"]


def source_names(incomplete: str) -> list[str]:
    """Return the names of sources and collections that begin so, of the nearest desk; none where there is none."""
    named = os.environ.get("COPYDESK_DESK")
    _, said = first_sight(Path(named) if named else None)
    try:
        names = [
            name for source in said.get("source", ()) for name in (source.get("name"), *source.get("collections", ()))
        ]
    except (AttributeError, TypeError):  # a file that is being edited completes nothing
        return []
    return sorted({name for name in names if isinstance(name, str) and name.startswith(incomplete)})


def choices(values: Sequence[str]) -> Callable[[str], list[str]]:
    """Return what completes one of some values."""

    def complete(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return complete
