"""Turn extractions into the tables of a part: the one place where record fields become columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import md5, sha256
from typing import Any

import polars as pl

from copydesk._version import __version__
from copydesk.keys import article_key, line_keys, revision_key
from copydesk.records import Block, Capture, Extraction, Label, Location, Mention, Rejection, Timestamp, Topic
from copydesk.store.parts.minhash import minhash_frame
from copydesk.store.parts.parquet import SCHEMAS, frame

__all__ = [
    "Origin",
    "TableColumns",
    "capture_frame",
    "captures_of",
    "extraction_tables",
    "mentions_digests",
    "quotes_digests",
    "rejection_frame",
]

_EXCERPT_CHARS = 300
_LOCATION_FIELDS = tuple(f.name for f in fields(Location))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Facts that the stage adds to an extraction.

    Attributes:
        publisher: Key of the publisher: settings, else registered domain, else the source's name.
        address: Canonical address; None for files without one.
        body_words: Words of the paragraphs, in every script.
        mentions: Persons, organisations and places of the article.
        topics: Its media topics.
    """

    publisher: str
    address: str | None
    body_words: int = 0
    mentions: tuple[Mention, ...] = ()
    topics: tuple[Topic, ...] = ()


class TableColumns:
    """Rows of a table, collected one by one."""

    def __init__(self, table: str) -> None:
        self.table = table
        self._names = tuple(SCHEMAS[table])
        self._rows: list[tuple[Any, ...]] = []

    def add(self, *values: Any) -> None:
        """Add a row; values in the order of the table's schema."""
        self._rows.append(values)

    def frame(self) -> pl.DataFrame:
        """Return the table as a frame."""
        columns = zip(*self._rows, strict=True) if self._rows else ((),) * len(self._names)
        return frame(self.table, dict(zip(self._names, columns, strict=True)))


def capture_frame(captures: Iterable[Capture]) -> pl.DataFrame:
    """Return captures as the table `captures`."""
    rows = list(captures)
    locations = [c.location for c in rows]
    return frame(
        "captures",
        {
            name: [getattr(row, name) for row in (locations if name in _LOCATION_FIELDS else rows)]
            for name in SCHEMAS["captures"]
        },
    )


def captures_of(table: pl.DataFrame) -> list[Capture]:
    """Return the rows of a table `captures` as records, in order; a field without a column takes its default."""
    captures = []
    for row in table.iter_rows(named=True):
        location = Location(**{name: row.pop(name) for name in _LOCATION_FIELDS})
        captures.append(Capture(location=location, **row))
    return captures


def rejection_frame(rows: Iterable[tuple[str, str, str, Rejection, str]]) -> pl.DataFrame:
    """Return (capture id, source, uri, rejection, excerpt) rows as the table `rejections`."""
    table = TableColumns("rejections")
    for capture_id, source, uri, why, excerpt in rows:
        table.add(capture_id, source, uri, why.stage, why.reason, why.detail, excerpt[:_EXCERPT_CHARS])
    return table.frame()


def extraction_tables(
    captures: Sequence[Capture],
    extractions: Sequence[Extraction],
    origins: Sequence[Origin],
    *,
    rules_version: str,
) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Turn a batch into the tables of an extract part and its tally.

    Args:
        captures: One per document.
        extractions: In the same order.
        origins: In the same order.
        rules_version: Digest of the rules that were in force.

    Returns:
        Table name -> frame, and the tally (`counts`, `reasons`, `cut`).
    """
    names = (
        *("articles", "paragraphs", "authors", "sections", "tags", "captions", "links"),
        *("mentions", "topics", "quotes", "cut_blocks", "evidence", "findings", "rejections"),
    )
    tables = {name: TableColumns(name) for name in names}
    counts: dict[str, int] = defaultdict(int)
    reasons: dict[str, int] = defaultdict(int)
    cut: dict[str, int] = defaultdict(int)
    bodies = ["\n".join(p.text for p in found.paragraphs) for found in extractions if found.rejection is None]
    for capture, found, origin in zip(captures, extractions, origins, strict=True):
        _audit_rows(tables, capture, found, cut)
        if found.rejection is None:
            _article_rows(tables, capture, found, origin, rules_version)
            counts["extracted"] += 1
        else:
            counts["rejected"] += 1
            reasons[found.rejection.reason] += 1
    frames = {n: t.frame() for n, t in tables.items()}
    articles = frames["articles"]
    frames["sketches"] = minhash_frame(articles["capture_id"].to_list(), articles["revision_id"].to_list(), bodies)
    return frames, {"counts": counts, "reasons": reasons, "cut": cut}


_QUOTE_FACTS = (
    *("paragraph", "start_char", "end_char", "kind", "speaker_paragraph", "speaker_start_char", "speaker_end_char"),
    *("speaker_name", "rule"),
)
"""What makes two quotes different; `store.read.lookups.decisions` names the same columns in the same order."""
_MENTION_FACTS = ("entity_id", "kind", "field", "paragraph", "start_char", "end_char", "role", "rule")
"""What makes two mentions different; likewise."""


def quotes_digests(quotes: pl.DataFrame) -> pl.DataFrame:
    """Return capture_id and quotes_md5 of each capture with quotes: a digest of where they stand and of who speaks."""
    return _digests(quotes, _QUOTE_FACTS, "quotes_md5")


def mentions_digests(mentions: pl.DataFrame) -> pl.DataFrame:
    """Return capture_id and mentions_md5 of each capture: a digest of who and what title and paragraphs name, where."""
    of_text = mentions.filter(pl.col("field").is_in(["title", "body"]))
    return _digests(of_text, _MENTION_FACTS, "mentions_md5")


def _digests(table: pl.DataFrame, columns: Sequence[str], name: str) -> pl.DataFrame:
    facts = pl.concat_str([pl.col(column).cast(pl.String) for column in columns], separator="|", ignore_nulls=True)
    joined = table.sort("capture_id", "position").group_by("capture_id", maintain_order=True).agg(facts.alias("facts"))
    digests = [md5(";".join(some).encode(), usedforsecurity=False).hexdigest() for some in joined["facts"].to_list()]
    return joined.select("capture_id", pl.Series(name, digests, dtype=pl.String))


def _audit_rows(tables: Mapping[str, TableColumns], capture: Capture, found: Extraction, cut: dict[str, int]) -> None:
    """Add the audit rows of a page, accepted or not."""
    key = capture.capture_id
    away = [b for b in found.blocks if not b.kept and b.label is not Label.BLANK]
    for b, line in zip(away, line_keys([b.text for b in away]), strict=True):
        cut[b.label.value] += 1
        tables["cut_blocks"].add(
            *(key, b.number, b.label.value, b.rule, b.confidence, b.runner_up and b.runner_up.value, b.place, b.text),
            line,
        )
    for position, e in enumerate(found.evidence, 1):
        tables["evidence"].add(key, e.field, position, e.value, e.source, e.chosen, e.reason)
    for f in found.findings:
        tables["findings"].add(key, f.rule, f.severity.value, f.value, f.detail)
    if found.rejection is not None:
        why = found.rejection
        tables["rejections"].add(
            key, capture.source, capture.uri, why.stage, why.reason, why.detail, _excerpt(found.blocks)
        )


def _article_rows(
    tables: Mapping[str, TableColumns], capture: Capture, found: Extraction, origin: Origin, rules_version: str
) -> None:
    """Add one article and its children."""
    texts = [p.text for p in found.paragraphs]
    digest = sha256("\n".join([found.title or "", *texts]).encode("utf-8", "replace")).hexdigest()
    article = article_key(capture.source, capture.uri, origin.address)
    revision = revision_key(article, digest)
    visible = [b for b in found.blocks if b.label is not Label.BLANK]
    dateline = found.dateline
    tables["articles"].add(
        *(capture.capture_id, article, revision, capture.source, capture.uri, origin.address),
        *(origin.publisher, found.publisher, found.title, found.language),
        *_time(found.published),
        found.modified.value if found.modified else None,
        *((dateline.text, dateline.place, dateline.agency) if dateline else (None, None, None)),
        *(found.agency, found.credit, found.image_url, found.comment_count),
        *(found.extractor, found.charset, found.confidence, found.story and found.story.probability),
        *(found.template or None, found.truncated),
        *(sum(map(len, texts)), origin.body_words, len(texts)),
        *(len(visible), sum(not b.kept for b in visible), sum(len(b.text) for b in visible)),
        *(digest, capture.captured_at, __version__, rules_version),
    )
    position_of_block: dict[int, int] = {}
    for position, p in enumerate(found.paragraphs, 1):
        position_of_block.setdefault(p.block, position)
        tables["paragraphs"].add(capture.capture_id, revision, position, p.kind.value, p.level, p.text, p.block)
    for position, a in enumerate(found.authors, 1):
        tables["authors"].add(capture.capture_id, revision, position, a.name, a.kind.value)
    for position, name in enumerate(found.section_path, 1):
        tables["sections"].add(capture.capture_id, revision, position, name)
    for position, name in enumerate(found.tags, 1):
        tables["tags"].add(capture.capture_id, revision, position, name)
    for position, c in enumerate(found.captions, 1):
        tables["captions"].add(capture.capture_id, revision, position, c.text, c.image_url)
    for position, link in enumerate(found.links, 1):
        tables["links"].add(
            capture.capture_id, revision, position, link.url, link.text, position_of_block.get(link.block)
        )
    for position, q in enumerate(found.quotes, 1):
        tables["quotes"].add(
            *(capture.capture_id, revision, position, q.paragraph, q.start, q.end, q.text, q.kind.value, q.cue),
            *(q.speaker, q.speaker_name, q.speaker_paragraph, q.speaker_start, q.speaker_end, q.rule, q.confidence),
        )
    for position, m in enumerate(origin.mentions, 1):
        tables["mentions"].add(
            *(capture.capture_id, revision, position, m.entity_id, m.kind.value, m.name, m.country or None, m.known),
            *(m.field.value, m.paragraph or None),
            *((m.start, m.end) if m.end else (None, None)),
            *(m.text, m.full, m.role or None, m.rule),
        )
    for t in origin.topics:
        origin_of = "declared" if t.declared else "inferred"
        tables["topics"].add(capture.capture_id, revision, t.topic, origin_of, t.score, t.evidence)


def _time(stamp: Timestamp | None) -> tuple[Any, Any, Any]:
    return (stamp.value, stamp.precision.value, stamp.zoned) if stamp else (None, None, None)


def _excerpt(blocks: Sequence[Block]) -> str:
    """Return the first visible characters of a page."""
    return " ".join(b.text for b in blocks[:20])[:_EXCERPT_CHARS]
