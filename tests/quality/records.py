"""A part taken apart into records, to be spoiled one by one, and put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from copydesk.keys import key
from copydesk.quality.row_checks import HISTORY_COLUMNS
from copydesk.store.parts.parquet import SCHEMAS, frame

_CHILDREN = (
    "paragraphs",
    "authors",
    "sections",
    "tags",
    "captions",
    "links",
    "quotes",
    "cut_blocks",
    "evidence",
    "findings",
)


@dataclass
class Record:
    """One article and all its rows, to be spoiled; `others` are records the plant adds, `history` rows it needs."""

    article: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]]
    others: list[Record] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    recount: bool = True

    @property
    def texts(self) -> list[str]:
        """The paragraphs' texts; setting them writes the rows anew."""
        return [row["text"] for row in self.rows["paragraphs"]]

    @texts.setter
    def texts(self, texts: Sequence[str]) -> None:
        keys = {name: self.article[name] for name in ("capture_id", "revision_id")}
        self.rows["paragraphs"] = [
            {**keys, "position": n, "kind": "paragraph", "level": 0, "text": text, "block": n}
            for n, text in enumerate(texts, 1)
        ]

    def add(self, table: str, **row: Any) -> None:
        """Append a row to one of the tables."""
        keys = {name: self.article[name] for name in ("capture_id", "revision_id") if name in SCHEMAS[table]}
        number = {"position": len(self.rows[table]) + 1} if "position" in SCHEMAS[table] else {}
        self.rows[table].append({**keys, **number, **row})

    def renamed(self, tail: str, *, article: bool) -> Record:
        """Return a copy as another capture, of another article when asked."""
        copy = deepcopy(self)
        ids = {name: key(name, self.article[name], tail) for name in ("capture_id", "revision_id")}
        if article:
            ids["article_id"] = key("article", self.article["article_id"], tail)
            copy.article["uri"] = copy.article["address"] = f"{self.article['uri']}?{tail}"
        copy.article |= ids
        for row in (r for rows in copy.rows.values() for r in rows):
            row |= {name: value for name, value in ids.items() if name in row}
        return copy


def records_of(tables: Mapping[str, pl.DataFrame]) -> list[Record]:
    """Take a part apart."""
    found = {row["capture_id"]: Record(row, {t: [] for t in _CHILDREN}) for row in tables["articles"].to_dicts()}
    for table in _CHILDREN:
        for row in tables[table].to_dicts():
            if row["capture_id"] in found:
                found[row["capture_id"]].rows[table].append(row)
    return list(found.values())


def tables_of(records: Sequence[Record]) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Put records together to a part, with the counts as they are now, and the history they need."""
    flat = [one for record in records for one in (record, *record.others)]
    for one in flat:
        if one.recount:
            recount(one)
    rows = {"articles": [one.article for one in flat], "rejections": []}
    rows |= {table: [row for one in flat for row in one.rows[table]] for table in _CHILDREN}
    tables = {t: frame(t, {c: [r.get(c) for r in rows[t]] for c in SCHEMAS[t]}) for t in rows}
    return tables, pl.DataFrame([row for one in flat for row in one.history], schema=HISTORY_COLUMNS)


def recount(one: Record) -> None:
    """Make the counts what the paragraphs are now."""
    texts = one.texts
    one.article["paragraph_count"] = len(texts)
    one.article["body_chars"] = sum(map(len, texts)) + 2 * max(len(texts) - 1, 0)
