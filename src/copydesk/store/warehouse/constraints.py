"""Primary and foreign keys, verified by SQL after each load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from copydesk.store.warehouse.connection import Connection
from copydesk.wording import counted

__all__ = ["FOREIGN_KEYS", "KEYS", "ForeignKey", "broken_keys"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """A foreign key: a column whose values are keys of another table, or null."""

    table: str
    column: str
    target: str
    target_column: str


def _points(table: str, column: str, target: str, target_column: str | None = None) -> ForeignKey:
    return ForeignKey(table=table, column=column, target=target, target_column=target_column or column)


FOREIGN_KEYS = (
    _points("main.articles", "publisher_id", "main.publishers"),
    _points("main.articles", "current_revision_id", "main.revisions", "revision_id"),
    _points("main.article_aliases", "article_id", "main.articles"),
    _points("main.revisions", "article_id", "main.articles"),
    _points("main.revisions", "publisher_id", "main.publishers"),
    _points("main.revisions", "capture_id", "audit.captures"),
    _points("main.revisions", "previous_revision_id", "main.revisions", "revision_id"),
    _points("main.revisions", "replaced_by_revision_id", "main.revisions", "revision_id"),
    _points("main.revision_changes", "revision_id", "main.revisions"),
    _points("main.paragraphs", "revision_id", "main.revisions"),
    _points("main.captions", "revision_id", "main.revisions"),
    _points("main.links", "revision_id", "main.revisions"),
    _points("main.quotes", "revision_id", "main.revisions"),
    _points("main.quotes", "person_id", "main.entities", "entity_id"),
    _points("main.mentions", "revision_id", "main.revisions"),
    _points("main.mentions", "entity_id", "main.entities"),
    _points("main.revision_topics", "revision_id", "main.revisions"),
    _points("main.revision_topics", "topic", "main.topics"),
    _points("main.datelines", "revision_id", "main.revisions"),
    _points("main.datelines", "place_id", "main.places"),
    _points("main.revision_authors", "revision_id", "main.revisions"),
    _points("main.revision_authors", "author_id", "main.authors"),
    _points("main.revision_sections", "revision_id", "main.revisions"),
    _points("main.revision_sections", "section_id", "main.sections"),
    _points("main.sections", "parent_section_id", "main.sections", "section_id"),
    _points("main.sections", "publisher_id", "main.publishers"),
    _points("main.revision_tags", "revision_id", "main.revisions"),
    _points("main.revision_tags", "tag_id", "main.tags"),
    _points("main.sketches", "article_id", "main.articles"),
    _points("main.sketches", "revision_id", "main.revisions"),
    _points("main.story_pairs", "article_id", "main.articles"),
    _points("main.story_pairs", "other_article_id", "main.articles", "article_id"),
    _points("main.stories", "first_article_id", "main.articles", "article_id"),
    _points("main.story_articles", "story_id", "main.stories"),
    _points("main.story_articles", "article_id", "main.articles"),
    _points("audit.captures", "article_id", "main.articles"),
    _points("audit.captures", "revision_id", "main.revisions"),
    _points("audit.capture_times", "capture_id", "audit.captures"),
    _points("audit.cut_blocks", "capture_id", "audit.captures"),
    _points("audit.evidence", "capture_id", "audit.captures"),
    _points("ops.stage_runs", "run_id", "ops.runs"),
    _points("ops.tallies", "run_id", "ops.runs"),
    _points("ops.loads", "run_id", "ops.runs"),
    _points("ops.fetch_log", "run_id", "ops.runs"),
)
"""All foreign keys."""

KEYS = {
    "main.publishers": ("publisher_id",),
    "main.articles": ("article_id",),
    "main.article_aliases": ("alias_id",),
    "main.revisions": ("revision_id",),
    "main.revision_changes": ("revision_id", "old_position", "new_position"),
    "main.paragraphs": ("revision_id", "position"),
    "main.authors": ("author_id",),
    "main.revision_authors": ("revision_id", "position"),
    "main.sections": ("section_id",),
    "main.revision_sections": ("revision_id", "position"),
    "main.tags": ("tag_id",),
    "main.revision_tags": ("revision_id", "position"),
    "main.places": ("place_id",),
    "main.datelines": ("revision_id",),
    "main.captions": ("revision_id", "position"),
    "main.links": ("revision_id", "position"),
    "main.quotes": ("revision_id", "position"),
    "main.entities": ("entity_id",),
    "main.mentions": ("revision_id", "position"),
    "main.topics": ("topic",),
    "main.revision_topics": ("revision_id", "topic"),
    "main.sketches": ("article_id",),
    "main.story_pairs": ("article_id", "other_article_id"),
    "main.stories": ("story_id",),
    "main.story_articles": ("article_id",),
    "audit.captures": ("capture_id",),
    "audit.capture_times": ("capture_id", "captured_at"),
    "audit.sightings": ("source", "uri", "feed"),
    "audit.cut_blocks": ("capture_id", "number"),
    "audit.evidence": ("capture_id", "field", "position"),
    "audit.quarantine": ("capture_id",),
    "audit.site_pages": ("site",),
    "audit.boilerplate": ("site", "line_key"),
    "audit.forgotten": ("kind", "value"),
    "audit.restored_lines": ("source", "uri", "line_key"),
    "audit.accepted_pages": ("source", "uri"),
    "audit.decisions": ("number",),
    "ops.source_stats": ("run_id", "source", "metric"),
    "ops.incidents": ("run_id", "source"),
    "ops.marked_times": ("number",),
    "ops.troubles": ("number",),
    "ops.holds": ("run_id", "source"),
    "ops.migrations": ("number",),
    "ops.views": ("name",),
    "ops.runs": ("run_id",),
    "ops.stage_runs": ("run_id", "stage"),
    "ops.tallies": ("run_id", "stage", "kind", "name"),
    "ops.loads": ("run_id", "stage", "part"),
    "ops.source_state": ("source",),
    "ops.source_health": ("source",),
    "ops.watches": ("watch",),
    "ops.watch_stories": ("watch", "article_id"),
    "ops.watch_channels": ("watch", "channel"),
    "ops.watch_sent": ("watch", "article_id", "channel"),
    "ops.source_collections": ("source", "collection"),
    "ops.source_health_changes": ("source", "changed_at"),
    "ops.address_state": ("source", "uri"),
}
"""Table -> columns of its primary key."""


_BATCH_QUERIES = 5
_OF_REVISIONS = ("revision_id", "written_revisions")
_OF_CAPTURES = ("capture_id", "decided")
_WRITTEN = {
    **{
        f"main.{name}": _OF_REVISIONS for name in ("paragraphs", "captions", "links", "quotes", "mentions", "datelines")
    },
    **{f"main.revision_{name}": _OF_REVISIONS for name in ("authors", "sections", "tags", "topics")},
    **{f"audit.{name}": _OF_CAPTURES for name in ("capture_times", "cut_blocks", "evidence")},
    "audit.boilerplate": ("line_key", "new_lines"),
    **dict.fromkeys(("main.articles", "main.revisions", "main.sketches"), ("article_id", "touched")),
    "audit.captures": ("article_id", "touched"),  # a capture without an article points to nothing
    "main.authors": ("author_id", "named_authors"),
    "main.tags": ("tag_id", "named_tags"),
    "main.entities": ("entity_id", "renewed"),
}
"""Large table -> its column, and the temporary table of the load that lists the values of the rows it wrote."""
_KEYS_WRITTEN = {**_WRITTEN, "audit.captures": ("capture_id", "new_captures"), "main.stories": ("story_id", "members")}
"""The same for the rows whose keys may occur twice."""


def broken_keys(connection: Connection, *, loading: bool = False) -> list[str]:
    """Return a line per violated key, e.g. `main.paragraphs.revision_id -> main.revisions (3 rows)`.

    Keys that DuckDB enforces itself (declared primary keys) are not checked again.

    Args:
        connection: The warehouse.
        loading: Check only tables that the transaction has changed or that point to one that it has changed, and of
            large tables only the rows that the current load has written (it deletes rows of a revision or capture
            together with it), so that a load's time does not grow with the warehouse. `copydesk doctor` checks all
            rows.
    """
    declared = {
        f"{schema}.{table}"
        for schema, table in connection.rows(
            "select schema_name, table_name from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
        )
        if connection.keys_are_declared
    }
    written = connection.written if loading else None

    def may_break(*tables: str) -> bool:
        return written is None or not written.isdisjoint(tables)

    # A few in one query: a load of five pages spent more time planning 30 small ones than running them, and all at once
    # ran out of memory at 800,000 articles.
    asked = [
        f"select '{k.table}.{k.column} -> {k.target}' as what, count(*) as rows "  # noqa: S608
        f"from {_rows(k.table, loading, _WRITTEN)} as t where t.{k.column} is not null and not exists "
        f"(from {k.target} as o where o.{k.target_column} = t.{k.column})"
        for k in FOREIGN_KEYS
        if may_break(k.table, k.target)
    ] + [
        f"select '{table}: one row per {', '.join(columns)}', count(*) - count(distinct ({', '.join(columns)})) "  # noqa: S608
        f"from {_rows(table, loading, _KEYS_WRITTEN)}"
        for table, columns in KEYS.items()
        if table not in declared and may_break(table)
    ]
    some = (asked[start : start + _BATCH_QUERIES] for start in range(0, len(asked), _BATCH_QUERIES))
    found = [row for questions in some for row in connection.rows(" union all ".join(questions))]
    return [f"{what} ({counted(rows, 'row')})" for what, rows in sorted(found) if rows]


def _rows(table: str, loading: bool, of_load: Mapping[str, tuple[str, str]]) -> str:
    if not loading or table not in of_load:
        return table
    column, written = of_load[table]
    return f"(from {table} where {column} in (select {column} from {written}))"  # noqa: S608 our own names
