"""The address of a lake: what `[warehouse] path` says when the warehouse is a DuckLake and not a file.

    ducklake:postgres:host=db.example dbname=copydesk user=desk     catalogue in PostgreSQL, many machines
    ducklake:postgres:postgresql://desk@db.example/copydesk         the same as a URL
    ducklake:sqlite:warehouse/lake.sqlite                           catalogue in a SQLite file, one machine

Its data files lie in a folder (`[warehouse] data_path`), or in S3.

A password is taken out of the address as soon as it is read and is shown nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

__all__ = ["PREFIX", "LakeAddress", "LakePath", "is_lake", "lake_path", "parse_lake_address"]

PREFIX = "ducklake:"
_KINDS = ("postgres", "sqlite")
_FORMS = '"ducklake:postgres:host=... dbname=... user=..." or "ducklake:sqlite:warehouse/lake.sqlite"'
_PAIR = re.compile(r"\s*([a-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']*)")
_FILE = "warehouse/copydesk.lake"
"""Stands for the lake among the desk's files: the search index, the runs and the archive lie beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeAddress:
    """Where a lake's catalogue and its data files are.

    Attributes:
        kind: `postgres` or `sqlite`.
        connection: The libpq connection string without its password, or the SQLite file.
        password: As given; None leaves it to the environment (`PGPASSWORD`) or `~/.pgpass`.
        data: Folder of the Parquet files, which every machine that reads the lake needs under the same path; or the
            address of a folder in S3 (`s3://bucket/folder`).
    """

    kind: str
    connection: str
    password: str | None = field(default=None, repr=False)
    data: Path | str

    @property
    def shown(self) -> str:
        """The address for messages: never with a password."""
        return f"{PREFIX}{self.kind}:{self.connection}"


class LakePath(type(Path())):  # type: ignore[misc]
    """A path that stands for a lake.

    Attributes:
        lake: The address; None for paths derived from it, such as that of the search index.
    """

    lake: LakeAddress | None = None

    def exists(self, **options: Any) -> bool:
        """Return True for a lake: whether it can be reached is found out by opening it."""
        return self.lake is not None or super().exists(**options)

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the address when a worker process gets the path."""
        return _restored, (str(self), self.lake)


def _restored(path: str, lake: LakeAddress | None) -> LakePath:
    made = LakePath(path)
    made.lake = lake
    return made


def is_lake(setting: str) -> bool:
    """Return whether a `[warehouse] path` names a lake."""
    return setting.startswith(PREFIX)


def lake_path(root: Path, setting: str, data: str) -> LakePath:
    """Return the path that stands for a desk's lake.

    Args:
        root: The desk's folder, which relative paths start from.
        setting: `[warehouse] path`; it was parsed before.
        data: `[warehouse] data_path`.
    """
    return _restored(str(root / _FILE), parse_lake_address(setting, root=root, data=data))


def parse_lake_address(setting: str, *, root: Path, data: str) -> LakeAddress:
    """Parse a `[warehouse] path` that begins with `ducklake:`.

    Raises:
        ValueError: It is of no form that is known; the message does not repeat it.
    """
    kind, colon, rest = setting.removeprefix(PREFIX).partition(":")
    if kind not in _KINDS or not colon or not rest.strip():
        raise ValueError(f"a lake is written {_FORMS}")
    folder = _data_folder(root, data)
    if kind == "sqlite":
        return LakeAddress(kind=kind, connection=str(root / rest.strip()), data=folder)
    connection, password = _without_password(rest.strip())
    return LakeAddress(kind=kind, connection=connection, password=password, data=folder)


def _data_folder(root: Path, data: str) -> Path | str:
    if data.startswith("s3://"):
        return data.rstrip("/")
    if "://" in data:
        raise ValueError("the data files of a lake lie in a folder, or in one of S3: s3://bucket/folder")
    return root / data


def _without_password(text: str) -> tuple[str, str | None]:
    """Split a libpq connection string, of either form, into the string without its password and the password."""
    if text.startswith(("postgres://", "postgresql://")):
        return _url_without_password(text)
    kept, password, end = [], None, 0
    for match in _PAIR.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        name, value = match.group(1), match.group(2)
        if name == "password":
            password = re.sub(r"\\(.)", r"\1", value[1:-1] if value.startswith("'") else value)
        else:
            kept.append(f"{name}={value}")
    if text[end:].strip() or not kept:
        raise ValueError(f"what follows postgres: is no connection string of PostgreSQL; a lake is written {_FORMS}")
    return " ".join(kept), password


def _url_without_password(text: str) -> tuple[str, str | None]:
    try:
        parts = urlsplit(text)
        given = parts.password
    except ValueError as error:
        raise ValueError("what follows postgres: is no URL of PostgreSQL") from error
    host = parts.netloc.rpartition("@")[2]
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    options = parse_qsl(parts.query)
    password = next((value for name, value in options if name == "password"), unquote(given) if given else None)
    query = urlencode([(name, value) for name, value in options if name != "password"])
    return urlunsplit((parts.scheme, f"{user}@{host}" if user else host, parts.path, query, "")), password
