"""Take the hostile corpora through the real command line, class by class: how each ends, how long, in how much memory.

    python -m bench.hostile                 # both generators of tests/hostile, every class
    python -m bench.hostile --class texts   # one class; may be given again
    python -m bench.hostile --folder DIR    # somebody else's corpus: each folder in it is a class

Memory is the sum of the resident sizes of all processes of the run, looked at twenty times a second; what processes
share counts as often as they share it.

Exit code 1 when a run breaks, an input has no end, or memory goes over a gigabyte.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.million import shared_once

ROOT = Path(__file__).parent.parent
_ENDS = ("loaded", "quarantined", "held", "skipped", "unchanged")
_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one class ended; `trouble` says what should not be."""

    name: str
    files: int
    ends: Counter[str]
    reasons: Counter[str]
    seconds: float
    peak_bytes: int
    trouble: str = ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--class", action="append", dest="classes")
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    bad = 0
    print(
        f"{'class':<12} {'files':>6} "
        + " ".join(f"{end:>11}" for end in _ENDS)
        + f" {'seconds':>8} {'peak MB':>8}  reasons"
    )
    with tempfile.TemporaryDirectory(prefix="hostile-") as scratch:
        for folder in _classes(args.folder or written(Path(scratch) / "corpora"), args.classes):
            one = run_class(folder, Path(scratch) / f"desk-{folder.name}")
            figures = " ".join(f"{one.ends[end]:>11,}" for end in _ENDS)
            said = one.trouble or ", ".join(f"{n} {reason}" for reason, n in one.reasons.most_common(4))
            print(
                f"{one.name:<12} {one.files:>6} {figures} {one.seconds:>8.1f} {one.peak_bytes / 1e6:>8.0f}  {said}",
                flush=True,
            )
            bad += bool(one.trouble) or one.peak_bytes > _LIMIT
    return 1 if bad else 0


def written(folder: Path) -> Path:
    """Write both generators' corpora, each class a folder of its own."""
    from tests.hostile.corpus import write_corpus
    from tests.hostile.oddities import ODDITIES

    write_corpus(folder)
    for name, content in ODDITIES().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def _classes(folder: Path, wanted: list[str] | None) -> Iterator[Path]:
    for one in sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink()):
        if not wanted or one.name in wanted:
            yield one


def run_class(folder: Path, desk: Path) -> Ended:
    """Take one folder into a desk of its own, by the command line."""
    make_desk(desk)
    began = time.monotonic()
    with (desk / "out").open("w+", encoding="utf-8") as out, (desk / "err").open("w+", encoding="utf-8") as err:
        process = subprocess.Popen(
            command("run", str(folder), "--json"), cwd=desk, stdout=out, stderr=err, env=environment()
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(map(shared_once, _family(process.pid))))
            time.sleep(0.05)
        out.seek(0)
        err.seek(0)
        said, broke = out.read(), err.read()
    seconds = time.monotonic() - began
    trouble = (  # 1: no file of the class could be read, so its source is failing
        "" if process.returncode in (0, 1, 3) and said.startswith("{") else f"exit {process.returncode}: {broke[-200:]}"
    )
    told = json.loads(said) if said.startswith("{") else {}
    ends = Counter({end: int(told.get(end, 0)) for end in _ENDS})
    if told and told["captured"] != ends["loaded"] + ends["quarantined"] + ends["held"]:
        trouble = f"{told['captured']} captured, but {dict(ends)}"
    files = sum(len(names) for _, _, names in os.walk(folder))
    return Ended(
        name=folder.name, files=files, ends=ends, reasons=Counter(told.get("reasons", {})), seconds=seconds,
        peak_bytes=peak, trouble=trouble,
    )  # fmt: skip


def make_desk(desk: Path) -> None:
    """Make an empty desk that holds nothing back: a corpus of copies would wait for a person."""
    from copydesk.quality.rules import load_registry

    desk.mkdir(parents=True)
    off = "".join(f'{rule.id} = "off"\n' for rule in load_registry().rules.values() if rule.severity == "hold")
    (desk / "copydesk.toml").write_text(f"[run]\nworkers = 2\n\n[quality.rules]\n{off}", encoding="utf-8")


def command(*words: str) -> list[str]:
    """Return the command line that runs Copydesk from this checkout."""
    return [sys.executable, "-m", "copydesk", *words]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"}


def _family(process: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int(
                    (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
                )
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    family = [process]
    for one in family:
        family += children.get(one, [])
    return family


if __name__ == "__main__":
    sys.exit(main())
