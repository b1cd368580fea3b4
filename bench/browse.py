"""How long a person waits for each page of `copydesk browse` on a large desk.

    python bench/browse.py [--articles 100000] [--folder DIR] [--rounds 7] [--paint] [--out bench/results/browse]

Makes a desk of pages of `bench/synthetic.py` (one in ten printed again by another publisher, one in fifty too short),
five sources, one run each; keeps it in --folder for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.synthetic import Page, page

ROOT = Path(__file__).parent.parent
SOURCES = 5
_FILE_PAGES = 5000


def pages(first: int, count: int) -> Iterator[dict[str, str]]:
    """Yield rows of JSON lines: pages, copies of one in ten by another publisher, one in fifty cut to its title."""
    for number in range(first, first + count):
        one = page(number)
        if number % 50 == 7:
            yield _row(number, one, one.title)
            continue
        if number % 10 == 3:
            copy = page(number - number % 7 - 1) if number > 10 else one
            moved = copy.url.replace("https://site-", "https://reprint-")
            yield {**_row(number, copy, copy.text), "url": f"{moved}-{number}"}
            continue
        yield _row(number, one, one.text)


def _row(number: int, one: Page, text: str) -> dict[str, str]:
    return {"id": str(number), "url": one.url, "title": one.title, "date": one.date, "text": text}


def make_desk(folder: Path, articles: int) -> Path:
    """Make the desk, or take the one that is there."""
    desk = folder / "desk"
    if (desk / "made").exists():
        return desk
    desk.mkdir(parents=True, exist_ok=True)
    sources = "".join(f'[[source]]\nname = "wire-{n}"\npaths = ["inbox/wire-{n}"]\n\n' for n in range(SOURCES))
    settings = "[run]\nworkers = 1\n\n[quality]\nmax_quarantined = 0.9\n"
    (desk / "copydesk.toml").write_text(sources + settings, encoding="utf-8")
    each = articles // SOURCES
    for n in range(SOURCES):
        inbox = desk / "inbox" / f"wire-{n}"
        inbox.mkdir(parents=True, exist_ok=True)
        for start in range(0, each, _FILE_PAGES):
            with (inbox / f"{start:08}.jsonl").open("w", encoding="utf-8") as file:
                for row in pages(n * each + start, min(_FILE_PAGES, each - start)):
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        run(desk, "run", f"wire-{n}")
    (desk / "made").touch()
    return desk


def run(desk: Path, *words: str) -> None:
    """Run a command in the desk."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-m", "copydesk", *words], cwd=desk, env=environment, check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"copydesk {' '.join(words)} ended with {done.returncode}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, required=True)
    args = parser.parse_args()
    print(make_desk(args.folder, args.articles))


if __name__ == "__main__":
    main()
