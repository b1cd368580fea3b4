"""Where the things that ship with Copydesk lie: the checkout's folders, or the wheel's copy of them.

The wheel carries `flows/`, `warehouse/` and `seeds/` under `copydesk/_project/`; a checkout has them at its top.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["FLOWS", "MIGRATIONS", "CHECKS", "ROOT", "RULES", "SEEDS", "VIEWS"]

_PACKAGE = Path(__file__).parent
_SHIPPED = _PACKAGE / "_project"

ROOT = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent.parent
FLOWS = ROOT / "flows"
SEEDS = ROOT / "seeds"
MIGRATIONS = ROOT / "warehouse" / "migrations"
VIEWS = ROOT / "warehouse" / "views"
CHECKS = ROOT / "warehouse" / "checks"
RULES = _PACKAGE / "rules"
