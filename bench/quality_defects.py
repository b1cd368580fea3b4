"""Plant a defect of every row rule into real pages and see what is found: `python -m bench.quality_defects [pages]`.

    500 pages --acquire, extract--> part --check--> findings before
                                    part, each rule planted into 3 articles --check--> findings after

Found is what is new after planting. Every planted (article, rule) must be among it, and nothing else but what follows
from the defect by its nature (an empty body is too short as well). Exit code 1 when one is missed or invented.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import polars as pl
from tests.quality.parts import NOW
from tests.quality.plants import PLANTS, STRICT
from tests.quality.records import Record, records_of, tables_of

from copydesk.quality.row_checks import NO_HISTORY, PartResult, check_part
from copydesk.quality.rules import load_registry
from copydesk.runs.folder import PREVIEW, new_run
from copydesk.settings import find_desk_folder
from copydesk.stages.acquire import acquire
from copydesk.stages.extract import extract
from copydesk.store.parts.parquet import read_frame
from copydesk.store.parts.part_files import part_paths

EACH = 3
TABLES = (
    *("articles", "paragraphs", "authors", "sections", "tags", "captions", "links", "quotes"),
    *("cut_blocks", "evidence", "findings", "rejections"),
)


def extracted(pages: list[Path]) -> dict[str, pl.DataFrame]:
    """Take pages through acquire and extract, and return the tables of all parts."""
    root = Path(tempfile.mkdtemp(prefix="copydesk-defects-"))
    try:
        (root / "pages").mkdir()
        for page in pages:
            shutil.copy(page, root / "pages" / page.name)
        (root / "copydesk.toml").write_text('[[source]]\nname = "pages"\npaths = ["pages"]\n', encoding="utf-8")
        desk = find_desk_folder(root)
        with new_run(desk, desk.settings.source, trigger=PREVIEW) as run:
            run.mark_done("acquire", {"tally": {}, "counts": acquire(run).counts})
            extract(run)
            parts = part_paths(run.stage_folder("extract"))
            return {table: pl.concat([read_frame(part, table) for part in parts]) for table in TABLES}
    finally:
        shutil.rmtree(root, ignore_errors=True)


def judged(tables: dict[str, pl.DataFrame], history: pl.DataFrame = NO_HISTORY) -> PartResult:
    return check_part(tables, registry=load_registry(), sources={"strict": STRICT}, history=history, now=NOW)


def pairs(verdict: PartResult) -> set[tuple[str, str]]:
    return set(verdict.findings.select("capture_id", "rule").iter_rows())


def fit(record: Record) -> bool:
    """Whether every plant can spoil the record: a story of several paragraphs with a title."""
    return len(record.texts) >= 5 and bool(record.article["title"])


def dated(record: Record) -> Record:
    """Give a record without a date one that it can prove, so that a plant that moves it breaks no second rule."""
    if record.article["published_at"] is None:
        record.article |= {
            "published_at": NOW - timedelta(days=3),
            "published_precision": "day",
            "published_zoned": False,
        }
        record.article["modified_at"] = None
        record.add("evidence", field="published", value="2026-11-17", source="text", chosen=True, reason="")
    return record


def main() -> int:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    folder = Path(os.environ.get("COPYDESK_SHARED", "../shared")) / "bench" / "html" / "pages"
    pages = sorted(folder.glob("*.gz"))[:wanted]
    if not pages:
        print(f"no pages under {folder}: set COPYDESK_SHARED to the folder that holds bench/", file=sys.stderr)
        return 2
    tables = extracted(pages)
    before = judged(tables)
    clean = pairs(before)
    dirty = {capture for capture, _ in clean}
    records = records_of(tables)
    sound = [dated(r) for r in records if r.article["capture_id"] not in dirty and fit(r)]
    rules = sorted(PLANTS)
    each = min(EACH, len(sound) // len(rules))
    planted: dict[str, str] = {}
    for number, rule in enumerate(rules):
        for record in sound[number * each : (number + 1) * each]:
            PLANTS[rule][0](record)
            planted |= {one.article["capture_id"]: rule for one in (record, *record.others)}
    spoiled, history = tables_of(records)
    spoiled["rejections"] = tables["rejections"]
    after = judged(spoiled, history)
    new = pairs(after) - clean
    caught = {(capture, rule) for capture, rule in planted.items()}
    missed = caught - new
    invented = {(c, r) for c, r in new - caught if c not in planted or r not in PLANTS[planted[c]][1]}
    show(len(records), before, after, planted, new, missed)
    for capture, rule in sorted(missed):
        print("missed", rule, capture)
    for capture, rule in sorted(invented):
        print("invented", rule, "in a record with", planted.get(capture, "nothing planted"))
    return int(bool(missed or invented))


def show(
    articles: int,
    before: PartResult,
    after: PartResult,
    planted: dict[str, str],
    new: set[tuple[str, str]],
    missed: set[tuple[str, str]],
) -> None:
    print(f"{articles} articles; before: {before.findings.height} findings, {before.quarantine.height} in quarantine;")
    print(f"planted {len(planted)}; after: {after.findings.height} findings, {after.quarantine.height} in quarantine")
    was, sown, found = (
        Counter(before.findings["rule"].to_list()),
        Counter(planted.values()),
        Counter(rule for capture, rule in new if planted.get(capture) == rule),
    )
    severity = {rule.id: rule.severity for rule in load_registry()}
    print(f"{'rule':26} {'severity':9} {'before':>6} {'planted':>7} {'caught':>6}")
    for rule in sorted({*was, *sown}):
        print(f"{rule:26} {severity.get(rule, 'error'):9} {was[rule]:6} {sown[rule]:7} {found[rule]:6}")
    print(f"missed {len(missed)}")


if __name__ == "__main__":
    sys.exit(main())
