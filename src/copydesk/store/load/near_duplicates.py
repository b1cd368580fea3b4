"""Near-duplicate articles (stories), found by MinHash without comparing all pairs.

MinHash signatures of new texts (32 hashes, computed by extract) --join on a shared hash--> pairs (similarity)
    --label propagation--> clusters

Results depend on the texts alone: a story's key comes from the article that printed it first, and pairs of a changed
text, and of all texts identical to it, are computed again. Each text is compared with the first four that share a hash,
in an order by content: so a new text can end pairs of others but never add one, and a load need not check all pairs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from copydesk.store.parts.minhash import body_key, hash_table, minhashes, similarities
from copydesk.store.warehouse.connection import Connection

__all__ = ["find_near_duplicates"]

_SQL = Path(__file__).parent / "sql" / "near_duplicates"

_BATCH_TEXTS = 4000  # about 60 MB of words
_BATCH_PAIRS = 20_000  # about 10 MB of hashes
_MIN_SIMILARITY = 0.5
_FILTER_BITS = 24
_BATCH_SKETCHES = 122_880
"""Signatures looked through at once: a row group of DuckDB, 32 MB of hashes."""
_TEXT_NUMBER = "create or replace temp macro text_number(body_sha256) as ('0x' || body_sha256[:16])::ubigint"
"""64 bits of a text's hash: its number, and an order of texts that depends on nothing else."""


def find_near_duplicates(connection: Connection, *, loading: bool = False) -> int:
    """Update signatures, pairs and stories after articles changed; return how many texts are new.

    Needs the temporary table `touched` (article_id): articles whose times or dates may have changed.

    Args:
        connection: In a transaction.
        loading: Whether a load's table `new_articles` and its view `in_sketches` exist, with the signatures of the new
            texts. A text without one (an earlier text that became current again) is hashed here.
    """
    connection.execute(
        "create or replace temp table removed_texts as select s.body_sha256, s.hashes from main.sketches as s "
        "left join main.articles as a using (article_id) where a.current_revision_id is distinct from s.revision_id"
    )
    connection.script(_SQL / "10_due.sql")
    if loading:
        connection.script(_SQL / "11_incoming.sql")
    connection.script(_SQL / "12_unhashed.sql")
    due = int(connection.value("select count(*) from due"))
    idle = not due and not connection.value("select count(*) from removed_texts")
    for start in range(0, int(connection.value("select count(*) from unhashed")), _BATCH_TEXTS):
        _hash_texts(connection, start)
    if idle and not connection.value(
        "select count(*) from main.story_articles where article_id in (select article_id from touched)"
    ):
        return 0
    _pair(connection)
    connection.script(_SQL / "30_affected.sql")
    _propagate(connection)
    connection.script(_SQL / "40_stories.sql")
    return due


def _pair(connection: Connection) -> None:
    """Compute the pairs of new texts, and those that new and removed texts invalidate."""
    connection.execute(_TEXT_NUMBER)
    connection.script(_SQL / "20_dirty.sql")
    hits = _find_hashes(connection, _Hits())
    connection.script(_SQL / "23_invalidated.sql")
    if connection.value("select count(*) from invalidated"):
        _find_hashes(connection, hits)
    connection.script(_SQL / "24_shared.sql")
    _compare(connection)


@dataclass(frozen=True, slots=True)
class _Hits:
    """Hashes that were looked for.

    Attributes:
        asked: The hashes, ascending.
        found: hash, place: one row for each asked hash and signature that has it; `place` is the signature's row.
    """

    asked: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    found: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"hash": pl.UInt64, "place": pl.Int64}))


def _find_hashes(connection: Connection, before: _Hits) -> _Hits:
    """Make `hash_hits` and `hash_index` of the dirty texts; return what was looked for, `before` included.

    A warehouse of a million texts has 32 million hashes, and nearly none of them is asked for. NumPy rules out the
    others (a Bloom filter with one hash function), in a twentieth of the time of a join.
    """
    connection.script(_SQL / "21_hash_index.sql")
    asked = connection.frame("select hash from asked")["hash"].to_numpy()
    new = np.setdiff1d(asked, before.asked)
    # of the rows of this transaction the numbers begin far above those of the others
    groups = connection.rows("select distinct rowid // $1 from main.sketches order by all", [_BATCH_SKETCHES])
    bits = _filter(new)
    slices = [_found(connection, group * _BATCH_SKETCHES, new, bits) for (group,) in groups if len(new)]
    hits = _Hits(np.union1d(before.asked, new), pl.concat([before.found, *slices]))
    with connection.lending("found", hits.found):
        connection.script(_SQL / "22_hash_hits.sql")
    return hits


def _filter(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Return the table that says by its last bits whether a hash may be one of these: a sixteenth of it is true."""
    size = 1 << min(max(len(hashes) * 16, 1 << 16).bit_length(), _FILTER_BITS)  # a small one stays in the cache
    bits = np.zeros(size, dtype=np.bool_)
    bits[hashes & np.uint64(size - 1)] = True
    return bits


def _found(
    connection: Connection, start: int, asked: npt.NDArray[np.uint64], bits: npt.NDArray[np.bool_]
) -> pl.DataFrame:
    """Return the asked hashes in one slice of the signatures, each with the row of its signature."""
    table = connection.frame(
        "select rowid as place, hashes from main.sketches where rowid >= $1 and rowid < $2 and shingle_count >= 8",
        [start, start + _BATCH_SKETCHES],
    )
    hashes = table["hashes"].explode(empty_as_null=False).to_numpy()
    likely = np.flatnonzero(bits[hashes & np.uint64(len(bits) - 1)])
    hashes = hashes[likely]
    sure = asked[np.minimum(np.searchsorted(asked, hashes), len(asked) - 1)] == hashes
    ends = table["hashes"].list.len().cum_sum().to_numpy()
    owners = np.searchsorted(ends, likely[sure], side="right")
    return pl.DataFrame({"hash": hashes[sure], "place": table["place"].to_numpy()[owners]})


def _compare(connection: Connection) -> None:
    """Estimate the similarity of candidate pairs, with NumPy: a DuckDB list function takes ten times as long."""
    pairs = connection.frame("select text, other_text from shared")
    if pairs.is_empty():
        return
    texts = connection.frame(
        "select text, hashes from texts where text in (select text from shared union all select other_text from shared)"
    ).sort("text")
    hashes, numbers = hash_table(texts["hashes"]), texts["text"].to_numpy()
    one, other = (np.searchsorted(numbers, pairs[name].to_numpy()) for name in ("text", "other_text"))
    slices = range(0, pairs.height, _BATCH_PAIRS)
    alike = np.concatenate(
        [similarities(hashes[one[i : i + _BATCH_PAIRS]], hashes[other[i : i + _BATCH_PAIRS]]) for i in slices]
    )
    compared = pairs.with_columns(pl.Series("similarity", alike)).filter(pl.col("similarity") >= _MIN_SIMILARITY)
    with connection.lending("compared", compared):
        connection.execute(
            "insert into main.story_pairs "
            "select least(a.article_id, b.article_id), greatest(a.article_id, b.article_id), c.similarity, false "
            "from compared as c join texts as a on a.text = c.text join texts as b on b.text = c.other_text"
        )


def _hash_texts(connection: Connection, start: int) -> None:
    """Compute the signatures of one batch of the texts that are due."""
    paragraphs = connection.frame(
        "select article_id::varchar as article_id, revision_id::varchar as revision_id, text from due_paragraphs "
        "where number > $1 and number <= $2 order by rowid",
        [start, start + _BATCH_TEXTS],
    )
    texts = paragraphs.group_by("article_id", "revision_id", maintain_order=True).agg(pl.col("text").str.join("\n"))
    bodies = [body_key(t) for t in texts["text"]]
    rows = texts.select("article_id", "revision_id").with_columns(pl.Series("body_sha256", bodies, dtype=pl.String))
    rows = rows.hstack(minhashes(texts["text"]))
    with connection.lending("hashed", rows):
        connection.execute("delete from main.sketches where article_id in (select article_id::uuid from hashed)")
        connection.execute(
            "insert into main.sketches "
            "select article_id::uuid, revision_id::uuid, body_sha256, shingle_count, hashes from hashed"
        )


def _propagate(connection: Connection) -> None:
    """Propagate cluster labels along the pairs until none changes."""
    while True:
        connection.script(_SQL / "31_propagate.sql")
        changed = connection.value(
            "select count(*) from clusters as c join next_clusters as n using (article_id) where c.cluster <> n.cluster"
        )
        connection.execute("create or replace temp table clusters as select * from next_clusters")
        if not changed:
            return
