"""The rule registry: for each rule an id, a measure, a threshold, a severity and a `because`; and all overrides.

    rules/quality.toml, headers of checks/*.sql
        --(desk: [quality.rules])-->  Registry  --(source: rules)-->  severity and threshold of a row

The registry is data: `schemas` builds checks from it, check looks up severities, the report lists the overrides.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from copydesk.errors import SettingsError
from copydesk.resources import CHECKS, RULES
from copydesk.settings import RuleOverride, Source

__all__ = ["OFF", "Registry", "Rule", "RuleChange", "load_registry"]

OFF = "off"
_SEVERITIES = {False: ("error", "warn", "info", OFF), True: ("hold", "warn", "info", OFF)}  # of a batch: True
_BATCH = ("batch", "history")
_BREAKS = ("under", "over")
_RULES_FILE = RULES / "quality.toml"
_FIELD = re.compile(r"^-- (id|severity|threshold|unit|because): (.+?)\s*$", re.MULTILINE)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """An override of one rule; None keeps the rule's value. `source` is "" for the whole desk."""

    rule: str
    source: str = ""
    severity: str | None = None
    threshold: float | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Registry:
    """All rules of a desk and the overrides of single sources."""

    rules: Mapping[str, Rule]
    changes: tuple[RuleChange, ...] = ()

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def of(self, table: str) -> list[Rule]:
        """Return the rules of one table."""
        return [rule for rule in self if rule.table == table]

    def severity(self, rule: str, source: str, default: str = "warn") -> str:
        """Return the severity of a rule for this source; `default` for an undeclared rule."""
        for change in self.changes:
            if change.rule == rule and change.source == source and change.severity is not None:
                return change.severity
        known = self.rules.get(rule)
        return known.severity if known else default

    def source_thresholds(self, rule: Rule) -> dict[str, float]:
        """Return source -> threshold for the sources that override it."""
        return {
            c.source: c.threshold for c in self.changes if c.rule == rule.id and c.source and c.threshold is not None
        }

    def for_desk(self, overrides: Mapping[str, RuleOverride]) -> Registry:
        """Return the registry with `[quality.rules]` applied.

        Raises:
            SettingsError: There is no such rule.
        """
        rules, changes = dict(self.rules), list(self.changes)
        for change in _overrides(overrides, "", self.rules, "[quality.rules]"):
            rules[change.rule] = _with_override(rules[change.rule], change)
            changes.append(change)
        return Registry(rules, tuple(changes))

    def for_sources(self, sources: Iterable[Source]) -> Registry:
        """Return the registry with the `rules = {...}` of each source added.

        Raises:
            SettingsError: There is no such rule.
        """
        added = [
            change
            for source in sources
            for change in _overrides(source.rules, source.name, self.rules, f'[[source]] "{source.name}" rules')
        ]
        return Registry(self.rules, (*self.changes, *added))


def load_registry(
    desk: Mapping[str, RuleOverride] | None = None, *, path: Path = _RULES_FILE, checks: Path = CHECKS
) -> Registry:
    """Read the rules, the headers of the batch checks, and apply the desk's own `[quality.rules]`.

    Raises:
        SettingsError: A rule without a because, twice, or with a word that is not known.
    """
    with path.open("rb") as file:
        entries = [(entry, path) for entry in tomllib.load(file)["rule"]]
    entries += [(_check_header(check), check) for check in sorted(checks.glob("*.sql"))]
    rules: dict[str, Rule] = {}
    for entry, file_path in entries:
        rule = _rule(entry, file_path)
        if rule.id in rules:
            raise SettingsError(f"{path.name}: rule {rule.id} stands there twice. Remove one of them.")
        rules[rule.id] = rule
    return Registry(rules).for_desk(desk or {})


def _rule(entry: Mapping[str, Any], path: Path) -> Rule:
    name = entry.get("id", "?")
    try:
        rule = Rule(**entry)
    except TypeError as error:
        raise SettingsError(
            f"{path.name}: rule {name} is not complete: {error}. Compare it with its neighbours."
        ) from error
    severities = _SEVERITIES[rule.table in _BATCH]
    if rule.severity not in severities or rule.breaks not in _BREAKS or not rule.because.strip():
        raise SettingsError(
            f"{path.name}: rule {name} needs a severity ({', '.join(severities)}), breaks (under, over) and a because."
        )
    return rule


def _check_header(path: Path) -> dict[str, Any]:
    """Read `-- name: value` lines of a batch check; the line before them says what one row is."""
    fields = dict(_FIELD.findall(path.read_text(encoding="utf-8")))
    if fields.get("id") != path.stem:
        raise SettingsError(f"{path.name}: its id must be the file's name, so that a finding leads to the file.")
    try:
        fields["threshold"] = float(fields.get("threshold", 0))
    except ValueError as error:
        raise SettingsError(f"{path.name}: threshold {fields['threshold']!r} is not a number.") from error
    return {"table": "batch", "measure": "value", "breaks": "over", **fields}


def _overrides(
    overrides: Mapping[str, RuleOverride], source: str, rules: Mapping[str, Rule], where: str
) -> Iterator[RuleChange]:
    for rule, override in overrides.items():
        if rule not in rules:
            raise SettingsError(f"{where}: there is no rule {rule!r}. `copydesk quality rules` lists them.")
        allowed = _SEVERITIES[rules[rule].table in _BATCH]
        if override.severity is not None and override.severity not in allowed:
            raise SettingsError(
                f"{where}: {rule} = {override.severity!r} is not possible. Use one of {', '.join(allowed)}."
            )
        yield RuleChange(
            rule=rule, source=source, severity=override.severity, threshold=override.threshold, because=override.because
        )


def _with_override(rule: Rule, change: RuleChange) -> Rule:
    if change.severity is not None:
        rule = replace(rule, severity=change.severity)
    if change.threshold is not None:
        rule = replace(rule, threshold=float(change.threshold), by_language={})
    return rule
