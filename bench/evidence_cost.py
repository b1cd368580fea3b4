"""What it costs to keep why a text was cut: size of the warehouse and CPU of the load, by `[warehouse] evidence`.

    python bench/evidence_cost.py --shared ../shared [--pages 500] [--texts 2000] [--markdown FILE]

Pages and texts of the shared benchmark are acquired and extracted once; the run is then loaded three times, into three
copies of the desk that differ in the setting. The size is that of the warehouse's file after the load; fetched bytes
lie beside it and are not counted. Sizes travel from machine to machine, CPU milliseconds do not.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.speed import ROOT, desk, html_pages, text_pages, write

_SETTINGS = ("full", "winners", "none")
_TABLES = ("audit.evidence", "audit.cut_blocks", "main.sketches")
_BLOCK = 262_144
"""Bytes of a block of DuckDB's file; tables share none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one load took.

    Attributes:
        kind: HTML or text.
        setting: Value of `[warehouse] evidence`.
        pages: Pages loaded.
        size_bytes: The warehouse's file.
        tables: Bytes of each of `_TABLES`, in whole blocks.
        cpu_s: CPU seconds of the load, its start included.
    """

    kind: str
    setting: str
    pages: int
    size_bytes: int
    tables: tuple[int, ...]
    cpu_s: float


def stage(folder: Path, *words: str) -> float:
    """Take the desk's waiting run through a stage; return the CPU seconds of its process, without its workers.

    Raises:
        CalledProcessError: The stage failed.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "copydesk", "stage", *words]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_utime + used.ru_stime


def costs(kind: str, pages: Iterator[bytes], number: int, folder: Path) -> Iterator[Cost]:
    """Yield the cost of loading so many pages with each setting."""
    write(pages, folder / kind, number, ".html" if kind == "HTML" else ".txt")
    made = desk(folder / f"{kind}-desk", folder / kind)
    for word in ("acquire", "count", "extract"):
        stage(made, word)
    for setting in _SETTINGS:
        one = folder / f"{kind}-{setting}"
        shutil.copytree(made, one)
        with (one / "copydesk.toml").open("a", encoding="utf-8") as settings:
            settings.write(f'\n[warehouse]\nevidence = "{setting}"\n')
        cpu = stage(one, "load")
        file = one / "warehouse" / "copydesk.duckdb"
        loaded, tables = _read(file)
        yield Cost(kind=kind, setting=setting, pages=loaded, size_bytes=file.stat().st_size, tables=tables, cpu_s=cpu)


def _read(file: Path) -> tuple[int, tuple[int, ...]]:
    """Return the number of captures, and the bytes of each table."""
    import duckdb

    with duckdb.connect(str(file), read_only=True) as connection:
        count = "select count(distinct block_id) from pragma_storage_info(?) where block_id >= 0"
        blocks = [connection.execute(count, [table]).fetchone() for table in _TABLES]
        pages = connection.execute("select count(*) from audit.captures").fetchone()
    return (pages or (0,))[0], tuple(_BLOCK * (found or (0,))[0] for found in blocks)


def table(found: list[Cost]) -> Iterator[str]:
    """Yield the lines of a table in Markdown."""
    tables = " | ".join(f"`{name}`, kB a page" for name in _TABLES)
    yield f"| pages | `evidence` | kB a page | GB a million | {tables} | load, CPU |"
    yield "|---|---|---|---|" + "---|" * len(_TABLES) + "---|"
    full = {one.kind: one.cpu_s for one in found if one.setting == "full"}
    for one in found:
        each = " | ".join(f"{size / one.pages / 1000:.2f}" for size in one.tables)
        whole = f"{one.size_bytes / one.pages / 1000:.1f} | {one.size_bytes / one.pages / 1000:.0f}"
        yield f"| {one.pages} {one.kind} | {one.setting} | {whole} | {each} | {one.cpu_s / full[one.kind]:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds bench/html and bench/text")
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--markdown", type=Path, help="file to write the table to")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = [
            *costs("HTML", html_pages(args.shared), args.pages, Path(name)),
            *costs("text", text_pages(args.shared), args.texts, Path(name)),
        ]
    lines = list(table(found))
    print("\n".join(lines))
    if args.markdown:
        about = (
            "# What evidence costs\n\nWritten by `bench/evidence_cost.py`. Sizes are a page's share of the warehouse's "
            "file after the load\nof one run, by `[warehouse] evidence`; the load's CPU is the figure times that of "
            "`full`.\n\n"
        )
        args.markdown.write_text(about + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
