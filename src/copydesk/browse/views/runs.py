"""Runs: what each did and what each of its stages cost."""

from __future__ import annotations

from copydesk.browse.charts import stage_bar
from copydesk.browse.pages import Ask, NotFoundError, Page, Reading, Table

__all__ = ["run", "runs"]

_PAGE = 50
_STAGES = ("acquire", "extract", "check", "publish")


def runs(reading: Reading, ask: Ask) -> Page:
    """Return the runs, latest first."""
    start, source = ask.number("from", 0), ask.maybe("source")
    rows = reading.rows("runs", source=source, limit=_PAGE, start=start)
    total = reading.one("runs_count", source=source)["runs"]
    most = max((row["seconds"] or 0 for row in rows), default=0) or 1
    for row in rows:
        row["stages"] = {stage: row.pop(stage) for stage in _STAGES}
    return Page(
        template="runs.html.j2",
        title="Runs",
        section="runs",
        data={"total": total, "from": start, "runs": rows},
        extra={
            "bars": {row["run_id"]: stage_bar(row["stages"], most) for row in rows},
            "source": source or "",
            "start": start,
            "following": start + _PAGE if start + _PAGE < total else None,
            "previous": max(0, start - _PAGE) if start else None,
        },
        table=Table.of(
            rows,
            "run_id",
            "status",
            "command",
            "sources",
            "started_at",
            "seconds",
            "captured",
            "unchanged",
            "accepted",
            "quarantined",
            "held",
            "warned",
            "error",
        ),
    )


def run(reading: Reading, ask: Ask) -> Page:
    """Return one run: its stages, what it counted, what it broke."""
    run_id = ask.text("id")
    found = reading.rows("run", id=run_id)
    if not found:
        raise NotFoundError
    stages = reading.rows("run_stages", id=run_id)
    tallies = reading.rows("run_tallies", id=run_id)
    return Page(
        template="runs.html.j2",
        title=f"Run {run_id}",
        section="runs",
        data={
            **found[0],
            "stages": stages,
            "tallies": tallies,
            "findings": reading.rows("run_findings", id=run_id),
            "loads": reading.one("run_loads", id=run_id),
        },
        table=Table.of(stages, "stage", "started_at", "seconds", "pages", "bytes", "ms_per_page", "peak_memory_bytes"),
    )
