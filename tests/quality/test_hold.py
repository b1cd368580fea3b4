"""From files to the warehouse: a held batch waits, a decision settles it, quarantine is replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.conftest import Command
from tests.quality.parts import story

import copydesk
from copydesk.errors import StoreError, UsageError
from copydesk.pipeline import Stage, finish_interrupted, run_desk
from copydesk.quality.decisions import decide, drop_quarantined, mark_incident, record_decisions
from copydesk.quality.history import read_statistics
from copydesk.quality.report.overview import quality_exit_code, read_overview
from copydesk.quality.rules import load_registry
from copydesk.records import StageCounts
from copydesk.reprocess import preview_captures, reprocess_captures
from copydesk.runs.folder import Run
from copydesk.runs.outcome import run_outcome
from copydesk.runs.summary import RunSummary
from copydesk.settings import DeskFolder, QualitySettings, find_desk_folder
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
    return find_desk_folder(root)


def warehouse(desk: DeskFolder) -> Warehouse:
    """Return the desk's warehouse."""
    return Warehouse(desk.warehouse, lock_timeout_s=5)


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
    assert [(b.source, b.captures) for b in again_found.waiting] == [("gazette", 24)]
    assert run_outcome(again_found, desk.settings.quality).exit_code == 3
    assert run_desk(desk, ["herald"]).waiting == ()
    assert loaded(desk) == {"herald": 24}


def test_a_run_from_python_holds_and_counts_as_one_of_the_command_line_does(tmp_path: Path) -> None:
    """`open_desk().run()` holds the same batch and writes statistics; a run of it that fails is the source's health."""
    desk = copydesk.open_desk(make_desk(tmp_path).root)
    assert desk.run().held == ("gazette",)
    assert loaded(desk) == {"herald": 24}
    assert set(read_statistics(warehouse(desk))["source"]) == {"herald"}  # the held one has its own when it is released

    def step(stage: Stage, run: Run) -> StageCounts:
        raise StoreError(f"{stage.__name__} of {run.run_id}: the disk is full")

    with pytest.raises(StoreError):
        run_desk(desk, ["herald"], trigger="api", step=step)
    assert ("herald", "failing") in desk.sql("select source, state from ops.source_health").rows()


def waiting(desk: DeskFolder) -> list[tuple[object, ...]]:
    """Return what SQL knows of held batches."""
    with warehouse(desk).open_for_reading() as connection:
        return connection.rows("select source, decision, held_captures, decided_at is null, rules from ops.holds")


def test_a_held_batch_shows_everywhere_until_it_is_decided_on(tmp_path: Path, command: Command) -> None:
    """SQL, the second run, its JSON, status, search and export know of it; after the release none of them does."""
    desk = make_desk(tmp_path)
    folder = held_run(desk)
    assert waiting(desk) == [("gazette", "waiting", 24, True, ["texts_identical"])]
    at = ("--desk", str(tmp_path))
    again = command("run", *at)
    assert again.code == 3
    assert f"held: gazette of run {folder.name} (24 captures)" in " ".join(again.out.split())
    told = json.loads(command("run", "--json", *at).out)
    assert [(b["source"], b["captures"]) for b in told["held_batches"]] == [("gazette", 24)]
    assert command("run", "herald", *at).code == 0
    status = command("status", *at)
    assert status.code == 1
    assert "held: gazette" in status.out
    assert "24 captures of gazette, held" in command("search", "story", *at).err
    assert "24 captures of gazette, held" in command("export", str(tmp_path / "out"), *at).err
    assert json.loads(command("report", "--json", *at).out)["held"] == 1
    assert command("quality", "release", folder.name, *at).code == 0
    assert waiting(desk) == [("gazette", "released", 24, False, ["texts_identical"])]
    assert command("run", *at).code == 0
    assert "held" not in command("search", "story", *at).err


def test_a_held_run_that_was_cut_before_its_load_is_finished(tmp_path: Path) -> None:
    """The sources that are not held load with the next run, though the run holds one."""
    desk = make_desk(tmp_path)

    def step(stage: Stage, run: Run) -> StageCounts:
        if stage.__name__ == "publish":
            raise KeyboardInterrupt
        return stage(run)

    with pytest.raises(KeyboardInterrupt):
        run_desk(desk, step=step)
    assert [s.held for s in finish_interrupted(desk)] == [("gazette",)]
    assert loaded(desk) == {"herald": 24}
    assert finish_interrupted(desk) == []


@pytest.mark.parametrize(("bad", "good", "code"), [(1, 0, 0), (4, 0, 0), (5, 0, 3), (4, 1, 3), (2, 3, 0)])
def test_one_refused_page_of_one_raises_no_alarm(bad: int, good: int, code: int) -> None:
    """The share of quarantined records counts from five records on."""
    counts = StageCounts(stage="check", counts={"accepted": good, "quarantined": bad})
    summary = RunSummary(run_id="r", tallies={"check": counts})
    assert run_outcome(summary, QualitySettings()).exit_code == code


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
    desk = find_desk_folder(tmp_path)
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
