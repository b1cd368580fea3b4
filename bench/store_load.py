"""How fast a warehouse loads and finds duplicates, and whether the duplicates are right.

    python bench/store_load.py [--articles 100000] [--runs 1] [--folder DIR]

Makes articles of known descent (originals, copies, edited and shortened copies, pages of one template), writes them as
the parts of runs, loads them, and prints: seconds and peak memory of each load, of finding the stories, of asking for
what is known, of the same input again; sizes; precision and recall of the pairs against the known descent.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from copydesk.keys import article_key, capture_key, revision_key
from copydesk.store.load import load_parts as loading
from copydesk.store.load.load_run import load_run
from copydesk.store.parts.parquet import SCHEMAS
from copydesk.store.parts.part_files import write_part
from copydesk.store.read.known_files import seen_captures
from copydesk.store.warehouse.connection import Warehouse
from copydesk.store.warehouse.ledger import RunRow

PART = 2000
WORDS = 320
PUBLISHERS = 40


class Newsroom:
    """Articles of known descent; `family` is equal for articles that print much the same text."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
        self.vocabulary = np.array(["".join(self.rng.choice(letters, self.rng.integers(2, 11))) for _ in range(40_000)])
        self.template = self.words(120)
        self.furniture = [" ".join(self.words(6)) for _ in range(60)]

    def words(self, count: int) -> list[str]:
        """Return words with the frequencies of a natural text (Zipf)."""
        ranks = np.minimum(self.rng.zipf(1.2, count) - 1, len(self.vocabulary) - 1)
        return list(self.vocabulary[ranks])

    def articles(self, count: int) -> list[tuple[int, list[str]]]:
        """Return (family, words) of each article."""
        made: list[tuple[int, list[str]]] = []
        while len(made) < count:
            kind = self.rng.random()
            family = len(made)
            if made and kind < 0.12:
                family, words = made[int(self.rng.integers(len(made)))]
                made.append((family, self._derived(words)))
            elif kind < 0.17:
                made.append((family, [*self.template, *self.words(WORDS - 120)]))
            else:
                made.append((family, self.words(int(self.rng.integers(WORDS // 2, WORDS * 3 // 2)))))
        return made

    def _derived(self, words: list[str]) -> list[str]:
        kind = self.rng.random()
        if kind < 0.35:
            return words
        if kind < 0.7:  # one word in twenty-five changed, in one stretch of the text
            copy = list(words)
            start = int(self.rng.integers(len(copy) * 3 // 4))
            copy[start : start + len(copy) // 10] = self.words(len(copy) // 10)
            return copy
        if kind < 0.9:
            return words[: len(words) * 3 // 4]
        return [*self.words(25), *words]


def write_runs(folder: Path, count: int, runs: int) -> dict[str, int]:
    """Write the runs' parts; return article id -> family."""
    newsroom = Newsroom(7)
    families: dict[str, int] = {}
    articles = newsroom.articles(count)
    for start in range(0, count, PART):
        number = start // PART
        run = folder / f"run-{number % runs:03}"
        tables = _tables(newsroom, start, articles[start : start + PART])
        for row, (family, _) in zip(tables["articles"]["article_id"], articles[start : start + PART], strict=True):
            families[row] = family
        tally = {"counts": {"captured": tables["captures"].height}, "reasons": {}, "cut": {}}
        name = f"part-{number:05}"
        write_part(run / "acquire" / name, {"captures": tables.pop("captures")}, tally, durable=False)
        accepted = tables["articles"].select(list(SCHEMAS["accepted"]))
        write_part(run / "extract" / name, tables, tally, durable=False)
        write_part(run / "check" / name, {"accepted": accepted}, tally, durable=False)
    return families


def _tables(newsroom: Newsroom, start: int, articles: list[tuple[int, list[str]]]) -> dict[str, pl.DataFrame]:
    rows: dict[str, list[dict[str, object]]] = {
        t: [] for t in ("captures", "articles", "paragraphs", "authors", "cut_blocks", "evidence")
    }
    for n, (_, words) in enumerate(articles, start):
        source, uri = f"paper-{n % PUBLISHERS}", f"2026/{n:07}.txt"
        texts = [" ".join(words[i : i + 40]) for i in range(0, len(words), 40)]
        digest = sha256("\n".join(texts).encode()).hexdigest()
        capture, article = capture_key(source, uri, digest), article_key(source, uri, None)
        revision = revision_key(article, digest)
        at = datetime.fromtimestamp(1_770_000_000 + 60 * n, UTC)
        rows["captures"].append(
            {"capture_id": capture, "source": source, "uri": uri, "sha256": digest, "media_type": "text/plain"}
            | {"size_bytes": 2000, "captured_at": at, "path": f"inbox/{uri}", "carrier": "file", "member": ""}
            | {"offset": 0, "length": 0, "modified_ns": int(at.timestamp()) * 10**9}
        )
        rows["articles"].append(
            {"capture_id": capture, "article_id": article, "revision_id": revision, "source": source, "uri": uri}
            | {"publisher": source, "title": " ".join(words[:8]), "language": "en", "body_words": len(words)}
            | {"body_chars": 2000, "text_sha256": digest, "captured_at": at, "rules_version": "bench"}
        )
        both = {"capture_id": capture, "revision_id": revision}
        rows["paragraphs"] += [
            both | {"position": p, "kind": "paragraph", "level": 0, "text": t, "block": p}
            for p, t in enumerate(texts, 1)
        ]
        rows["authors"].append(both | {"position": 1, "name": f"Author {n % 900}", "kind": "person"})
        rows["cut_blocks"] += [
            {"capture_id": capture, "number": b, "label": "nav", "rule": "bench", "confidence": 0.9}
            | {"text": newsroom.furniture[(n % PUBLISHERS + b) % 60]}
            for b in range(100, 130)
        ]
        rows["evidence"] += [
            {"capture_id": capture, "field": f, "position": 1, "value": f, "source": "text", "chosen": True}
            for f in ("title", "author", "published")
        ]
    return {t: pl.DataFrame(r, schema=dict(SCHEMAS[t]), orient="row") for t, r in rows.items()}


def judge(warehouse: Warehouse, families: dict[str, int]) -> None:
    """Print precision and recall of the pairs; a pair is right when both descend from one text."""
    with warehouse.open_for_reading() as connection:
        pairs = connection.rows("select article_id::varchar, other_article_id::varchar from main.story_pairs")
        stories = connection.rows("select story_id::varchar, list(article_id::varchar) from story_articles group by 1")
    right = sum(families[a] == families[b] for a, b in pairs)
    sizes: dict[int, int] = {}
    for family in families.values():
        sizes[family] = sizes.get(family, 0) + 1
    related = sum(n for n in sizes.values() if n > 1)
    inside = sum(len(m) for _, m in stories)
    pure = sum(len({families[a] for a in m}) == 1 for _, m in stories)
    print(f"pairs {len(pairs):,}: precision {right / max(1, len(pairs)):.4f}")
    print(f"stories {len(stories):,}: {pure / max(1, len(stories)):.4f} of one descent")
    print(f"articles with relatives {related:,}; of these in a story {inside / max(1, related):.4f}")


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser()
    options.add_argument("--articles", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=1)
    options.add_argument("--folder", type=Path)
    options.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.write:  # in a process of its own, so that the peak memory below is the load's
        families = write_runs(asked.write, asked.articles, asked.runs)
        (asked.write / "families.json").write_text(json.dumps(families))
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        sizes = ["--articles", str(asked.articles), "--runs", str(asked.runs)]
        subprocess.run([sys.executable, __file__, "--write", str(folder), *sizes], check=True)
        families = json.loads((folder / "families.json").read_text())
        warehouse = Warehouse(folder / "bench.duckdb")
        _time_parts()
        for number in range(asked.runs):
            run_id = f"run-{number:03}"
            watch = Watch()
            report = load_run(warehouse, RunRow(run_id=run_id, started_at=datetime.now(UTC)), folder / run_id)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{run_id}: {report.loaded:,} loaded in {watch}, peak {peak:.0f} MB")
        watch = Watch()
        run = RunRow(run_id="again", started_at=datetime.now(UTC))
        (folder / "run-000").rename(folder / "again")
        print(f"the first run again: {load_run(warehouse, run, folder / 'again')}")
        print(f"  in {watch}; file {warehouse.path.stat().st_size / 1e6:.0f} MB")
        watch = Watch()
        count = sum(len(seen_captures(warehouse.path, f"paper-{source}")) for source in range(PUBLISHERS))
        print(f"known captures of {PUBLISHERS} sources: {count:,} in {watch}")
        judge(warehouse, families)


class Watch:
    """Wall and processor seconds since it was made; on a shared machine the second is the one to compare."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def __str__(self) -> str:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return f"{wall:7.2f} s (processor {cpu:6.2f} s)"


def _time_parts() -> None:
    """Print what each step of a load takes."""
    script, stories, keys = loading.Connection.script, loading.find_near_duplicates, loading.broken_keys

    def timed_script(self: loading.Connection, path: Path, *more: Any, **words: Any) -> None:
        watch = Watch()
        script(self, path, *more, **words)
        if not path.name.startswith("31_spread"):
            print(f"    {path.stem:22} {watch}")

    def timed(name: str, function):  # type: ignore[no-untyped-def]
        def call(connection: loading.Connection, **more: bool):  # type: ignore[no-untyped-def]
            watch = Watch()
            answer = function(connection, **more)
            print(f"    {name:22} {watch}")
            return answer

        return call

    loading.Connection.script = timed_script  # type: ignore[assignment, method-assign]
    loading.find_near_duplicates = timed("near duplicates", stories)
    loading.broken_keys = timed("keys", keys)


if __name__ == "__main__":
    main()
