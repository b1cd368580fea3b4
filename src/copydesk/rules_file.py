"""The one reader of rule files: TOML of the package or of the user's desk, with errors that name file and line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from copydesk.errors import SettingsError
from copydesk.resources import RULES
from copydesk.table_cache import kept

__all__ = ["package_rules", "read_rules", "reading_rules"]


@cache
def package_rules(name: str) -> dict[str, Any]:
    """Return the tables of a rule file of the package, e.g. `dates.toml`, read once per process; not to be changed."""
    return read_rules(RULES / name)


@contextmanager
def reading_rules(path: Path, form: str) -> Iterator[None]:
    """Name the file, and what to do, where a rule file of the user cannot be read or decoded.

    Args:
        path: The file that is read inside.
        form: What to save it as: "UTF-8".

    Raises:
        SettingsError: It cannot be read, or is not UTF-8.
    """
    try:
        yield
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror or error}. Make it readable or remove it."
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 (byte {error.start}). Save it as {form}.") from error


def read_rules(path: Path) -> dict[str, Any]:
    """Return the tables of a rule file, each time a new copy.

    Raises:
        SettingsError: The file cannot be read or is not TOML; the message names the file, the place and what to do.
    """
    if path.is_relative_to(RULES):
        return kept(path.relative_to(RULES).with_suffix("").as_posix().replace("/", "-"), partial(_parsed, path))
    return _parsed(path)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with reading_rules(path, "UTF-8"):
            return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}. Mend that place or remove the file.") from error
