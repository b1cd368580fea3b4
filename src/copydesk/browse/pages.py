"""What a view takes and what it returns: the reading of one request, its parameters, and the page as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copydesk.errors import UsageError
from copydesk.store.read.user_sql import interrupting

if TYPE_CHECKING:
    import duckdb

    from copydesk.desk import Desk
    from copydesk.quality.rules import Registry
    from copydesk.store.read.read_copies import ReadCopy
    from copydesk.store.warehouse.connection import Connection

__all__ = ["MAX_COUNT", "Ask", "NotFoundError", "Page", "Reading", "Table", "View"]

MAX_COUNT = 1_000
"""Rows are counted up to here; more are "more than 1,000"."""
_SQL = Path(__file__).parent / "sql"
_MAX_PARAMETER_CHARS = 20_000
_MAX_CACHED = 64


class NotFoundError(Exception):
    """There is no such page."""


@dataclass(frozen=True, slots=True)
class Ask:
    """The parameters of one request: those of the query and those of the path.

    Attributes:
        values: Name -> text; of a name that occurs twice the last.
        trusted: False where another site has led here: nothing is run that the person did not ask for.
        writing: Whether the person may decide on this page.
        csrf: Token of the forms of this page.
    """

    values: Mapping[str, str]
    trusted: bool = True
    writing: bool = False
    csrf: str = ""

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter without surrounding blanks."""
        return self.values.get(name, default).strip()[:_MAX_PARAMETER_CHARS]

    def maybe(self, name: str) -> str | None:
        """Return a parameter; None when it is missing or empty."""
        return self.text(name) or None

    def number(self, name: str, default: int, *, least: int = 0, most: int = MAX_COUNT) -> int:
        """Return a whole number between two bounds; the default for what is none."""
        text = self.text(name)
        return min(most, max(least, int(text))) if text.isascii() and text.isdecimal() and len(text) < 9 else default

    def day(self, name: str) -> date | None:
        """Return a day (YYYY-MM-DD); None for what is none."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            return None

    def flag(self, name: str) -> bool:
        """Return whether a parameter is set to something other than 0."""
        return self.text(name) not in ("", "0")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a page for CSV; columns in order."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], *columns: str) -> Table:
        """Return some columns of rows that are mappings."""
        return cls(columns, [[row[c] for c in columns] for row in rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page.

    Attributes:
        template: File in `templates/`.
        title: Heading and title of the document.
        section: Entry of the navigation that it belongs to.
        data: What JSON says; the template sees it, too.
        extra: What only the template sees: charts, forms.
        table: What CSV says.
        status: HTTP status.
    """

    template: str
    title: str
    section: str = ""
    data: Mapping[str, Any]
    extra: Mapping[str, Any] = field(default_factory=dict)
    table: Table | None = None
    status: int = 200


@dataclass(slots=True)
class Reading:
    """One request's look at the desk.

    Attributes:
        desk: Its settings and folder.
        registry: The quality rules in force.
        connection: A cursor of the read copy.
        index: A cursor of the search index; None until it is made.
        copy: The read copy.
        timeout_s: Seconds a query of a page may take.
        static: Whether pages are written as files: nothing can be asked there.
        link: Returns the address of a page, as `render.Links`.
    """

    desk: Desk
    registry: Registry
    connection: Connection
    index: duckdb.DuckDBPyConnection | None
    copy: ReadCopy | None = None
    timeout_s: float = 10
    static: bool = False
    link: Callable[..., str | None] = lambda path, **_parameters: path
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _tables: set[str] | None = None

    def rows(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of `sql/NAME.sql` as dictionaries."""
        return self.query(_text(name), parameters)

    def query(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> list[dict[str, Any]]:
        """Return the rows of a query of ours as dictionaries; it is stopped at the time limit."""
        with interrupting(self.connection, self.timeout_s, "this page: "):
            cursor = self.connection.raw.execute(sql, parameters or None)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def cached(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Return what a key stands for in this read copy, made the first time: a copy never changes."""
        if self.copy is None:
            return make()
        cache = self.copy.cache
        try:
            return cache[key]
        except KeyError:
            value = make()
        if len(cache) >= _MAX_CACHED:
            cache.clear()
        cache[key] = value  # and not read again: another thread may have cleared it
        return value

    def one(self, name: str, /, **parameters: Any) -> dict[str, Any]:
        """Return the first row of `sql/NAME.sql`.

        Raises:
            NotFoundError: There is none.
        """
        rows = self.rows(name, **parameters)
        if not rows:
            raise NotFoundError
        return rows[0]

    def has(self, *tables: str) -> bool:
        """Return whether the warehouse has all of these tables or views, named `schema.name`."""
        if self._tables is None:
            found = self.connection.rows(
                "select schema_name || '.' || table_name from duckdb_tables() "
                "union all select schema_name || '.' || view_name from duckdb_views() where not internal"
            )
            self._tables = {name for (name,) in found}
        return self._tables.issuperset(tables)


View = Callable[[Reading, Ask], Page]


@cache
def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def unknown(what: str) -> UsageError:
    """Return the error for a parameter that names nothing."""
    return UsageError(f"there is no {what}.")
