"""How many loads a second a lake commits, and whether they are exact, by the number of processes that load at once.

    python -m bench.lake [--writers 1 2 4] [--loads 6] [--pages 20] [--kills 0]

Starts a PostgreSQL of its own. Each writer is a process with its own run folders; half of the pages of a load are the
same for all writers, the other half its own. Afterwards the tables are compared, row for row, with those of a DuckDB
file into which one process has loaded the same runs one after the other. With --kills the writers are killed that many
times at random moments, and started again until all runs are loaded.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import ROOT, clean_environment
from tests.postgres import Postgres, postgres
from tests.store.conftest import Page, run_row, write_run

from copydesk.settings.lake_path import lake_path
from copydesk.store.load.load_run import load_run
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.constraints import broken_keys

_WRITER = """
import sys
from pathlib import Path
from tests.store.conftest import run_row
from copydesk.settings.lake_path import lake_path
from copydesk.store.load.load_run import load_run
from copydesk.store.warehouse.connection import Warehouse
root, address, runs = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
warehouse = Warehouse(lake_path(root, address, "data"), lock_timeout_s=3600)
for run in runs:
    load_run(warehouse, run_row(run), root / run)
    print(run, flush=True)
"""
_CLOCK = {"run_id", "first_run_id", "last_run_id", "loaded_at", "seen_at", "resolved_at"}


def main() -> None:
    """Parse the arguments and print a line per number of writers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--loads", type=int, default=6, help="loads of all writers together")
    parser.add_argument("--pages", type=int, default=20, help="pages per load")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print("writers  loads  pages  seconds  loads/s  CPU s  kills  rows      exact")
    with postgres() as server:
        for writers in args.writers:
            with tempfile.TemporaryDirectory(prefix="lake-bench-") as folder:
                _measure(server, Path(folder), writers, args)


def _measure(server: Postgres, root: Path, writers: int, args: argparse.Namespace) -> None:
    runs = [f"run-{number:03}" for number in range(args.loads)]
    for number, run in enumerate(runs):
        write_run(root / run, _pages(number, args.pages))
    address = server.address(f"bench{writers}")
    lake = Warehouse(lake_path(root, address, "data"), lock_timeout_s=3600)
    with lake.open_for_writing():
        pass
    began, used = time.monotonic(), _cpu_s()
    kills = _race(root, address, [runs[n::writers] for n in range(writers)], args.kills, random.Random(args.seed))
    seconds, used = time.monotonic() - began, _cpu_s() - used
    file = Warehouse(root / "file.duckdb")
    for run in runs:
        load_run(file, run_row(run), root / run)
    rows, wrong = _compared(file, lake)
    exact = "NO: " + ", ".join(wrong) if wrong else "yes"
    each = f"{writers:7}  {args.loads:5}  {args.pages:5}  {seconds:7.1f}  {args.loads / seconds:7.2f}  {used:5.1f}"
    print(f"{each}  {kills:5}  {rows:8}  {exact}", flush=True)


def _cpu_s() -> float:
    """Return the processor seconds of all writers that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _pages(number: int, count: int) -> list[Page]:
    shared = [Page(uri=f"all-{n}.txt", title=f"Story {n}", tags=("sea",)) for n in range(count // 2)]
    own = [Page(uri=f"{number}-{n}.txt", title=f"Own {number} {n}") for n in range(count - count // 2)]
    return [*shared, *own]


def _race(root: Path, address: str, shares: list[list[str]], kills: int, chance: random.Random) -> int:
    """Load all shares at once, killing a random writer after a random time while kills are left; return the kills."""
    running = {n: _start(root, address, share) for n, share in enumerate(shares) if share}
    done = 0
    while running:
        if done < kills:
            time.sleep(chance.uniform(0.3, 6))
            number = chance.choice(sorted(running))
            if running[number].poll() is None:
                running[number].kill()
                done += 1
        for number, process in list(running.items()):
            if process.poll() is None:
                if done >= kills:
                    process.wait()
                continue
            del running[number]
            if process.returncode != 0:
                running[number] = _start(root, address, shares[number])
    return done


def _start(root: Path, address: str, runs: list[str]) -> subprocess.Popen[bytes]:
    environment = {**clean_environment(), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    words = [sys.executable, "-c", _WRITER, str(root), address, *runs]
    return subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)


def _compared(file: Warehouse, lake: Warehouse) -> tuple[int, list[str]]:
    """Return the rows of the lake and the names of tables that differ, and of keys that are broken."""
    rows, wrong = 0, []
    with file.open_for_reading() as one, lake.open_for_reading() as other:
        wrong += broken_keys(other)
        for schema in ("main", "audit"):
            for (name,) in one.rows("select table_name from duckdb_tables() where schema_name = $1", [schema]):
                names = [c for (c, *_) in one.rows(f"describe {schema}.{name}") if c not in _CLOCK]
                chosen = ", ".join(f'"{c}"::varchar' for c in names)
                sql = f"select {chosen} from {schema}.{name}"  # noqa: S608 our own names
                here, there = (sorted(map(repr, connection.rows(sql))) for connection in (one, other))
                rows += len(there)
                wrong += [f"{schema}.{name}"] if here != there else []
    return rows, wrong


if __name__ == "__main__":
    main()
