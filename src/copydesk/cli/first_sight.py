"""The nearest desk and what its file says, without the settings, whose import takes 0.15 s."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

__all__ = ["first_sight"]


def first_sight(folder: Path | None) -> tuple[Path, dict[str, Any]]:
    """Return the desk's folder and its declarations; of a file that cannot be read, and of no desk, none."""
    here = (folder or Path.cwd()).resolve()
    file = next((f for h in (here, *here.parents) if (f := h / "copydesk.toml").is_file()), None)
    try:
        return (file.parent, tomllib.loads(file.read_text(encoding="utf-8"))) if file else (here, {})
    except (OSError, ValueError):  # the settings will say what is wrong with it
        return here, {}
