"""Paths of the files that ship with Copydesk: folders of the checkout, or their copy in the wheel.

The wheel carries `flows/`, `warehouse/` and `seeds/` under `copydesk/_project/`; a checkout has them at its top.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

__all__ = ["CHECKS", "FLOWS", "MIGRATIONS", "ROOT", "RULES", "SEEDS", "VIEWS", "rules_version"]

_PACKAGE = Path(__file__).parent
_SHIPPED = _PACKAGE / "_project"

ROOT = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent.parent
FLOWS = ROOT / "flows"
SEEDS = ROOT / "seeds"
MIGRATIONS = ROOT / "warehouse" / "migrations"
VIEWS = ROOT / "warehouse" / "views"
CHECKS = ROOT / "warehouse" / "checks"
RULES = _PACKAGE / "rules"


def rules_version(folders: Iterable[Path] = ()) -> str:
    """Return a digest (12 hex digits) of all rules, phrases and model weights.

    Args:
        folders: Folders of the user's own rules, beside those of the package.
    """
    digest = sha256()
    for folder in (RULES, *folders):
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
