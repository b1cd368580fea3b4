"""From files to the warehouse: a held batch waits, a decision settles it, quarantine is replayed."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.quality.parts import story

from copydesk.errors import UsageError
from copydesk.pipeline import RunSummary, finish_interrupted, run_desk
from copydesk.quality.decisions import decide, drop_quarantined, mark_incident, record_decisions
from copydesk.quality.history import read_statistics
from copydesk.quality.report.overview import quality_exit_code, read_overview
from copydesk.quality.rules import load_registry
from copydesk.reprocess import preview_captures, reprocess_captures
from copydesk.settings import DeskFolder, open_desk
from copydesk.store.read.lookups import captures_to_reprocess
from copydesk.store.warehouse.connection import Warehouse

WALL = (
    "{title}\n\nReaders of the Gazette can read this story in full when they have signed in with their account.\n\n"
    "An account is free of charge for people who live in Arden, and can be opened at the town hall on any weekday.\n"
)


def make_desk(root: Path, *, sources: str = "") -> DeskFolder:
    """Make a desk of two sources: one whose files are one wall, one of different stories."""
    for name in ("gazette", "herald"):
        (root / name).mkdir(parents=True)
        for n in range(24):
            one = story(n + (100 if name == "herald" else 0))
            text = (
                WALL.format(title=one["title"])
                if name == "gazette"
                else "\n\n".join([one["title"], *one["paragraphs"]])
            )
            (root / name / f"{n:02}.txt").write_text(text, encoding="utf-8")
    listed = "\n".join(f'[[source]]\nname = "{n}"\nkind = "files"\npaths = ["{n}"]\n' for n in ("gazette", "herald"))
    (root / "copydesk.toml").write_text(f"[run]\nworkers = 1\n{sources}\n{listed}", encoding="utf-8")
    return open_desk(root)


def warehouse(desk: DeskFolder) -> Warehouse:
    """Return the desk's warehouse."""
    return Warehouse(desk.warehouse, wait_s=5)


def loaded(desk: DeskFolder) -> dict[str, int]:
    """Count the loaded captures by source."""
    with warehouse(desk).open_for_reading() as connection:
        rows = connection.rows("select source, count(*) from audit.captures where outcome = 'loaded' group by source")
    return dict(rows)


def quarantined(desk: DeskFolder) -> dict[str, int]:
    """Count the open quarantine by reason."""
    with warehouse(desk).open_for_reading() as connection:
        rows = connection.rows(
            "select reason, count(*) from audit.quarantine where resolved_at is null group by reason"
        )
    return dict(rows)


def held_run(desk: DeskFolder) -> Path:
    """Run the desk and return the folder of the run that holds the gazette."""
    summary = run_desk(desk)
    assert summary.held == ("gazette",)
    return desk.runs / summary.run_id


def settle(desk: DeskFolder, folder: Path, decision: str) -> RunSummary:
    """Decide on the gazette and bring the run to its end."""
    assert decide(folder, [], decision, "looked at it") == ("gazette",)
    return finish_interrupted(desk)[0]


def test_a_held_source_waits_and_the_other_loads(tmp_path: Path) -> None:
    """The wall's source has no row, the other has all, the exit code is 3, and a new run finds nothing new."""
    desk = make_desk(tmp_path)
    folder = held_run(desk)
    assert loaded(desk) == {"herald": 24}
    assert quarantined(desk) == {}
    with warehouse(desk).open_for_reading() as connection:
        overview = read_overview(connection, desk, load_registry())
        assert connection.rows(
            "select count(*) from audit.findings where capture_id is null and severity = 'hold'"
        ) == [(1,)]
    assert quality_exit_code(overview, desk) == 3
    assert [(h["run_id"], h["source"], h["rules"]) for h in overview.held] == [
        (folder.name, "gazette", ["texts_identical"])
    ]
    again_found = run_desk(desk)
    assert again_found.count("acquire", "captured") == 0
    assert loaded(desk) == {"herald": 24}


def test_a_released_batch_loads_whole_and_once(tmp_path: Path) -> None:
    """After the release all captures are loaded once, the folder is gone, and the decision is on record."""
    desk = make_desk(tmp_path)
    folder = held_run(desk)
    settle(desk, folder, "released")
    assert loaded(desk) == {"gazette": 24, "herald": 24}
    assert not folder.exists()
    with pytest.raises(UsageError, match="holds no batch"):
        decide(folder, [], "released", "")


def test_a_dropped_batch_ends_in_quarantine(tmp_path: Path) -> None:
    """After the drop the batch's records are quarantined with the batch's reason, and a replay takes them out again."""
    desk = make_desk(tmp_path)
    settle(desk, held_run(desk), "dropped")
    assert loaded(desk) == {"herald": 24}
    assert quarantined(desk) == {"batch_dropped": 24}
    captures = captures_to_reprocess(desk.warehouse, outcomes=("quarantined",))
    reprocess_captures(desk, captures, trigger="replay")
    assert loaded(desk) == {"gazette": 24, "herald": 24}
    assert quarantined(desk) == {}


def test_a_replay_after_a_rule_change_is_foretold_and_idempotent(tmp_path: Path) -> None:
    """Stories refused by a strict rule enter when it is loosened: impact says so, replay does so, twice is once."""
    desk = make_desk(tmp_path, sources="[quality.rules]\ntoo_short = 100000\ntexts_identical = 'off'\n")
    run_desk(desk)
    assert quarantined(desk) == {"too_short": 48}
    loose = (tmp_path / "copydesk.toml").read_text(encoding="utf-8").replace("too_short = 100000\n", "")
    (tmp_path / "copydesk.toml").write_text(loose, encoding="utf-8")
    desk = open_desk(tmp_path)
    with warehouse(desk).open_for_reading() as connection:
        costs = connection.rows("select rule, sum(captures) from rule_costs where severity = 'error' group by rule")
    assert costs == [("too_short", 48)]
    captures = captures_to_reprocess(desk.warehouse, outcomes=("quarantined",))
    foretold = preview_captures(desk, captures)
    assert {c.what for c in foretold.changes} == {"enters"}
    assert len(foretold.changes) == 48
    assert quarantined(desk) == {"too_short": 48}
    for _ in range(2):
        reprocess_captures(desk, captures, trigger="replay")
        assert loaded(desk) == {"gazette": 24, "herald": 24}
        assert quarantined(desk) == {}


def test_decisions_are_on_record_and_dropped_records_wait_no_more(tmp_path: Path) -> None:
    """A decision is kept once however often it is recorded; dropped records are resolved; incidents leave history."""
    desk = make_desk(tmp_path, sources="[quality.rules]\ntoo_short = 100000\ntexts_identical = 'off'\n")
    summary = run_desk(desk)
    word = {
        "rules": ["x"],
        "detail": "d",
        "decision": "released",
        "decided_at": "2026-11-20T12:00:00+00:00",
        "because": "",
    }
    with warehouse(desk).open_for_writing() as connection:
        for _ in range(2):
            record_decisions(connection, summary.run_id, {"gazette": word})
        assert connection.rows("select count(*) from ops.holds") == [(1,)]
        ids = [r[0] for r in connection.rows("select capture_id::varchar from audit.quarantine limit 5")]
        assert drop_quarantined(connection, ids) == 5
        assert drop_quarantined(connection, ids) == 0
        assert mark_incident(connection, summary.run_id, "gazette", "server move") == 1
        with pytest.raises(UsageError, match="no statistics"):
            mark_incident(connection, "nothing", None, "")
    assert quarantined(desk) == {"too_short": 43}
    assert set(read_statistics(warehouse(desk))["source"]) == {"herald"}
