"""Real commits in the loop of a cluster: what a load of real pages costs, and the efficiency of many workers with it.

    python -m bench.commits loads       --shared ../shared [--pages 300]
    python -m bench.commits expected    [--workers 1 4 8 16 64] [--parts 24] [--load 1.25] [--page 0.0019]
    python -m bench.commits efficiency  --shared ../shared [--workers 1 4 8 16 64] [--parts 24] [--most 384]

`loads` publishes the same pages in loads of different size and prints CPU milliseconds a page of each.

`efficiency`: workers that take as long as recorded parts took, and beside them one writer, which takes the parts that
are done and loads them into a DuckDB file, all that wait in one transaction. The loads are real. What is loaded for a
part is a recorded part of real pages, with keys, addresses and hashes of its own, so that each brings new articles. Its
line counts are loaded as well: lines that one page has become lines of another page, those that recur stay the same.

Time is counted, not slept: a worker's by recorded CPU seconds and the scheduler's, as in the model of `bench/scale.py`,
the writer's by the CPU seconds that each load took. So two busy cores do for 64 workers, and the writer is one core
(this process keeps to one). Efficiency = seconds of parts / (workers x seconds to the last commit).

`expected`: the same with loads that are not made, but take so many seconds, and so many for each page.

Not in it: `check`, which today comes before the load, in one process; and that a run loads after its last part: several
runs at work, one a source, come near to what is measured here.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from bench.scale import RESULTS, chosen, make_desk, usl, usl_efficiency

from copydesk.pipeline import run_stage, starting_run
from copydesk.stages.acquire import acquire
from copydesk.stages.check import check
from copydesk.stages.extract import extract
from copydesk.store.load.load_run import load_run
from copydesk.store.parts.part_files import LINE_COUNTS, line_counts_of, part_paths, read_tally
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.ledger import RunRow

_KEYS = ("capture_id", "article_id", "revision_id")
_HASHES = ("sha256", "text_sha256", "body_sha256")
TASK_S = 0.0032
"""CPU seconds of Dask's scheduler a task (bench/results/scale.md)."""
_STAGES = ("acquire", "extract", "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """One number of workers, with loads beside them.

    Attributes:
        workers, parts, pages: How many.
        loads: Transactions.
        parts_s: Seconds of all parts.
        extracted_s: Seconds to the last part.
        committed_s: Seconds to the last commit.
        load_s: Seconds of all loads.
    """

    workers: int
    parts: int
    pages: int
    loads: int
    parts_s: float
    extracted_s: float
    committed_s: float
    load_s: float

    @property
    def efficiency(self) -> float:
        """Share of the workers' time, to the last commit, that was spent on parts."""
        return self.parts_s / (self.workers * self.committed_s)


@contextmanager
def recorded(shared: Path, pages: int) -> Iterator[Path]:
    """Take real pages up to check; yield the folder of the run."""
    with tempfile.TemporaryDirectory(prefix="commits-") as name:
        desk = make_desk(Path(name) / "desk", shared, pages, "workers = 2\n")
        with starting_run(desk, (), trigger="cli") as (run, _):
            for stage in (acquire, extract, check):
                run_stage(run, stage)
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
            yield run.folder


def clone(connection: duckdb.DuckDBPyConnection, part: Path, target: Path, number: int) -> None:
    """Write an acquire, extract or check part again as that of other pages: keys, addresses and hashes differ."""
    target.mkdir(parents=True)
    for file in part.glob("*.parquet"):
        names = _columns(connection, file)
        anew = {name: f"md5({name} || '{number}')::uuid::varchar" for name in _KEYS}
        if file.name not in {"links.parquet", "captions.parquet", "evidence.parquet"}:
            anew |= {name: f"sha256({name} || '{number}')" for name in _HASHES}
            anew |= {name: f"replace({name}, '://', '://c{number}.')" for name in ("address", "url")}
            anew["uri"] = f"'{number}/' || uri"
            anew["hashes"] = f"list_transform(hashes, h -> xor(h, hash({number})))"
        replaced = ", ".join(f"{sql} as {name}" for name, sql in anew.items() if name in names)
        columns = f"* replace ({replaced})" if replaced else "*"
        connection.execute(
            f"copy (select {columns} from read_parquet('{file}')) "  # noqa: S608 our own names
            f"to '{target / file.name}' (compression zstd)"
        )
    shutil.copy(part / "tally.json", target / "tally.json")


def clone_counts(connection: duckdb.DuckDBPyConnection, counts: Path, target: Path, number: int) -> None:
    """Write the line counts of a part again as those of other pages."""
    key = f"case when pages = 1 then xor(line_key, {number * 1_000_003}) else line_key end"
    connection.execute(
        f"copy (select * replace ({key} as line_key) from read_parquet('{counts}')) "  # noqa: S608 our own names
        f"to '{target}' (compression zstd)"
    )


_known: dict[Path, frozenset[str]] = {}


def _columns(connection: duckdb.DuckDBPyConnection, file: Path) -> frozenset[str]:
    if file not in _known:
        rows = connection.execute(f"describe from read_parquet('{file}')").fetchall()
        _known[file] = frozenset(name for name, *_ in rows)
    return _known[file]


def clones(run: Path, folder: Path, number: int) -> Iterator[Path]:
    """Write so many parts below a folder, the recorded ones over and over; yield the folder of each."""
    names = [part.name for part in part_paths(run / "extract")]
    with duckdb.connect(config={"threads": "1"}) as connection:
        for n in range(number):
            for stage in _STAGES:
                if (source := run / stage / names[n % len(names)]).exists():
                    clone(connection, source, folder / f"{n:05}" / stage, n)
            if (counts := line_counts_of(run / "acquire" / names[n % len(names)])).exists():
                clone_counts(connection, counts, folder / f"{n:05}" / counts.name, n)
            yield folder / f"{n:05}"


def _load(warehouse: Warehouse, folder: Path, parts: Sequence[Path], number: int) -> tuple[int, float]:
    """Load parts as one run; return pages, and CPU seconds of this process."""
    run = folder / f"run-{number:04}"
    for part in parts:
        for stage in _STAGES:
            if (part / stage).exists():
                (run / stage).mkdir(parents=True, exist_ok=True)
                (part / stage).rename(run / stage / f"part-{part.name}")
        (run / LINE_COUNTS).mkdir(exist_ok=True)
        for counts in part.glob("*.parquet"):
            counts.rename(line_counts_of(run / "acquire" / f"part-{part.name}"))
    row = RunRow(
        run_id=run.name, started_at=datetime.now(UTC), sources=("inbox",), rules_version="r1", status="finished"
    )
    cpu = time.process_time()
    load_run(warehouse, row, run)
    passed = time.process_time() - cpu
    pages = sum(read_tally(p)["counts"]["captured"] for p in part_paths(run / "acquire"))
    shutil.rmtree(run)
    return pages, passed


def measure_loads(shared: Path, pages: int, sizes: Sequence[int]) -> None:
    """Print what a page costs in loads of so many parts."""
    print(
        "| parts a load | pages a load | loads | CPU ms a page | CPU s a load |\n| ---: | ---: | ---: | ---: | ---: |"
    )
    with recorded(shared, pages) as run, tempfile.TemporaryDirectory(prefix="commits-") as name:
        for size in sizes:
            folder = Path(name) / str(size)
            number = max(1, 44 // size)
            made = list(clones(run, folder / "parts", (number + 1) * size))
            warehouse = Warehouse(folder / "copydesk.duckdb")
            _load(warehouse, folder, made[:size], 0)  # imports, and the file
            found = [_load(warehouse, folder, made[n * size : (n + 1) * size], n) for n in range(1, number + 1)]
            total, cpu = sum(pages for pages, _ in found), sum(seconds for _, seconds in found)
            print(
                f"| {size} | {total // number} | {number} | {1000 * cpu / total:.2f} | {cpu / number:.2f} |", flush=True
            )


def measure(made: Sequence[Path], costs: Sequence[float], workers: int, folder: Path) -> Committed:
    """Give the parts to workers, each to the one that is free first; load what is done while they are at work."""
    done = finished(chosen(costs, len(made)), workers)
    warehouse = Warehouse(folder / "copydesk.duckdb")
    with warehouse.open_for_writing():  # the file is made before
        pass
    for part in made:
        shutil.copytree(part, folder / "parts" / part.name, copy_function=os.link)
    waiting = [(at, folder / "parts" / part.name) for at, part in sorted(zip(done, made, strict=True))]
    loads: list[tuple[int, float]] = []
    now = 0.0
    while waiting:
        now = max(now, waiting[0][0])
        ready = [part for at, part in waiting if at <= now]
        del waiting[: len(ready)]
        pages, seconds = _load(warehouse, folder, ready, len(loads))
        loads.append((pages, seconds))
        now += seconds
    return Committed(
        workers=workers,
        parts=len(made),
        pages=sum(pages for pages, _ in loads),
        loads=len(loads),
        parts_s=round(sum(chosen(costs, len(made))), 1),
        extracted_s=round(max(done), 1),
        committed_s=round(now, 1),
        load_s=round(sum(seconds for _, seconds in loads), 1),
    )


def expected(costs: Sequence[float], workers: int, load_s: float, part_s: float) -> float:
    """Return the efficiency with loads that take so long, and longer by so much for each part."""
    waiting = sorted(finished(costs, workers))
    now, loaded = 0.0, 0
    while loaded < len(waiting):
        now = max(now, waiting[loaded])
        ready = sum(at <= now for at in waiting[loaded:])
        now += load_s + part_s * ready
        loaded += ready
    return sum(costs) / (workers * now)


def finished(costs: Sequence[float], workers: int, task_s: float = TASK_S) -> list[float]:
    """Return when each part is done: see `bench.scale.events`."""
    free = [0.0] * workers
    heapq.heapify(free)
    sent, ends = 0.0, []
    for cost in costs:
        sent = max(sent + task_s, heapq.heappop(free))
        ends.append(sent + cost)
        heapq.heappush(free, ends[-1])
    return ends


def report(found: Sequence[Committed]) -> str:
    """Return the table, with the law beside it."""
    a, b = usl([(m.workers, m.efficiency / found[0].efficiency) for m in found])
    named = "workers, parts, pages, loads, s of parts, s to the last part, s to the last commit, efficiency, USL, "
    columns = f"{named}pages a load, ms a page of the loads".split(", ")
    lines = [f"| {' | '.join(columns)} |", "| ---: " * len(columns) + "|"]
    lines += [
        f"| {m.workers} | {m.parts} | {m.pages} | {m.loads} | {m.parts_s:.0f} | {m.extracted_s} | {m.committed_s} "
        f"| {m.efficiency:.3f} | {found[0].efficiency * usl_efficiency(m.workers, a, b):.3f} "
        f"| {m.pages / m.loads:.0f} | {1000 * m.load_s / m.pages:.2f} |"
        for m in found
    ]
    each = ", ".join(f"{m.parts / m.workers:.0f} at {m.workers}" for m in found)
    lines += ["", f"Parts for each worker: {each}. USL: contention {a:.5f}, coherency {b:.7f}."]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    what = parser.add_subparsers(dest="what", required=True)
    command = what.add_parser("loads")
    command.add_argument("--sizes", type=int, nargs="+", default=[1, 4, 22, 44])
    model, efficiency = what.add_parser("expected"), what.add_parser("efficiency")
    model.add_argument("--load", type=float, default=1.25, help="CPU seconds of a load")
    model.add_argument("--page", type=float, default=0.0019, help="CPU seconds of a page of it")
    efficiency.add_argument("--most", type=int, default=1536, help="parts in all, where that is fewer")
    for one in (model, efficiency):
        one.add_argument("--workers", type=int, nargs="+", default=[1, 4, 8, 16, 64])
        one.add_argument("--parts", type=int, default=24, help="parts for each worker")
        one.add_argument("--costs", type=Path, default=RESULTS / "commits_costs.json")
    for one in (command, efficiency):
        one.add_argument("--shared", type=Path, required=True)
        one.add_argument("--pages", type=int, default=300)
    asked: Any = parser.parse_args()
    if asked.what == "loads":
        measure_loads(asked.shared, asked.pages, asked.sizes)
        return 0
    parts = json.loads(asked.costs.read_text(encoding="utf-8"))["parts"]
    costs = [p["extract_s"] for p in parts]
    if asked.what == "expected":
        part_s = asked.page * sum(p["documents"] for p in parts) / len(parts)
        for workers in asked.workers:
            some = chosen(costs, workers * asked.parts)
            print(f"{workers:3} workers: {expected(some, workers, asked.load, part_s):.3f}")
        return 0
    found = []
    with recorded(asked.shared, asked.pages) as run, tempfile.TemporaryDirectory(prefix="commits-") as name:
        warm = Path(name) / "warm"
        _load(Warehouse(warm / "copydesk.duckdb"), warm, list(clones(run, warm / "made", 1)), 0)  # imports
        numbers = [min(workers * asked.parts, asked.most) for workers in asked.workers]
        made = list(clones(run, Path(name) / "made", max(numbers)))
        for workers, number in zip(asked.workers, numbers, strict=True):
            folder = Path(name) / str(workers)
            found.append(measure(made[:number], costs, workers, folder))
            shutil.rmtree(folder)
            print(found[-1], f"{found[-1].efficiency:.3f}", flush=True)
    (RESULTS / "commits.json").write_text(json.dumps([asdict(m) for m in found], indent=1) + "\n", encoding="utf-8")
    print(report(found))
    return 0


if __name__ == "__main__":
    from bench import commits

    sys.exit(commits.main())
