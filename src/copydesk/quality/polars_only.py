"""Import pandera as it is where pandas is not installed: with pandas beside it, it takes seven tenths of a second more.

Nothing here judges a pandas frame. A process that has pandas already keeps it, and one that wants it later gets it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["without_pandas"]


class _NoPandas(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Say of pandas what Python says of a package that is not there; leave all others to the next finder."""
        del path, target
        if fullname.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


@contextmanager
def without_pandas() -> Iterator[None]:
    """Hide pandas from what is imported inside the block, unless it is loaded already."""
    finder = _NoPandas()
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
