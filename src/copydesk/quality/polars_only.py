"""Import pandera as it is where pandas and hypothesis are not installed: with them it takes nearly a second more.

Nothing here judges a pandas frame or makes up examples. A process that has them already keeps them, and one that wants
them later gets them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["polars_only"]

_HIDDEN = frozenset({"pandas", "hypothesis"})


class _Hide(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Say of what is hidden what Python says of a package that is not there; leave others to the next finder."""
        del path, target
        package = fullname.partition(".")[0]
        if package in _HIDDEN and package not in sys.modules:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


@contextmanager
def polars_only() -> Iterator[None]:
    """Hide pandas and hypothesis from what is imported inside the block, unless they are loaded already."""
    finder = _Hide()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
