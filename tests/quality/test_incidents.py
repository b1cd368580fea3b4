"""A trouble from its begin to its end: opened and closed by runs, acknowledged and muted by people."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from tests.conftest import Command
from tests.quality.parts import story

import copydesk
from copydesk.errors import UsageError
from copydesk.service.source_view import notify_run
from copydesk.settings import find_desk_folder
from copydesk.store.curate.incidents import Seen, mute, read_incidents, record_troubles
from copydesk.store.warehouse.connection import Warehouse

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def write_stories(folder: Path, start: int, number: int, title: str = "") -> None:
    """Write stories; with a title all bear the same one."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(start, start + number):
        one = story(n)
        (folder / f"{n:03}.txt").write_text("\n\n".join([title or one["title"], *one["paragraphs"]]), encoding="utf-8")


def make_desk(root: Path, more: str = "") -> None:
    """Make a desk of one folder of which all texts have the same title, a warning in place of a hold."""
    write_stories(root / "pages", 0, 24, "The Gazette of the town of Arden and of its people")
    (root / "copydesk.toml").write_text(
        "[run]\nworkers = 1\n[quality.rules]\n"
        'titles_identical = { severity = "warn", owner = "anna", tags = ["titles"] }\n'
        f'{more}\n[[source]]\nname = "gazette"\npaths = ["pages"]\n',
        encoding="utf-8",
    )


def test_the_life_of_an_incident(tmp_path: Path, command: Command) -> None:
    """A run opens it, a person acknowledges and mutes it, the report and the page show it, a good run closes it."""
    make_desk(tmp_path)
    desk = copydesk.open_desk(tmp_path)
    desk.run()
    listed = command("incidents", "--json", cwd=tmp_path)
    assert listed.code == 1
    assert [(i["number"], i["source"], i["trouble"], i["severity"], i["owner"], i["state"]) for i in listed.json] == [
        (1, "gazette", "titles_identical", "warn", "anna", "open")
    ]
    assert "24 of 24" in listed.json[0]["detail"]
    assert desk.acknowledge(1, "wrote to them").state == "acknowledged"
    muted = command("incidents", "mute", "1", "2d", "--because", "known", "--json", cwd=tmp_path).json
    assert (muted["state"], muted["note"]) == ("acknowledged", "wrote to them")
    assert datetime.fromisoformat(muted["muted_until"]) > datetime.now(UTC) + timedelta(days=1)
    status = command("status", "--json", cwd=tmp_path).json
    assert [(i["trouble"], i["state"]) for i in status["incidents"]] == [("titles_identical", "acknowledged")]
    assert command("report", "--out", "report.html", cwd=tmp_path).code in (0, 1)
    assert "wrote to them" in (tmp_path / "report.html").read_text(encoding="utf-8")
    shutil.rmtree(tmp_path / "pages")
    write_stories(tmp_path / "pages", 100, 24)
    desk.run()
    assert desk.incidents() == []
    shown = command("incidents", "show", "1", cwd=tmp_path).out
    assert "closed" in shown
    assert "wrote to them" in shown
    decisions = desk.sql("select decision, subject, detail from audit.decisions").rows()
    assert decisions == [
        ("acknowledge", "incident 1", "titles_identical"),
        ("mute", "incident 1", "titles_identical"),
    ]
    with pytest.raises(UsageError, match="incidents --all"):
        desk.incident(9)


def test_a_source_that_fails_and_one_that_is_held_are_incidents(tmp_path: Path) -> None:
    """A folder that is gone opens `failing` until it is back; a held batch opens `held` until it is decided on."""
    make_desk(tmp_path)
    toml = tmp_path / "copydesk.toml"
    toml.write_text(toml.read_text().replace('"warn"', '"hold"'))
    desk = copydesk.open_desk(tmp_path)
    run = desk.run().run_id
    assert {(i.trouble, i.severity, i.owner) for i in desk.incidents()} == {
        ("held", "hold", "anna"),
        ("titles_identical", "hold", "anna"),
    }
    desk.drop_held(run, because="a wall")
    (tmp_path / "pages").rename(tmp_path / "away")
    desk.run()
    assert [(i.trouble, i.dimension) for i in desk.incidents() if i.trouble in ("held", "failing")] == [
        ("failing", "timeliness")
    ]
    (tmp_path / "away").rename(tmp_path / "pages")
    desk.run()
    assert "failing" not in {i.trouble for i in desk.incidents()}
    assert {i.trouble for i in desk.incidents(closed_days=1) if i.state == "closed"} >= {"failing", "held"}


def test_a_muted_trouble_sends_nothing_until_the_mute_ends(tmp_path: Path, httpserver: HTTPServer) -> None:
    """While muted neither begin nor end is sent, nor the next of its kind; one that outlasts the mute is sent then."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    make_desk(tmp_path, f'[notify]\nwebhook = "{httpserver.url_for("/hook")}"\n')
    desk = copydesk.open_desk(tmp_path)
    desk.run()

    def states() -> list[str]:
        notify_run(find_desk_folder(tmp_path), "gazette", {}, run="r")
        return [json.loads(r.data)["state"] for r, _ in httpserver.log]

    assert states() == states() == ["titles_identical"]
    number = desk.incidents()[0].number
    desk.mute(number, datetime.now(UTC) + timedelta(days=1))
    with desk.open_warehouse().open_for_writing() as connection, connection.transaction():
        record_troubles(connection, [], {("gazette", "")}, run_id="r2", now=datetime.now(UTC))
    assert states() == ["titles_identical"]
    with desk.open_warehouse().open_for_writing() as connection, connection.transaction():
        again = Seen(source="gazette", trouble="titles_identical", severity="warn", detail="again", owner="anna")
        record_troubles(connection, [again], set(), run_id="r3", now=datetime.now(UTC))
    assert states() == ["titles_identical"]
    desk.mute(number, None)
    assert states() == ["titles_identical", "titles_identical"]


def test_what_the_service_sees_becomes_an_incident(tmp_path: Path) -> None:
    """Silence opens an incident when it begins, once, and closes it when something came."""
    make_desk(tmp_path)
    desk = copydesk.open_desk(tmp_path)
    desk.run()
    for _ in range(3):
        notify_run(desk, "gazette", {"silent": "nothing new for 90 h"})
    assert [(i.trouble, i.detail, i.observations) for i in desk.incidents() if i.trouble == "silent"] == [
        ("silent", "nothing new for 90 h", 1)
    ]
    notify_run(desk, "gazette", {"silent": None})
    assert "silent" not in {i.trouble for i in desk.incidents()}


_STEPS = st.lists(st.sets(st.sampled_from(["dates_lost", "titles_lost", "failing"])), min_size=1, max_size=8)


@settings(deadline=None, max_examples=8)
@given(_STEPS)
def test_open_incidents_are_what_the_last_run_saw(
    tmp_path_factory: pytest.TempPathFactory, runs: list[set[str]]
) -> None:
    """After any runs those of the last are open, each life is one row, and recording a run twice changes nothing."""
    warehouse = Warehouse(tmp_path_factory.mktemp("desk") / "copydesk.duckdb", lock_timeout_s=5)
    judged = {("gazette", ""), ("gazette", "failing")}
    with warehouse.open_for_writing() as connection:
        for n, troubles in enumerate(runs):
            seen = [Seen(source="gazette", trouble=t, severity="warn", detail=f"run {n}") for t in sorted(troubles)]
            states = []
            for _ in range(2):
                at = NOW + timedelta(hours=n)
                record_troubles(connection, seen, judged, run_id=f"run-{n}", now=at)
                states.append(connection.rows("select * from ops.troubles order by number"))
            assert states[0] == states[1]
            assert {one.trouble for one in read_incidents(connection)} == troubles
        lives = sum(len(now - before) for before, now in zip([set(), *runs], runs, strict=False))
        assert connection.value("select count(*) from ops.troubles") == lives
        with pytest.raises(UsageError, match="no incident 99"):
            mute(connection, 99, None)


def test_times_are_marked_and_taken_back(tmp_path: Path, command: Command) -> None:
    """A day is marked whole, for one source or all, with who and why; a wrong time or source is refused by name."""
    make_desk(tmp_path)
    desk = copydesk.open_desk(tmp_path)
    desk.run()
    marked = command("incidents", "mark", "2026-12-25", "2026-12-26", "-b", "Christmas", "--json", cwd=tmp_path).json
    assert (marked[0]["source"], marked[0]["starts_at"][:10], marked[0]["ends_at"][:10]) == (
        None,
        "2026-12-25",
        "2026-12-27",
    )
    one = desk.mark_time(NOW, NOW + timedelta(hours=3), source="gazette")
    assert (one.number, one.source, one.ends_at) == (2, "gazette", NOW + timedelta(hours=3))
    with pytest.raises(UsageError, match="cannot begin"):
        desk.mark_time(NOW, NOW)
    with pytest.raises(UsageError, match="nobody"):
        desk.mark_time(NOW, NOW + timedelta(days=1), source="nobody")
    refused = command("incidents", "mark", "Christmas", cwd=tmp_path)
    assert (refused.code, "is no time" in refused.err) == (2, True)
    desk.unmark_time(1)
    assert [m.number for m in desk.marked_times()] == [2]
