"""How long the gate takes for 100,000 articles with all rules: `python -m bench.quality_speed [articles]`.

The part is made of 2,000 different stories of three languages, 8 to 15 paragraphs of 80 to 250 characters each,
repeated under other addresses with their number in the text; one in twenty has defects. Boilerplate is measured too.
"""

from __future__ import annotations

import sys
import time

import polars as pl
from tests.quality.parts import NOW, part, story

from copydesk.quality.row_checks import check_part
from copydesk.quality.rules import load_registry

SEED_STORIES = 2000


def stories() -> list[dict[str, object]]:
    found = []
    for n in range(SEED_STORIES):
        one = story(n, language=("en", "en", "de", "ru")[n % 4], paragraphs=12 + n % 16)
        said = one["paragraphs"]
        one["paragraphs"] = [said[0], *(f"{a} {b}" for a, b in zip(said[1::2], said[2::2], strict=False)), said[-1]]
        if n % 20 == 0:
            one["paragraphs"][-1] += " <br> Ã© &nbsp; read more"  # type: ignore[index]
        found.append(one)
    return found


def many(articles: int) -> dict[str, pl.DataFrame]:
    """Copy the seed part often enough; every copy gets its own keys and its number into each paragraph."""
    seed = part(stories())
    copies = []
    for copy in range(-(-articles // SEED_STORIES)):
        tail = f"{copy:08x}"
        keys = [pl.col(k).str.slice(0, 28) + tail for k in ("capture_id", "revision_id", "article_id")]
        tables = {}
        for name, table in seed.items():
            own = [
                k for k, n in zip(keys, ("capture_id", "revision_id", "article_id"), strict=True) if n in table.columns
            ]
            tables[name] = table.with_columns(own)
        tables["paragraphs"] = tables["paragraphs"].with_columns(pl.col("text") + f" {copy}.")
        copies.append(tables)
    return {name: pl.concat([c[name] for c in copies]).rechunk() for name in seed}


def main() -> None:
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    registry = load_registry()
    check_part(part(stories()), registry=registry, now=NOW)  # imports and tables are loaded once per process
    tables = many(articles)
    size = tables["paragraphs"]["text"].str.len_bytes().sum()
    started, cpu = time.perf_counter(), time.process_time()
    verdict = check_part(tables, registry=registry, now=NOW)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    print(
        f"{tables['articles'].height:,} articles, {tables['paragraphs'].height:,} paragraphs, {size / 1e6:,.0f} MB, "
        f"{len(registry.rules)} rules: {seconds:.2f} s ({cpu:.2f} s of CPU); "
        f"{verdict.findings.height:,} findings, {verdict.quarantine.height:,} quarantined"
    )


if __name__ == "__main__":
    main()
