"""The second hostile corpus through the real command line: every input ends, and what comes out is safe to read."""

from __future__ import annotations

import csv
import re
import subprocess
from pathlib import Path

import pytest
from bench.hostile import Ended, command, environment, run_class
from tests.hostile.oddities import ODDITIES

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk's folder, beside the corpus."""
    return tmp_path_factory.mktemp("second") / "desk"


@pytest.fixture(scope="module")
def ended(desk: Path) -> Ended:
    """How one run over all of it ended."""
    corpus = desk.parent / "corpus"
    for name, content in ODDITIES().items():
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return run_class(corpus, desk)


def asked(desk: Path, *words: str) -> str:
    """Return what a command says; it must not break."""
    done = subprocess.run(command(*words), cwd=desk, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert "internal error" not in done.stderr
    return done.stdout


def test_one_run_takes_it_all_within_a_gigabyte(ended: Ended) -> None:
    """No input ends a run, no captured document is without an end, and all processes together stay under 1 GB."""
    assert ended.trouble == ""
    assert ended.peak_bytes < 1_000_000_000
    assert ended.ends["loaded"] > 100
    assert not {"extract_failed", "acquire_failed", "crashed", "memory_limit", "count_mismatch"} & set(ended.reasons)


def test_every_file_is_told_of(ended: Ended, desk: Path) -> None:
    """Each file, or something in it, stands among the captures, in quarantine or among the skipped."""
    query = "select distinct uri from (select uri from audit.captures union all select uri from audit.quarantine)"
    told = list(csv.reader(asked(desk, "sql", query, "--format", "csv").splitlines()))[1:]
    seen = {re.split("[!#]", row[0].rpartition("/corpus/")[2])[0] for row in told}
    assert ended.files == len(ODDITIES())
    assert {name for name in ODDITIES() if name not in seen} == set()


def test_nothing_that_steers_a_terminal_is_stored_or_shown(ended: Ended, desk: Path) -> None:
    """Titles and authors hold no control characters, and tables on the screen no turning of the reading direction."""
    assert ended.ends["loaded"]
    query = "select title, authors, publisher, section_path, uri from latest_articles"
    text = asked(desk, "sql", query, "--format", "csv")
    assert not _CONTROLS.search(text.replace("\x85", ""))
    assert not _DIRECTIONS.search(asked(desk, "sql", query, "--limit", "0"))


def test_exports_and_the_report_are_safe(ended: Ended, desk: Path) -> None:
    """No cell of the CSV begins like a formula, and no markup of a title reaches the report or a Markdown table."""
    assert ended.ends["loaded"]
    asked(desk, "export", "exported", "--format", "csv")
    csv.field_size_limit(10**8)
    with (desk / "exported" / "articles.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in list(csv.reader(file))[1:] for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+@\t\r") or re.match(r"-[^\d.]", cell)] == []
    asked(desk, "report", "--out", "report.html")
    assert "<script>alert" not in (desk / "report.html").read_text(encoding="utf-8")
    table = asked(desk, "sql", r"select '<b>x</b> | [y](javascript:z) \| `w`' as t", "--format", "markdown")
    assert table.splitlines()[-1] == r"| \<b>x\</b> \| \[y](javascript:z) \\\| \`w\` |"
