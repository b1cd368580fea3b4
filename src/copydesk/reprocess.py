"""Extract stored captures again under today's rules, with no network.

    replay      what was quarantined             reprocess   what was loaded, or all of it

Both are runs whose acquire stage is complete from the start: their captures come from the warehouse.
`preview_captures` runs the same stages up to check, compares the result with the warehouse and discards the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice

import polars as pl

from copydesk.pipeline import Execute, finish_interrupted, run_inline, run_stages
from copydesk.records import Capture, StageCounts
from copydesk.runs.folder import PREVIEW, Progress, Resuming, Run, new_run
from copydesk.runs.summary import RunSummary
from copydesk.settings import DeskFolder, Source
from copydesk.stages.check import check
from copydesk.stages.extract import extract
from copydesk.store.parts.parquet import read_frame
from copydesk.store.parts.part_files import part_paths, write_part
from copydesk.store.parts.rows import capture_frame, mentions_digests, quotes_digests, rejection_frame
from copydesk.store.read.lookups import decisions

__all__ = ["Preview", "PreviewChange", "preview_captures", "reprocess_captures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewChange:
    """What today's rules would make of one capture.

    Attributes:
        what: `enters` (was quarantined), `leaves` (would be quarantined), `changes` (another text), `quotes` (the
            same text, in which other quotes or speakers are found), `mentions` (in which other persons, organisations
            or places are found) or `evidence` (of which more or less is to be stored).
        was, would_be: The reason it is in quarantine, or the title it is loaded with.
    """

    capture_id: str
    source: str
    uri: str
    what: str
    was: str
    would_be: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a run of today's rules over stored captures would change.

    Attributes:
        captures: How many were looked at.
        same: How many would end as they have ended.
        changes: The others, by source and uri.
    """

    captures: int
    same: int
    changes: tuple[PreviewChange, ...]


def reprocess_captures(
    desk: DeskFolder,
    captures: Iterable[Capture],
    *,
    trigger: str,
    progress: Progress | None = None,
    step: Execute = run_inline,
    resuming: Resuming | None = None,
) -> RunSummary:
    """Take stored captures through extract, check and publish; each record ends in exactly one place.

    Args:
        desk: The desk.
        captures: As `store.read.lookups` reads them back from the warehouse.
        trigger: `replay` or `reprocess`.
        progress: Told about every step.
        step: How each stage is carried out.
        resuming: Called with each interrupted run before the work on it goes on.
    """
    finish_interrupted(desk, progress=progress, step=step, resuming=resuming)
    with _run_of(desk, captures, trigger=trigger, progress=progress) as run:
        return run_stages(run, step=step)


def preview_captures(desk: DeskFolder, captures: Iterable[Capture], *, progress: Progress | None = None) -> Preview:
    """Say what `reprocess_captures` would change, and change nothing."""
    with _run_of(desk, captures, trigger=PREVIEW, progress=progress) as run:
        for stage in (extract, check):
            run.progress(stage.__name__, 0, None)
            stage(run)
        found = _compared(run)
        run.remove()
    return found


@contextmanager
def _run_of(desk: DeskFolder, captures: Iterable[Capture], *, trigger: str, progress: Progress | None) -> Iterator[Run]:
    """Make a run whose acquire parts are the given captures."""
    stored = sorted(captures, key=lambda c: (c.source, c.uri, c.capture_id))
    declared = {s.name: s for s in desk.settings.source}
    names = sorted({c.source for c in stored})
    sources = [declared.get(n) or Source(name=n, kind="files", paths=(".",)) for n in names]
    with new_run(desk, sources, trigger=trigger, progress=progress) as run:
        counts = _write_parts(run, stored)
        tally = StageCounts(stage="acquire", counts=counts)
        now = datetime.now(UTC).isoformat()
        run.mark_done("acquire", {"tally": asdict(tally), "seconds": 0.0, "started_at": now, "peak_memory_bytes": 0})
        yield run


def _write_parts(run: Run, captures: Sequence[Capture]) -> dict[str, int]:
    size, waiting, number = run.desk.settings.run.part_documents, iter(captures), 0
    while some := list(islice(waiting, size)):
        tally = {"counts": {"captured": len(some)}, "reasons": {}, "cut": {}}
        tables = {"captures": capture_frame(some), "rejections": rejection_frame(())}
        write_part(run.stage_folder("acquire") / f"part-{number:05}", tables, tally)
        number += 1
    return {"captured": len(captures)}


def _compared(run: Run) -> Preview:
    """Compare what check decided with what the warehouse holds."""
    was = decisions(run.desk.warehouse)
    now = _decided(run)
    both = now.join(was, on="capture_id", how="left", suffix="_was")
    kept, keeps = pl.col("revision_id_was").is_not_null(), pl.col("revision_id").is_not_null()
    both = both.with_columns(
        pl.when(keeps & ~kept)
        .then(pl.lit("enters"))
        .when(kept & ~keeps)
        .then(pl.lit("leaves"))
        .when(kept & keeps & (pl.col("text_sha256") != pl.col("text_sha256_was")))
        .then(pl.lit("changes"))
        .when(kept & keeps & pl.col("quotes_md5").ne_missing(pl.col("quotes_md5_was")))
        .then(pl.lit("quotes"))
        .when(kept & keeps & pl.col("mentions_md5").ne_missing(pl.col("mentions_md5_was")))
        .then(pl.lit("mentions"))
        .when(kept & keeps & (pl.col("evidence_kept") != run.desk.settings.warehouse.evidence))
        .then(pl.lit("evidence"))
        .alias("what")
    )
    rows = both.filter(pl.col("what").is_not_null()).sort("source", "uri", "capture_id")
    changes = tuple(
        PreviewChange(
            capture_id=r["capture_id"],
            source=r["source"],
            uri=r["uri"],
            what=r["what"],
            was=r["shown_was"] or "",
            would_be=r["shown"] or "",
        )
        for r in rows.iter_rows(named=True)
    )
    return Preview(captures=both.height, same=both.height - len(changes), changes=changes)


def _decided(run: Run) -> pl.DataFrame:
    """Return capture_id, source, uri, revision_id (null when refused), digests, what to show."""
    columns = ("capture_id", "source", "uri", "revision_id", "text_sha256", "quotes_md5", "mentions_md5", "shown")
    frames = [pl.DataFrame(schema=dict.fromkeys(columns, pl.String))]
    for part in part_paths(run.stage_folder("check")):
        extracted = run.stage_folder("extract") / part.name
        digests = quotes_digests(read_frame(extracted, "quotes"))
        named = mentions_digests(read_frame(extracted, "mentions"))
        articles = read_frame(extracted, "articles").join(digests, on="capture_id", how="left")
        articles = articles.join(named, on="capture_id", how="left")
        accepted = articles.join(read_frame(part, "accepted").select("capture_id"), on="capture_id", how="semi")
        frames.append(accepted.select(*columns[:7], pl.col("title").alias("shown")))
        nothing = pl.lit(None, pl.String)
        refused = read_frame(part, "quarantine").with_columns(
            revision_id=nothing, text_sha256=nothing, quotes_md5=nothing, mentions_md5=nothing
        )
        frames.append(refused.select(*columns[:7], pl.col("reason").alias("shown")))
    return pl.concat(frames)
