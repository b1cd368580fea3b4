"""What must hold of a desk that has suffered: rows, ledger, archive and scratch space; what does not is said as text.

Of the site memory only its counts are compared: text, label and samples of a line are those of the load that first
found it on enough pages.
"""

from __future__ import annotations

import gzip
import io
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import duckdb
from fastwarc.warc import ArchiveIterator, WarcRecordType

from tests.faults.desks import warehouse
from tests.faults.inputs import Inputs

CLOCK = frozenset({"run_id", "first_run_id", "last_run_id", "loaded_at", "seen_at", "resolved_at"})
"""Columns that name a run or tell the time of a load."""

FETCHED = frozenset(
    {"captured_at", "first_seen_at", "last_seen_at", "valid_from", "valid_to", "path", "offset", "length"}
)
"""Columns that a fetched page has from the clock, or from the archive file of its run; files have theirs from mtime."""


def dump(desk: Path) -> dict[str, list[str]]:
    """Return every row of every table of `main` and `audit`, and each address's state, without clocks and run ids."""
    with duckdb.connect(str(warehouse(desk)), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name in ('main', 'audit') order by all"
        ).fetchall()
        found = {f"{schema}.{name}": _rows(connection, f'from {schema}."{name}"') for schema, name in tables}
        found["audit.boilerplate"] = _rows(connection, "select site, line_key, pages, verdict from audit.boilerplate")
        found["ops.address_state"] = _rows(
            connection,
            "select source, uri, purpose, url, etag, last_modified, sha256, http_status from ops.address_state",
        )
    return found


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    answer = connection.execute(query)
    names = [column[0] for column in answer.description]
    rows = []
    for values in answer.fetchall():
        row = {n: v for n, v in zip(names, values, strict=True) if n not in CLOCK}
        if "capture_id" in row and row["capture_id"] is None:
            continue  # a finding about a batch: what is a batch depends on how many runs there were
        rows.append(repr({n: v for n, v in row.items() if n not in FETCHED}))
    return sorted(rows)


def differences(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> list[str]:
    """Say, table by table, which rows only one of two desks has."""
    said = []
    for table in sorted(one.keys() | other.keys()):
        here, there = Counter(one.get(table, ())), Counter(other.get(table, ()))
        only, missing = here - there, there - here
        if only or missing:
            said.append(
                f"{table}: {only.total()} rows too many {list(only)[:2]}, {missing.total()} missing {list(missing)[:2]}"
            )
    return said


def ledger(desk: Path, inputs: Inputs) -> list[str]:
    """Say what is wrong with the ledger: runs, loads, and that every input ended in exactly one state."""
    wrong = []
    with duckdb.connect(str(warehouse(desk)), read_only=True) as connection:
        ask = connection.execute
        if (running := ask("select count(*) from ops.runs where status not in ('finished', 'failed')").fetchone()) != (
            0,
        ):
            wrong.append(f"runs that say they are at work: {running}")
        ended = Counter(uri for (uri,) in ask(
            "select uri from audit.captures where outcome in ('loaded', 'quarantined') group by uri, capture_id "
            "union all select uri from audit.quarantine where resolved_at is null "
            "and capture_id not in (select capture_id from audit.captures)"
        ).fetchall())  # fmt: skip
        twice = ask("select uri, sha256, count(*) from audit.captures group by all having count(*) > 1").fetchall()
        both = ask("select uri from audit.captures join audit.quarantine using (uri) where outcome = 'loaded' "
                   "and resolved_at is null").fetchall()  # fmt: skip
    wanted = {str(p) for p in inputs.folder.iterdir() if p.suffix in {".txt", ".html"}}
    wanted |= {inputs.site.url(path) for path in inputs.paths} if inputs.site else set()
    wrong += [f"in no state: {sorted(wanted - ended.keys())[:3]}"] if wanted - ended.keys() else []
    wrong += [f"nobody's input: {sorted(ended.keys() - wanted)[:3]}"] if ended.keys() - wanted else []
    wrong += [f"there twice: {twice[:3]}"] if twice else []
    wrong += [f"loaded and quarantined: {both[:3]}"] if both else []
    return wrong


def archive(desk: Path, inputs: Inputs) -> list[str]:
    """Say what is wrong with the archive: records that cannot be read, pages that are lost or there twice."""
    wrong: list[str] = []
    pages: Counter[tuple[str, str]] = Counter()
    for path in sorted((desk / "warehouse" / "archive").rglob("*.warc.gz")):
        kinds: Counter[str] = Counter()
        try:
            whole = gzip.decompress(path.read_bytes())  # FastWARC ends in silence where a file is torn
        except (OSError, EOFError) as error:
            wrong.append(f"{path.name}: {error}")
            continue
        for record in ArchiveIterator(io.BytesIO(whole), parse_http=True):
            kinds[record.headers["WARC-Type"]] += 1
            if record.headers["WARC-Type"] == "response":
                pages[record.headers["WARC-Target-URI"], sha256(record.reader.read()).hexdigest()] += 1
        if len({kinds[k] for k in ("request", "response", "metadata")}) != 1:
            wrong.append(f"{path.name}: {dict(kinds)}")
    wanted = {inputs.site.url(path) for path in inputs.paths} if inputs.site else set()
    seen = {url for url, _ in pages}
    wrong += [f"not archived: {sorted(wanted - seen)[:3]}"] if wanted - seen else []
    wrong += [f"archived twice: {page}" for page, number in pages.items() if number > 1][:3]
    with duckdb.connect(str(warehouse(desk)), read_only=True) as connection:
        places = connection.execute(
            "select url, sha256, path, \"offset\", length from audit.captures where source = 'wire'"
        ).fetchall()
    wrong += [f"cannot be read back: {url}" for url, digest, *place in places if _read(desk, *place) != digest][:3]
    return wrong


def _read(desk: Path, path: str, offset: int, length: int) -> str:
    with (desk / path).open("rb") as file:
        file.seek(offset)
        member = file.read(length)
    for record in ArchiveIterator(io.BytesIO(member), record_types=WarcRecordType.response, parse_http=True):
        return sha256(record.reader.read()).hexdigest()
    return ""


def scratch(desk: Path) -> list[str]:
    """Name what a run has left behind: run folders, temporary files."""
    folder = desk / "warehouse"
    runs = [p.name for p in (folder / "runs").iterdir() if p.name != "locks"] if (folder / "runs").is_dir() else []
    files = [str(p.relative_to(desk)) for p in folder.rglob("*") if p.name.endswith((".tmp", ".wal"))]
    return sorted({*runs, *files})
