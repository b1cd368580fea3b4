"""The files rules are read from: `quality.toml` and the SQL checks, of the package and of the user's desk.

    package rules/quality.toml, warehouse/checks/*.sql   --.
                                                            >-- rules by id, and the changes made by the desk
    DESK/rules/quality.toml, DESK/checks/*.sql           --'    (read second: new rules, changed thresholds)

An entry of the desk's `quality.toml` whose id is a rule of the package changes that rule's severity or threshold; any
other entry is a new rule over an existing measure. A file in `checks/` is a new batch check named after the file.
Mistakes are `SettingsError`s that name the file, the rule and what to write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from copydesk.errors import SettingsError
from copydesk.quality.limits import parse_limit
from copydesk.resources import CHECKS, RULES
from copydesk.rules_file import read_rules

__all__ = [
    "DIMENSIONS",
    "OFF",
    "Rule",
    "RuleChange",
    "check_limits",
    "package_rules",
    "severities_of",
    "with_change",
    "with_desk_files",
]

OFF = "off"
_PACKAGE_FILE = RULES / "quality.toml"
_REFUSALS = RULES / "refusals.toml"
_SEVERITIES = {False: ("error", "warn", "info", OFF), True: ("hold", "warn", "info", OFF)}  # True: of a batch
_BATCH_TABLES = ("batch", "history")
_ROW_TABLES = ("articles", "paragraphs", "authors", "captions", "links", "quotes", "evidence")
_CHANGEABLE = frozenset({"id", "severity", "threshold", "because", "owner", "tags", "warn_if", "error_if"})
_LIMITS = ("warn_if", "error_if")
DIMENSIONS = ("accuracy", "completeness", "consistency", "timeliness", "uniqueness", "validity")
"""What suffers from a defect (the six dimensions of DAMA UK, 2013)."""
_NAME = re.compile(r"[a-z][a-z0-9_]{1,62}")
_HEADER = re.compile(
    r"^--\s*(id|severity|threshold|unit|because|owner|dimension|tags|example|warn_if|error_if):[ \t]*(.*?)\s*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One defect that a row or a batch can have.

    Attributes:
        id: Name of the defect.
        table: The table whose rows are checked; `extract` where extract itself writes the finding, `batch` for the
            SQL checks, `history` for a source's statistics against its earlier runs.
        measure: The column compared with the threshold.
        breaks: `under` or `over`: the side of the threshold on which the rule is broken.
        threshold: In `unit`.
        by_language: Thresholds of languages that differ from `threshold`.
        severity: `error`, `warn`, `info` or `off`; for a batch `hold` in place of `error`.
        shows: Column whose text is copied to the finding's detail, "" for none.
        applies: `all`, or `web` to exempt plain text files.
        min_deviation: `history` rules only: lower bound of the deviation.
        min_captures: `history` rules only: captures a batch needs before it is checked.
        sql: `batch` rules only: the query; one row per violation with source, value and detail.
        path: File of the desk that declares the rule, "" for a rule of the package.
        owner: Who looks after it, "" for nobody; notifications are routed by it.
        dimension: One of `DIMENSIONS`; "" when the desk names none.
        tags: Words of the desk, to group and route by.
        warn_if, error_if: Row rules only: how many captures of a source's run may break it ("> 5 %", "> 20") before
            the batch is warned of or held; "" for any number.
        example: What breaks it, for the documentation.
    """

    id: str
    table: str
    measure: str
    breaks: str
    threshold: float
    severity: str
    because: str
    unit: str = ""
    shows: str = ""
    applies: str = "all"
    min_deviation: float = 0
    min_captures: int = 0
    by_language: Mapping[str, float] = field(default_factory=dict)
    sql: str = ""
    path: str = ""
    owner: str = ""
    dimension: str = ""
    tags: tuple[str, ...] = ()
    warn_if: str = ""
    error_if: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """An override of one rule; None keeps the rule's value. `source` is "" for the whole desk."""

    rule: str
    source: str = ""
    severity: str | None = None
    threshold: float | None = None
    because: str = ""
    owner: str | None = None
    tags: tuple[str, ...] | None = None
    warn_if: str | None = None
    error_if: str | None = None


_KEYS = tuple(f.name for f in fields(Rule) if f.name not in {"sql", "path"})
_NUMBERS = frozenset({"threshold", "min_deviation", "min_captures"})


def severities_of(rule: Rule) -> tuple[str, ...]:
    """Return the severities that a rule can have."""
    return _SEVERITIES[rule.table in _BATCH_TABLES]


def with_change(rule: Rule, change: RuleChange) -> Rule:
    """Return a rule with its severity and threshold overridden; a new threshold replaces those of languages too."""
    if change.severity is not None:
        rule = replace(rule, severity=change.severity)
    if change.threshold is not None:
        rule = replace(rule, threshold=float(change.threshold), by_language={})
    texts = {name: getattr(change, name) for name in ("owner", "tags", *_LIMITS)}
    return replace(rule, **{name: value for name, value in texts.items() if value is not None})


@cache
def package_rules() -> Mapping[str, Rule]:
    """Return the rules of the package by id, row and history rules first."""
    found = [_rule(entry, _PACKAGE_FILE) for entry in _entries(_PACKAGE_FILE)]
    found += [_refusal(entry) for entry in read_rules(_REFUSALS)["refusal"]]
    found += [_check(file) for file in sorted(CHECKS.glob("*.sql"))]
    return MappingProxyType({rule.id: rule for rule in found})


def with_desk_files(rules: Mapping[str, Rule], folder: Path) -> tuple[dict[str, Rule], tuple[RuleChange, ...]]:
    """Return the rules with those of a desk's `rules/quality.toml` and `checks/*.sql`, and what the desk changed.

    Args:
        rules: The rules of the package.
        folder: The desk's folder; both files are optional.

    Raises:
        SettingsError: An entry or a check is incomplete or wrong, or has the name of another one.
    """
    found, changes = dict(rules), []
    path = folder / "rules" / "quality.toml"
    seen: set[str] = set()
    for entry in _entries(path) if path.is_file() else ():
        name = str(entry.get("id", "?"))
        if name in seen:
            raise SettingsError(f"{path}: rule {name} is declared twice. Remove one of the two.")
        seen.add(name)
        if name in rules:
            change = _change(entry, rules[name], path)
            found[name] = with_change(rules[name], change)
        else:
            found[name] = replace(_new_rule(entry, rules.values(), path), path=str(path))
            change = _announced(found[name])
        changes.append(change)
    for file in sorted((folder / "checks").glob("*.sql")):
        check = replace(_check(file), path=str(file))
        if check.id in found:
            raise SettingsError(
                f"{file}: there is a rule {check.id} already. Give the file another name; "
                f"to change the rule, write {check.id} = ... under [quality.rules] in copydesk.toml."
            )
        found[check.id] = check
        changes.append(_announced(check))
    return found, tuple(changes)


def _refusal(entry: Mapping[str, Any]) -> Rule:
    """Return the rule of one kind of refusal: told in extract, an error unless a desk changes it."""
    return Rule(
        id=entry["id"],
        table="extract",
        measure="",
        breaks="over",
        threshold=0,
        severity="error",
        because=entry["because"],
        dimension="completeness",
        example=next(iter(entry.get("examples", ())), ""),
    )


def _announced(rule: Rule) -> RuleChange:
    return RuleChange(rule=rule.id, severity=rule.severity, threshold=rule.threshold, because=rule.because)


def _entries(path: Path) -> list[dict[str, Any]]:
    data = dict(read_rules(path))
    entries = data.pop("rule", [])
    if data or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        what = f"{next(iter(data))!r} is no rule" if data else "'rule' is no list"
        raise SettingsError(f'{path}: {what}. Write each rule as a table: [[rule]] and below it id = "...".')
    return entries


def _rule(entry: Mapping[str, Any], path: Path) -> Rule:
    """Return a complete rule; every key of a wrong type, missing or unknown is an error with the line to write."""
    name = entry.get("id", "?")
    where = f"{path}: rule {name}"
    unknown = sorted(set(entry) - set(_KEYS))
    if unknown:
        raise SettingsError(f"{where}: there is no key {unknown[0]!r}. Rules have: {', '.join(_KEYS)}.")
    required = [f for f in ("id", "table", "measure", "breaks", "threshold", "severity", "because") if f not in entry]
    if required:
        raise SettingsError(f"{where}: {required[0]!r} is missing. Add the line {_line(required[0])}")
    for key, value in entry.items():
        if not _has_type(key, value):
            raise SettingsError(f"{where}: {key} = {value!r} has another type. Write for example {_line(key)}")
    rule = Rule(**{**entry, "tags": tuple(entry.get("tags", ()))})
    if not _NAME.fullmatch(rule.id):
        raise SettingsError(f"{where}: an id is made of small letters, digits and _: {_line('id')}")
    choices = {
        "severity": severities_of(rule),
        "breaks": ("under", "over"),
        "applies": ("all", "web"),
        "dimension": ("", *DIMENSIONS),
    }
    for key, allowed in choices.items():
        if getattr(rule, key) not in allowed:
            raise SettingsError(
                f"{where}: {key} = {getattr(rule, key)!r} is not one of {', '.join(filter(None, allowed))}."
            )
    check_limits(rule, {name: getattr(rule, name) for name in _LIMITS}, where)
    if not rule.because.strip():
        raise SettingsError(f"{where}: because is empty. Say in one sentence why the rule exists.")
    return rule


def check_limits(rule: Rule, limits: Mapping[str, str | None], where: str) -> None:
    """Check `warn_if` and `error_if` of a rule or of a change to it.

    Raises:
        SettingsError: One is no limit, or the rule is about a batch as it is.
    """
    for name, text in limits.items():
        if not text:
            continue
        if rule.table in _BATCH_TABLES:
            raise SettingsError(f"{where}: {name} is for rules about pages; of this one change threshold and severity.")
        try:
            parse_limit(text)
        except ValueError as error:
            raise SettingsError(f"{where}: {name} = {error}.") from error


def _has_type(key: str, value: object) -> bool:
    if key == "tags":
        return isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    if key == "by_language":
        return isinstance(value, dict) and all(_has_type("threshold", v) for v in value.values())
    if key in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _line(key: str) -> str:
    """Return an example of a key, as it is written in the file."""
    examples = {
        "id": "many_links",
        "table": "articles",
        "measure": "link_share",
        "breaks": "over",
        "severity": "warn",
        "shows": "title",
        "applies": "web",
        "unit": "characters",
        "because": "Why the rule exists.",
        "owner": "anna",
        "dimension": "validity",
        "warn_if": "> 5 %",
        "error_if": "> 20",
    }
    if key == "tags":
        return 'tags = ["syndication"]'
    if key == "by_language":
        return "by_language = { zh = 40 }"
    return f"{key} = 3" if key in _NUMBERS else f'{key} = "{examples.get(key, "...")}"'


def _change(entry: Mapping[str, Any], rule: Rule, path: Path) -> RuleChange:
    where = f"{path}: rule {rule.id}"
    other = sorted(set(entry) - _CHANGEABLE)
    if other:
        raise SettingsError(
            f"{where}: this is a rule of the package, of which {other[0]!r} cannot be changed, but severity, "
            "threshold, because, owner, tags, warn_if and error_if. Give a rule of your own another id."
        )
    for key, value in entry.items():
        if not _has_type(key, value):
            raise SettingsError(f"{where}: {key} = {value!r} has another type. Write for example {_line(key)}")
    severity = entry.get("severity")
    if severity is not None and severity not in severities_of(rule):
        raise SettingsError(f"{where}: severity = {severity!r} is not one of {', '.join(severities_of(rule))}.")
    check_limits(rule, {name: entry.get(name) for name in _LIMITS}, where)
    tags = tuple(entry["tags"]) if "tags" in entry else None
    return RuleChange(
        rule=rule.id,
        severity=severity,
        threshold=entry.get("threshold"),
        because=entry.get("because", ""),
        owner=entry.get("owner"),
        tags=tags,
        warn_if=entry.get("warn_if"),
        error_if=entry.get("error_if"),
    )


def _new_rule(entry: Mapping[str, Any], known: Iterable[Rule], path: Path) -> Rule:
    """Return a rule of the desk; its measure and the column it shows must exist in its table."""
    import polars as pl

    from copydesk.store.parts.parquet import SCHEMAS

    rule = _rule(entry, path)
    where = f"{path}: rule {rule.id}"
    if rule.table not in (*_ROW_TABLES, "history"):
        hint = " Batch checks are SQL files in checks/." if rule.table == "batch" else ""
        raise SettingsError(f"{where}: table = {rule.table!r} is not one of {', '.join(_ROW_TABLES)}, history.{hint}")
    same_table = [r for r in known if r.table == rule.table]
    columns = SCHEMAS.get(rule.table, {})
    measures = {r.measure for r in same_table} | {name for name, kind in columns.items() if kind.is_numeric()}
    shown = {r.shows for r in same_table} | {name for name, kind in columns.items() if kind == pl.String}
    if rule.measure not in measures:
        raise SettingsError(
            f"{where}: {rule.table} has no measure {rule.measure!r}, but {', '.join(sorted(measures))}."
        )
    if rule.shows and rule.shows not in shown:
        listed = ", ".join(sorted(shown - {""}))
        raise SettingsError(f"{where}: {rule.table} has no text column {rule.shows!r} to show, but {listed}.")
    if rule.applies == "web" and rule.table != "articles":
        raise SettingsError(f'{where}: applies = "web" is possible for table = "articles" only. Remove the line.')
    return rule


def _check(path: Path) -> Rule:
    """Return the rule of one SQL check, from the `-- name: value` lines of its header."""
    try:
        sql = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from error
    header: dict[str, Any] = dict(_HEADER.findall(sql))
    if not _NAME.fullmatch(path.stem):
        raise SettingsError(f"{path}: a check's file name is its rule id: small letters, digits and _, then .sql.")
    if header.get("id", path.stem) != path.stem:
        raise SettingsError(f"{path}: -- id: {header['id']} is not the file's name. Remove that line.")
    for key, example in (("severity", "warn"), ("because", "why the check exists")):
        if not header.get(key):
            raise SettingsError(f"{path}: the header has no {key}. Add a line: -- {key}: {example}")
    try:
        header["threshold"] = float(header.get("threshold") or 0)
    except ValueError as error:
        raise SettingsError(f"{path}: threshold {header['threshold']!r} is not a number.") from error
    header["tags"] = tuple(filter(None, (tag.strip() for tag in header.get("tags", "").split(","))))
    entry = {"table": "batch", "measure": "value", "breaks": "over", **header, "id": path.stem}
    return replace(_rule(entry, path), sql=sql)
