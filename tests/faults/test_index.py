"""The table of faults in this folder's docstring names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import tests.faults

_HERE = Path(__file__).parent
_NAME = re.compile(r"(?P<file>(?:tests/[\w/]*)?\btest_\w+)?(?:::(?P<test>test_\w+))?|(?P<folder>tests/\w+)")


def test_every_test_that_the_table_names_is_there() -> None:
    """Each `tests/...` and `test_...` is a file, each `::test_...` a function of the file named before it."""
    missing, file, named = [], _HERE, 0
    for found in _NAME.finditer(tests.faults.__doc__ or ""):
        if not found[0]:
            continue
        named += 1
        if name := found["file"]:
            file = (_HERE.parents[1] if name.startswith("tests/") else _HERE) / f"{name}.py"
        if folder := found["folder"]:
            there = (_HERE.parents[1] / folder).is_dir()
        else:
            there = file.is_file() and f"def {found['test'] or ''}" in file.read_text(encoding="utf-8")
        if not there:
            missing.append(found[0])
    assert named > 20
    assert missing == []
