"""Read a data contract (Open Data Contract Standard 3.x) as checks of a run, for `[quality] contract`.

    properties: required, unique, primaryKey, logicalTypeOptions   --.
    quality: library metrics, sql                                    >-- rules contract_<table>_<property>_<check>
    what a run cannot be asked (columns the load adds, ...)        --'    (and the names of what is not asked)

Prose (`type: text`), service levels, types and relationships are no checks and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from copydesk.errors import SettingsError, UsageError
from copydesk.quality.contracts.contract_sql import (
    OPERATORS,
    Bound,
    duplicates_sql,
    literal,
    row_count_sql,
    rows_sql,
    sql_of_query,
)
from copydesk.quality.contracts.contract_yaml import choice_in, flag, listed, load_contract, mapping, name_of, text_in
from copydesk.quality.rule_files import DIMENSIONS, Rule

__all__ = ["ContractChecks", "contract_checks"]

_TABLES = ("articles", "revisions", "paragraphs", "captions", "links", "quotes")
_SEVERITIES = {
    **dict.fromkeys(("hold", "error", "critical", "blocker", "high"), "hold"),
    **dict.fromkeys(("warn", "warning", "major", "medium"), "warn"),
    **dict.fromkeys(("info", "minor", "low"), "info"),
    "off": "off",
}
_DIMENSIONS = {**{name: name for name in DIMENSIONS}, "conformity": "validity", "coverage": "completeness"}
_METRICS = {
    "nullValues": "completeness",
    "missingValues": "completeness",
    "invalidValues": "validity",
    "duplicateValues": "uniqueness",
    "rowCount": "completeness",
}
_PLACEHOLDER = re.compile(r"\$?\{(object|table|model|property|column|field)\}")
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class ContractChecks:
    """What a contract asks of a run.

    Attributes:
        rules: Its checks, as rules of table `batch`.
        not_asked: What a run cannot be asked, each with the reason.
    """

    rules: tuple[Rule, ...] = ()
    not_asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A check before it was tried: `sql` is empty where `problem` says why there is none; `query` is the contract's."""

    where: str
    name: str = ""
    sql: str = ""
    because: str = ""
    dimension: str = ""
    severity: str = "warn"
    threshold: float = 0
    query: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the contract; `columns` are those a run has, with the kind of their values."""

    path: Path
    name: str
    columns: Mapping[str, str]


def contract_checks(path: Path) -> ContractChecks:
    """Return the checks of a contract.

    Raises:
        SettingsError: It cannot be read, is no contract, or says something that cannot be done; names line or field.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise SettingsError(
            f"cannot read the contract {path}: {error.strerror}. Mend [quality] contract in copydesk.toml."
        ) from error
    return _checks_of(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=4)
def _checks_of(path: Path, changed_ns: int, size: int) -> ContractChecks:  # noqa: ARG001 a changed file is read again
    contract = load_contract(path)
    found: list[_Found] = []
    for number, entry in enumerate(listed(path, contract, "schema", "schema")):
        table = mapping(path, entry, f"schema[{number}]")
        name = name_of(path, table, f"schema[{number}]")
        found += _of_table(path, str(table.get("physicalName") or name).rpartition(".")[2].lower(), table)
    return _tried(path, found)


def _of_table(path: Path, name: str, entry: Mapping[str, Any]) -> Iterator[_Found]:
    properties = [
        (name_of(path, mapping(path, p, f"{name}.properties[{n}]"), f"{name}.properties[{n}]"), p)
        for n, p in enumerate(listed(path, entry, "properties", f"{name}.properties"))
    ]
    if name not in _TABLES:
        yield _Found(where=name, problem=f"a run can be asked about {', '.join(_TABLES)}")
        return
    table = _Table(path, name, _columns(name))
    keys = []
    for column, one in properties:
        where = f"{name}.{column}"
        is_key = flag(path, one, "primaryKey", where)
        keys += [column] if is_key else []
        if column not in table.columns:
            if _asks(one):
                yield _Found(where=where, problem="a run has no such column before it is loaded")
            continue
        yield from _of_property(table, column, one, is_key=is_key)
        yield from _of_quality(table, column, one)
    if keys and all(key in table.columns for key in keys):
        yield _Found(
            where=f"{name}: primaryKey",
            name=f"{name}_{'_'.join(keys)}_primary_key",
            sql=duplicates_sql(name, keys, Bound()),
            dimension="uniqueness",
        )
    yield from _of_quality(table, "", entry)


def _asks(entry: Mapping[str, Any]) -> bool:
    """Return whether something is asked of a property."""
    quality = [q for q in entry.get("quality") or () if not (isinstance(q, dict) and q.get("type") == "text")]
    return any(entry.get(key) for key in ("required", "unique", "primaryKey", "logicalTypeOptions")) or bool(quality)


def _columns(table: str) -> dict[str, str]:
    """Return the columns that a table has in a run -> `text`, `number`, `time` or `flag`."""
    import polars as pl

    from copydesk.store.parts.parquet import SCHEMAS

    def kind(of: Any) -> str:
        if of == pl.String:
            return "text"
        return "flag" if of == pl.Boolean else "number" if of.is_numeric() else "time"

    return {name: kind(of) for name, of in SCHEMAS["articles" if table == "revisions" else table].items()}


def _of_property(table: _Table, column: str, entry: Mapping[str, Any], *, is_key: bool) -> Iterator[_Found]:
    """Yield the checks of a property's own keys."""
    where, because = f"{table.name}.{column}", text_in(table.path, entry, "description", f"{table.name}.{column}")
    start = f"{table.name}_{column}"
    if flag(table.path, entry, "required", where) or is_key:
        sql = rows_sql(table.name, f'"{column}" is null', Bound())
        yield _Found(where=where, name=f"{start}_required", sql=sql, because=because, dimension="completeness")
    if flag(table.path, entry, "unique", where):
        sql = duplicates_sql(table.name, [column], Bound())
        yield _Found(where=where, name=f"{start}_unique", sql=sql, because=because, dimension="uniqueness")
    options = mapping(table.path, entry.get("logicalTypeOptions") or {}, f"{where}.logicalTypeOptions")
    for key in options:
        breaks = _breaks(table, column, key, options)
        at = f"{where}.logicalTypeOptions.{key}"
        if breaks is None:
            yield _Found(where=at, problem=f"it is not asked of a column of kind {table.columns[column]}")
        elif breaks:
            sql = rows_sql(table.name, breaks, Bound())
            yield _Found(where=at, name=f"{start}_{key}", sql=sql, because=because, dimension="validity")


def _breaks(table: _Table, column: str, key: str, options: Mapping[str, Any]) -> str | None:
    """Return SQL that is true where a value breaks an option, "" for nothing to ask, None for what cannot be asked."""
    value, kind = options[key], table.columns[column]
    where = f"{table.name}.{column}.logicalTypeOptions.{key}"
    if key in ("minLength", "maxLength") and kind == "text":
        return f'length("{column}") {"<" if key == "minLength" else ">"} {_number(table.path, value, where):.17g}'
    if key == "pattern" and kind == "text":
        if not isinstance(value, str):
            raise SettingsError(f"{table.path}: {where}: {value!r} is no regular expression. Write it in quotes.")
        return f'not regexp_matches("{column}", {literal(value)})'
    signs = {"minimum": "<", "maximum": ">", "exclusiveMinimum": "<=", "exclusiveMaximum": ">="}
    if key not in signs or kind not in ("number", "time"):
        return None
    if isinstance(value, bool) and key.startswith("exclusive"):  # in 3.0 a switch of `minimum` and `maximum`
        return ""
    exclusive = options.get("exclusive" + key.capitalize()) is True
    limit = _time(table.path, value, where) if kind == "time" else f"{_number(table.path, value, where):.17g}"
    return f'"{column}" {signs[key]}{"=" if exclusive else ""} {limit}'


def _of_quality(table: _Table, column: str, entry: Mapping[str, Any]) -> Iterator[_Found]:
    """Yield the checks of a `quality` list, of a property or ("" as column) of the table."""
    here = f"{table.name}.{column}" if column else table.name
    for number, one in enumerate(listed(table.path, entry, "quality", f"{here}.quality")):
        where = f"{here}.quality[{number}]"
        rule = mapping(table.path, one, where)
        kind = rule.get("type") or ("sql" if "query" in rule else "library")
        if kind == "text":
            continue
        told = text_in(table.path, rule, "id", where) or text_in(table.path, rule, "name", where)
        label = f"{where} ({told})" if told else where
        if kind not in ("library", "sql"):
            yield _Found(where=label, problem=f"type {kind} is not asked, but library and sql")
            continue
        bound = _bound(table.path, rule, where)
        if bound is None:
            yield _Found(where=label, problem=f"there is no operator, such as mustBe; one of {', '.join(OPERATORS)}")
            continue
        found = (
            _query(table, column, rule, bound, where) if kind == "sql" else _metric(table, column, rule, bound, where)
        )
        ours = choice_in(table.path, rule, "severity", where, _SEVERITIES, "warn")
        dimension = choice_in(table.path, rule, "dimension", where, _DIMENSIONS, found.dimension or "validity")
        because = text_in(table.path, rule, "description", where)
        start = f"{table.name}_{column}" if column else table.name
        name = f"{start}_{told or found.name or f'sql_{number + 1}'}"
        yield replace(found, where=label, name=name, severity=ours, dimension=dimension, because=because)


def _query(table: _Table, column: str, rule: Mapping[str, Any], bound: Bound, where: str) -> _Found:
    query = text_in(table.path, rule, "query", where).strip().rstrip(";")
    if not query:
        raise SettingsError(f"{table.path}: {where}: the query is missing. Add the line query: select ...")
    names = {**dict.fromkeys(("object", "table", "model"), table.name)}
    query = _PLACEHOLDER.sub(lambda m: names.get(m[1], column), query)
    return _Found(where=where, sql=sql_of_query(query, bound), query=query)


def _metric(table: _Table, column: str, rule: Mapping[str, Any], bound: Bound, where: str) -> _Found:
    """Return the check of a library metric (`rule` in 3.0, `metric` since 3.1)."""
    metric = rule.get("metric") or rule.get("rule")
    if metric not in _METRICS:
        return _Found(where=where, problem=f"metric {metric} is not asked, but {', '.join(_METRICS)}")
    arguments = mapping(table.path, rule.get("arguments") or {}, f"{where}.arguments")
    percent = choice_in(table.path, rule, "unit", where, {"rows": "", "percent": "percent"}, "") == "percent"
    columns = [column] if column else [str(c) for c in listed(table.path, arguments, "properties", where)]
    unknown = [name for name in columns if name not in table.columns]
    name = re.sub("([A-Z])", r"_\1", metric).lower()
    found = _Found(where=where, name=name, dimension=_METRICS[metric], threshold=bound.threshold or 0)
    if metric == "rowCount":
        return replace(found, sql=row_count_sql(table.name, bound))
    if not columns or unknown:
        what = f"a run has no column {unknown[0]} of {table.name}" if unknown else "it names no property"
        return replace(found, problem=what)
    if metric == "duplicateValues":
        return replace(found, sql=duplicates_sql(table.name, columns, bound, percent=percent))
    breaks = " or ".join(_value_breaks(table.path, metric, name, arguments, where) for name in columns)
    return replace(found, sql=rows_sql(table.name, breaks, bound, percent=percent))


def _value_breaks(path: Path, metric: str, column: str, arguments: Mapping[str, Any], where: str) -> str:
    """Return SQL that is true where a value is null, missing or invalid."""
    if metric == "nullValues":
        return f'"{column}" is null'
    text = f'cast("{column}" as varchar)'
    if metric == "missingValues":
        values = listed(path, arguments, "missingValues", f"{where}.arguments") or [None, ""]
        parts = [f'"{column}" is null'] if None in values else []
        given = ", ".join(literal(_text(v)) for v in values if v is not None)
        return "(" + " or ".join([*parts, *([f"coalesce({text} in ({given}), false)"] if given else [])]) + ")"
    valid = listed(path, arguments, "validValues", f"{where}.arguments")
    pattern = text_in(path, arguments, "pattern", f"{where}.arguments")
    if not valid and not pattern:
        raise SettingsError(f"{path}: {where}.arguments: invalidValues needs validValues or a pattern. Add one.")
    parts = [f"{text} not in ({', '.join(literal(_text(v)) for v in valid)})"] if valid else []
    parts += [f"not regexp_matches({text}, {literal(pattern)})"] if pattern else []
    return f'("{column}" is not null and ({" or ".join(parts)}))'


def _text(value: object) -> str:
    """Return a value of YAML as DuckDB writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bound(path: Path, rule: Mapping[str, Any], where: str) -> Bound | None:
    given = [key for key in rule if str(key).startswith("must")]
    unknown = [key for key in given if key not in OPERATORS]
    if unknown or len(given) > 1:
        what = f"there is no operator {unknown[0]}" if unknown else f"{' and '.join(given)} cannot both be asked"
        raise SettingsError(f"{path}: {where}: {what}. Use one of {', '.join(OPERATORS)}.")
    if not given:
        return None
    value, pair = rule[given[0]], given[0].endswith("Between")
    if pair and not (isinstance(value, list) and len(value) == 2):
        raise SettingsError(f"{path}: {where}.{given[0]}: {value!r} is no pair of numbers, such as [1, 5].")
    numbers = value if pair else [value]
    return Bound(given[0], tuple(_number(path, n, f"{where}.{given[0]}") for n in numbers))


def _number(path: Path, value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
        raise SettingsError(f"{path}: {where}: {value!r} is no number.")
    return value


def _time(path: Path, value: object, where: str) -> str:
    from datetime import datetime

    try:
        return f"timestamptz {literal(datetime.fromisoformat(str(value)).isoformat(' '))}"
    except ValueError as error:
        raise SettingsError(f"{path}: {where}: {value!r} is no time, such as 2024-01-01T00:00:00Z.") from error


def _tried(path: Path, found: list[_Found]) -> ContractChecks:
    """Try each check on empty tables; what names columns or functions that a run has not is not asked."""
    from copydesk.filesystem import scratch_folder
    from copydesk.quality.row_checks import NO_HISTORY
    from copydesk.store.load.run_views import open_batch
    from copydesk.store.read.user_sql import StatementRefusedError, query_connection

    rules: dict[str, Rule] = {}
    not_asked = []
    with open_batch(scratch_folder() / "no-run", NO_HISTORY) as batch:
        for one in found:
            problem = one.problem
            try:
                if one.query:
                    first = query_connection(batch, one.query).dtypes[0]
                    if not (first.is_numeric() or str(first) in ("Boolean", "Null")):
                        problem = "the first column of its query is no number"
                if not problem:
                    sql = one.sql.replace("$threshold", "$1")
                    query_connection(batch, sql, [one.threshold] if "$1" in sql else [])
            except StatementRefusedError as error:
                raise SettingsError(f"{path}: {one.where}: {error}") from error
            except UsageError as error:
                if one.query and "syntax error" in str(error):
                    raise SettingsError(f"{path}: {one.where}: {error}") from error
                problem = str(error)
            if problem:
                not_asked.append(f"{one.where}: {problem.rstrip('.')}")
            else:
                rule = _rule(path, one, rules)
                rules[rule.id] = rule
    return ContractChecks(tuple(rules.values()), tuple(not_asked))


def _rule(path: Path, found: _Found, taken: Mapping[str, Rule]) -> Rule:
    words = re.sub("([a-z])([A-Z])", r"\1_\2", f"contract_{found.name}").lower()
    whole = re.sub("[^a-z0-9]+", "_", words).strip("_")
    name, number = whole[:_LONGEST], 1
    while name in taken:
        number += 1
        name = f"{whole[: _LONGEST - 4]}_{number}"
    because = " ".join(found.because.split()) or "The contract asks for it."
    return Rule(
        id=name,
        table="batch",
        measure="value",
        breaks="over",
        threshold=found.threshold,
        severity=found.severity,
        because=f"{because} ({path.name})",
        dimension=found.dimension,
        sql=found.sql,
        path=str(path),
    )
