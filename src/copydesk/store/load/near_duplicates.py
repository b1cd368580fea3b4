"""Stories: articles that print much the same text, found without comparing all with all.

    new texts' sketches (32 hashes each, made by extract) --join on a shared hash--> pairs (similarity)
        --name spreads--> clusters

What is written depends on the texts alone: a story is named after the article that printed it first, and pairs of a
changed text, and of all that share it word for word, are worked out anew. Of the texts that share a hash each is
compared with the first four in an order of their own: then a new text can end pairs of others, but begin none, and a
load need not look at all pairs again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from copydesk.store.parts.minhash import body_key, hash_table, minhashes, similarities
from copydesk.store.warehouse.connection import Connection

__all__ = ["find_near_duplicates"]

_SQL = Path(__file__).parent / "sql" / "near_duplicates"

_SLICE = 4000  # texts at a time: some 60 MB of words
_PAIRS = 20_000  # pairs at a time: some 10 MB of hashes
_LEAST_SIMILARITY = 0.5
_TEXT_NUMBER = "create or replace temp macro text_number(body_sha256) as ('0x' || body_sha256[:16])::ubigint"
"""64 bits of the hash of a text stand for it, and put it in an order that depends on nothing else."""


def find_near_duplicates(connection: Connection, *, loading: bool = False) -> int:
    """Bring sketches, pairs and stories up to date with the articles; return how many texts are new.

    Needs the temporary table `touched` (article_id): articles whose times or dates may have changed.

    Args:
        connection: In a transaction.
        loading: Whether there are a load's table `new_articles` and its view `in_sketches`, which hold sketches of the
            new texts. A text without one there (it comes back from an earlier load) is sketched here.
    """
    connection.execute(
        "create or replace temp table left_texts as select s.body_sha256, s.hashes from main.sketches as s "
        "left join main.articles as a using (article_id) where a.current_revision_id is distinct from s.revision_id"
    )
    connection.script(_SQL / "10_due.sql")
    if loading:
        connection.script(_SQL / "11_brought.sql")
    connection.script(_SQL / "12_unsketched.sql")
    due = int(connection.value("select count(*) from due"))
    idle = not due and not connection.value("select count(*) from left_texts")
    for start in range(0, int(connection.value("select count(*) from unsketched")), _SLICE):
        _sketch(connection, start)
    if idle and not connection.value(
        "select count(*) from main.story_articles where article_id in (select article_id from touched)"
    ):
        return 0
    _pair(connection)
    connection.script(_SQL / "30_affected.sql")
    _spread(connection)
    connection.script(_SQL / "40_stories.sql")
    return due


def _pair(connection: Connection) -> None:
    """Work the pairs of new texts out anew, and those that the new ones and the lost ones change."""
    connection.execute(_TEXT_NUMBER)
    connection.script(_SQL / "20_renewed.sql")
    connection.script(_SQL / "21_pivots.sql")
    connection.script(_SQL / "22_displaced.sql")
    if connection.value("select count(*) from displaced"):
        connection.script(_SQL / "21_pivots.sql")
    connection.script(_SQL / "23_shared.sql")
    _compare(connection)


def _compare(connection: Connection) -> None:
    """Work out how alike the texts are that share some hashes; a list function of DuckDB's takes ten times as long."""
    pairs = connection.frame("select text, other_text from shared")
    if pairs.is_empty():
        return
    texts = connection.frame(
        "select text, hashes from texts where text in (select text from shared union all select other_text from shared)"
    ).sort("text")
    hashes, numbers = hash_table(texts["hashes"]), texts["text"].to_numpy()
    one, other = (np.searchsorted(numbers, pairs[name].to_numpy()) for name in ("text", "other_text"))
    slices = range(0, pairs.height, _PAIRS)
    alike = np.concatenate([similarities(hashes[one[i : i + _PAIRS]], hashes[other[i : i + _PAIRS]]) for i in slices])
    compared = pairs.with_columns(pl.Series("similarity", alike)).filter(pl.col("similarity") >= _LEAST_SIMILARITY)
    with connection.lending("compared", compared):
        connection.execute(
            "insert into main.story_pairs "
            "select least(a.article_id, b.article_id), greatest(a.article_id, b.article_id), c.similarity, false "
            "from compared as c join texts as a on a.text = c.text join texts as b on b.text = c.other_text"
        )


def _sketch(connection: Connection, start: int) -> None:
    """Sketch one slice of the texts that are due."""
    paragraphs = connection.frame(
        "select article_id::varchar as article_id, revision_id::varchar as revision_id, text from due_paragraphs "
        "where number > $1 and number <= $2 order by rowid",
        [start, start + _SLICE],
    )
    texts = paragraphs.group_by("article_id", "revision_id", maintain_order=True).agg(pl.col("text").str.join("\n"))
    bodies = [body_key(t) for t in texts["text"]]
    rows = texts.select("article_id", "revision_id").with_columns(pl.Series("body_sha256", bodies, dtype=pl.String))
    rows = rows.hstack(minhashes(texts["text"]))
    with connection.lending("sketched", rows):
        connection.execute(
            "insert or replace into main.sketches "
            "select article_id::uuid, revision_id::uuid, body_sha256, shingle_count, hashes from sketched"
        )


def _spread(connection: Connection) -> None:
    """Let cluster names spread along the pairs until no name changes."""
    while True:
        connection.script(_SQL / "31_spread.sql")
        changed = connection.value(
            "select count(*) from clusters as c join next_clusters as n using (article_id) where c.cluster <> n.cluster"
        )
        connection.execute("create or replace temp table clusters as select * from next_clusters")
        if not changed:
            return
