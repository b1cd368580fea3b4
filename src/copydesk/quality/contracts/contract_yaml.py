"""A contract's YAML and the types of its fields: each mistake is a `SettingsError` with the line or the field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from copydesk.errors import SettingsError

__all__ = ["choice_in", "flag", "listed", "load_contract", "mapping", "name_of", "text_in"]


def load_contract(path: Path) -> dict[str, Any]:
    """Return the contract in a file.

    Raises:
        SettingsError: It cannot be read, is no YAML, or no contract of version 3.
    """
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the contract {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(f"{path}{line}: it is not YAML: {error.problem}. Mend that line and run again.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: it is not YAML: {' '.join(str(error).split())}.") from error
    contract = mapping(path, found, "the file")
    if contract.get("kind") != "DataContract" or not str(contract.get("apiVersion", "")).startswith("v3."):
        raise SettingsError(
            f"{path}: it is no contract of the Open Data Contract Standard 3. It begins with the lines "
            "apiVersion: v3.1.0 and kind: DataContract; `copydesk schema --format odcs` writes one."
        )
    return contract


def mapping(path: Path, value: object, where: str) -> dict[str, Any]:
    """Return a value that must be a mapping."""
    if not isinstance(value, dict):
        raise SettingsError(f"{path}: {where}: {_short(value)} is no mapping (lines of the form key: value).")
    return value


def listed(path: Path, entry: Mapping[str, Any], key: str, where: str) -> list[Any]:
    """Return a list of an entry, empty where there is none."""
    value = entry.get(key)
    if value is not None and not isinstance(value, list):
        raise SettingsError(f"{path}: {where}: {key} is no list, but {_short(value)}. Begin each item with '- '.")
    return value or []


def name_of(path: Path, entry: Mapping[str, Any], where: str) -> str:
    """Return the name of a table or property."""
    name = text_in(path, entry, "name", where)
    if not name:
        raise SettingsError(f"{path}: {where}: the name is missing. Add the line name: ...")
    return name


def text_in(path: Path, entry: Mapping[str, Any], key: str, where: str) -> str:
    """Return a text of an entry, "" where there is none."""
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise SettingsError(f"{path}: {where}.{key}: {_short(value)} is no text. Write it in quotes.")
    return value or ""


def flag(path: Path, entry: Mapping[str, Any], key: str, where: str) -> bool:
    """Return a switch of an entry, False where there is none."""
    value = entry.get(key)
    if value is not None and not isinstance(value, bool):
        raise SettingsError(f"{path}: {where}.{key}: {_short(value)} is neither true nor false.")
    return bool(value)


def choice_in(
    path: Path, entry: Mapping[str, Any], key: str, where: str, choices: Mapping[str, str], default: str
) -> str:
    """Return what a word of an entry stands for, `default` where there is none."""
    value = text_in(path, entry, key, where)
    if value and value.lower() not in choices:
        raise SettingsError(f"{path}: {where}.{key}: {value!r} is not one of {', '.join(choices)}.")
    return choices[value.lower()] if value else default


def _short(value: object) -> str:
    return repr(value)[:60]
