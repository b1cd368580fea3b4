"""The flows of Copydesk for other Prefect projects: `from copydesk_flows import ingest`, called in a flow of your own.

    from prefect import flow
    from copydesk_flows import ingest

    @flow
    def morning():
        ingest(targets=["press-tv"], desk="/srv/news", return_state=True)

The name is not `flows`, which half of all Prefect projects call their own folder. Imports Prefect; `copydesk` does not.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

from copydesk.resources import FLOWS

__all__ = ["ingest", "replay", "reprocess", "upkeep"]

_NAMES = frozenset({*__all__, "scheduler"})
_ours: dict[str, ModuleType] = {}


def __getattr__(name: str) -> Any:
    """Load a flow when it is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    import prefect  # noqa: F401  first: the flows leave the settings of a project alone that has loaded it

    loaded = globals()[name] = getattr(_load(name), name)
    return loaded


def _load(name: str) -> ModuleType:
    """Import a module of the flows' folder; a project's own `ingest` or `scheduler` stays what it is."""
    theirs = _taken_out()
    sys.modules.update(_ours)
    sys.path.insert(0, str(FLOWS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FLOWS))
        _ours.update(_taken_out())
        sys.modules.update(theirs)


def _taken_out() -> dict[str, ModuleType]:
    """Take the modules of these names out of `sys.modules` and return them."""
    found = [one for one in sys.modules if one.partition(".")[0] in _NAMES]
    return {one: sys.modules.pop(one) for one in found}
