"""A million pages on one machine: memory of all processes together, and pages over time, as a picture and a table.

    python bench/million.py --pages 1000000 [--batch 20000] [--out bench/results/million] [--folder /tmp/million]

Pages are those of `bench/synthetic.py`, written as JSON lines into a folder per batch, as a newsroom's archive would
come. Each batch is one `copydesk run FOLDER` of one source into one warehouse, so every run meets all that the runs
before it have loaded. `--batch 0` takes all pages in one run. Only runs are timed, not the making of pages.

Memory is the proportional set size (PSS) of the command and all its workers, added up twice a second: pages that
processes share count once.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.synthetic import page

ROOT = Path(__file__).parent.parent
_LIMIT_MB = 1500
_FILE_PAGES = 5000


@dataclass(slots=True)
class Watcher:
    """Samples the memory of a session's processes while it runs.

    Attributes:
        samples: (seconds of running so far, megabytes).
    """

    started: float
    session: int = 0
    samples: list[tuple[float, float]] = field(default_factory=list)

    def watch(self, process: subprocess.Popen[bytes], before_s: float) -> None:
        """Sample until the process ends."""
        begun = time.monotonic()
        while process.poll() is None:
            megabytes = sum(shared_once(pid) for pid in _of_session(process.pid)) / 1e6
            self.samples.append((before_s + time.monotonic() - begun, megabytes))
            time.sleep(0.5)


def _of_session(session: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == session:
                    yield int(entry.name)
            except OSError:
                continue


def shared_once(pid: int) -> int:
    """Return a process's bytes of memory; what it shares with others, as forked workers do, counts in part (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def write_batch(folder: Path, first: int, count: int) -> int:
    """Write pages `first` to `first + count - 1` as JSON lines; return their bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    size = 0
    for start in range(first, first + count, _FILE_PAGES):
        with (folder / f"{start:08}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(start, min(start + _FILE_PAGES, first + count)):
                one = page(number)
                row = {"id": str(number), "url": one.url, "title": one.title, "date": one.date, "text": one.text}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                size += len(one.text.encode())
    return size


def run(desk: Path, folder: Path, watcher: Watcher, before_s: float) -> tuple[dict[str, object], float]:
    """Take one folder into the warehouse; return what was counted and the seconds."""
    words = [sys.executable, "-m", "copydesk", "run", "--json", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    begun = time.monotonic()
    process = subprocess.Popen(words, cwd=desk, env=environment, stdout=subprocess.PIPE, start_new_session=True)
    thread = threading.Thread(target=watcher.watch, args=(process, before_s))
    thread.start()
    output = process.communicate()[0]
    seconds = time.monotonic() - begun
    thread.join()
    if process.returncode not in (0, 3):
        raise SystemExit(f"copydesk run ended with {process.returncode}")
    counted: dict[str, object] = json.loads(output)
    return counted, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=20_000, help="pages a run; 0: all in one run")
    parser.add_argument("--out", type=Path, default=ROOT / "bench/results/million", help="picture, table and samples")
    parser.add_argument("--folder", type=Path, help="where pages and warehouse go; default: a temporary folder")
    parser.add_argument("--minutes", type=float, default=600, help="start no further batch after so long")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="million-") as temporary:
        folder = args.folder or Path(temporary)
        desk = folder / "desk"
        desk.mkdir(parents=True)
        (desk / "copydesk.toml").write_text('[[source]]\nname = "archive"\npaths = ["../pages"]\n', encoding="utf-8")
        rows, watcher = load(args.pages, args.batch or args.pages, folder, args.minutes)
        size = (desk / "warehouse/copydesk.duckdb").stat().st_size
    write_results(args.out, rows, watcher.samples, size)


def load(pages: int, batch: int, folder: Path, minutes: float) -> tuple[list[dict[str, float]], Watcher]:
    """Load batch after batch; return a row per batch and the samples."""
    rows: list[dict[str, float]] = []
    watcher = Watcher(started=time.monotonic())
    seconds = size = loaded = 0.0
    for first in range(0, pages, batch):
        if time.monotonic() - watcher.started > minutes * 60:
            break
        where = folder / "pages" / f"{first:08}"
        size += write_batch(where, first, min(batch, pages - first))
        counted, took = run(folder / "desk", where, watcher, seconds)
        seconds += took
        loaded += float(str(counted["loaded"]))
        for path in where.iterdir():
            path.unlink()
        stages = counted["stages"]
        assert isinstance(stages, dict)
        rows.append({"loaded": loaded, "seconds": seconds, "took": took, "bytes": size, **stages})
        peak = max(m for _, m in watcher.samples)
        line = " ".join(f"{name} {s:.1f}" for name, s in stages.items())
        print(
            f"{loaded:>10.0f} pages {seconds:8.1f} s {loaded / seconds:7.0f} pages/s peak {peak:6.0f} MB   {line}",
            flush=True,
        )
    return rows, watcher


def write_results(out: Path, rows: list[dict[str, float]], samples: list[tuple[float, float]], size: int) -> None:
    """Write the table, the samples and the picture."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("seconds", "megabytes"), *((round(s, 1), round(m)) for s, m in samples)])
    last = rows[-1]
    shown = rows if len(rows) < 10 else [rows[round(len(rows) * part / 10) - 1] for part in range(1, 11)]
    table = ["| pages | seconds | pages/s so far | s of its batch | s of its publish |", "| ---: " * 5 + "|"]
    table += [
        f"| {r['loaded']:,.0f} | {r['seconds']:,.0f} | {r['loaded'] / r['seconds']:,.0f} | {r['took']:.1f} "
        f"| {r['publish']:.1f} |"
        for r in shown
    ]
    peak = max(m for _, m in samples)
    table += [
        "",
        f"Text read: {last['bytes'] / 1e9:.2f} GB. Warehouse: {size / 1e9:.2f} GB. Most memory: {peak:,.0f} MB.",
    ]
    out.with_suffix(".md").write_text("\n".join(table) + "\n", encoding="utf-8")
    picture(out.with_suffix(".svg"), rows, samples)
    print("\n".join(table))


def picture(path: Path, rows: list[dict[str, float]], samples: list[tuple[float, float]]) -> None:
    """Draw memory over time and pages over time as SVG, one above the other."""
    step = max(1, len(samples) // 600)  # the maximum of each interval, so that no peak is lost
    peaks = [max(samples[i : i + step], key=lambda s: s[1]) for i in range(0, len(samples), step)]
    pages = [(0.0, 0.0), *((r["seconds"], r["loaded"]) for r in rows)]
    end = max(peaks[-1][0], pages[-1][0])
    panels = (
        panel(0, peaks, end, "MB, all processes together", limit=_LIMIT_MB),
        panel(230, pages, end, "pages in the warehouse"),
    )
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 460" font-family="sans-serif" font-size="12">'
        f"{''.join(panels)}</svg>\n",
        encoding="utf-8",
    )


def panel(top: int, points: list[tuple[float, float]], end: float, label: str, limit: float = 0) -> str:
    """Return one line chart: x from 0 to `end` seconds, y from 0 to the largest value or the limit."""
    high = max(limit, *(value for _, value in points))

    def y(value: float) -> float:
        return round(top + 195 - 170 * value / high, 1)

    line = " ".join(f"{60 + 640 * seconds / end:.1f},{y(value)}" for seconds, value in points)
    bound = f'<path d="M60 {y(limit)}H700" stroke="#b23a48" stroke-dasharray="4 4"/>' if limit else ""
    return (
        f'<text x="60" y="{top + 15}">{label}</text><text x="55" y="{y(high) + 4}" text-anchor="end">{high:,.0f}</text>'
        f'<text x="55" y="{y(0) + 4}" text-anchor="end">0</text><path d="M60 {y(0)}H700M60 {y(high)}V{y(0)}" '
        f'fill="none" stroke="#888"/>{bound}<polyline points="{line}" fill="none" stroke="#33658a"/>'
        f'<text x="700" y="{top + 212}" text-anchor="end">{end:,.0f} seconds of running</text>'
    )


if __name__ == "__main__":
    main()
