"""Shell completion of values: names of sources and collections, formats; reads copydesk.toml and nothing else."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["choices", "source_names"]


def source_names(incomplete: str) -> list[str]:
    """Return the names of sources and collections that begin so, of the nearest desk; none where there is none."""
    start = Path(os.environ.get("COPYDESK_DESK") or Path.cwd())
    file = next((f for folder in (start, *start.parents) if (f := folder / "copydesk.toml").is_file()), None)
    try:
        declared = tomllib.loads(file.read_text(encoding="utf-8")).get("source", []) if file else []
        names = [name for source in declared for name in (source.get("name"), *source.get("collections", ()))]
    except (OSError, ValueError, AttributeError, TypeError):  # a file that is being edited completes nothing
        return []
    return sorted({name for name in names if isinstance(name, str) and name.startswith(incomplete)})


def choices(values: Sequence[str]) -> Callable[[str], list[str]]:
    """Return what completes one of some values."""

    def complete(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return complete
