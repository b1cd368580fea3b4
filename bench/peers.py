"""What other tools make of a folder of HTML files; run by `bench/speed.py --peers` in a virtual environment of theirs.

    VENV/bin/python bench/peers.py datatrove|news-please FOLDER OUT

    python -m venv VENV && VENV/bin/pip install "datatrove[io,processing]" news-please

datatrove runs its trafilatura block in two processes and writes Parquet; news-please's `from_html` has no batch of its
own, so it is called in a loop that writes a line of JSON per page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[2]) if len(sys.argv) > 2 else Path()


def pages(data: Any = None, rank: int = 0, world_size: int = 1) -> Iterator[Any]:
    """Yield this task's share of the files as datatrove documents."""
    del data
    from datatrove.data import Document

    for path in sorted(FOLDER.iterdir())[rank::world_size]:
        yield Document(text=path.read_text(encoding="utf-8", errors="replace"), id=path.name)


def datatrove(out: Path) -> None:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.writers import ParquetWriter

    blocks = [pages, Trafilatura(favour_precision=False, timeout=10), ParquetWriter(str(out))]
    LocalPipelineExecutor(blocks, tasks=2, workers=2, logging_dir=str(out / "logs")).run()


def news_please(out: Path) -> None:
    from newsplease import NewsPlease

    out.mkdir(parents=True, exist_ok=True)
    with (out / "articles.jsonl").open("w", encoding="utf-8") as file:
        for path in sorted(FOLDER.iterdir()):
            html = path.read_text(encoding="utf-8", errors="replace")
            try:
                article = NewsPlease.from_html(html, url=None).get_serializable_dict()
            except Exception as error:  # noqa: BLE001  a page it cannot take is not what is measured
                article = {"error": str(error)}
            file.write(json.dumps(article, default=str) + "\n")


if __name__ == "__main__":
    {"datatrove": datatrove, "news-please": news_please}[sys.argv[1]](Path(sys.argv[3]))
