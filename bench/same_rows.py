"""Compare two checkouts: the rows that a run of each leaves in the warehouse, and the speed of both in one session.

    python bench/same_rows.py OLD NEW --shared ../shared [--html 500] [--texts 500] [--repeats 3] [--python PYTHON]

Both checkouts run `copydesk run` on the same desk: the seeds, and pages and texts of the shared benchmark (its README
says where they come from). Every row of every table of `main` and `audit` is compared by content. Left out are columns
that name a run, a version or a time of loading. Columns of prose (reasons and details) are compared apart, since their
wording may change without a change of any decision. Tables and columns that only one checkout has are listed.

The speed is the median wall time and the median CPU time of the whole machine over the repeats; the two checkouts take
turns, so that a slow minute of a shared machine falls on both. Exit code 1 when a row differs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.speed import measured

VOLATILE = frozenset(
    {"run_id", "first_run_id", "last_run_id", "loaded_at", "seen_at", "resolved_at", "rules_version", "code_version"}
)
"""Columns that name a run or a version, or tell the time of a load."""

PROSE = frozenset({"reason", "detail"})
"""Columns whose wording may change; of `audit.quarantine` the reason is a key and is compared as one."""

RENAMED = {"audit.site_memory": "audit.boilerplate"}
"""Table of an older checkout -> its name today."""

Rows = dict[str, dict[str, list[object]]]
"""Table -> column -> values; the rows of a table in one order for all its columns."""


def make_desk(folder: Path, shared: Path, *, html: int, texts: int, seeds: Path) -> None:
    """Lay out the inputs, with fixed times, so that nothing differs but the code."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    for seed in sorted(seeds.iterdir()):
        shutil.copyfile(seed, inbox / seed.name)
    with gzip.open(shared / "bench/html/gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        ids = sorted(json.loads(line)["id"] for line in lines)
    for i in ids[:: max(1, len(ids) // html)][:html] if html else ():
        page = gzip.decompress((shared / f"bench/html/pages/{i}.html.gz").read_bytes())
        (inbox / f"{i}.html").write_bytes(page)
    files = sorted(p for p in (shared / "bench/text/text").rglob("*") if p.is_file())
    for path in files[:: max(1, len(files) // texts)][:texts] if texts else ():
        content = path.read_bytes()
        name = f"{path.parent.name}-{path.name.removesuffix('.gz')}"
        (inbox / name).write_bytes(gzip.decompress(content) if path.suffix == ".gz" else content)
    for path in inbox.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    (folder / "copydesk.toml").write_text('[[source]]\nname = "inbox"\nkind = "files"\npaths = ["inbox"]\n')


def run(checkout: Path, python: str, desk: Path) -> tuple[float, float]:
    """Run a checkout over a desk whose warehouse is removed first; return wall and CPU seconds."""
    shutil.rmtree(desk / "warehouse", ignore_errors=True)
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src"), "NO_COLOR": "1"}

    def work() -> None:
        ended = subprocess.run(
            [python, "-m", "copydesk", "run"], cwd=desk, env=environment, capture_output=True, text=True, check=False
        )
        if ended.returncode not in {0, 3}:
            raise SystemExit(f"{checkout}: copydesk run ended with {ended.returncode}: {ended.stderr[-500:]}")

    return measured(work)


def read_rows(desk: Path) -> Rows:
    """Return the rows of every table of `main` and `audit`."""
    found: Rows = {}
    with duckdb.connect(str(desk / "warehouse" / "copydesk.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('main', 'audit') order by all"
        ).fetchall()
        for schema, name in tables:
            answer = connection.execute(f'from {schema}."{name}"')
            columns = [column[0] for column in answer.description]
            rows = sorted(answer.fetchall(), key=repr)
            table = RENAMED.get(f"{schema}.{name}", f"{schema}.{name}")
            found[table] = {c: [row[i] for row in rows] for i, c in enumerate(columns) if c not in VOLATILE}
    return found


def differing(one: Mapping[str, list[object]], other: Mapping[str, list[object]], columns: list[str]) -> int:
    """Return how many rows only one of two tables has, by content of some columns."""
    here, there = (
        Counter(map(repr, zip(*(table[c] for c in columns), strict=True))) if columns else Counter[str]()
        for table in (one, other)
    )
    return (here - there).total() + (there - here).total()


def compare(old: Rows, new: Rows) -> bool:
    """Print a line a table; return whether all decisions are the same."""
    same = True
    print(f"{'table':32}{'rows':>9}{'differ':>9}{'in prose':>10}")
    for table in sorted(old.keys() | new.keys()):
        if table not in old or table not in new:
            print(f"{table:32}only in {'new' if table in new else 'old'}")
            continue
        one, other = old[table], new[table]
        columns = [c for c in one if c in other]
        keys = [c for c in columns if c not in PROSE or (table, c) == ("audit.quarantine", "reason")]
        apart = differing(one, other, keys)
        prose = differing(one, other, columns) - apart
        lone = sorted(one.keys() ^ other.keys())
        count = len(next(iter(other.values()), []))
        print(f"{table:32}{count:9}{apart:9}{prose:10}{'  columns of one only: ' + ', '.join(lone) if lone else ''}")
        same &= not apart
    return same


def main() -> None:
    """Run both, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--html", type=int, default=500)
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--python", default=sys.executable, help="interpreter that has the dependencies of both")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="same-rows-") as place:
        desk = Path(place)
        make_desk(desk, asked.shared, html=asked.html, texts=asked.texts, seeds=asked.new / "seeds")
        rows: dict[str, Rows] = {}
        times: dict[str, list[tuple[float, float]]] = {"old": [], "new": []}
        for turn in range(asked.repeats):
            for name in ("old", "new") if turn % 2 == 0 else ("new", "old"):
                times[name].append(run(getattr(asked, name).resolve(), asked.python, desk))
                if name not in rows:
                    rows[name] = read_rows(desk)
        same = compare(rows["old"], rows["new"])
    wall, cpu = ({name: statistics.median(t[i] for t in times[name]) for name in times} for i in (0, 1))
    for what, seconds in (("wall", wall), ("CPU", cpu)):
        ratio = seconds["new"] / seconds["old"]
        print(f"{what}: old {seconds['old']:.1f} s, new {seconds['new']:.1f} s, ratio {ratio:.3f}")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
