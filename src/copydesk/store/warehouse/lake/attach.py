"""DuckDB with a lake attached: one instance per process and lake, since loading the extensions takes half a second.

    extension wheels --load--> DuckDB in memory --attach--> `lake`    the tables; `use lake` makes them the default
                                                        --> `guard`   PostgreSQL itself, for the writers' lock
                                                        --> `desk_store`, the secret for data files in S3

Nothing is downloaded: the extensions come from wheels of the same version as DuckDB (`pip install "copydesk[lake]"`).
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from threading import RLock
from urllib.parse import urlsplit

import duckdb

from copydesk.errors import StoreError, UsageError
from copydesk.filesystem import scratch_folder, write_error
from copydesk.settings.lake_path import LakeAddress
from copydesk.store.warehouse.engine import connect

__all__ = ["CATALOGUE", "SCHEMA", "attached", "dropped", "lake_error", "make_attached"]

CATALOGUE = "lake"
SCHEMA = "copydesk_lake"
"""PostgreSQL schema of the catalogue's own tables."""

_EXTENSIONS = {
    "postgres": (("duckdb_extension_ducklake", "ducklake"), ("duckdb_extension_postgres_scanner", "postgres_scanner")),
    "sqlite": (("duckdb_extension_ducklake", "ducklake"), ("duckdb_extension_sqlite_scanner", "sqlite_scanner")),
}
_OF_S3 = ("duckdb_extension_httpfs", "httpfs")
_INLINED_ROWS = 0
_opening = RLock()
_open: dict[tuple[int, LakeAddress, tuple[tuple[str, str], ...] | None], duckdb.DuckDBPyConnection] = {}


def attached(
    lake: LakeAddress, *, memory_limit_mb: int, locked_options: Mapping[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a new cursor of this process's DuckDB instance for a lake, with the lake's tables as the default.

    Args:
        lake: The address.
        memory_limit_mb: Of the instance.
        locked_options: DuckDB options beside our own: the lake is attached read-only, only its data files can be read,
            and no option can be changed afterwards.

    Raises:
        StoreError: The catalogue cannot be reached, or is of another version.
        UsageError: The extensions are not installed.
    """
    key = (os.getpid(), lake, None if locked_options is None else tuple(sorted(locked_options.items())))
    with _opening:
        if key not in _open:
            _open[key] = make_attached(lake, memory_limit_mb=memory_limit_mb, locked_options=locked_options)
        cursor = _open[key].cursor()
    try:
        cursor.execute(f"use {CATALOGUE}")
    except duckdb.Error:
        cursor.close()
        raise
    return cursor


def dropped(lake: LakeAddress) -> None:
    """Close this process's instances for a lake: the next one connects anew."""
    with _opening:
        for key in [key for key in _open if key[:2] == (os.getpid(), lake)]:
            with suppress(duckdb.Error):
                _open.pop(key).close()


def make_attached(
    lake: LakeAddress,
    *,
    memory_limit_mb: int,
    locked_options: Mapping[str, str] | None = None,
    snapshot: int | None = None,
) -> duckdb.DuckDBPyConnection:
    """Return a new instance with a lake attached; see `attached`.

    Args:
        lake: The address.
        memory_limit_mb: Of the instance.
        locked_options: See `attached`.
        snapshot: Read the lake as it was at this snapshot; None follows it.
    """
    wanted = [*_EXTENSIONS[lake.kind], *([_OF_S3] if isinstance(lake.data, str) else [])]
    files = [_extension(*names) for names in wanted]
    later = {name: value for name, value in (locked_options or {}).items() if name == "enable_external_access"}
    raw = connect(options={name: value for name, value in (locked_options or {}).items() if name not in later})
    try:
        for file in files:
            raw.execute(f"load {_quoted(file)}")
        raw.execute("set global TimeZone = 'UTC'")
        raw.execute(f"set memory_limit = '{int(memory_limit_mb)}MB'")
        if locked_options is None:
            raw.execute("set temp_directory = $1", [str(scratch_folder())])
        if isinstance(lake.data, str):
            raw.execute(f"create secret desk_store ({', '.join(_s3_options(lake.data))})")
        _attach(raw, lake, read_only=locked_options is not None, snapshot=snapshot)
        if locked_options is not None:
            raw.execute("set allowed_directories = $1", [[f"{lake.data}/"]])
            for name, value in later.items():
                raw.execute(f"set {name} = {value}")
            raw.execute("set lock_configuration = true")
    except duckdb.Error as error:
        raw.close()
        raise lake_error(lake, error) from error
    except BaseException:
        raw.close()
        raise
    return raw


def _attach(raw: duckdb.DuckDBPyConnection, lake: LakeAddress, *, read_only: bool, snapshot: int | None) -> None:
    options = [f"data_path {_quoted(f'{lake.data}/')}", f"data_inlining_row_limit {_INLINED_ROWS}"]
    if lake.kind == "postgres":
        raw.execute(f"create secret desk_password (type postgres{_password(lake)})")
        options += [f"metadata_schema '{SCHEMA}'", "meta_secret 'desk_password'"]
    if not read_only:
        try:
            if isinstance(lake.data, Path):
                lake.data.mkdir(parents=True, exist_ok=True)
            if lake.kind == "sqlite":
                Path(lake.connection).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(Path(lake.data), error) from error
    if read_only:
        options += ["read_only", "create_if_not_exists false"]
    if snapshot is not None:
        options.append(f"snapshot_version {int(snapshot)}")
    raw.execute(f"attach {_quoted(f'ducklake:{lake.kind}:{_named(lake)}')} as {CATALOGUE} ({', '.join(options)})")
    if lake.kind == "postgres" and not read_only:
        raw.execute(f"attach {_quoted(_named(lake))} as guard (type postgres, secret desk_password, read_only)")


def _named(lake: LakeAddress) -> str:
    """Return the connection string with the name under which PostgreSQL lists this process, for who waits for it."""
    if lake.kind != "postgres" or "application_name" in lake.connection:
        return lake.connection
    name = re.sub(r"[^\w.-]", "-", f"copydesk-{platform.node()[:30]}-{os.getpid()}")
    if "://" in lake.connection:
        return f"{lake.connection}{'&' if '?' in lake.connection else '?'}application_name={name}"
    return f"{lake.connection} application_name={name}"


def _password(lake: LakeAddress) -> str:
    return "" if lake.password is None else f", password {_quoted(lake.password)}"


def _s3_options(data: str) -> list[str]:
    """Return the options of the secret for a lake's data files: endpoint and credentials of the usual variables."""
    bucket = "/".join(data.split("/", 3)[:3])
    options = ["type s3", f"scope {_quoted(bucket)}"]
    if os.environ.get("AWS_SKIP_SIGNATURE", "").lower() not in {"true", "1"}:
        for option, name in (
            ("key_id", "AWS_ACCESS_KEY_ID"),
            ("secret", "AWS_SECRET_ACCESS_KEY"),
            ("session_token", "AWS_SESSION_TOKEN"),
        ):
            options += [f"{option} {_quoted(value)}"] if (value := os.environ.get(name)) else []
    if region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
        options.append(f"region {_quoted(region)}")
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        where = urlsplit(endpoint)
        secure = str(where.scheme != "http").lower()
        options += [f"endpoint {_quoted(where.netloc + where.path.rstrip('/'))}", "url_style 'path'"]
        options.append(f"use_ssl {secure}")
    return options


def _extension(package: str, name: str) -> Path:
    """Return an extension's file, from the wheel of the same DuckDB version."""
    spec = find_spec(package)
    if spec is not None and spec.submodule_search_locations:
        wheel = Path(spec.submodule_search_locations[0]) / "extensions"
        files = sorted(wheel.glob(f"v{duckdb.__version__}/**/{name}.duckdb_extension"))
        if files:
            return files[0]
        if others := sorted(p.name for p in wheel.glob("v*")):
            raise UsageError(
                f"{package.replace('_', '-')} is of DuckDB {others[0].removeprefix('v')}, and DuckDB is "
                f"{duckdb.__version__}. `pip install 'copydesk[lake]'` installs the one that fits."
            )
    raise UsageError(
        f"[warehouse] path names a lake, and {package.replace('_', '-')} is not installed. "
        "Run `pip install 'copydesk[lake]'`."
    )


def lake_error(lake: LakeAddress, error: BaseException) -> StoreError:
    """Return what to tell the user of an error of DuckDB on a lake; one line, never with a password."""
    text = " ".join(str(error).split())
    if lake.password:
        text = text.replace(lake.password, "***")
    unreachable = re.search(
        r"[Uu]nable to connect to Postgres|server closed the connection|terminating connection|"
        r"connection to server|SSL connection has been closed|no connection to the server",
        text,
    )
    if unreachable:
        because = re.sub(r"^.*?(connection to server|server closed|terminating)", r"\1", text)
        return StoreError(
            f"the catalogue of {lake.shown} cannot be reached: {because[:200].rstrip('. ')}. Start PostgreSQL or mend "
            "[warehouse] path; what was fetched is kept and `copydesk load` loads it."
        )
    return StoreError(f"{lake.shown}: {text[:300].rstrip('.')}. What was fetched is kept; `copydesk load` loads it.")


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
