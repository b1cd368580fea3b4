"""The same answers from a Dask cluster as from a local pool, whatever ends on the way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from distributed import Client
from tests.conftest import ROOT, clean_environment
from tests.faults.equality import dump
from tests.workers.test_pool import shout

from copydesk.errors import ClusterError, CopydeskError, SettingsError, UsageError
from copydesk.pipeline import Stage, finish_interrupted, run_desk
from copydesk.records import StageCounts
from copydesk.runs.folder import Run
from copydesk.settings import DeskFolder, RunSettings, find_desk_folder
from copydesk.stages import extract as extract_stage
from copydesk.store.parts.part_files import damage_of, part_paths
from copydesk.workers import dask_pool
from copydesk.workers.dask_pool import DaskPool
from copydesk.workers.dask_worker import Limits, Release, own_release, run_batch
from copydesk.workers.engines import check_engine, open_pool
from copydesk.workers.pool import Batch, Watchdog

LIMITS = Limits(document_timeout_s=1.0, memory_mb=1000)


class Cluster:
    """A scheduler and two workers of one thread each, as `dask scheduler` and `dask worker` start them."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "scheduler.json"
        self._environment = {**clean_environment(), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        options = ("--nthreads", "1", "--local-directory", str(folder))
        self.workers = [self._start("dask_worker", *options) for _ in range(2)]
        self.client = Client(scheduler_file=str(self._file), set_as_default=False)
        self.client.wait_for_workers(2)
        self.address: str = self.client.scheduler.address

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{what}", "--scheduler-file", str(self._file)]
        return subprocess.Popen(
            [*command, "--no-dashboard", *options],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def settings(self) -> RunSettings:
        """Settings of a run on it."""
        return RunSettings(
            engine="dask",
            dask_scheduler=self.address,
            document_timeout_s=LIMITS.document_timeout_s,
            memory_limit_mb=1000,
        )

    def stop(self) -> None:
        """End all of it."""
        self.client.close(timeout=1)
        for process in (*self.workers, self.scheduler):
            process.terminate()
        for process in (*self.workers, self.scheduler):
            process.wait(30)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One cluster for all tests here; the last one ends its scheduler."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.stop()


def slow(batch: Batch[Path], watch: Watchdog) -> str:
    """Leave a file of the batch, as a stage does, and return its name."""
    watch.at(0)
    time.sleep(0.1)
    batch.payload.write_text(str(os.getpid()), encoding="utf-8")
    return batch.payload.name


def refuse(batch: Batch[str], watch: Watchdog) -> str:
    """Raise an error of this package."""
    watch.at(0)
    raise UsageError(f"{batch.payload} does not exist")


def test_a_hang_a_crash_and_greed_cost_only_themselves(cluster: Cluster, tmp_path: Path) -> None:
    """Inside Dask workers, whose nannies make them daemonic, the document that ends its process is named by cause."""
    batches: list[list[str]] = [["a", "rest", "hang", "b", "crash", "c"], ["d"], ["greed"]]
    work = [Batch(payload=words, size=len(words)) for words in batches]
    with DaskPool(cluster.settings(), tmp_path) as pool:
        found = {tuple(batch.payload): answer for batch, answer in pool.each(shout, work)}
        assert list(pool.each(shout, [])) == []
    expected = [["A", "REST", "time_limit", "B", "crashed", "C"], ["D"], ["memory_limit"]]
    assert [found[tuple(words)] for words in batches] == expected


def test_a_killed_worker_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    """With a worker killed after the first answer, every batch is answered once, and every file is there."""
    paths = [tmp_path / str(n) for n in range(12)]
    victim = next(iter(cluster.client.run(os.getpid).values()))
    answers = []
    with DaskPool(cluster.settings(), tmp_path) as pool:
        for _, answer in pool.each(slow, [Batch(payload=path, size=1) for path in paths]):
            if not answers:
                os.kill(victim, signal.SIGKILL)
            answers.append(answer)
    assert sorted(answers, key=int) == [path.name for path in paths]
    assert all(path.exists() for path in paths)


def test_an_error_of_a_batch_is_the_error_of_the_pool(cluster: Cluster, tmp_path: Path) -> None:
    """What a function raises in a worker of the cluster is raised here, as it is."""
    with (
        DaskPool(cluster.settings(), tmp_path) as pool,
        pytest.raises(UsageError, match="the harbour does not exist"),
    ):
        list(pool.each(refuse, [Batch(payload="the harbour", size=1)]))


def _desk(root: Path, seeds: Path, run: str) -> DeskFolder:
    shutil.copytree(seeds, root / "seeds")  # with the times of the files
    (root / "page.html").write_text(
        "<html><body><nav><a href='/'>Home</a></nav><h1>The ferry sails again</h1><p>Tickets cost four crowns, the "
        "harbour office said on Monday, and it will stay so until autumn.</p></body></html>"
    )
    os.utime(root / "page.html", ns=(10**18, 10**18))
    source = '[[source]]\nname = "seeds"\nkind = "files"\npaths = ["seeds", "page.html"]\n'
    (root / "copydesk.toml").write_text(f"[run]\npart_documents = 2\nworkers = 1\n{run}{source}", encoding="utf-8")
    return find_desk_folder(root)


def _stop_before_check(stage: Stage, run: Run) -> StageCounts:
    if stage.__name__ == "check":
        raise KeyboardInterrupt
    return stage(run)


def test_the_same_rows_and_parts_that_are_made_twice(cluster: Cluster, tmp_path: Path) -> None:
    """Local and Dask leave the same rows, also when every part was asked for twice at once: one of them is kept."""
    local = _desk(tmp_path / "local", ROOT / "seeds", "")
    run_desk(local)
    desk = _desk(tmp_path / "dask", ROOT / "seeds", f'engine = "dask"\ndask_scheduler = "{cluster.address}"\n')
    with pytest.raises(KeyboardInterrupt):
        run_desk(desk, step=_stop_before_check)
    (folder,) = desk.runs.glob("*-*")
    assert len(part_paths(folder / "extract")) == 3
    before = {path: path.read_bytes() for path in sorted((folder / "extract").rglob("*.parquet"))}
    _extract_twice(folder, desk)
    assert {path: path.read_bytes() for path in sorted((folder / "extract").rglob("*.parquet"))} == before
    shutil.rmtree(folder / "extract")
    _extract_twice(folder, desk)
    assert [p.name for p in (folder / "extract").iterdir() if p.name.startswith(".")] == []
    assert [damage_of(part) for part in part_paths(folder / "extract")] == [None, None, None]
    finish_interrupted(desk)
    assert dump(desk.root) == dump(local.root)
    assert len(dump(local.root)["main.articles"]) == 6


def _extract_twice(folder: Path, desk: DeskFolder) -> None:
    """Ask the cluster twice for each extract part of a run."""
    from copydesk.runs.folder import open_run

    run = open_run(desk, folder)
    tasks = list(extract_stage._tasks(run, part_paths(folder / "acquire"), folder / "boilerplate.parquet"))
    batches = [Batch(payload=task, size=2) for task in tasks for _ in range(2)]
    with open_pool(desk.settings.run, folder, parts=len(batches)) as pool:
        answers: Sequence[Path] = [answer for _, answer in pool.each(extract_stage.extract_part, batches)]
    assert sorted(answers) == sorted([task.target for task in tasks] * 2)


@pytest.mark.parametrize(
    ("release", "there", "message"),
    [
        (
            Release(copydesk="0.0.1", rules=own_release().rules, python=own_release().python),
            True,
            "copydesk 0.0.1 here",
        ),
        (own_release(), False, "does not see .* under the same path"),
    ],
)
def test_a_worker_that_differs_says_so(tmp_path: Path, release: Release, there: bool, message: str) -> None:
    """A worker of another release, or one that does not see the desk, refuses the batch and says what to do."""
    with pytest.raises(ClusterError, match=message):
        run_batch(b"", LIMITS, release, tmp_path if there else tmp_path / "missing", 1)


def test_no_scheduler_no_package_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is read: who does not answer, what to install, how an address is written."""
    monkeypatch.setattr(dask_pool, "_CONNECT_S", 0.2)
    nobody = RunSettings(engine="dask", dask_scheduler="tcp://127.0.0.1:9")
    with pytest.raises(ClusterError, match=r"the Dask scheduler at tcp://127\.0\.0\.1:9 does not answer"):
        check_engine(nobody)
    (tmp_path / "copydesk.toml").write_text('[run]\ndask_scheduler = "10.0.0.5"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r'dask_scheduler = "tcp://10\.0\.0\.5:8786"'):
        find_desk_folder(tmp_path)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r'pip install "copydesk\[cluster\]"'):
        check_engine(nobody)


def test_a_scheduler_that_goes_away_is_named(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that loses its scheduler ends with a message; the parts that were made are there for the next one."""
    monkeypatch.setattr(dask_pool, "_CONNECT_S", 2)
    paths = [tmp_path / str(n) for n in range(30)]
    with DaskPool(cluster.settings(), tmp_path) as pool:
        answers = pool.each(slow, [Batch(payload=path, size=1) for path in paths])
        next(answers)
        cluster.scheduler.kill()
        with pytest.raises(CopydeskError, match="scheduler went away"):
            list(answers)
    assert any(path.exists() for path in paths)
