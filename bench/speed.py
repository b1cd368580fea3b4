"""How fast: from files to a checked, loaded warehouse, against what people would use instead, in one run.

    python bench/speed.py --shared ../shared [--pages 600] [--texts 6000]

The pages are those of the shared benchmark (see its README for where they come from and their licences), repeated under
other names with a line of their own until there are enough. Every contestant reads the same folder with two processes:

    copydesk run           extract, label every block, metadata with evidence, pandera, DuckDB
    trafilatura --parallel the command line writing JSON with metadata; it stores and checks nothing
    bare_extraction loop   one process, text and metadata, nothing written

Figures are pages a second and ratios of the same run; a shared machine is noisy, so compare ratios, not figures.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent


def measured(work: Callable[[], None]) -> tuple[float, float]:
    """Return wall seconds of some work, and CPU seconds of the whole machine meanwhile.

    Workers are children of a fork server and not of ours, so what `getrusage` says of children leaves them out.
    """

    def busy() -> float:
        user, nice, system = map(int, Path("/proc/stat").read_text(encoding="ascii").split()[1:4])
        return (user + nice + system) / os.sysconf("SC_CLK_TCK")

    wall, before = time.monotonic(), busy()
    work()
    return time.monotonic() - wall, busy() - before


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


def row(name: str, pages: int, wall: float, cpu: float) -> None:
    """Print one line of the table."""
    print(f"{name:34}{pages:8}{wall:9.1f}{pages / wall:11.1f}{1000 * cpu / pages:12.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds bench/html and bench/text")
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--texts", type=int, default=6000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(html_pages(args.shared), folder / "html", args.pages, ".html")
        write(text_pages(args.shared), folder / "text", args.texts, ".txt")
        web, plain = desk(folder / "a", folder / "html"), desk(folder / "b", folder / "text")
        print(f"{'':34}{'pages':>8}{'wall s':>9}{'pages/s':>11}{'CPU ms/page':>12}")
        ours = measured(lambda: print_counts(copydesk(web)))
        row("copydesk run, HTML", args.pages, *ours)
        theirs = measured(lambda: trafilatura_cli(folder / "html", folder / "json"))
        row("trafilatura --parallel 2, JSON", args.pages, *theirs)
        alone = measured(lambda: loop(folder / "html"))
        row("bare_extraction in a loop", args.pages, *alone)
        texts = measured(lambda: print_counts(copydesk(plain)))
        row("copydesk run, text", args.texts, *texts)
        again = measured(lambda: print_counts(copydesk(plain)))
        row("copydesk run, text, unchanged", args.texts, *again)
        print(f"\nHTML, against trafilatura's command line: {theirs[0] / ours[0]:.2f} times the pages a second")
        print(f"HTML, CPU against bare_extraction alone: {ours[1] / alone[1]:.2f}")


def print_counts(counted: dict[str, object]) -> None:
    """Print what a run counted, so that nobody measures a run that did nothing."""
    names = ("captured", "unchanged", "loaded", "quarantined", "stages")
    print("   ", {n: counted[n] for n in names})


if __name__ == "__main__":
    main()
