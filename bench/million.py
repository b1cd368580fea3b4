"""A million pages on one machine: memory of all processes together, and pages over time, as a picture and a table.

    python -m bench.million --pages 1000000 --batch 0 [--after 3] [--out bench/results/million] [--folder /tmp/million]

Pages are those of `bench/synthetic.py`, written as JSON lines into a folder per run, as a newsroom's archive would
come. Each folder is one run of one source into one warehouse, so every run meets all that the runs before it have
loaded. `--batch 0` takes all pages in one run; `--after` adds runs of 10,000 pages each, as a day's work. Only runs
are timed, not the making of pages.

Memory is the proportional set size (PSS) of the command and all its workers, added up twice a second: pages that
processes share count once.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.synthetic import page

ROOT = Path(__file__).parent.parent
_LIMIT_MB = 1500
_FILE_PAGES = 5000
_AFTER_PAGES = 10_000
_GAP_S = 60
_BLUE, _BROWN = "#33658a", "#b26e28"
_RUN = """
import json, sys, time
from copydesk import open_desk

begun = time.monotonic()
def show(stage, done, total):
    print(json.dumps([time.monotonic() - begun, stage, done if total else 0]), flush=True)
summary = open_desk().run(sys.argv[1], progress=show)
print(json.dumps({"loaded": summary.loaded, **summary.seconds}))
"""
"""One run in a process of its own, which says how far it is."""


Step = tuple[float, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One run.

    Attributes:
        pages: Loaded by it.
        before: Loaded by the runs before it.
        bytes: Of the texts it read.
        seconds: Wall seconds from start to end of the process.
        stages: Stage -> wall seconds.
        peak_mb: Most memory of all processes together.
        steps: (seconds since its start, stage, pages done in it).
        file_bytes: Size of the warehouse after it.
    """

    pages: int
    before: int
    bytes: int
    seconds: float
    stages: dict[str, float]
    peak_mb: float
    steps: list[Step]
    file_bytes: int


@dataclass(slots=True)
class Watcher:
    """Samples the memory of a session's processes while it runs.

    Attributes:
        samples: (seconds of running so far, megabytes).
    """

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


def run(desk: Path, folder: Path, watcher: Watcher, before_s: float) -> tuple[dict[str, float], list[Step], float]:
    """Take one folder into the warehouse; return what was loaded, the seconds of each stage, the steps, all seconds."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(folder)],
        cwd=desk,
        env=environment,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    thread = threading.Thread(target=watcher.watch, args=(process, before_s))
    thread.start()
    output = process.communicate()[0].splitlines()
    seconds = time.monotonic() - begun
    thread.join()
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}")
    *steps, counted = (json.loads(line) for line in output)
    return counted, [tuple(step) for step in steps], seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=20_000, help="pages a run; 0: all in one run")
    parser.add_argument("--after", type=int, default=0, help=f"further runs, of {_AFTER_PAGES:,} pages each")
    parser.add_argument("--out", type=Path, default=ROOT / "bench/results/million", help="picture, table and figures")
    parser.add_argument("--folder", type=Path, help="where pages and warehouse go; default: a temporary folder")
    parser.add_argument("--minutes", type=float, default=600, help="start no further run after so long")
    args = parser.parse_args()
    batch = args.batch or args.pages
    sizes = [min(batch, args.pages - first) for first in range(0, args.pages, batch)] + [_AFTER_PAGES] * args.after
    with tempfile.TemporaryDirectory(prefix="million-") as temporary:
        folder = args.folder or Path(temporary)
        desk = folder / "desk"
        desk.mkdir(parents=True)
        (desk / "copydesk.toml").write_text('[[source]]\nname = "archive"\npaths = ["../pages"]\n', encoding="utf-8")
        watcher = Watcher()
        loads = list(load(sizes, folder, watcher, args.minutes))
    write_results(args.out, loads, watcher.samples)


def load(sizes: Sequence[int], folder: Path, watcher: Watcher, minutes: float) -> Iterator[Load]:
    """Load run after run; yield each."""
    started, seconds, loaded, first = time.monotonic(), 0.0, 0, 0
    for size in sizes:
        if time.monotonic() - started > minutes * 60:
            break
        where = folder / "pages" / f"{first:08}"
        read = write_batch(where, first, size)
        seen = len(watcher.samples)
        counted, steps, took = run(folder / "desk", where, watcher, seconds)
        for path in where.iterdir():
            path.unlink()
        one = Load(
            pages=int(counted.pop("loaded")),
            before=loaded,
            bytes=read,
            seconds=took,
            stages=counted,
            peak_mb=max(m for _, m in watcher.samples[seen:]),
            steps=steps,
            file_bytes=(folder / "desk/warehouse/copydesk.duckdb").stat().st_size,
        )
        print(_cells(one), flush=True)
        yield one
        seconds += took
        loaded += one.pages
        first += size


def write_results(out: Path, loads: Sequence[Load], samples: Sequence[tuple[float, float]]) -> None:
    """Write the table, the figures and the picture."""
    out.parent.mkdir(parents=True, exist_ok=True)
    # the maximum of each interval, so that no peak is lost
    step = max(1, len(samples) // 600)
    peaks = [max(samples[i : i + step], key=lambda s: s[1]) for i in range(0, len(samples), step)]
    figures = {"runs": [asdict(one) for one in loads], "memory": [(round(s, 1), round(m)) for s, m in peaks]}
    out.with_suffix(".json").write_text(json.dumps(figures) + "\n", encoding="utf-8")
    table = [
        "| pages before | pages of the run | seconds | extract | check | publish | pages/s | most MB |",
        "| ---: " * 8 + "|",
        *map(_cells, loads),
        "",
        f"Text read: {sum(one.bytes for one in loads) / 1e9:.2f} GB. Warehouse: {loads[-1].file_bytes / 1e9:.2f} GB.",
    ]
    out.with_suffix(".md").write_text("\n".join(table) + "\n", encoding="utf-8")
    picture(out.with_suffix(".svg"), loads, peaks)
    print("\n".join(table))


def _cells(one: Load) -> str:
    stages = " | ".join(f"{one.stages[name]:,.1f}" for name in ("extract", "check", "publish"))
    speed = one.pages / one.seconds
    return f"| {one.before:,} | {one.pages:,} | {one.seconds:,.0f} | {stages} | {speed:,.0f} | {one.peak_mb:,.0f} |"


def picture(path: Path, loads: Sequence[Load], peaks: Sequence[tuple[float, float]]) -> None:
    """Draw memory over time, pages extracted and pages in the warehouse over time, as SVG, one above the other."""
    end = max(peaks[-1][0], sum(one.seconds for one in loads))
    panels = (
        panel(0, _unbroken(peaks), end, "MB, all processes together", limit=_LIMIT_MB),
        panel(
            230,
            [_over_time(loads, "extract"), _over_time(loads, "publish")],
            end,
            "pages extracted (blue) and loaded",
            colours=(_BLUE, _BROWN),
        ),
    )
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 460" font-family="sans-serif" font-size="12">'
        f"{''.join(panels)}</svg>\n",
        encoding="utf-8",
    )


def _unbroken(samples: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Split samples where none was taken for a minute."""
    lines = [[samples[0]]]
    for before, sample in itertools.pairwise(samples):
        if sample[0] - before[0] > _GAP_S:
            lines.append([])
        lines[-1].append(sample)
    return lines


def _over_time(loads: Sequence[Load], stage: str) -> list[tuple[float, float]]:
    """Return (seconds of running, pages that a stage has done) over all runs."""
    points, seconds = [(0.0, 0.0)], 0.0
    for one in loads:
        steps = [(s, name, done) for s, name, done in one.steps if name == stage]
        points += [(seconds + s, float(one.before + done)) for s, _, done in steps]
        seconds += one.seconds
        if stage == "publish":
            points.append((seconds, float(one.before + one.pages)))
    return points


def panel(
    top: int,
    lines: Sequence[list[tuple[float, float]]],
    end: float,
    label: str,
    *,
    limit: float = 0,
    colours: Sequence[str] = (_BLUE,),
) -> str:
    """Return one line chart: x from 0 to `end` seconds, y from 0 to the largest value or the limit."""
    high = max(limit, *(value for points in lines for _, value in points))

    def y(value: float) -> float:
        return round(top + 195 - 170 * value / high, 1)

    drawn = "".join(
        f'<polyline points="{" ".join(f"{60 + 640 * s / end:.1f},{y(value)}" for s, value in points)}" fill="none" '
        f'stroke="{colour}"/>'
        for points, colour in zip(lines, itertools.cycle(colours), strict=False)
    )
    bound = f'<path d="M60 {y(limit)}H700" stroke="#b23a48" stroke-dasharray="4 4"/>' if limit else ""
    return (
        f'<text x="60" y="{top + 15}">{label}</text><text x="55" y="{y(high) + 4}" text-anchor="end">{high:,.0f}</text>'
        f'<text x="55" y="{y(0) + 4}" text-anchor="end">0</text><path d="M60 {y(0)}H700M60 {y(high)}V{y(0)}" '
        f'fill="none" stroke="#888"/>{bound}{drawn}'
        f'<text x="700" y="{top + 212}" text-anchor="end">{end:,.0f} seconds of running</text>'
    )


if __name__ == "__main__":
    main()
