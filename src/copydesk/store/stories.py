"""Stories: articles that print much the same text, found without comparing all with all.

    new texts --sketch--> 32 hashes each --join on a shared hash--> pairs (similarity) --name spreads--> clusters

What is written depends on the texts alone: a story is named after the article that printed it first, and pairs of a
changed text, and of all that share it word for word, are worked out anew.
"""

from __future__ import annotations

from hashlib import sha256

import polars as pl

from copydesk.store.sketch import sketches
from copydesk.store.warehouse import Connection

__all__ = ["find_stories"]

_SLICE = 4000  # texts at a time: some 60 MB of words


def find_stories(connection: Connection) -> int:
    """Bring sketches, pairs and stories up to date with the articles; return how many texts were sketched.

    Needs the temporary table `touched` (article_id) of a load: articles whose times or dates may have changed.
    """
    connection.execute(
        "create or replace temp table left_bodies as select s.body_sha256 from main.sketches as s "
        "left join main.articles as a using (article_id) where a.current_revision_id is distinct from s.revision_id"
    )
    connection.script("stories/10_due")
    due = int(connection.value("select count(*) from due"))
    idle = not due and not connection.value("select count(*) from left_bodies")
    for start in range(0, due, _SLICE):
        _sketch(connection, start)
    if idle and not connection.value(
        "select count(*) from main.story_articles where article_id in (select article_id from touched)"
    ):
        return 0
    connection.script("stories/20_pairs")
    connection.script("stories/30_affected")
    _spread(connection)
    connection.script("stories/40_stories")
    return due


def _sketch(connection: Connection, start: int) -> None:
    """Sketch one slice of the texts that are due."""
    paragraphs = connection.frame(
        "select article_id::varchar as article_id, revision_id::varchar as revision_id, text from due_paragraphs "
        "where number > $1 and number <= $2 order by rowid",
        [start, start + _SLICE],
    )
    texts = paragraphs.group_by("article_id", "revision_id", maintain_order=True).agg(pl.col("text").str.join("\n"))
    bodies = [sha256(t.encode()).hexdigest() for t in texts["text"]]
    rows = texts.select("article_id", "revision_id").with_columns(pl.Series("body_sha256", bodies, dtype=pl.String))
    rows = rows.hstack(sketches(texts["text"]))
    connection.raw.register("sketched", rows.to_arrow())
    try:
        connection.execute(
            "insert or replace into main.sketches "
            "select article_id::uuid, revision_id::uuid, body_sha256, shingle_count, hashes from sketched"
        )
    finally:
        connection.raw.unregister("sketched")


def _spread(connection: Connection) -> None:
    """Let cluster names spread along the pairs until no name changes."""
    while True:
        connection.script("stories/31_spread")
        changed = connection.value(
            "select count(*) from clusters as c join next_clusters as n using (article_id) where c.cluster <> n.cluster"
        )
        connection.execute("create or replace temp table clusters as select * from next_clusters")
        if not changed:
            return
