"""Doctor: says what is wrong and what to do, and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
from tests.store.conftest import DAY_ONE, Desk, Page, write_run

from copydesk.store.doctor import Examined, examine
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.ledger import RunRow, record_run


def _wrong(desk: Desk, runs: Path | None = None) -> dict[str, Examined]:
    return {e.name: e for e in examine(desk.warehouse, runs or desk.root / "runs") if not e.ok}


def test_a_healthy_warehouse_is_in_order(desk: Desk) -> None:
    """After loads everything is in order, and looking leaves the file as it is."""
    desk.load(Page(), Page(uri="b", verdict="quarantined"))
    before = desk.warehouse.path.read_bytes()
    assert _wrong(desk) == {}
    assert desk.warehouse.path.read_bytes() == before


def test_no_warehouse_is_no_fault(tmp_path: Path) -> None:
    """A desk that has not run yet is in order."""
    assert all(e.ok for e in examine(Warehouse(tmp_path / "none.duckdb"), tmp_path / "runs"))


def test_a_broken_reference_is_named(desk: Desk) -> None:
    """Rows taken out by hand are found by the key that points at them."""
    desk.load(Page())
    with duckdb.connect(str(desk.warehouse.path)) as raw:
        raw.execute("delete from main.authors")
    assert "main.revision_authors.author_id -> main.authors (1 row)" in _wrong(desk)["keys"].found


def test_parts_that_are_not_loaded_are_found(desk: Desk) -> None:
    """Complete parts on disk that the ledger does not know wait for `copydesk load`; loaded ones do not."""
    desk.load(Page())
    write_run(desk.root / "runs" / "20260501T080000-abcdef", [Page(uri="b")])
    assert _wrong(desk)["ledger"].mend == "`copydesk load`"

    (desk.root / "runs" / "20260501T080000-abcdef" / "publish.done").write_text("{}")
    assert "missing now" in _wrong(desk)["ledger"].found


def test_a_dead_run_and_leftovers_are_found(desk: Desk) -> None:
    """A run whose process is gone, and a temporary file of a process that is gone."""
    with desk.warehouse.open_for_writing() as connection:
        record_run(connection, replace(RunRow(run_id="dead", started_at=DAY_ONE), process_started_at="1"))
    (desk.root / ".copydesk.duckdb.999999999.tmp").write_bytes(b"x")
    wrong = _wrong(desk)
    assert "dead" in wrong["runs"].found
    assert ".copydesk.duckdb.999999999.tmp" in wrong["leftovers"].found


def test_a_damaged_file_is_said_and_left(desk: Desk) -> None:
    """A file with a hole in its head is named, with what to do."""
    desk.load(Page())
    content = bytearray(desk.warehouse.path.read_bytes())
    content[0:4096] = b"\0" * 4096
    desk.warehouse.path.write_bytes(content)
    found = _wrong(desk)["file"]
    assert (found.exit_code, found.mend) == (2, "")
    assert "Restore a backup" in found.found
    assert desk.warehouse.path.read_bytes() == bytes(content)
