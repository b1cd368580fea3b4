"""How long a person waits for each page of `copydesk browse` on a large desk.

    python bench/browse.py [--articles 100000] [--folder DIR] [--rounds 7] [--paint] [--out bench/results/browse]

Makes a desk of pages of `bench/synthetic.py` (one in ten printed again by another publisher, one in fifty too short),
five sources, one run each; keeps it in --folder for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def pages_of(base: str) -> dict[str, str]:
    """Return name -> path of every page, with ids that are in this desk."""
    article = ask(base, "/stories.json")[0]["stories"][0]["story_id"]
    spread = ask(base, f"/story/{article}.json")[0]["articles"][0]["article_id"]
    record = ask(base, "/quarantine.json")[0]["records"][0]["capture_id"]
    run_id = ask(base, "/runs.json")[0]["runs"][0]["run_id"]
    sql = "select+publisher,count(*)+as+articles+from+latest_articles+group+by+all"
    return {
        "latest articles": "/", "search, two words": "/search?q=council+bridge", "search, one publisher":
        "/search?publisher=site-1.example", "search, a phrase": "/search?q=%22clean+water%22",
        "article": f"/article/{spread}", "article with cut lines": f"/article/{spread}?cut=1",
        "as fetched": f"/article/{spread}/page", "stories": "/stories", "story": f"/story/{article}",
        "people": "/people", "who signs": "/people?show=authors", "trends": "/trends", "trend of a word":
        "/trends?q=council", "sources": "/sources", "source": "/source?name=wire-1", "quarantine": "/quarantine",
        "record": f"/quarantine/{record}", "quality": "/quality", "findings": "/findings?rule=no_body", "runs": "/runs",
        "run": f"/run/{run_id}", "SQL": f"/sql?q={sql}", "schema": "/schema", "table": "/schema/main.articles",
        "Atom feed": "/search.atom?q=council",
    }  # fmt: skip


def ask(base: str, path: str) -> tuple[Any, float]:
    """Return what a page of JSON says, and the seconds to its first byte."""
    begun = time.perf_counter()
    with urllib.request.urlopen(base + path) as answer:  # noqa: S310 our own server
        answer.read(1)
        first = time.perf_counter() - begun
        rest = answer.read()
    return (json.loads(b"{" + rest) if path.partition("?")[0].endswith(".json") else None), first


def first_paints(base: str, paths: dict[str, str]) -> dict[str, float]:
    """Return name -> milliseconds to the first contentful paint in a headless Chromium, scripts off in the page."""
    from playwright.sync_api import sync_playwright

    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        page = browser.new_page()
        for name, path in paths.items():
            if "page" in path or ".atom" in path:
                continue
            times = []
            for _ in range(3):
                page.goto(base + path)
                page.wait_for_timeout(60)
                times.append(page.evaluate(paint))
            found[name] = min(times)
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--paint", action="store_true", help="also the first paint, in a headless Chromium")
    parser.add_argument("--out", type=Path, default=ROOT / "bench/results/browse")
    args = parser.parse_args()
    desk = make_desk(args.folder, args.articles)
    words = [sys.executable, "-m", "copydesk", "browse", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(words, cwd=desk, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        base = server.stdout.readline().split()[0].rstrip("/")
        while not ask(base, "/search.json?q=council")[0]["ranked"]:
            time.sleep(0.5)
        paths = pages_of(base)
        load_before = os.getloadavg()[0]
        times = {name: sorted(ask(base, path)[1] for _ in range(args.rounds)) for name, path in paths.items()}
        paints = first_paints(base, paths) if args.paint else {}
        server.terminate()
    articles = f"{args.articles:,}"
    lines = [f"| page | best ms | median ms |{' first paint ms |' if paints else ''}"]
    lines.append("| --- | ---: | ---: |" + (" ---: |" if paints else ""))
    for name, taken in times.items():
        row = f"| {name} | {taken[0] * 1000:.0f} | {taken[len(taken) // 2] * 1000:.0f} |"
        lines.append(row + (f" {paints[name]:.0f} |" if name in paints else " |" if paints else ""))
    load = f"load average of the machine at the start: {load_before:.1f}"
    measured = f"Time to first byte, {args.rounds} rounds, desk of {articles} pages, {os.cpu_count()} cores; {load}."
    lines += ["", measured]
    args.out.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
