"""The record of decisions: each has a row with who, when and what; forgetting a page takes its rows away."""

from __future__ import annotations

import os

import pytest
from tests.store.conftest import Desk, Page

from copydesk.quality.decisions import drop_quarantined, mark_incident
from copydesk.store.curate.curation import forget_line, pin_line, restore_lines, unrestore_lines
from copydesk.store.curate.decisions import record_each, who_decides
from copydesk.store.curate.forget import forget
from copydesk.store.warehouse.connection import Connection

ADDRESS = "https://paper.example/a"
COLUMNS = "decided_by, decision, source, subject, detail, because"


def _recorded(connection: Connection) -> list[tuple[object, ...]]:
    return connection.rows(f"select {COLUMNS} from audit.decisions order by number")


def test_every_decision_is_recorded_with_who_and_when(desk: Desk) -> None:
    """Restored, taken back, pinned and forgotten lines are one row each, numbered from 1; nothing done is no row."""
    desk.load(Page(uri="a", title="About bridges", address=ADDRESS))
    path = desk.warehouse.path
    restore_lines(path, "wire", "a", [(1, "First"), (2, "Second")], because="part of it", by="ada")
    assert unrestore_lines(path, "wire", "a", [2], by="ada") == ["Second"]
    assert unrestore_lines(path, "wire", "a", [7], by="ada") == []
    pin_line(path, "paper.example", 3, "Read on", "cut", by="bob")
    assert forget_line(path, "paper.example", [3], by="bob") == 1
    with desk.warehouse.open_for_reading() as connection:
        assert _recorded(connection) == [
            ("ada", "restore", "wire", "a", "First | Second", "part of it"),
            ("ada", "unrestore", "wire", "a", "Second", None),
            ("bob", "pin_cut", None, "paper.example", "Read on", None),
            ("bob", "unpin", None, "paper.example", "Read on", None),
        ]
        assert connection.rows("select text from audit.restored_lines") == [("First",)]
        assert connection.rows("select number from audit.decisions order by decided_at, number") == [
            (1,),
            (2,),
            (3,),
            (4,),
        ]


def test_many_records_are_one_statement_and_keep_their_order(desk: Desk) -> None:
    """A thousand dropped records are a thousand rows in the given order; none is no row and no error."""
    desk.load(Page(uri="a", title="About bridges"))
    with desk.warehouse.open_for_writing() as connection:
        record_each(connection, "drop", [("wire", f"page {n}", "too_short") for n in range(1000)], by="ada")
        record_each(connection, "drop", [], by="ada")
        found = connection.rows("select number, subject from audit.decisions order by number")
        assert found == [(n + 1, f"page {n}") for n in range(1000)]
        assert drop_quarantined(connection, ["no such id"]) == 0
        run = connection.value("select run_id from ops.runs")
        connection.execute("insert into ops.source_stats values ($1, 'wire', 'captures', 1, 1, now(), false)", [run])
        assert mark_incident(connection, run, None, "server move", by="ada") == 1
        assert _recorded(connection)[-1] == ("ada", "mark_incident", None, run, None, "server move")


def test_forgetting_a_page_takes_its_decisions_away(desk: Desk) -> None:
    """What a person restored or let in on a forgotten page leaves with it; other decisions stay."""
    desk.load(Page(uri="a", title="About bridges", address=ADDRESS), Page(uri="b", title="Else"))
    path = desk.warehouse.path
    with desk.warehouse.open_for_reading() as connection:
        (source,), *_ = connection.rows("select source from audit.captures where uri = 'a'")
    restore_lines(path, source, "a", [(1, "Ada Lovelace said so")])
    restore_lines(path, source, "b", [(1, "Other")])
    with desk.warehouse.open_for_writing() as connection:
        connection.execute(
            "insert into audit.accepted_pages values ($1, 'a', ['listing'], now(), 'ada', null)", [source]
        )
    forget(desk.warehouse, desk.root, ADDRESS, archive=desk.root / "archive")
    with desk.warehouse.open_for_reading() as connection:
        assert [row[3] for row in _recorded(connection)] == ["b"]
        assert connection.rows("from audit.accepted_pages") == []


def test_who_decides_is_the_account_or_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """COPYDESK_USER names the person; without it the account does, and a user without a name has a number."""
    monkeypatch.setenv("COPYDESK_USER", " Ada ")
    assert who_decides() == "Ada"
    monkeypatch.delenv("COPYDESK_USER")
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert who_decides() == "uid 4000000000"
