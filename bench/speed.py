"""How fast: from files to a checked, loaded warehouse, against what people would use instead, in one run.

    python bench/speed.py --shared ../shared [--pages 600] [--texts 6000] [--unchanged 100000] [--peers VENV]

The pages are those of the shared benchmark (see its README for where they come from and their licences), repeated under
other names with a line of their own until there are enough. Every contestant reads the same folder with two processes:

    copydesk run           extract, label every block, metadata with evidence, pandera, DuckDB
    trafilatura --parallel the command line writing JSON with metadata; it stores and checks nothing
    bare_extraction loop   one process, text and metadata, nothing written
    datatrove, news-please with `--peers`: see bench/peers.py

Then what each stage of our runs cost (`ops.stage_runs`), how long a load holds the warehouse per 10,000 articles, a run
over unchanged files, and how long the command line takes to start.

Figures are pages a second and ratios of the same run; a shared machine is noisy, so compare ratios, not figures.
"""

from __future__ import annotations

import argparse
import ctypes
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
_PR_SET_CHILD_SUBREAPER = 36
"""The process adopts the orphans below it: an operation of Linux' `prctl`."""


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall seconds of some work, and CPU seconds of every process that it started and that has ended.

    Workers are children of a fork server that outlives its parent, and the system credits a process only with children
    that it waited for. So this process adopts what its children leave behind, and waits for it.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    wall, before = time.monotonic(), _own_and_children()
    work()
    seconds = time.monotonic() - wall
    with suppress(ChildProcessError):
        while True:
            os.wait()
    return seconds, _own_and_children() - before


def _own_and_children() -> float:
    return sum(os.times()[:4])


def html_pages(shared: Path) -> Iterator[bytes]:
    """Yield the article pages, again and again, each time with a comment that makes them new bytes."""
    with gzip.open(shared / "bench/html/gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        ids = [r["id"] for r in map(json.loads, lines) if r["page_type"] == "article"]
    for turn in range(10**6):
        for i in ids:
            page = gzip.decompress((shared / f"bench/html/pages/{i}.html.gz").read_bytes())
            yield page + f"<!-- {turn} -->".encode()


def text_pages(shared: Path) -> Iterator[bytes]:
    """Yield the pages that look most like the seeds, again and again, each time with a last line of their own."""
    paths = sorted((shared / "bench/text/text/rsp_main").glob("*.txt.gz"))
    texts = [t for t in (gzip.decompress(p.read_bytes()) for p in paths) if len(t) < 6000]
    for turn in range(10**6):
        for text in texts:
            yield text.replace(b" the ", f" the {turn} ".encode() if turn else b" the ") if turn else text


def write(pages: Iterator[bytes], folder: Path, number: int, ending: str) -> None:
    """Write so many pages into a folder."""
    folder.mkdir()
    for i in range(number):
        (folder / f"{i:07}{ending}").write_bytes(next(pages))


def desk(folder: Path, pages: Path) -> Path:
    """Make a desk whose only source is a folder."""
    folder.mkdir()
    (folder / "copydesk.toml").write_text(f'[[source]]\nname = "pages"\npaths = ["{pages}"]\n', encoding="utf-8")
    return folder


def copydesk(folder: Path, *words: str) -> dict[str, object]:
    """Run the command line in a desk and return what it counted."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-m", "copydesk", "run", "--json", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        check=False,
    )
    counted: dict[str, object] = json.loads(done.stdout)
    return counted


def trafilatura_cli(pages: Path, out: Path) -> None:
    """Run trafilatura's own command line on the folder, two processes, JSON with metadata."""
    program = str(Path(sys.executable).with_name("trafilatura"))
    words = ["--input-dir", str(pages), "--output-dir", str(out), "--json", "--with-metadata", "--no-comments"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([program, *words, "--parallel", "2"], check=False, **quiet)


def loop(pages: Path) -> None:
    """Call trafilatura in a plain loop."""
    code = (
        "import sys, pathlib\nfrom trafilatura import bare_extraction\n"
        "for p in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    bare_extraction(p.read_bytes(), with_metadata=True, include_comments=False)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(pages)], check=False, stderr=subprocess.DEVNULL)


_PEER_S = 240
"""Seconds after which another tool is given up: without the internet news-please waits for downloads."""


def peer(venv: Path, name: str, pages: Path, out: Path) -> None:
    """Run another tool in its own virtual environment; `out` is only there when it did its work."""
    words = [str(venv / "bin/python"), str(ROOT / "bench/peers.py"), name, str(pages), str(out)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "PYTHONPATH": ""}
    try:
        subprocess.run(words, check=True, env=environment, timeout=_PEER_S, **quiet)
    except subprocess.SubprocessError:
        shutil.rmtree(out, ignore_errors=True)


def stages(folder: Path) -> list[tuple[object, ...]]:
    """Return what each stage of a desk's first run cost, from its ledger."""
    import duckdb

    connection = duckdb.connect(str(folder / "warehouse/copydesk.duckdb"), read_only=True)
    rows = connection.execute(
        "select stage, seconds, pages, bytes / 1e6, peak_memory_bytes / 1e6 from ops.stage_runs "
        "where run_id = (select min(run_id) from ops.runs) order by started_at"
    ).fetchall()
    connection.close()
    return rows


def row(name: str, pages: int, wall: float, cpu: float) -> None:
    """Print one line of the table."""
    print(f"{name:34}{pages:8}{wall:9.1f}{pages / wall:11.1f}{1000 * cpu / pages:12.2f}", flush=True)


def html_race(shared: Path, folder: Path, pages: int, venv: Path | None) -> None:
    """HTML: ourselves and everybody else."""
    write(html_pages(shared), folder / "html", pages, ".html")
    web = desk(folder / "a", folder / "html")
    ours = measured(lambda: print_counts(copydesk(web)))
    row("copydesk run, HTML", pages, *ours)
    theirs = measured(lambda: trafilatura_cli(folder / "html", folder / "json"))
    row("trafilatura --parallel 2, JSON", pages, *theirs)
    alone = measured(lambda: loop(folder / "html"))
    row("bare_extraction in a loop", pages, *alone)
    for name in ("datatrove", "news-please"):
        if venv is None or not (venv / "bin/python").exists():
            print(f"{name}: skipped, no virtual environment is given by --peers")
            continue
        cost = measured(partial(peer, venv, name, folder / "html", folder / name))
        if (folder / name).exists():
            row(name, pages, *cost)
        else:
            print(f"{name}: skipped, it does not run in {venv}")
    print_stages(web)
    print(f"HTML, against trafilatura's command line: {theirs[0] / ours[0]:.2f} times the pages a second")
    print(f"HTML, CPU against bare_extraction alone: {ours[1] / alone[1]:.2f}\n")


def text_race(shared: Path, folder: Path, texts: int) -> None:
    """Plain text: loaded, then unchanged."""
    write(text_pages(shared), folder / "text", texts, ".txt")
    plain = desk(folder / "b", folder / "text")
    row("copydesk run, text", texts, *measured(lambda: print_counts(copydesk(plain))))
    row("copydesk run, text, unchanged", texts, *measured(lambda: print_counts(copydesk(plain))))
    print_stages(plain)


def unchanged(folder: Path, number: int) -> None:
    """Load many small files, then run over them again."""
    write((f"Page {i}\n\nA short text, number {i}.\n".encode() for i in range(number)), folder / "many", number, ".txt")
    many = desk(folder / "c", folder / "many")
    copydesk(many)
    row("copydesk run, unchanged files", number, *measured(lambda: print_counts(copydesk(many))))


def start_up(folder: Path) -> None:
    """Say how long the command line takes to say or do little; the best of three."""
    seeds = desk(folder / "d", ROOT / "seeds")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    for words in (("run",), ("sql", "select 1"), ("--help",)):
        best = 1e9
        for _ in range(3):
            if words == ("run",):
                shutil.rmtree(seeds / "warehouse", ignore_errors=True)
            call = [sys.executable, "-m", "copydesk", *words]
            work = partial(subprocess.run, call, cwd=seeds, env=environment, stdout=subprocess.DEVNULL, check=False)
            best = min(best, measured(work)[0])
        print(f"copydesk {' '.join(words)}: {best:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds bench/html and bench/text")
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--texts", type=int, default=6000)
    parser.add_argument("--unchanged", type=int, default=0, help="so many unchanged files, e.g. 100000")
    parser.add_argument("--peers", type=Path, help="virtual environment with datatrove and news-please")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{'':34}{'pages':>8}{'wall s':>9}{'pages/s':>11}{'CPU ms/page':>12}")
        if args.pages:
            html_race(args.shared, folder, args.pages, args.peers)
        if args.texts:
            text_race(args.shared, folder, args.texts)
        if args.unchanged:
            unchanged(folder, args.unchanged)
        start_up(folder)


def print_stages(folder: Path) -> None:
    """Print what the stages of a desk's first run cost, and what a load of 10,000 articles would."""
    print("\n    stage      seconds     pages   MB read   peak MB")
    for stage, seconds, pages, read, peak in stages(folder):
        print(f"    {stage:8}{seconds:10.2f}{pages:10}{read or 0:10.1f}{peak or 0:10.0f}")
        if stage == "publish" and pages:
            print(f"    publish: {float(str(seconds)) * 10_000 / int(str(pages)):.2f} s for 10,000 articles\n")


def print_counts(counted: dict[str, object]) -> None:
    """Print what a run counted, so that nobody measures a run that did nothing."""
    names = ("captured", "unchanged", "loaded", "quarantined", "stages")
    print("   ", {n: counted[n] for n in names})


if __name__ == "__main__":
    main()
