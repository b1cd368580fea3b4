"""Load the accepted rows of a run's parts, in one transaction with the ledger.

A run of more than 20,000 captures takes several such loads, one after the other, so that memory stays flat however
many there are: what a load leaves is the same wherever the parts are cut.

    parts (Parquet) --in_*--> 10 stage --> 20 captures --> 30 revisions, names --> 40 timeline --> 50 articles
        --> 60 changes --> 70 audit --> 80 quarantine --> 85 boilerplate --> 90 states --> stories
        --> keys hold? --> ledger --> commit --> checkpoint

The steps are the files under `sql/`. What is written follows from what was seen, not from the order of loads: rows
of an article are worked out anew from all captures of it, so the same inputs in any order give the same rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import duckdb

from copydesk.errors import StoreError, WarehouseBusyError, WarehouseVersionError
from copydesk.health import Observation, SourceHealth
from copydesk.records import StageCounts
from copydesk.store.load.boilerplate_text import name_boilerplate
from copydesk.store.load.near_duplicates import find_near_duplicates
from copydesk.store.load.run_views import no_rows
from copydesk.store.parts.parquet import BATCH_PART, LINE_COUNTS, SCHEMAS, part_paths, read_tally
from copydesk.store.warehouse.connection import Connection, Warehouse
from copydesk.store.warehouse.constraints import broken_keys
from copydesk.store.warehouse.disk_space import check_disk_space
from copydesk.store.warehouse.engine import file_literal
from copydesk.store.warehouse.health_rows import record_health
from copydesk.store.warehouse.ledger import RunRow, StageRun, mark_interrupted, record_run, record_stages

__all__ = ["LoadReport", "due_parts", "load_run", "refresh_entities"]

_SQL = Path(__file__).parent / "sql"

_STEPS = (
    "10_stage",
    "20_captures",
    "30_revisions",
    "31_names",
    "32_mentions",
    "40_timeline",
    "50_articles",
    "55_entities",
    "60_changes",
    "70_audit",
    "80_quarantine",
    "85_boilerplate",
    "90_states",
    "95_quality",
)
_MAX_CAPTURES = 20_000
"""Captures per transaction, rounded up to whole parts: about 300 MB of temporary tables."""

_ACQUIRE = ("captures", "fetch_log", "source_state", "address_state", "sightings")
_EXTRACT = (
    *("articles", "paragraphs", "authors", "sections", "tags", "captions", "links"),
    *("mentions", "topics", "quotes", "cut_blocks", "evidence", "sketches"),
)
_CHECK = ("accepted", "quarantine", "source_stats")
_KEY_COLUMNS = frozenset({"capture_id", "source", "uri", "sha256", "size_bytes"})
"""What a capture's key is made of, or follows from it: equal in both rows of a merge. Updating a key is slow."""
_CAPTURE_UPDATES = ", ".join(f'"{name}" = n."{name}"' for name in SCHEMAS["captures"] if name not in _KEY_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load brought.

    Attributes:
        done_before: The ledger had all parts already; nothing was written.
        loaded: Accepted captures whose articles are in the warehouse now.
        new_articles: Those of them that are the first of their article.
        new_revisions: Those that gave an article that was known a text that was not.
        unchanged: Those whose text was known.
        quarantined: Captures (and inputs without bytes) put into quarantine or counted up there.
        held: Captures that wait with their batch.
        parts: Parts the ledger gained.
        health: How the run found its sources.
    """

    done_before: bool = False
    loaded: int = 0
    new_articles: int = 0
    new_revisions: int = 0
    unchanged: int = 0
    quarantined: int = 0
    held: int = 0
    parts: int = 0
    health: tuple[SourceHealth, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Outcome -> captures, those above zero; new articles, new revisions and same texts add up to `loaded`."""
        counts = {
            "loaded": self.loaded,
            "new_articles": self.new_articles,
            "new_revisions": self.new_revisions,
            "same_text": self.unchanged,
            "quarantined": self.quarantined,
            "held": self.held,
        }
        return {name: number for name, number in counts.items() if number}

    def __add__(self, other: LoadReport) -> LoadReport:
        return LoadReport(
            loaded=self.loaded + other.loaded,
            new_articles=self.new_articles + other.new_articles,
            new_revisions=self.new_revisions + other.new_revisions,
            unchanged=self.unchanged + other.unchanged,
            quarantined=self.quarantined + other.quarantined,
            held=self.held + other.held,
            parts=self.parts + other.parts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    stage: str
    path: Path
    fingerprint: str


def load_run(
    warehouse: Warehouse,
    run: RunRow,
    folder: Path,
    stages: Sequence[StageRun] = (),
    *,
    seen: Sequence[Observation] = (),
) -> LoadReport:
    """Load what a run's folder holds and the ledger does not know yet.

    A commit or checkpoint that fails may still have been written (DuckDB 1.5.5 on a full disk), so after one the
    connection is dropped, the file opened again and the ledger asked. Room is asked for before.

    Args:
        warehouse: Opened for as long as the load takes.
        run: Written to `ops.runs` with the rows.
        folder: The run's folder, with `acquire/`, `extract/` and `check/`.
        stages: What the stages so far cost and counted.
        seen: What the run saw of its sources.

    Raises:
        WarehouseBusyError: Somebody else holds the file past the deadline; the parts are kept.
        StoreError: The disk refused, a part is damaged, or keys would not hold; nothing was loaded.
    """
    try:
        with warehouse.open_for_writing() as connection:
            check_disk_space(warehouse.path, folder)
            mark_interrupted(connection)
            return _load(connection, run, folder, stages, seen)
    except (WarehouseBusyError, WarehouseVersionError):
        raise
    except (duckdb.Error, StoreError) as error:
        if isinstance(error, StoreError) and not isinstance(error.__cause__, duckdb.Error):
            raise
        if _is_durable(warehouse, run.run_id, folder):
            with warehouse.open_for_writing() as connection, connection.transaction():
                health = record_health(connection, seen, run_id=run.run_id, now=datetime.now(UTC))
            return LoadReport(done_before=True, health=tuple(health))
        raise StoreError(
            f"{warehouse.path}: run {run.run_id} was not loaded: {_one_line(error)}. "
            f"Its parts are kept in {folder}; mend the cause and run `copydesk load`."
        ) from error


def _load(
    connection: Connection, run: RunRow, folder: Path, stages: Sequence[StageRun], seen: Sequence[Observation]
) -> LoadReport:
    due = _due(connection, run.run_id, folder)
    started, clock = datetime.now(UTC), time.monotonic()
    report = LoadReport()
    *before, last = _slices(folder, due)
    for some in before:
        with connection.transaction():
            record_run(connection, replace(run, status="running", finished_at=None, exit_code=None))
            report += _load_parts(connection, run, folder, some)
        connection.execute("checkpoint")
    with connection.transaction():
        record_run(connection, run)
        record_stages(connection, run.run_id, stages)
        health = tuple(record_health(connection, seen, run_id=run.run_id, now=datetime.now(UTC)))
        if due:
            report += _load_parts(connection, run, folder, last)
            pages = report.loaded + report.quarantined + report.held
            publish = StageRun(
                stage="publish",
                started_at=started,
                seconds=time.monotonic() - clock,  # up to the commit, which this row is part of
                pages=pages,
                bytes=max((s.bytes or 0 for s in stages), default=0),
                peak_memory_bytes=getrusage(RUSAGE_SELF).ru_maxrss * 1024,
                tally=StageCounts(stage="publish", counts=report.counts),
            )
            record_stages(connection, run.run_id, [publish])
        whole = [one.source for one in seen if not one.fetches and not one.error]
        _close_found_again(connection, run.started_at, whole)
    if not due:
        return LoadReport(done_before=True, health=health)
    connection.execute("checkpoint")
    return replace(report, health=health)


def _close_found_again(connection: Connection, started_at: datetime, sources: Sequence[str]) -> None:
    """Close what acquire could not read before a run that read these sources whole and did not report it again.

    A folder that was missing has no bytes of its own: no capture of it is ever loaded, which would close its row.
    """
    connection.execute(
        "update audit.quarantine set resolved_at = $1, resolution = 'superseded' "
        "where resolved_at is null and stage = 'acquire' and list_contains($2, source) "
        "and reason in ('not_found', 'unreadable', 'link_broken') and last_seen_at < $3",
        [datetime.now(UTC), list(sources), started_at],
    )


def _slices(folder: Path, due: Sequence[_Part]) -> list[list[_Part]]:
    """Cut the parts that are due, an acquire part and its check part together, into loads; the batch's is in the last.

    There is always one, be it empty.
    """
    slices: list[list[_Part]] = [[]]
    size = 0
    for name in sorted({part.path.name for part in due}, key=lambda name: (name == BATCH_PART, name)):
        acquired = folder / "acquire" / name
        more = read_tally(acquired).get("counts", {}).get("captured", 0) if acquired.exists() else 0
        if size and size + more > _MAX_CAPTURES:
            slices.append([])
            size = 0
        slices[-1] += [part for part in due if part.path.name == name]
        size += more
    return slices


def _load_parts(connection: Connection, run: RunRow, folder: Path, due: Sequence[_Part]) -> LoadReport:
    now = datetime.now(UTC)
    for name, value in (("run_id", run.run_id), ("run_started_at", run.started_at), ("loaded_at", now)):
        connection.execute(f"set variable {name} = $1", [value])
    _attach(connection, folder, due)
    connection.script(_SQL / f"{_STEPS[0]}.sql")
    report = _count(connection, len(due))
    for step in _STEPS[1:]:
        connection.script(_SQL / f"{step}.sql", words={"capture_updates": _CAPTURE_UPDATES})
    name_boilerplate(connection)
    find_near_duplicates(connection, loading=True)
    broken = broken_keys(connection, loading=True)
    if broken:
        raise StoreError(
            f"{connection.path}: loading run {run.run_id} would break {broken[0]}. Nothing was loaded; its parts are "
            f"kept in {folder}. Run `copydesk doctor`."
        )
    for part in due:
        connection.execute(
            "insert or replace into ops.loads values (?, ?, ?, ?, ?, ?)",
            [run.run_id, part.stage, part.path.name, part.fingerprint, now, _size(part.path)],
        )
    return report


def refresh_entities(connection: Connection) -> None:
    """Work out the entities of the temporary table `changed_entities` anew; those without a mention go."""
    connection.script(_SQL / "55_entities.sql")


def _due(connection: Connection, run_id: str, folder: Path) -> list[_Part]:
    """Return the parts that are not in the ledger, or there with another fingerprint."""
    known = {
        (stage, part): fingerprint
        for stage, part, fingerprint in connection.rows(
            "select stage, part, fingerprint from ops.loads where run_id = ?", [run_id]
        )
    }
    parts = [
        _Part(stage=stage, path=path, fingerprint=_fingerprint(path))
        for stage in ("acquire", "check")
        for path in part_paths(folder / stage)
    ]
    return [p for p in parts if known.get((p.stage, p.path.name)) != p.fingerprint]


def due_parts(connection: Connection, run_id: str, folder: Path) -> int:
    """Return how many parts of a run's folder are not in the ledger."""
    return len(_due(connection, run_id, folder))


def _fingerprint(part: Path) -> str:
    """Hash a part's file names, sizes and tally: a part is written once, whole, so this tells two writings apart."""
    digest = sha256()
    for path in sorted(part.iterdir()):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
    digest.update((part / "tally.json").read_bytes())
    return digest.hexdigest()[:32]


def _size(part: Path) -> int:
    return sum(int(n) for n in read_tally(part).get("counts", {}).values())


def _attach(connection: Connection, folder: Path, due: Sequence[_Part]) -> None:
    """Make the in_* views over the Parquet files this load reads."""
    connection.execute("set variable with_batch = $1", [any(p.path.name == BATCH_PART for p in due)])
    due_names = {p.path.name for p in due}
    acquired, extracted = (
        [p for p in part_paths(folder / stage) if p.name in due_names] for stage in ("acquire", "extract")
    )
    fetched = [p.path for p in due if p.stage == "acquire"]
    checked = [p.path for p in due if p.stage == "check"]
    names = {p.name for p in checked if not read_tally(p).get("counts", {}).get("held")}
    _view(connection, "captures", acquired)
    # A part that names a capture twice has each of its lines twice; looked for here, since "distinct" on all lines of
    # all parts is slow and keeps them in memory.
    twice = bool(connection.value("select count(*) > count(distinct (capture_id, part)) from in_captures"))
    for table in _ACQUIRE[1:]:
        _view(connection, table, fetched)
    for table in _EXTRACT:
        _view(connection, table, extracted, distinct=twice)
    for table in _CHECK:
        _view(connection, table, checked)
    _line_counts_view(connection, [m for p in fetched if (m := folder / LINE_COUNTS / f"{p.name}.parquet").exists()])
    _view(connection, "findings", checked)  # extract's are among them, with the severity the desk gives them
    _view(connection, "rejections", [*fetched, *(p for p in extracted if p.name in names)])


def _view(connection: Connection, table: str, parts: Iterable[Path], *, distinct: bool = False) -> None:
    """Make `in_<table>` over the parts that hold the table; empty, with its columns, when none does."""
    schema = SCHEMAS.get(table, {})
    files = [path for part in parts if (path := part / f"{table}.parquet").exists()]
    empty = f"select *, cast(null as varchar) as part from ({no_rows(table)})"  # noqa: S608 our own names
    if not files:
        connection.execute(f"create or replace temp view in_{table} as {empty}")
        return
    listed = ", ".join(file_literal(path) for path in files)
    names = ", ".join(f"'{name}'" for name in schema)
    wanted = f"columns(lambda c: c in ({names}))"  # a part that waited through an update has fewer; by name, null
    connection.execute(
        f"create or replace temp view in_{table} as {empty} union all by name "  # noqa: S608 quoted
        f"select {'distinct' if distinct else ''} {wanted}, parse_path(filename)[-2] as part "
        f"from read_parquet([{listed}], union_by_name = true, filename = true)"
    )


def _line_counts_view(connection: Connection, files: Sequence[Path]) -> None:
    """Make `in_line_counts` over the line counts of the acquire parts that this load reads for the first time."""
    rows = "select null::varchar as site, null::bigint as line_key, null::bigint as pages where false"
    if files:
        listed = ", ".join(map(file_literal, files))
        rows += f" union all by name select site, line_key, pages from read_parquet([{listed}])"  # noqa: S608 quoted
    connection.execute(f"create or replace temp view in_line_counts as {rows}")


def _count(connection: Connection, parts: int) -> LoadReport:
    """Count new, changed and known rows before they are written."""
    loaded, articles, revisions, known, quarantined, held = connection.rows(
        """
        with brought as (
            select n.capture_id, n.article_id, n.revision_id,
                n.article_id in (select article_id from main.articles) as has_article,
                n.revision_id in (select revision_id from main.revisions) as has_revision
            from new_articles as n
        )
        select count(*),
            count(distinct article_id) filter (not has_article),
            count(distinct revision_id) filter (not has_revision)
                - count(distinct article_id) filter (not has_article),
            count(*) - count(distinct revision_id) filter (not has_revision),
            (select count(*) from new_rejected),
            (select count(*) from new_captures where capture_id not in (
                select capture_id from decided union all select capture_id from audit.captures where outcome <> 'held'))
        from brought
        """
    )[0]
    return LoadReport(
        loaded=loaded,
        new_articles=articles,
        new_revisions=revisions,
        unchanged=known,
        quarantined=quarantined,
        held=held,
        parts=parts,
    )


def _is_durable(warehouse: Warehouse, run_id: str, folder: Path) -> bool:
    """Ask the ledger of the file as it is on disk whether the load that raised was written after all."""
    if not warehouse.path.exists():
        return False
    with warehouse.open_for_reading() as connection:
        return bool(part_paths(folder / "check")) and not _due(connection, run_id, folder)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
