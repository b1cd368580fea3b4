"""Refresh the outputs that README.md and docs/ show, by running their commands in scratch folders.

    python -m bench.readme                 # rewrites the pages in place
    python -m bench.readme --check         # exit 1 when a page would change
    python -m bench.readme docs/cookbook.md

A block is a comment that names its command and what stands between it and the closing comment:

    <!-- output: copydesk run -->
    ...
    <!-- end -->

`| head N` and `| tail N` take some lines; blocks run in a desk with the five sample pages, a new one for each page.
`<!-- desk: COMMAND -->` prepares that desk.
Names of `bench/doc_tables.py` (`settings`, ...) stand for tables made from the code, `python` for the output
of the Python code fenced right above the block. Output in Markdown is put in as it is, all other in a fence.
Console sessions are those of `bench/console.py`.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.console import refresh_sessions
from bench.doc_tables import TABLES

ROOT = Path(__file__).parent.parent
SITE = ROOT / "docs" / "sample-site"
_BLOCK = re.compile(
    r"(?:```(?P<language>python|sql)\n(?P<code>(?:(?!```).)*)```\n\n)?"
    r"(?P<open><!-- output: (?P<command>.+?) -->\n)(.*?)(?P<close><!-- end -->)",
    re.DOTALL,
)
_VARIES = re.compile(
    r"\d{8}T\d{6}-[0-9a-f]{6}"  # a run's name
    r"|\([\d,]+ bytes\)"  # of compressed files that hold times
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?"  # a time
    r"|\b[\d.]+ ?(?=s\b|ms\b|seconds|minutes|kB|MB)|(?<=seconds)[ │\d.]+"
    r"|[ ─━┬┳┼╇┴┻┌┐┏┓└┘┗┛]+"  # widths of tables follow
)
"""What differs from run to run; `--check` does not look at it."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path, help="default: README.md and all of docs/")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    stale = 0
    for page in args.pages or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        before = page.read_text(encoding="utf-8")
        after = refreshed(before)
        if _VARIES.sub("", after) != _VARIES.sub("", before):
            stale += 1
            print(f"{page.name} {'is out of date: run python -m bench.readme' if args.check else 'is refreshed'}")
            if not args.check:
                page.write_text(after, encoding="utf-8")
    return int(args.check and stale > 0)


def refreshed(page: str) -> str:
    """Return a page with today's outputs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if any(m["command"] not in TABLES for m in _BLOCK.finditer(page)):
            _copydesk(["init", "desk"], folder)
            for command in re.findall(r"<!-- desk: (.+?) -->\n", page):
                subprocess.run(["bash", "-ec", command], cwd=folder / "desk", env=_environment(), check=True)
            if "<!-- output: copydesk run -->" not in page:
                _copydesk(["run"], folder / "desk")
        page = _BLOCK.sub(lambda m: _refreshed(m, folder / "desk"), page)
        (folder / "session").mkdir()
        return refresh_sessions(page, folder / "session", ROOT)


def _refreshed(block: re.Match[str], desk: Path) -> str:
    head = block[0][: block.end("open") - block.start()]
    if block["command"] == "python":
        return head + _python(block["code"], desk) + block["close"]
    if block["command"] == "sql":
        return head + _shown(f"copydesk sql {shlex.quote(block['code'])} --format markdown", desk) + block["close"]
    return head + _shown(block["command"], desk) + block["close"]


def _python(code: str, desk: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=desk, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"the Python code of a block failed: {done.stderr}")
    return f"```text\n{done.stdout.rstrip()}\n```\n"


def _shown(command: str, desk: Path) -> str:
    if command in TABLES:
        return TABLES[command]()
    words, _, lines = command.partition(" | ") if " --format markdown" not in command else (command, "", "")
    out = _copydesk(shlex.split(words)[1:], desk)
    end, _, number = lines.partition(" ")
    part = {"": slice(None), "head": slice(int(number or 0)), "tail": slice(-int(number or 0), None)}[end]
    out = "\n".join(line.rstrip() for line in out.strip("\n").split("\n")[part])
    return f"\n{out}\n\n" if "--format markdown" in words else f"```text\n{out}\n```\n"


def _copydesk(words: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "copydesk", *words],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"copydesk {' '.join(words)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def _environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {"PATH": path, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "128", "NO_COLOR": "1", "SAMPLE_SITE": str(SITE)}
    return {**os.environ, **own}


if __name__ == "__main__":
    sys.exit(main())
