"""Faults, the long form: one desk is killed again and again, and in the end it equals a desk that was left in peace.

    python bench/faults.py --kills 300          random kills, then every named point, a full disk, signals; a table
    python bench/faults.py --only random        one of: random, points, creation, full, signals
    python bench/faults.py --seed 2 --folder /tmp/faults

Two desks take in the same inputs: a folder of texts and pages, and a site on loopback whose pages are archived. Inputs
grow between rounds, so that there is always something to do, and some stories are printed anew. The one desk is run
under faults, the other is not; each time both have had a clean run, every row of `main` and `audit` (without run ids
and clocks), the ledger, the archive and the scratch space are compared. `tests/faults` proves the same in a minute.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # for `python bench/faults.py`

from tests.faults.desks import Ended, at, make_desk, points, run, stage_of, start
from tests.faults.equality import archive, differences, dump, ledger, scratch
from tests.faults.inputs import Inputs
from tests.servers import Site

COMPARED_EVERY = 100
"""Kills between two comparisons; the reference desk is run only then."""


@dataclass
class Row:
    """One line of the table."""

    fault: str
    how: str
    times: int = 0
    outcome: str = ""
    equal: bool = True
    codes: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        codes = " ".join(f"{code}:{number}" for code, number in sorted(self.codes.items()))
        return (
            f"| {self.fault} | {self.how} | {self.times} | {self.outcome} | {'yes' if self.equal else 'NO'} | {codes} |"
        )


@dataclass
class Pair:
    """Two desks over the same inputs: one that suffers, one that does not."""

    root: Path
    inputs: Inputs
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = make_desk(self.root / "desk", self.inputs)
        self.calm = make_desk(self.root / "calm", self.inputs)

    def compare(self, after: str) -> bool:
        """Run both desks in peace and compare them; say what is wrong."""
        found = []
        for desk in (self.desk, self.calm):
            ended = run(desk)
            found += [f"{desk.name} ended with {ended.code}: {ended.err[-500:]}"] if ended.code else []
        found += differences(dump(self.desk), dump(self.calm))
        for what in (ledger, archive):
            found += [f"{what.__name__}: {line}" for line in what(self.desk, self.inputs)]
        found += [f"left behind: {scratch(self.desk)}"] if scratch(self.desk) else []
        for line in found:
            print(f"  WRONG after {after}: {line}", flush=True)
        self.wrong += found
        return not found


def random_kills(pair: Pair, kills: int, luck: random.Random) -> list[Row]:
    """Kill at random moments of a run; half the times with all workers, half without, as the kernel would."""
    pair.inputs.grow(8, 4, 4)
    duration = statistics.median(_timed(pair) for _ in range(3))
    print(f"an undisturbed run takes {duration:.1f} s; kills fall uniformly into that", flush=True)
    row, where, ended, since = Row("F1 I1-I7", "SIGKILL at a random moment"), Counter[str](), 0, time.monotonic()
    while row.times < kills:
        pair.inputs.grow(luck.randrange(3), luck.randrange(2), luck.randrange(2))
        process = start(pair.desk)
        time.sleep(luck.uniform(0, duration))
        if not process.kill(orphans=luck.random() < 0.5):
            ended += 1
            continue
        row.times += 1
        row.codes[-9] += 1
        where[stage_of(pair.desk)] += 1
        if row.times % 25 == 0:
            print(f"  {row.times} kills, {pair.inputs.files + len(pair.inputs.paths)} inputs, "
                  f"{time.monotonic() - since:.0f} s, stopped at {dict(where)}", flush=True)  # fmt: skip
        if row.times % COMPARED_EVERY == 0 or row.times == kills:
            row.equal &= pair.compare(f"{row.times} kills")
            for number in luck.sample(range(0, pair.inputs.files, 8), 5):  # every eighth from 0 on is a story
                pair.inputs.change(number)
    row.outcome = (
        f"stopped at {dict(where)}; {ended} ended before; {pair.inputs.files} files, {len(pair.inputs.paths)} pages"
    )
    return [row]


def _timed(pair: Pair) -> float:
    pair.inputs.grow(3, 1, 1)
    began = time.monotonic()
    run(pair.desk)
    return time.monotonic() - began


def every_point(pair: Pair, _times: int, luck: random.Random) -> list[Row]:
    """Kill once at every named point of a run on a desk with data."""
    pair.inputs.grow(8, 4, 4)
    pair.compare("the first run")
    pair.inputs.grow(6, 4, 3)
    pair.inputs.change(0)
    names = _distinct(points(pair.desk))
    run(pair.calm)
    return [_each(pair, "F2", "SIGKILL at each named point", names, "kill", luck)]


def creation(pair: Pair, _times: int, _luck: random.Random) -> list[Row]:
    """Kill once at every named point of the making of a new warehouse, each on a desk that has none yet."""
    pair.inputs.grow(4, 2, 2)
    names = points(pair.desk)
    makes = names[names.index("rename to warehouse/runs/RUN/check.done") :]
    makes = makes[: next(i for i, n in enumerate(makes) if n.startswith("link ")) + 4]
    counted, todo = Counter[str](), []
    for name in makes:
        counted[name] += 1
        if "comment on" not in name and "replace view" not in name and (name.startswith("before") or " " in name):
            todo.append((name, counted[name]))
    run(pair.calm)
    wanted = dump(pair.calm)
    row = Row("F2 F10", "SIGKILL at each step of making a warehouse (migrations, views, link)")
    for name, nth in _few_reads(todo):
        shutil.rmtree(pair.desk / "warehouse")
        killed = run(pair.desk, **at(name, nth=nth, desk=pair.desk))
        _note(row, killed, -9, name)
        ended = run(pair.desk)
        wrong = [ended.err] * (ended.code != 0) + differences(dump(pair.desk), wanted) + scratch(pair.desk)
        for line in wrong:
            print(f"  WRONG after {name} ({nth}): {line}", flush=True)
        row.equal &= not wrong
    row.outcome = "the next run makes it whole"
    return [row]


def full_disk(pair: Pair, _times: int, luck: random.Random) -> list[Row]:
    """Let the disk be full from each named point on: one line, exit code 1, and with room again nothing is missing."""
    pair.inputs.grow(8, 4, 4)
    pair.compare("the first run")
    pair.inputs.grow(6, 4, 3)
    names = [n for n in _distinct(points(pair.desk)) if n.split()[0] in {"open", "rename", "mkdir", "archive:"}]
    run(pair.calm)
    rows = [_each(pair, "F4 F5", "the disk is full from each named point on (ENOSPC)", names, "full", luck)]
    row = Row("F4", "no file may grow past n bytes (RLIMIT_FSIZE), n from 200 to 6.5 million")
    for limit in (200 * 2**n for n in range(16)):
        pair.inputs.grow(2, 1, 1)
        _note(row, run(pair.desk, limit_bytes=limit), 1, f"{limit} bytes")
    row.equal = pair.compare("files that may not grow")
    row.outcome = "one line, nothing lost"
    return [*rows, row]


def signals(pair: Pair, times: int, luck: random.Random) -> list[Row]:
    """Interrupt and terminate at random moments."""
    pair.inputs.grow(8, 4, 4)
    duration, rows = _timed(pair), []
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        row, slowest = Row("F3", f"{number.name} at a random moment"), 0.0
        for _ in range(max(5, times // 10)):
            pair.inputs.grow(1, 1, 1)
            process = start(pair.desk)
            time.sleep(luck.uniform(0.5, duration))
            process.signal(number)
            began = time.monotonic()
            ended = process.end()
            slowest = max(slowest, time.monotonic() - began)
            _note(row, ended, code, "a random moment", (0, -number))
        row.equal = pair.compare(number.name) and slowest < 10
        row.outcome = f"gone {slowest:.1f} s later at most"
        rows.append(row)
    return rows


def _each(pair: Pair, fault: str, how: str, names: Sequence[str], action: str, luck: random.Random) -> Row:
    """Let something happen at each point in turn, on one desk, and compare now and then."""
    row, missed = Row(fault, f"{how}: {len(names)} points"), []
    for number, name in enumerate(names, 1):
        pair.inputs.grow(3, luck.randrange(1, 3), 2)
        ended = run(pair.desk, **at(name, desk=pair.desk, action=action))
        if ended.code == 0:
            missed.append(name)
        else:
            _note(row, ended, -9 if action == "kill" else 1, name)
        if number % 20 == 0 or number == len(names):
            print(f"  {number} of {len(names)} points", flush=True)
            row.equal &= pair.compare(f"{action} at points up to {name}")
    row.outcome = f"{len(missed)} not passed or no matter {missed[:4]}"
    return row


def _note(row: Row, ended: Ended, wanted: int, where: str, others: tuple[int, ...] = (0,)) -> None:
    """Count how a run ended, and say when it ended otherwise than it should."""
    row.times += 1
    row.codes[ended.code] += 1
    lines = [line for line in ended.err.splitlines() if line.strip()]
    if ended.code not in (wanted, *others) or "Traceback" in ended.err or (wanted > 0 and len(lines) > 1):
        print(f"  WRONG at {where}: ended with {ended.code}: {ended.err[-1500:]}", flush=True)
        row.equal = False


def _distinct(names: Sequence[str]) -> list[str]:
    """Leave out repetitions, and of what only reads, or follows at once on what is there, all but one."""
    return [name for name, _ in _few_reads([(n, 1) for n in dict.fromkeys(names)])]


def _few_reads(todo: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    dull = ("before select", "before set", "after set", "before with", "before create or replace temp", "after select")
    loud = ("before begin", "before commit", "before checkpoint")
    return [(n, i) for n, i in todo if not n.startswith(dull) and (not n.startswith("before") or n.startswith(loud))]


PARTS: dict[str, Callable[[Pair, int, random.Random], list[Row]]] = {
    "random": random_kills,
    "points": every_point,
    "creation": creation,
    "full": full_disk,
    "signals": signals,
}


def main() -> int:
    """Do all parts, or one, and print the table; 1 when anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/copydesk-bench-faults"))  # noqa: S108 - a default
    asked = parser.parse_args()
    os.nice(5)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background job
    rows, wrong = [], 0
    for name in asked.only or PARTS:
        root = asked.folder / name
        shutil.rmtree(root, ignore_errors=True)
        (root / "tmp").mkdir(parents=True)
        os.environ["TMPDIR"] = str(root / "tmp")
        print(f"{name}, seed {asked.seed}", flush=True)
        with Site({}) as site:
            pair = Pair(root, Inputs(root / "inputs", site, seed=asked.seed))
            began = time.monotonic()
            rows += PARTS[name](pair, asked.kills, random.Random(asked.seed))
        left = sorted(p.name for p in (root / "tmp").iterdir() if not p.name.startswith("launcher-"))
        print(
            f"  {time.monotonic() - began:.0f} s; in the folder for temporary files: {len(left)} {left[:3]}", flush=True
        )
        wrong += len(pair.wrong) + (len(left) > 1)
    print(
        "\n| fault | how provoked | times | outcome | equal to the calm desk | exit codes |\n|---|---|---:|---|---|---|"
    )
    print("\n".join(map(str, rows)))
    return 1 if wrong or not all(row.equal for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
