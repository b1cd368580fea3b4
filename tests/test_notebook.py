"""docs/notebook.py: the notebook runs from its first cell to its plot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.conftest import ROOT, clean_environment


def test_the_notebook_runs_and_draws_every_article(tmp_path: Path) -> None:
    """All cells, one after the other: five articles are loaded, and the plot has a bar for each, the longest first."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "notebook.py")],
        cwd=tmp_path,
        env={**clean_environment(), "NOTEBOOK_FOLDER": os.fspath(tmp_path), "POLARS_FMT_MAX_ROWS": "20"},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert "'loaded': 5" in done.stdout.decode()
    drawing = ET.parse(tmp_path / "words.svg").getroot()  # noqa: S314 written by the notebook just now
    widths = [int(bar.attrib["width"]) for bar in drawing.iter("{http://www.w3.org/2000/svg}rect")]
    assert (len(widths), widths[0], widths) == (5, 280, sorted(widths, reverse=True))
