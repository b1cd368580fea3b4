"""Write the rows of some parts of a run into the warehouse: the SQL steps of a load.

    parts (Parquet) --in_*--> 10 stage --> 20 captures --> 30 revisions, names --> 40 timeline --> 50 articles
        --> 60 changes --> 70 audit --> 80 quarantine --> 85 boilerplate --> 90 states --> stories --> keys hold?

The steps are the files under `sql/`. What is written follows from what was seen, not from the order of loads: rows
of an article are worked out anew from all captures of it, so the same inputs in any order give the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from copydesk.errors import StoreError
from copydesk.store.load.boilerplate_text import name_boilerplate
from copydesk.store.load.due_parts import DuePart, LoadReport
from copydesk.store.load.near_duplicates import find_near_duplicates
from copydesk.store.load.run_views import no_rows
from copydesk.store.parts.parquet import SCHEMAS
from copydesk.store.parts.part_files import BATCH_PART, line_counts_of, part_paths, read_tally
from copydesk.store.warehouse.connection import Connection
from copydesk.store.warehouse.constraints import broken_keys
from copydesk.store.warehouse.counted_captures import captures_to_count
from copydesk.store.warehouse.engine import file_literal
from copydesk.store.warehouse.ledger import RunRow

__all__ = ["load_parts", "refresh_entities"]

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
_ACQUIRE = ("captures", "fetch_log", "source_state", "address_state", "sightings")
_EXTRACT = (
    *("articles", "paragraphs", "authors", "sections", "tags", "captions", "links"),
    *("mentions", "topics", "quotes", "cut_blocks", "evidence", "sketches"),
)
_CHECK = ("accepted", "quarantine", "source_stats")
_KEY_COLUMNS = frozenset({"capture_id", "source", "uri", "sha256", "size_bytes"})
"""What a capture's key is made of, or follows from it: equal in both rows of a merge. Updating a key is slow."""
_CAPTURE_UPDATES = ", ".join(f'"{name}" = n."{name}"' for name in SCHEMAS["captures"] if name not in _KEY_COLUMNS)


def load_parts(connection: Connection, run: RunRow, folder: Path, due: Sequence[DuePart], now: datetime) -> LoadReport:
    """Write the rows of some parts, in the caller's transaction; their ledger entries are the caller's.

    Raises:
        StoreError: Keys would not hold.
    """
    for name, value in (("run_id", run.run_id), ("run_started_at", run.started_at), ("loaded_at", now)):
        connection.execute(f"set variable {name} = $1", [value])
    _attach(connection, folder, due)
    connection.script(_SQL / f"{_STEPS[0]}.sql")
    report = _count(connection, len(due))
    written: Counter[str] = Counter()
    for step in _STEPS[1:]:
        written.update(connection.script_counts(_SQL / f"{step}.sql", words={"capture_updates": _CAPTURE_UPDATES}))
    name_boilerplate(connection)
    find_near_duplicates(connection, loading=True)
    broken = broken_keys(connection, loading=True)
    if broken:
        raise StoreError(
            f"{connection.path}: loading run {run.run_id} would break {broken[0]}. Nothing was loaded; its parts are "
            f"kept in {folder}. Run `copydesk doctor`."
        )
    return replace(report, rows={table: rows for table, rows in sorted(written.items()) if rows})


def refresh_entities(connection: Connection) -> None:
    """Work out the entities of the temporary table `changed_entities` anew; those without a mention go."""
    connection.script(_SQL / "55_entities.sql")


def _attach(connection: Connection, folder: Path, due: Sequence[DuePart]) -> None:
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
    lines, parts, captures = connection.rows(
        "select count(*), count(distinct (capture_id, part)), count(distinct capture_id) from in_captures"
    )[0]
    for table in _ACQUIRE[1:]:
        _view(connection, table, fetched)
    for table in _EXTRACT:
        _view(connection, table, extracted, distinct=lines > parts, in_parts=parts > captures)
    for table in _CHECK:
        _view(connection, table, checked)
    _count_lines_of(connection, fetched)
    _view(connection, "findings", checked)  # extract's are among them, with the severity the desk gives them
    _view(connection, "rejections", [*fetched, *(p for p in extracted if p.name in names)])


def _view(
    connection: Connection, table: str, parts: Iterable[Path], *, distinct: bool = False, in_parts: bool = True
) -> None:
    """Make `in_<table>` over the parts that hold the table; empty, with its columns, when none does.

    Without `in_parts` all rows say that they are of part '': where no capture is in two, that need not be read from the
    file name of each row, which takes as long as reading the row.
    """
    schema = SCHEMAS.get(table, {})
    files = [path for part in parts if (path := part / f"{table}.parquet").exists()]
    empty = f"select *, cast(null as varchar) as part from ({no_rows(table)})"  # noqa: S608 our own names
    if not files:
        connection.execute(f"create or replace temp view in_{table} as {empty}")
        return
    listed = ", ".join(file_literal(path) for path in files)
    names = ", ".join(f"'{name}'" for name in schema)
    part = "parse_path(filename)[-2]" if in_parts else "''"
    wanted = f"columns(lambda c: c in ({names}))"  # a part that waited through an update has fewer; by name, null
    connection.execute(
        f"create or replace temp view in_{table} as {empty} union all by name "  # noqa: S608 quoted
        f"select {'distinct' if distinct else ''} {wanted}, {part} as part "
        f"from read_parquet([{listed}], union_by_name = true, filename = {in_parts})"
    )


def _count_lines_of(connection: Connection, fetched: Sequence[Path]) -> None:
    """Make `in_line_counts` over the line counts of the acquire parts that this load reads for the first time.

    Of a capture that is counted already, its lines are taken out: see `captures_to_count`.
    """
    states = captures_to_count(fetched)
    nothing = "select null::varchar as site, null::bigint as line_key, null::bigint as pages where false"
    connection.execute(
        f"create or replace temp table counting as {states}"
        if states
        else "create or replace temp table counting (capture_id varchar, part varchar, row bigint, unread boolean, "
        "counted_before boolean, pending boolean, repeated boolean)"
    )
    counts = [file for part in fetched if (file := line_counts_of(part)).exists()]
    if not counts:
        connection.execute(f"create or replace temp view in_line_counts as {nothing}")
        return
    taken_out = connection.value("select coalesce(bool_or(counted_before or repeated), false) from counting")
    rows = f"read_parquet([{', '.join(map(file_literal, counts))}], union_by_name = true, filename = true)"
    query = f"select site, line_key, pages from {rows} where site is not null"  # noqa: S608 quoted
    if taken_out:
        query = (
            "select site, line_key, pages - coalesce(len(list_intersect(captures, places)), 0) as pages "  # noqa: S608 quoted
            f"from (select null::uinteger[] as captures where false union all by name from {rows}) as l "
            "left join (select part, list(row::uinteger) as places from counting "
            "where (counted_before or repeated) and not unread group by part) as c "
            "on c.part = parse_filename(l.filename, true) where site is not null"
        )
    connection.execute(
        f"create or replace temp view in_line_counts as {nothing} union all by name from ({query}) where pages > 0"
    )


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
