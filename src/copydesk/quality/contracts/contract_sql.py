"""SQL of a contract's checks, over the rows of one run before they are loaded.

    which rows break it --counting--> a number per source --operator--> violations: source, value, detail

Conditions on single rows are asked of each capture that passed the row rules, and count per source. What is about a
table as a whole (duplicates, row counts, SQL of the contract) is asked of the tables as the load would fill them
(`store.load.run_views`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["OPERATORS", "Bound", "duplicates_sql", "literal", "row_count_sql", "rows_sql", "sql_of_query"]

OPERATORS = {
    "mustBe": ("metric = {0}", "must be {0}"),
    "mustNotBe": ("metric <> {0}", "must not be {0}"),
    "mustBeGreaterThan": ("metric > {0}", "must be greater than {0}"),
    "mustBeGreaterOrEqualTo": ("metric >= {0}", "must be {0} or more"),
    "mustBeLessThan": ("metric < {0}", "must be less than {0}"),
    "mustBeLessOrEqualTo": ("metric <= {0}", "must be {0} or less"),
    "mustBeBetween": ("metric between {0} and {1}", "must be between {0} and {1}"),
    "mustNotBeBetween": ("metric not between {0} and {1}", "must not be between {0} and {1}"),
}
"""Operator of the standard -> the condition that holds, and how it is said; {0} and {1} are its numbers."""

_WHOLE = ("articles", "revisions")


@dataclass(frozen=True, slots=True)
class Bound:
    """An operator with its one or two numbers."""

    operator: str = "mustBe"
    numbers: tuple[float, ...] = (0,)

    @property
    def holds(self) -> str:
        """SQL that is true where `metric` is as it must be."""
        return OPERATORS[self.operator][0].format(*(f"{n:.17g}" for n in self.numbers))

    @property
    def words(self) -> str:
        """What must be, in words."""
        return OPERATORS[self.operator][1].format(*(f"{n:g}" for n in self.numbers))

    @property
    def threshold(self) -> float | None:
        """The number above which a count is too high; None where that is not how the bound works."""
        if self.operator == "mustBeLessOrEqualTo" or (self.operator == "mustBe" and self.numbers == (0,)):
            return self.numbers[0]
        return None


def literal(text: str) -> str:
    """Return a text as SQL; a dollar sign is spelt out, since `$threshold` and `$1` mean something in a check."""
    quoted = "'" + text.replace("'", "''") + "'"
    return "(" + quoted.replace("$", "' || chr(36) || '") + ")" if "$" in text else quoted


def rows_sql(table: str, breaks: str, bound: Bound, *, percent: bool = False) -> str:
    """Return the check that counts per source the rows of a table for which the condition `breaks` is true."""
    rows = "batch_loaded"
    if table not in _WHOLE:
        rows = f"(select l.source, l.uri, t.* from batch_{table} as t join batch_loaded as l using (capture_id))"  # noqa: S608
    return _counted(rows, breaks, bound, percent=percent)


def duplicates_sql(table: str, columns: Sequence[str], bound: Bound, *, percent: bool = False) -> str:
    """Return the check that counts per source the rows of a table whose values other rows have, too."""
    names = ", ".join(f'"{name}"' for name in columns)
    known = " and ".join(f'"{name}" is not null' for name in columns)
    rows = f"(select source, uri, {known} and count(*) over (partition by {names}) > 1 as twice from main.{table})"  # noqa: S608
    return _counted(rows, "twice", bound, percent=percent)


def row_count_sql(table: str, bound: Bound) -> str:
    """Return the check of the number of rows per source, of each source that was captured in the run."""
    measured = (
        "select s.source, count(r.source) as metric, null::varchar as example "  # noqa: S608 tables of ours
        f"from (select distinct source from batch_captures) as s left join main.{table} as r using (source) "
        "group by s.source"
    )
    return _judged(measured, "' rows'", bound)


def sql_of_query(query: str, bound: Bound) -> str:
    """Return the check of a query of the contract, which says one number about the run.

    Whose fault it is, it does not say: all sources of the run break it.
    """
    return (
        f"with asked(asked_value) as (\n{query}\n), measured as (select cast(asked_value as double) as metric "  # noqa: S608 run locked
        f"from asked), broken as (select count(*) as broken, min(metric) as example from measured "
        f"where not ({bound.holds}))\n"
        "select s.source, broken::double as value, "
        f"concat_ws('', example, ', ' || {literal(bound.words)}) as detail "
        "from broken cross join (select distinct source from batch_loaded) as s where broken > 0 order by s.source"
    )


def _counted(rows: str, breaks: str, bound: Bound, *, percent: bool) -> str:
    number = f"count(*) filter (where {breaks})"
    metric = f"100.0 * {number} / count(*)" if percent else number
    measured = (
        f"select source, {metric} as metric, {number} as broken, count(*) as inputs, "  # noqa: S608
        f"min(uri) filter (where {breaks}) as example from {rows} group by source"
    )
    unit = "' % of rows'" if percent else "' of ' || inputs || ' rows'"
    return _judged(measured, unit, bound)


def _judged(measured: str, unit: str, bound: Bound) -> str:
    counts = bound.threshold is not None
    value = "metric::double" if counts else "1.0::double"
    broken = "metric > $threshold" if counts else f"not ({bound.holds})"
    return (
        f"with measured as ({measured})\nselect source, {value} as value, "
        f"concat_ws('', round(metric, 2), {unit}, ', {bound.words}', ', such as ' || example) as detail\n"
        f"from measured where {broken} order by source"
    )
