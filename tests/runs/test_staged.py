"""A run that several processes take through its stages, each with its share, is the run of one process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.faults.equality import differences, dump
from tests.quality.parts import story
from typer.testing import CliRunner

from copydesk.cli import app
from copydesk.errors import RunBusyError, UsageError
from copydesk.filesystem import lock
from copydesk.pipeline import finish_interrupted, run_desk
from copydesk.reprocess import reprocess_captures
from copydesk.runs.pending import pending_runs
from copydesk.settings import DeskFolder, find_desk_folder
from copydesk.staged import count, extract, finish, prepare
from copydesk.stages.extract import Share
from copydesk.store.read.lookups import captures_to_reprocess


def _desk(root: Path) -> DeskFolder:
    """A desk of two sources, ten stories, five parts."""
    for name, number in (("gazette", 7), ("herald", 3)):
        (root / name).mkdir(parents=True)
        for n in range(number):
            one = story(n + (100 if name == "herald" else 0))
            path = root / name / f"{n}.txt"
            path.write_text("\n\n".join([one["title"], *one["paragraphs"], "Read our newsletter."]), encoding="utf-8")
            os.utime(path, ns=(10**18, 10**18))
    listed = "\n".join(f'[[source]]\nname = "{n}"\nkind = "files"\npaths = ["{n}"]\n' for n in ("gazette", "herald"))
    (root / "copydesk.toml").write_text(f"[run]\nworkers = 1\npart_documents = 2\n{listed}", encoding="utf-8")
    return find_desk_folder(root)


def test_shares_are_the_whole_once() -> None:
    """Every part is in exactly one share, however many shares there are."""
    parts = [Path(str(n)) for n in range(7)]
    for of in (1, 3, 7, 9):
        shares = [Share(rank=rank, of=of).of_parts(parts) for rank in range(of)]
        assert sorted(part for share in shares for part in share) == parts


def test_stage_by_stage_is_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ranks that count, one that extracts, and `load`, which does what the other left undone: the rows of a run."""
    whole, desk = _desk(tmp_path / "whole"), _desk(tmp_path / "staged")
    run_desk(whole)
    monkeypatch.chdir(desk.root)

    def typed(*words: str) -> str:
        done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    run = typed("stage", "acquire")
    assert [(r.run_id, r.state) for r in pending_runs(desk)] == [(run, "staged")]
    assert typed("stage", "count", run, "--rank", "0", "--of", "2") == "rank 0 of 2: 3 parts counted"
    with pytest.raises(UsageError, match=f"2 of 5 parts of run {run} are not counted yet"):
        extract(desk, run, rank=0, of=2)
    assert typed("stage", "count", "--rank", "1", "--of", "2") == "rank 1 of 2: 2 parts counted"
    assert typed("stage", "extract", run[:12], "--rank", "1", "--of", "2") == "rank 1 of 2: 2 parts extracted"
    assert typed("stage", "load", run) == f"{run}: 10 new"
    assert dump(desk.root) == dump(whole.root)
    assert not list(desk.runs.glob("*-*"))


@pytest.mark.parametrize("gone_for", ["count", "extract"])
def test_a_page_that_was_away_for_a_stage_counts_once(tmp_path: Path, gone_for: str) -> None:
    """A page that cannot be read for one stage and comes with the next run leaves the rows of an undisturbed desk."""
    whole, desk = _desk(tmp_path / "whole"), _desk(tmp_path / "staged")
    run_desk(whole)
    run, _ = prepare(desk)
    page, away = desk.root / "gazette/3.txt", desk.root / "away"
    for name, stage in (("count", count), ("extract", extract)):
        if name == gone_for:
            page.rename(away)
        stage(desk, run)
        if name == gone_for:
            away.rename(page)
    assert finish(desk, run).numbers["quarantined"] == 1
    assert run_desk(desk).numbers["loaded"] == 1
    found = [line for line in differences(dump(whole.root), dump(desk.root)) if "'resolution': 'loaded'" not in line]
    assert found == []


def test_a_page_that_was_away_is_counted_when_it_is_replayed(tmp_path: Path) -> None:
    """The lines of a page that could not be read are added by the replay that reads it."""
    whole, desk = _desk(tmp_path / "whole"), _desk(tmp_path / "staged")
    run_desk(whole)
    run, _ = prepare(desk)
    (desk.root / "gazette/3.txt").rename(desk.root / "away")
    finish(desk, run)
    (desk.root / "away").rename(desk.root / "gazette/3.txt")
    captures = captures_to_reprocess(desk.warehouse, outcomes=("quarantined",))
    assert reprocess_captures(desk, captures, trigger="replay").numbers["loaded"] == 1
    tables = ("audit.site_pages", "audit.boilerplate", "audit.captures")
    rows, wanted = dump(desk.root), dump(whole.root)
    assert {name: rows[name] for name in tables} == {name: wanted[name] for name in tables}


def test_a_staged_run_is_left_alone(tmp_path: Path) -> None:
    """Other runs neither finish it nor take its inputs again; a rank at work keeps `load` away; ranks share."""
    desk = _desk(tmp_path)
    run, counts = prepare(desk, ["herald"])
    assert counts.counts == {"captured": 3}
    assert finish_interrupted(desk) == []
    with pytest.raises(RunBusyError, match=f"herald is in run {run}, which is taken on by stages"):
        run_desk(desk, ["herald"])
    with lock(desk.runs / run / "lock", shared=True):
        assert count(desk, "", rank=1, of=3) == 1
        with pytest.raises(RunBusyError, match=f"run {run} is being worked on"):
            finish(desk, run)
    with pytest.raises(UsageError, match="no rank 3 of 3"):
        count(desk, run, rank=3, of=3)
    assert finish(desk, run).numbers["loaded"] == 3
    with pytest.raises(UsageError, match="no run waits for its next stage"):
        finish(desk, "")
