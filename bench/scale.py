"""What a cluster gains: the same rows, efficiency over the number of workers, and a model beside the measurement.

    python bench/scale.py rows        --shared ../shared [--pages 200]
    python bench/scale.py kills       --shared ../shared [--pages 20] [--kills 100]
    python bench/scale.py costs       --shared ../shared [--pages 600] [--output bench/results/scale_costs.json]
    python bench/scale.py efficiency  [--parts 16] [--workers 1 2 4 8 16 64]  -> bench/results/scale.{json,md}
    python bench/scale.py plan        [--pages 1360000000] [--part-bytes 64000000] [--cores 1024]

`rows` runs seeds and pages on the engine `local` into a file, and on a Dask cluster of two workers into a lake, and
compares every row.

`kills` runs a desk again and again whose pages lie in S3, whose engine is Dask and whose warehouse is a lake, while
workers, the scheduler with all of them, PostgreSQL and the S3 server are killed at random moments (SIGKILL) and started
again; a run that ended with an error is run again, as a person would.

`costs` runs the same stages on one core and records the CPU seconds of each part of extract, and of the stages that one
process does: counting's sum, check and publish, per 1,000 documents.

`efficiency` starts a real `dask scheduler` and real `dask worker`s, and sends parts through `DaskPool`, as a run does;
each part sleeps as many seconds as a recorded one took. So 64 workers are tried on two cores: what is measured is what
distributing costs, not what computing does. Efficiency = seconds slept / (workers x seconds passed). Each worker gets
the same number of parts whatever their number; the last ones wait for the longest part, as in a run.

Beside it stand two models. Events: the same parts, in the same order, each to the worker that is free first, after the
scheduler's measured seconds for a task; it has no other parameter. USL: the Universal Scalability Law,
C(N) = N / (1 + a (N - 1) + b N (N - 1)), contention a and coherency b fitted by least squares (N. J. Gunther, Guerrilla
Capacity Planning, Springer 2007, chapter 4-5).
"""

from __future__ import annotations

import argparse
import gzip
import heapq
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))
sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.speed import html_pages

from copydesk.errors import CopydeskError
from copydesk.pipeline import run_desk, run_inline, run_stage, starting_run
from copydesk.runs.folder import Run
from copydesk.settings import DeskFolder, RunSettings, find_desk_folder
from copydesk.stages import extract as extract_stage
from copydesk.stages.acquire import acquire
from copydesk.stages.check import check
from copydesk.stages.publish import publish
from copydesk.store.parts.part_files import part_paths, read_tally
from copydesk.workers.dask_pool import DaskPool
from copydesk.workers.pool import Batch, Watchdog

if TYPE_CHECKING:
    from tests.postgres import Postgres
    from tests.s3 import S3

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench/results"
THREADS = 16
"""Threads of a Dask worker, at most: a machine of so many cores."""
NOISE = 20261127
_HAND = 'x="{x}" y="{y}" fill="#333"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One number of workers.

    Attributes:
        workers: How many.
        parts: Parts that were sent.
        slept_s: Seconds that all parts slept.
        wall_s: Seconds from the first to the last.
        client_cpu_s, scheduler_cpu_s: CPU of the process that asks, and of the scheduler.
    """

    workers: int
    parts: int
    slept_s: float
    wall_s: float
    client_cpu_s: float
    scheduler_cpu_s: float

    @property
    def efficiency(self) -> float:
        """Share of the workers' time that was spent on parts."""
        return self.slept_s / (self.workers * self.wall_s)


# the same rows


def seeds_and_pages(shared: Path, pages: int) -> Iterator[tuple[str, bytes]]:
    """Yield the seeds and some pages: file name, content."""
    for seed in sorted((ROOT / "seeds").iterdir()):
        yield seed.name, seed.read_bytes()
    for number, page in enumerate(islice(html_pages(shared), pages)):
        yield f"{number:05}.html", page


def make_desk(folder: Path, shared: Path, pages: int, run: str) -> DeskFolder:
    """Lay out the seeds and some pages, with fixed times."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    for name, content in seeds_and_pages(shared, pages):
        (inbox / name).write_bytes(content)
    for path in inbox.iterdir():
        os.utime(path, ns=(10**18, 10**18))
    source = '[[source]]\nname = "inbox"\nkind = "files"\npaths = ["inbox"]\n'
    (folder / "copydesk.toml").write_text(f"[run]\npart_bytes = 4000000\n{run}{source}", encoding="utf-8")
    return find_desk_folder(folder)


def compare_rows(shared: Path, pages: int) -> int:
    """Load the same pages here into a file, and from a Dask cluster into a lake; print each table's rows and hash."""
    from tests.faults.equality import differences, dump
    from tests.postgres import postgres

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-")))
        lake = stack.enter_context(postgres()).address("rows")
        cluster = stack.enter_context(Cluster(folder, workers=2, threads=1))
        engine = f'engine = "dask"\ndask_scheduler = "{cluster.address}"\n'
        found = []
        for name, run in (("local", "workers = 1\n"), ("dask", f'{engine}[warehouse]\npath = "{lake}"\n')):
            desk = make_desk(folder / name, shared, pages, run)
            with starting_run(desk, (), trigger="cli") as (started, _):
                for stage in (acquire, extract_stage.extract, check, publish):
                    run_stage(started, stage, step=run_inline)
            found.append(dump(_as_file(desk)))
    here, there = found
    print("| table | rows | local, file | Dask, lake |\n| --- | ---: | --- | --- |")
    for table in sorted(here.keys() | there.keys()):
        hashes = (sha256("\n".join(rows.get(table, ())).encode()).hexdigest()[:12] for rows in found)
        print(f"| {table} | {len(there.get(table, ())):,} | {' | '.join(hashes)} |")
    wrong = differences(here, there)
    print(f"{pages} pages and the seeds: {sum(map(len, here.values())):,} rows; {len(wrong)} tables differ")
    print("\n".join(line[:500] for line in wrong))
    return int(bool(wrong))


# killed at random


def run_under_kills(shared: Path, pages: int, rounds: int, kills: int) -> int:
    """Run a desk whose every server is being killed, as often as asked; print what was killed and what differs.

    The pages lie in S3, the engine is Dask, the warehouse a lake. What is compared is every row that a DuckDB file has
    into which one undisturbed process has loaded the same pages; of the quarantine, what is still open. A page that S3
    did not give comes with a later run, so the lines of the others were judged without it: the process then takes the
    pages in the same runs.
    """
    import obstore
    from tests.faults.equality import differences
    from tests.postgres import postgres
    from tests.s3 import s3_server

    killed: Counter[str] = Counter()
    broken = wrong = apart = turn = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-")))
        (folder / "s3").mkdir()
        s3 = stack.enter_context(s3_server(folder / "s3"))
        database = stack.enter_context(postgres())
        for name, content in seeds_and_pages(shared, pages):
            obstore.put(s3.store, f"pages/{name}", content)
        whole = make_remote_desk(folder / "whole", "workers = 1\n")
        run_desk(whole)
        reference = _open_rows(whole.root)
        cluster = stack.enter_context(Cluster(folder, workers=2, threads=1))
        servers = Servers(cluster=cluster, postgres=database, s3=s3)
        while turn < rounds and killed.total() < kills:
            engine = f'engine = "dask"\ndask_scheduler = "{cluster.address}"\n'
            path = database.address(f"round{turn}")
            desk = make_remote_desk(folder / str(turn), engine, f'[warehouse]\npath = "{path}"\nlock_timeout_s = 60\n')
            with _killing(servers, random.Random(NOISE + turn), killed):
                broken += _until_done(desk)
            run_desk(desk)  # what an undisturbed run has left to do: nothing, or inputs that could not be read
            root = _as_file(desk)
            rows, runs = _open_rows(root), _pages_by_run(root)
            found = differences(reference, rows)
            if found and len(runs) > 1:
                found = differences(_open_rows(_taken_in(runs, folder / f"again{turn}")), rows)
                apart += 1
            wrong += bool(found)
            turn += 1
            print(
                f"round {turn}: {dict(killed)}, {broken} runs ended with an error, {apart} rounds had pages that came "
                f"with a later run, {wrong} rounds differ",
                flush=True,
            )
            print("".join(f"{line[:900]}\n" for line in found), end="", flush=True)
            shutil.rmtree(desk.root)
    return int(bool(wrong))


def make_remote_desk(folder: Path, run: str, warehouse: str = "", without: Sequence[str] = ()) -> DeskFolder:
    """Lay out a desk whose pages lie in S3, or change the one that is there; some pages are left out."""
    folder.mkdir(exist_ok=True)
    source = f'[[source]]\nname = "inbox"\nkind = "files"\npaths = ["s3://news/pages/"]\nexclude = {list(without)}\n'
    (folder / "copydesk.toml").write_text(f"[run]\npart_documents = 2\n{run}{warehouse}{source}", encoding="utf-8")
    return find_desk_folder(folder)


def _as_file(desk: DeskFolder) -> Path:
    """Return the folder of a desk whose warehouse is a file: the desk's own, or one that its lake is moved into."""
    from copydesk.store.warehouse.connection import Warehouse, open_warehouse
    from copydesk.store.warehouse.lake.move import move_warehouse

    warehouse = open_warehouse(desk)
    if warehouse.lake is None:
        return desk.root
    root = desk.root / "moved"
    (root / "warehouse").mkdir(parents=True)
    move_warehouse(warehouse, Warehouse(root / "warehouse/copydesk.duckdb"))
    return root


def _open_rows(root: Path) -> dict[str, list[str]]:
    """Return all rows of a desk, but of the quarantine what is open."""
    from tests.faults.equality import dump

    rows = dump(root)
    rows["audit.quarantine"] = [row for row in rows["audit.quarantine"] if "'resolution': None" in row]
    return rows


def _pages_by_run(root: Path) -> list[list[str]]:
    """Return the names of the pages that each run of a desk has loaded, in the order of the runs."""
    from copydesk.store.warehouse.connection import Warehouse

    with Warehouse(root / "warehouse/copydesk.duckdb").open_for_reading() as connection:
        found = connection.rows(
            "select list(parse_filename(uri) order by uri) from audit.captures join ops.runs using (run_id) "
            "group by run_id, started_at order by started_at"
        )
    return [names for (names,) in found]


def _taken_in(runs: Sequence[Sequence[str]], folder: Path) -> Path:
    """Take the pages here, undisturbed, in the same runs; return the desk's folder."""
    for number in range(len(runs)):
        later = [name for names in runs[number + 1 :] for name in names]
        desk = make_remote_desk(folder, "workers = 1\n", without=later)
        run_desk(desk)
    return desk.root


def _until_done(desk: DeskFolder) -> int:
    """Run until a run ends well; return how many did not."""
    for failed in range(100):
        try:
            summary = run_desk(desk)
        except CopydeskError as error:
            print(f"  {type(error).__name__}: {str(error)[:160]}", flush=True)
            continue
        if not any(before.error for before in summary.resumed):
            return failed
    raise SystemExit("no run ended well")


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """All that a run depends on."""

    cluster: Cluster
    postgres: Postgres
    s3: S3

    def kill(self, what: str, chance: random.Random) -> None:
        """Kill one with SIGKILL and start it again, PostgreSQL and S3 after up to two seconds."""
        if what in {"worker", "scheduler"}:
            self.cluster.kill(what, chance)
            return
        server = self.postgres if what == "postgres" else self.s3
        server.kill()
        time.sleep(chance.uniform(0, 2))
        server.start()


@contextmanager
def _killing(servers: Servers, chance: random.Random, killed: Counter[str]) -> Iterator[None]:
    """Kill something every few seconds while the block runs."""
    over = threading.Event()

    def kill() -> None:
        while not over.wait(chance.uniform(0.5, 6)):
            what = chance.choice(("worker", "worker", "scheduler", "postgres", "postgres", "s3", "s3"))
            servers.kill(what, chance)
            killed[what] += 1

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


# what parts cost


def record_costs(shared: Path, pages: int) -> dict[str, object]:
    """Return CPU seconds of each part, counted and extracted in this process, and of the stages of one process."""
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        desk = make_desk(Path(name) / "desk", shared, pages, "workers = 1\n")
        with starting_run(desk, (), trigger="cli") as (run, _):
            clock = time.process_time()
            run_stage(run, acquire)
            serial = {"acquire": time.process_time() - clock}
            parts = list(_timed_parts(run, serial))
            run_stage(run, extract_stage.extract)  # finds all parts there
            for stage in (check, publish):
                clock = time.process_time()
                run_stage(run, stage)
                serial[stage.__name__] = time.process_time() - clock
        packed = [len(gzip.compress(path.read_bytes())) for path in (desk.root / "inbox").glob("*.html")]
        size = sum(path.stat().st_size for path in (desk.warehouse.parent).rglob("*") if path.is_file())
    documents = sum(int(part["documents"]) for part in parts)
    return {
        "documents": documents,
        "serial_cpu_s_per_1000": {name: round(s / documents * 1000, 3) for name, s in serial.items()},
        "warehouse_bytes": size,
        "gzip_bytes": round(sum(packed) / len(packed)),
        "parts": parts,
    }


def _timed_parts(run: Run, serial: dict[str, float]) -> Iterator[dict[str, float]]:
    captured = part_paths(run.stage_folder("acquire"))
    counts = run.folder / "line_counts"
    counts.mkdir()
    seconds = {}
    for task in extract_stage._tasks(run, captured, None):
        target = counts / f"{task.part.name}.parquet"
        seconds[task.part.name] = _cpu(extract_stage.count_part, extract_stage.replace(task, target=target))
    clock = time.process_time()
    extract_stage._sum_counts(run)
    serial["sum of counts"] = time.process_time() - clock
    for task in extract_stage._tasks(run, captured, run.folder / "boilerplate.parquet"):
        extracting = _cpu(extract_stage.extract_part, task)
        tally = read_tally(task.part)
        written = sum(path.stat().st_size for path in task.target.iterdir())
        yield {
            "documents": tally["counts"]["captured"],
            "bytes": tally["bytes"],
            "part_bytes": written,
            "count_s": round(seconds[task.part.name], 3),
            "extract_s": round(extracting, 3),
        }


def _cpu(function, task) -> float:  # type: ignore[no-untyped-def]
    clock = time.process_time()
    function(Batch(payload=task, size=1), Watchdog(None, 60))
    return time.process_time() - clock


# what distributing costs


class Cluster:
    """A scheduler and its workers, as `dask scheduler` and `dask worker` start them."""

    def __init__(self, folder: Path, *, workers: int, threads: int) -> None:
        self._file = folder / f"scheduler-{workers}-{threads}.json"
        self._stack = ExitStack()
        self._number, self._threads = workers, threads
        self._processes: list[subprocess.Popen[bytes]] = []
        self.scheduler = 0
        self._port = _free_port()

    def __enter__(self) -> Self:
        from distributed import Client

        self._start_all()
        with Client(scheduler_file=str(self._file), set_as_default=False, timeout=120) as client:
            client.wait_for_workers(self._number)
            self.address = client.scheduler.address
        return self

    def _start_all(self) -> None:
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self._port)).pid
        for _ in range(self._number):
            self._start("dask_worker", "--nthreads", str(self._threads), "--local-directory", str(self._file.parent))

    def kill(self, what: str, chance: random.Random) -> None:
        """Kill a worker with its nanny and start another, or the scheduler and all workers and start them again."""
        scheduler, *workers = self._processes
        gone = [scheduler, *workers] if what == "scheduler" else [chance.choice(workers)]
        for process in gone:
            for child in _children(process.pid):
                os.kill(child, signal.SIGKILL)
            process.kill()
            process.wait()
            self._processes.remove(process)
        if what == "scheduler":
            self._start_all()
        else:
            self._start("dask_worker", "--nthreads", str(self._threads), "--local-directory", str(self._file.parent))

    def _start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", f"distributed.cli.{what}"),
                *("--scheduler-file", str(self._file), "--no-dashboard"),
                *options,
            ],
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(process.wait, 60)
        self._stack.callback(process.terminate)
        self._processes.append(process)
        return process

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def sleep_part(batch: Batch[float], watch: Watchdog) -> float:
    """Sleep as long as a recorded part took; runs where extract runs, in a process of a worker's pool."""
    watch.at(0)
    time.sleep(batch.payload)
    return batch.payload


@contextmanager
def _pool(folder: Path, workers: int) -> Iterator[tuple[DaskPool, int]]:
    machines, threads = max(1, workers // THREADS), min(workers, THREADS)
    with Cluster(folder, workers=machines, threads=threads) as cluster:
        settings = RunSettings(engine="dask", dask_scheduler=cluster.address, document_timeout_s=600)
        with DaskPool(settings, folder) as pool:
            warm = [Batch(payload=1.0, size=1) for _ in range(2 * workers)]
            list(pool.each(sleep_part, warm))
            yield pool, cluster.scheduler


def measure(costs: Sequence[float], workers: int, parts: int, repeats: int, folder: Path) -> Measured:
    """Send `parts` parts for each worker through a real cluster; the shortest of some repeats, as load only adds."""
    batches = [Batch(payload=cost, size=1) for cost in chosen(costs, workers * parts)]
    with _pool(folder, workers) as (pool, scheduler):
        return min((_measured(pool, batches, workers, scheduler) for _ in range(repeats)), key=lambda m: m.wall_s)


def _measured(pool: DaskPool, batches: Sequence[Batch[float]], workers: int, scheduler: int) -> Measured:
    before, own, clock = _cpu_of(scheduler), resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    slept = sum(answer for _, answer in pool.each(sleep_part, batches))
    wall, now = time.monotonic() - clock, resource.getrusage(resource.RUSAGE_SELF)
    return Measured(
        workers=workers,
        parts=len(batches),
        slept_s=round(slept, 2),
        wall_s=round(wall, 2),
        client_cpu_s=round(now.ru_utime + now.ru_stime - own.ru_utime - own.ru_stime, 2),
        scheduler_cpu_s=round(_cpu_of(scheduler) - before, 2),
    )


def chosen(costs: Sequence[float], number: int) -> list[float]:
    """Return so many of the recorded costs, the same each time."""
    return random.Random(NOISE).choices(costs, k=number)


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# models


def events(costs: Sequence[float], workers: int, task_s: float) -> float:
    """Return the efficiency when each part goes to the worker that is free first, tasks one after the other."""
    free = [0.0] * workers
    heapq.heapify(free)
    sent = 0.0
    for cost in costs:
        sent = max(sent + task_s, heapq.heappop(free))
        heapq.heappush(free, sent + cost)
    return sum(costs) / (workers * max(free))


def usl(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return contention and coherency of the Universal Scalability Law, fitted to (workers, efficiency).

    N / C - 1 = a (N - 1) + b N (N - 1) is linear in both; neither may be below 0.
    """
    rows = [(n - 1.0, n * (n - 1.0), 1 / e - 1) for n, e in points if n > 1]
    aa, ab, bb = (sum(x * y for x, y in pairs) for pairs in _products(rows))
    ay, by = sum(r[0] * r[2] for r in rows), sum(r[1] * r[2] for r in rows)
    determinant = aa * bb - ab * ab
    a, b = (ay * bb - by * ab) / determinant, (by * aa - ay * ab) / determinant
    if b < 0:
        a, b = ay / aa, 0.0
    elif a < 0:
        a, b = 0.0, by / bb
    return max(a, 0.0), max(b, 0.0)


def _products(rows: Sequence[tuple[float, float, float]]) -> tuple[list[tuple[float, float]], ...]:
    return ([(r[0], r[0]) for r in rows], [(r[0], r[1]) for r in rows], [(r[1], r[1]) for r in rows])


def usl_efficiency(workers: float, contention: float, coherency: float) -> float:
    """Return C(N) / N."""
    return 1 / (1 + contention * (workers - 1) + coherency * workers * (workers - 1))


# the paper plan


def plan(pages: float, part_bytes: float, cores: int) -> None:
    """Print what many pages would take, by what was measured here and in bench/results/million.json."""
    costs = json.loads((RESULTS / "scale_costs.json").read_text(encoding="utf-8"))
    found = [Measured(**m) for m in json.loads((RESULTS / "scale.json").read_text(encoding="utf-8"))]
    documents, parts = costs["documents"], costs["parts"]
    count, extracting, size, written = (
        sum(part[name] for part in parts) / documents for name in ("count_s", "extract_s", "bytes", "part_bytes")
    )
    task_s = _task_s(found)
    widest = max(found, key=lambda m: m.workers)
    number = pages * size / part_bytes
    serial = costs["serial_cpu_s_per_1000"]
    loads = _million()
    hours = pages * (count + extracting) / 3600
    rows = [
        (
            "extraction, core hours",
            f"{hours:,.0f}",
            f"{1000 * (count + extracting):.1f} ms a page, {1000 * count:.1f} of them counting",
        ),
        (
            f"the same on {cores:,} cores, hours",
            f"{hours / cores / widest.efficiency:,.0f}",
            f"efficiency {widest.efficiency:.3f}, as at {widest.workers} workers",
        ),
        (
            "read, TB a pass",
            f"{pages * costs['gzip_bytes'] / 1e12:,.1f}",
            f"{costs['gzip_bytes'] / 1000:.0f} kB a page, compressed; three passes (acquire, count, extract)",
        ),
        (
            "parts in the run folders, TB",
            f"{pages * written / 1e12:,.1f}",
            f"{written / 1000:.1f} kB a page; gone after the load",
        ),
        (
            "parts",
            f"{number:,.0f}",
            f"of {part_bytes / 1e6:.0f} MB, {part_bytes / size:.0f} pages, {part_bytes / size * extracting:.0f} s",
        ),
        ("tasks, scheduler hours", f"{2 * number * task_s / 3600:,.1f}", f"two a part, {1000 * task_s:.1f} ms each"),
        (
            "acquire, hours of one core",
            f"{pages * serial['acquire'] / 3.6e6:,.0f}",
            f"{serial['acquire']:.2f} s per 1,000 pages; one process per source",
        ),
        ("sum of counts, hours of one core", f"{pages * serial['sum of counts'] / 3.6e6:,.0f}", "one process per run"),
        (
            "check and load, hours of one writer",
            f"{pages * loads[0] / 3600:,.0f} to {pages * loads[-1] / 3600:,.0f}",
            "small pages (million.json), at 100,000 and at a million in the file",
        ),
        ("commits", f"{pages / 1e5:,.0f}", "of 100,000 captures"),
        (
            "cores that one writer keeps up with",
            f"{extracting / loads[-1]:.0f} to {extracting / loads[0]:.0f}",
            "by the same figures",
        ),
    ]
    print(f"| {pages:,.0f} pages | | by |\n| --- | ---: | --- |")
    print("\n".join(f"| {what} | {value} | {by} |" for what, value, by in rows))


def _task_s(found: Sequence[Measured]) -> float:
    """Return the scheduler's CPU seconds for a task, where its idle seconds weigh least."""
    widest = max(found, key=lambda m: m.workers)
    return widest.scheduler_cpu_s / widest.parts


def _million() -> tuple[float, float]:
    """Return the seconds that check and load of a page take, at 100,000 pages in the file and at the end.

    Of the first run of bench/results/million.json: its loads say how far they are.
    """
    run = json.loads((RESULTS / "million.json").read_text(encoding="utf-8"))["runs"][0]
    steps = [(seconds, done) for seconds, stage, done in run["steps"] if stage == "publish"]

    def slope(pages: int) -> float:
        near = [(seconds, done) for seconds, done in steps if pages - 100_000 <= done <= pages]
        (begin, first), (end, last) = near[0], near[-1]
        return float((end - begin) / (last - first))

    checked = run["stages"]["check"] / run["pages"]
    return checked + slope(100_000), checked + slope(run["pages"])


# the report


def report(found: Sequence[Measured], costs: Sequence[float], parts: int) -> None:
    """Write the table and the picture."""
    task_s = _task_s(found)
    relative = [(m.workers, m.efficiency / found[0].efficiency) for m in found]
    a, b = usl(relative)
    lines = [
        "| workers | parts | s slept | s passed | efficiency | events | USL | client ms/part | scheduler ms/part |",
        "| ---: " * 9 + "|",
    ]
    for m in found:
        modelled = events(chosen(costs, m.parts), m.workers, task_s)
        law = found[0].efficiency * usl_efficiency(m.workers, a, b)
        lines.append(
            f"| {m.workers} | {m.parts} | {m.slept_s:.0f} | {m.wall_s:.1f} | {m.efficiency:.3f} | {modelled:.3f} "
            f"| {law:.3f} | {m.client_cpu_s / m.parts * 1000:.1f} | {m.scheduler_cpu_s / m.parts * 1000:.1f} |"
        )
    mean = sum(costs) / len(costs)
    lines.append("")
    lines.append(
        f"Parts of {mean:.2f} s in the mean ({min(costs):.2f} to {max(costs):.2f}), {parts} for each worker, through "
        f"`DaskPool` and a real scheduler; a Dask worker of at most {THREADS} threads stands for a machine. Models: "
        f"events, with {task_s * 1000:.1f} ms of the scheduler a task; USL, contention {a:.5f}, coherency {b:.7f}."
    )
    (RESULTS / "scale.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    picture(ROOT / "docs/images/scale.svg", found, lambda n: found[0].efficiency * usl_efficiency(n, a, b))
    print("\n".join(lines))


def picture(path: Path, found: Sequence[Measured], law) -> None:  # type: ignore[no-untyped-def]
    """Draw efficiency over workers, measured and by the law."""
    from math import log2

    top = log2(max(m.workers for m in found)) or 1

    def place(workers: float, efficiency: float) -> tuple[float, float]:
        return 60 + 620 * log2(workers) / top, 40 + 260 * (1 - efficiency)

    grid = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = place(1, share)[1]
        grid.append(f'<line x1="60" x2="680" y1="{y}" y2="{y}" stroke="#ddd"/>')
        grid.append(f"<text {_HAND.format(x=28, y=y + 4)}>{share:.2f}</text>")
    curve = " ".join(
        "{:.1f},{:.1f}".format(*place(2 ** (top * i / 100), law(2 ** (top * i / 100)))) for i in range(101)
    )
    marks = []
    for m in found:
        x, y = place(m.workers, m.efficiency)
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#00796b"/>')
        marks.append(f"<text {_HAND.format(x=f'{x - 12:.1f}', y=f'{y + 20:.1f}')}>{m.efficiency:.3f}</text>")
        marks.append(f"<text {_HAND.format(x=f'{x - 6:.1f}', y=320)}>{m.workers}</text>")
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 350" font-family="sans-serif" font-size="12">'
        f"<text {_HAND.format(x=60, y=20)}>efficiency over workers; line: Universal Scalability Law</text>"
        f"{''.join(grid)}"
        f'<polyline points="{curve}" fill="none" stroke="#999" stroke-dasharray="4 3"/>{"".join(marks)}'
        f"<text {_HAND.format(x=340, y=342)}>workers</text></svg>\n",
        encoding="utf-8",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    what = parser.add_subparsers(dest="what", required=True)
    for name, pages in (("rows", 200), ("costs", 600), ("kills", 20)):
        command = what.add_parser(name)
        command.add_argument("--shared", type=Path, required=True)
        command.add_argument("--pages", type=int, default=pages)
    command.add_argument("--rounds", type=int, default=100)
    command.add_argument("--kills", type=int, default=100)
    what.choices["costs"].add_argument("--output", type=Path, default=RESULTS / "scale_costs.json")
    command = what.add_parser("efficiency")
    command.add_argument("--parts", type=int, default=16, help="parts for each worker")
    command.add_argument("--repeats", type=int, default=2)
    command.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8, 16, 64])
    command = what.add_parser("plan")
    command.add_argument("--pages", type=float, default=1.36e9)
    command.add_argument("--part-bytes", type=float, default=64e6)
    command.add_argument("--cores", type=int, default=1024)
    asked = parser.parse_args()
    if asked.what == "rows":
        return compare_rows(asked.shared, asked.pages)
    if asked.what == "kills":
        return run_under_kills(asked.shared, asked.pages, asked.rounds, asked.kills)
    if asked.what == "plan":
        plan(asked.pages, asked.part_bytes, asked.cores)
        return 0
    recorded = RESULTS / "scale_costs.json"
    if asked.what == "costs":
        asked.output.write_text(json.dumps(record_costs(asked.shared, asked.pages), indent=1) + "\n", encoding="utf-8")
        print(asked.output.read_text(encoding="utf-8")[:600])
        return 0
    costs = [part["extract_s"] for part in json.loads(recorded.read_text(encoding="utf-8"))["parts"]]
    found = []
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        for workers in asked.workers:
            found.append(measure(costs, workers, asked.parts, asked.repeats, Path(folder)))
            print(f"{workers:3} workers: {found[-1].efficiency:.3f}", flush=True)
    (RESULTS / "scale.json").write_text(json.dumps([asdict(m) for m in found], indent=1) + "\n", encoding="utf-8")
    report(found, costs, asked.parts)
    return 0


if __name__ == "__main__":
    from bench import scale  # so that workers find `sleep_part` under its module's name

    sys.exit(scale.main())
