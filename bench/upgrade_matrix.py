"""Print the upgrade matrix: each command on a warehouse as each earlier schema version left it.

    python -m bench.upgrade_matrix

A cell is the command's exit code, with `!` where the file was not brought up to date or no copy of it was kept.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.store.warehouse.earlier import COMMANDS, FILE, VERSIONS, make_desk, make_template


def main() -> None:
    """Fill a desk by a real run, make every earlier version of its warehouse, and try each command on each."""
    with tempfile.TemporaryDirectory(prefix="upgrade-") as name:
        template = make_template(Path(name))
        print("| command | " + " | ".join(f"{v:03d}" for v in VERSIONS[:-1]) + " |")
        print("| --- |" + " --- |" * (len(VERSIONS) - 1))
        for command, words in COMMANDS.items():
            cells = [_cell(template, Path(name) / f"{command}-{v}", v, command, words) for v in VERSIONS[:-1]]
            print(f"| {command} | " + " | ".join(cells) + " |", flush=True)


def _cell(template: Path, desk: Path, version: int, command: str, words: tuple[str, ...]) -> str:
    make_desk(template, desk, version, command)
    code = _copydesk(desk, *words)
    following = VERSIONS[VERSIONS.index(version) + 1]
    with duckdb.connect(str(desk / FILE), read_only=True) as raw:
        row = raw.execute("select max(number) from ops.migrations").fetchone()
    kept = (desk / f"{FILE}.before-{following:03d}").exists()
    return f"{code}{'' if kept and row == (VERSIONS[-1],) else '!'}"


def _copydesk(folder: Path, *words: str) -> int:
    return subprocess.run(
        [sys.executable, "-m", "copydesk", *words], cwd=folder, capture_output=True, check=False
    ).returncode


if __name__ == "__main__":
    main()
