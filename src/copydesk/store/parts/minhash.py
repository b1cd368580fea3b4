"""MinHash signatures: the 32 smallest hashes of a text's five-word shingles (bottom-k MinHash, Broder 1997).

    "the ferry sails again on monday"  -> words -> five-word shingles -> 64-bit hashes -> the 32 smallest, ascending

The share of common hashes estimates the Jaccard similarity of the shingles. Scripts without spaces between words
(Chinese, Japanese, Thai, ...) are split into characters. The hash function is our own and stable: signatures are kept
in the warehouse and compared with those of later versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b, sha256

import numpy as np
import polars as pl

__all__ = ["SIGNATURE_SIZE", "body_key", "hash_table", "minhash_frame", "minhashes", "similarities"]

SIGNATURE_SIZE = 32
_RUN = 5
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = rf"[{_UNSPACED}]\p{{M}}*|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]+"
_NONE = np.uint64(2**64 - 1)  # stands where a short text has fewer hashes
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: consecutive words land far apart


def minhashes(texts: pl.Series) -> pl.DataFrame:
    """Return one row per text, in order: shingle_count and hashes (ascending, at most 32, of type UInt64)."""
    words = texts.fill_null("").str.to_lowercase().str.extract_all(_WORD)
    counts = words.list.len().to_numpy().astype(np.int64)
    runs, owners = _runs(_word_hashes(words), counts)
    return _smallest(runs, owners, counts).select(
        "shingle_count", pl.col("hashes").fill_null(pl.lit([], dtype=pl.List(pl.UInt64)))
    )


def minhash_frame(captures: Sequence[str], revisions: Sequence[str], bodies: Sequence[str]) -> pl.DataFrame:
    """Return the table `minhashes` of a part: one row per capture, of its paragraphs joined by line feeds."""
    keys = {"capture_id": captures, "revision_id": revisions, "body_sha256": [body_key(body) for body in bodies]}
    named = pl.DataFrame(keys, schema=dict.fromkeys(keys, pl.String))
    return named.hstack(minhashes(pl.Series(bodies, dtype=pl.String)))


def body_key(body: str) -> str:
    """Return the SHA-256 of an article's text without its title."""
    return sha256(body.encode()).hexdigest()


def hash_table(hashes: pl.Series) -> np.ndarray:
    """Return the hashes of texts as a matrix, one row per text, 32 columns, ascending."""
    counts = hashes.list.len().to_numpy().astype(np.int64)
    table = np.full((len(counts), SIGNATURE_SIZE), _NONE, dtype=np.uint64)
    ends = np.cumsum(counts)
    columns = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
    table[np.repeat(np.arange(len(counts)), counts), columns] = hashes.list.explode(empty_as_null=False).to_numpy()
    return table


def similarities(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Estimate the Jaccard similarity of each row of two hash tables: the share of the 32 smallest hashes in both."""
    both = np.sort(np.hstack([one, other]), axis=1)
    real = both != _NONE
    again = np.zeros_like(real)
    again[:, 1:] = (both[:, 1:] == both[:, :-1]) & real[:, 1:]
    rank = np.cumsum(real & ~again, axis=1)
    common = (again & (rank <= SIGNATURE_SIZE)).sum(axis=1)
    share: np.ndarray = common / np.maximum(np.minimum(rank[:, -1], SIGNATURE_SIZE), 1)
    return share


def _word_hashes(words: pl.Series) -> np.ndarray:
    """Hash every word of every text; each different word is hashed once."""
    flat = words.list.explode(empty_as_null=False).cast(pl.Categorical(pl.Categories.random()))
    different = flat.unique()
    codes = different.to_physical().to_numpy()
    table = np.zeros(int(codes.max()) + 1 if len(codes) else 0, dtype=np.uint64)
    table[codes] = [_word_hash(word) for word in different.cast(pl.String)]
    hashes: np.ndarray = table[flat.to_physical().to_numpy()]
    return hashes


@lru_cache(maxsize=200_000)
def _word_hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")


def _runs(words: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hash of each shingle and the row of its text; a text of fewer than five words is one shingle."""
    owners = np.repeat(np.arange(len(counts)), counts)
    padded = np.concatenate([words, np.zeros(_RUN - 1, dtype=np.uint64)])
    runs = np.zeros(len(words), dtype=np.uint64)
    left = np.repeat(np.cumsum(counts), counts) - np.arange(len(words))  # words from here to the text's end
    for step in range(_RUN):
        inside = left > step
        word = np.where(inside, padded[step : step + len(words)], np.uint64(0))
        runs = runs * _MULTIPLIER + word
    first = np.concatenate([[True], owners[1:] != owners[:-1]]) if len(owners) else np.zeros(0, dtype=bool)
    keep = (left >= _RUN) | first
    return _mixed(runs[keep]), owners[keep]


def _mixed(values: np.ndarray) -> np.ndarray:
    """Mix values over all 64 bits (the finaliser of SplitMix64), so that the smallest are a uniform sample."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed


def _smallest(runs: np.ndarray, owners: np.ndarray, counts: np.ndarray) -> pl.DataFrame:
    """Return row, shingle_count and the smallest different hashes of each text."""
    totals = np.where(counts > 0, np.maximum(counts - _RUN + 1, 1), 0)
    # Only hashes low enough to be among the 32 smallest are sorted: of n hashes about 96 lie below 96/n of the range.
    low = runs.astype(np.float64) * totals[owners] < 3 * SIGNATURE_SIZE * 2.0**64
    order = np.lexsort((runs[low], owners[low]))
    rows, hashes = owners[low][order], runs[low][order]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]) | (hashes[1:] != hashes[:-1])
    rows, hashes = rows[new], hashes[new]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    table = pl.DataFrame({"row": rows[rank < SIGNATURE_SIZE], "hashes": hashes[rank < SIGNATURE_SIZE]})
    lists = table.group_by("row", maintain_order=True).agg("hashes")
    every = pl.DataFrame({"row": np.arange(len(counts)), "shingle_count": totals.astype(np.int32)})
    return every.join(lists, on="row", how="left", maintain_order="left")
