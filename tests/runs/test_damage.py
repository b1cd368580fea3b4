"""What a power cut or a failing disk leaves of a run: it is made again, or named; other runs go on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from tests.conftest import Command
from tests.quality.parts import story

from copydesk.errors import RunBusyError, UsageError
from copydesk.filesystem import lock
from copydesk.pipeline import Stage, finish_interrupted, run_desk
from copydesk.records import StageCounts
from copydesk.runs.folder import Run
from copydesk.runs.pending import drop_run, find_pending, pending_runs
from copydesk.settings import DeskFolder, find_desk_folder
from copydesk.store.warehouse.connection import Warehouse


class _PowerCutError(BaseException):
    """The process ends here."""


def _desk(root: Path) -> DeskFolder:
    """A desk of two sources with three stories each."""
    for name in ("gazette", "herald"):
        (root / name).mkdir(parents=True)
        for n in range(3):
            one = story(n + (100 if name == "herald" else 0))
            (root / name / f"{n}.txt").write_text("\n\n".join([one["title"], *one["paragraphs"]]), encoding="utf-8")
    listed = "\n".join(f'[[source]]\nname = "{n}"\nkind = "files"\npaths = ["{n}"]\n' for n in ("gazette", "herald"))
    (root / "copydesk.toml").write_text(f"[run]\nworkers = 1\npart_documents = 2\n{listed}", encoding="utf-8")
    return find_desk_folder(root)


def _interrupted(desk: DeskFolder, source: str, before: str) -> Path:
    """Run a source until a stage is about to begin, and return the run's folder."""

    def step(stage: Stage, run: Run) -> StageCounts:
        if stage.__name__ == before:
            raise _PowerCutError
        return stage(run)

    with pytest.raises(_PowerCutError):
        run_desk(desk, [source], step=step)
    (folder,) = [p.parent for p in desk.runs.glob("*/run.json") if source in p.read_text(encoding="utf-8")]
    return folder


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give desks, to copy, whose run of the gazette ended before a stage; each is made once."""

    @cache
    def make(before: str) -> Path:
        desk = _desk(tmp_path_factory.mktemp(before) / "desk")
        _interrupted(desk, "gazette", before)
        return desk.root

    return make


@pytest.fixture
def interrupted(tmp_path: Path, template: Callable[[str], Path]) -> Callable[[str], tuple[DeskFolder, Path]]:
    """Make the test's desk, with a run of the gazette that ended before a stage; return both folders."""

    def make(before: str) -> tuple[DeskFolder, Path]:
        shutil.copytree(template(before), tmp_path, dirs_exist_ok=True)
        desk = find_desk_folder(tmp_path)
        (run,) = (p.parent for p in desk.runs.glob("*/run.json"))
        return desk, run

    return make


Interrupted = Callable[[str], tuple[DeskFolder, Path]]


def _loaded(desk: DeskFolder) -> dict[str, int]:
    with Warehouse(desk.warehouse, lock_timeout_s=5).open_for_reading() as connection:
        sql = "select source, count(*) from audit.captures where outcome = 'loaded' group by source"
        return dict(connection.rows(sql))


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(bytes(content))


def _gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("extract/part-00000/articles.parquet", _emptied),
        ("extract/part-00001/paragraphs.parquet", _flipped),
        ("extract/part-00001/tally.json", _flipped),
        ("extract/part-00000/evidence.parquet", _gone),
        ("check/part-00000/accepted.parquet", _flipped),
        ("check/part-batch/tally.json", _emptied),
        ("boilerplate.parquet", _emptied),
        ("restored.parquet", _flipped),
        ("line_counts/part-00000.parquet", _flipped),
        ("acquire.done", _flipped),
        ("extract.done", _emptied),
        ("check.done", _flipped),
    ],
)
def test_what_can_be_made_again_is_made_again(
    interrupted: Interrupted, name: str, damage: Callable[[Path], None]
) -> None:
    """A damaged file of extract, of check, of the line counts or a damaged mark costs time, and no row."""
    desk, folder = interrupted("publish")
    damage(folder / name)
    (summary,) = finish_interrupted(desk)
    assert summary.error is None
    assert _loaded(desk) == {"gazette": 3}
    assert not folder.exists()


@pytest.mark.parametrize("damage", [_emptied, _flipped])
@pytest.mark.parametrize("name", ["acquire/part-00000/captures.parquet", "acquire/part-00001/tally.json", "run.json"])
def test_what_cannot_be_made_again_is_named_and_others_go_on(
    interrupted: Interrupted, name: str, damage: Callable[[Path], None]
) -> None:
    """A run whose captures are lost stops no other; it can be dropped, and its inputs are taken again."""
    desk, broken = interrupted("extract")
    damage(broken / name)
    summary = run_desk(desk, ["herald"])
    (failed,) = summary.resumed
    assert failed.run_id == broken.name
    assert f"copydesk runs drop {broken.name}" in str(failed.error)
    assert Path(name).parts[-2:][0] in str(failed.error)
    assert _loaded(desk) == {"herald": 3}
    assert [(run.run_id, run.state) for run in pending_runs(desk, verify=True)] == [(broken.name, "damaged")]
    drop_run(desk, broken.name, "disk failed")
    assert not list(pending_runs(desk))
    assert run_desk(desk, ["gazette"]).resumed == ()
    assert _loaded(desk) == {"gazette": 3, "herald": 3}
    with Warehouse(desk.warehouse, lock_timeout_s=5).open_for_reading() as connection:
        assert connection.rows("select status, error from ops.runs where run_id = ?", [broken.name]) == [
            ("interrupted", "dropped by hand (copydesk runs drop): disk failed")
        ]


def test_parts_of_earlier_versions_are_read_instead(interrupted: Interrupted) -> None:
    """A part without checksums is found to be damaged when it cannot be read, and sound when it can."""
    desk, folder = interrupted("publish")
    for tally in folder.glob("*/*/tally.json"):
        told = json.loads(tally.read_text(encoding="utf-8"))
        tally.write_text(json.dumps({k: v for k, v in told.items() if k not in {"files", "checksum"}}))
    _emptied(folder / "extract/part-00000/evidence.parquet")
    (summary,) = finish_interrupted(desk)
    assert summary.error is None
    assert _loaded(desk) == {"gazette": 3}


def test_an_interrupted_run_is_listed_and_can_be_called_off(interrupted: Interrupted) -> None:
    """Its sources, stage and size are shown; after the drop nothing of it is loaded by the next run."""
    desk, folder = interrupted("check")
    (run,) = pending_runs(desk)
    assert (run.run_id, run.state, run.sources, run.stage, run.trigger) == (
        *(folder.name, "interrupted", ("gazette",), "check", "cli"),
    )
    assert run.parts == {"acquire": 2, "extract": 2, "check": 0}
    assert run.size_bytes > 1000
    assert find_pending(desk, folder.name[:10]).run_id == folder.name
    drop_run(desk, folder.name)
    assert run_desk(desk, ["herald"]).resumed == ()
    assert _loaded(desk) == {"herald": 3}


def test_an_interrupted_run_of_paths_waits_for_one_that_was_asked_for_paths(tmp_path: Path) -> None:
    """A run of a named source leaves it alone, a run without targets names it before it goes on, and loads it."""
    desk = _desk(tmp_path / "desk")
    outside = tmp_path / "outside"
    (desk.root / "gazette").rename(outside)
    (desk.root / "gazette").mkdir()
    folder = _interrupted(desk, str(outside), "check")
    told: list[tuple[str, str, bool]] = []

    def resuming(run: Run) -> None:
        told.append((run.run_id, run.inputs, run.is_done("check")))

    assert run_desk(desk, ["herald"], resuming=resuming).resumed == ()
    assert (told, folder.exists()) == ([], True)
    (before,) = run_desk(desk, resuming=resuming).resumed
    assert before.run_id == folder.name
    assert told == [(folder.name, str(outside), False)]
    assert _loaded(desk) == {"herald": 3, "paths": 3}


def test_the_commands_name_what_was_interrupted(interrupted: Interrupted, command: Command) -> None:
    """`status` names the run, `run` of another source does so on standard error before it goes on, then nobody does."""
    _, folder = interrupted("check")
    drop = f"`copydesk runs drop {folder.name}`"
    shown = command("status").out
    assert f"run {folder.name} of gazette is interrupted: `copydesk load` finishes it, {drop} calls it off." in shown
    said = json.loads(command("status", "--json").out)
    assert said["unfinished_runs"] == [{"run_id": folder.name, "state": "interrupted", "inputs": "gazette"}]
    done = command("run", "herald", "--json")
    assert json.loads(done.out)["resumed"][0]["run_id"] == folder.name
    assert done.err.startswith(f"Continuing run {folder.name} of gazette, which was interrupted.")
    assert drop in done.err
    assert "interrupted" not in command("status").out


def test_load_names_the_run_before_it_goes_on(interrupted: Interrupted, command: Command) -> None:
    """The line is on standard error, the numbers are on standard output."""
    _, folder = interrupted("extract")
    done = command("load")
    assert done.out == f"{folder.name}: 3 loaded, 0 quarantined\n"
    assert done.err.startswith(f"Continuing run {folder.name} of gazette")


def test_a_run_whose_lock_file_is_missing_goes_on(interrupted: Interrupted) -> None:
    """A folder that was copied without its lock is listed like any other, and the next run finishes it."""
    desk, folder = interrupted("publish")
    (folder / "lock").unlink()
    assert [(run.run_id, run.state) for run in pending_runs(desk)] == [(folder.name, "interrupted")]
    (summary,) = finish_interrupted(desk)
    assert summary.error is None
    assert _loaded(desk) == {"gazette": 3}


def test_a_run_at_work_cannot_be_dropped(interrupted: Interrupted) -> None:
    """Its process is named; the run stays."""
    desk, folder = interrupted("check")
    with lock(folder / "lock"):
        assert [run.state for run in pending_runs(desk)] == ["working"]
        with pytest.raises(RunBusyError):
            drop_run(desk, folder.name)
    assert folder.exists()


@pytest.mark.parametrize("name", ["", "nothing", "../runs"])
def test_a_name_that_fits_no_run_is_said(interrupted: Interrupted, name: str) -> None:
    """A wrong name drops nothing."""
    desk, _ = interrupted("check")
    with pytest.raises(UsageError, match="copydesk runs list"):
        drop_run(desk, name)


def test_a_replay_that_was_cut_before_it_began_takes_no_files(tmp_path: Path) -> None:
    """The captures of a replay come from the warehouse: half of their parts is nothing to go on with."""
    desk = _desk(tmp_path)
    run_desk(desk, ["herald"])
    folder = _interrupted(desk, "gazette", "extract")
    told = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps({**told, "trigger": "replay", "checksum": None}), encoding="utf-8")
    (folder / "acquire.done").unlink()
    assert finish_interrupted(desk) == []
    assert not folder.exists()
    assert _loaded(desk) == {"herald": 3}
